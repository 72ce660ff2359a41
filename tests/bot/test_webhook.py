"""Webhooks of the three forges: genuine or not, and which service they are about.

The shapes are those of the forges' documentation: GitLab's push event, GitHub's and Gitea's.
"""

import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scaffold.bot.webhook import read_event, repo_urls, service_of, signed_as
from scaffold.config.forges.gitea import GITEA
from scaffold.config.forges.github import GITHUB
from scaffold.config.forges.gitlab import GITLAB
from scaffold.config.forges.kind import ForgeKind
from scaffold.config.service import PairedRepo, Service

SECRET = "s3cret"  # noqa: S105 - of this test alone
BODY = b'{"ref": "refs/heads/main"}'


def signature(body: bytes, secret: str = SECRET) -> str:
    """The HMAC that GitHub and Gitea send."""
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


@pytest.mark.parametrize(
    ("kind", "headers"),
    [
        (GITLAB, {"x-gitlab-token": SECRET}),
        (GITHUB, {"x-hub-signature-256": f"sha256={signature(BODY)}"}),
        (GITEA, {"x-gitea-signature": signature(BODY)}),
    ],
    ids=["gitlab", "github", "gitea"],
)
def test_a_signed_request_is_genuine(kind: ForgeKind, headers: dict[str, str]) -> None:
    """In the way of each forge, which tells how to read it."""
    assert kind.webhook == signed_as(headers, BODY, SECRET)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"x-gitlab-token": "other"},
        {"x-hub-signature-256": f"sha256={signature(BODY, 'other')}"},
        {"x-hub-signature-256": "sha256="},
        {"x-hub-signature-256": signature(BODY)},
        {"x-gitea-signature": ""},
        {"x-gitea-signature": signature(b"another body")},
        {"x-gitlab-token": "\u00fc"},
    ],
)
def test_any_other_request_is_not(headers: dict[str, str]) -> None:
    """No signature, a wrong one, one of another body."""
    assert signed_as(headers, BODY, SECRET) is None


def test_no_secret_signs_nothing() -> None:
    """A header that is not there is no empty token."""
    assert signed_as({}, BODY, "") is None


@given(st.binary(), st.binary())
def test_a_signature_is_of_one_body(one: bytes, other: bytes) -> None:
    """A changed body needs another signature."""
    genuine = signed_as({"x-gitea-signature": signature(one)}, other, SECRET) is not None

    assert (one == other) == genuine


@pytest.mark.parametrize(
    ("kind", "event"),
    [
        (GITLAB, {"project": {"git_http_url": "https://git.example.com/acme/payments-code.git"}}),
        (GITLAB, {"project": {"git_ssh_url": "git@git.example.com:acme/payments-code.git"}}),
        (GITHUB, {"repository": {"clone_url": "https://git.example.com/acme/payments-code.git"}}),
        (GITEA, {"repository": {"html_url": "https://Git.example.com/acme/payments-code"}}),
        (
            GITEA,
            {"repository": {"ssh_url": "ssh://git@git.example.com:2222/acme/payments-code.git"}},
        ),
    ],
    ids=["gitlab", "gitlab-ssh", "github", "gitea", "gitea-ssh"],
)
def test_an_event_names_its_service(kind: ForgeKind, event: dict[str, object]) -> None:
    """By any of the addresses of the repo, with or without `.git`."""
    url = "https://git.example.com/acme/payments-code.git"
    service = Service(
        name="payments", owner="a", summary="", blueprint="b",
        repos={"code": PairedRepo(name="payments-code", url=url)},
    )  # fmt: skip

    assert kind.webhook is not None
    assert "payments" == service_of(repo_urls(event, kind.webhook), (service,))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"null",
        b"{",
        b"\xff",
        b"[" * 100_000,
        b'{"project": {"url": ' + b"1" * 5000 + b"}}",
        b'{"project": {"url": "\\ud800"}}',
        b'{"project": {"url": NaN}}',
    ],
)
def test_a_body_that_is_no_json_object(body: bytes) -> None:
    """However deep it is nested, and whatever is no value of JSON in it."""
    assert read_event(body) is None


@pytest.mark.parametrize(
    "body",
    [
        b"{}",
        b'{"project": 1}',
        b'{"project": {"url": 5}}',
        b'{"project": {"url": "http://["}}',
        b'{"project": {"url": "http://example.com/' + b"x" * 3000 + b'"}}',
    ],
)
def test_an_event_that_is_about_nothing(body: bytes) -> None:
    """It is signed, so it is taken, and nothing comes of it."""
    event = read_event(body)

    assert event is not None
    assert GITLAB.webhook is not None
    assert frozenset() == repo_urls(event, GITLAB.webhook)

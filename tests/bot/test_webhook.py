"""Webhooks of the three forges: genuine or not, and which service they are about.

The shapes are those of the forges' documentation: GitLab's push event, GitHub's and Gitea's.
"""

import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scaffold.bot.webhook import is_genuine, read_event, repo_urls, service_of
from scaffold.config.service import PairedRepo, Service

SECRET = "s3cret"  # noqa: S105 - of this test alone
BODY = b'{"ref": "refs/heads/main"}'


def signature(body: bytes, secret: str = SECRET) -> str:
    """The HMAC that GitHub and Gitea send."""
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


@pytest.mark.parametrize(
    "headers",
    [
        {"x-gitlab-token": SECRET},
        {"x-hub-signature-256": f"sha256={signature(BODY)}"},
        {"x-gitea-signature": signature(BODY)},
    ],
    ids=["gitlab", "github", "gitea"],
)
def test_a_signed_request_is_genuine(headers: dict[str, str]) -> None:
    """In the way of each forge."""
    assert is_genuine(headers, BODY, SECRET)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"x-gitlab-token": "other"},
        {"x-hub-signature-256": f"sha256={signature(BODY, 'other')}"},
        {"x-hub-signature-256": "sha256="},
        {"x-gitea-signature": ""},
        {"x-gitea-signature": signature(b"another body")},
        {"x-gitlab-token": "\u00fc"},
    ],
)
def test_any_other_request_is_not(headers: dict[str, str]) -> None:
    """No signature, a wrong one, one of another body."""
    assert not is_genuine(headers, BODY, SECRET)


@given(st.binary(), st.binary())
def test_a_signature_is_of_one_body(one: bytes, other: bytes) -> None:
    """A changed body needs another signature."""
    assert (one == other) == is_genuine({"x-gitea-signature": signature(one)}, other, SECRET)


@pytest.mark.parametrize(
    "event",
    [
        {"project": {"git_http_url": "https://gitlab.example.com/acme/payments-code.git"}},
        {"repository": {"clone_url": "https://gitlab.example.com/acme/payments-code.git"}},
        {"repository": {"html_url": "https://GitLab.example.com/acme/payments-code"}},
        {"project": {"git_ssh_url": "git@gitlab.example.com:acme/payments-code.git"}},
        {"repository": {"ssh_url": "ssh://git@gitlab.example.com:2222/acme/payments-code.git"}},
    ],
    ids=["gitlab", "github", "gitea", "gitlab-ssh", "gitea-ssh"],
)
def test_an_event_names_its_service(event: dict[str, object]) -> None:
    """By any of the addresses of the repo, with or without `.git`."""
    url = "https://gitlab.example.com/acme/payments-code.git"
    service = Service(
        name="payments", owner="a", summary="", blueprint="b",
        repos={"code": PairedRepo(name="payments-code", url=url)},
    )  # fmt: skip

    assert "payments" == service_of(repo_urls(event), (service,))


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
        b'{"repository": {"url": 5}}',
        b'{"repository": {"url": "http://["}}',
        b'{"repository": {"url": "http://example.com/' + b"x" * 3000 + b'"}}',
    ],
)
def test_an_event_that_is_about_nothing(body: bytes) -> None:
    """It is signed, so it is taken, and nothing comes of it."""
    event = read_event(body)

    assert (True, frozenset()) == (event is not None, repo_urls(event or {}))

"""An organisation on GitHub, against a fake of its API: tokens and what they may do."""

import pytest

from scaffold.errors import ForgeError
from scaffold.forge.github.adapter import GithubOrganisationForge
from tests.forge.fake_http import Answer
from tests.forge.github.fake import FakeGithub
from tests.forge.github.steps import connect


def test_a_fine_grained_token_is_told_its_permissions(
    github: FakeGithub, forge: GithubOrganisationForge
) -> None:
    """GitHub names those that would do in a header."""
    headers = {"X-Accepted-GitHub-Permissions": "administration=write"}
    said = {"message": "Resource not accessible by personal access token"}
    github.refusals["POST", "/orgs/acme/repos"] = Answer(403, said, headers)

    with pytest.raises(ForgeError) as caught:
        forge.create("web", description="")

    assert (
        "The token may not do that. It takes a token with the scope repo, of a user who may create"
        " repos in `acme`; of a fine-grained token, the permissions administration=write."
        == caught.value.hint
    )


def test_single_sign_on_is_told(github: FakeGithub, forge: GithubOrganisationForge) -> None:
    """With the page where the token is authorized for the organisation."""
    headers = {"X-GitHub-SSO": "required; url=https://github.com/orgs/acme/sso?authorization=1"}
    github.refusals["GET", "/orgs/acme/repos"] = Answer(403, {"message": "SAML"}, headers)

    with pytest.raises(ForgeError) as caught:
        forge.repos()

    assert "can't list the repos of `acme`: the organisation asks for single sign-on" == (
        caught.value.what
    )
    assert (
        "Authorize the token for it: https://github.com/orgs/acme/sso?authorization=1"
        == caught.value.hint
    )


def test_a_token_with_all_rights_lacks_nothing(forge: GithubOrganisationForge) -> None:
    """An owner's, with all scopes."""
    assert () == forge.check()


def test_what_a_classic_token_lacks_is_told(
    github: FakeGithub, forge: GithubOrganisationForge
) -> None:
    """Its scopes, its user's membership, the bot."""
    github.scopes = "repo, read:org"
    github.membership = {"role": "member", "state": "active"}
    github.organisation = {"login": "acme", "members_can_create_repositories": False}
    del github.users["bot"]

    assert (
        "push the workflows of CI: the token needs the scope workflow",
        "make teams and give them repos: the token needs the scope admin:org",
        "create repos in `acme`: only owners may, and `platform` is none",
        "let the bot push: there is no user `bot`",
    ) == forge.check()


def test_a_fine_grained_token_tells_no_scopes(
    github: FakeGithub, forge: GithubOrganisationForge
) -> None:
    """So only what its user may do, and what it may read, is known."""
    github.scopes = None
    github.membership = 403

    assert (
        "make teams in `acme`: the token needs the permission Members, to write",
    ) == forge.check()


@pytest.mark.parametrize(
    ("membership", "lacks"),
    [
        (404, "create repos in `acme`: `platform` is no member"),
        (
            {"role": "member", "state": "pending"},
            "create repos in `acme`: `platform` has not taken the invitation yet",
        ),
    ],
)
def test_who_is_no_member_is_told(
    github: FakeGithub, forge: GithubOrganisationForge, membership: int, lacks: str
) -> None:
    """Of the organisation, or not yet."""
    github.membership = membership

    assert (lacks,) == forge.check()


def test_a_token_of_an_app_is_taken(github: FakeGithub, forge: GithubOrganisationForge) -> None:
    """There is no user behind it, so nothing is known of one."""
    github.user = None

    assert () == forge.check()


def test_an_organisation_that_is_not_seen_is_told(
    github: FakeGithub, forge: GithubOrganisationForge
) -> None:
    """Nothing more is known then."""
    github.organisation = None

    assert ("see the organisation `acme`: make it, or become a member",) == forge.check()


def test_each_forge_has_its_own_token(github: FakeGithub, forge: GithubOrganisationForge) -> None:
    """Two of them on one server, as of two users."""
    other = connect(github, "wrong-token")

    assert () == forge.check()
    with pytest.raises(ForgeError, match="status 401"):
        other.check()
    assert () == forge.check()


@pytest.mark.parametrize(
    ("reset", "hint"),
    [
        ("4102448400", "Run this again after 2100-01-01 01:00 UTC."),
        ("9" * 20, "Run this again later."),  # no year of ours
    ],
)
def test_a_limit_that_lasts_is_told_with_its_end(
    github: FakeGithub, forge: GithubOrganisationForge, naps: list[float], reset: str, hint: str
) -> None:
    """The primary limit is by the hour; a command does not wait for that, and says so at once."""
    headers = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": reset}
    said = {"message": "API rate limit exceeded for user ID 1."}
    github.refusals["GET", "/orgs/acme/repos"] = Answer(403, said, headers)

    with pytest.raises(ForgeError) as caught:
        forge.repos()

    assert "can't list the repos of `acme`: the rate limit is used up" == caught.value.what
    assert hint == caught.value.hint
    assert ("API rate limit exceeded for user ID 1.",) == caught.value.details
    assert [] == naps

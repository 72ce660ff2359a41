"""A group on GitLab, against a fake of its API: tokens and what they may do."""

from scaffold.forge.gitlab.adapter import GitlabGroupForge
from tests.forge.gitlab.fake import FakeGitlab


def test_a_token_with_all_rights_lacks_nothing(forge: GitlabGroupForge) -> None:
    """An owner's, with the scope api; and an OAuth token, which does not tell its scopes."""
    assert () == forge.check()


def test_a_token_that_tells_no_scopes_is_taken(gitlab: FakeGitlab, forge: GitlabGroupForge) -> None:
    """An OAuth token is no access token, so GitLab knows none of it."""
    gitlab.scopes = None

    assert () == forge.check()


def test_what_a_token_lacks_is_told(gitlab: FakeGitlab, forge: GitlabGroupForge) -> None:
    """Its scopes, its user's role, the group's settings, the bot."""
    gitlab.scopes = ["read_api", "write_repository"]
    gitlab.levels = {1: 30}
    gitlab.group_settings = {"share_with_group_lock": True}
    del gitlab.users["bot"]

    assert (
        "write: the token needs the scope api",
        "create, share and protect repos in `acme/shop`: `platform` needs the role Maintainer",
        "archive and delete repos in `acme/shop`: `platform` needs the role Owner",
        "give groups roles: `acme/shop` is set not to share its projects with groups",
        "let the bot push: there is no user `bot`",
    ) == forge.check()


def test_a_group_may_let_only_owners_create(gitlab: FakeGitlab, forge: GitlabGroupForge) -> None:
    """Then a maintainer lacks that."""
    gitlab.levels[1] = 40
    gitlab.group_settings = {"project_creation_level": "owner"}

    assert "create repos in `acme/shop`: the group lets only owners do that" in forge.check()


def test_a_group_that_is_not_seen_is_told(gitlab: FakeGitlab, forge: GitlabGroupForge) -> None:
    """Nothing more is known then."""
    del gitlab.groups[11]

    assert ("see the group `acme/shop`: make it, or make `platform` a member",) == forge.check()

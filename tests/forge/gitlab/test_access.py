"""A group on GitLab, against a fake of its API: roles and the protection of main."""

import pytest

from scaffold.config.team import Role
from scaffold.errors import ForgeError
from scaffold.forge.gitlab.adapter import GitlabGroupForge
from tests.forge.gitlab.fake import FakeGitlab
from tests.forge.gitlab.steps import connect, writes
from tests.forge.life import MAIN


def test_groups_get_their_roles(gitlab: FakeGitlab, forge: GitlabGroupForge, repo: str) -> None:
    """By shares: Reporter, Developer and Maintainer; the highest counts, again changes nothing."""
    access = {
        Role.READ_ONLY: ["acme/readers", "acme/devs"],
        Role.DEVELOPER: ["acme/devs"],
        Role.ADMIN: ["acme/admins"],
    }

    forge.grant(repo, access)
    assert {20: 20, 21: 30, 22: 40} == gitlab.project(repo).shares
    gitlab.calls.clear()
    forge.grant(repo, access)

    assert [] == writes(gitlab)


def test_a_changed_role_is_shared_anew(
    gitlab: FakeGitlab, forge: GitlabGroupForge, repo: str
) -> None:
    """A share with another role is replaced; one with a group that nobody named stays."""
    gitlab.project(repo).shares = {20: 40, 30: 30}

    forge.grant(repo, {Role.READ_ONLY: ["acme/readers"]})

    assert {30: 30, 20: 20} == gitlab.project(repo).shares


def test_an_unknown_group_is_named(forge: GitlabGroupForge, repo: str) -> None:
    """Groups are never made; the error says how to name one."""
    with pytest.raises(ForgeError) as caught:
        forge.grant(repo, {Role.DEVELOPER: ["devs"]})

    assert "there is no group `devs`, or the token may not see it" == caught.value.what
    assert (
        "Groups in platform.yml have their full path, as in `acme/shop-devs`." == caught.value.hint
    )


@pytest.mark.parametrize("group", ["acme", "acme/shop", "Acme"])
def test_a_group_above_the_repo_is_refused(forge: GitlabGroupForge, repo: str, group: str) -> None:
    """GitLab can't share a project with a group that it is in."""
    with pytest.raises(
        ForgeError, match="can't be given a role for `web`, since the repo is in it"
    ):
        forge.grant(repo, {Role.ADMIN: [group]})


@pytest.mark.parametrize(
    ("settings", "merge"),
    [
        ({}, 40),
        (
            {"allowed_to_push": [{"access_level": 30}], "allowed_to_merge": [{"access_level": 30}]},
            30,
        ),
        (
            {"allowed_to_push": [{"access_level": 40}], "allowed_to_merge": [{"access_level": 40}]},
            40,
        ),
    ],
)
def test_main_is_protected(
    gitlab: FakeGitlab, forge: GitlabGroupForge, settings: dict[str, object], merge: int
) -> None:
    """Maintainers push, and whom the group is set to let merge merges.

    A bot that is a maintainer needs no more.
    """
    gitlab.default_protection = None
    gitlab.group_settings = {"default_branch_protection_defaults": settings}
    forge.create("web", description="")
    gitlab.push("web", "main", MAIN)

    forge.protect("web")

    assert {
        "name": "main",
        "push_access_levels": [{"access_level": 40}],
        "merge_access_levels": [{"access_level": merge}],
        "allow_force_push": False,
    } == gitlab.project("web").rules["main"]


def test_a_rule_that_is_strict_enough_stays(
    gitlab: FakeGitlab, forge: GitlabGroupForge, repo: str
) -> None:
    """What GitLab made at the first push, by what the group is set to, is left alone."""
    forge.protect(repo)

    assert [] == writes(gitlab)


def test_developers_lose_the_right_to_push(
    gitlab: FakeGitlab, forge: GitlabGroupForge, repo: str
) -> None:
    """A rule that lets developers push is replaced; who may merge stays."""
    rule = gitlab.project(repo).rules["main"]
    rule["push_access_levels"] = [{"access_level": 30}]
    rule["merge_access_levels"] = [{"access_level": 40}]

    forge.protect(repo)

    rule = gitlab.project(repo).rules["main"]
    assert [{"access_level": 40}] == rule["push_access_levels"]
    assert [{"access_level": 40}] == rule["merge_access_levels"]


@pytest.mark.parametrize("protected", [True, False])
def test_the_bot_gets_through_with_a_licence(
    gitlab: FakeGitlab, forge: GitlabGroupForge, repo: str, protected: bool
) -> None:
    """On Premium a bot with a lower role is let push by name, to a rule old or new."""
    gitlab.premium = True
    gitlab.levels[2] = 30
    if not protected:
        gitlab.project(repo).rules.clear()

    forge.protect(repo)
    gitlab.calls.clear()
    forge.protect(repo)

    pushes = gitlab.project(repo).rules["main"]["push_access_levels"]
    assert [{"access_level": 40}, {"access_level": 40, "user_id": 2}] == pushes
    assert [] == writes(gitlab)


def test_without_a_licence_the_bot_must_be_a_maintainer(
    gitlab: FakeGitlab, forge: GitlabGroupForge, repo: str
) -> None:
    """GitLab Free leaves users out without a word, so what came of it is looked at."""
    gitlab.levels[2] = 30

    with pytest.raises(ForgeError) as caught:
        forge.protect(repo)

    assert "the bot `bot` can't be let push to main of `web`" == caught.value.what
    assert (
        "Without a Premium licence GitLab lets roles push, not users: give the bot the role"
        " Maintainer in `acme/shop`." == caught.value.hint
    )


def test_a_bot_that_nobody_knows_is_named(gitlab: FakeGitlab, repo: str) -> None:
    """The error says which setting names it."""
    with pytest.raises(ForgeError, match="there is no user `robot`"):
        connect(gitlab, bot="robot").protect(repo)


def test_main_becomes_the_default_branch(
    gitlab: FakeGitlab, forge: GitlabGroupForge, repo: str
) -> None:
    """Where another branch was pushed first."""
    gitlab.project(repo).told["default_branch"] = "scaffold/python"

    forge.protect(repo)

    assert "main" == gitlab.project(repo).told["default_branch"]

"""An organisation on GitHub, against a fake of its API: roles and the protection of main."""

import pytest

from scaffold.config.platform import Role
from scaffold.errors import ForgeError
from scaffold.forge.github.adapter import GithubOrganisationForge
from tests.forge.github.fake import FakeGithub
from tests.forge.github.steps import connect, writes


def test_groups_are_teams(github: FakeGithub, forge: GithubOrganisationForge, repo: str) -> None:
    """Missing ones are made; the highest role counts; again changes nothing."""
    access = {
        Role.READ_ONLY: ["Readers", "Shop Devs"],
        Role.DEVELOPER: ["Shop Devs"],
        Role.ADMIN: ["admins"],
    }

    forge.grant(repo, access)
    assert {"readers": "pull", "shop-devs": "push", "admins": "admin"} == github.repo(repo).teams
    assert "Shop Devs" == github.teams["shop-devs"]
    github.calls.clear()
    forge.grant(repo, access)

    assert [] == writes(github)


def test_other_teams_keep_what_they_have(
    github: FakeGithub, forge: GithubOrganisationForge, repo: str
) -> None:
    """Only what platform.yml names is set."""
    github.repo(repo).teams = {"readers": "admin", "others": "maintain"}

    forge.grant(repo, {Role.READ_ONLY: ["readers"]})

    assert {"readers": "pull", "others": "maintain"} == github.repo(repo).teams


def test_main_is_protected(github: FakeGithub, forge: GithubOrganisationForge, repo: str) -> None:
    """By a ruleset: pull requests are needed, but for the role admin and the bot."""
    forge.protect(repo)

    ruleset = github.repo(repo).rulesets[0]
    assert ("scaffold: main", "branch", "active") == (
        ruleset["name"],
        ruleset["target"],
        ruleset["enforcement"],
    )
    assert {"include": ["refs/heads/main"], "exclude": []} == ruleset["conditions"]["ref_name"]
    assert [
        {"actor_type": "RepositoryRole", "actor_id": 5, "bypass_mode": "always"},
        {"actor_type": "User", "actor_id": 2, "bypass_mode": "always"},
    ] == ruleset["bypass_actors"]
    assert ["pull_request", "non_fast_forward", "deletion"] == [
        one["type"] for one in ruleset["rules"]
    ]
    assert 0 == ruleset["rules"][0]["parameters"]["required_approving_review_count"]


def test_an_app_may_be_the_bot(github: FakeGithub, repo: str) -> None:
    """It gets past as an app, by the number of that."""
    connect(github, bot="robot[bot]").protect(repo)

    assert {"actor_type": "Integration", "actor_id": 77, "bypass_mode": "always"} == (
        github.repo(repo).rulesets[0]["bypass_actors"][1]
    )


def test_a_ruleset_that_was_changed_stays(
    github: FakeGithub, forge: GithubOrganisationForge, repo: str
) -> None:
    """Only who gets past it is seen to."""
    forge.protect(repo)
    ruleset = github.repo(repo).rulesets[0]
    ruleset["rules"][0]["parameters"]["required_approving_review_count"] = 2
    someone = {"actor_type": "Team", "actor_id": 4, "bypass_mode": "pull_request"}
    ruleset["bypass_actors"] = [someone, ruleset["bypass_actors"][0]]

    forge.protect(repo)

    assert 2 == ruleset["rules"][0]["parameters"]["required_approving_review_count"]
    assert ["Team", "RepositoryRole", "User"] == [
        one["actor_type"] for one in ruleset["bypass_actors"]
    ]
    github.calls.clear()
    forge.protect(repo)
    assert [] == writes(github)


def test_a_plan_without_rulesets_is_told(
    github: FakeGithub, forge: GithubOrganisationForge, repo: str
) -> None:
    """A free organisation has none for private repos."""
    github.free_plan = True

    with pytest.raises(ForgeError) as caught:
        forge.protect(repo)

    assert "can't protect main of `web`: status 403" == caught.value.what
    assert caught.value.hint.endswith("rules for private repos take the Team plan.")
    assert (
        "Upgrade to GitHub Pro or make this repository public to enable this feature.",
    ) == caught.value.details


def test_a_bot_that_nobody_knows_is_named(github: FakeGithub, repo: str) -> None:
    """The error says which setting names it."""
    with pytest.raises(ForgeError, match="there is no user `robot`"):
        connect(github, bot="robot").protect(repo)


def test_main_becomes_the_default_branch(
    github: FakeGithub, forge: GithubOrganisationForge, repo: str
) -> None:
    """Where the organisation or the first push had another one."""
    github.repo(repo).told["default_branch"] = "master"

    forge.protect(repo)

    assert "main" == github.repo(repo).told["default_branch"]

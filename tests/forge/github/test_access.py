"""An organisation on GitHub, against a fake of its API: roles and the protection of main."""

import pytest

from scaffold.config.team import Role
from scaffold.errors import ForgeError
from scaffold.forge.github.adapter import GithubOrganisationForge
from tests.forge.fake_http import Answer
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


def test_who_may_push_is_told_by_rights_rules_and_protections(
    github: FakeGithub, forge: GithubOrganisationForge, repo: str
) -> None:
    """All of them must let one; what scaffold does not know of a rule, it does not tell."""
    there = github.repo(repo)
    assert forge.may_push(repo, "main") is True

    forge.protect(repo)
    rules = there.rulesets[0]["rules"]
    assert forge.may_push(repo, "main") is True  # an admin gets past
    github.bypass = "pull_requests_only"
    assert forge.may_push(repo, "main") is False
    assert forge.may_push(repo, "scaffold/python") is True

    rules[0] = {"type": "required_signatures"}
    assert forge.may_push(repo, "main") is None
    del rules[0]
    assert forge.may_push(repo, "main") is True  # it may not force a push, nor delete main

    there.protection = False
    assert forge.may_push(repo, "main") is False
    there.protection = True
    assert forge.may_push(repo, "main") is None  # it may ask for a pull request all the same

    there.rights = {"pull": True, "push": False}
    assert forge.may_push(repo, "main") is False


def test_where_there_are_no_rules_the_rights_tell(
    github: FakeGithub, forge: GithubOrganisationForge, repo: str
) -> None:
    """A free plan has none for private repos, and says so by refusing to list them."""
    said = {"message": "Upgrade to GitHub Pro or make this repository public."}
    github.refusals["GET", "/rules/branches/main"] = Answer(403, said)

    assert forge.may_push(repo, "main") is True


def test_an_app_as_the_bot_is_not_asked_for_its_rights(github: FakeGithub, repo: str) -> None:
    """GitHub does not tell those of an app."""
    connect(github, bot="robot[bot]").protect(repo)

    assert [] == [one.path for one in github.calls if one.path.endswith("/permission")]


def test_a_team_of_ones_own_keeps_who_made_it(
    github: FakeGithub, forge: GithubOrganisationForge, repo: str
) -> None:
    """Only a team that scaffold made, and gave nothing yet, is without members."""
    github.teams["own"] = "own"
    github.member_lists["own"] = ["platform"]

    forge.grant(repo, {Role.DEVELOPER: ["own", "ours"]})
    assert (["platform"], []) == (github.member_lists["own"], github.member_lists["ours"])

    github.member_lists["ours"] = ["platform"]  # who was put into it later
    forge.create("api", description="")
    forge.grant("api", {Role.DEVELOPER: ["ours"]})
    assert ["platform"] == github.member_lists["ours"]


def test_a_token_of_an_app_is_in_no_team(
    github: FakeGithub, forge: GithubOrganisationForge, repo: str
) -> None:
    """There is no user who could be."""
    github.user = None

    forge.grant(repo, {Role.DEVELOPER: ["ours"]})

    assert "push" == github.repo(repo).teams["ours"]

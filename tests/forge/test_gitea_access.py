"""The three roles on Gitea, a real one: who may push what, and who sees what."""

from pathlib import Path

import pytest

from scaffold.config.team import Role
from scaffold.errors import ForgeError, PushRefusedError
from scaffold.forge.api import Proposal
from scaffold.forge.gitea.adapter import GiteaOrganisationForge
from scaffold.git.branches import remote_head
from tests.forge.conftest import push_branch
from tests.gitea import Gitea

pytestmark = [pytest.mark.xdist_group("gitea"), pytest.mark.usefixtures("granted")]
ACCESS = {Role.READ_ONLY: ["viewers"], Role.DEVELOPER: ["makers"], Role.ADMIN: ["chiefs"]}


@pytest.fixture
def granted(
    gitea: Gitea, group: str, server: GiteaOrganisationForge, shop: dict[str, str]
) -> dict[str, str]:
    """The repo `shop` with a team for each role, each with one user, and main protected."""
    for _ in range(2):
        server.grant("shop", ACCESS)
        server.protect("shop")
    for team, user in (("viewers", "read-only"), ("makers", "developer"), ("chiefs", "admin")):
        gitea.add_to_team(group, team, user)
    return shop


def test_teams_are_made_once(gitea: Gitea, group: str, server: GiteaOrganisationForge) -> None:
    """Each has the role's permission, on the repos it was given and on no other."""
    server.create("other", description="Another one")

    told = {one["name"]: one for one in gitea.get(f"/repos/{group}/shop/teams")}
    assert {"Owners", "viewers", "makers", "chiefs"} == set(told)
    assert "admin" == told["chiefs"]["permission"]
    assert ["read", "write"] == [
        told[name]["units_map"]["repo.code"] for name in ("viewers", "makers")
    ]
    assert ["Owners"] == [one["name"] for one in gitea.get(f"/repos/{group}/other/teams")]


@pytest.mark.parametrize("user", ["read-only", "developer"])
def test_main_takes_no_push_from_those_who_are_not_admins(
    gitea: Gitea, group: str, granted: dict[str, str], tmp_path: Path, user: str
) -> None:
    """Of a reader and a developer."""
    forge = gitea.forge(group, user=user)

    with pytest.raises(PushRefusedError, match="no direct push to `main` is allowed"):
        push_branch(forge, tmp_path, "main", base=granted["main"], file="3")
    assert granted["main"] == remote_head(forge.url("shop"))


@pytest.mark.parametrize("user", ["admin", "robot"])
def test_main_takes_pushes_of_admins_and_the_bot(
    gitea: Gitea, group: str, granted: dict[str, str], tmp_path: Path, user: str
) -> None:
    """They are on the list of those who may."""
    forge = gitea.forge(group, user=user)

    pushed = push_branch(forge, tmp_path, "main", base=granted["main"], file="3")

    assert pushed == remote_head(forge.url("shop"))


def test_a_developer_proposes(
    gitea: Gitea, group: str, granted: dict[str, str], tmp_path: Path
) -> None:
    """A branch and a merge request, which a reader can't make."""
    push_branch(gitea.forge(group, user="developer"), tmp_path, "b", base=granted["main"], file="3")
    opened = gitea.forge(group, user="developer").open_merge_request("shop", "b", Proposal("B", ""))
    assert 1 == opened.number

    with pytest.raises(PushRefusedError, match="no direct push to `c` is allowed"):
        push_branch(
            gitea.forge(group, user="read-only"), tmp_path, "c", base=granted["main"], file="3"
        )


@pytest.mark.parametrize("user", ["read-only", "developer"])
def test_settings_are_for_admins(gitea: Gitea, group: str, user: str) -> None:
    """Archive, protection and deletion are refused to all others, and what it takes is told."""
    forge = gitea.forge(group, user=user)

    for call in (
        lambda: forge.archive("shop", archived=True),
        lambda: forge.protect("shop"),
        lambda: forge.delete("shop"),
        lambda: forge.webhook("shop", "http://127.0.0.1:1", "x"),
        lambda: forge.grant("shop", ACCESS),
        lambda: forge.create("new", description="New"),
    ):
        with pytest.raises(ForgeError, match=r"status 40[34]") as caught:
            call()
        assert "It takes" in caught.value.hint


def test_an_admin_may_archive(gitea: Gitea, group: str) -> None:
    """But not make repos, since that is the organisation's."""
    forge = gitea.forge(group, user="admin")
    forge.archive("shop", archived=True)

    with pytest.raises(ForgeError, match="can't create the repo `new`: status 403"):
        forge.create("new", description="New")


def test_a_team_has_one_permission(server: GiteaOrganisationForge) -> None:
    """One that would get more or less than it is given is refused, and the remedy told."""
    server.grant("shop", {Role.READ_ONLY: ["readers"]})

    with pytest.raises(ForgeError) as caught:
        server.grant("shop", {Role.DEVELOPER: ["readers"]})

    assert (
        "the team `readers` has the permission `read`, where platform.yml gives it `write`"
        == caught.value.what
    )


def test_the_highest_role_counts(gitea: Gitea, group: str, server: GiteaOrganisationForge) -> None:
    """A team that holds several has one permission."""
    server.grant("shop", {Role.ADMIN: ["all"], Role.READ_ONLY: ["all"]})

    told = {one["name"]: one["permission"] for one in gitea.get(f"/repos/{group}/shop/teams")}
    assert "admin" == told["all"]


def test_what_somebody_else_set_up_in_the_rule_stays(
    gitea: Gitea, group: str, server: GiteaOrganisationForge
) -> None:
    """Approvals, for one; protecting main again changes who may push and no more."""
    path = f"/repos/{group}/shop/branch_protections/main"
    gitea.call("PATCH", path, json={"required_approvals": 2, "push_whitelist_usernames": []})

    server.protect("shop")

    rule = gitea.get(path)
    assert (2, ["robot"]) == (rule["required_approvals"], rule["push_whitelist_usernames"])
    assert ["Owners", "chiefs"] == sorted(rule["push_whitelist_teams"])

"""`scaffold platform sync` sets the rights to the repos of services anew, on a real Gitea."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from scaffold.config.platform import Platform
from scaffold.config.service import PairedRepo, Service, ServiceState
from scaffold.errors import UsageError
from scaffold.fleet.catalog import Catalog
from scaffold.fleet.platform import PlatformRepo
from scaffold.forge.gitea.adapter import GiteaOrganisationForge
from scaffold.forge.local.adapter import LocalFolderForge
from scaffold.service.rights import RepoRights, sync_rights
from tests.gitea import Gitea

HOOK = "http://127.0.0.1:1/webhook"
ROLES = {"read-only": ["viewers"], "developer": ["makers"], "admin": ["chiefs"]}


@pytest.fixture(autouse=True)
def _secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCAFFOLD_WEBHOOK_SECRET", "s3cret")


def service(name: str, owner: str, **more: Any) -> Service:
    """A service with one repo."""
    repos = {"code": PairedRepo(name=name, url=f"https://git.example.com/{name}.git")}
    return Service(name=name, owner=owner, summary="", blueprint="small", repos=repos, **more)


def platform(forge: Any, settings: Any, *services: Service) -> PlatformRepo:
    """A platform with two teams and these services."""
    said = {
        "name": "acme",
        "forge": settings,
        "registry": "registry.example.com",
        "ci": {"image": "ci:1"},
        "blueprints": [{"name": "small", "url": "https://git.example.com/small.git"}],
        "environments": [{"name": "dev"}],
        "teams": [{"name": "a", "groups": ROLES}, {"name": "b", "groups": {"admin": ["elders"]}}],
    }
    opened = PlatformRepo(Path(), "", "", Platform.model_validate(said), {}, forge)
    opened.__dict__["catalog"] = Catalog({one.name: one for one in services}, {})
    return opened


def on_gitea(gitea: Gitea, group: str, *services: Service) -> PlatformRepo:
    """The same on the server."""
    settings = gitea.settings(group, webhook=HOOK).model_dump(mode="json")
    return platform(gitea.forge(group), settings, *services)


def told(gitea: Gitea, group: str) -> tuple[Any, ...]:
    """The teams of the repo `shop`, who may push to its main, and its webhooks."""
    path = f"/repos/{group}/shop"
    (rule,) = gitea.get(f"{path}/branch_protections")
    return (
        {one["name"] for one in gitea.get(f"{path}/teams")},
        set(rule["push_whitelist_teams"]),
        [one["config"]["url"] for one in gitea.get(f"{path}/hooks")],
    )


@pytest.mark.xdist_group("gitea")
@pytest.mark.usefixtures("shop")
def test_what_changed_on_either_side_is_set_again(gitea: Gitea, group: str) -> None:
    """A protection and a webhook that somebody removed, and an owner that is another one now."""
    said = (
        "grant shop to read-only: viewers; developer: makers; admin: chiefs",
        "protect main of shop",
        f"send webhooks of shop to {HOOK}",
    )
    before = on_gitea(gitea, group, service("shop", "a"))
    for _ in range(2):
        assert [RepoRights("shop", said)] == list(sync_rights(before))
        made = ({"Owners", "viewers", "makers", "chiefs"}, {"Owners", "chiefs"}, [HOOK])
        assert made == told(gitea, group)

    (hook,) = gitea.get(f"/repos/{group}/shop/hooks")
    assert gitea.call("DELETE", f"/repos/{group}/shop/hooks/{hook['id']}").ok
    assert gitea.call("DELETE", f"/repos/{group}/shop/branch_protections/main").ok
    after = on_gitea(gitea, group, service("shop", "b"))
    trial = replace(after, dry_run=True)
    trial.__dict__["catalog"] = after.catalog
    (would,) = sync_rights(trial)
    assert ("grant shop to admin: elders", *said[1:]) == would.said
    assert [] == gitea.get(f"/repos/{group}/shop/hooks")

    assert [None] == [one.error for one in sync_rights(after)]
    teams, pushers, hooks = told(gitea, group)
    assert ("elders" in teams, "elders" in pushers, [HOOK]) == (True, True, hooks)


@pytest.mark.xdist_group("gitea")
@pytest.mark.usefixtures("shop")
def test_a_repo_that_is_gone_stops_no_other(gitea: Gitea, group: str) -> None:
    """It is told; a retired service, whose repos are archived, is left alone."""
    retired = service("old", "a", state=ServiceState.RETIRED)
    opened = on_gitea(gitea, group, service("gone", "a"), retired, service("shop", "a"))
    gone, shop = sync_rights(opened)

    assert ("gone", "forge-failed") == (gone.repo, gone.error.reference if gone.error else "")
    assert ("shop", None) == (shop.repo, shop.error)
    assert [HOOK] == told(gitea, group)[2]


@pytest.mark.xdist_group("gitea")
def test_without_a_secret(
    gitea: Gitea, server: GiteaOrganisationForge, group: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is set where webhooks could not be signed."""
    monkeypatch.delenv("SCAFFOLD_WEBHOOK_SECRET")
    opened = on_gitea(gitea, group, service("shop", "a"))
    with pytest.raises(UsageError, match="no secret to sign webhooks with"):
        list(sync_rights(opened))
    assert () == server.repos()


def test_a_folder_knows_no_rights(tmp_path: Path) -> None:
    """There is nothing to set."""
    settings = {"kind": "local", "path": str(tmp_path)}
    opened = platform(LocalFolderForge(str(tmp_path)), settings, service("shop", "a"))
    assert [] == list(sync_rights(opened))

"""`scaffold platform sync` brings the rights to repos of services in step, on a real Gitea."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from scaffold.config.forges.gitlab import GitlabForge
from scaffold.config.platform import Platform
from scaffold.config.service import PairedRepo, Service, ServiceState
from scaffold.config.team import Role
from scaffold.errors import UsageError
from scaffold.fleet.catalog import Catalog
from scaffold.fleet.platform import PlatformRepo
from scaffold.forge.credentials import Credentials
from scaffold.forge.gitea.adapter import GiteaOrganisationForge
from scaffold.forge.gitlab.adapter import GitlabGroupForge
from scaffold.forge.local.adapter import LocalFolderForge
from scaffold.service.access import Deviation, Place, on_the_forge
from scaffold.service.rights import RepoRights, sync_rights, unknown_parts
from tests.builders import commit_files, git
from tests.forge.fake_http import TOKEN
from tests.forge.fake_server import serving
from tests.forge.gitlab.fake import FakeGitlab
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


TEAMS = [{"name": "a", "groups": ROLES}, {"name": "b", "groups": {"admin": ["elders"]}}]


@pytest.fixture
def history(tmp_path: Path) -> Path:
    """The platform repo, in which the team `a` owns `shop`."""
    folder = tmp_path / "platform"
    folder.mkdir()
    git("init", "-q", "-b", "main", ".", cwd=folder)
    files = {"platform.yml": json.dumps({"teams": TEAMS}), "services/shop.yml": "owner: a\n"}
    commit_files(folder, files)
    return folder


def trial(opened: PlatformRepo) -> PlatformRepo:
    """The same in a dry run."""
    copy = replace(opened, dry_run=True)
    copy.__dict__["catalog"] = opened.catalog
    return copy


def written(settings: Any) -> dict[str, Any]:
    """What platform.yml says of a platform with two teams."""
    return {
        "name": "acme",
        "forge": settings,
        "registry": "registry.example.com",
        "ci": {"image": "ci:1"},
        "blueprints": [{"name": "small", "url": "https://git.example.com/small.git"}],
        "environments": [{"name": "dev"}],
        "teams": TEAMS,
    }


def platform(forge: Any, settings: Any, folder: Path, *services: Service) -> PlatformRepo:
    """A platform with two teams and these services."""
    head = git("rev-parse", "HEAD", cwd=folder)
    model = Platform.model_validate(written(settings))
    opened = PlatformRepo(folder, "", head, model, {}, forge)
    opened.__dict__["catalog"] = Catalog({one.name: one for one in services}, {})
    return opened


def on_gitea(
    gitea: Gitea, group: str, folder: Path, *services: Service, **more: Any
) -> PlatformRepo:
    """The same on the server, with more settings."""
    settings = gitea.settings(group, webhook=HOOK, **more).model_dump(mode="json")
    return platform(gitea.forge(group), settings, folder, *services)


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
def test_what_access_says_of_the_forge(gitea: Gitea, group: str, history: Path) -> None:
    """Just what somebody changed there, of the services that are asked for; a failure is told."""
    opened = trial(on_gitea(gitea, group, history, service("shop", "a"), service("gone", "a")))
    list(sync_rights(on_gitea(gitea, group, history, service("shop", "a"))))
    assert [] == list(on_the_forge(opened, {"shop"}))

    teams = {one["name"]: one["id"] for one in gitea.get(f"/repos/{group}/shop/teams")}
    assert gitea.call("DELETE", f"/teams/{teams['makers']}/repos/{group}/shop").ok
    assert [Deviation(Place.FORGE, "shop", "to do: grant shop to developer: makers")] == list(
        on_the_forge(opened, {"shop"})
    )
    (failure,) = on_the_forge(opened, {"gone"})
    assert (Place.NOT_READ, "gone") == (failure.place, failure.where)


@pytest.mark.xdist_group("gitea")
@pytest.mark.usefixtures("shop")
def test_what_changed_on_either_side_is_set_again(gitea: Gitea, group: str, history: Path) -> None:
    """A protection and a webhook that somebody removed; a dry run tells what is then done."""
    said = (
        "grant shop to read-only: viewers",
        "grant shop to developer: makers",
        "grant shop to admin: chiefs",
        "protect main of shop",
        f"send webhooks of shop to {HOOK}",
    )
    opened = on_gitea(gitea, group, history, service("shop", "a"))
    for expected in (said, ()):
        both = [RepoRights("shop", expected)]
        assert (both, both) == (list(sync_rights(trial(opened))), list(sync_rights(opened)))
        made = ({"Owners", "viewers", "makers", "chiefs"}, {"Owners", "chiefs"}, [HOOK])
        assert made == told(gitea, group)

    (hook,) = gitea.get(f"/repos/{group}/shop/hooks")
    assert gitea.call("DELETE", f"/repos/{group}/shop/hooks/{hook['id']}").ok
    assert gitea.call("DELETE", f"/repos/{group}/shop/branch_protections/main").ok
    assert [RepoRights("shop", said[3:])] == list(sync_rights(trial(opened)))
    assert [] == gitea.get(f"/repos/{group}/shop/hooks")
    assert [RepoRights("shop", said[3:])] == list(sync_rights(opened))
    assert made == told(gitea, group)


@pytest.mark.xdist_group("gitea")
@pytest.mark.usefixtures("shop")
def test_what_was_once_given_is_taken_again(gitea: Gitea, group: str, history: Path) -> None:
    """From groups of an owner of before; a group that somebody gave the repo by hand keeps it."""
    list(sync_rights(on_gitea(gitea, group, history, service("shop", "a"))))
    gitea.forge(group).grant("shop", {Role.DEVELOPER: ["guests"]})
    commit_files(history, {"services/shop.yml": "owner: b\n"})
    opened = on_gitea(gitea, group, history, service("shop", "b"))
    said = (
        "grant shop to admin: elders",
        "take shop from chiefs",
        "take shop from makers",
        "take shop from viewers",
    )

    before = told(gitea, group)
    assert [RepoRights("shop", said)] == list(sync_rights(trial(opened)))
    assert before == told(gitea, group)
    assert [RepoRights("shop", said)] == list(sync_rights(opened))
    teams, pushers, _ = told(gitea, group)
    assert ({"Owners", "guests", "elders"}, True) == (teams, "elders" in pushers)
    assert [RepoRights("shop", ())] == list(sync_rights(opened))


@pytest.mark.xdist_group("gitea")
@pytest.mark.usefixtures("shop")
def test_a_webhook_at_an_address_of_before_is_removed(
    gitea: Gitea, group: str, history: Path
) -> None:
    """Else a bot that moved is told by both; one that somebody set by hand stays."""
    forge = gitea.forge(group)
    for address in (f"{HOOK}/before", f"{HOOK}/theirs"):
        forge.webhook("shop", address, "s3cret")
        commit_files(
            history, {"platform.yml": json.dumps({"forge": {"webhook": f"{HOOK}/before"}})}
        )
    commit_files(history, {"platform.yml": json.dumps({"teams": TEAMS})})
    list(sync_rights(on_gitea(gitea, group, history, service("shop", "a"))))

    assert [f"{HOOK}/theirs", HOOK] == told(gitea, group)[2]


def test_a_new_secret_reaches_webhooks_that_are_there(
    history: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Though nothing differs that a forge would tell: that is how the secret is rotated."""
    gitlab = FakeGitlab()
    gitlab.groups |= {70: "viewers", 71: "makers", 72: "chiefs"}
    with serving(gitlab):
        settings = GitlabForge(kind="gitlab", url=gitlab.url, group="acme/shop", webhook=HOOK)
        forge = GitlabGroupForge(settings, Credentials(TOKEN, "the test"))
        forge.create("shop", description="The shop")
        gitlab.push("shop", "main", "1" * 40)
        opened = platform(forge, settings.model_dump(mode="json"), history, service("shop", "a"))
        list(sync_rights(opened))
        monkeypatch.setenv("SCAFFOLD_WEBHOOK_SECRET", "another")
        again = list(sync_rights(opened))

    assert [RepoRights("shop", ())] == again
    assert ["another"] == [one["token"] for one in gitlab.project("shop").hooks]


@pytest.mark.xdist_group("gitea")
@pytest.mark.usefixtures("shop")
def test_the_statuses_that_platform_yml_requires(gitea: Gitea, group: str, history: Path) -> None:
    """What it once named and names no more is let go; what somebody set by hand stays."""
    path = f"/repos/{group}/shop/branch_protections/main"

    def sync(statuses: dict[str, list[str]]) -> tuple[str, ...]:
        settings = gitea.settings(group, required_statuses=statuses).model_dump(mode="json")
        commit_files(history, {"platform.yml": json.dumps({"teams": TEAMS, "forge": settings})})
        opened = on_gitea(gitea, group, history, service("shop", "a"), required_statuses=statuses)
        (tried,), (done,) = list(sync_rights(trial(opened))), list(sync_rights(opened))
        assert tried == done
        return done.said

    assert "protect main of shop, which needs test, lint" in sync({"code": ["test", "lint"]})
    by_hand = {"status_check_contexts": ["test", "lint", "theirs"]}
    assert gitea.call("PATCH", path, json=by_hand).ok
    assert () == sync({"code": ["test", "lint"]})

    assert ("let main of shop need test no more",) == sync({"code": ["lint"], "other": ["test"]})
    assert ["lint", "theirs"] == gitea.get(path)["status_check_contexts"]
    assert () == sync({"code": ["lint"]})


def test_a_repo_that_no_service_has() -> None:
    """A slip in the name would require nothing, without a word."""
    forge = {"kind": "gitlab", "group": "acme", "pipelines_must_succeed": ["code", "kode"]}
    model = Platform.model_validate(written(forge))
    assert ("kode",) == unknown_parts(model, [service("shop", "a")])


@pytest.mark.xdist_group("gitea")
@pytest.mark.usefixtures("shop")
def test_who_may_not_see_the_rights_is_told(gitea: Gitea, group: str, history: Path) -> None:
    """A dry run of theirs never says that all is well."""
    opened = on_gitea(gitea, group, history, service("shop", "a"))
    list(sync_rights(opened))
    weak = replace(trial(opened), forge=gitea.forge(group, user="read-only"))
    weak.__dict__["catalog"] = opened.catalog
    (shop,) = sync_rights(weak)

    assert ((), "forge-failed") == (shop.said, shop.error.reference if shop.error else "")


@pytest.mark.xdist_group("gitea")
@pytest.mark.usefixtures("shop")
def test_a_repo_that_is_gone_stops_no_other(gitea: Gitea, group: str, history: Path) -> None:
    """It is told; a retired service, whose repos are archived, is left alone."""
    retired = service("old", "a", state=ServiceState.RETIRED)
    opened = on_gitea(gitea, group, history, service("gone", "a"), retired, service("shop", "a"))
    gone, shop = sync_rights(opened)

    assert ("gone", "forge-failed") == (gone.repo, gone.error.reference if gone.error else "")
    assert ("shop", None) == (shop.repo, shop.error)
    assert [HOOK] == told(gitea, group)[2]


@pytest.mark.xdist_group("gitea")
def test_without_a_secret(
    gitea: Gitea,
    server: GiteaOrganisationForge,
    group: str,
    history: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Nothing is set where webhooks could not be signed."""
    monkeypatch.delenv("SCAFFOLD_WEBHOOK_SECRET")
    opened = on_gitea(gitea, group, history, service("shop", "a"))
    with pytest.raises(UsageError, match="no secret to sign webhooks with"):
        list(sync_rights(opened))
    assert () == server.repos()


def test_a_folder_knows_no_rights(tmp_path: Path, history: Path) -> None:
    """There is nothing to set."""
    settings = {"kind": "local", "path": str(tmp_path)}
    opened = platform(LocalFolderForge(str(tmp_path)), settings, history, service("shop", "a"))
    assert [] == list(sync_rights(opened))

"""`scaffold merge-request list` without a repo: what is open in the whole fleet."""

import json
import shutil
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Barrier
from typing import Any

import jsonschema
import pygit2
import pytest

from scaffold.documents.schemas import published_schemas
from scaffold.fleet.platform import open_platform
from scaffold.forge.api import MergeRequest, Proposal, RequestState
from scaffold.forge.local.adapter import LocalFolderForge
from scaffold.forge.local.requests import MergeRequests, RequestText
from scaffold.git.tree import make_commit, open_repo
from scaffold.status.requests import open_requests
from tests.chain.world import DEV, World
from tests.cli.test_chain import install, make_platform, run, told
from tests.service.entries import INVALID

FOOTER = [
    "Show one: scaffold merge-request show REPO NUMBER",
    "Merge it: scaffold merge-request merge REPO NUMBER",
]


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    """The services `cart` and `shop`, and the platform repo with a checkout."""
    for who in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{who}_NAME", "Dev")
        monkeypatch.setenv(f"GIT_{who}_EMAIL", "dev@example.com")
    return make_platform(tmp_path)


def propose(
    world: World, repo: str, branch: str, title: str, *, hours: int = 0, draft: bool = False
) -> int:
    """Open a merge request that is some hours old; its number."""
    url = world.forge.url(repo)
    folder = Path(url.removeprefix("file://"))
    store = open_repo(folder)
    main = store.references["refs/heads/main"].peel(pygit2.Commit)
    commit = make_commit(store, str(main.tree_id), f"{title}\n", DEV, [str(main.id)])
    store.references.create(f"refs/heads/{branch}", pygit2.Oid(hex=commit), force=True)
    opened = datetime.now(UTC) - timedelta(hours=hours, minutes=1)
    text = RequestText(title, branch, "", opened, draft=draft)
    return MergeRequests(repo, folder, url).open(text).number


def rows(world: World, *, status: int = 0) -> list[str]:
    """What a person reads."""
    return run(world, "merge-request", "list", status=status).stdout.splitlines()


def listed(world: World, *, status: int = 0) -> dict[str, Any]:
    """The same as JSON, which is as published."""
    found = told(world, "merge-request", "list", status=status)
    jsonschema.Draft202012Validator(published_schemas()["output-merge-requests"]).validate(found)
    return found


def test_what_waits_is_listed_oldest_first(world: World) -> None:
    """Of all services and of the platform: what it is, for which environment, how old."""
    propose(world, "shop-env", "scaffold/promote-prod", "Move prod to shop-env abc", hours=3)
    propose(world, "cart-code", "scaffold/small", "Upgrade small", hours=50, draft=True)
    propose(world, "platform", "scaffold/register-till", "Register the service till")

    assert [
        "SERVICE  ENVIRONMENT  WHAT            AGE    MERGE REQUEST  TITLE",
        "cart     -            upgrade, draft  2 d    cart-code 1    Upgrade small",
        "shop     prod         move            3 h    shop-env 1     Move prod to shop-env abc",
        "till     -            registration    1 min  platform 1     Register the service till",
        *FOOTER,
    ] == rows(world)


def test_what_is_not_open_is_left_out(world: World) -> None:
    """Be it closed or merged; then there is nothing."""
    closed = propose(world, "shop-env", "scaffold/promote-prod", "One")
    merged = propose(world, "cart-env", "scaffold/promote-prod", "Two")
    world.forge.close_merge_request("shop-env", closed)
    world.forge.merge("cart-env", merged)

    assert ["No merge request is open."] == rows(world)


@pytest.mark.parametrize(
    ("repo", "branch", "expected"),
    [
        ("shop-docker", "scaffold/promote-docker", ("shop", "", "move")),
        ("shop-env", "scaffold/promote-dev", ("shop", "dev", "move")),
        ("shop-env", "scaffold/retire", ("shop", "", "retirement")),
        ("shop-env", "scaffold/retire-undo", ("shop", "", "retirement")),
        ("shop-code", "scaffold/small", ("shop", "", "upgrade")),
        ("shop-code", "scaffold", ("shop", "", "other")),
        ("shop-code", "fix-it", ("shop", "", "other")),
        ("platform", "scaffold/register-shop", ("shop", "", "registration")),
        ("platform", "scaffold/retire-shop", ("shop", "", "retirement")),
        ("platform", "scaffold/data-shop", ("shop", "", "retirement")),
        ("platform", "scaffold/pause-shop", ("shop", "", "pause")),
        ("platform", "scaffold/platform-sync", ("", "", "sync")),
        ("platform", "scaffold/grant-prod-alice-0a1b2c3d", ("", "", "access")),
        ("platform", "scaffold/grants-expired", ("", "", "access")),
        ("platform", "scaffold/small", ("", "", "other")),
    ],
)
def test_what_it_is_for(
    world: World, repo: str, branch: str, expected: tuple[str, str, str]
) -> None:
    """By its branch, which scaffold names; other branches are somebody's own."""
    propose(world, repo, branch, "One")

    (one,) = listed(world)["merge_requests"]
    assert expected == (one["service"], one["environment"], one["purpose"])


def test_the_document_has_each_whole(world: World) -> None:
    """Where it is, its text, and when it was opened."""
    number = propose(world, "shop-env", "scaffold/promote-prod", "One", hours=3)
    (request,) = world.forge.merge_requests("shop-env")
    assert request.opened is not None

    found = listed(world)

    (one,) = found["merge_requests"]
    assert (None, []) == (found["repo"], found["unread"])
    assert {
        "repo": "shop-env", "number": number, "service": "shop", "environment": "prod",
        "purpose": "move", "state": "open", "draft": False, "branch": "scaffold/promote-prod",
        "url": request.url, "title": "One", "body": "",
    } == {key: one[key] for key in one if key != "opened"}  # fmt: skip
    assert request.opened == datetime.fromisoformat(one["opened"])


def test_a_repo_that_is_gone_stops_no_other(world: World) -> None:
    """It is one line, and the exit status tells."""
    propose(world, "shop-env", "scaffold/promote-prod", "One", hours=3)
    shutil.rmtree(world.root / "forge/cart-env.git")

    lines = rows(world, status=1)
    found = listed(world, status=1)

    assert [
        "SERVICE  ENVIRONMENT  WHAT  AGE  MERGE REQUEST  TITLE",
        "shop     prod         move  3 h  shop-env 1     One",
        f"cart-env: {world.root}/forge: there is no repo `cart-env`",
        *FOOTER,
    ] == lines
    (unread,) = found["unread"]
    assert ("cart-env", "cart", "forge-failed") == (
        unread["repo"], unread["service"], unread["cause"]
    )  # fmt: skip


def test_an_entry_that_can_not_be_read_is_told(world: World) -> None:
    """Which repos it has is not known."""
    install(world, cart=INVALID["malformed"][0])
    propose(world, "shop-env", "scaffold/promote-prod", "One", hours=3)

    lines = rows(world, status=1)

    assert "shop     prod         move  3 h  shop-env 1     One" in lines
    assert [True] == [line.startswith("cart: services/cart.yml") for line in lines[2:-2]]


def test_what_is_retired_is_left_out(world: World) -> None:
    """Its repos are archived, so nothing of it can be merged."""
    propose(world, "cart-env", "scaffold/promote-prod", "One")
    entry = world.entry("cart").model_dump(mode="json") | {"state": "retired"}
    install(world, cart=json.dumps(entry).encode())

    assert ["No merge request is open."] == rows(world)


def test_several_repos_are_asked_at_a_time(world: World) -> None:
    """A server is waited for; one after the other that would take a fleet's minutes."""
    together = Barrier(3)  # nine repos in three threes

    class Slow(LocalFolderForge):
        def merge_requests(
            self, repo: str, branch: str = "", *, open_only: bool = False
        ) -> tuple[MergeRequest, ...]:
            together.wait(60)
            return super().merge_requests(repo, branch, open_only=open_only)

    propose(world, "shop-env", "scaffold/promote-prod", "One")
    opened = open_platform(world.root / "platform")

    found = open_requests(replace(opened, forge=Slow(str(world.root / "forge"))))

    assert ((), [RequestState.OPEN]) == (found.unread, [one.request.state for one in found.lines])


def test_quiet_tells_failures_alone(world: World) -> None:
    """As every command does."""
    fine = run(world, "merge-request", "list", "--quiet")
    shutil.rmtree(world.root / "forge/cart-env.git")
    failed = run(world, "merge-request", "list", "--quiet", status=1)

    assert ("", "") == (fine.stdout, fine.stderr)
    assert ("", True) == (failed.stdout, "there is no repo `cart-env`" in failed.stderr)


def test_one_repo_has_all_of_it(world: World) -> None:
    """Open or not, with the state of each."""
    world.forge.close_merge_request("shop-env", propose(world, "shop-env", "a", "One"))
    propose(world, "shop-env", "a", "Two", draft=True)

    assert [
        "NUMBER  STATE   BRANCH  TITLE",
        "1       closed  a       One",
        "2       draft   a       Two",
    ] == run(world, "merge-request", "list", "shop-env").stdout.splitlines()
    document = told(world, "merge-request", "list", "shop-env")
    assert ("shop-env", [("shop", "closed"), ("shop", "open")]) == (
        document["repo"],
        [(one["service"], one["state"]) for one in document["merge_requests"]],
    )


def test_of_one_that_is_merged_by_hand_nothing_is_open(world: World) -> None:
    """Its branch is in main, however it got there."""
    world.forge.open_merge_request("shop-env", "main", Proposal("One", ""))

    assert ["No merge request is open."] == rows(world)

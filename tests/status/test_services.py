"""What `scaffold status` shows of a fleet: each change is seen in its own cell alone."""

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pygit2
import pytest
import yaml

from scaffold.cli.main import main
from scaffold.config.service import Service
from scaffold.errors import WorkLostError
from scaffold.forge.api import Proposal, StatusState
from scaffold.git.tree import Entry, make_commit
from scaffold.render.answers_file import DEFAULT_NAME
from scaffold.status import services
from scaffold.status.look import Look
from tests.chain.world import DEV, PARTS
from tests.cli.fleet_of_two import Two, make_two

Cells = dict[str, Any]
DEPLOY = ("commit", "subject", "author", "when", "page", "state")


@pytest.fixture
def two(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Two:
    """The services `cart` and `shop`, of a blueprint each; both are a release behind."""
    for who in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{who}_NAME", "Dev")
        monkeypatch.setenv(f"GIT_{who}_EMAIL", "dev@example.com")
    monkeypatch.chdir(tmp_path)
    return make_two(tmp_path)


def run(capsys: pytest.CaptureFixture[str], *options: str, status: int = 0) -> str:
    """What `scaffold status` prints."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["scaffold", "status", *options])
        capsys.readouterr()
        ended = 0
        try:
            main()
        except SystemExit as done:
            ended = int(done.code or 0)
        said = capsys.readouterr()
    assert status == ended, said.err
    return said.err if status == 2 else said.out


def names(capsys: pytest.CaptureFixture[str], *options: str) -> list[str]:
    """The services that are shown."""
    document = json.loads(run(capsys, *options, "--output", "json"))
    return [one["service"] for one in document["services"]]


def cells(capsys: pytest.CaptureFixture[str], *options: str) -> dict[str, Cells]:
    """All that the document tells of each service, by its path in it."""
    document = json.loads(run(capsys, *options, "--output", "json"))
    return {one["service"]: dict(_flat(one, "")) for one in document["services"]}


def _flat(value: Any, path: str) -> list[tuple[str, Any]]:
    if isinstance(value, dict):
        return [pair for key, one in value.items() for pair in _flat(one, f"{path}.{key}")]
    if isinstance(value, list) and path != ".pins":
        return [(path, json.dumps(value))]
    if isinstance(value, list):
        return [pair for one in value for pair in _flat(one, f".pins.{one['place']}")]
    return [(path, value)]


def entry(two: Two, **more: Any) -> None:
    """Change the catalog's entry of cart."""
    two.put("platform", "services/cart.yml", yaml.safe_dump(two.entry() | more).encode())


def owner(two: Two) -> None:
    """Give cart to another team."""
    entry(two, owner="shops")


def paused(two: Two) -> None:
    """Pause it."""
    entry(two, paused=True)


def red(two: Two) -> None:
    """Let a deploy fail."""
    head = two.world.head("env", service="cart")
    two.world.forge.set_status("cart-env", head, "deploy/dev", StatusState.FAILURE)


def patched(two: Two) -> None:
    """Change what its owners keep beside the release of an environment."""
    two.put("cart-env", "environments/dev/patch.yaml", b"{}")


def upgraded(two: Two, part: str = "code") -> None:
    """Record the newer version in one repo."""
    item = two.bare(f"cart-{part}").references["refs/heads/main"].peel(pygit2.Tree)[DEFAULT_NAME]
    two.put(f"cart-{part}", DEFAULT_NAME, item.read_raw().replace(b"v1.0.0", b"v1.1.0"))


def proposed(two: Two) -> None:
    """Open the merge request of an upgrade."""
    store = two.bare("cart-code")
    head = str(store.references["refs/heads/main"].target)
    commit = make_commit(store, {"x": Entry.file(b"x")}, "Upgrade\n", DEV, [head])
    store.references.create("refs/heads/scaffold/other", commit)
    two.world.forge.open_merge_request("cart-code", "scaffold/other", Proposal("Upgrade", "x"))


# What a change is seen in; `.pins.*` stands for each pin's.
SEEN: dict[str, tuple[Callable[[Two], None], set[str]]] = {
    "another owner": (owner, {".owner"}),
    "a pause": (paused, {".state", ".standing", ".pins.*.why", ".pins.*.detail"}),
    "a red status": (red, {".red", ".standing", ".pins.*.deploy.state"}),
    "a patch of an environment": (patched, {f".pins.*.deploy.{one}" for one in DEPLOY}),
    "an upgrade": (upgraded, {".versions.code", ".pins.docker.next"}),
    "a merge request of an upgrade": (proposed, {".proposals"}),
}


@pytest.mark.parametrize("change", SEEN)
def test_each_change_is_seen_in_its_own_cell(
    two: Two, change: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of that service alone; what else is told stays as it is."""
    act, seen = SEEN[change]
    before = cells(capsys)

    act(two)

    after = cells(capsys)
    assert before["shop"] == after["shop"]
    keys = before["cart"].keys() | after["cart"].keys()
    changed = {key for key in keys if before["cart"].get(key) != after["cart"].get(key)}
    assert changed
    assert all(_fits(key, seen) for key in changed), changed


def _fits(key: str, seen: set[str]) -> bool:
    _, _, place = key.partition(".pins.")
    return key in seen or f".pins.*.{place.partition('.')[2]}" in seen


def test_versions(two: Two, capsys: pytest.CaptureFixture[str]) -> None:
    """A service has a version once all its repos have it; the table says how far behind it is."""
    upgraded(two)

    line = next(one for one in run(capsys).splitlines() if one.startswith("cart"))
    (found,) = (one for name, one in cells(capsys).items() if name == "cart")

    assert "  v1.0.0, 1 behind  " in line
    assert ("v1.1.0", "v1.0.0", "v1.1.0", 1) == (
        found[".versions.code"], found[".versions.env"], found[".newest_version"], found[".behind"]
    )  # fmt: skip


def test_a_merge_request_of_an_upgrade_is_told_with_its_command(
    two: Two, capsys: pytest.CaptureFixture[str]
) -> None:
    """The local forge has no page for it."""
    proposed(two)
    show, merge = (f"scaffold merge-request {verb} cart-code 1" for verb in ("show", "merge"))
    told = f"cart cart-code: an upgrade waits for {show}, then {merge}"
    assert told in run(capsys).splitlines()


@pytest.mark.parametrize(
    ("options", "shown"),
    [
        (("--owner", "platform"), ["cart", "shop"]),
        (("--owner", "shops"), ["cart"]),
        (("--blueprint", "small"), ["shop"]),
        (("--state", "paused"), ["cart"]),
        (("--state", "active"), ["shop"]),
        (("--behind",), ["cart", "shop"]),
        (("--behind", "--blueprint", "other"), ["cart"]),
    ],
    ids=" ".join,
)
def test_choices(
    two: Two, options: tuple[str, ...], shown: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """Those that fit all of them; cart is another team's, and paused."""
    entry(two, owner="shops" if "shops" in options else "platform", paused=True)
    assert shown == names(capsys, *options)


def test_who_has_the_newest_version_is_not_behind(
    two: Two, capsys: pytest.CaptureFixture[str]
) -> None:
    """In all repos."""
    for part in PARTS:
        upgraded(two, part)
    assert ["shop"] == names(capsys, "--behind")


def test_one_environment(two: Two, capsys: pytest.CaptureFixture[str]) -> None:
    """Its column and its pin alone."""
    red(two)
    text = run(capsys, "--environment", "prod")
    assert ["SERVICE", "OWNER", "BLUEPRINT", "VERSION", "STATE", "PROD"] == (
        text.splitlines()[0].split()
    )
    assert "dev" not in text
    assert "red" in run(capsys, "--environment", "dev")


@pytest.mark.parametrize(
    ("option", "said"),
    [
        ("--owner", "there is no team `x`\n  There are: platform."),
        ("--blueprint", "there is no blueprint `x`\n  There are: other, small."),
        ("--environment", "there is no environment `x`\n  There are: dev, prod."),
    ],
)
@pytest.mark.usefixtures("two")
def test_what_there_is_not(option: str, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Told with what there is."""
    assert said in run(capsys, option, "x", status=2)


@pytest.mark.parametrize(
    ("first", "order"),
    [("name", ["cart", "shop"]), ("owner", ["shop", "cart"]), ("version", ["shop", "cart"])],
)
def test_orders(two: Two, first: str, order: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Cart is of a team whose name comes later, and has a newer version in all repos."""
    entry(two, owner="shops")
    for part in PARTS:
        upgraded(two, part)
    lines = run(capsys, "--sort", first).splitlines()
    assert order == [line.split()[0] for line in lines[1:3]]


@pytest.mark.usefixtures("two")
def test_who_watches_needs_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    """Elsewhere it would fill a file for ever."""
    assert "--watch is for a person at a terminal" in run(capsys, "--watch", status=2)


def test_a_service_that_can_not_be_read_fits_every_choice(
    two: Two, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing is hidden by a fault."""
    two.put("platform", "services/cart.yml", b"name: [\n")
    assert "cart" in run(capsys, "--owner", "platform", "--behind", status=1)


@pytest.mark.usefixtures("two")
def test_a_service_that_is_named_has_its_story(capsys: pytest.CaptureFixture[str]) -> None:
    """Newest first, after what runs where."""
    lines = run(capsys, "cart").splitlines()
    (begin,) = (n for n, line in enumerate(lines) if line.startswith("AGE "))
    assert ["AGE", "WHO", "WHERE", "WHAT", "COMMIT", "SUBJECT"] == lines[begin].split()
    assert 4 == sum("  created  " in row for row in lines[begin:])
    assert [] == json.loads(run(capsys, "--output", "json"))["services"][0]["timeline"]


@pytest.mark.usefixtures("two")
def test_several_processes_find_what_one_finds(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a large fleet; stories and all."""
    expected = run(capsys, "cart", "shop", "--output", "json")
    monkeypatch.setattr(services, "_ALONE", 0)
    assert expected == run(capsys, "cart", "shop", "--output", "json")


@pytest.mark.usefixtures("two")
def test_a_service_whose_process_was_killed_hides_no_other(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its line has what the catalog knows, and says why that is all."""

    def in_pool(
        look: Look, chosen: Sequence[Service], _jobs: int, **_: object
    ) -> Iterator[tuple[Service, Any]]:
        cart, shop = chosen
        yield shop, look(shop)
        yield cart, WorkLostError("the process that worked on it was killed (SIGKILL)")

    expected = cells(capsys)
    monkeypatch.setattr(services, "_ALONE", 0)
    monkeypatch.setattr(services, "in_pool", in_pool)
    document = json.loads(run(capsys, "--output", "json", status=1))
    cart, shop = document["services"]
    assert expected["shop"] == dict(_flat(shop, ""))
    assert ("cart", "platform", "other") == (cart["service"], cart["owner"], cart["blueprint"])
    assert cart["error"].startswith("the process that worked on it was killed (SIGKILL)")

"""`scaffold bot run`, `pause` and `status`, run as a user runs them."""

import json
from pathlib import Path
from typing import Any

import pygit2
import pytest
import yaml

from scaffold.config.service import catalog_path
from scaffold.git.tree import make_commit, open_repo
from tests.builders import Files, commit_files, git
from tests.chain.world import AUTOMATIC, World, make_world
from tests.service.entries import INVALID
from tests.service.run import Done, scaffold


@pytest.fixture(autouse=True)
def _user(monkeypatch: pytest.MonkeyPatch) -> None:
    """Commits are made by somebody, whoever runs the tests."""
    for who in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{who}_NAME", "Dev")
        monkeypatch.setenv(f"GIT_{who}_EMAIL", "dev@example.com")


@pytest.fixture
def world(tmp_path: Path) -> World:
    """Two services, and the platform repo with a checkout."""
    return make_platform(tmp_path)


def make_platform(tmp_path: Path) -> World:
    """A world with the two services that has a platform repo."""
    world = make_world(tmp_path, "cart", "shop")
    world.forge.create("platform", description="")
    install(world)
    git("clone", "-q", world.forge.url("platform"), str(tmp_path / "platform"), cwd=tmp_path)
    return world


def make_platform_in_step(tmp_path: Path) -> World:
    """The same, in whose platform repo a pass finds nothing to do."""
    world = make_platform(tmp_path)
    run(world, "platform", "sync")
    return world


def install(world: World, **catalog: bytes) -> None:
    """Make the world's settings the platform repo's main, with other files of some services."""
    files: Files = {
        "platform.yml": text(world.platform),
        **{catalog_path(name): text(world.entry(name)) for name in world.services},
        **{catalog_path(name): data for name, data in catalog.items()},
    }
    folder = world.root / "writer"
    commit_files(folder, files)
    git("push", "-q", "-f", world.forge.url("platform"), "main", cwd=folder)


def text(model: Any) -> str:
    """A document as a person might write it."""
    return yaml.safe_dump(model.model_dump(mode="json", by_alias=True), sort_keys=False)


def run(world: World, *words: str, status: int = 0) -> Done:
    """Run the program beside the platform's checkout."""
    done = scaffold(*words, cwd=world.root)
    assert status == done.returncode, done.stdout + done.stderr
    return done


def told(world: World, *words: str, status: int = 0) -> dict[str, Any]:
    """What the program prints as JSON."""
    found: dict[str, Any] = json.loads(run(world, *words, "--output", "json", status=status).stdout)
    return found


def test_a_pass_and_a_quiet_one(world: World) -> None:
    """A line for what is generated and for each pin that moved; then nothing to move."""
    world.settings = {"environments": [AUTOMATIC[0]]}
    install(world)
    code = world.commit("code", {"app.py": "two\n"})

    first = run(world, "bot", "run", "--once").stdout.splitlines()
    second = run(world, "bot", "run", "--once").stdout.splitlines()

    assert "moved          platform  what is generated" == first[0]
    assert "  added    access/dev/cart/kustomization.yaml" in first[1]
    services = [line for line in first[1:] if not line.startswith("  ")]
    assert f"moved          shop docker  {code[:12]}" == services[0]
    assert ["shop docker", "shop manifest", "shop dev"] == [line[15:].rpartition("  ")[0]
                                                            for line in services]  # fmt: skip
    assert ["Nothing to move."] == second


def test_a_merge_request_that_is_withdrawn(world: World) -> None:
    """The line has the reason, and the command that shows it."""
    world.settings = {"environments": [AUTOMATIC[0], {"name": "prod", "after": "dev"}]}
    install(world)
    run(world, "bot", "run", "--once")
    world.commit("env", world.as_at("prod", "scaffold/promote-prod"))

    lines = run(world, "bot", "run", "--once").stdout.splitlines()

    desired = (world.pin("dev") or "")[:12]
    show = "scaffold merge-request show shop-env 1"
    assert f"withdrawn      shop prod  {desired}  prod has it already  {show}" in lines


def test_a_dry_run_tells_what_a_pass_would_do(world: World) -> None:
    """In the words that `status` has, and as a document; no ref moves."""
    world.settings = {"environments": [AUTOMATIC[0]]}
    install(world)
    code = world.commit("code", {"app.py": "two\n"})
    before = world.refs()

    lines = run(world, "bot", "run", "--dry-run").stdout.splitlines()
    document = told(world, "bot", "run", "--dry-run")

    assert "to move        platform  what is generated" == lines[0]
    assert f"to move        shop docker  {code[:12]}" in lines
    assert [("move", "", 8)] == [
        (one["why"], one["commit"], len(one["files"])) for one in document["platform"]
    ]
    assert "Nothing was changed: a dry run." == lines[-1]
    assert (True, ["docker", "manifest", "dev"], {""}) == (
        document["dry_run"],
        [one["place"] for one in document["events"]],
        {one["commit"] for one in document["events"]},
    )
    assert before == world.refs()


def test_a_service_that_fails_is_told_by_the_exit_status(world: World) -> None:
    """The other one goes on."""
    world.commit("docker", {"upstream.yml": "<<<<<<< mine\n"}, service="cart")
    code = world.commit("code", {"app.py": "two\n"})

    document = told(world, "bot", "run", "--once", status=1)

    assert not document["done"]
    said = (
        "cart-docker:upstream.yml: is not a mapping\n"
        "Revert the commit that changed the file; scaffold writes it."
    )
    assert [("cart", "config-invalid", said)] == [
        tuple(one.values()) for one in document["failures"]
    ]
    assert code == world.pin("docker")


@pytest.mark.parametrize(("data", "why"), INVALID.values(), ids=INVALID)
def test_a_catalog_file_that_is_not_valid_stops_no_other(
    world: World, data: bytes, why: str
) -> None:
    """The pass and the status go on, and tell of it by the exit status; asked for, it says why."""
    install(world, cart=data)
    code = world.commit("code", {"app.py": "two\n"})

    done = told(world, "bot", "run", "--once", status=1)
    seen = told(world, "status", status=1)
    asked = run(world, "pause", "cart", status=1)

    (failure,) = done["failures"]
    assert ("cart", "config-invalid") == (failure["service"], failure["cause"])
    assert "services/cart.yml" in failure["message"]
    assert code == world.pin("docker")
    cart, shop = seen["services"]
    assert ("cart", "invalid", failure["message"]) == (
        cart["service"],
        cart["state"],
        cart["error"],
    )
    assert ("active", 5, None) == (shop["state"], len(shop["pins"]), shop["error"])
    assert why in asked.stderr


def test_status_of_one_service_beside_an_invalid_one(world: World) -> None:
    """Who did not ask for the other is not told of it."""
    install(world, cart=b"")
    assert "shop" in run(world, "status", "shop").stdout
    assert "cart     -         -          -        invalid" in run(world, "status", status=1).stdout


def test_a_pause_and_its_end(world: World) -> None:
    """The bot leaves the one service alone, and says so."""
    before = world.pin("docker")
    code = world.commit("code", {"app.py": "two\n"})
    assert "shop is paused.\n" == run(world, "pause", "shop").stdout

    paused = run(world, "bot", "run", "--once").stdout
    assert f"paused         shop docker  {code[:12]}  the service is paused" in paused
    assert before == world.pin("docker")

    assert "shop goes on.\n" == run(world, "pause", "shop", "--undo").stdout
    run(world, "bot", "run", "--once")
    assert code == world.pin("docker")


def test_pausing_twice_is_fine(world: World) -> None:
    """It is paused, which is what was wanted; there is no second commit."""
    run(world, "pause", "shop")
    before = git("rev-parse", "main", cwd=world.root / "forge/platform.git")

    assert "shop is paused already.\n" == run(world, "pause", "shop").stdout
    assert "cart is not paused.\n" == run(world, "pause", "cart", "--undo").stdout
    assert before == git("rev-parse", "main", cwd=world.root / "forge/platform.git")


@pytest.mark.parametrize("words", [("pause", "shpo"), ("promote", "shpo", "--to", "dev")])
def test_a_service_that_is_not_there(world: World, words: tuple[str, ...]) -> None:
    """Wrong use, with the name that was meant."""
    said = run(world, *words, status=2).stderr

    assert "there is no service `shpo`\n  Did you mean `shop`?" in said


def test_a_platform_that_is_gone(world: World) -> None:
    """One error, of what and where."""
    store = open_repo(world.root / "forge/platform.git")
    store.references.delete("refs/heads/main")
    said = run(world, "bot", "run", "--once", status=1).stderr

    assert "the platform repo has no branch `main`" in said
    assert "Traceback" not in said


def test_a_race_for_the_platform_is_no_lost_commit(world: World) -> None:
    """A pause comes on top of what somebody else pushed to the platform meanwhile."""
    folder = world.root / "forge/platform.git"
    store = open_repo(folder)
    head = store.references["refs/heads/main"].peel(pygit2.Commit)
    from tests.chain.world import DEV

    made = make_commit(store, str(head.tree_id), "Mine\n", DEV, [str(head.id)])
    store.references.create("refs/heads/main", pygit2.Oid(hex=made), force=True)
    run(world, "pause", "shop")

    subjects = git("log", "--format=%s", "main", cwd=folder).splitlines()
    assert ["Pause shop", "Mine"] == subjects[:2]

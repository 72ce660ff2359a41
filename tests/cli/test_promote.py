"""`scaffold promote`, run as a user runs it, with the real kustomize."""

import re
import sys
from pathlib import Path
from typing import Any

import pexpect
import pytest

from scaffold.config.service import ServiceState
from scaffold.forge.api import RequestState
from tests.builders import need_programs
from tests.chain.world import AUTOMATIC, World
from tests.cli.test_chain import install, make_platform, run, text, told
from tests.service.run import hear_signals, scaffold

pytestmark = pytest.mark.filterwarnings("ignore:.*forkpty:DeprecationWarning")

CONFIG = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\ndata: {size: small}\n"


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    """Two services, and the platform repo with a checkout; dev of shop has a release to show."""
    need_programs(monkeypatch, "kustomize")
    for who in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{who}_NAME", "Dev")
        monkeypatch.setenv(f"GIT_{who}_EMAIL", "dev@example.com")
    world = make_platform(tmp_path)
    base = {"kustomization.yaml": "resources: [config.yaml]\n", "config.yaml": CONFIG}
    world.commit("manifest", {f"base/{name}": text for name, text in base.items()})
    world.settle()
    return world


def test_promote_shows_what_changes(world: World) -> None:
    """The manifests before and after, as a diff; then it does it."""
    trial = run(world, "promote", "shop", "--to", "staging", "--dry-run").stdout
    assert world.pin("staging") is None
    done = run(world, "promote", "shop", "--to", "staging", "--force").stdout

    assert "--- staging now\n+++ staging then\n" in trial
    assert "+  size: small\n" in trial
    assert "\nNothing was changed: a dry run.\n" in trial
    assert world.pin("dev") == world.pin("staging")
    assert f"\nstaging has {(world.pin('dev') or '')[:12]} now.\n" in done
    again = run(world, "promote", "shop", "--to", "staging").stdout
    assert "staging has it already.\n" == again


def test_a_long_difference_is_cut_where_a_person_decides(world: World) -> None:
    """The dry run shows all of it."""
    settings = "".join(f"  SETTING_{number}: '{number}'\n" for number in range(90))
    head = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\ndata:\n"
    world.commit("manifest", {"base/config.yaml": head + settings})
    world.settle()
    trial = run(world, "promote", "shop", "--to", "staging", "--dry-run").stdout
    done = run(world, "promote", "shop", "--to", "staging", "--force").stdout

    assert "SETTING_89" in trial
    assert "SETTING_89" not in done
    assert re.search(r"^\.\.\. \d+ more lines: --dry-run shows all$", done, re.MULTILINE)


def test_promote_refuses_an_unknown_environment(world: World) -> None:
    """It names those that there are."""
    said = run(world, "promote", "shop", "--to", "moon", status=2).stderr

    assert "there is no environment `moon`\n  There are: dev, staging, prod." in said


def test_promote_on_a_main_that_takes_no_push(world: World) -> None:
    """A merge request, whose address is told."""
    world.refuse_pushes("env")
    document = told(world, "promote", "shop", "--to", "staging", "--force")

    assert document["merge_request"].endswith("shop-env.git refs/scaffold/mr/1")
    assert (None, world.pin("dev")) == (document["old"], document["new"])


def test_promote_refuses_what_can_not_be_built(world: World) -> None:
    """Whatever else is asked for: exit status 1, why, and main is left as it is."""
    overlay = "environments/staging/kustomization.yaml"
    world.commit("env", {overlay: "resources: [release, nowhere.yaml]\n"})
    before = world.head("env")

    for options in ([], ["--dry-run"], ["--quiet"], ["--output", "json"]):
        done = scaffold("promote", "shop", "--to", "staging", *options, cwd=world.root)
        assert (1, "") == (done.returncode, done.stdout)
        assert "[check-failed]: shop-env: kustomize can't build what staging" in done.stderr
        assert "nowhere.yaml" in done.stderr
    assert before == world.head("env")


def test_what_policy_it_went_past_is_told(world: World) -> None:
    """A person may; whoever reads the output knows what nobody waited for."""
    trial = run(world, "promote", "shop", "--to", "staging", "--dry-run").stdout
    run(world, "promote", "shop", "--to", "staging", "--force")
    prod = run(world, "promote", "shop", "--to", "prod", "--force").stdout

    assert "a dry run.\nIt would go past policy: soaking, until " in trial
    assert prod.endswith(
        f"prod has {(world.pin('prod') or '')[:12]} now.\n"
        "It went past policy: prod takes a release by a merge request.\n"
    )
    assert world.pin("dev") == world.pin("prod")
    assert () == world.forge.merge_requests("shop-env")


@pytest.mark.parametrize(
    ("settings", "past"),
    [
        ({}, ()),
        ({"require": "status"}, ("waiting, the status `validate` of shop-manifest ",)),
        ({"push": "merge-request"}, ("dev takes a release by a merge request",)),
        (
            {"push": "merge-request", "require": "status"},
            ("dev takes a release by a merge request", "waiting, the status `validate` of "),
        ),
        (
            {"freeze": [{"from": "2000-01-01T00:00:00Z", "until": "2100-01-01T00:00:00Z"}]},
            ("frozen, until 2100-01-01",),
        ),
    ],
)
def test_every_policy_that_it_goes_past(
    world: World, settings: dict[str, Any], past: tuple[str, ...]
) -> None:
    """In the document, too; nothing is told where the bot would have done the same."""
    world.commit("manifest", {"base/config.yaml": CONFIG.replace("small", "large")})
    world.settings = {"propagation": {"require": "none", **settings}}
    install(world)

    found = told(world, "promote", "shop", "--to", "dev", "--force")["past_policy"]

    assert len(past) == len(found)
    assert all(one.startswith(start) for one, start in zip(found, past, strict=True)), found


def test_a_hold_is_told_as_what_it_ends(world: World) -> None:
    """Not with how to lift it, which this is."""
    world.commit("manifest", {"base/config.yaml": CONFIG.replace("small", "large")})
    world.settle()
    world.revert("dev")

    trial = told(world, "promote", "shop", "--to", "dev", "--dry-run")
    done = run(world, "promote", "shop", "--to", "dev", "--force").stdout

    assert ["a hold, which ends with it"] == trial["past_policy"]
    assert done.endswith("It went past policy: a hold, which ends with it.\n")


def test_a_merge_request_goes_past_nothing(world: World) -> None:
    """Whoever merges it decides."""
    world.refuse_pushes("env")

    assert [] == told(world, "promote", "shop", "--to", "staging", "--force")["past_policy"]


def test_quiet_prints_and_asks_nothing(world: World) -> None:
    """With --force there is nothing to confirm."""
    done = run(world, "promote", "shop", "--to", "staging", "--quiet", "--force")

    assert ("", "", world.pin("dev")) == (done.stdout, done.stderr, world.pin("staging"))


@pytest.mark.parametrize("options", [[], ["--quiet"], ["--output", "json"]])
def test_past_policy_is_a_decision(world: World, options: list[str]) -> None:
    """Without a terminal and without --force nothing is done, and it says what it would pass."""
    before = world.head("env")

    done = run(world, "promote", "shop", "--to", "staging", *options, status=2)

    assert "that would go past policy, and nobody can be asked" in done.stderr
    assert "It would go past policy: soaking, until " in done.stderr
    assert "--force" in done.stderr
    assert "--request" in done.stderr
    assert before == world.head("env")


@pytest.mark.parametrize(("keys", "promoted"), [("y", True), ("n", False), ("\r", False)])
def test_a_terminal_is_asked(world: World, keys: str, promoted: bool) -> None:
    """Only who says yes has decided."""
    terminal: pexpect.spawn[str] = pexpect.spawn(
        sys.executable, ["-m", "scaffold", "promote", "shop", "--to", "staging"],
        cwd=str(world.root), timeout=180, encoding="utf-8", dimensions=(50, 80),
        preexec_fn=hear_signals,
    )  # fmt: skip
    terminal.expect_exact("It would go past policy: soaking, until ")
    terminal.expect_exact("Promote to staging all the same?")
    terminal.send(keys)
    terminal.expect(pexpect.EOF)
    terminal.close()

    assert 0 == terminal.exitstatus
    assert promoted == (world.pin("dev") == world.pin("staging"))


def test_a_request_is_made_in_place_of_a_push(world: World) -> None:
    """It goes past nothing, and the bot leaves it open while its policy waits."""
    before = world.head("env")

    document = told(world, "promote", "shop", "--to", "staging", "--request")
    world.run()

    assert before == world.head("env")
    (one,) = world.forge.merge_requests("shop-env")
    assert ([], one.url) == (document["past_policy"], document["merge_request"])
    assert (RequestState.OPEN, "scaffold/promote-staging") == (one.state, one.branch)


def test_a_request_ends_no_hold(world: World) -> None:
    """The bot would close it at once."""
    world.commit("manifest", {"base/config.yaml": CONFIG.replace("small", "large")})
    world.settle()
    world.revert("dev")

    said = run(world, "promote", "shop", "--to", "dev", "--request", status=2).stderr

    assert "a merge request ends no hold: the bot would close it\n  Give --force" in said


def test_what_policy_allows_is_not_asked(world: World) -> None:
    """The bot would do the same."""
    world.settings = {"environments": list(AUTOMATIC)}
    install(world)

    run(world, "promote", "shop", "--to", "staging")

    assert world.pin("dev") == world.pin("staging")


def test_a_retired_service_is_not_promoted(world: World) -> None:
    """It says that it is retired, and how that ends."""
    entry = world.entry("shop").model_copy(update={"state": ServiceState.RETIRED})
    install(world, shop=text(entry).encode())

    said = run(world, "promote", "shop", "--to", "staging", status=2).stderr

    assert "shop is retired, so nothing is promoted\n" in said
    assert "scaffold retire shop --undo" in said

"""What others pushed does no harm to an upgrade, and stops nobody else's."""

import json
from pathlib import Path
from typing import Any

import pytest

from scaffold.errors import UnsafeTreeError
from scaffold.upgrade.plan import Want
from scaffold.upgrade.resolve import open_conflicts
from tests.builders import git
from tests.git.raw_trees import Raw, file, folder, push
from tests.upgrade.case import Case, conflicts, decided, result
from tests.upgrade.fleet import FIRST, SECOND, Fleet, FleetOf

TRUSTED = Want(trusted=lambda _: True)
PARENT = folder("..", folder("..", folder("..", file("pwned"))))


@pytest.fixture
def fleet(fleet_of: FleetOf) -> Fleet:
    """Two services at v1.0.0, and a newer version."""
    fleet = fleet_of("orders", "payments")
    fleet.release("v1.1.0", SECOND)
    return fleet


def reports(fleet: Fleet, *arguments: str) -> dict[str, dict[str, Any]]:
    """What an upgrade says about each repo."""
    done = fleet.run(*arguments, "--output", "json")
    assert done.stdout, done.stderr
    return {one["repo"]: one for one in json.loads(done.stdout)["repos"]}


def files_of(root: Path) -> set[Path]:
    """All files below a folder that are no objects of git's."""
    return {path for path in root.rglob("*") if path.is_file() and "objects" not in path.parts}


@pytest.mark.parametrize("entry", [PARENT, file("/dev/null/pwned")], ids=["parent", "absolute"])
def test_a_hostile_repo_is_refused_and_the_fleet_goes_on(fleet: Fleet, entry: Raw) -> None:
    """Nothing of it is written, be it a dry run or not."""
    push(fleet.bare("orders-code"), entry)
    before = files_of(fleet.root.parent)

    dry = reports(fleet, "--all", "--dry-run")

    assert ("failed", "unsafe-tree") == (dry["orders-code"]["result"], dry["orders-code"]["cause"])
    assert "has the path " in dry["orders-code"]["message"]
    others = {"orders-docker", "payments-code", "payments-docker"}
    assert {"would-change"} == {dry[repo]["result"] for repo in others}
    assert before == files_of(fleet.root.parent)

    wet = reports(fleet, "--all")

    assert {"failed": {"orders-code"}, "opened": others} == {
        result: {repo for repo, one in wet.items() if one["result"] == result}
        for result in {one["result"] for one in wet.values()}
    }
    assert [] == list(fleet.root.parent.rglob("pwned*"))


def test_a_hostile_version_of_a_template_is_refused(fleet: Fleet) -> None:
    """It is named with its version, and nothing of it is written."""
    bare = fleet.root / "small.git"
    commit = push(bare / ".git", PARENT)
    git("tag", "v1.2.0", commit, cwd=bare)
    before = files_of(fleet.root.parent)

    told = reports(fleet, "--all", "--dry-run")

    assert {"unsafe-tree"} == {one["cause"] for one in told.values()}
    assert f"{bare}@v1.2.0: has the path " in told["orders-code"]["message"]
    assert before == files_of(fleet.root.parent)


def test_a_branch_of_a_hostile_tree_is_not_read(fleet: Fleet) -> None:
    """Somebody pushed it to the upgrade's own branch."""
    fleet.run("orders")
    push(fleet.bare("orders-code"), PARENT, ref="refs/heads/scaffold/small")

    told = reports(fleet, "orders")

    assert {"orders-code": "unsafe-tree", "orders-docker": ""} == {
        repo: one["cause"] for repo, one in told.items()
    }


# --- Links that lead out ---------------------------------------------------------


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    """A file of the machine that a link leads to."""
    file = tmp_path / "secret"
    file.write_text("a secret\n")
    return file


def test_the_owners_link_out_stays(case: Case, secret: Path) -> None:
    """The blueprint's change of that file is a conflict, and goes nowhere else."""
    case.release("v1.0.0", {"settings": "one\n", "other": "one\n"})
    case.generate("v1.0.0")
    case.edit({"settings": secret})
    case.release("v2.0.0", {"settings": "two\n", "other": "two\n"})

    plan = case.plan()

    assert [("settings", "type")] == conflicts(plan)
    assert str(secret).encode() == result(plan)["settings"].data
    assert "a secret\n" == secret.read_text()


TASKS = "_tasks: ['{}']\n"
MIGRATIONS = "_migrations: [{{version: v2.0.0, command: '{}'}}]\n"
COMMANDS = ["echo more >> settings", "rm -f settings; mkdir settings; > settings/x"]


@pytest.mark.parametrize("command", COMMANDS)
def test_a_migration_does_not_write_through_the_owners_link(
    case: Case, secret: Path, command: str
) -> None:
    """It finds nothing there; what it makes in that place is a conflict, and the link stays."""
    case.release("v1.0.0", {"settings": "one\n"})
    case.generate("v1.0.0")
    case.edit({"settings": secret})
    case.release("v2.0.0", {"settings": "one\n"}, MIGRATIONS.format(command))

    plan = case.plan(TRUSTED)

    assert "a secret\n" == secret.read_text()
    assert [("settings", "type")] == conflicts(plan)
    assert str(secret).encode() == result(plan)["settings"].data
    assert not [path for path in result(plan) if path.startswith("settings/")]


@pytest.mark.parametrize(
    ("command", "kinds"),
    [
        (COMMANDS[0], [("settings", "type")]),
        (COMMANDS[1], [("settings", "removed-by-blueprint"), ("settings/x", "path-taken")]),
    ],
)
def test_a_task_does_not_write_through_the_owners_link(
    case: Case, secret: Path, command: str, kinds: list[tuple[str, str]]
) -> None:
    """It runs on what the version renders to: the link stays, and what it made is a conflict."""
    case.release("v1.0.0", {"settings": "one\n"})
    case.generate("v1.0.0")
    case.edit({"settings": secret})
    case.release("v2.0.0", {"settings": "one\n"}, TASKS.format(command))

    plan = case.plan(TRUSTED)

    assert "a secret\n" == secret.read_text()
    assert kinds == conflicts(plan)
    assert str(secret).encode() == result(plan)["settings"].data
    assert not [path for path in result(plan) if path.startswith("settings/")]


@pytest.mark.parametrize(("form", "kind"), [(TASKS, "added"), (MIGRATIONS, "task")])
def test_what_does_not_touch_the_owners_link(
    case: Case, secret: Path, form: str, kind: str
) -> None:
    """The link is there afterwards, without a word."""
    case.release("v1.0.0", {"a": "one\n"})
    case.generate("v1.0.0")
    case.edit({"link": secret})
    case.release("v2.0.0", {"a": "one\n"}, form.format("echo two > b"))

    plan = case.plan(TRUSTED)

    assert ([], [("b", kind)]) == (conflicts(plan), decided(plan)[-1:])
    assert str(secret).encode() == result(plan)["link"].data


def test_a_template_with_a_link_out_is_refused(fleet: Fleet, secret: Path) -> None:
    """Rendered, it would put what is behind it into a repo."""
    fleet.release("v1.2.0", {**FIRST, "code/settings": secret})

    told = reports(fleet, "orders", "--dry-run")["orders-code"]

    assert ("failed", "unsafe-tree") == (told["result"], told["cause"])
    assert "has the link 'code/settings', which leads out of it" in told["message"]


def test_a_draft_whose_conflicts_are_made_up(case: Case) -> None:
    """Whoever pushes a commit writes its message: the paths in it are no less hostile."""
    case.release("v1.0.0", {"a": "one\n"})
    case.generate("v1.0.0")
    head = git("rev-parse", "HEAD", cwd=case.repo)
    tree = git("rev-parse", "HEAD^{tree}", cwd=case.repo)
    theirs = git("commit-tree", tree, "-p", head, "-m", "Blueprint", cwd=case.repo)
    path = "a\\n100644 " + "1" * 40 + " 0\\t.git/config"
    message = f'Upgrade\n\nScaffold-Conflict: ["{path}", "a", "a"]\n'
    draft = git("commit-tree", tree, "-p", head, "-p", theirs, "-m", message, cwd=case.repo)
    git("reset", "-q", "--hard", draft, cwd=case.repo)

    with pytest.raises(UnsafeTreeError, match="has a control character in it"):
        open_conflicts(case.repo)

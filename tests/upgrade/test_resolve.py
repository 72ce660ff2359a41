"""`scaffold upgrade --resolve`: a draft's conflicts, open for `git mergetool`."""

from pathlib import Path

import pytest

from tests.builders import git
from tests.service.run import scaffold
from tests.upgrade.fleet import SECOND, Fleet, FleetOf

MINE = "# payments\n\nmine\ntwo\nthree\nfour\nfive\n"


@pytest.fixture
def checkout(fleet_of: FleetOf) -> Path:
    """A checkout of a draft with one conflict."""
    fleet = fleet_of("payments")
    fleet.edit("payments-code", {"README.md": MINE})
    fleet.release("v1.1.0", SECOND)
    fleet.run("payments")
    return clone(fleet)


def clone(fleet: Fleet) -> Path:
    """A fresh clone at the upgrade's branch."""
    folder = fleet.root / "draft"
    url = f"file://{fleet.bare('payments-code')}"
    git("clone", "-q", "-b", "scaffold/small", url, str(folder), cwd=fleet.root)
    return folder


def test_the_index_has_all_three_sides(checkout: Path) -> None:
    """Stage 1 is the base, 2 the owner's, 3 the blueprint's (copier-org/copier#1833)."""
    done = scaffold("upgrade", "--resolve", cwd=checkout)

    assert 0 == done.returncode, done.stderr
    sides = [git("show", f":{stage}:README.md", cwd=checkout) for stage in (1, 2, 3)]
    first = [side.splitlines()[2] for side in sides]
    assert (["one", "mine", "ONE"], "UU README.md") == (
        first,
        git("status", "--porcelain", cwd=checkout),
    )


def test_a_merge_tool_sees_them(checkout: Path) -> None:
    """A tool that takes one side settles the conflict."""
    scaffold("upgrade", "--resolve", cwd=checkout)
    tool = 'cp "$REMOTE" "$MERGED"'

    git("-c", f"mergetool.mine.cmd={tool}", "-c", "mergetool.mine.trustExitCode=true",
        "mergetool", "--no-prompt", "--tool=mine", cwd=checkout)  # fmt: skip

    assert "ONE" == (checkout / "README.md").read_text().splitlines()[2]
    git("commit", "-q", "-m", "Settle", cwd=checkout)
    assert "?? README.md.orig" == git("status", "--porcelain", cwd=checkout)


def test_a_second_time_it_tells_what_is_left(checkout: Path) -> None:
    """Nothing that was settled is opened again."""
    scaffold("upgrade", "--resolve", cwd=checkout)

    again = scaffold("upgrade", "--resolve", cwd=checkout)

    assert (0, "conflict  README.md", "Next: git mergetool, then git commit and git push.") == (
        again.returncode, again.stdout.splitlines()[0], again.stdout.splitlines()[-1],
    )  # fmt: skip
    (checkout / "README.md").write_text(MINE)
    git("add", "README.md", cwd=checkout)
    settled = scaffold("upgrade", "--resolve", cwd=checkout)
    assert (0, "No conflict is left.\nNext: git commit and git push.\n") == (
        settled.returncode, settled.stdout,
    )  # fmt: skip


def test_what_was_settled_by_hand_before_stays(fleet_of: FleetOf) -> None:
    """A file that was added to the index is settled; the other one is opened."""
    fleet = fleet_of("payments")
    fleet.edit("payments-code", {"README.md": MINE, "docs/use.md": "mine\n"})
    fleet.release("v1.1.0", {**SECOND, "code/docs/use.md.jinja": "theirs\n"})
    fleet.run("payments")
    checkout = clone(fleet)
    (checkout / "README.md").write_text(MINE)
    git("add", "README.md", cwd=checkout)

    done = scaffold("upgrade", "--resolve", cwd=checkout)

    assert (0, "conflict  docs/use.md") == (done.returncode, done.stdout.splitlines()[0])
    status = git("status", "--porcelain", cwd=checkout).splitlines()
    assert ["M  README.md", "AA docs/use.md"] == sorted(status, key=lambda line: line[3:])


def test_a_branch_of_no_remote_is_not_pushed(tmp_path: Path, fleet_of: FleetOf) -> None:
    """The branch was made in the very repo that was given."""
    fleet = fleet_of("payments")
    fleet.edit("payments-code", {"README.md": MINE})
    fleet.release("v1.1.0", SECOND)
    folder = tmp_path / "own"
    git("clone", "-q", f"file://{fleet.bare('payments-code')}", str(folder), cwd=tmp_path)
    scaffold("upgrade", "--repo", str(folder), cwd=tmp_path)
    git("switch", "-q", "--no-track", "scaffold/small", cwd=folder)

    done = scaffold("upgrade", "--resolve", cwd=folder)

    assert "Next: git mergetool, then git commit." == done.stdout.splitlines()[-1]


def test_a_file_that_the_blueprint_moved_has_all_sides(fleet_of: FleetOf) -> None:
    """The owner's side is at its old place, and all three are shown at the new one."""
    fleet = fleet_of("payments")
    fleet.edit("payments-code", {"README.md": MINE})
    moved = {name: text for name, text in SECOND.items() if name != "code/README.md.jinja"}
    fleet.release("v1.1.0", {**moved, "code/docs/READ.md.jinja": SECOND["code/README.md.jinja"]})
    fleet.run("payments")
    checkout = clone(fleet)

    done = scaffold("upgrade", "--resolve", cwd=checkout)

    assert 0 == done.returncode, done.stderr
    sides = [git("show", f":{stage}:docs/READ.md", cwd=checkout) for stage in (1, 2, 3)]
    assert ["one", "mine", "ONE"] == [side.splitlines()[2] for side in sides]


def test_a_file_that_the_blueprint_removed_has_two_sides(fleet_of: FleetOf) -> None:
    """As git shows a file that was deleted by them."""
    fleet = fleet_of("payments")
    fleet.edit("payments-code", {"README.md": MINE})
    rest = {name: text for name, text in SECOND.items() if name != "code/README.md.jinja"}
    fleet.release("v1.1.0", rest)
    fleet.run("payments")
    checkout = clone(fleet)

    scaffold("upgrade", "--resolve", cwd=checkout)

    assert "UD README.md" == git("status", "--porcelain", cwd=checkout)


def test_it_works_from_a_folder_below(checkout: Path) -> None:
    """As git itself does."""
    below = checkout / "below"
    below.mkdir()

    assert 0 == scaffold("upgrade", "--resolve", cwd=below).returncode


def test_changes_in_the_way_are_refused(checkout: Path) -> None:
    """They would be lost."""
    (checkout / "README.md").write_text("changed\n")

    done = scaffold("upgrade", "--resolve", cwd=checkout)

    assert (2, True) == (done.returncode, "has changes that are not in the index" in done.stderr)


def test_another_branch_is_refused(checkout: Path) -> None:
    """It says what to check out."""
    git("switch", "-q", "--detach", "origin/main", cwd=checkout)

    done = scaffold("upgrade", "--resolve", cwd=checkout)

    assert (2, True) == (done.returncode, "is no checkout of an upgrade's draft" in done.stderr)


def test_outside_of_a_repo_it_is_refused(tmp_path: Path) -> None:
    """Wrong use."""
    assert 2 == scaffold("upgrade", "--resolve", cwd=tmp_path).returncode


@pytest.mark.parametrize(
    "message",
    ['Scaffold-Conflict: ["README.md", "README.md", "README.md"]', "Scaffold-Conflict: [",
     "Scaffold-Conflict: 1", f"Scaffold-Conflict: {'[' * 5000}"],
)  # fmt: skip
def test_a_commit_that_somebody_else_wrote(checkout: Path, message: str) -> None:
    """It has no sides to open, whatever its message says."""
    (checkout / "x").write_text("x\n")
    git("add", "x", cwd=checkout)
    git("commit", "-q", "-m", f"Mine\n\n{message}", cwd=checkout)

    done = scaffold("upgrade", "--resolve", cwd=checkout)

    assert (2, True) == (done.returncode, "is no checkout of an upgrade's draft" in done.stderr)

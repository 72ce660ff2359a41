"""`scaffold drift` over a fleet: what it shows, and the merge requests that bring files back."""

import json
import shutil
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from scaffold.documents.schemas import published_schemas
from scaffold.fleet.platform import open_platform
from tests.builders import git
from tests.service.run import Done, scaffold
from tests.upgrade.case import Case
from tests.upgrade.fleet import SECOND, Fleet, make_fleet

BRANCH = "scaffold/heal-small"
OLD = "# payments\n\none\ntwo\nthree\nfour\nfive\n"
NEW = OLD.replace("one", "ONE")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Fleet:
    """Two services; payments-code was merged wrongly, so its README.md is stale."""
    with pytest.MonkeyPatch.context() as patch:
        for who in ("AUTHOR", "COMMITTER"):
            patch.setenv(f"GIT_{who}_NAME", "Dev")
            patch.setenv(f"GIT_{who}_EMAIL", "dev@example.com")
        fleet = make_fleet(tmp_path_factory.mktemp("fleet") / "acme", "orders", "payments")
        fleet.release("v1.1.0", SECOND)
        fleet.run("payments")
        fleet.edit("payments-code", {"README.md": OLD}, branch="scaffold/small")
        scaffold("merge-request", "merge", "payments-code", "1", cwd=fleet.root)
    shutil.copytree(fleet.root, fleet.root.with_name("as it was"), symlinks=True)
    return fleet


@pytest.fixture
def fleet(made: Fleet) -> Fleet:
    """The same as it was at first: its repos know each other by their place."""
    shutil.rmtree(made.root)
    shutil.copytree(made.root.with_name("as it was"), made.root, symlinks=True)
    return made


def drift(fleet: Fleet, *arguments: str) -> Done:
    """The command, run in the workspace."""
    return scaffold("drift", *arguments, cwd=fleet.root)


def test_the_site_can_have_it(fleet: Fleet) -> None:
    """`status --html --drift` writes a page of it, and tells each service's on its own.

    With `--upgrades` it tells what an upgrade would do of those that are behind.
    """
    done = scaffold("status", "--html", "site", "--drift", "--upgrades", cwd=fleet.root)

    assert (0, "") == (done.returncode, done.stderr)
    page = (fleet.root / "site/drift.html").read_text()
    assert ("README.md" in page, "services/payments.html" in page) == (True, True)
    orders = (fleet.root / "site/services/orders.html").read_text()
    assert ("None: its repos" in orders, "would get a merge request" in orders) == (True, True)
    assert "1 repo: would get a merge" in (fleet.root / "site/blueprints/small.html").read_text()


def told(fleet: Fleet, *arguments: str) -> Any:
    """Its document, which is as its schema says."""
    document = json.loads(drift(fleet, *arguments, "--output", "json").stdout)
    jsonschema.validate(document, published_schemas()["output-drift"])
    return document


def healed(fleet: Fleet, *arguments: str) -> str:
    """What becomes of the stale file."""
    (one,) = [
        one["healed"]
        for one in told(fleet, "payments", "--heal", "stale", *arguments)["repos"]
        if one["repo"] == "payments-code"
    ]
    return str(one)


def test_the_fleet_shows_what_somebody_has_to_look_at(fleet: Fleet) -> None:
    """What owners did on purpose is counted; a service that is named shows it, too."""
    fleet.edit("orders-code", {"README.md": "mine\n"})

    everything, orders = drift(fleet, "--all").stdout, drift(fleet, "orders").stdout

    assert ["payments-code  v1.1.0   stale  README.md  as v1.0.0 rendered it"] == [
        line.partition(";")[0] for line in everything.splitlines() if "README.md" in line
    ]
    assert "    1 edited: by the owner" in everything
    assert "scaffold drift payments --heal stale" in everything
    (line,) = [line for line in orders.splitlines() if "README.md" in line]
    assert line.startswith("orders-code  v1.0.0   edited  README.md  Test, ")
    assert line.endswith(" ago: Edit")


def test_check_fails_for_what_is_not_on_purpose(fleet: Fleet) -> None:
    """Without it the command only shows."""
    fleet.edit("orders-code", {"README.md": "mine\n"})

    assert (0, 1, 0) == (
        drift(fleet, "--all").returncode,
        drift(fleet, "--all", "--check").returncode,
        drift(fleet, "orders", "--check").returncode,
    )


def test_a_diff_goes_from_what_is_rendered_to_what_is_there(fleet: Fleet) -> None:
    """So a plus is the owner's."""
    done = drift(fleet, "payments", "--diff")

    assert {"-ONE", "+one"} <= set(done.stdout.splitlines())


def test_stale_files_are_brought_back_by_a_merge_request(fleet: Fleet) -> None:
    """Just those; a second run leaves it, and after the merge nothing is left to do."""
    fleet.edit("payments-code", {"mine.txt": "mine\n", ".scaffold.yml": "owned: []\n"})

    assert ["opened", "unchanged"] == [healed(fleet), healed(fleet)]

    assert NEW == fleet.file("payments-code", "README.md", BRANCH)
    assert "owned: []\n" == fleet.file("payments-code", ".scaffold.yml", BRANCH)
    (*_, (number, state, _, title)) = fleet.requests("payments-code")
    assert ("open", "Bring back what small v1.1.0 renders") == (state, title)
    scaffold("merge-request", "merge", "payments-code", str(number), cwd=fleet.root)
    again = drift(fleet, "payments", "--heal", "stale")
    assert (0, True) == (again.returncode, "Nothing to bring back: stale" in again.stdout)


def test_a_named_file_of_the_owners_is_brought_back(fleet: Fleet) -> None:
    """Only what is named is touched, a stale file beside it neither."""
    fleet.edit("payments-docker", {"image.txt": "mine\n"})

    document = told(fleet, "payments", "--heal", "./image.txt")

    assert [("payments-docker", ["image.txt"])] == [
        (one["repo"], one["healing"]) for one in document["repos"] if one["healing"]
    ]


def test_a_dry_run_changes_nothing(fleet: Fleet) -> None:
    """It says what would be done."""
    before = fleet.state("payments-code")

    done = drift(fleet, "payments", "--heal", "stale", "--dry-run")

    assert "payments-code: would be opened" in done.stdout
    assert before == fleet.state("payments-code")


def test_a_closed_merge_request_is_not_opened_again(fleet: Fleet) -> None:
    """Somebody wants it as it is; what else becomes stale later is proposed."""
    healed(fleet)
    open_platform(fleet.platform).forge.close_merge_request("payments-code", 2)

    assert "muted" == healed(fleet)


def test_a_branch_that_somebody_pushed_to_is_left_alone(fleet: Fleet) -> None:
    """As that of an upgrade."""
    healed(fleet)
    fleet.edit("payments-code", {"README.md": "both\n"}, branch=BRANCH)

    assert ("held", "both\n") == (healed(fleet), fleet.file("payments-code", "README.md", BRANCH))


def test_an_answer_that_is_not_the_platforms_any_more(fleet: Fleet) -> None:
    """An upgrade brings it, and it is told."""
    fleet.change_platform(registry="elsewhere.example.com/acme")

    kinds = {
        (one["repo"], path["kind"])
        for one in told(fleet, "orders")["repos"]
        for path in one["files"]
    }

    assert {("orders-code", "answer"), ("orders-docker", "answer")} == kinds


def test_a_repo_that_can_not_be_read_does_not_stop_the_others(fleet: Fleet) -> None:
    """It is one line, and the exit status is 1."""
    shutil.rmtree(fleet.bare("orders-code"))

    done = drift(fleet, "--all")

    assert 1 == done.returncode
    assert "orders-code: [forge-failed] there is no repo here" in done.stdout.replace(
        f"file://{fleet.bare('orders-code')}: ", ""
    )
    assert "stale  README.md" in done.stdout
    assert "orders-code: in the catalog, and the forge has no such repo" in done.stdout


def test_a_repo_that_nobody_has_is_told(fleet: Fleet) -> None:
    """As are the blueprints that platform.yml names no more; others may share the forge."""
    open_platform(fleet.platform).forge.create("left-over", description="")

    document = told(fleet, "--all")

    dropped = [f"blueprints/{name}" for name in ("go-service", "python-service", "worker")]
    assert ([*dropped, "left-over"], []) == (document["unknown"], document["gone"])


def test_a_repo_without_a_platform(tmp_path: Path) -> None:
    """Any that copier made, with SHA-256 ids, too: its branch is pushed."""
    case = Case(tmp_path)
    case.release("v1.0.0", {"a.txt": "one\n"})
    case.generate("v1.0.0")
    shutil.rmtree(case.repo / ".git")
    git("init", "-q", "-b", "main", "--object-format=sha256", cwd=case.repo)
    case.commit()
    case.edit({"a.txt": "mine\n"})

    done = scaffold("drift", "--repo", str(case.repo), "--heal", "a.txt", cwd=tmp_path)

    assert "repo: opened  scaffold/heal-template" in done.stdout
    assert "one" == git("show", "scaffold/heal-template:a.txt", cwd=case.repo)


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (("--all", "--dry-run"), "--dry-run is of --heal"),
        (("payments", "--heal", "../x"), "--heal ../x is no path inside a repo"),
        (("payments", "--heal", "/x"), "--heal /x is no path inside a repo"),
        ((), "nothing says which services or repos"),
    ],
)
def test_wrong_use(fleet: Fleet, arguments: tuple[str, ...], error: str) -> None:
    """It is said, and nothing is done."""
    done = drift(fleet, *arguments)

    assert (2, True) == (done.returncode, error in done.stderr)

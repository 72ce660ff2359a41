"""`scaffold upgrade --merge-reports`: what the shards of a run say, as one report."""

import json
from pathlib import Path

import pytest

from scaffold.documents.outputs import UpgradeOutput
from scaffold.errors import UsageError
from scaffold.upgrade.rollout import Shard
from scaffold.upgrade.shards import as_report, merge_reports
from scaffold.upgrade.state import UpgradeState
from tests.service.run import scaffold
from tests.upgrade.fleet import SECOND, Fleet, FleetOf

SERVICES = ("alpha", "beta", "gamma", "delta")


def a_report(
    shard: str, *repos: tuple[str, str], dry_run: bool = False, left: tuple[str, ...] = ()
) -> UpgradeOutput:
    """What a shard says: repos, and what became of each."""
    empty = dict.fromkeys(
        ("target", "service", "template", "old", "new", "cause", "message", "branch",
         "merge_request", "diff"), ""
    ) | dict.fromkeys(("notes", "decisions", "conflicts", "not_checked"), ())  # fmt: skip
    results = [result for _, result in repos]
    return UpgradeOutput.model_validate(
        {
            "done": "failed" not in results,
            "dry_run": dry_run,
            "stopped": False,
            "shard": shard,
            "counts": {result: results.count(result) for result in results},
            "left": left,
            "repos": [empty | {"repo": repo, "result": result} for repo, result in repos],
        }
    )


def run_shards(fleet: Fleet, folder: Path, *shards: str) -> None:
    """Run some shards, each of which writes its report as CI would have it."""
    folder.mkdir()
    for shard in shards:
        done = fleet.run("--all", "--shard", shard, "--output", "json")
        (folder / f"{shard.replace('/', '-of-')}.json").write_text(done.stdout)


def test_the_shards_of_a_run_tell_what_one_run_would(tmp_path: Path, fleet_of: FleetOf) -> None:
    """The same repos, results and sums as a run of all services."""
    fleet = fleet_of(*SERVICES)
    fleet.release("v1.1.0", SECOND)
    reports = tmp_path / "reports"
    run_shards(fleet, reports, "1/3", "2/3", "3/3")

    done = fleet.run("--merge-reports", str(reports), "--output", "json")

    assert 0 == done.returncode, done.stderr
    merged = json.loads(done.stdout)
    opened = {f"{name}-{repo}": "opened" for name in SERVICES for repo in ("code", "docker")}
    assert opened == {one["repo"]: one["result"] for one in merged["repos"]}
    assert (True, "", {"opened": 8}) == (merged["done"], merged["shard"], merged["counts"])
    text = fleet.run("--merge-reports", str(reports)).stdout
    assert "    8 merge requests opened\n" in text


def test_a_shard_without_a_report_is_told(tmp_path: Path, fleet_of: FleetOf) -> None:
    """A pod that died wrote none: the merged report is not done, and says which to run again."""
    fleet = fleet_of(*SERVICES)
    reports = tmp_path / "reports"
    run_shards(fleet, reports, "1/3", "3/3")

    done = fleet.run("--merge-reports", str(reports))

    said = "No report of shard 2/3: run it again, with --shard 2/3"
    assert (1, said) == (done.returncode, done.stdout.splitlines()[-1])
    document = fleet.run("--merge-reports", str(reports), "--output", "json").stdout
    assert json.loads(document)["done"] is False


def test_what_failed_in_any_shard_can_be_run_again(tmp_path: Path, fleet_of: FleetOf) -> None:
    """The merged report is one that `--failed` takes."""
    fleet = fleet_of(*SERVICES)
    fleet.release("v1.1.0", SECOND)
    aside = fleet.bare("beta-code").rename(tmp_path / "aside")
    reports = tmp_path / "reports"
    run_shards(fleet, reports, "1/2", "2/2")
    aside.rename(fleet.bare("beta-code"))

    done = fleet.run("--merge-reports", str(reports), "--output", "json")
    (tmp_path / "merged.json").write_text(done.stdout)

    assert 1 == done.returncode
    assert {"beta-code": "opened"} == fleet.results("--failed", str(tmp_path / "merged.json"))


def test_sums_are_added_and_services_left_are_all_named() -> None:
    """In the order of the shards, whatever the order of the files."""
    merged = merge_reports({
        "a": a_report("2/2", ("c-code", "opened"), ("d-code", "failed"), left=("e",)),
        "b": a_report("1/2", ("a-code", "opened"), left=("b",)),
    })  # fmt: skip

    document = merged.document
    assert {"opened": 2, "failed": 1} == document.counts
    assert (("b", "e"), False) == (document.left, document.done)
    assert ["a-code", "c-code", "d-code"] == [one.repo for one in document.repos]
    assert {UpgradeState.OPENED: 2, UpgradeState.FAILED: 1} == as_report(document).count


def test_the_missing_shards_of_many_are_not_counted_out() -> None:
    """However large the number is that a report names."""
    merged = merge_reports({"a": a_report("2/999999999")})

    assert Shard(1, 999999999) == next(merged.missing)
    assert not merged.document.done


@pytest.mark.parametrize(
    ("reports", "said"),
    [
        ({"a": a_report("1/2"), "b": a_report("1/2")}, "b: is of shard 1/2, as a is"),
        ({"a": a_report("1/2"), "b": a_report("2/3")}, "b: is of another run than a"),
        (
            {"a": a_report("1/2"), "b": a_report("2/2", dry_run=True)},
            "b: is of another run than a",
        ),
        ({"a": a_report("")}, "a: is the report of a whole run, not of a shard"),
        ({"a": a_report("3/2")}, "--shard 3/2 is not I/N"),
    ],
)
def test_reports_that_are_not_of_one_run_are_refused(
    reports: dict[str, UpgradeOutput], said: str
) -> None:
    """It says which, and of what."""
    with pytest.raises(UsageError) as error:
        merge_reports(reports)

    assert said == str(error.value)


@pytest.mark.parametrize(
    ("files", "said"),
    [({}, "there are no reports (*.json)"), ({"a.json": "{}"}, "is no report of an upgrade")],
)
def test_a_folder_without_reports_is_refused(
    tmp_path: Path, files: dict[str, str], said: str
) -> None:
    """And a file that is none."""
    for name, text in files.items():
        (tmp_path / name).write_text(text)

    done = scaffold("upgrade", "--merge-reports", str(tmp_path), cwd=tmp_path)

    assert (2, True) == (done.returncode, said in done.stderr), done.stderr

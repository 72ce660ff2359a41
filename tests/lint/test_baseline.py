"""A baseline: what an author starts from is counted, and only what is new is told."""

import json
from pathlib import Path

import pytest

from scaffold.lint import lint_report
from scaffold.lint.baseline import read_baseline, write_baseline
from tests.builders import Files, write_files
from tests.lint.case import CLEAN
from tests.service.run import scaffold

TEMPLATE = "code/a.md.jinja"
TEXT = "{{ lost }}.\n{{ gone }}.\n{{ lost }}s\n"
OLD: Files = {**CLEAN, TEMPLATE: TEXT, "docker/b.txt": "end"}
KNOWN = "known.yml"


@pytest.fixture(name="blueprint")
def _blueprint(tmp_path: Path) -> Path:
    """A blueprint with three findings, and their baseline."""
    write_files(tmp_path, OLD)
    report = lint_report(tmp_path)
    write_baseline(tmp_path / KNOWN, report.findings, report.texts)
    return tmp_path


def told(folder: Path) -> tuple[list[str], int, list[str]]:
    """Beside the baseline: what is new, how many are known, what is gone."""
    report = lint_report(folder).beside(read_baseline(folder / KNOWN))
    new = [f"{one.where} {one.code}" for one in report.findings]
    return new, report.in_baseline, [f"{one.path} {one.code} {one.count}" for one in report.gone]


def test_what_is_known_is_counted(blueprint: Path) -> None:
    """None of it is told."""
    assert ([], 3, []) == told(blueprint)


def test_a_line_that_moved_is_known(blueprint: Path) -> None:
    """With lines before it, and another indentation."""
    write_files(blueprint, {TEMPLATE: f"# A\n\n\n  {TEXT}"})

    assert ([], 3, []) == told(blueprint)


def test_what_is_new_is_told(blueprint: Path) -> None:
    """Whatever the same rule says of the same file already."""
    write_files(blueprint, {TEMPLATE: f"{TEXT}{{{{ later }}}}.\n"})

    assert ([f"{TEMPLATE}:4 BP201"], 3, []) == told(blueprint)


def test_another_file_is_new(blueprint: Path) -> None:
    """With the same text."""
    write_files(blueprint, {"docker/c.txt": "end"})

    assert (["docker/c.txt:1 BP105"], 3, []) == told(blueprint)


def test_each_finding_of_the_baseline_stands_for_one(blueprint: Path) -> None:
    """The same line once more, with the same message, is new."""
    write_files(blueprint, {"docker/d.txt": "a \na \n"})
    report = lint_report(blueprint)
    write_baseline(blueprint / KNOWN, report.findings, report.texts)
    write_files(blueprint, {"docker/d.txt": "a \na \na \n"})
    assert (["docker/d.txt:3 BP107"], 5, []) == told(blueprint)

    write_files(blueprint, {"docker/d.txt": "b\n"})
    assert ([], 3, ["docker/d.txt BP107 2"]) == told(blueprint)


def test_the_command(blueprint: Path) -> None:
    """It writes, counts and tells; the status is that of a blueprint without findings."""
    write = scaffold("blueprint", "lint", "--write-baseline", KNOWN, cwd=blueprint)
    write_files(blueprint, {"docker/b.txt": "end\n"})
    done = scaffold("blueprint", "lint", "--baseline", KNOWN, cwd=blueprint)

    assert (0, "nothing found, 3 in the baseline\n") == (write.returncode, write.stdout)
    assert 0 == done.returncode
    assert (
        "gone from the baseline: docker/b.txt: BP105 does not end with a line end\n"
        "nothing found, 2 in the baseline, 1 gone from it\n"
    ) == done.stdout


def test_the_document(blueprint: Path) -> None:
    """The same in JSON."""
    write_files(blueprint, {"docker/b.txt": "end\n"})
    done = scaffold(
        "blueprint", "lint", "--baseline", "known.yml", "--output", "json", cwd=blueprint
    )
    document = json.loads(done.stdout)

    assert (0, True, [], 2) == (
        done.returncode, document["passed"], document["findings"], document["in_baseline"]
    )  # fmt: skip
    assert [
        {
            "code": "BP105",
            "path": "docker/b.txt",
            "message": "does not end with a line end",
            "count": 1,
        }
    ] == document["gone"]


def test_no_secret_is_in_the_file(tmp_path: Path) -> None:
    """Of a line there is a digest alone."""
    token = "ghp_" + "a1B2" * 9
    write_files(tmp_path, {**CLEAN, "code/a.txt": f"{token}\n"})
    done = scaffold("blueprint", "lint", "--write-baseline", "known.yml", cwd=tmp_path)

    assert 0 == done.returncode
    assert "BP601" in (tmp_path / "known.yml").read_text()
    assert token not in (tmp_path / "known.yml").read_text()


@pytest.mark.parametrize(
    ("text", "status", "said"),
    [
        (None, 1, "known.yml: can't be read: No such file or directory\n  Make it with --write-b"),
        ("findings: [{code: BP101}]\n", 1, "known.yml:1: `findings.0.path`: is missing"),
        ("[]\n", 1, "known.yml: is not a mapping of keys to values"),
    ],
)
def test_a_file_that_is_none(tmp_path: Path, text: str | None, status: int, said: str) -> None:
    """An error, before anything is linted."""
    write_files(tmp_path, CLEAN)
    if text is not None:
        (tmp_path / "known.yml").write_text(text)
    done = scaffold("blueprint", "lint", "--baseline", "known.yml", cwd=tmp_path)

    assert (status, True) == (done.returncode, said in done.stderr), done.stderr


def test_not_both(blueprint: Path) -> None:
    """To compare with a file and to write it are two things."""
    both = ("--baseline", "known.yml", "--write-baseline", "known.yml")
    done = scaffold("blueprint", "lint", *both, cwd=blueprint)

    assert (2, True) == (done.returncode, "don't go together" in done.stderr)

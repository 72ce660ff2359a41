"""`scaffold blueprint preview`: what a release would do, before there is one."""

import html
import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.builders import Files, git, write_files
from tests.service.run import scaffold
from tests.upgrade.fleet import FIRST, QUESTIONS, Fleet, FleetOf

SERVICES = ("cart", "orders", "payments")
REPOS = tuple(f"{name}-{repo}" for name in SERVICES for repo in ("code", "docker"))
NEW_README = "# {{ service }}\n\nONE\ntwo\nthree\nfour\nfive\n"
CI: Files = {"code/.gitlab-ci.yml": "job: {script: [make]}\n"}


@pytest.fixture
def fleet(fleet_of: FleetOf) -> Fleet:
    """Three services at v1.0.0, and the blueprint's checkout, `small.git`."""
    return fleet_of(*SERVICES)


def change(fleet: Fleet, files: Files) -> None:
    """Change the blueprint's checkout; commit nothing."""
    write_files(fleet.root / "small.git", files)


def run(fleet: Fleet, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command on the blueprint's checkout."""
    return scaffold("blueprint", "preview", "small.git", *arguments, cwd=fleet.root)


def told(fleet: Fleet) -> dict[str, Any]:
    """What it says, as a document."""
    done = run(fleet, "--output", "json")
    assert done.stdout, done.stderr
    document: dict[str, Any] = json.loads(done.stdout)
    return document


def upgrade_all(fleet: Fleet) -> None:
    """Bring all repos to the newest release, merged."""
    fleet.run("--all")
    for repo in REPOS:
        git("update-ref", "refs/heads/main", "refs/heads/scaffold/small", cwd=fleet.bare(repo))


def everything(fleet: Fleet) -> list[str]:
    """All refs of all repos, the blueprint's own among them."""
    places = [fleet.bare(repo) for repo in REPOS] + [fleet.root / "small.git", fleet.platform]
    return [git("for-each-ref", cwd=place) for place in places]


def test_without_a_change_nothing_would_happen(fleet: Fleet) -> None:
    """Every repo would only get the new version."""
    found = told(fleet)

    assert {"would-change": 6} == found["counts"]
    assert (6, []) == (found["only_version"], found["changes"])


def test_what_is_not_committed_counts(fleet: Fleet) -> None:
    """A change in the working tree, and a new file that git does not know yet."""
    change(fleet, {"code/README.md.jinja": NEW_README, "code/new.txt": "new\n"})

    (one,) = told(fleet)["changes"]

    assert (["README.md", "new.txt"], 2, 1) == (one["files"], one["added"], one["removed"])
    assert (3, "cart-code") == (one["repos"], one["example"])


def test_lines_that_look_like_the_head_of_a_diff_are_lines(fleet: Fleet) -> None:
    """A comment of SQL that goes, and its like that comes."""
    sql = "-- the tables\nselect 1;\n"
    fleet.release("v1.0.1", {**FIRST, "code/schema.sql": sql, "docker/plus.txt": "one\n"})
    upgrade_all(fleet)
    new = {"code/schema.sql": "select 1;\n", "docker/plus.txt": "++ b/one\none\n"}
    change(fleet, new)

    found = told(fleet)["changes"]

    assert {("schema.sql", 0, 1, 3), ("plus.txt", 1, 0, 3)} == {
        (*one["files"], one["added"], one["removed"], one["repos"]) for one in found
    }


def test_a_file_that_goes_is_called_by_its_name(fleet: Fleet) -> None:
    """In the text, on the page and in the document."""
    (fleet.root / "small.git" / "docker" / "image.txt.jinja").unlink()

    (one,) = told(fleet)["changes"]
    done = run(fleet, "--comment", "page.html")

    assert ["image.txt"] == one["files"]
    heading = "3 repos, as in cart-docker: image.txt (+0 -1)"
    assert heading in done.stdout
    assert heading in (fleet.root / "page.html").read_text()


def test_what_a_diff_can_not_show_is_a_change(fleet: Fleet) -> None:
    """A file without a line, and a script that becomes one."""
    fleet.release("v1.0.1", {**FIRST, "code/run": "#!/bin/sh\n"})
    upgrade_all(fleet)
    (fleet.root / "small.git" / "code" / "run").chmod(0o644)
    change(fleet, {"docker/empty": ""})

    done = run(fleet)

    assert "3 repos, as in cart-code: run (+0 -0)" in done.stdout
    assert "3 repos, as in cart-docker: empty (+0 -0)" in done.stdout
    assert "run: updated; a diff has nothing to show of it" in done.stdout


def test_what_git_ignores_does_not_count(fleet: Fleet) -> None:
    """Caches beside the sources are no part of a release."""
    change(fleet, {".gitignore": "*.tmp\n", "code/left.tmp": "junk\n"})

    assert [] == told(fleet)["changes"]


def test_the_same_change_is_one_kind_whatever_the_services_are_called(fleet: Fleet) -> None:
    """What only one of them gets comes first among the surprising ones."""
    fleet.edit("orders-code", {"README.md": "# orders\n\none\ntwo\nthree\nfour\nfive\nsix\n"})
    change(fleet, {"code/README.md.jinja": NEW_README, "docker/a.txt.jinja": "{{ service }}\n"})
    fleet.edit("cart-docker", {"a.txt": "cart\n"})

    found = told(fleet)

    assert [3, 2] == [one["repos"] for one in found["changes"]]
    rarest = found["changes"][found["surprising"][0]]
    assert (2, "orders-docker", ["a.txt"]) == (rarest["repos"], rarest["example"], rarest["files"])


def test_its_conflicts_are_those_of_the_upgrade(fleet: Fleet) -> None:
    """Repo by repo, path by path."""
    fleet.edit("cart-code", {"README.md": "# cart\n\nours\ntwo\nthree\nfour\nfive\n"})
    fleet.edit("orders-docker", {"image.txt": "ours\n"})
    files: Files = {**FIRST, "code/README.md.jinja": NEW_README, "docker/image.txt.jinja": "new\n"}
    change(fleet, files)
    found = told(fleet)
    fleet.release("v1.1.0", files)

    upgraded = json.loads(fleet.run("--all", "--output", "json").stdout)

    expected = {one["repo"]: one["conflicts"] for one in upgraded["repos"] if one["conflicts"]}
    assert expected == {one["repo"]: one["conflicts"] for one in found["conflicts"]}
    assert {"cart-code", "orders-docker"} == expected.keys()


def test_a_conflict_is_shown_as_the_draft_will_have_it(fleet: Fleet) -> None:
    """One example a kind and file, in the text, on the page and in the document."""
    for name in ("cart", "orders"):
        fleet.edit(f"{name}-code", {"README.md": f"# {name}\n\nours\ntwo\nthree\nfour\nfive\n"})
    files: Files = {**FIRST, "code/README.md.jinja": NEW_README}
    change(fleet, files)

    (one,) = told(fleet)["clashes"]
    done = run(fleet, "--comment", "page.html")

    assert (2, "cart-code", "README.md", "content") == (
        one["repos"], one["example"], one["path"], one["kind"]
    )  # fmt: skip
    page = html.unescape((fleet.root / "page.html").read_text())
    assert one["text"] in page
    indented = "".join(f"  {line}\n" for line in one["text"].split("\n"))
    assert f"\nConflict: 2 repos, as in cart-code: README.md\n{indented}" in done.stdout
    for text in (done.stdout, page):
        assert "both sides changed the same lines" in text
    fleet.release("v1.1.0", files)
    fleet.run("--all")
    assert one["text"] in fleet.file("cart-code", "README.md")


def test_a_long_conflict_is_cut_short(fleet: Fleet) -> None:
    """Of the owner's lines, as many as a diff has around a change; of others, the first ones."""
    mine = "".join(f"mine {number}\n" for number in range(100))
    fleet.edit("cart-code", {"README.md": f"# cart\n\n{mine}two\nthree\nfour\nfive\n"})
    news = "".join(f"news {number}\n" for number in range(100))
    change(
        fleet, {"code/README.md.jinja": f"# {{{{ service }}}}\n\n{news}two\nthree\nfour\nfive\n"}
    )

    (one,) = told(fleet)["clashes"]
    text = run(fleet).stdout

    assert one["text"].startswith("<<<<<<< yours: main\nmine 0\nmine 1\nmine 2\n...\nmine 97\n")
    assert "  news 20\n" in text
    assert "  news 90\n" not in text
    assert " more lines\n" in text


def test_a_conflict_without_markers_is_told_in_words(fleet: Fleet) -> None:
    """There is nothing to show of a file that the owner changed and the blueprint has no more."""
    fleet.edit("cart-docker", {"image.txt": "ours\n"})
    (fleet.root / "small.git" / "docker" / "image.txt.jinja").unlink()

    (one,) = told(fleet)["clashes"]
    text = run(fleet).stdout

    assert ("removed-by-blueprint", "") == (one["kind"], one["text"])
    assert "image.txt  the blueprint removed it, its owner changed or moved it" in text
    assert "Conflict:" not in text


def test_it_changes_nothing_anywhere(fleet: Fleet) -> None:
    """No ref moves, no merge request is opened, no tag is left in the blueprint."""
    change(fleet, {"code/README.md.jinja": NEW_README})
    before = everything(fleet)

    run(fleet)

    assert before == everything(fleet)


def test_the_exit_status_tells_whether_somebody_has_to_look(fleet: Fleet) -> None:
    """0 where all goes through, 1 with a conflict in it."""
    change(fleet, {"code/README.md.jinja": NEW_README})
    assert 0 == run(fleet).returncode

    fleet.edit("cart-code", {"README.md": "# cart\n\nours\ntwo\nthree\nfour\nfive\n"})
    assert 1 == run(fleet).returncode


def test_a_template_that_can_not_be_rendered_fails_for_the_repos_that_it_is_for(
    fleet: Fleet,
) -> None:
    """The others are looked at; the message has the place."""
    change(fleet, {"code/README.md.jinja": "{{ 1 / 0 }}\n"})

    found = told(fleet)

    assert ["cart-code", "orders-code", "payments-code"] == [
        one["repo"] for one in found["failures"]
    ]
    message = found["failures"][0]["message"]
    assert message.startswith("small.git/code/README.md.jinja:1: can't be rendered: division by")
    assert {"would-change": 3, "failed": 3} == found["counts"]


@pytest.mark.parametrize(
    ("path", "text", "said"),
    [
        ("copier.yml", f"{QUESTIONS}a: {{\nb: 1\n", "small.git/copier.yml:9: can't be read: "),
        ("copier.yml", f"{QUESTIONS}a: [\n", "small.git/copier.yml:8: can't be read: "),
        ("copier.yml", f"{QUESTIONS}_min_copier_version: 99.0.0\n", "small.git/copier.yml: needs"),
        ("copier.yaml", "a: 1\n", "small.git/copier.yml: can't be read: there are two of them"),
        ("code/x.jinja", "one\n{% if %}\n", "small.git/code/x.jinja:2: can't be rendered: "),
        (
            "code/x.jinja",
            "\n{% include 'y' %}\n",
            "small.git/code/x.jinja:2: can't be rendered: 'y'",
        ),
        (
            "code/{{ a | b }}",
            "",
            "small.git/code/{{ a | b }}: can't be rendered: Error rendering",
        ),
        ("copier.yml", f"{QUESTIONS}_tasks: ['true']\n", "small.git: the template wants to run"),
    ],
)
def test_what_is_broken_is_told_by_its_place_in_the_checkout(
    fleet: Fleet, path: str, text: str, said: str
) -> None:
    """That is what the author has; the version does not exist, nor does this run's folder."""
    change(fleet, {path: text})

    done = run(fleet)

    assert 1 == done.returncode
    text = done.stdout + done.stderr
    assert said in text
    for not_there in ("working tree", "small.git@", "/scaffold-"):
        assert not_there not in text


def test_a_check_that_would_break_is_named_with_the_number_of_repos(fleet_of: FleetOf) -> None:
    """It runs on one of the repos that get the same change."""
    fleet = fleet_of()
    fleet.release("v1.0.1", {**FIRST, **CI})
    fleet = _with_services(fleet)
    change(fleet, {"code/.gitlab-ci.yml": "job: {script: 5}\n"})

    found = told(fleet)

    (one,) = found["changes"]
    assert (3, True) == (one["repos"], one["checked"])
    assert "\n    .gitlab-ci.yml::$.job.script: 5 is not valid" in one["broken"]
    assert not found["done"]


def test_the_headline_tells_what_was_checked(fleet_of: FleetOf) -> None:
    """How many ways of changing, and what would break; else a check that breaks is overlooked."""
    fleet = fleet_of()
    fleet.release("v1.0.1", {**FIRST, **CI})
    fleet = _with_services(fleet)
    change(fleet, {"docker/image.txt.jinja": "new\n"})
    assert " 0 fail.\nChecked 1 of 1 way: none would break.\n" in run(fleet).stdout

    change(fleet, {"code/.gitlab-ci.yml": "job: {script: 5}\n"})
    assert "Checked 2 of 2 ways: 1 would break, in 3 repos.\n" in run(fleet).stdout


def test_checks_that_could_not_run_are_said_on_the_page_as_well(fleet: Fleet) -> None:
    """Else a page says that all is well where nobody looked."""
    workflow = "on: push\njobs: {a: {runs-on: ubuntu-latest, steps: [{run: make}]}}\n"
    change(fleet, {"code/.github/workflows/ci.yml": workflow})
    nothing = {"PATH": os.defpath}

    done = scaffold(
        "blueprint", "preview", "small.git", "--comment", "page.html", cwd=fleet.root, env=nothing
    )

    page = (fleet.root / "page.html").read_text().replace("<wbr>", "")
    for text in (done.stdout, page):
        assert "Checked 1 of 1 way: none would break; 1 check could not run." in text
        assert "Checks that could not run:" in text
        assert "actionlint code/.github/workflows/ci.yml: actionlint is not installed" in text


def test_what_was_not_checked_is_said_on_the_page_as_well(fleet: Fleet) -> None:
    """Where somebody has pushed to the branch, an upgrade leaves it alone, and checks nothing."""
    fleet.release("v1.1.0", {**FIRST, "code/README.md.jinja": NEW_README})
    fleet.run("--all")
    fleet.edit("cart-code", {"more.txt": "mine\n"}, branch="scaffold/small")
    change(fleet, {"code/README.md.jinja": NEW_README + "six\n"})

    done = run(fleet, "--comment", "page.html")

    for text in (done.stdout, (fleet.root / "page.html").read_text()):
        assert "Checked 0 of 1 way." in text
        assert "Not checked: 3 repos, since few get such a change, or somebody has pushed" in text


def _with_services(fleet: Fleet) -> Fleet:
    for name in SERVICES:
        done = scaffold("new", "service", name, "--defaults", "--quiet", cwd=fleet.root)
        assert 0 == done.returncode, done.stderr
    return fleet


@pytest.mark.parametrize(
    ("kinds", "version"),
    [
        (("Fixed",), "v1.0.1"),
        (("Fixed", "Added"), "v1.1.0"),
        (("Removed",), "v2.0.0"),
        ((), "v1.1.0"),
    ],
)
def test_the_version_is_what_a_release_would_make_of_it(
    fleet: Fleet, kinds: tuple[str, ...], version: str
) -> None:
    """As the CHANGELOG has it; where that says nothing, which no release does, a minor step."""
    entries = "".join(f"\n### {kind}\n\n- Something.\n" for kind in kinds)
    files = {"CHANGELOG.md": f"# Changelog\n\n## [Unreleased]\n{entries}"}
    change(fleet, {**files, "code/README.md.jinja": NEW_README})

    found = told(fleet)
    done = run(fleet, "--comment", "page.html")

    (one,) = found["changes"]
    assert (version, "v1.0.0") == (found["release"], found["base"])
    assert f"+_commit: {version}\n" in one["diff"]
    title = f"Releasing small as {version}, after v1.0.0"
    assert done.stdout.startswith(f"{title}\n")
    assert f"<h3>{title}</h3>" in (fleet.root / "page.html").read_text()


def test_a_migration_runs_in_the_preview_as_it_will_in_the_upgrade(fleet: Fleet) -> None:
    """The candidate's version is late enough for it, so it needs trust here, too."""
    text = str(FIRST["copier.yml"]) + "_migrations: [{version: v3.0.0, command: 'true'}]\n"
    change(fleet, {"copier.yml": text})

    assert {"failed": 6} == told(fleet)["counts"]

    fleet.change_platform(trusted=[f"{fleet.root}/small.git"])
    assert {"would-change": 6} == told(fleet)["counts"]


def test_a_folder_without_a_blueprint_is_wrong_use(fleet: Fleet) -> None:
    """It says what was looked for."""
    done = scaffold("blueprint", "preview", ".", cwd=fleet.root)

    assert 2 == done.returncode
    assert "there is no blueprint.yml here" in done.stderr


def test_a_blueprint_that_the_platform_does_not_have_is_wrong_use(fleet: Fleet) -> None:
    """It says where to add it."""
    change(
        fleet,
        {
            "blueprint.yml": "name: other\nsummary: x\nkubernetes: '1.34'\n"
            "repos: {code: {name: a}}\n"
        },
    )

    done = run(fleet)

    assert 2 == done.returncode
    assert "platform.yml names no blueprint `other`" in done.stderr


def test_the_page_names_who_owns_what_conflicts(fleet: Fleet) -> None:
    """By CODEOWNERS, and where it says nothing of the file, the service's team."""
    for name, rules in (("cart", "* @ada\n"), ("orders", "/docs/ @bob\n")):
        files = {"README.md": f"# {name}\n\nours\ntwo\nthree\nfour\nfive\n", "CODEOWNERS": rules}
        fleet.edit(f"{name}-code", files)
    change(fleet, {"code/README.md.jinja": NEW_README})

    run(fleet, "--html", "page.html")

    page = (fleet.root / "page.html").read_text()
    assert page.startswith("<!doctype html>\n")
    assert '<li>cart-code <span class="owners">ada</span></li>' in page
    assert '<li>orders-code <span class="owners">platform</span></li>' in page


def test_the_comment_is_what_one_can_hold(fleet: Fleet, tmp_path: Path) -> None:
    """Text of templates is escaped; there is no style and no script of ours."""
    change(fleet, {"code/README.md.jinja": NEW_README + "<script>alert(1)</script>\n" * 2000})

    run(fleet, "--comment", str(tmp_path / "page.html"))

    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert "6 repos of 3 services: 3 change in 1 way, 3 only get the new version" in page
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert len(page) < 65_536


def test_a_page_that_can_not_be_written_is_told_before_the_fleet_is_looked_at(
    fleet: Fleet,
) -> None:
    """A long run would be lost; as each job is done, a line is printed."""
    (fleet.root / "is-a-folder").mkdir()

    for page, why in (("nope/x.html", "No such file"), ("is-a-folder", "Is a directory")):
        done = run(fleet, "--html", page)
        assert (2, "") == (done.returncode, done.stdout)
        assert f"{page}: can't be written: {why}" in done.stderr
        assert "cart-code" not in done.stderr


def test_a_page_is_replaced_by_a_whole_one_only(fleet: Fleet) -> None:
    """A preview that fails leaves the page of the one before, and no empty one."""
    change(fleet, {"copier.yml": "a: [\n"})
    (fleet.root / "old.html").write_text("old")

    for page in ("old.html", "new.html"):
        assert 1 == run(fleet, "--html", page).returncode

    assert "old" == (fleet.root / "old.html").read_text()
    assert not (fleet.root / "new.html").exists()

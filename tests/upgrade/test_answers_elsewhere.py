"""Answers files at other places and of other names: found, or told; never half an upgrade."""

import warnings
from pathlib import Path

import copier
import pytest

from scaffold.upgrade.branch import branch_name
from scaffold.upgrade.plan import Project
from tests.builders import git
from tests.service.run import Done, scaffold
from tests.upgrade.case import Case

ONE, TWO = {"f": "one\n", "conf/z": "one\n"}, {"f": "two\n", "conf/z": "two\n"}
IN_FOLDER = "_answers_file: conf/.copier-answers.yml\n"


def upgrade(case: Case, repo: Path, *arguments: str) -> Done:
    """Run the upgrade of a repo, or of a folder of one."""
    return scaffold("upgrade", "--repo", str(repo), *arguments, cwd=case.root)


def make(case: Case, config: str = "", given: str | None = None) -> None:
    """Make the repo of v1.0.0 of a template, with an answers file as asked; release v2.0.0."""
    case.release("v1.0.0", ONE, config)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        copier.run_copy(
            case.template,
            case.repo,
            vcs_ref="v1.0.0",
            answers_file=given,
            defaults=True,
            quiet=True,
        )
    git("init", "-q", "-b", "main", cwd=case.repo)
    case.commit("Generate")
    case.release("v2.0.0", TWO, config)


def branches(case: Case) -> dict[str, list[str]]:
    """What each upgrade branch changes."""
    names = git("branch", "--list", "--format=%(refname:short)", "scaffold/*", cwd=case.repo)
    return {
        name: git("diff", "--name-only", "main", name, cwd=case.repo).split()
        for name in names.split()
    }


@pytest.mark.parametrize(
    ("config", "path", "branch"),
    [
        (IN_FOLDER, "conf/.copier-answers.yml", "template-conf"),
        ("_answers_file: conf/mine.yml\n", "conf/mine.yml", "template-conf-mine"),
        ("_answers_file: .config/origin.yml\n", ".config/origin.yml", "template-config-origin"),
        ("_answers_file: .origin.yml\n", ".origin.yml", "template-origin"),
        ("_answers_file: '.from-{{ q }}.yml'\nq: shop\n", ".from-shop.yml", "template-from-shop"),
        ("_answers_file: 'a/{{ q }}.yml'\nq: shop\n", "a/shop.yml", "template-a-shop"),
    ],
)
def test_where_the_template_puts_it(case: Case, config: str, path: str, branch: str) -> None:
    """The whole of the repo is upgraded, wherever the file is and whatever it is called."""
    make(case, config)

    done = upgrade(case, case.repo)

    assert 0 == done.returncode, done.stderr
    assert {f"scaffold/{branch}": sorted([path, "conf/z", "f"])} == branches(case)


@pytest.mark.parametrize(("config", "given"), [(IN_FOLDER, None), ("", "conf/.copier-answers.yml")])
def test_the_folder_that_only_the_answers_file_is_in(
    case: Case, config: str, given: str | None
) -> None:
    """It is refused, and what to name instead is told: else the change of `f` would be lost."""
    make(case, config, given)

    done = upgrade(case, case.repo / "conf")

    assert 1 == done.returncode
    assert (
        "conf/.copier-answers.yml: is of the repo itself, which is where the files of its template"
        " are\n    Give --repo the repo itself, and --answers-file conf/.copier-answers.yml."
    ) in done.stdout
    assert {} == branches(case)


def test_a_place_that_the_owner_gave(case: Case) -> None:
    """It has to be given again, as to copier; without that the error says so."""
    make(case, given="conf/.copier-answers.yml")

    told = upgrade(case, case.repo)
    done = upgrade(case, case.repo, "--answers-file", "conf/.copier-answers.yml")

    assert 1 == told.returncode
    assert "say so: --answers-file conf/.copier-answers.yml" in told.stdout
    assert "adopt" not in told.stdout
    assert 0 == done.returncode, done.stderr
    assert {"scaffold/template-conf": ["conf/.copier-answers.yml", "conf/z", "f"]} == branches(case)


def test_another_folder_than_the_template_was_copied_to(case: Case) -> None:
    """The answers file of a folder is not that of the whole, though it is given."""
    case.release("v1.0.0", ONE)
    case.generate("v1.0.0", folder="part")
    case.release("v2.0.0", TWO)

    done = upgrade(case, case.repo, "-a", "part/.copier-answers.yml")

    assert 1 == done.returncode
    assert "Give --repo the folder part, and --answers-file .copier-answers.yml." in done.stdout
    assert {} == branches(case)


def test_several(case: Case) -> None:
    """All at the top are taken, each with a branch; one alone where it is given."""
    make(case)
    text = (case.repo / ".copier-answers.yml").read_text()
    case.edit({".origin.yml": text})

    one = upgrade(case, case.repo, "-a", ".origin.yml")
    alone = list(branches(case))
    both = upgrade(case, case.repo)

    assert (0, 0) == (one.returncode, both.returncode), one.stderr + both.stderr
    assert ["scaffold/template-origin"] == alone
    assert ["scaffold/template", "scaffold/template-origin"] == list(branches(case))


@pytest.mark.parametrize("path", [".copier-answers.yml", ".origin.yml", ".config/origin.yml"])
def test_one_that_is_not_committed(case: Case, path: str) -> None:
    """It is told, with the command that adds it; the repo needs no `scaffold adopt`."""
    make(case, f"_answers_file: {path}\n")
    (case.repo / ".gitignore").write_text(f"{path}\n")
    git("rm", "-q", "--cached", path, cwd=case.repo)
    git("add", ".gitignore", cwd=case.repo)
    git("commit", "-q", "-m", "Ignore it", cwd=case.repo)

    done = upgrade(case, case.repo)

    assert 1 == done.returncode
    assert f"an answers file, {path}, that is not committed" in done.stdout
    assert f"git add --force {path}" in done.stdout
    assert "adopt" not in done.stdout


def test_one_that_is_not_there(case: Case) -> None:
    """What is there is told."""
    make(case)

    done = upgrade(case, case.repo, "-a", "conf/x.yml")

    assert 1 == done.returncode
    assert "there is no answers file `conf/x.yml`" in done.stdout
    assert "There is: .copier-answers.yml" in done.stdout


def test_a_fleet_has_no_one_answers_file(case: Case) -> None:
    """The option is for --repo alone."""
    assert 2 == scaffold("upgrade", "--all", "-a", "x.yml", cwd=case.root).returncode


@pytest.mark.parametrize(
    ("url", "folder", "path", "branch"),
    [
        ("/srv/templates/python/.git", "", ".copier-answers.yml", "scaffold/python"),
        ("/srv/.git", "", ".copier-answers.yml", "scaffold/srv"),
        ("https://git.example.com/a..b.lock", "", ".copier-answers.yml", "scaffold/a-b"),
        ("https://git.example.com/t", "a/.b", ".copier-answers.yml", "scaffold/t-a-.b"),
        ("https://git.example.com/t.git/", "", ".copier-answers.ci.yaml", "scaffold/t-ci"),
        ("/.git", "", ".copier-answers.yml", "scaffold/template"),
    ],
)
def test_the_name_of_a_branch(case: Case, url: str, folder: str, path: str, branch: str) -> None:
    """Git takes it, whatever the template and the folder are called."""
    case.release("v1.0.0", ONE)
    case.generate("v1.0.0")
    project = case.plan().project
    place = Project(project.store, project.head, "repo", folder, path)

    assert branch == branch_name(place, url)
    git("check-ref-format", "--branch", branch, cwd=case.repo)

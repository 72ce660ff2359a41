"""A template with submodules: their files are rendered as copier renders them, or it is refused."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from plumbum import local

from scaffold.errors import BlueprintNotFoundError, UsageError
from scaffold.render.candidate import read_working_tree
from scaffold.render.source import open_version
from scaffold.render.submodules import _resolved
from tests.builders import ANSWERS_NAME, ANSWERS_TEXT, BLUEPRINT_YML, COPIER_YML, commit_files, git
from tests.forge.fake_http import TOKEN
from tests.git.server import git_server
from tests.upgrade.case import Case, conflicts, decided, result, texts
from tests.upgrade.test_same_as_copier import updated_by_copier

LINES = "one\ntwo\nthree\nfour\nfive\n"


@pytest.fixture(autouse=True)
def _local_submodules(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let git take a submodule from a folder, and the one that copier starts, too."""
    told = {
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": "protocol.file.allow",
        "GIT_CONFIG_VALUE_0": "always",
    }
    for name, value in told.items():
        monkeypatch.setenv(name, value)
    with local.env(**told):
        yield


def add_submodule(case: Case, tag: str, path: str, url: str = "") -> None:
    """Release the template with a submodule more, or with the newest commit of it."""
    template = Path(case.template)
    if (template / path / ".git").exists():
        git("pull", "-q", cwd=template / path)
    else:
        git("submodule", "add", "-q", "--", url or f"{case.root}/lib", path, cwd=template)
    case.release_as_it_is(tag)


def test_changes_in_a_submodule(case: Case) -> None:
    """They reach the repo, as the changes of any other file."""
    commit_files(case.root / "lib", {"q.jinja": "{{ _folder_name }} one\n"})
    case.release("v0.9.0", {"f": "one\n"})
    add_submodule(case, "v1.0.0", "lib")
    case.generate("v1.0.0")
    commit_files(case.root / "lib", {"q.jinja": "{{ _folder_name }} two\n"})
    add_submodule(case, "v2.0.0", "lib")

    plan = case.plan()

    assert ("repo two\n", [("lib/q", "updated")]) == (texts(result(plan))["lib/q"], decided(plan))


def test_files_that_move_into_a_submodule(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    """They stay; all is as copier has it."""
    commit_files(case.root / "lib", {"q": LINES})
    case.release("v0.9.0", {"f": "one\n", "old/q": LINES})
    add_submodule(case, "v1.0.0", "lib")
    case.generate("v1.0.0")
    commit_files(case.root / "lib", {"q": LINES.replace("two", "TWO")})
    git("rm", "-rq", "old", cwd=Path(case.template))
    add_submodule(case, "v2.0.0", "old")

    plan = case.plan()

    assert ([], LINES.replace("two", "TWO")) == (conflicts(plan), texts(result(plan))["old/q"])
    assert updated_by_copier(case, {}, monkeypatch) == result(plan)


def test_a_submodule_of_a_submodule_at_a_relative_url(case: Case) -> None:
    """To any depth; the URL begins at that of the repo it is written in."""
    commit_files(case.root / "deep", {"d": "deep\n"})
    commit_files(case.root / "lib", {"q": "one\n"})
    git("submodule", "add", "-q", f"{case.root}/deep", "deep", cwd=case.root / "lib")
    git("config", "-f", ".gitmodules", "submodule.deep.url", "../deep", cwd=case.root / "lib")
    git("commit", "-qam", "Deep", cwd=case.root / "lib")
    case.release("v1.0.0", {"f": "one\n"})
    case.generate("v1.0.0")
    add_submodule(case, "v2.0.0", "lib")

    assert "deep\n" == texts(result(case.plan()))["lib/deep/d"]


@pytest.mark.parametrize(
    ("parent", "url", "told"),
    [
        ("https://h.example.com/a/b.git", "../c.git", "https://h.example.com/a/c.git"),
        ("https://h.example.com/a/b.git/", "../../x/c", "https://h.example.com/x/c"),
        ("git@h.example.com:a/b", "../c", "git@h.example.com:a/c"),
        ("git@h.example.com:b", "../c", "git@h.example.com:c"),
        ("/srv/b", "./c", "/srv/b/c"),
        ("/srv/b", "https://h.example.com/c", "https://h.example.com/c"),
    ],
)
def test_where_a_submodule_is(parent: str, url: str, told: str) -> None:
    """As git works it out."""
    assert told == _resolved(url, parent)


@pytest.mark.parametrize("fault", ["gone", "commit", "no-url"])
def test_a_submodule_that_can_not_be_had(case: Case, fault: str) -> None:
    """The upgrade is refused before anything: no version without its files."""
    commit_files(case.root / "lib", {"q": "one\n"})
    case.release("v1.0.0", {"f": "one\n"})
    case.generate("v1.0.0")
    add_submodule(case, "v2.0.0", "lib")
    if fault == "no-url":
        git("rm", "-q", "--cached", ".gitmodules", cwd=Path(case.template))
        git("commit", "-qm", "Lose it", cwd=Path(case.template))
        git("tag", "-f", "v2.0.0", cwd=Path(case.template))
    else:
        (case.root / "lib").rename(case.root / "elsewhere")
    if fault == "commit":
        commit_files(case.root / "lib", {"q": "another\n"})

    with pytest.raises(BlueprintNotFoundError):
        case.plan()


def test_a_template_elsewhere_reads_no_folder_of_this_machine(case: Case) -> None:
    """Its author does not know the machine, and has no business there."""
    commit_files(case.root / "lib", {"q": "one\n"})
    case.release("v1.0.0", {"f": "one\n"})
    with git_server(case.root) as server:
        case.generate("v1.0.0")
        answers = (case.repo / ".copier-answers.yml").read_text()
        url = server.url.replace("//", f"//bot:{TOKEN}@")
        case.edit({".copier-answers.yml": answers.replace(f"{case.root}", url)})
        add_submodule(case, "v2.0.0", "lib")

        with pytest.raises(BlueprintNotFoundError, match=r"`lib` is a folder of this machine"):
            case.plan()


def test_a_blueprint_for_new_services(case: Case) -> None:
    """The same files are laid out for `scaffold new`."""
    commit_files(case.root / "lib", {"q": "one\n"})
    names = {f"code/{ANSWERS_NAME}": ANSWERS_TEXT}
    commit_files(
        Path(case.template), {"blueprint.yml": BLUEPRINT_YML, "copier.yml": COPIER_YML, **names}
    )
    add_submodule(case, "v1.0.0", "code/lib")

    version = open_version(case.template, None, case.root / "scratch")

    assert "one\n" == (version.folder / "code/lib/q").read_text()


def test_a_working_tree_that_is_previewed(case: Case) -> None:
    """What is in a submodule counts; one that is not checked out is told."""
    commit_files(case.root / "lib", {"q": "one\n"})
    case.release("v1.0.0", {"f": "one\n"})
    add_submodule(case, "v2.0.0", "lib")
    template = Path(case.template)
    (template / "new").write_text("new\n")

    assert {"lib/q", "f", "new"} <= read_working_tree(template).keys()

    git("submodule", "deinit", "-q", "--force", "lib", cwd=template)
    with pytest.raises(UsageError, match="`lib` is not checked out"):
        read_working_tree(template)

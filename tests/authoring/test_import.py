"""`scaffold blueprint import`: a copier template becomes a blueprint, and stays a template."""

import json
import shutil
from pathlib import Path

import copier
import jsonschema
import pytest

from scaffold.documents.schemas import published_schemas
from scaffold.git.tree import open_repo
from scaffold.upgrade.plan import Want
from scaffold.upgrade.state import UpgradeState
from tests.authoring.blueprints import Author
from tests.builders import (
    ANSWERS_NAME,
    ANSWERS_TEXT,
    Files,
    commit_files,
    git,
    need_programs,
)
from tests.service.run import Done, scaffold
from tests.upgrade.case import Case, result, texts

OURS = "blueprint.yml, .schema/blueprint.json, CHANGELOG.md"
OTHER_MARKS = """\
_templates_suffix: ""
_envops: {variable_start_string: "[[", variable_end_string: "]]"}
"""
QUESTIONS = "project_name: {type: str, default: My Shop}\n"


def template(root: Path, files: Files | None = None, questions: str = QUESTIONS) -> Case:
    """A released template that was never meant for scaffold."""
    case = Case(root)
    case.release("v1.0.0", files or {"README.md.jinja": "# {{ project_name }}\n"}, questions)
    return case


def take_in(case: Case, *words: str, status: int = 0) -> Done:
    """Import the template into the folder `shop`."""
    done = scaffold("blueprint", "import", case.template, "shop", *words, cwd=case.root)
    assert status == done.returncode, done.stdout + done.stderr
    return done


def author(case: Case) -> Author:
    """Whoever goes on with what was imported."""
    (case.root / "work").mkdir()
    return Author(case.root / "shop", case.root / "work")


def test_it_says_what_it_added(tmp_path: Path) -> None:
    """One commit on the template's history; only copier.yml was changed, at its end."""
    case = template(tmp_path)
    done = take_in(case)
    folder = tmp_path / "shop"

    assert [
        f"Made {folder}, with one commit more:",
        "  blueprint.yml: one repo, `code`",
        "  CHANGELOG.md: new",
        "  .scaffold.yml.jinja: new",
        "  copier.yml: `service`, `owner`, `repo` asked, or supplied by scaffold",
        f"  copier.yml: {OURS} excluded from what it renders",
    ] == done.stdout.splitlines()[:6]  # fmt: skip
    assert ["Make the blueprint shop", "Release v1.0.0"] == git(
        "log", "--format=%s", cwd=folder
    ).splitlines()
    changed = git("diff", "--name-status", "HEAD^", cwd=folder).splitlines()
    assert ["M\tcopier.yml"] == [line for line in changed if not line.startswith("A\t")]
    assert (folder / "copier.yml").read_text().startswith(QUESTIONS)
    assert case.template == git("remote", "get-url", "upstream", cwd=folder)
    assert "v1.0.0" == git("tag", cwd=folder)


def test_the_document_fits_its_schema(tmp_path: Path) -> None:
    """As JSON."""
    document = json.loads(take_in(template(tmp_path), "--output", "json").stdout)

    jsonschema.Draft202012Validator(published_schemas()["output-import"]).validate(document)


def test_it_makes_services(tmp_path: Path) -> None:
    """A service's repo has what the template makes, and nothing of the blueprint itself."""
    case = template(tmp_path)
    take_in(case)
    repos = author(case).kit().render(project_name="Cart")

    assert {
        ".copier-answers.yml", ".scaffold.yml", "README.md",
    } == repos.trees["code"].keys()  # fmt: skip
    assert "# Cart\n" == (repos["code"] / "README.md").read_text()


def test_it_passes_its_tests(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As it was made; no upgrade starts from before it was a blueprint."""
    need_programs(monkeypatch, "kustomize")
    take_in(template(tmp_path))
    done = scaffold("blueprint", "test", cwd=tmp_path / "shop")

    assert (0, "2 passed, 0 failed, 1 could not run\n") == (
        done.returncode, done.stdout.splitlines(keepends=True)[-1],
    )  # fmt: skip


@pytest.mark.parametrize(
    ("files", "questions"),
    [
        ({"README.md.jinja": "# {{ project_name }}\n"}, QUESTIONS),
        ({"in/README.md.jinja": "# {{ project_name }}\n", f"in/{ANSWERS_NAME}": ANSWERS_TEXT},
         f"_subdirectory: in\n{QUESTIONS}"),
        ({"README.md": "# [[ project_name ]]\n",
          "[[ _copier_conf.answers_file ]]": "[[ _copier_answers | to_nice_yaml ]]\n"},
         OTHER_MARKS + QUESTIONS),
    ],
    ids=["plain", "subdirectory", "other-delimiters"],
)  # fmt: skip
def test_what_was_made_before_can_still_be_upgraded(
    tmp_path: Path, files: Files, questions: str
) -> None:
    """New questions have defaults; the service's name comes from what the template asks."""
    case = template(tmp_path, files, questions)
    case.generate("v1.0.0", project_name="Big_Cart")
    case.edit({"README.md": "# Big_Cart\n\nMine.\n"})
    take_in(case)
    imported = tmp_path / "shop"
    git("tag", "v1.1.0", cwd=imported)
    git("push", "-q", str(case.template), "v1.1.0", cwd=imported)

    plan = case.plan(Want(version="v1.1.0"))
    after = texts(result(plan))
    assert UpgradeState.WOULD_CHANGE is plan.state
    assert "# Big_Cart\n\nMine.\n" == after["README.md"]
    assert (
        'service: big-cart\nowner: platform\nrepo: code\nkubernetes: "1.34"\n'
        == after[".scaffold.yml"]
    )
    assert not {"blueprint.yml", "CHANGELOG.md", ".schema/blueprint.json"} & after.keys()


def test_what_the_template_excludes_stays_excluded(tmp_path: Path) -> None:
    """Its own list is added to; without one, copier's own list is kept."""
    files: Files = {"README.md": "words\n", "secret.txt": "no\n", "notes/a.md": "no\n"}
    questions = (
        "_exclude:\n  - secret.txt\n  - copier.yml\n  - notes\n  - .git\nname: {default: Shop}\n"
    )
    case = template(tmp_path, files, questions)
    take_in(case)
    tag = open_repo(tmp_path / "shop").head.target

    case.root.joinpath("out").mkdir()
    copier.run_copy(str(tmp_path / "shop"), tmp_path / "out", vcs_ref=str(tag), defaults=True,
                    quiet=True)  # fmt: skip
    found = {path.name for path in (tmp_path / "out").rglob("*") if path.is_file()}
    assert {"README.md", ".scaffold.yml", ".copier-answers.yml"} == found


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"blueprint.yml": "name: x\n"}, "has a blueprint.yml, so it is a blueprint already"),
        ({"copier.yml": None}, "has neither a copier.yml nor a cookiecutter.json"),
    ],
)
def test_what_is_no_template_is_refused(
    tmp_path: Path, files: dict[str, str | None], said: str
) -> None:
    """Nothing is left behind."""
    case = template(tmp_path)
    for name, content in files.items():
        path = Path(case.template) / name
        path.write_text(content) if content else path.unlink()
    git("add", "-A", cwd=Path(case.template))
    git("commit", "-q", "-m", "Other", cwd=Path(case.template))

    assert said in take_in(case, status=2).stderr
    assert not (tmp_path / "shop").exists()


@pytest.mark.parametrize("name", ["CHANGELOG.md", ".schema", "copier.yml"])
def test_a_template_with_a_link_out_is_refused(tmp_path: Path, name: str) -> None:
    """What is added to the template would be written to where the link leads."""
    mine = tmp_path / "mine"
    mine.write_text(QUESTIONS)
    case = template(tmp_path, {"README.md": "words\n", name: mine})

    done = take_in(case, status=1)

    assert "[unsafe-tree]" in done.stderr
    assert f"has the link '{name}', which leads out of it, to '{mine}'" in done.stderr
    assert QUESTIONS == mine.read_text()
    assert not (tmp_path / "shop").exists()


def test_a_folder_that_is_there_is_left_alone(tmp_path: Path) -> None:
    """Whatever is in it."""
    (tmp_path / "shop").mkdir()

    assert "is there already" in take_in(template(tmp_path), status=2).stderr


def test_the_blueprint_gets_a_repo_of_its_own(tmp_path: Path) -> None:
    """Neither a line that is to be typed nor the push of a release goes to the template's."""
    case = template(tmp_path)
    done = take_in(case)

    told = done.stdout.partition("Once, so that")[2]
    assert "  scaffold blueprint register --platform DIR" in told.splitlines()
    assert case.template not in told
    assert "upstream" == git("remote", cwd=tmp_path / "shop")


def test_on_a_platform_the_forge_has_a_place_for_it(tmp_path: Path) -> None:
    """The line that is to be typed makes it there."""
    case = template(tmp_path)
    assert 0 == scaffold("init", "acme", "--defaults", cwd=tmp_path).returncode
    home = ("--platform", "acme/platform")
    told = take_in(case, *home).stdout.splitlines()
    shutil.rmtree(tmp_path / "shop")
    document = json.loads(take_in(case, *home, "--output", "json").stdout)

    bare = f"{tmp_path}/acme/forge/blueprints/shop.git"
    origin = git("remote", "get-url", "origin", cwd=tmp_path / "shop")
    assert f"file://{bare}" == document["origin"] == origin
    assert "  scaffold blueprint register" in told


def test_a_template_that_cant_be_reached(tmp_path: Path) -> None:
    """Is told in plain words, with what to do; nothing is left behind."""
    done = scaffold("blueprint", "import", f"file://{tmp_path}/nothing.git", cwd=tmp_path)

    assert (1, True) == (done.returncode, "there is no repo here" in done.stderr)
    assert "error [forge-failed]" in done.stderr
    assert [] == list(tmp_path.iterdir())


def of_cookiecutter(root: Path) -> Case:
    """A template of cookiecutter's, of two commits."""
    case = Case(root)
    place = "{{cookiecutter.slug}}"
    files: Files = {
        "cookiecutter.json": '{"slug": "my-shop", "by": "Jane"}',
        f"{place}/README.md": "# {{ cookiecutter.slug }} by {{ cookiecutter.by }}\n",
        f"{place}/.gitignore": ".env\n",
        f"{place}/.env": "A=1\n",
        "hooks/pre_gen_project.py": "assert '{{ cookiecutter.slug }}'\n",
        "LICENSE": "Free.\n",
    }
    commit_files(Path(case.template), {"README.md": "Soon.\n"})
    commit_files(Path(case.template), files, message="Write it")
    return case


def test_a_cookiecutter_template_becomes_copiers(tmp_path: Path) -> None:
    """In the same commit; what could not be is told, with its place."""
    case = of_cookiecutter(tmp_path)
    done = take_in(case)
    folder = tmp_path / "shop"

    assert f"""\
Made {folder}, with one commit more:
  copier.yml: questions, of cookiecutter.json
  code/: the template, of {{{{cookiecutter.slug}}}}/
  copier.yml: the hooks are `_tasks`, so it needs --trust
  blueprint.yml: one repo, `code`
  CHANGELOG.md: new
  code/.scaffold.yml.jinja: new
  code/{{{{ _copier_conf.answers_file }}}}.jinja: new
  copier.yml: `service`, `owner`, `repo` asked, or supplied by scaffold

Not made copier's, and to be looked at by hand:
  hooks/pre_gen_project.py:1: runs when the files are there, and not before
      If it only refuses answers, make it a `validator` of the question.
  code/.gitignore:1: matches files of the template, so no repo gets them: .env
      Change it where they are to be in git.
""" == done.stdout.partition("\nNext:")[0]
    assert ["Make the blueprint shop", "Write it", "Change"] == git(
        "log", "--format=%s", cwd=folder
    ).splitlines()
    assert "" == git("status", "--porcelain", cwd=folder)


def test_what_is_left_of_a_cookiecutter_template_is_in_the_document(tmp_path: Path) -> None:
    """As JSON, by its schema."""
    document = json.loads(take_in(of_cookiecutter(tmp_path), "--output", "json").stdout)

    jsonschema.Draft202012Validator(published_schemas()["output-import"]).validate(document)
    assert [("hooks/pre_gen_project.py", 1), ("code/.gitignore", 1)] == [
        (one["path"], one["line"]) for one in document["by_hand"]
    ]


def test_services_are_made_of_a_cookiecutter_template(tmp_path: Path) -> None:
    """By the kit, with its hooks."""
    take_in(of_cookiecutter(tmp_path))
    repos = author(Case(tmp_path)).kit().render(by="Ann")

    assert {
        ".copier-answers.yml", ".gitignore", ".scaffold.yml", "README.md",
    } == repos.trees["code"].keys()  # fmt: skip
    assert "# my-shop by Ann\n" == (repos["code"] / "README.md").read_text()


def test_a_wrong_cookiecutter_template_leaves_nothing(tmp_path: Path) -> None:
    """It is told which file is wrong."""
    case = of_cookiecutter(tmp_path)
    Path(case.template, "cookiecutter.json").write_text("{")
    git("commit", "-qam", "Break", cwd=Path(case.template))

    assert "cookiecutter.json: is not JSON" in take_in(case, status=1).stderr
    assert not (tmp_path / "shop").exists()


SEVERAL = """\
_subdirectory: "{% if lang == 'go' %}of-go{% else %}{{ lang }}{% endif %}"
lang: {type: str, choices: [python, go], default: python}
"""


def test_a_folder_that_follows_from_an_answer(tmp_path: Path) -> None:
    """Each folder gets what it lacks of scaffold's files."""
    files: Files = {
        "python/a.txt": "a\n", f"python/{ANSWERS_NAME}": ANSWERS_TEXT, "of-go/b.txt": "b\n",
    }  # fmt: skip
    take_in(template(tmp_path, files, SEVERAL))
    kit = author(Case(tmp_path)).kit()

    added = git("diff", "--name-only", "--diff-filter=A", "HEAD^", cwd=tmp_path / "shop")
    assert {
        ".schema/blueprint.json", "CHANGELOG.md", "blueprint.yml", "of-go/.scaffold.yml.jinja",
        f"of-go/{ANSWERS_NAME}", "python/.scaffold.yml.jinja",
    } == set(added.splitlines())  # fmt: skip
    for lang, name in (("python", "a.txt"), ("go", "b.txt")):
        made = kit.render(lang=lang).trees["code"]
        assert {name, ".scaffold.yml", ".copier-answers.yml"} == made.keys()


def test_no_answers_lead_to_a_folder(tmp_path: Path) -> None:
    """It is refused: nothing could be made of it."""
    case = template(tmp_path, {"a.txt": "a\n"}, '_subdirectory: "{{ lang }}"\nlang: go\n')

    assert "that is no folder of it, whatever is answered" in take_in(case, status=2).stderr
    assert not (tmp_path / "shop").exists()


FROM_AN_ANSWER = "_subdirectory: \"{{ 'in' if name else 'out' }}\"\n"
REQUIRED = """\
name: {type: str}
size: {type: int, choices: [1, 2]}
"""


@pytest.mark.parametrize(
    "questions",
    [
        "_subdirectory: in\n" + REQUIRED,
        "_subdirectory: in\n_jinja_extensions: [not_installed.Extension]\n" + REQUIRED,
        FROM_AN_ANSWER + REQUIRED,
        FROM_AN_ANSWER + "_jinja_extensions: [not_installed.Extension]\n" + REQUIRED,
    ],
    ids=["plain", "extension", "from-an-answer", "from-an-answer-with-an-extension"],
)
def test_a_template_that_must_be_answered(tmp_path: Path, questions: str) -> None:
    """Nobody is asked to import it."""
    take_in(template(tmp_path, {"in/a.txt": "a\n"}, questions))

    assert (tmp_path / "shop/in/.scaffold.yml.jinja").is_file()


@pytest.mark.parametrize(
    "questions",
    ["---\n!include more.yml\n", "a: b\n---\n!include more.yml\n", "{name: {default: x}}\n",
     "---\nname: {default: x}\n...\n", "name: {default: x}\n---\nother: {default: y}\n"],
    ids=["include", "include-at-the-end", "braces", "ended", "two-documents"],
)  # fmt: skip
def test_questions_are_added_to_any_file(tmp_path: Path, questions: str) -> None:
    """Whatever its last document is."""
    files: Files = {"README.md.jinja": "# {{ name }}\n", "more.yml": "name: {default: x}\n"}
    take_in(template(tmp_path, files, questions))
    repos = author(Case(tmp_path)).kit().render()

    assert "# x\n" == (repos["code"] / "README.md").read_text()
    assert (repos["code"] / ".scaffold.yml").is_file()

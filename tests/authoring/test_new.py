"""`scaffold blueprint new`; what comes of its skeletons is in test_skeletons.py."""

import json
import re
from pathlib import Path

import jsonschema
import pytest
import yaml
from copier import run_copy

from scaffold.documents.schemas import published_schemas
from tests.builders import commit_files, git, harmful_git_config, need_programs
from tests.service.run import clone, scaffold
from tests.service.terminal import DOWN, Start, answer, answer_cursor_request, end

pytestmark = pytest.mark.filterwarnings("ignore:.*forkpty:DeprecationWarning")


def test_it_is_a_git_repo_with_one_commit(tmp_path: Path) -> None:
    """Without a platform around there is no remote, and the next lines say what to do."""
    done = scaffold("blueprint", "new", "greeter", cwd=tmp_path)
    folder = tmp_path / "greeter"

    assert 0 == done.returncode, done.stderr
    assert [
        f"Made {folder}, with a folder for each repo:",
        "  app     the service, its tests and its image",
        "  deploy  the Kubernetes objects, and what runs where (follows app)",
        "",
        "Next: cd greeter && scaffold blueprint test",
        "",
        "Once, so that services can be made from it:",
        "  scaffold blueprint release",
        "  scaffold blueprint register --platform DIR",
        "  scaffold new service --blueprint greeter",
    ] == done.stdout.splitlines()
    assert "main Start the blueprint greeter" == git(
        "log", "--format=%D %s", cwd=folder
    ).removeprefix("HEAD -> ").replace(",", "")
    assert "" == git("status", "--porcelain", cwd=folder)
    assert "" == git("remote", cwd=folder)
    assert "greeter" in (folder / "blueprint.yml").read_text()
    left = [path for path in folder.rglob("*") if path.is_file() and b"[[" in path.read_bytes()]
    assert [] == left


def test_the_editor_gets_the_published_schema(tmp_path: Path) -> None:
    """blueprint.yml names it in its first line, and fits it."""
    scaffold("blueprint", "new", "greeter", cwd=tmp_path)
    folder = tmp_path / "greeter"
    text = (folder / "blueprint.yml").read_text()
    schema = json.loads((folder / ".schema/blueprint.json").read_text())

    assert text.startswith("# yaml-language-server: $schema=.schema/blueprint.json\n")
    assert published_schemas()["blueprint"] == schema
    jsonschema.Draft202012Validator(schema).validate(yaml.safe_load(text))


def test_on_a_platform_it_knows_where_it_belongs(tmp_path: Path) -> None:
    """The remote is the forge's, the pipeline runs in the platform's image; as JSON."""
    scaffold("init", "acme", "--defaults", cwd=tmp_path)
    done = scaffold("blueprint", "new", "greeter", "--output", "json", cwd=tmp_path / "acme")
    document = json.loads(done.stdout)
    folder = tmp_path / "acme/greeter"

    jsonschema.Draft202012Validator(published_schemas()["output-new-blueprint"]).validate(document)
    origin = f"file://{tmp_path}/acme/forge/blueprints/greeter.git"
    assert (origin, str(folder)) == (document["origin"], document["folder"])
    assert origin == git("remote", "get-url", "origin", cwd=folder)
    assert "registry.example.com/acme/scaffold-ci" in (folder / ".gitlab-ci.yml").read_text()
    assert [
        {"name": "app", "follows": None, "begins_with": "app"},
        {"name": "deploy", "follows": "app", "begins_with": "deploy"},
    ] == document["repos"]


@pytest.mark.parametrize(
    "words", [("new", "python-service"), ("import", "template", "python-service")]
)
def test_a_name_that_the_platform_has_is_refused(tmp_path: Path, words: tuple[str, ...]) -> None:
    """Else its next step would be a push to the repo of the one that is there."""
    scaffold("init", "acme", "--defaults", cwd=tmp_path)
    home = tmp_path / "acme"
    commit_files(home / "template", {"copier.yml": "{}\n"})
    done = scaffold("blueprint", *words, cwd=home)

    url = f"file://{home}/forge/blueprints/python-service.git"
    assert (1, True) == (done.returncode, f"`python-service` already: {url}" in done.stderr)
    assert "error [name-taken]" in done.stderr
    assert not (home / "python-service").exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["Greeter"], "the blueprint's name `Greeter` may hold only lower-case letters"),
        ([""], "the blueprint's name `` is empty"),
        (["greeter", "--repo", "app", "--repo", "deploy:ap"],
         "--repo: `deploy` follows `ap`, which is none of the repos\n  Repos: app, deploy.\n"),
        (["greeter", *("--repo app" + " --repo app" * 6).split()], "Give one to 6."),
        (["greeter", "--skeleton", "go"],
         "'go' is not one of 'kubernetes', 'library', 'minimal'"),
    ],
)  # fmt: skip
def test_what_can_not_be_made_is_refused(tmp_path: Path, words: list[str], said: str) -> None:
    """It is said what is wrong, where, and what to do; nothing is made."""
    done = scaffold("blueprint", "new", *words, cwd=tmp_path)

    assert 2 == done.returncode
    assert said in done.stderr
    assert [] == list(tmp_path.iterdir())


def test_a_person_is_asked_what_it_begins_with(tmp_path: Path, in_terminal: Start) -> None:
    """What each repo begins with is shown as it is typed, and so is what is wrong."""
    terminal = in_terminal(tmp_path, "blueprint new greeter")
    answer(terminal, "What does it begin with?", DOWN)
    answer_cursor_request(terminal)
    terminal.expect_exact("Which repos does it have?")
    terminal.expect_exact("library  a package in Python, and its tests")
    terminal.send(" docs:lib")
    terminal.expect_exact("`docs` follows `lib`, which is none of the repos.")
    terminal.expect_exact("Repos: library, docs.")
    terminal.send("rary")
    terminal.expect_exact("a README and a pipeline (follows library)")
    terminal.send("\r")

    assert 0 == end(terminal)
    made = yaml.safe_load((tmp_path / "greeter/blueprint.yml").read_text())
    assert {
        "library": {"name": "{{ service }}-library"},
        "docs": {"name": "{{ service }}-docs", "follows": "library", "pin": "upstream"},
    } == made["repos"]


@pytest.mark.parametrize("options", ["--defaults", "--skeleton minimal --repo app"])
def test_nobody_is_asked_what_was_said(tmp_path: Path, in_terminal: Start, options: str) -> None:
    """Or who said that there is nothing to ask."""
    terminal = in_terminal(tmp_path, f"blueprint new greeter {options}")
    assert (0, False) == (end(terminal), "?" in (terminal.before or ""))


def test_control_c_leaves_nothing_behind(tmp_path: Path, in_terminal: Start) -> None:
    """At any question; and a name that can't be is told before all of them."""
    terminal = in_terminal(tmp_path, "blueprint new greeter")
    answer(terminal, "What does it begin with?")
    terminal.expect_exact("Which repos does it have?")
    terminal.sendcontrol("c")
    assert 130 == end(terminal)
    refused = in_terminal(tmp_path, "blueprint new Greeter")
    assert (2, False) == (end(refused), "?" in (refused.before or ""))
    assert [] == list(tmp_path.iterdir())


def test_a_folder_with_something_in_it_is_left_alone(tmp_path: Path) -> None:
    """An empty one is used."""
    (tmp_path / "full").mkdir()
    (tmp_path / "full/mine.txt").write_text("mine\n")
    (tmp_path / "empty").mkdir()

    taken = scaffold("blueprint", "new", "greeter", "full", cwd=tmp_path)
    assert (2, True) == (taken.returncode, f"{tmp_path}/full: is there already" in taken.stderr)
    assert ["mine.txt"] == [path.name for path in (tmp_path / "full").iterdir()]
    made = scaffold("blueprint", "new", "greeter", "empty", cwd=tmp_path)
    assert 0 == made.returncode, made.stderr


def test_the_users_git_configuration_does_no_harm(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Hooks, signing, ignored files and another default branch are not the blueprint's."""
    config = tmp_path / "config"
    config.mkdir()
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(harmful_git_config(config)))
    done = scaffold("blueprint", "new", "greeter", cwd=tmp_path)

    assert 0 == done.returncode, done.stderr
    folder = tmp_path / "greeter"
    assert "main" == git("branch", "--show-current", cwd=folder)
    assert "copier.yml" in git("ls-files", cwd=folder)
    assert not (folder / ".git/hooks/pre-commit").exists()


def test_it_is_clean_as_it_is_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lint finds nothing, the checks of all sets pass, and so do its own tests."""
    need_programs(monkeypatch, "kubeconform", "kustomize", "hadolint", "actionlint", "promtool")
    scaffold("blueprint", "new", "greeter", cwd=tmp_path)
    lint = scaffold("blueprint", "lint", cwd=tmp_path / "greeter")
    test = scaffold("blueprint", "test", cwd=tmp_path / "greeter")

    assert "nothing found\n" == lint.stdout
    assert "5 passed, 0 failed\n" == test.stdout


def test_the_bot_follows_its_chain(workspace: Path) -> None:
    """A commit goes to the repo that follows, and on to the next; a repo on its own gets none."""
    chain = [f"--repo={one}" for one in ("a", "b:a", "c:b", "d")]
    must("blueprint", "new", "greeter", "--skeleton=minimal", *chain, cwd=workspace)
    git("tag", "v1.0.0", cwd=workspace / "greeter")
    must("blueprint", "register", cwd=workspace / "greeter")
    must("new", "service", "pay", "--blueprint", "greeter", "--defaults", cwd=workspace)
    a = clone(workspace, "pay-a")
    (a / "more.txt").write_text("more\n")
    git("add", "more.txt", cwd=a)
    git("commit", "-q", "-m", "More", cwd=a)
    git("push", "-q", cwd=a)
    before = git("rev-parse", "main", cwd=workspace / "forge/pay-d.git")
    must("bot", "run", "--once", cwd=workspace)

    for repo, followed in (("b", "a"), ("c", "b")):
        pin = git("show", "main:upstream.yml", cwd=workspace / f"forge/pay-{repo}.git")
        head = git("rev-parse", "main", cwd=workspace / f"forge/pay-{followed}.git")
        assert f'commit: "{head}"' in pin
    assert before == git("rev-parse", "main", cwd=workspace / "forge/pay-d.git")


def must(*words: str, cwd: Path) -> None:
    """Run the program, which ends well."""
    done = scaffold(*words, cwd=cwd)
    assert 0 == done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize(("ci", "path"), [("gitlab", ".gitlab-ci.yml"),
                                          ("github", ".github/workflows/ci.yml")])  # fmt: skip
def test_what_an_engine_deploys_no_job_does(tmp_path: Path, ci: str, path: str) -> None:
    """Its pipelines leave that to Flux or Argo CD, and follow it where they may."""
    scaffold("blueprint", "new", "greeter", cwd=tmp_path)
    place = {"namespace": "pay", "context": "", "replicas": {"min": 1, "max": 2}}
    environments = [
        {"name": "dev", **place, "engine": "flux"}, {"name": "test", **place},
        {"name": "live", **place, "engine": "argocd", "smoke": False},
    ]  # fmt: skip
    run_copy(
        str(tmp_path / "greeter"), tmp_path / "made", defaults=True, quiet=True, vcs_ref="HEAD",
        data={"service": "pay", "repo": "deploy", "ci": ci, "environments": environments},
    )  # fmt: skip
    text = (tmp_path / "made" / path).read_text()
    assert ["test"] == re.findall(r"pipeline deploy --environment (\w+)", text)
    smoked = re.findall(r"pipeline smoke --environment (\w+)(?: --after (\w+))?", text)
    assert [("dev", "flux"), ("test", "")] == sorted(smoked)
    yaml.safe_load(text)

"""`scaffold blueprint new`; that the skeleton works, the tutorial's test shows."""

import json
import re
import subprocess
from pathlib import Path

import jsonschema
import pytest
import yaml
from copier import run_copy

from scaffold.documents.schemas import published_schemas
from tests.builders import commit_files, git, harmful_git_config, need_programs
from tests.service.run import scaffold


def test_it_is_a_git_repo_with_one_commit(tmp_path: Path) -> None:
    """Without a platform around there is no remote, and the next lines say what to do."""
    done = scaffold("blueprint", "new", "greeter", cwd=tmp_path)
    folder = tmp_path / "greeter"

    assert 0 == done.returncode, done.stderr
    assert [
        f"Made {folder}",
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
    left = [path for path in folder.rglob("*") if path.is_file() and b"@name@" in path.read_bytes()]
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
    ("name", "said"),
    [("Greeter", "may hold only lower-case letters"), ("", "is empty")],
)
def test_a_bad_name_is_refused(tmp_path: Path, name: str, said: str) -> None:
    """It is part of URLs and of platform.yml; nothing is made."""
    done = scaffold("blueprint", "new", name, "folder", cwd=tmp_path)

    assert 2 == done.returncode
    assert said in done.stderr
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
    need_programs(monkeypatch, "kubeconform", "kustomize", "hadolint", "actionlint")
    scaffold("blueprint", "new", "greeter", cwd=tmp_path)
    lint = scaffold("blueprint", "lint", cwd=tmp_path / "greeter")
    test = scaffold("blueprint", "test", cwd=tmp_path / "greeter")

    assert "nothing found\n" == lint.stdout
    assert "5 passed, 0 failed\n" == test.stdout


def test_the_tests_of_a_new_repo_are_found(tmp_path: Path) -> None:
    """`make test`, as CI of the first service would run it."""
    scaffold("blueprint", "new", "greeter", cwd=tmp_path)
    run_copy(
        str(tmp_path / "greeter"), tmp_path / "made", defaults=True, quiet=True, vcs_ref="HEAD",
        data={"service": "pay", "repo": "app"},
    )  # fmt: skip
    done = subprocess.run(
        ["make", "test"], cwd=tmp_path / "made", capture_output=True, text=True, check=False
    )

    assert (0, True) == (done.returncode, "Ran 2 tests" in done.stderr), done.stderr


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

"""`scaffold init`: the platform repo, the local forge, the shipped blueprints."""

import json
import os
import signal
from pathlib import Path
from typing import Any

import pytest
import yaml

from scaffold.checks.repo import platform_checks
from scaffold.checks.report import run_checks
from scaffold.config.engine import Engine
from scaffold.config.forges.kind import Ci
from scaffold.errors import StoppedError, UsageError
from scaffold.git import program
from scaffold.git.folders import write_folder
from scaffold.git.tree import Identity
from scaffold.service.init import init_platform
from scaffold.service.start import PlatformStart, platform_tree
from tests.builders import git
from tests.service.run import scaffold


def test_a_checkout_and_a_forge_are_made(tmp_path: Path) -> None:
    """Bare repos below forge/, a clean checkout of the platform repo beside it."""
    made = scaffold("init", "acme", "--defaults", "--output", "json", cwd=tmp_path)

    document = json.loads(made.stdout)
    assert str(tmp_path / "acme/platform") == document["platform"]
    assert "" == git("status", "--porcelain", cwd=tmp_path / "acme/platform")
    assert ["go-service", "platform", "python-service", "worker"] == sorted(
        path.stem for path in (tmp_path / "acme/forge").rglob("*.git")
    )


def test_each_blueprint_is_tagged(tmp_path: Path) -> None:
    """A shipped blueprint is a git repo with its version as a tag."""
    scaffold("init", "acme", "--defaults", cwd=tmp_path)

    blueprint = tmp_path / "acme/forge/blueprints/python-service.git"
    assert "v1.0.0" == git("describe", "--tags", "main", cwd=blueprint)


def test_what_tests_left_in_a_blueprint_is_not_released(tmp_path: Path) -> None:
    """Caches in the checkout that scaffold runs from are nobody's business."""
    scaffold("init", "acme", "--defaults", cwd=tmp_path)

    blueprint = tmp_path / "acme/forge/blueprints/python-service.git"
    names = git("ls-tree", "-r", "--name-only", "v1.0.0", cwd=blueprint).splitlines()
    assert [] == [name for name in names if "cache" in name]


def test_a_second_one_is_refused(tmp_path: Path) -> None:
    """What is there stays as it is."""
    scaffold("init", "acme", "--defaults", cwd=tmp_path)

    again = scaffold("init", "acme", "--defaults", cwd=tmp_path)

    assert (2, True) == (again.returncode, "is there already" in again.stderr)


def test_two_at_once_make_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The one that comes too late is refused, and removes nothing of what the other has made."""
    start = PlatformStart("acme", "registry.example.com/acme")
    identity = program.identity

    def after_another() -> Identity:
        monkeypatch.setattr(program, "identity", identity)
        init_platform(tmp_path, start)
        return identity()

    monkeypatch.setattr(program, "identity", after_another)
    with pytest.raises(UsageError, match="is there already"):
        init_platform(tmp_path, start)

    assert "Start the platform" == git("log", "--format=%s", cwd=tmp_path / "platform")
    assert "Start the platform" == git("log", "--format=%s", cwd=tmp_path / "forge/platform.git")


def test_control_c_as_its_folder_appears(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The folder is known to be this run's, and is removed."""
    mkdir = Path.mkdir

    def stopped(folder: Path, *arguments: Any, **named: Any) -> None:
        mkdir(folder, *arguments, **named)
        if folder.name == "forge":
            os.kill(os.getpid(), signal.SIGINT)

    monkeypatch.setattr(Path, "mkdir", stopped)
    # Below nohup it is ignored.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(StoppedError, match="nothing was created"):
            init_platform(tmp_path / "acme", PlatformStart("acme", "registry.example.com/acme"))
    finally:
        signal.signal(signal.SIGINT, before)

    assert [] == list(tmp_path.iterdir())


def test_a_bad_name_is_refused(tmp_path: Path) -> None:
    """The folder's name is the organisation's, so it has to be a label."""
    refused = scaffold("init", "Acme Corp", "--defaults", cwd=tmp_path)

    assert (2, []) == (refused.returncode, list(tmp_path.iterdir()))
    assert "the organisation's name `Acme Corp` may hold only" in refused.stderr


def test_without_a_terminal_defaults_are_needed(tmp_path: Path) -> None:
    """Nobody is there to ask."""
    refused = scaffold("init", "acme", cwd=tmp_path)

    assert (2, []) == (refused.returncode, list(tmp_path.iterdir()))


@pytest.mark.parametrize("ci", Ci)
def test_what_it_starts_with_passes_its_checks(tmp_path: Path, ci: Ci) -> None:
    """Settings, catalog and the pipeline of either CI system."""
    start = PlatformStart("acme", "registry.example.com/acme", ci=ci)
    write_folder(
        platform_tree(start, {"kind": "local", "path": str(tmp_path)}, {"b": "file:///b"}),
        tmp_path / "platform",
    )

    report = run_checks(platform_checks(tmp_path / "platform"))

    assert ("2 of 2 checks passed" if ci is Ci.GITLAB else "3 of 3 checks passed") == report.count


@pytest.mark.parametrize("ci", Ci)
@pytest.mark.parametrize("engine", [Engine.FLUX, Engine.ARGOCD])
def test_a_platform_with_an_engine(ci: Ci, engine: Engine) -> None:
    """Each environment names it and has what is applied once; no job applies access."""
    start = PlatformStart("acme", "registry.example.com/acme", ci=ci, engine=engine)

    tree = platform_tree(start, {"kind": "gitlab", "group": "acme"}, {"b": "https://x/b.git"})

    environments = yaml.safe_load(tree["platform.yml"].data)["environments"]
    assert [{"engine": str(engine)}] * 3 == [one["deploy"] for one in environments]
    roots = {f"deploy/{name}/engine.yaml" for name in ("dev", "staging", "prod")}
    assert roots == {path for path in tree if path.endswith("/engine.yaml")}
    pipeline = tree[".gitlab-ci.yml" if ci is Ci.GITLAB else ".github/workflows/ci.yml"].data
    assert b"pipeline validate" in pipeline
    assert b"pipeline access" not in pipeline


@pytest.mark.parametrize(
    ("names", "promotions"),
    [
        (("live",), ["automatic"]),
        (("dev", "live"), ["automatic", "merge-request"]),
        (("dev", "staging", "prod"), ["automatic", "soak", "merge-request"]),
        (("a", "b", "c", "d"), ["automatic", "soak", "soak", "merge-request"]),
    ],
)
def test_environments_are_a_chain(
    tmp_path: Path, names: tuple[str, ...], promotions: list[str]
) -> None:
    """Each follows the one before it; only the first takes every commit, the last asks a person."""
    start = PlatformStart("acme", "registry.example.com/acme", environments=names)

    tree = platform_tree(start, {"kind": "local", "path": str(tmp_path)}, {"b": "file:///b"})

    environments = yaml.safe_load(tree["platform.yml"].data)["environments"]
    assert promotions == [one["promotion"] for one in environments]
    assert [None, *names[:-1]] == [one.get("after") for one in environments]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("owner: platform", "owner: nobody", "`owner`: platform.yml has no team `nobody`"),
        ("name: payments\n", "name: refunds\n", "`name` is `refunds`"),
        ("blueprint: python-service", "blueprint: x", "`blueprint`: platform.yml has no `x`"),
        ("state: active", "state: asleep", "services/payments.yml:5: `state`"),
    ],
)
def test_a_catalog_entry_that_does_not_fit_fails(
    workspace: Path, old: str, new: str, said: str
) -> None:
    """The platform's own check names the file and the key."""
    scaffold("new", "service", "payments", "--defaults", cwd=workspace)
    entry = workspace / "platform/services/payments.yml"
    entry.write_text(entry.read_text().replace(old, new, 1))

    checked = scaffold("check", cwd=workspace / "platform")

    assert (1, True) == (checked.returncode, said in checked.stdout), checked.stdout


@pytest.mark.parametrize("command", ["init afile", "init afile/acme", "blueprint new x afile/x"])
def test_where_nothing_can_be_made(tmp_path: Path, command: str) -> None:
    """It is told as a fault of the folder, with what to do."""
    (tmp_path / "afile").write_text("mine\n")
    done = scaffold(*command.split(), *(["--defaults"] * command.startswith("init")), cwd=tmp_path)

    assert 1 == done.returncode
    assert "error [file-failed]: " in done.stderr
    assert "Name another folder, or look at its rights and at the disk." in done.stderr
    assert "mine\n" == (tmp_path / "afile").read_text()


@pytest.mark.parametrize(
    ("folder", "told"), [(".", "Next: scaffold"), ("a b", "Next: cd 'a b' && scaffold")]
)
def test_the_next_line_can_be_typed(tmp_path: Path, folder: str, told: str) -> None:
    """From where the user is."""
    (tmp_path / "acme").mkdir()
    done = scaffold("blueprint", "new", "greeter", folder, cwd=tmp_path / "acme")

    assert told in done.stdout
    assert (tmp_path / "acme" / folder / "blueprint.yml").is_file()

"""The command line is a contract: its commands, their options, exit statuses and documents."""

import json
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from scaffold.cli.commands import COMMANDS, Command, Group
from scaffold.cli.groups import load
from scaffold.cli.main import main
from scaffold.documents.schemas import published_schemas
from tests.builders import git
from tests.service.run import scaffold

EVERYWHERE = {"--output", "--quiet"}
OPTIONS = {
    "init": {"--data", "--defaults", "--forge"},
    "new service": {
        "--blueprint", "--data", "--data-file", "--defaults", "--dry-run", "--trust",
        "--platform",
    },
    "upgrade": {
        "--all", "--owner", "--blueprint", "--to", "--repo", "--data", "--dry-run", "--diff",
        "--jobs", "--wave", "--shard", "--failed", "--trust", "--resolve", "--platform",
        "--answers-file", "-a", "--merge-reports", "--record-version", "--reopen",
    },
    "drift": {
        "--all", "--owner", "--blueprint", "--repo", "--answers-file", "-a", "--check", "--diff",
        "--heal", "--dry-run", "--jobs", "--trust", "--platform",
    },
    "adopt": {
        "--dry-run", "--blueprint", "--as", "--data", "--defaults", "--platform", "--trust",
    },
    "merge-request list": {"--platform"},
    "merge-request show": {"--platform"},
    "blueprint lint": {"--trust", "--baseline", "--write-baseline"},
    "blueprint list": {"--platform"},
    "blueprint import": {"--platform"},
    "blueprint new": {"--defaults", "--platform", "--repo", "--skeleton"},
    "blueprint preview": {"--html", "--comment", "--jobs", "--platform"},
    "blueprint register": {"--dry-run", "--platform"},
    "blueprint release": {
        "--major", "--minor", "--patch", "--baseline", "--pre", "--push", "--dry-run", "--jobs",
    },
    "blueprint test": {"--data", "--jobs"},
    "bot run": {"--once", "--dry-run", "--interval", "--platform"},
    "promote": {"--to", "--dry-run", "--force", "--request", "--platform"},
    "retire": {"--dry-run", "--delete-data", "--prod-first", "--undo", "--platform"},
    "status": {
        "--all", "--behind", "--blueprint", "--drift", "--environment", "--html", "--owner",
        "--platform", "--sort", "--state", "--upgrades", "--watch",
    },
    "check": {"--secrets", "--platform"},
    "doctor": {"--platform"},
    "access show": {"--all", "--check", "--platform"},
    "access grant": {
        "--break-glass", "--for", "--reason", "--service", "--role", "--dry-run", "--platform",
    },
    "access log": {"--platform"},
    "access revoke": {"--break-glass", "--dry-run", "--platform"},
    "platform sync": {"--dry-run", "--force", "--checkout", "--platform"},
    "pipeline access": {"--environment", "--path", "--dry-run"},
    "pipeline deploy": {"--environment", "--path", "--dry-run", "--check", "--delete-data"},
    "pipeline image": {"--path", "--push", "--no-push"},
    "pipeline probe": {"--path", "--platform", "--pushgateway", "--status", "--textfile"},
    "pipeline smoke": {
        "--after", "--environment", "--junit", "--path", "--timeout", "--wait",
    },
    "pipeline validate": {"--path"},
}  # fmt: skip
# `test` hands on what the tests print, `serve` logs; the others say one line.
OPTIONS_WITHOUT_OUTPUT = {
    "pipeline changed": {"--path", "--since"},
    "pipeline test": {"--path"},
    "bot serve": {"--host", "--port", "--pages-port", "--interval", "--platform"},
    "pause": {"--undo", "--platform", "--quiet"},
    "merge-request merge": {"--platform", "--quiet"},
    "merge-request close": {"--platform", "--quiet"},
    "merge-request reopen": {"--platform", "--quiet"},
}


def leaves(group: Group = COMMANDS, name: str = "") -> dict[str, Command]:
    """All commands that do something, by what is typed to call them."""
    found: dict[str, Command] = {}
    for word, entry in group.commands.items():
        path = f"{name} {word}".strip()
        found |= leaves(entry, path) if isinstance(entry, Group) else {path: entry}
    return found


def test_the_commands_and_their_options() -> None:
    """Scripts and released pipelines call these."""
    options = {
        name: {option for one in load(name, entry).params if one.param_type_name == "option"
               for option in (*one.opts, *one.secondary_opts)}
        for name, entry in leaves().items()
    }  # fmt: skip

    everywhere = {name: flags | EVERYWHERE for name, flags in OPTIONS.items()}
    assert everywhere | OPTIONS_WITHOUT_OUTPUT == options


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (("--help",), 0),
        (("--version",), 0),
        (("check", "{empty}"), 1),
        (("new", "service", "x", "--defaults"), 2),
        (("nonsense",), 2),
        (("status", "--output", "xml"), 2),
    ],
)
def test_exit_statuses(tmp_path: Path, arguments: tuple[str, ...], status: int) -> None:
    """0 done, 1 something failed, 2 wrong use."""
    (tmp_path / "empty").mkdir()
    words = [word.format(empty=tmp_path / "empty") for word in arguments]

    assert status == scaffold(*words, cwd=tmp_path).returncode


def test_an_error_is_no_traceback(tmp_path: Path) -> None:
    """What, where and what to do, on standard error; the traceback comes with --debug."""
    plain = scaffold("check", str(tmp_path), cwd=tmp_path)
    debug = scaffold("--debug", "check", str(tmp_path), cwd=tmp_path)

    assert "" == plain.stdout
    assert (
        f"error [config-invalid]: {tmp_path}/.scaffold.yml: can't be read: No such file or"
        " directory\n  Is this one of the paired repos of a service? Name its folder.\n"
    ) == plain.stderr
    assert "Traceback" in debug.stderr


@pytest.mark.parametrize(
    "command",
    [
        "check nope", "blueprint lint nope", "blueprint test nope", "blueprint release nope",
        "blueprint register nope", "blueprint preview nope", "status --platform nope",
        "new service --platform nope",
    ],
)  # fmt: skip
def test_a_folder_that_is_not_there(tmp_path: Path, command: str) -> None:
    """Is told as such, not by what is missing in it."""
    done = scaffold(*command.split(), cwd=tmp_path)

    assert (2, True) == (done.returncode, "nope: there is no such folder\n" in done.stderr)


@pytest.mark.parametrize("command", ["status", "upgrade --all", "blueprint list"])
def test_control_c_is_told(
    command: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Also by commands that have nothing of their own to say of it."""

    def pressed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("scaffold.fleet.platform.find_platform", pressed)
    monkeypatch.setattr(sys, "argv", ["scaffold", *command.split()])
    with pytest.raises(SystemExit) as ended:
        main()

    assert 130 == ended.value.code
    assert "error [stopped]: the command was stopped\n" in capsys.readouterr().err


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """A platform with a service; the documents of each command by the schema's name."""
    folder = tmp_path_factory.mktemp("contract")
    who = {f"GIT_{who}_{what}": "dev@example.com" for who in ("AUTHOR", "COMMITTER")
           for what in ("NAME", "EMAIL")}  # fmt: skip
    json_output = ("--output", "json")
    made = scaffold("init", "acme", "--defaults", *json_output, cwd=folder, env=who)
    home = folder / "acme"
    new = scaffold("new", "service", "shop", "--defaults", *json_output, cwd=home, env=who)
    promote = scaffold(
        "promote", "shop", "--to", "staging", "--force", *json_output, cwd=home, env=who
    )
    bot = scaffold("bot", "run", "--once", *json_output, cwd=home, env=who)
    status = scaffold("status", *json_output, cwd=home)
    clone = folder / "shop-env"
    git("clone", "-q", f"file://{home}/forge/shop-env.git", str(clone), cwd=folder)
    check = scaffold("check", str(clone), *json_output, cwd=folder)
    runs = {
        "output-init": made,
        "output-new-service": new,
        "output-promote": promote,
        "output-bot": bot,
        "output-status": status,
        "output-check": check,
    }
    return home, {name: json.loads(run.stdout) for name, run in runs.items()}


@pytest.mark.parametrize(
    "name",
    [
        "output-init", "output-new-service", "output-promote", "output-bot", "output-status",
        "output-check",
    ],
)  # fmt: skip
def test_documents_are_as_published(platform: tuple[Path, dict[str, Any]], name: str) -> None:
    """What is printed fits the published JSON Schema, with nothing beside it."""
    _, documents = platform

    jsonschema.Draft202012Validator(published_schemas()[name]).validate(documents[name])
    assert 1 == documents[name]["version"]


def test_platform_yml_fits_its_schema(platform: tuple[Path, dict[str, Any]]) -> None:
    """The schema that editors complete with is the one that the file is read by."""
    import yaml

    home, _ = platform
    settings = yaml.safe_load((home / "platform/platform.yml").read_text())

    jsonschema.Draft202012Validator(published_schemas()["platform"]).validate(settings)


def test_quiet_prints_nothing_but_errors(platform: tuple[Path, dict[str, Any]]) -> None:
    """A success is silent; an error is not."""
    home, _ = platform
    done = scaffold("status", "--quiet", cwd=home)
    failed = scaffold("status", "nobody", "--quiet", cwd=home)

    assert (0, "", "") == (done.returncode, done.stdout, done.stderr)
    assert (2, "") == (failed.returncode, failed.stdout)
    assert "there is no service `nobody`" in failed.stderr

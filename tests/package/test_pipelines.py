"""What pipelines of others take from this repo: hooks of pre-commit, an action, components.

They are held to the schemas of their formats, to zizmor, and to the commands that there are. The
comment on a merge request is run against a stand-in for GitLab's API, and for GitHub's program.
"""

import json
import os
import re
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest
import yaml

from scaffold.cli.commands import COMMANDS
from scaffold.process import find_program
from tests.builders import write_files
from tests.cli.test_contract import OPTIONS, leaves

ROOT = Path(__file__).parents[2]
COMPONENTS = sorted((ROOT / "templates").glob("*.yml"))
MARK = "<!-- scaffold preview -->"
_CALL = re.compile(r"scaffold\"? (?P<words>(?:[a-z-]+ ?)+)")


def passes(*command: str | Path) -> None:
    """A program that ends well, and shows what it found where it does not."""
    program = find_program(str(command[0]))
    assert program, f"{command[0]} is not installed"
    done = subprocess.run(
        [program, *map(str, command[1:])], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert 0 == done.returncode, done.stdout + done.stderr


def jobs(component: Path) -> dict[str, Any]:
    """A component's jobs, with the defaults of its inputs, as GitLab reads them."""
    text = component.read_text(encoding="utf-8")
    spec = next(yaml.safe_load_all(text))["spec"]["inputs"]
    for name, told in spec.items():
        text = text.replace(f"$[[ inputs.{name} ]]", str(told.get("default", f"the-{name}")))
    assert "$[[" not in text, "an input that the component does not have"
    made: dict[str, Any] = list(yaml.safe_load_all(text))[1]
    return made


def commands(text: str) -> set[str]:
    """The commands of scaffold in a text of shell, and what else looks like one."""
    known = leaves(COMMANDS)
    found = set()
    for match in _CALL.finditer(text):
        words = match["words"].split()
        named = [" ".join(words[:n]) for n in (2, 1) if " ".join(words[:n]) in known]
        found.add(named[0] if named else " ".join(words))
    return found


def test_hooks() -> None:
    """pre-commit reads them, and each calls a command."""
    passes("pre-commit", "validate-manifest", ".pre-commit-hooks.yaml")
    hooks = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())

    assert {"scaffold-lint": "scaffold blueprint lint", "scaffold-check": "scaffold check"} == {
        hook["id"]: hook["entry"] for hook in hooks
    }
    assert {"blueprint lint", "check"} == {one for hook in hooks for one in commands(hook["entry"])}


def test_the_action() -> None:
    """By GitHub's schema of actions, and without what zizmor finds."""
    passes("check-jsonschema", "--builtin-schema", "vendor.github-actions", "action.yml")
    passes("zizmor", "--offline", "--quiet", "action.yml")
    steps = yaml.safe_load((ROOT / "action.yml").read_text())["runs"]["steps"]
    called = {one for step in steps for one in commands(step.get("run", ""))}

    assert {"blueprint lint", "blueprint test", "blueprint preview"} == called


@pytest.mark.parametrize(
    ("name", "called"),
    [
        ("blueprint", {"blueprint lint", "blueprint test", "blueprint preview"}),
        ("fleet", {"upgrade", "drift"}),
    ],
)
def test_a_component(tmp_path: Path, name: str, called: set[str]) -> None:
    """By GitLab's schema, once its inputs are filled in."""
    made = jobs(ROOT / f"templates/{name}.yml")
    write_files(tmp_path, {"ci.yml": yaml.safe_dump(made, sort_keys=False)})
    passes(
        "check-jsonschema", "--builtin-schema", "vendor.gitlab-ci", "--data-transform",
        "gitlab-ci", tmp_path / "ci.yml",
    )  # fmt: skip

    scripts = [line for job in made.values() for line in job.get("script", ())]
    assert called == {one for line in scripts for one in commands(line)}
    options = {option for line in scripts for option in re.findall(r"--[a-z-]+", line)}
    assert options <= set().union(*(OPTIONS[one] for one in called))


class Notes(BaseHTTPRequestHandler):
    """GitLab's API of a merge request's notes, as far as it is asked."""

    notes: ClassVar[list[dict[str, Any]]] = []
    log: ClassVar[list[tuple[str, str, str]]] = []

    def _answer(self) -> None:
        self.log.append((self.command, self.path, self.headers.get("PRIVATE-TOKEN", "")))
        sent = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.command == "POST":
            self.notes.append({"id": 7, **json.loads(sent)})
        elif self.command == "PUT":
            (one,) = (n for n in self.notes if self.path.endswith(f"/{n['id']}"))
            one.update(json.loads(sent))
        body = json.dumps(self.notes).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = do_PUT = _answer  # noqa: N815 - names of http.server's

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its own name
        """Say nothing."""


@pytest.fixture
def gitlab() -> Iterator[str]:
    """The address of its API, on which a person has commented."""
    Notes.notes[:] = [{"id": 1, "body": "Looks good"}]
    Notes.log.clear()
    with ThreadingHTTPServer(("127.0.0.1", 0), Notes) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/api/v4"
        server.shutdown()
        thread.join()


def test_the_comment_on_gitlab(gitlab: str, tmp_path: Path) -> None:
    """One comment, which later pipelines bring up to date; without a preview there is none."""
    (script,) = jobs(ROOT / "templates/blueprint.yml")["scaffold-preview"]["after_script"]
    environment = {
        **os.environ, "CI_API_V4_URL": gitlab, "CI_PROJECT_ID": "42",
        "CI_MERGE_REQUEST_IID": "3", "SCAFFOLD_TOKEN": "of-a-test", "no_proxy": "127.0.0.1",
    }  # fmt: skip

    def run() -> None:
        subprocess.run(["bash", "-ec", script], cwd=tmp_path, env=environment, check=True)

    run()
    assert [] == Notes.log
    for text in ("<p>one</p>\n", "<p>two</p>\n"):
        (tmp_path / "preview.html").write_text(text)
        run()

    notes = "/api/v4/projects/42/merge_requests/3/notes"
    listed = f"{notes}?per_page=100&sort=desc&order_by=updated_at"
    assert [
        ("GET", listed, "of-a-test"), ("POST", notes, "of-a-test"),
        ("GET", listed, "of-a-test"), ("PUT", f"{notes}/7", "of-a-test"),
    ] == Notes.log  # fmt: skip
    assert ["Looks good", f"{MARK}\n<p>two</p>\n"] == [one["body"] for one in Notes.notes]


@pytest.mark.parametrize(
    ("known", "call"),
    [
        ("", "--method POST repos/acme/b/issues/3/comments"),
        ("99", "--method PATCH repos/acme/b/issues/comments/99"),
    ],
)
def test_the_comment_on_github(tmp_path: Path, known: str, call: str) -> None:
    """The same, by the program of GitHub that its runners have."""
    gh = f'#!/bin/sh\necho "$@" >> log\ncase "$*" in *--paginate*) echo "{known}";; esac\n'
    write_files(tmp_path, {"bin/gh": gh, "preview.html": "<p>one</p>\n"})
    steps = yaml.safe_load((ROOT / "action.yml").read_text())["runs"]["steps"]
    (step,) = (one for one in steps if one.get("name") == "Comment")
    environment = {
        "PATH": f"{tmp_path}/bin:{os.environ['PATH']}", "RUNNER_TEMP": str(tmp_path),
        "MARK": step["env"]["MARK"], "REPO": "acme/b", "NUMBER": "3",
    }  # fmt: skip
    subprocess.run(
        ["bash", "-eo", "pipefail", "-c", step["run"]], cwd=tmp_path, env=environment, check=True
    )

    looked, commented = (tmp_path / "log").read_text().splitlines()
    assert "repos/acme/b/issues/3/comments" in looked
    assert f"api --silent {call} --field body=@{tmp_path}/comment.html" == commented
    assert f"{MARK}\n<p>one</p>\n" == (tmp_path / "comment.html").read_text()


def test_the_scheduled_workflow_of_the_docs() -> None:
    """By actionlint and zizmor, and by the options that its commands have."""
    file = "docs/deploy/fleet.github.yml"
    passes("actionlint", file)
    passes("zizmor", "--offline", "--quiet", file)
    (job,) = yaml.safe_load((ROOT / file).read_text())["jobs"].values()

    assert [("upgrade", {"--all", "--wave"}), ("drift", {"--all", "--check"})] == [
        (words.split()[0], set(re.findall(r"--[a-z]+", words)))
        for words in job["strategy"]["matrix"]["command"]
    ]

"""What many tests build: files, git repos, small blueprints, and a machine without a tool."""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from scaffold.process import find_program
from tests import areas

# Text and bytes are files (executable where they begin with `#!`); a path is a link to it.
Files = Mapping[str, str | bytes | Path]

BLUEPRINT_YML = """\
name: small
summary: A blueprint of two repos
kubernetes: "1.34"
repos:
  code: {name: "{{ service }}-code"}
  docker: {name: "{{ service }}-docker", follows: code, pin: upstream}
"""
# Tests append their own questions to it.
COPIER_YML = """\
_subdirectory: "{{ repo }}"
repo: {type: str, choices: [code, docker], default: code, ask: false}
service: {type: str, default: shop}
"""
ANSWERS_NAME = "{{ _copier_conf.answers_file }}.jinja"
ANSWERS_TEXT = "{{ _copier_answers | to_nice_yaml }}"
_SAME_FOR_ALL = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    **{f"GIT_{who}_NAME": "Test" for who in ("AUTHOR", "COMMITTER")},
    **{f"GIT_{who}_EMAIL": "test@example.com" for who in ("AUTHOR", "COMMITTER")},
    **{f"GIT_{who}_DATE": "2026-01-01T00:00:00Z" for who in ("AUTHOR", "COMMITTER")},
}


def git(*arguments: str, cwd: Path) -> str:
    """What git prints, under nobody's configuration; the same commits always have the same id."""
    done = subprocess.run(
        ["git", *arguments], cwd=cwd, env={**os.environ, **_SAME_FOR_ALL},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert 0 == done.returncode, done.stderr
    return done.stdout.strip()


def write_files(folder: Path, files: Files) -> None:
    """Lay files out below a folder."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, Path):
            path.symlink_to(content)
            continue
        data = content.encode() if isinstance(content, str) else content
        path.write_bytes(data)
        if data.startswith(b"#!"):
            path.chmod(0o755)


def commit_files(folder: Path, files: Files, *, message: str = "Change") -> str:
    """Make `files` the whole content of the repo at `folder`, which is made; return the commit."""
    if not (folder / ".git").exists():
        folder.mkdir(parents=True, exist_ok=True)
        git("init", "-q", "-b", "main", cwd=folder)
    for path in folder.iterdir():
        if path.is_dir() and not path.is_symlink():
            if path.name != ".git":
                shutil.rmtree(path)
        else:
            path.unlink()
    write_files(folder, files)
    git("add", "-A", "-f", cwd=folder)
    git("commit", "-q", "--allow-empty", "-m", message, cwd=folder)
    return git("rev-parse", "HEAD", cwd=folder)


def make_blueprint(folder: Path, files: Files, *, tag: str = "v1.0.0") -> str:
    """Release `files` as a version of the blueprint in the repo at `folder`; return its URL.

    A copier.yml and a blueprint.yml of the repos `code` and `docker` are added where they miss.
    For copier itself to take the URL for a repo's, the folder's name must end in `.git`.
    """
    whole = {"blueprint.yml": BLUEPRINT_YML, "copier.yml": COPIER_YML, **files}
    commit_files(folder, whole, message=f"Release {tag}")
    git("tag", tag, cwd=folder)
    return f"file://{folder}"


def serve_folder(monkeypatch: pytest.MonkeyPatch, folder: Path, server: str) -> None:
    """Let git find the repos in a folder below the address of a server, as if it had them.

    By file://, as a plain path is cloned whole: git takes no notice of --depth then.
    """
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", f"url.file://{folder}/.insteadOf")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", f"{server}/")


def need_programs(monkeypatch: pytest.MonkeyPatch, *names: str) -> None:
    """Find these programs where `make tools` puts them, or skip the test; in CI they must be."""
    tools = os.environ.get("SCAFFOLD_TOOLS", str(Path(__file__).parents[1] / ".tools/bin"))
    monkeypatch.setenv("PATH", os.pathsep.join([tools, os.environ.get("PATH", os.defpath)]))
    areas.need(*names)


def only_programs(monkeypatch: pytest.MonkeyPatch, folder: Path, *names: str) -> None:
    """For the rest of the test, let nothing be installed but these programs."""
    folder.mkdir()
    for name in names:
        found = find_program(name)
        assert found, f"{name} is not installed"
        (folder / name).symlink_to(found)
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setattr(sys, "executable", str(folder / "python"))


def harmful_git_config(folder: Path) -> Path:
    """The configuration of a user whose hooks, signing and templates fail or leave traces.

    What runs leaves a line in `folder`/ran, too.
    """
    hook = f"#!/bin/sh\necho $0 >> {folder}/ran\necho a hook of the user ran >&2\nexit 1\n"
    names = (
        "pre-commit", "commit-msg", "pre-push", "post-checkout", "pre-receive", "update",
        "reference-transaction",
    )  # fmt: skip
    write_files(folder, {f"hooks/{name}": hook for name in (*names, "watcher", "signer")})
    write_files(folder, {f"template/hooks/{name}": hook for name in names})
    write_files(folder, {"template/description": "from the user's template\n"})
    config = f"""\
[core]
    hooksPath = {folder}/hooks
    excludesFile = {folder}/ignore
    fsmonitor = {folder}/hooks/watcher
    safecrlf = true
[commit]
    gpgSign = true
[tag]
    gpgSign = true
[push]
    gpgSign = true
    followTags = true
    pushOption = ci.skip
[merge]
    verifySignatures = true
[gpg]
    program = {folder}/hooks/signer
[safe]
    bareRepository = explicit
[protocol]
    allow = never
    version = 0
[clone]
    defaultRemoteName = upstream
[status]
    showUntrackedFiles = no
[color]
    ui = always
[submodule]
    recurse = true
[init]
    templateDir = {folder}/template
    defaultBranch = trunk
[user]
    name = User
    email = user@example.com
"""
    write_files(folder, {"ignore": "*\n", ".gitconfig": config})
    return folder / ".gitconfig"

"""A small blueprint that lint has nothing to say about, and what it says of changed ones."""

from pathlib import Path

from scaffold.lint import lint_blueprint
from tests.builders import Files, git, write_files

QUESTIONS = """\
_subdirectory: "{{ repo }}"
repo: {type: str, choices: [code, docker, env], default: code, ask: false}
service: {type: str, help: What it is called, default: shop}
environments: {type: yaml, default: "[{name: dev}]", ask: false}
"""
MODEL = """\
name: small
summary: A blueprint of three repos
kubernetes: "1.34"
repos:
  code: {name: "{{ service }}-code"}
  docker: {name: "{{ service }}-docker", follows: code, pin: upstream}
  env: {name: "{{ service }}-env", follows: docker, pin: release}
"""
CLEAN: Files = {
    "copier.yml": QUESTIONS,
    "blueprint.yml": MODEL,
    "code/README.md.jinja": "The service {{ service }}.\n",
    "docker/Dockerfile": "FROM python:3.13.5-slim\n",
    "env/README.md": "Its environments.\n",
}
GITLAB = "code/.gitlab-ci.yml.jinja"
GITHUB = "code/.github/workflows/ci.yml.jinja"


def found(folder: Path, files: Files | None = None, *, questions: str = "") -> list[str]:
    """What lint says of the small blueprint with these files and further questions.

    Each finding is a line: its place, its code, its message.
    """
    whole: Files = {**CLEAN, "copier.yml": QUESTIONS + questions, **(files or {})}
    write_files(folder, whole)
    return said(folder)


def said(folder: Path) -> list[str]:
    """What lint says of the blueprint in a folder, as lines."""
    return [f"{one.where} {one.code} {one.message}" for one in lint_blueprint(folder)]


def codes(findings: list[str]) -> list[str]:
    """The codes alone, each once."""
    return sorted({one.split(":", 1)[1].split(" ")[1] for one in findings})


def release(folder: Path, files: Files | None = None, *, tag: str = "v1.0.0") -> None:
    """Make the small blueprint, with these files, a repo with a release."""
    write_files(folder, {**CLEAN, "CHANGELOG.md": CHANGELOG, **(files or {})})
    git("init", "-q", "-b", "main", cwd=folder)
    git("add", "-A", cwd=folder)
    git("commit", "-q", "-m", "Release", cwd=folder)
    git("tag", tag, cwd=folder)


CHANGELOG = "# Changelog\n\n## [Unreleased]\n\n## [1.0.0] - 2026-01-01\n\n- The first one.\n"

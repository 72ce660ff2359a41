"""A small blueprint in a git repo of its own, with a function for each thing its author does."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scaffold.authoring.kit import Kit
from scaffold.authoring.versions import Versions, copy_versions, open_versions
from tests.builders import ANSWERS_NAME, ANSWERS_TEXT, BLUEPRINT_YML, Files, git, write_files

QUESTIONS = """\
_subdirectory: "{{ repo }}"
_skip_if_exists: [NOTES.md]
repo: {type: str, choices: [code, docker], default: code, ask: false}
service: {type: str, default: shop}
owner: {type: str, default: platform}
siblings: {type: yaml, default: {}, ask: false}
registry: {type: str, default: none, ask: false}
greeting: {type: str, default: hello}
"""
REPOFILE = """\
service: {{ service }}
owner: {{ owner }}
repo: {{ repo }}
kubernetes: "1.34"
"""
CHANGELOG = "# Changelog\n\n## [Unreleased]\n"
FILES: Files = {
    "blueprint.yml": BLUEPRINT_YML,
    "copier.yml": QUESTIONS,
    "CHANGELOG.md": CHANGELOG,
    **{f"{repo}/{ANSWERS_NAME}": ANSWERS_TEXT for repo in ("code", "docker")},
    **{f"{repo}/.scaffold.yml.jinja": REPOFILE for repo in ("code", "docker")},
    "code/README.md.jinja": "# {{ service }}\n\n{{ greeting }}\n",
    "code/NOTES.md": "Notes.\n",
    "docker/image.txt.jinja": "{{ registry }}/{{ service }}\n",
}


@dataclass
class Author:
    """An author at work on a blueprint in `folder`."""

    folder: Path
    scratch: Path

    def write(self, files: Files) -> None:
        """Change or add files; nothing is committed."""
        write_files(self.folder, files)

    def commit(self, message: str = "Change") -> str:
        """Commit all that lies there."""
        git("add", "-A", cwd=self.folder)
        git("commit", "-q", "--allow-empty", "-m", message, cwd=self.folder)
        return git("rev-parse", "HEAD", cwd=self.folder)

    def tag(self, name: str) -> None:
        """Commit all that lies there, and tag it."""
        self.commit(f"Release {name}")
        git("tag", name, cwd=self.folder)

    def edit(self, path: str, old: str, new: str) -> None:
        """Replace a text that is there once."""
        file = self.folder / path
        text = file.read_text(encoding="utf-8")
        assert 1 == text.count(old), text
        file.write_text(text.replace(old, new), encoding="utf-8")

    def ask(self, *questions: str) -> None:
        """Add questions, a line of YAML each."""
        text = (self.folder / "copier.yml").read_text(encoding="utf-8")
        self.write({"copier.yml": text + "".join(f"{one}\n" for one in questions)})

    def versions(self) -> Versions:
        """What lies there, and the releases."""
        place = self.scratch / f"v{len(list(self.scratch.iterdir()))}"
        place.mkdir()
        return open_versions(copy_versions(self.folder, place), place)

    def kit(self) -> Kit:
        """The test kit of what lies there now."""
        versions = self.versions()
        place = self.scratch / f"k{len(list(self.scratch.iterdir()))}"
        place.mkdir()
        return Kit(versions, place)


def make_author(root: Path, files: Files | None = None) -> Author:
    """An author who has just committed the small blueprint."""
    author = Author(root / "small", root / "scratch")
    author.folder.mkdir(parents=True)
    author.scratch.mkdir()
    git("init", "-q", "-b", "main", cwd=author.folder)
    author.write({**FILES, **(files or {})})
    author.commit()
    return author


def text(tree: Any, path: str) -> str:
    """The text of one file of a tree."""
    found: bytes = tree[path].data
    return found.decode()

"""One template, one repo that copier made from it, and what becomes of the repo in an upgrade."""

import shutil
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import copier

from scaffold.git.folders import read_folder
from scaffold.git.tree import CommitTree, Entry, open_repo
from scaffold.render.answers_file import DEFAULT_NAME
from scaffold.render.templates import TemplateRepo
from scaffold.upgrade.plan import Project, UpgradePlan, Want
from scaffold.upgrade.planning import plan_upgrade
from tests.builders import ANSWERS_NAME, ANSWERS_TEXT, Files, commit_files, git, write_files

Tree = dict[str, Entry]


@dataclass
class Case:
    """A folder with a template `template.git` and a repo `repo`."""

    root: Path

    @property
    def template(self) -> str:
        """The template's URL, as answers files record it."""
        return f"{self.root}/template.git"

    @property
    def repo(self) -> Path:
        """The checkout of the repo."""
        return self.root / "repo"

    def release(self, tag: str, files: Files, questions: str = "") -> str:
        """Release `files` with `questions` as a version of the template; return its commit."""
        whole: Files = {ANSWERS_NAME: ANSWERS_TEXT, "copier.yml": questions or "{}\n", **files}
        commit = commit_files(Path(self.template), whole, message=f"Release {tag}")
        git("tag", "-f", tag, cwd=Path(self.template))
        return commit

    def release_as_it_is(self, tag: str) -> None:
        """Release what is in the template's checkout, modes included."""
        git("add", "-A", "-f", cwd=Path(self.template))
        git("commit", "-q", "--allow-empty", "-m", f"Release {tag}", cwd=Path(self.template))
        git("tag", "-f", tag, cwd=Path(self.template))

    def generate(self, tag: str, folder: str = "", *, tasks: bool = False, **answers: Any) -> None:
        """Make the repo (or a folder of it) by copier itself, and commit it."""
        place = self.repo / folder
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            copier.run_copy(
                self.template, place, data=answers, vcs_ref=tag, defaults=True, quiet=True,
                unsafe=True, skip_tasks=not tasks,
            )  # fmt: skip
        if not (self.repo / ".git").exists():
            git("init", "-q", "-b", "main", cwd=self.repo)
        self.commit("Generate")

    def commit(self, message: str = "Edit") -> str:
        """Commit all that is in the checkout."""
        git("add", "-A", "-f", cwd=self.repo)
        git("commit", "-q", "--allow-empty", "-m", message, cwd=self.repo)
        return git("rev-parse", "HEAD", cwd=self.repo)

    def edit(self, files: Mapping[str, str | bytes | Path | None]) -> None:
        """Change, add or (None) delete files as the owner, and commit that."""
        for name, content in files.items():
            path = self.repo / name
            if path.is_symlink() or path.is_file():
                path.unlink()
            elif path.is_dir():
                shutil.rmtree(path)
            if content is not None:
                write_files(self.repo, {name: content})
        self.commit()

    def add_submodule(self, path: str) -> None:
        """Let the repo have another one as a submodule."""
        other = self.root / "other.git"
        commit_files(other, {"lib.txt": "lib\n"})
        allowed = ("-c", "protocol.file.allow=always")
        git(*allowed, "submodule", "--quiet", "add", str(other), path, cwd=self.repo)
        self.commit("Add a submodule")

    def plan(
        self, want: Want | None = None, *, folder: str = "", answers_path: str = DEFAULT_NAME
    ) -> UpgradePlan:
        """What an upgrade of the repo's head would do."""
        store = open_repo(self.repo)
        head = git("rev-parse", "HEAD", cwd=self.repo)
        scratch = self.root / "scratch"
        scratch.mkdir(exist_ok=True)
        project = Project(store, head, "repo", folder, answers_path)
        return plan_upgrade(
            project, lambda url: TemplateRepo(url, scratch), want or Want(), scratch
        )

    def ours(self) -> Tree:
        """The files at the repo's head."""
        store = open_repo(self.repo)
        return dict(CommitTree(store, git("rev-parse", "HEAD", cwd=self.repo)))

    def fresh(self, tag: str, **answers: Any) -> Tree:
        """What copier makes of a version in an empty folder."""
        folder = self.root / "fresh" / "repo"
        shutil.rmtree(folder, ignore_errors=True)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            copier.run_copy(
                self.template, folder, data=answers, vcs_ref=tag, defaults=True, quiet=True,
                unsafe=True, skip_tasks=True,
            )  # fmt: skip
        return read_folder(folder)


def result(plan: UpgradePlan) -> Tree:
    """The files of the project after the upgrade."""
    tree = dict(plan.project.files)
    for path, entry in plan.merged.changes.items():
        if entry is None:
            tree.pop(path, None)
        else:
            tree[path] = entry
    return tree


def texts(tree: Mapping[str, Entry]) -> dict[str, str]:
    """The same as text, without the answers files."""
    return {
        path: entry.data.decode("utf-8", "backslashreplace")
        for path, entry in tree.items()
        if ".copier-answers" not in path
    }


def decided(plan: UpgradePlan) -> list[tuple[str, str]]:
    """Path and kind of each decision."""
    return [(one.path, one.kind.value) for one in plan.merged.decisions]


def conflicts(plan: UpgradePlan) -> list[tuple[str, str]]:
    """Path and kind of each conflict."""
    return [(one.path, one.kind.value) for one in plan.merged.conflicts]

"""Render into memory: copier's own rules, without a file written, read back or looked at.

Where a template has links or extensions of its own, or makes a path that a disk may refuse, copier
writes files as ever.
"""

import os
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from pygit2.enums import FileMode

from scaffold.git.tree import Entry, Tree
from scaffold.render.copier_api import Worker, YieldTagInFileError, get_yield_context

_LONGEST = 200  # bytes of a path; what is longer is tried on the disk


class NotInMemoryError(Exception):
    """A template does what only files on a disk can show, so it has to be rendered into some."""


@dataclass(frozen=True)
class Source:
    """One file or folder of a template.

    `path` is below the folder that is rendered, `name` below the template's.
    """

    path: Path
    name: str
    folder: bool
    entry: Entry


@dataclass
class Sources:
    """What is read of one version's folder, once; `plain` until a link was seen.

    `behind_questions` has, once they were looked for, the texts of what the questions include.
    """

    root: Path
    plain: bool = True
    listed: dict[Path, list[Source]] = field(default_factory=dict)
    behind_questions: list[tuple[str, ...] | None] = field(default_factory=list)

    def below(self, folder: Path) -> list[Source]:
        """Files and folders to render, in the order in which copier walks."""
        if folder not in self.listed:
            self.listed[folder] = list(self._walk(folder, folder))
        return self.listed[folder]

    def _walk(self, top: Path, folder: Path) -> Iterator[Source]:
        for entry in os.scandir(folder):
            path = Path(entry.path)
            if entry.is_symlink():
                self.plain = False
                return
            executable = entry.stat().st_mode & stat.S_IXUSR
            mode = FileMode.BLOB_EXECUTABLE if executable else FileMode.BLOB
            # What copier calls it: an error's place is read off this name.
            src_relpath = path.relative_to(self.root).as_posix()
            data = b"" if entry.is_dir() else path.read_bytes()
            yield Source(path.relative_to(top), src_relpath, entry.is_dir(), Entry(mode, data))
            if entry.is_dir():
                yield from self._walk(top, path)


def fits(worker: Worker, sources: Sources) -> bool:
    """Whether a template can be rendered in memory."""
    if worker.template.jinja_extensions:
        return False
    sources.below(worker.template_copy_root)
    return sources.plain


def render(worker: Worker, sources: Sources) -> Tree:
    """Render all files, in the worker's render phase. Raises NotInMemoryError, and as copier."""
    tree: Tree = {}
    folders: set[str] = set()
    for source in sources.below(worker.template_copy_root):
        for path, loop in worker._render_path(source.path):  # noqa: SLF001 - as copier does
            place = _placed(path)
            if worker.match_exclude(path):
                continue
            if source.folder:
                folders.add(place)
                continue
            entry = _content(worker, source, loop or {})
            if place not in tree or not worker.match_skip(path):
                tree[place] = entry
            folders.update(str(folder) for folder in PurePosixPath(place).parents)
    if folders & tree.keys():
        raise NotInMemoryError
    return dict(sorted(tree.items()))


def _placed(path: Path) -> str:
    """The path as a tree has it. Raises NotInMemoryError for one that a disk may refuse."""
    name = path.as_posix()
    odd = path.is_absolute() or ".." in path.parts or not path.parts or "\0" in name
    if odd or not name.isascii() or len(name) > _LONGEST:
        raise NotInMemoryError
    return name


def _content(worker: Worker, source: Source, loop: Mapping[str, Any]) -> Entry:
    suffix = worker.template.templates_suffix
    if not source.path.name.endswith(suffix):
        return source.entry
    src_relpath = source.name  # what copier calls it: an error's place is read off this name
    try:
        template = worker.jinja_env.get_template(src_relpath)
    except UnicodeDecodeError:
        if suffix:
            raise
        return source.entry
    text = template.render(**worker._render_context(), **loop)  # noqa: SLF001 - as copier does
    if get_yield_context(worker.jinja_env).yield_name:
        raise YieldTagInFileError(f"File {source.name} contains a yield tag, which is not allowed.")
    return Entry(source.entry.mode, text.encode())

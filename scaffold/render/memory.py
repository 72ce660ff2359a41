"""Renders into memory by copier's rules, without writing files and reading them back.

Templates with links or extensions of their own, or with paths that a disk may refuse, are rendered
into files by copier.
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
from scaffold.render.tolerance import each_for_itself

_LONGEST = 200  # bytes of a path; longer ones are rendered to the disk


class NotInMemoryError(Exception):
    """The template needs files on a disk, so it has to be rendered into a folder."""


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
    """The files of one version's folder, read once; `plain` is false once a link was seen.

    `behind_questions` has the texts that questions include, once they were looked up.
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
            # Copier's name for it, by which the place of an error is found.
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
            entry = None
            with each_for_itself(source.name):
                entry = _content(worker, source, loop or {})
            if entry is not None and (place not in tree or not worker.match_skip(path)):
                tree[place] = entry
            folders.update(str(folder) for folder in PurePosixPath(place).parents)
    if folders & tree.keys():
        raise NotInMemoryError
    return dict(sorted(tree.items()))


def _placed(path: Path) -> str:
    """The path as in a tree. Raises NotInMemoryError for one that a disk may refuse."""
    name = path.as_posix()
    odd = path.is_absolute() or ".." in path.parts or not path.parts or "\0" in name
    if odd or not name.isascii() or len(name) > _LONGEST:
        raise NotInMemoryError
    return name


def _content(worker: Worker, source: Source, loop: Mapping[str, Any]) -> Entry:
    suffix = worker.template.templates_suffix
    if not source.path.name.endswith(suffix):
        return source.entry
    src_relpath = source.name  # copier's name for it, by which the place of an error is found
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

"""Renders that map each of their lines to a line of a template.

Jinja keeps no such map. So marks are put into the literal text of the templates when they are
parsed, appear at the same places of the result, and are removed again. Where a template reads its
own output (the length of a macro's result, say) marks might change the result; then the lines count
as those of the template's beginning, and the text is that of the render without marks.
"""

import re
import tempfile
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from jinja2.ext import Extension
from jinja2.lexer import Token, TokenStream

from scaffold.git.tree import Tree, text_of
from scaffold.render.copier_api import Worker
from scaffold.render.copying import make_worker, operation
from scaffold.render.environment import begin_render
from scaffold.render.render import rendering
from scaffold.render.source import TemplateVersion
from scaffold.render.tolerance import stood_in

# Characters without a meaning (Unicode's private use area), around `file:line`.
_BEGIN, _END = "\U000ff001", "\U000ff002"
_MARK = re.compile(f"{_BEGIN}([0-9]+):([0-9]+){_END}")


@dataclass(frozen=True)
class RenderedFile:
    """A file of a render, the template that it was made from, and the sources of its lines.

    `marked` is the text with its marks, `names` are the files that the marks count; `marked` is
    None where the lines are those of the template or are not known.
    """

    path: str
    data: bytes
    source: str
    is_template: bool
    marked: str | None = None
    names: tuple[str, ...] = ()

    @cached_property
    def text(self) -> str | None:
        """The content, or None for a binary file."""
        return text_of(self.data)

    def origin(self, line: int) -> tuple[str, int]:
        """The file and line of the blueprint for a line of the render (from 1)."""
        if not self.is_template:
            return self.source, line
        return self._origins[line - 1] if line <= len(self._origins) else (self.source, 1)

    @cached_property
    def _origins(self) -> list[tuple[str, int]]:
        origins = []
        last = (self.source, 1)
        for line in (self.marked or "").split("\n"):
            last = self._origin_of(line, last)
            origins.append(last)
        return origins

    def _origin_of(self, line: str, before: tuple[str, int]) -> tuple[str, int]:
        """The origin of the first word of a line; without a mark, it continues the line before.

        The origin of an empty line is that of its first mark.
        """
        place = None
        for mark in _MARK.finditer(line):
            if place is not None and _MARK.sub("", line[: mark.start()]).strip():
                break
            place = (self.names[int(mark[1])], int(mark[2]))
        return place or before


class _Marks(Extension):
    """Puts marks into the text of files; strings such as paths get none."""

    def __init__(self, environment: Any) -> None:
        super().__init__(environment)
        environment.marked_names = []

    def filter_stream(self, stream: TokenStream) -> Iterator[Token]:
        """The tokens of a template, with a mark in each line of its text."""
        if stream.name is None:
            yield from stream
            return
        names: list[str] = self.environment.marked_names  # type: ignore[attr-defined]
        if stream.name not in names:
            names.append(stream.name)
        number = names.index(stream.name)
        for token in stream:
            yield _marked(token, number) if token.type == "data" else token


def _marked(token: Token, number: int) -> Token:
    lines = str(token.value).split("\n")
    marked = (f"{_BEGIN}{number}:{token.lineno + i}{_END}{line}" for i, line in enumerate(lines))
    return Token(token.lineno, token.type, "\n".join(marked))


def trace(
    template: TemplateVersion,
    answers: Mapping[str, Any],
    tree: Tree,
    scratch: Path,
    *,
    trust: bool = False,
) -> tuple[RenderedFile, ...]:
    """The files of a render whose result, `tree`, is known.

    Links are left out, and files for which something stood in that could not be loaded.
    """

    def run(version: TemplateVersion, *, marks: bool) -> tuple[RenderedFile, ...]:
        with tempfile.TemporaryDirectory(dir=scratch) as folder, rendering(version):
            worker = make_worker(version, answers, Path(folder), trust=trust)
            return _files(worker, tree, marks=marks)

    try:
        return run(replace(template, url=f"{template.url}#marked"), marks=True)
    except Exception:  # noqa: BLE001 - a template may do anything with its marked output
        return run(template, marks=False)


def _files(worker: Worker, tree: Tree, *, marks: bool) -> tuple[RenderedFile, ...]:
    environment = worker.jinja_env
    if marks and not hasattr(environment, "marked_names"):
        environment.add_extension(_Marks)
    made: list[tuple[Path, Path]] = []
    inherited = worker._render_file  # noqa: SLF001 - copier tells nobody else what is made of what

    def render_file(source: Path, path: Path, extra_context: Any = None) -> None:
        before = stood_in(environment)
        inherited(source, path, extra_context)
        if stood_in(environment) == before:  # else it is not what anybody would get
            made.append((source, path))

    worker.__dict__["_render_file"] = render_file
    begin_render()
    with worker, operation("copy"), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # copier warns about missing external data
        worker.run_copy()
    names = tuple(getattr(environment, "marked_names", ()))
    files = []
    for source, path in made:
        if (entry := tree.get(path.as_posix())) is None:
            continue
        marked = (worker.dst_path / path).read_bytes().decode("utf-8", "replace")
        same = marks and _MARK.sub("", marked).encode() == entry.data
        is_template = source.name.endswith(worker.template.templates_suffix)
        place = (path.as_posix(), entry.data, source.as_posix(), is_template)
        files.append(RenderedFile(*place, marked if same else None, names))
    return tuple(files)

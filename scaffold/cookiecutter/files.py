r"""The files of a cookiecutter template's project folder, as copier renders them.

Cookiecutter reads each file as text, renders it with `\n`, and writes it with the line ends that it
found. Copier renders what has its suffix, and copies all else. So a file keeps its name where
cookiecutter would write what is there already.
"""

import fnmatch
import io
import posixpath
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pygit2.enums import FileMode

from scaffold.cookiecutter.report import Report
from scaffold.cookiecutter.syntax import Syntax
from scaffold.git.tree import Entry, text_of

_SUFFIXES = (".jinja", ".j2", ".tmpl", ".copier")


@dataclass(frozen=True)
class File:
    r"""One file: its path in the project folder, and its text with `\n`, None where it is copied.

    `line_end` is what cookiecutter writes; `raw` are how many parts of the path are no templates.
    """

    path: str
    entry: Entry
    text: str | None
    line_end: str = "\n"
    is_template: bool = False
    raw_from: int | None = None


def project_files(
    tree: Mapping[str, Entry],
    root: str,
    syntax: Syntax,
    copied: Sequence[str],
    line_end: str | None,
    report: Report,
) -> list[File]:
    """The files below `root`; `copied` are patterns of paths, `line_end` what all files get."""
    found = []
    for path, entry in sorted(tree.items()):
        if not path.startswith(f"{root}/"):
            continue
        followed = _followed(tree, path, entry)
        if followed is None:
            report.leave(
                path, 1, "is a link to a folder or to nothing, and was left out",
                "Put the files there.",
            )  # fmt: skip
            continue
        found.append(_file(path.removeprefix(f"{root}/"), followed, syntax, copied, line_end))
    return found


def _followed(tree: Mapping[str, Entry], path: str, entry: Entry) -> Entry | None:
    """What a link leads to, as cookiecutter takes it; None where that is no file."""
    for _ in range(10):
        if entry.mode != FileMode.LINK:
            return entry
        target = entry.data.decode("utf-8", "surrogateescape")
        path = posixpath.normpath(posixpath.join(posixpath.dirname(path), target))
        if path not in tree:
            return None
        entry = tree[path]
    return None


def _file(
    path: str, entry: Entry, syntax: Syntax, copied: Sequence[str], wanted: str | None
) -> File:
    raw_from = _raw_from(path, copied)
    text = None if raw_from is not None else text_of(entry.data)
    if text is None:
        return File(path, entry, None, raw_from=raw_from)
    line_end = wanted or _first_line_end(entry.data)
    plain = with_newlines(text)
    is_same = plain.replace("\n", line_end).encode() == entry.data
    return File(path, entry, plain, line_end, not is_same or syntax.is_template(plain))


def _raw_from(path: str, copied: Sequence[str]) -> int | None:
    """From which part on the path of a copied file is no template; None for a rendered file.

    Of a copied folder its own name is rendered, but no name in it.
    """
    parts = path.split("/")
    for count in range(1, len(parts) + 1):
        if any(fnmatch.fnmatch("/".join(parts[:count]), pattern) for pattern in copied):
            return count
    return None


def with_newlines(text: str) -> str:
    r"""A text with `\n` for its line ends."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _first_line_end(data: bytes) -> str:
    """The line end that cookiecutter finds: python's, of the beginning of a file."""
    with io.TextIOWrapper(io.BytesIO(data), encoding="utf-8") as reader:
        reader.readline()
        found = reader.newlines
    return (found[0] if isinstance(found, tuple) else found) or "\n"


def free_suffix(files: Sequence[File]) -> str:
    """A suffix that no file of the project has, so that all of those with it are templates."""
    for suffix in _SUFFIXES:
        if not any(one.path.endswith(suffix) for one in files):
            return suffix
    return f"{_SUFFIXES[0]}{_SUFFIXES[-1]}"


def with_line_ends(text: str, line_end: str, syntax: Syntax) -> str:
    r"""A template that renders with other line ends than `\n`."""
    if line_end == "\n":
        return text
    return syntax.filtered(text, f"replace('\\n', {line_end!r})")

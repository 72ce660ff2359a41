"""The three-way merge of one file's bytes, by `git merge-file`.

Line ends and UTF-16 are not content: lines are compared without them, and the result has those of
the owner, unless only the blueprint changed them. Where the owner mixes line ends, each line keeps
its own.
"""

import codecs
from dataclasses import dataclass

from scaffold.errors import ProcessFailedError
from scaffold.git import program
from scaffold.git.disk import fault_in
from scaffold.git.scratch import scratch_folder

_UTF16 = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
_ERROR = 128  # below it, the exit status is the number of conflicts: https://git-scm.com/docs/git-merge-file


@dataclass(frozen=True)
class Labels:
    """The names of the sides, for conflict markers."""

    ours: str
    base: str
    theirs: str


@dataclass(frozen=True)
class MergedText:
    """The result, and whether it has conflict markers in it."""

    data: bytes
    conflict: bool


@dataclass(frozen=True)
class _Text:
    """A file's text, in an encoding whose line ends are bytes, and its byte order mark, if any."""

    data: bytes
    mark: bytes = b""


def is_binary(data: bytes) -> bool:
    """Whether a file can't be merged by lines; UTF-16 with a byte order mark is text."""
    return _text(data) is None


def same_text(first: bytes, other: bytes) -> bool:
    """Whether two files differ only in their line ends."""
    return first == other or (not is_binary(first) and _unix(first) == _unix(other))


def merge_text(
    base: bytes, ours: bytes, theirs: bytes, labels: Labels, *, union: bool = False
) -> MergedText | None:
    """Merge the owner's and the blueprint's version of `base`; empty, where both added the file.

    With `union`, lines of both sides are kept instead of a conflict. None where a side is not text,
    or where the encodings are incompatible.
    """
    before, mine, new = _text(base), _text(ours), _text(theirs)
    if before is None or mine is None or new is None:
        return None
    mark = new.mark if not ours or (base and mine.mark == before.mark) else mine.mark
    sides = (before.data, mine.data, new.data)
    mixed = any(side.mark for side in (before, mine, new))
    if mixed and not all(_is_utf8(side) for side in sides):
        return None
    if not mixed and _mixes_encodings(before.data, mine.data, new.data):
        return None
    merged = _merge_lines(*sides, labels, union=union)
    if not mark or not merged.data:
        return merged
    text = merged.data.decode("utf-8", "surrogatepass")
    return MergedText(mark + text.encode(_UTF16[mark], "surrogatepass"), merged.conflict)


def _text(data: bytes) -> _Text | None:
    encoding = _UTF16.get(data[:2])
    if encoding is None:
        return None if b"\0" in data else _Text(data)
    try:
        text = data[2:].decode(encoding, "surrogatepass")
    except UnicodeDecodeError:
        return None
    return None if "\0" in text else _Text(text.encode("utf-8", "surrogatepass"), data[:2])


def _mixes_encodings(base: bytes, ours: bytes, theirs: bytes) -> bool:
    """Whether the result would have lines in two encodings.

    That is so where the lines that one side adds are non-ASCII UTF-8, and those of the other side
    are not UTF-8.
    """
    for added, beside in ((ours, theirs), (theirs, ours)):
        if _is_utf8(beside):
            continue
        lines = set(added.splitlines()) - set(base.splitlines())
        if any(not line.isascii() and _is_utf8(line) for line in lines):
            return True
    return False


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return False
    return True


def _merge_lines(
    base: bytes, ours: bytes, theirs: bytes, labels: Labels, *, union: bool
) -> MergedText:
    ends = _line_ends(base, ours, theirs)
    if ends is None:
        return _merge_file(base, ours, theirs, labels, union=union)
    merged = _merge_file(_unix(base), _unix(ours), _unix(theirs), labels, union=union)
    data = merged.data.replace(b"\n", b"\r\n") if ends == b"\r\n" else merged.data
    return MergedText(data, merged.conflict)


def _line_ends(base: bytes, ours: bytes, theirs: bytes) -> bytes | None:
    """The line ends of the result; None where they are mixed and stay as they are."""
    before, mine, new = _style(base), _style(ours), _style(theirs)
    if mine is None:
        return None
    if mine and (not base or mine != before):
        return mine
    return None if new is None else new or mine or b"\n"


def _style(data: bytes) -> bytes | None:
    """CRLF, LF, empty for a file without line ends, None for a mixture."""
    crlf = data.count(b"\r\n")
    lone = data.count(b"\n") - crlf
    if crlf and lone:
        return None
    return b"\r\n" if crlf else b"\n" if lone else b""


def _unix(data: bytes) -> bytes:
    return data.replace(b"\r\n", b"\n")


def _merge_file(
    base: bytes, ours: bytes, theirs: bytes, labels: Labels, *, union: bool
) -> MergedText:
    with scratch_folder() as folder:
        paths = [folder / name for name in ("ours", "base", "theirs")]
        for path, data in zip(paths, (ours, base, theirs), strict=True):
            path.write_bytes(data)
        how = "--union" if union else "--diff3"
        names = [
            word for label in (labels.ours, labels.base, labels.theirs) for word in ("-L", label)
        ]
        done = program.git(
            "merge-file", "-p", how, *names, *(str(path) for path in paths), check=False
        )
    if done.status >= _ERROR:
        file_error = fault_in("\n".join(done.last_lines), folder)
        raise file_error or ProcessFailedError("`git merge-file` failed", details=done.last_lines)
    return MergedText(done.stdout, done.status > 0)

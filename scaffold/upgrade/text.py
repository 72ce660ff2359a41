"""The three-way merge of one file's bytes, by `git merge-file`.

Line ends are not content: where a side has other ones throughout, lines are compared without them,
and the result has the owner's, unless the blueprint alone changed them. UTF-16 is merged as text.
"""

import codecs
import tempfile
from dataclasses import dataclass
from pathlib import Path

from scaffold.errors import ProcessFailedError
from scaffold.git import transport

_SNIFFED = 8000  # bytes that git looks at, too, to tell binary files
_UTF16 = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
_ERROR = 128  # below it, the exit status of `git merge-file` counts the conflicts


@dataclass(frozen=True)
class Labels:
    """Whose side is whose, for the markers of a conflict."""

    ours: str
    base: str
    theirs: str


@dataclass(frozen=True)
class MergedText:
    """The result, and whether it has conflict markers in it."""

    data: bytes
    conflict: bool


def is_binary(data: bytes) -> bool:
    """Whether there is no merging these bytes line by line; UTF-16 with a mark is text."""
    return b"\0" in data[:_SNIFFED] and data[:2] not in _UTF16


def same_text(one: bytes, other: bytes) -> bool:
    """Whether two files differ in nothing but their line ends."""
    return one == other or (not is_binary(one) and _unix(one) == _unix(other))


def merge_text(
    base: bytes, ours: bytes, theirs: bytes, labels: Labels, *, union: bool = False
) -> MergedText:
    """Merge what the owner and the blueprint made of `base`; empty, where both added the file.

    With `union`, lines of both sides are kept instead of a conflict.
    """
    encoding = _UTF16.get(ours[:2])
    before, mine, new = _from_utf16(base), _from_utf16(ours), _from_utf16(theirs)
    if encoding and before is not None and mine is not None and new is not None:
        merged = merge_text(before, mine, new, labels, union=union)
        text = merged.data.decode("utf-8", "surrogatepass")
        return MergedText(ours[:2] + text.encode(encoding, "surrogatepass"), merged.conflict)
    ends = _line_ends(base, ours, theirs)
    if ends is None:
        return _merge_file(base, ours, theirs, labels, union=union)
    merged = _merge_file(_unix(base), _unix(ours), _unix(theirs), labels, union=union)
    data = merged.data.replace(b"\n", b"\r\n") if ends == b"\r\n" else merged.data
    return MergedText(data, merged.conflict)


def _line_ends(base: bytes, ours: bytes, theirs: bytes) -> bytes | None:
    """The line ends of the result, or None where a side mixes them, so that they stay so."""
    found = [_style(side) for side in (base, ours, theirs)]
    if None in found:
        return None
    before, mine, new = (end or b"" for end in found)
    return (new if mine == before and new else mine) or b"\n"


def _style(data: bytes) -> bytes | None:
    """CRLF, LF, nothing for a file of one line, None for a mixture."""
    crlf = data.count(b"\r\n")
    lone = data.count(b"\n") - crlf
    if crlf and lone:
        return None
    return b"\r\n" if crlf else b"\n" if lone else b""


def _unix(data: bytes) -> bytes:
    return data.replace(b"\r\n", b"\n")


def _from_utf16(data: bytes) -> bytes | None:
    if not data:
        return b""
    encoding = _UTF16.get(data[:2])
    if encoding is None:
        return None
    return data[2:].decode(encoding, "surrogatepass").encode("utf-8", "surrogatepass")


def _merge_file(
    base: bytes, ours: bytes, theirs: bytes, labels: Labels, *, union: bool
) -> MergedText:
    with tempfile.TemporaryDirectory(prefix="scaffold-merge-") as folder:
        paths = [Path(folder) / name for name in ("ours", "base", "theirs")]
        for path, data in zip(paths, (ours, base, theirs), strict=True):
            path.write_bytes(data)
        how = "--union" if union else "--diff3"
        names = [
            word for label in (labels.ours, labels.base, labels.theirs) for word in ("-L", label)
        ]
        done = transport.git(
            "merge-file", "-p", how, *names, *(str(path) for path in paths), check=False
        )
    if done.status >= _ERROR:
        raise ProcessFailedError("`git merge-file` failed", details=done.last_lines)
    return MergedText(done.stdout, done.status > 0)

"""The findings that an author starts from: a file of them, and what differs from it.

A finding is known again by its rule, its file, its message and the text of its line, wherever that
line has moved to. Of the text only a digest is kept, since it may hold a secret.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from pydantic import Field

from scaffold.config.documents import Document, dump_yaml, parse_document, read_file
from scaffold.errors import not_written
from scaffold.lint.rule import Finding

_HEAD = b"# Written by `scaffold blueprint lint --write-baseline`: findings that are known.\n"
_DIGITS = 16  # of a digest
_LONGEST = 4096  # characters of a message, as of all texts of a file


class Known(Document):
    """Findings that are known: the same message about the same text in the same file."""

    code: str
    path: str
    message: str
    line: str = Field(description="A digest of the line's text.")
    count: int = Field(1, ge=1)


class Baseline(Document):
    """The whole file."""

    findings: tuple[Known, ...]


@dataclass(frozen=True)
class Compared:
    """Findings beside a baseline: the new ones, how many are known, and what is gone."""

    new: tuple[Finding, ...]
    known: int
    gone: tuple[Known, ...]


def read_baseline(file: Path) -> Baseline:
    """Read the file. Raises ConfigError."""
    data = read_file(file, hint="Make it with --write-baseline.")
    return parse_document(Baseline, data, source=str(file), printable=False)


def write_baseline(file: Path, findings: Sequence[Finding], texts: Mapping[str, str]) -> None:
    """Write all findings; `texts` are the blueprint's files. Raises FileError."""
    known = [one.model_dump() for one in _counted(findings, texts)]
    try:
        file.write_bytes(_HEAD + dump_yaml({"findings": known}))
    except OSError as error:
        raise not_written(error, file) from error


def compared(findings: Sequence[Finding], texts: Mapping[str, str], baseline: Baseline) -> Compared:
    """What of the findings is new; of equal ones, the last."""
    left = Counter({_without_count(one): one.count for one in baseline.findings})
    new = []
    for finding in findings:
        key = _key(finding, texts)
        if left[key] > 0:
            left[key] -= 1
        else:
            new.append(finding)
    gone = tuple(one.model_copy(update={"count": count}) for one, count in left.items() if count)
    return Compared(tuple(new), len(findings) - len(new), gone)


def _counted(findings: Sequence[Finding], texts: Mapping[str, str]) -> Iterator[Known]:
    """Each kind once, by file and rule, so that the file's own changes are easy to read."""
    counts = Counter(_key(finding, texts) for finding in findings)
    order = sorted(counts, key=lambda one: (one.path, one.code, one.message, one.line))
    yield from (one.model_copy(update={"count": counts[one]}) for one in order)


def _without_count(known: Known) -> Known:
    return known.model_copy(update={"count": 1})


def _key(finding: Finding, texts: Mapping[str, str]) -> Known:
    text = line_at(finding, texts).strip()
    digest = sha256(text.encode()).hexdigest()[:_DIGITS]
    return Known(
        code=finding.code, path=finding.path, message=finding.message[:_LONGEST], line=digest
    )


def line_at(finding: Finding, texts: Mapping[str, str]) -> str:
    """The line that a finding is about; empty where there is none."""
    lines = texts.get(finding.path, "").split("\n")
    return lines[finding.line - 1] if finding.line <= len(lines) else ""

"""The generated files of the platform repo that are out of step, as documents and as diffs."""

import difflib
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from scaffold.documents.outputs import GeneratedFile
    from scaffold.fleet.generated import Difference


def diff_of(one: "Difference") -> Iterator[str]:
    """From what is there to what should be, line by line."""
    before, after = ((data or b"").decode(errors="replace") for data in (one.before, one.after))
    return difflib.unified_diff(
        before.splitlines(), after.splitlines(), one.path, one.path, lineterm=""
    )


def files_part(found: Iterable["Difference"]) -> "tuple[GeneratedFile, ...]":
    """These files in a document."""
    from scaffold.documents.outputs import GeneratedFile

    return tuple(
        GeneratedFile(
            path=one.path, change=one.change.value, why=one.why, diff="\n".join(diff_of(one))
        )
        for one in found
    )

"""What `scaffold blueprint preview --output json` prints."""

from typing import Literal

from pydantic import Field

from scaffold.documents.outputs import Output, Part, PathNote


class PreviewedConflict(Part):
    """A repo that would get a draft with conflicts."""

    repo: str
    service: str
    conflicts: tuple[PathNote, ...]


class PreviewedClash(Part):
    """One kind of conflict in one file."""

    repos: int = Field(description="How many repos have it.")
    example: str = Field(description="One of those repos.")
    path: str = Field(description="The file, as the example calls it.")
    kind: str
    text: str = Field(
        description="The lines with the conflict markers, as they would be in the draft; `...` "
        "stands for more lines of the owner. Empty for a kind that has no markers."
    )


class PreviewedFailure(Part):
    """A repo that could not be upgraded."""

    repo: str
    service: str
    cause: str = Field(description="The reference of the error.")
    message: str


class PreviewedChange(Part):
    """One kind of change: the same lines in the same files, whatever the service is called."""

    repos: int = Field(description="How many repos get it.")
    example: str = Field(description="One of those repos.")
    files: tuple[str, ...]
    added: int = Field(description="Lines that are added.")
    removed: int = Field(description="Lines that are removed.")
    checked: bool = Field(description="Whether the static checks ran on the example.")
    broken: str = Field(description="What the checks found that they did not find before.")
    not_checked: tuple[str, ...] = Field(description="Checks that could not run.")
    diff: str = Field(description="What changes in the example, as a unified diff.")


class PreviewOutput(Output):
    """`scaffold blueprint preview`."""

    kind: Literal["preview"] = "preview"
    done: bool = Field(description="False where a repo conflicts or fails, or a check would break.")
    blueprint: str
    release: str = Field(description="The version that it would be released as.")
    base: str | None = Field(description="The newest release.")
    services: int
    counts: dict[str, int] = Field(description="How many repos would end with each result.")
    only_version: int = Field(description="Repos in which only the recorded version changes.")
    conflicts: tuple[PreviewedConflict, ...]
    clashes: tuple[PreviewedClash, ...] = Field(
        description="The conflicts by kind and file, most common first."
    )
    failures: tuple[PreviewedFailure, ...]
    changes: tuple[PreviewedChange, ...] = Field(description="All kinds, most common first.")
    surprising: tuple[int, ...] = Field(
        description="Places in `changes` of the ten that the fewest repos get."
    )

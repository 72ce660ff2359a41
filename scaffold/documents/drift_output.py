"""What `scaffold drift` prints with `--output json`."""

from typing import Literal

from pydantic import Field

from scaffold.documents.outputs import Output, Part


class DriftedPath(Part):
    """One path that is not as its version and answers render it."""

    path: str
    kind: Literal[
        "stale", "missing", "pin", "answer", "uneven", "edited", "deleted", "moved", "owned"
    ]
    detail: str
    commit: str = Field(description="The commit that changed it last; empty where none is known.")
    author: str
    when: str = Field(description="When that was, as in ISO 8601.")
    subject: str


class DriftedRepo(Part):
    """The drift of one template of one repo."""

    target: str = Field(description="What names it on the command line: service, URL or path.")
    repo: str
    service: str
    template: str
    version: str = Field(description="The version that it records.")
    files: tuple[DriftedPath, ...]
    not_compared: tuple[str, ...] = Field(
        description="Older versions that could not be rendered, so that what is stale since then "
        "counts as edited."
    )
    diff: str = Field(description="With `--diff`: from what is rendered to what is there.")
    healed: str | None = Field(
        description="What became of `healing`: opened, updated, unchanged, held or muted."
    )
    healing: tuple[str, ...] = Field(description="The paths that `--heal` brings back.")
    branch: str
    merge_request: str
    cause: str = Field(description="The reference of the error that it failed with.")
    message: str


class DriftOutput(Output):
    """`scaffold drift`."""

    kind: Literal["drift"] = "drift"
    ok: bool = Field(description="Whether all drift is on purpose, and nothing failed.")
    counts: dict[str, int] = Field(description="How many paths there are of each kind.")
    unknown: tuple[str, ...] = Field(
        description="Repos of the forge that no service, blueprint or platform has."
    )
    gone: tuple[str, ...] = Field(description="Repos of the catalog that the forge does not have.")
    repos: tuple[DriftedRepo, ...]

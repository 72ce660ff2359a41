"""What `scaffold doctor` prints with `--output json`."""

from typing import Literal

from pydantic import Field

from scaffold.documents.outputs import Output, Part


class DoctorLine(Part):
    """One thing that was looked at."""

    name: str = Field(description="What was looked at, e.g. `git` or `token`.")
    outcome: Literal["ok", "missing", "failed"] = Field(
        description="missing: what commands do without, and tell; failed: what some can't."
    )
    found: str = Field(description="Its version or place, or what is wrong.")
    fix: tuple[str, ...] = Field(description="How to mend it, in lines; empty where it is ok.")


class DoctorOutput(Output):
    """`scaffold doctor`."""

    kind: Literal["doctor"] = "doctor"
    passed: bool = Field(description="Whether nothing failed; see `complete`, too.")
    complete: bool = Field(description="Whether nothing is missing.")
    platform: str = Field(
        description="The checkout of the platform whose forge was looked at; empty: none was."
    )
    lines: tuple[DoctorLine, ...]

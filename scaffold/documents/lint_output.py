"""What `scaffold blueprint lint --output json` prints."""

from typing import Literal

from pydantic import Field

from scaffold.documents.outputs import Output, Part


class LintFinding(Part):
    """One place that breaks a rule."""

    code: str = Field(description="The rule, e.g. `BP301`.")
    title: str = Field(description="What the rule is called.")
    path: str = Field(description="The file, below the blueprint's folder.")
    line: int = Field(description="The line, from 1.")
    message: str
    hint: str = Field(description="What to do.")


class SilencedFinding(LintFinding):
    """A finding that blueprint.yml leaves out."""

    reason: str = Field(description="Why, as blueprint.yml says it.")


class GoneFinding(Part):
    """Findings of the baseline that are not found any more."""

    code: str = Field(description="The rule, e.g. `BP301`.")
    path: str = Field(description="The file, below the blueprint's folder.")
    message: str
    count: int = Field(description="How many of them are gone.")


class LintOutput(Output):
    """`scaffold blueprint lint`."""

    kind: Literal["lint"] = "lint"
    passed: bool = Field(description="Whether nothing is left to fix.")
    findings: tuple[LintFinding, ...]
    silenced: tuple[SilencedFinding, ...]
    not_checked: tuple[str, ...] = Field((), description="What could not be read, and why.")
    in_baseline: int = Field(
        0, description="How many findings the baseline has; they are not told."
    )
    gone: tuple[GoneFinding, ...] = Field((), description="What only the baseline has.")

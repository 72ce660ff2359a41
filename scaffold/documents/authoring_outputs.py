"""What the commands of `scaffold blueprint` print with `--output json`; see `outputs`."""

from typing import Any, Literal

from pydantic import Field

from scaffold.documents.outputs import Output, Part


class VersionInUse(Part):
    """One version of a blueprint."""

    version: str
    released: bool = Field(description="False for a commit that has no tag, or whose tag is gone.")
    services: int = Field(description="How many services have it, by the oldest of their repos.")


class BlueprintInUse(Part):
    """One blueprint of the platform."""

    name: str
    url: str
    summary: str
    versions: tuple[VersionInUse, ...] = Field(description="Newest first.")
    error: str | None = Field(description="Why it could not be read.")


class UnreadableService(Part):
    """A service whose version is not known."""

    service: str
    error: str


class BlueprintsOutput(Output):
    """`scaffold blueprint list`."""

    kind: Literal["blueprints"] = "blueprints"
    blueprints: tuple[BlueprintInUse, ...]
    unreadable: tuple[UnreadableService, ...]


class BlueprintTrial(Part):
    """One thing that was tried."""

    what: Literal["render", "upgrade", "tests"]
    version: str = Field(description="The version that an upgrade started from.")
    answers: dict[str, Any] = Field(description="The answers; for all else the defaults.")
    outcome: Literal["passed", "failed", "refused", "not-run"] = Field(
        description="refused: the questions' own validators don't take these answers."
    )
    details: tuple[str, ...] = Field(description="What was found, or why it did not run.")


class BlueprintTestOutput(Output):
    """`scaffold blueprint test`."""

    kind: Literal["blueprint-test"] = "blueprint-test"
    passed: bool = Field(description="Whether nothing failed; see `complete`, too.")
    complete: bool = Field(description="Whether everything could run.")
    trials: tuple[BlueprintTrial, ...]
    not_checked: tuple[str, ...] = Field(description="Checks whose tool is missing.")


class RepoOfBlueprint(Part):
    """One of the paired repos, a folder of the blueprint."""

    name: str
    follows: str | None = Field(description="The repo whose commits it pins.")
    begins_with: Literal["plain", "app", "deploy", "library"] = Field(
        description="What the skeleton put there; plain: what every repo has."
    )


class NewBlueprintOutput(Output):
    """`scaffold blueprint new`."""

    kind: Literal["new-blueprint"] = "new-blueprint"
    name: str
    folder: str
    repos: tuple[RepoOfBlueprint, ...]
    origin: str | None = Field(description="Where it is to be pushed to; null without a platform.")


class RegisterBlueprintOutput(Output):
    """`scaffold blueprint register`."""

    kind: Literal["register-blueprint"] = "register-blueprint"
    name: str
    url: str = Field(description="Where the forge has it.")
    calls: tuple[str, ...] = Field(
        description="What was done, or would be; nothing where all was so already."
    )
    new: bool = Field(description="Whether there was anything to do.")
    dry_run: bool = Field(False, description="Whether nothing was changed.")
    merge_request: str = Field(
        description="The one that names it in platform.yml; empty where that took a push."
    )


class ReleaseOutput(Output):
    """`scaffold blueprint release`."""

    kind: Literal["release"] = "release"
    name: str
    tag: str
    last: str | None = Field(description="The version before; null for the first.")
    bump: Literal["major", "minor", "patch"] | None
    reasons: tuple[str, ...] = Field(description="What of the change asks for more than a patch.")
    dry_run: bool = Field(False, description="Whether nothing was changed.")
    commit: str = Field(description="Empty in a dry run of one that is new.")
    new: bool = Field(description="False where an earlier run had made it.")
    pushed: bool = Field(description="Whether `origin` has it.")
    not_checked: tuple[str, ...] = Field(description="Checks whose tool is missing.")


class LeftByHand(Part):
    """A place of an imported template that a person has to look at."""

    path: str
    line: int
    what: str
    do: str = Field(description="What to do there.")


class ImportOutput(Output):
    """`scaffold blueprint import`."""

    kind: Literal["import"] = "import"
    name: str
    folder: str
    commit: str = Field(description="The one that made a blueprint of the template.")
    origin: str | None = Field(
        None, description="Where it is to be pushed to; null without a platform."
    )
    notes: tuple[str, ...] = Field(description="What was added.")
    by_hand: tuple[LeftByHand, ...] = Field(
        (), description="What of a cookiecutter template could not be made copier's."
    )

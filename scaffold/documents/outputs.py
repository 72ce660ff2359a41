"""What the commands print with `--output json`: versioned documents with a published JSON Schema.

A key may be added within a version; it is never removed or given another meaning.
"""

from datetime import datetime
from enum import StrEnum
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field


class Part(BaseModel):
    """A part of a document."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Output(Part):
    """The base of all documents."""

    version: Literal[1] = Field(1, description="The version of this document's format.")


class CheckResult(Part):
    """One check of one target."""

    name: str = Field(description="The check, e.g. `kubeconform`.")
    target: str = Field(description="What was checked: repo, and path inside it.")
    outcome: Literal["passed", "failed", "not-run"]
    details: tuple[str, ...] = Field(description="What was found, or why it could not run.")


class CheckOutput(Output):
    """`scaffold check` and `scaffold pipeline validate`."""

    kind: Literal["check"] = "check"
    passed: bool = Field(description="Whether no check failed; see `complete`, too.")
    complete: bool = Field(description="Whether every check could run.")
    checks: tuple[CheckResult, ...]


class BlueprintRef(Part):
    """A version of a blueprint."""

    name: str
    url: str
    version: str


class InitOutput(Output):
    """`scaffold init`."""

    kind: Literal["init"] = "init"
    platform: str = Field(description="The checkout of the platform repo.")
    forge: str = Field(description="The folder of the local forge, or the group's URL.")
    blueprints: tuple[BlueprintRef, ...]
    missing: tuple[str, ...] = Field(
        (), description="Programs that checks need and this machine lacks; see `scaffold doctor`."
    )


class Registration(StrEnum):
    """Whether the catalog has a new service."""

    REGISTERED = "registered"
    PENDING = "pending"
    NONE = "none"


class CreatedRepo(Part):
    """One of the paired repos of a new service."""

    repo: str = Field(description="Which of the paired repos, e.g. `manifest`.")
    name: str
    url: str
    commit: str = Field(description="The commit at the head of main, in full length.")
    resumed: bool = Field(description="Whether a run that did not finish had made it.")
    files: tuple[str, ...] = Field(description="The paths of its files, sorted.")


class CiValuePart(Part):
    """A secret or variable of pipelines; its value is told nowhere."""

    name: str = Field(description="Its name in a job.")
    kind: str = Field(description="secret, variable or file.")
    environment: str = Field(description="The environment whose jobs get it; empty: all do.")
    where: str = Field(description="The group or repo that has it, or is to have it.")
    result: str = Field(description="set, to-set (in a dry run) or not-set.")
    why: str = Field(description="Why it is not set, and what to do; empty where it is.")


class NewServiceOutput(Output):
    """`scaffold new service`."""

    kind: Literal["new-service"] = "new-service"
    service: str
    owner: str
    blueprint: BlueprintRef
    created: bool = Field(description="False with `--dry-run`.")
    registration: Registration
    merge_request: str | None = Field(description="What the registration waits for.")
    repos: tuple[CreatedRepo, ...]
    checks: tuple[CheckResult, ...]
    calls: tuple[str, ...] = Field((), description="With `--dry-run`: what the forge is asked.")
    missing: tuple[str, ...] = Field(
        (), description="What its pipelines need and the forge does not have: `check --secrets`."
    )
    values: tuple[CiValuePart, ...] = Field(
        (), description="What of `ci.values` in platform.yml was missing on the forge."
    )


class PathNote(Part):
    """One path, and what was decided about it or what a person has to look at."""

    path: str
    kind: str
    detail: str


class UpgradedRepo(Part):
    """What became of one template of one repo."""

    target: str = Field(description="What names it on the command line: service, URL or path.")
    repo: str
    service: str
    template: str
    old: str = Field(description="The version that it was made from.")
    new: str = Field(description="The version that it would have, or has on the branch.")
    result: str = Field(
        description="current, current-in-content, ahead, would-change, would-conflict, opened, "
        "updated, reopened, unchanged, "
        "conflicts, held, muted, closed or failed."
    )
    cause: str = Field(description="The reference of the error that it failed with.")
    message: str
    branch: str
    merge_request: str
    merge_request_number: int = Field(0, description="0 where there is no merge request.")
    notes: tuple[str, ...] = Field(description="What became of answers.")
    decisions: tuple[PathNote, ...]
    conflicts: tuple[PathNote, ...]
    not_checked: tuple[str, ...] = Field(description="Checks that could not run.")
    diff: str = Field(description="With `--diff`: what changes, as a unified diff.")


class UpgradeOutput(Output):
    """`scaffold upgrade`."""

    kind: Literal["upgrade"] = "upgrade"
    done: bool = Field(description="False where a repo failed, has conflicts, or was not reached.")
    dry_run: bool
    stopped: bool = Field(description="Whether Ctrl-C ended it early.")
    shard: str = Field(description="Which part of the run this is, as I/N; empty for all of it.")
    counts: dict[str, int] = Field(description="How many repos ended with each result.")
    left: tuple[str, ...] = Field(description="Services that a later wave will take.")
    repos: tuple[UpgradedRepo, ...]


class MergeRequestStatus(Part):
    """One merge request."""

    repo: str
    number: int
    service: str = Field(description="The service that it is of; empty where it is of none.")
    environment: str = Field(description="The environment that it changes; empty: several or none.")
    purpose: Literal[
        "move",
        "upgrade",
        "registration",
        "retirement",
        "pause",
        "sync",
        "access",
        "heal",
        "blueprint",
        "other",
    ] = Field(description="What it is for, by its branch; other: somebody's own.")
    opened: datetime
    state: Literal["open", "merged", "closed"]
    draft: bool = Field(description="Whether it is not to be merged as it is.")
    branch: str
    url: str
    title: str
    body: str


class UnreadRepoPart(Part):
    """A repo whose merge requests can't be told, or a service whose repos are not known."""

    repo: str = Field(description="Empty where the service's entry in the catalog can't be read.")
    service: str = Field(description="Empty for the platform repo.")
    cause: str = Field(description="The reference of the error.")
    message: str


class MergeRequestsOutput(Output):
    """`scaffold merge-request list`."""

    kind: Literal["merge-requests"] = "merge-requests"
    repo: str | None = Field(description="The repo that was asked for; null: the whole fleet.")
    merge_requests: tuple[MergeRequestStatus, ...] = Field(
        description="Oldest first: all of the repo, or the open ones of the fleet."
    )
    unread: tuple[UnreadRepoPart, ...] = Field((), description="What can't be told.")


class MergeRequestOutput(Output):
    """`scaffold merge-request show`."""

    kind: Literal["merge-request"] = "merge-request"
    repo: str
    number: int
    state: Literal["open", "merged", "closed"]
    draft: bool = Field(description="Whether it is not to be merged as it is.")
    branch: str
    url: str
    title: str
    body: str
    diff: str | None = Field(
        description="Of an open one: what its branch changes since it left main, as a unified diff;"
        " null where the branch is gone."
    )


class AdoptOutput(Output):
    """`scaffold adopt`."""

    kind: Literal["adopt"] = "adopt"
    repo: str
    template: str
    new: str = Field(description="The version that it is linked to.")
    dry_run: bool = Field(False, description="Whether nothing was changed.")
    branch: str
    merge_request: str
    assumed: dict[str, Any] = Field(
        {}, description="The answers that were neither given nor asked for."
    )
    decisions: tuple[PathNote, ...]
    conflicts: tuple[PathNote, ...]


class GeneratedFile(Part):
    """A generated file of the platform repo that was out of step."""

    path: str
    change: Literal["added", "changed", "removed"]
    why: str = Field(
        description="What it follows from: keys of platform.yml, files of the catalog."
    )
    diff: str = Field(description="From what was there to what should be, as a unified diff.")


class RepoRightsPart(Part):
    """The rights on the forge to one paired repo."""

    repo: str = Field(description="Its path on the forge.")
    rights: tuple[str, ...] = Field(description="What differed from platform.yml, a phrase each.")
    error: str = Field(
        description="Why the forge did not tell, or that failed; empty where it did not."
    )


class PlatformSyncOutput(Output):
    """`scaffold platform sync`."""

    kind: Literal["platform-sync"] = "platform-sync"
    files: tuple[GeneratedFile, ...] = Field(description="Those out of step; empty: none was.")
    merge_request: str = Field(description="Its URL where main takes no push; else empty.")
    left_out: dict[str, str] = Field(
        description="Services whose files were left as they are, and why: an entry that is not"
        " valid, or a name that fits no namespace. And files of grants that give nothing, and why."
    )
    rights: tuple[RepoRightsPart, ...] = Field(
        (), description="The rights to the repos of all services; none where it is no server."
    )
    values: tuple[CiValuePart, ...] = Field(
        (), description="What became of `ci.values` in platform.yml."
    )

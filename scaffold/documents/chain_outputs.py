"""What `status`, `bot`, `promote` and `retire` print with `--output json`; see `outputs`."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from scaffold.documents.access_outputs import GrantPart
from scaffold.documents.outputs import GeneratedFile, Output, Part


class SourceCommit(Part):
    """The commit of one repo on the way to a pin."""

    repo: str = Field(description="Which of the paired repos, e.g. `code`.")
    name: str = Field(description="Its path on the forge.")
    commit: str
    subject: str | None = Field(description="The first line of its message; null: not known.")
    author: str | None
    when: datetime | None = Field(description="When it was committed.")
    page: str = Field(description="Its page on the forge; empty where there is none.")


class CommitLine(Part):
    """One commit; what others wrote is on one line, and cut."""

    commit: str
    subject: str
    author: str
    when: datetime = Field(description="When it was committed.")
    page: str = Field(description="Its page on the forge; empty where there is none.")


class DeployPart(CommitLine):
    """The commit that changed an environment last, and what came of it."""

    state: Literal["pending", "success", "failure"] | None = Field(
        description="Of the status `deploy/ENV`, by which CI or an engine tells, or `smoke/ENV`"
        " where one job does both; null: none does."
    )


class PinStatus(Part):
    """One pin of a service, and what the bot would do about it."""

    place: str = Field(description="The environment, or the paired repo that holds the pin.")
    commit: str | None = Field(description="The upstream commit that is in use; null: none yet.")
    sources: tuple[SourceCommit, ...] = Field(
        (), description="The commits that it stands for, of every repo on the way, nearest first."
    )
    deploy: DeployPart | None = Field(
        None, description="The last one; null: not known, no environment, or nothing was released."
    )
    next: str | None = Field(description="The commit that would come next.")
    why: str = Field(
        description="move, request, current, waiting, soaking, held, frozen, paused, retired,"
        " absent, diverged or unknown."
    )
    detail: str
    merge_request: str | None = Field(description="The URL of the open one that it waits for.")


class RedStatus(Part):
    """A status that failed, at the newest commit that has it."""

    service: str
    repo: str = Field(description="Its path on the forge.")
    name: str = Field(description="`test`, `image`, `validate`, `deploy/ENV` or `smoke/ENV`.")
    commit: str


class BegunRun(Part):
    """A run of `scaffold new service` that has not come to its end."""

    by: str = Field(description="Who began it.")
    since: datetime = Field(description="When, by the clock of that machine.")


class HappeningPart(Part):
    """One commit of main in one of a service's repos, and what it did."""

    what: Literal[
        "created", "commit", "taken", "released", "promoted", "taken-back", "upgraded", "retired"
    ] = Field(
        description="taken: a repo follows a newer commit of another; released and promoted: an"
        " environment got a release; taken-back: a pin names an older commit than before."
    )
    repo: str = Field(description="Which of the paired repos, e.g. `code`.")
    place: str = Field(description="The environment, or the paired repo.")
    code: str | None = Field(description="The commit of the code that came there.")
    versions: str = Field(description="Those of an upgrade, `v1.0.0 to v1.1.0`; else empty.")
    commit: str
    subject: str
    author: str
    when: datetime = Field(description="When it was committed.")
    page: str = Field(description="Its page on the forge; empty where there is none.")


class ServiceStatus(Part):
    """One service of the catalog, or one that is to be registered there."""

    service: str
    owner: str | None = Field(description="Not known where it is pending, unfinished or invalid.")
    blueprint: str | None
    state: Literal["active", "paused", "retired", "pending", "unfinished", "invalid"]
    standing: Literal["needs-somebody", "moving", "fine"] = Field(
        description="needs-somebody: a failure, a red status, a hold or an open merge request;"
        " moving: what is behind comes by itself."
    )
    versions: dict[str, str] = Field(
        description="The version of the blueprint that each repo records, by repo."
    )
    newest_version: str | None = Field(description="The newest release; null: not known.")
    behind: int | None = Field(
        description="How many releases came after the oldest recorded version; null: not known."
    )
    held_version: str | None = Field(
        description="A newer release, which platform.yml holds back from the service."
    )
    proposals: tuple[str, ...] = Field(
        description="The URLs of open merge requests that scaffold made and that move no pin, such"
        " as upgrades."
    )
    pins: tuple[PinStatus, ...]
    timeline: tuple[HappeningPart, ...] = Field(
        (), description="What happened, newest first, at most 100; of services that are named."
    )
    red: tuple[RedStatus, ...] = Field((), description="What CI or an engine says has failed.")
    no_release: dict[str, tuple[str, ...]] = Field(
        {},
        description="Of each repo that has some: patterns of paths that make no release when they"
        " change, beside docs, files of CI and the answers file.",
    )
    merge_request: str | None = Field(description="What a pending service waits for.")
    begun: BegunRun | None = Field(
        description="The run that creates an unfinished service, or was killed at that."
    )
    error: str | None = Field(
        description="Why its entry in the catalog, or its repos, could not be read."
    )


class StatusOutput(Output):
    """`scaffold status`."""

    kind: Literal["status"] = "status"
    services: tuple[ServiceStatus, ...]
    expired: tuple[GrantPart, ...] = Field(
        (), description="Roles for a while whose time is over, and that are there yet."
    )


class RepoNotesPart(Part):
    """What comes of one repo on the way."""

    repo: str = Field(description="Which of the paired repos, e.g. `code`.")
    name: str = Field(description="Its path on the forge.")
    old: str | None = Field(description="The commit before; null where it is the first.")
    new: str
    commits: tuple[CommitLine, ...] = Field(description="What comes, newest first.")
    more: int = Field(description="How many more come that are not listed.")
    moves: int = Field(description="How many more come that only move the repo's own pin.")
    taken_out: tuple[CommitLine, ...] = Field(description="What is taken out, newest first.")
    more_taken_out: int


class ReleaseNotesPart(Part):
    """What a move brings."""

    repos: tuple[RepoNotesPart, ...] = Field(
        description="Each repo on the way whose commit changes, the code first."
    )
    image_before: str | None
    image_after: str | None
    rendered: str = Field(description="What changes in the rendered objects, as a unified diff.")


class PropagationEvent(Part):
    """One pin, and what a pass of the bot did about it."""

    service: str
    repo: str
    place: str
    why: str
    commit: str = Field(
        description="The commit that moved it; empty where nothing moved, and in a dry run."
    )
    next: str | None = Field(
        description="The upstream commit that it has now, or would get. In a dry run that may be"
        " a commit which the pass would make, and then has another id."
    )
    merge_request: str
    detail: str
    release_notes: ReleaseNotesPart | None = Field(
        None, description="What a promotion or a merge request brings."
    )


class PlatformMove(Part):
    """Files of the platform repo, and what a pass of the bot did about them."""

    why: Literal["move", "request", "held", "withdrawn"]
    files: tuple[GeneratedFile, ...] = Field(description="Those that were out of step.")
    commit: str = Field(
        description="The commit that is new; empty where there is none, and in a dry run."
    )
    merge_request: str
    detail: str
    expired: tuple[str, ...] = Field(
        (), description="The grants whose time is over; none: it is about what is generated."
    )


class ServiceFailure(Part):
    """A service that a pass could not finish, or `platform`: the platform repo."""

    service: str
    cause: str
    message: str


class BotOutput(Output):
    """`scaffold bot run --once`, and `--dry-run`, which says what a pass would do."""

    kind: Literal["bot"] = "bot"
    done: bool = Field(description="Whether no service failed.")
    dry_run: bool = Field(False, description="Whether nothing was changed.")
    events: tuple[PropagationEvent, ...] = Field(description="Pins that are not current.")
    platform: tuple[PlatformMove, ...] = Field(
        (),
        description="What is generated in the platform repo, where it was out of step; and"
        " grants whose time is over.",
    )
    grants: tuple[GrantPart, ...] = Field(
        (), description="Roles that somebody has for a while, at the end of the pass."
    )
    red: tuple[RedStatus, ...] = Field((), description="What CI or an engine says has failed.")
    failures: tuple[ServiceFailure, ...]
    messages: tuple[str, ...] = Field(
        (), description="With `--dry-run`: what Slack would be told, where that is on."
    )


class RetireOutput(Output):
    """`scaffold retire`."""

    kind: Literal["retire"] = "retire"
    service: str
    stage: Literal["proposed", "deploying", "pending", "retired", "undone", "active"] = Field(
        description="How far it is; active: there was nothing to undo."
    )
    dry_run: bool = Field(False, description="Whether nothing was changed.")
    detail: str
    merge_request: str
    note: str = Field("", description="What is not known of the clusters, and where to look.")


class PromoteOutput(Output):
    """`scaffold promote`."""

    kind: Literal["promote"] = "promote"
    service: str
    environment: str
    old: str | None
    new: str | None = Field(description="Null where there was nothing to promote.")
    merge_request: str
    release_notes: ReleaseNotesPart | None = Field(
        None, description="What it brings; null where there was nothing to promote."
    )
    diff: str = Field(description="The rendered manifests before and after.")
    past_policy: tuple[str, ...] = Field(
        (), description="What the bot would have waited for, where the push did not."
    )

"""What `scaffold access` prints with `--output json`."""

from typing import Literal

from pydantic import Field

from scaffold.documents.outputs import Output, Part


class GrantPart(Part):
    """A role that somebody has for a while."""

    name: str = Field(description="What it is called: its file is grants/<name>.yml.")
    kind: Literal["user", "group"]
    who: str
    role: Literal["read-only", "developer", "admin"]
    environment: str
    services: tuple[str, ...] = Field(description="For which services; empty: for all.")
    since: str = Field(description="When it was given, in UTC, as in ISO 8601.")
    until: str = Field(description="When the bot takes it back.")
    reason: str
    expired: bool = Field(description="Whether its time is over, and it is there yet.")


class AccessGrantOutput(Output):
    """`scaffold access grant`."""

    kind: Literal["access-grant"] = "access-grant"
    dry_run: bool
    grant: GrantPart
    before: str = Field(description="Until when the same was given before; empty where it was not.")
    merge_request: str = Field(description="Its URL where main takes no push; else empty.")


class AccessRevokeOutput(Output):
    """`scaffold access revoke`."""

    kind: Literal["access-revoke"] = "access-revoke"
    dry_run: bool
    grants: tuple[GrantPart, ...] = Field(description="Those that are taken back.")
    merge_request: str = Field(description="Its URL where main takes no push; else empty.")


class HolderPart(Part):
    """A role that somebody has."""

    kind: Literal["user", "group"]
    who: str
    role: Literal["read-only", "developer", "admin"]
    owner: str = Field(description="The team whose services they are; empty: it is a grant.")
    services: tuple[str, ...]
    environments: tuple[str, ...]
    repos: tuple[str, ...] = Field(
        description="The repos on a server to which it holds, too; none of a grant."
    )
    source: str = Field(description="The file and line of the platform repo that gives it.")
    until: str = Field(description="When a grant ends, in UTC; else empty.")
    reason: str = Field(description="What a grant is for; else empty.")
    expired: bool = Field(description="Whether the time of a grant is over.")


class DeviationPart(Part):
    """One thing that is another one than platform.yml, the catalog and the grants have it."""

    place: Literal["rendered", "forge", "grant", "invalid", "not-read"] = Field(
        description="rendered: objects in the platform repo; forge: the rights to a repo; grant:"
        " one that has expired and is there yet; invalid: a file that gives nothing; not-read: the"
        " forge did not tell."
    )
    where: str = Field(description="A path in the platform repo, or a repo on the forge.")
    what: str


class AccessShowOutput(Output):
    """`scaffold access`."""

    kind: Literal["access-show"] = "access-show"
    ok: bool = Field(description="Whether nothing differs of what was looked at.")
    forge: Literal["compared", "not-asked", "no-roles"] = Field(
        description="Whether the forge was asked; no-roles: it is a folder, which has none."
    )
    cluster: Literal["not-asked"] = Field("not-asked", description="Clusters never are.")
    owners: dict[str, str] = Field(
        description="Of services that were named: the file and line that says who owns them."
    )
    holders: tuple[HolderPart, ...]
    deviations: tuple[DeviationPart, ...]


class PersonPart(Part):
    """Who made a commit, as they told git: a name that nobody has checked."""

    name: str
    email: str


class GrantEventPart(Part):
    """What one commit did with a grant."""

    what: Literal["given", "changed", "revoked", "expired"] = Field(
        description="revoked: taken back before its time was over; expired: after that."
    )
    name: str = Field(description="What the grant is called.")
    when: str = Field(description="When it came to main, in UTC, as in ISO 8601.")
    by: PersonPart
    merged_by: PersonPart | None = Field(description="Who merged it, where it was merged.")
    commit: str
    subject: str
    grant: GrantPart | None = Field(
        description="What it gives, or gave until then; null where its file is not valid."
    )


class AccessLogOutput(Output):
    """`scaffold access log`."""

    kind: Literal["access-log"] = "access-log"
    events: tuple[GrantEventPart, ...] = Field(description="Newest first.")

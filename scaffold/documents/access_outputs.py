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

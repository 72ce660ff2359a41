"""The life of a repo on a server, as commands make it: what the tests of faults run and run again.

Each of these is what one command does with a forge; a command that failed is run again.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from scaffold.config.team import Role
from scaffold.forge.api import Forge, Proposal, RequestState, StatusState
from tests.forge.fake_http import Answer, Fault

MAIN, WORK, OTHER = "1" * 40, "2" * 40, "3" * 40
HOOK, SECRET = "https://bot.example.com/hook", "hook-secret-77"
_SAID = {"message": "Bad Gateway"}


class Pushes(Protocol):
    """The part of a fake that stands in for git."""

    def push(self, repo: str, branch: str, commit: str) -> None:
        """Move a branch."""

    def drop(self, repo: str, branch: str) -> None:
        """Delete a branch."""


@dataclass(frozen=True)
class Life:
    """A forge, the server behind it, and the names that its groups have there."""

    forge: Forge
    server: Pushes
    readers: str
    developers: str
    admins: str
    page: str
    """Where people see the first merge request of the repo `shop`."""
    main: str = MAIN
    work: str = WORK
    other: str = OTHER

    def commands(self) -> Sequence[Callable[[], None]]:
        """All commands, in their order."""
        return (self.new, self.conflict, self.resolve, self.build, self.turn_down, self.retire)

    def new(self) -> None:
        """`scaffold new service`."""
        forge = self.forge
        assert () == forge.check()
        forge.create("shop", description="The shop", topics=["service"])
        roles = {Role.READ_ONLY: [self.readers], Role.DEVELOPER: [self.developers]}
        forge.grant("shop", {**roles, Role.ADMIN: [self.admins]})
        self.server.push("shop", "main", self.main)
        forge.protect("shop")
        forge.webhook("shop", HOOK, SECRET)

    def conflict(self) -> None:
        """`scaffold upgrade` with a conflict."""
        self.server.push("shop", "scaffold/python", self.work)
        self.forge.open_merge_request(
            "shop",
            "scaffold/python",
            Proposal(
                "Upgrade to v2",
                "In conflict",
                draft=True,
                labels=("scaffold", "upgrade"),
                reviewers=("ada", "nobody"),
            ),
        )

    def resolve(self) -> None:
        """`scaffold upgrade` once the conflict is settled; it merges itself."""
        self.forge.open_merge_request(
            "shop",
            "scaffold/python",
            Proposal(
                "Upgrade to v2.1",
                "Settled",
                labels=("scaffold", "settled"),
                reviewers=("ada",),
                auto_merge=True,
            ),
        )

    def build(self) -> None:
        """CI, then the bot."""
        if "image" not in self.forge.statuses("shop", self.main):
            self.forge.set_status("shop", self.main, "image", StatusState.PENDING)
        self.forge.set_status("shop", self.main, "image", StatusState.SUCCESS)
        self.forge.set_status("shop", self.work, "smoke/dev", StatusState.FAILURE)
        assert {"image": StatusState.SUCCESS} == self.forge.statuses("shop", self.main)

    def turn_down(self) -> None:
        """A proposal that is merged, and one that is closed."""
        for branch, settle in (
            ("promote", self.forge.merge),
            ("stale", self.forge.close_merge_request),
        ):
            self.server.push("shop", branch, self.other)
            there = [one for one in self.forge.merge_requests("shop") if one.branch == branch]
            if any(one.state is not RequestState.OPEN for one in there):
                continue
            opened = self.forge.open_merge_request("shop", branch, Proposal(branch, ""))
            settle("shop", opened.number)

    def retire(self) -> None:
        """`scaffold retire`."""
        if "shop" in self.forge.repos():
            self.forge.archive("shop", archived=True)


FAULTS = (
    Fault("429 with Retry-After", Answer(429, _SAID, {"Retry-After": "7"})),
    Fault("429 without", Answer(429, _SAID)),
    Fault(
        "403 for the primary limit",
        Answer(
            403,
            {"message": "API rate limit exceeded for user ID 1."},
            {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "1"},
        ),
    ),
    Fault(
        "403 for a secondary limit",
        Answer(403, {"message": "You have exceeded a secondary rate limit. Please wait."}),
    ),
    Fault("500", Answer(500, _SAID)),
    Fault("502", Answer(502, _SAID)),
    Fault("503 with Retry-After", Answer(503, _SAID, {"Retry-After": "3"})),
    Fault("502 after the work was done", Answer(502, _SAID), after=True),
    Fault("reset"),
    Fault("reset after the work was done", after=True),
)
TIMEOUT = Fault("time-out after the work was done", after=True, held=True)
OUTAGES = (FAULTS[5], FAULTS[9])

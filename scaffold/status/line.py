"""One service as `scaffold status` tells of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from scaffold.chain.commits import Source
from scaffold.chain.decide import Verdict
from scaffold.chain.statuses import CommitStatus
from scaffold.errors import ScaffoldError
from scaffold.forge.api import MergeRequest
from scaffold.service.reservation import Reservation
from scaffold.status.adoption import Adopted
from scaffold.status.deploys import LastDeploy
from scaffold.status.timeline import Happening
from scaffold.status.versions import Versions

PENDING = "pending"
UNFINISHED = "unfinished"
INVALID = "invalid"  # its file in the catalog can't be read


@dataclass(frozen=True)
class ServiceLine:
    """One service; owner and blueprint are known of those alone that the catalog has.

    `pins` has each pin and what the bot would do about it, `sources` by its place the commits that
    it stands for, nearest first; `deploys` the last one of each environment; `statuses` what CI and
    engines say of its repos; `no_release` by the repo its own patterns of paths that make no
    release, if it has any; `proposals` the open merge requests of its repos that scaffold made and
    that move no pin, such as upgrades; `timeline` what happened to it, newest first, and
    `adopted` the versions that it had, where its story was asked for; `error` why some can't be
    told; `begun` is the run that creates the service, or was killed at that.
    """

    service: str
    owner: str | None
    blueprint: str | None
    state: str
    pins: tuple[Verdict, ...] = ()
    sources: Mapping[str, tuple[Source, ...]] = field(default_factory=dict)
    deploys: Mapping[str, LastDeploy] = field(default_factory=dict)
    statuses: tuple[CommitStatus, ...] = ()
    no_release: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    versions: Versions = field(default_factory=Versions)
    proposals: tuple[MergeRequest, ...] = ()
    timeline: tuple[Happening, ...] = ()
    adopted: tuple[Adopted, ...] = ()
    request: MergeRequest | None = None
    error: ScaffoldError | None = None
    begun: Reservation | None = None

    def code(self, environment: str) -> str:
        """The commit of the code that an environment runs; empty where it is not known."""
        sources = self.sources.get(environment, ())
        return sources[-1].commit if sources else ""  # the last one on the way

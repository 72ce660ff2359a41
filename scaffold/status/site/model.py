"""What the pages show of a service. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePosixPath
from urllib.parse import quote

from scaffold.chain.commits import CommitNote
from scaffold.chain.decide import Why
from scaffold.chain.edges import Edge
from scaffold.chain.statuses import CommitStatus
from scaffold.chain.words import age, pin_word
from scaffold.config.engine import deploy_status
from scaffold.config.platform import Platform
from scaffold.config.service import Service
from scaffold.fleet.links import service_links
from scaffold.status.deploys import LastDeploy
from scaffold.status.line import ServiceLine
from scaffold.status.remarks import remarks
from scaffold.status.standing import Standing, standing, standing_of

OFF = "off"
"""Nothing runs there, or nothing is to move: no sign that all is well."""

SIGNS: Mapping[str, str] = {
    Standing.NEEDS_SOMEBODY: "!",
    Standing.MOVING: "→",
    Standing.FINE: "✓",
    OFF: "○",
}
WORDS: Mapping[str, str] = {
    Standing.NEEDS_SOMEBODY: "needs somebody",
    Standing.MOVING: "on its way",
    Standing.FINE: "fine",
    OFF: "paused or retired",
}
_SHORT = 12  # characters of a commit id


@dataclass(frozen=True)
class Stage:
    """One step of a service's chain: a repo, or an environment, and what becomes of its pin.

    `code` is the short name of the commit of the code that it has, empty where it has none, and
    `note` what is known of that commit. `deploy` is the last one of an environment. `is_red`: a
    status of what it has is red.
    """

    name: str
    code: str
    note: CommitNote | None
    deploy: LastDeploy | None
    why: Why
    is_red: bool

    @property
    def word(self) -> str:
        """What becomes of its pin, or that it is red, for a person."""
        return "red" if self.is_red else pin_word(self.why)

    @property
    def look(self) -> str:
        """How it stands, or `OFF` where nothing was promoted to it yet."""
        found = Standing.NEEDS_SOMEBODY if self.is_red else standing_of(self.why)
        return OFF if found is Standing.FINE and not self.code else found

    @property
    def is_known(self) -> bool:
        """Whether its repo could be read."""
        return self.why is not Why.UNKNOWN

    @property
    def is_quiet(self) -> bool:
        """Whether there is nothing to say: it has what it should have, or nothing comes."""
        return not self.is_red and self.why in (Why.CURRENT, Why.ABSENT)


@dataclass(frozen=True)
class View:
    """One service. `stages` has its chain in order, `stage_of` those that are environments."""

    line: ServiceLine
    standing: Standing
    stages: tuple[Stage, ...]
    stage_of: Mapping[str, Stage]
    remarks: tuple[str, ...]
    links: tuple[tuple[str, str], ...]

    @property
    def look(self) -> str:
        """How it stands, or `OFF` where it is paused or retired and nobody has to do anything."""
        is_off = self.line.state != "active" and self.standing is not Standing.NEEDS_SOMEBODY
        return OFF if is_off else self.standing

    @property
    def is_known(self) -> bool:
        """Whether it could be looked at as a whole."""
        return self.line.error is None

    @property
    def reason(self) -> str:
        """Why it needs somebody, where none of its stages says so; else nothing."""
        if self.standing is not Standing.NEEDS_SOMEBODY:
            return ""
        told = any(one.look == Standing.NEEDS_SOMEBODY for one in self.stage_of.values())
        return "" if told else next(iter(self.remarks), "")

    @property
    def page(self) -> str:
        """Where its page is, from the top of the site."""
        return page_of("services", self.line.service)


def page_of(folder: str, name: str) -> str:
    """Where the page of a service, an owner or a blueprint is: stable, whatever else there is."""
    return str(PurePosixPath(folder) / f"{quote(name, safe='')}.html")


def views(
    lines: Sequence[ServiceLine], platform: Platform, services: Mapping[str, Service]
) -> tuple[View, ...]:
    """What the pages show of each service."""
    environments = {one.name for one in platform.environments}
    found = []
    for line in lines:
        stages, service = tuple(_stages(line)), services.get(line.service)
        found.append(
            View(
                line,
                standing(line),
                stages,
                {stage.name: stage for stage in stages if stage.name in environments},
                tuple(_remarks(line)),
                tuple(service_links(platform, service)) if service else (),
            )
        )
    return tuple(found)


def _remarks(line: ServiceLine) -> Iterator[str]:
    """What is to know of it, without its name, which the page has; a hint belongs to its error."""
    found: list[str] = []
    for remark in remarks(line):
        if remark.startswith("  "):
            found[-1] = f"{found[-1].rstrip('.')}. {remark.strip()}"
        else:
            found.append(remark.removeprefix(line.service).lstrip(": "))
    yield from found


def _stages(line: ServiceLine) -> Iterator[Stage]:
    """The first repo of the chain is no pin's place: it shows by what the others have of it."""
    for pin in line.pins:
        sources = line.sources.get(pin.edge.place, ())
        code = line.code(pin.edge.place)[:_SHORT]
        note = sources[-1].note if sources else None
        is_red = any(status.is_red and _is_of(status, pin.edge) for status in line.statuses)
        deploy = line.deploys.get(pin.edge.place)
        yield Stage(pin.edge.place, code, note, deploy, pin.why, is_red)


def _is_of(status: CommitStatus, edge: Edge) -> bool:
    """Whether a status is of this stage: of the repo, or of the release in an environment."""
    if edge.environment is None:
        return status.part == edge.down
    return status.part == edge.down and status.name in (deploy_status(edge.place), edge.works)


def old(when: datetime, now: datetime) -> str:
    """How long ago something was."""
    return f"{age(now - when)} ago"

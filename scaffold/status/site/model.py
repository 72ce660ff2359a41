"""What the pages show of a service. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePosixPath
from urllib.parse import quote

from scaffold.chain.commits import CommitNote
from scaffold.chain.decide import Why
from scaffold.chain.words import age, pin_word
from scaffold.config.platform import Platform
from scaffold.config.published import dashboard_page, docs_page, runbook_page
from scaffold.config.service import Service
from scaffold.forge.pages import repo_page
from scaffold.status.line import ServiceLine
from scaffold.status.remarks import remarks
from scaffold.status.standing import Standing, standing, standing_of

SIGNS: Mapping[Standing, str] = {
    Standing.NEEDS_SOMEBODY: "!",
    Standing.MOVING: "→",
    Standing.FINE: "✓",
}
WORDS: Mapping[Standing, str] = {
    Standing.NEEDS_SOMEBODY: "needs somebody",
    Standing.MOVING: "moving",
    Standing.FINE: "fine",
}
_SHORT = 12  # characters of a commit id


@dataclass(frozen=True)
class Stage:
    """One step of a service's chain: a repo, or an environment, and what becomes of its pin.

    `code` is the short name of the commit of the code that it has, empty where it has none, and
    `note` what is known of that commit.
    """

    name: str
    code: str
    note: CommitNote | None
    why: Why

    @property
    def word(self) -> str:
        """What becomes of its pin, for a person."""
        return pin_word(self.why)

    @property
    def standing(self) -> Standing:
        """Whether somebody has to do something about that."""
        return standing_of(self.why)

    @property
    def is_quiet(self) -> bool:
        """Whether there is nothing to say: it has what it should have, or nothing comes."""
        return self.why in (Why.CURRENT, Why.ABSENT)


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
        stages = tuple(_stages(line))
        found.append(
            View(
                line,
                standing(line),
                stages,
                {stage.name: stage for stage in stages if stage.name in environments},
                tuple(remarks(line)),
                tuple(_links(line.service, platform, services.get(line.service))),
            )
        )
    return tuple(found)


def _stages(line: ServiceLine) -> Iterator[Stage]:
    """The first repo of the chain is no pin's place: it shows by what the others have of it."""
    for pin in line.pins:
        sources = line.sources.get(pin.edge.place, ())
        code = line.code(pin.edge.place)[:_SHORT]
        yield Stage(pin.edge.place, code, sources[-1].note if sources else None, pin.why)


def _links(name: str, platform: Platform, service: Service | None) -> Iterator[tuple[str, str]]:
    """Words and addresses: the repos, and what the blueprint wrote where that is published."""
    docs, dashboards = (str(platform.answers.get(f"{one}_base", "")) for one in ("docs", "grafana"))
    published = {
        "docs": docs_page(docs, name),
        "runbook": runbook_page(docs, name),
        "dashboard": dashboard_page(dashboards, name),
    }
    yield from ((word, page) for word, page in published.items() if page)
    for part, repo in service.repos.items() if service else ():
        if page := repo_page(repo.url):
            yield f"repo {part}", page


def old(when: datetime, now: datetime) -> str:
    """How long ago something was."""
    return f"{age(now - when)} ago"

"""What the pages show of a service. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePosixPath
from urllib.parse import quote

from scaffold.chain.decide import Verdict, Why
from scaffold.chain.words import age, pin_word
from scaffold.config.platform import Platform
from scaffold.config.service import Service
from scaffold.forge.pages import repo_page
from scaffold.status.line import ServiceLine
from scaffold.status.remarks import remarks
from scaffold.status.standing import BY_ITSELF, FOR_SOMEBODY, Standing, standing

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
    """One step of a service's chain: a repo, or an environment, and the commit that it has.

    `word` is what becomes of its pin, and `standing` whether somebody has to do something about
    that; a repo that follows none has neither. `code` is the commit of the code, short.
    """

    name: str
    code: str
    subject: str
    author: str
    when: datetime | None
    page: str
    word: str
    standing: Standing


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
        note = sources[-1].note if sources else None
        yield Stage(
            name=pin.edge.place,
            code=line.code(pin.edge.place)[:_SHORT],
            subject=note.subject if note else "",
            author=note.author if note else "",
            when=note.when if note else None,
            page=note.page if note else "",
            word=pin_word(pin.why),
            standing=_standing(pin),
        )


def _standing(pin: Verdict) -> Standing:
    if pin.why in FOR_SOMEBODY:
        return Standing.NEEDS_SOMEBODY
    return Standing.MOVING if pin.why in BY_ITSELF else Standing.FINE


def _links(name: str, platform: Platform, service: Service | None) -> Iterator[tuple[str, str]]:
    """Words and addresses: the repos, and what the blueprint wrote where that is published."""
    for base, links in _BASES.items():
        if root := str(platform.answers.get(base, "")).rstrip("/"):
            yield from ((word, root + path.format(name)) for word, path in links.items())
    for part, repo in service.repos.items() if service else ():
        if page := repo_page(repo.url):
            yield f"repo {part}", page


# As the shipped blueprints have them, in shared/questions/urls.yml.
_BASES: Mapping[str, Mapping[str, str]] = {
    "docs_base": {"docs": "/{}", "runbook": "/{}/runbook/"},
    "grafana_base": {"dashboard": "/d/{}"},
}


def is_quiet(stage: Stage) -> bool:
    """Whether there is nothing to say of a stage: it has what it should have, or nothing comes."""
    return stage.word in (Why.CURRENT.value, Why.ABSENT.value)


def old(when: datetime | None, now: datetime) -> str:
    """How long ago something was; empty where it is not known."""
    return f"{age(now - when)} ago" if when else ""

"""The pages of the site. Pure."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from scaffold.config.platform import Platform
from scaffold.redaction import redacted
from scaffold.status.adoption import by_month
from scaffold.status.drift_kind import MEANING
from scaffold.status.site.drifted import Drifted
from scaffold.status.site.model import SIGNS, WORDS, View, old, page_of
from scaffold.status.site.upgrades import Upgrades
from scaffold.status.versions import by_age
from scaffold.upgrade.report import MEANING as UPGRADE

_STATIC = ("site.css", "site.js")
_STORY = 50  # happenings of one service
_UP = "../"


@dataclass(frozen=True)
class Spread:
    """A version of a blueprint, and the services whose oldest recorded version it is."""

    version: str
    behind: int | None
    services: tuple[View, ...]


@dataclass(frozen=True)
class More:
    """What takes longer to find out, so that a site has it only where somebody asks for it."""

    drifted: Drifted | None = None
    upgrades: Upgrades | None = None


_NO_MORE = More()


def site(
    views: Sequence[View], platform: Platform, now: datetime, more: More = _NO_MORE
) -> dict[str, bytes]:
    """All files of the site, by their path: pages, a stylesheet and a script.

    No page asks any other server for anything, and none needs the script to be read.
    """
    get = partial(_template, _environment(platform, now, more))
    index, service, owner, blueprint = map(
        get, ("index.html", "service.html", "owner.html", "blueprint.html")
    )
    counts = Counter(view.look for view in views)
    owners = _grouped(views, lambda view: view.line.owner)
    blueprints = _grouped(views, lambda view: view.line.blueprint)
    found = {
        "index.html": index(
            views=views, counts=counts, owners=sorted(owners), blueprints=sorted(blueprints), up=""
        )
    }
    for view in views:
        found[view.page] = service(view=view, story=view.line.timeline[:_STORY], up=_UP)
    for name, own in owners.items():
        found[page_of("owners", name)] = owner(name=name, views=own, up=_UP)
    for name, made in blueprints.items():
        services = [view.line.service for view in made]
        months = by_month([view.line.adopted for view in made], now)
        found[page_of("blueprints", name)] = blueprint(
            name=name,
            spreads=spreads(made),
            services=services,
            months=months,
            versions=sorted({one for counts in months.values() for one in counts}, key=by_age),
            up=_UP,
        )
    if more.drifted is not None:
        found["drift.html"] = get("drift.html")(up="")
    static = files("scaffold.status.site") / "pages"
    pages = {path: redacted(text).encode() for path, text in found.items()}
    return pages | {name: (static / name).read_bytes() for name in _STATIC}


def spreads(views: Sequence[View]) -> tuple[Spread, ...]:
    """The versions of one blueprint that its services have, oldest first; unknown ones last."""
    by_version = _grouped(views, lambda view: view.line.versions.oldest or "")
    known = sorted(by_version, key=lambda version: (not version, by_age(version)))
    return tuple(
        Spread(version, by_version[version][0].line.versions.behind, tuple(by_version[version]))
        for version in known
    )


def _grouped(views: Sequence[View], key: Callable[[View], str | None]) -> dict[str, list[View]]:
    """The services by something that they have; those that have none are left out."""
    found: dict[str, list[View]] = {}
    for view in views:
        if (name := key(view)) is not None:
            found.setdefault(name, []).append(view)
    return found


def _environment(platform: Platform, now: datetime, more: More) -> Environment:
    found = Environment(
        loader=PackageLoader("scaffold.status.site", "pages"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    known: Mapping[str, Any] = {
        "platform": platform.name,
        "environments": [one.name for one in platform.chain()],
        "now": now,
        "drifted": more.drifted,
        "upgrades": more.upgrades,
        "result": UPGRADE,
        "meaning": MEANING,
        "signs": SIGNS,
        "words": WORDS,
        "looks": list(SIGNS),
        "page_of": page_of,
        "old": lambda when: old(when, now),
    }
    found.globals.update(known)
    return found


def _template(environment: Environment, name: str) -> Callable[..., str]:
    template: Template = environment.get_template(f"{name}.jinja")
    return template.render

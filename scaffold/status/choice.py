"""Which services `scaffold status` is asked for, and which environment. Pure."""

from collections.abc import Collection
from dataclasses import dataclass, replace

from scaffold.config.platform import Platform
from scaffold.config.service import Service
from scaffold.errors import UsageError
from scaffold.status.line import ServiceLine


@dataclass(frozen=True)
class Choice:
    """What the services that are shown have in common; None, or False, for whatever it is.

    What is not known of a service fits every choice, so that nothing is hidden by a fault.
    """

    owner: str | None = None
    blueprint: str | None = None
    state: str | None = None
    environment: str | None = None
    behind: bool = False

    def need_known(self, platform: Platform, services: Collection[Service]) -> None:
        """Raise UsageError for a team, blueprint or environment that there is not."""
        # A team that platform.yml dropped may still have services.
        teams = {team.name for team in platform.teams} | {one.owner for one in services}
        sources = {one.name for one in platform.blueprints} | {one.blueprint for one in services}
        _need("team", self.owner, teams)
        _need("blueprint", self.blueprint, sources)
        _need("environment", self.environment, [one.name for one in platform.chain()])

    def admits(self, owner: str | None, blueprint: str | None, state: str) -> bool:
        """Whether a service is among those that are asked for, by what the catalog tells."""
        return (
            (owner is None or self.owner in (None, owner))
            and (blueprint is None or self.blueprint in (None, blueprint))
            and self.state in (None, state)
        )

    def narrowed(self, line: ServiceLine) -> ServiceLine | None:
        """The line with what concerns the environment alone; None where it is not behind."""
        is_newest = not line.versions.recorded or line.versions.behind == 0
        if self.behind and line.error is None and is_newest:
            return None
        if self.environment is None:
            return line
        place = self.environment
        return replace(
            line,
            pins=tuple(pin for pin in line.pins if pin.edge.place == place),
            sources={key: found for key, found in line.sources.items() if key == place},
            deploys={key: found for key, found in line.deploys.items() if key == place},
            statuses=tuple(one for one in line.statuses if one.name.endswith(f"/{place}")),
        )


EVERYTHING = Choice()


def _need(what: str, name: str | None, known: Collection[str]) -> None:
    if name is not None and name not in known:
        there_are = f"There are: {', '.join(sorted(known))}."
        raise UsageError(f"there is no {what} `{name}`", hint=there_are)

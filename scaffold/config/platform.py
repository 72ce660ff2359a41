"""platform.yml: the settings of the platform team for all services."""

from string import Formatter
from typing import Any, Literal, Self

from pydantic import (
    Field,
    ValidationInfo,
    field_validator,
    model_validator,
)

from scaffold.config.ci_values import CiSettings
from scaffold.config.documents import Document
from scaffold.config.environment import Environment
from scaffold.config.forge import ForgeSettings, kind_of
from scaffold.config.names import LONGEST_LABEL, problem_with_label
from scaffold.config.propagation import Propagation
from scaffold.config.team import Team
from scaffold.config.urls import RepoUrl
from scaffold.config.values import Label, Registry, Release

PLATFORM_FILE = "platform.yml"
PLATFORM_REPO = "platform"
NAMESPACE_FIELDS = ("service", "environment", "owner")


class Hold(Document):
    """A release that is held back, with all that are newer, from all but a few services."""

    version: Release = Field(description="The first version that is held back.")
    services: tuple[Label, ...] = Field((), description="The services that get it all the same.")
    owners: tuple[Label, ...] = Field((), description="The teams whose services get it, too.")


class BlueprintSource(Document):
    """A blueprint that services may be made from."""

    name: Label = Field(description="Its name, as in its blueprint.yml.")
    url: RepoUrl = Field(description="Its git repo.")
    hold: Hold | None = Field(
        None, description="A release that is held back from all but a few services."
    )


class Platform(Document):
    """The whole of platform.yml."""

    version: Literal[1] = Field(1, description="The version of this file's format.")
    name: Label = Field(description="The organisation, in short.")
    forge: ForgeSettings = Field(description="Where repos and merge requests live.")
    registry: Registry = Field(description="Where images are pushed to: HOST[:PORT][/PATH].")
    ci: CiSettings = Field(description="How generated pipelines run.")
    blueprints: tuple[BlueprintSource, ...] = Field(
        min_length=1, description="What services may be made from; the first is the default."
    )
    trusted: tuple[str, ...] = Field(
        (), description="URLs of templates whose tasks, migrations and extensions may run."
    )
    environments: tuple[Environment, ...] = Field(
        min_length=1, description="Where services run, each after the one that it follows."
    )
    propagation: Propagation = Field(
        Propagation(), description="How the bot copies references forward."
    )
    record_versions: bool = Field(
        False,
        strict=True,
        description="Whether `scaffold upgrade` proposes a newer version of the blueprint to a repo"
        " in which nothing else changes, too.",
    )
    backstage: bool = Field(
        False,
        strict=True,
        description="Whether the catalog is kept below `backstage/` as entities of Backstage, too.",
    )
    teams: tuple[Team, ...] = Field(
        min_length=1, description="Who owns services; the first is the default."
    )
    namespace: str = Field(
        "{service}-{environment}",
        description="The namespace of a service in an environment; "
        "`{service}`, `{environment}` and `{owner}` are filled in.",
    )
    answers: dict[str, Any] = Field(
        default_factory=dict, description="Answers given to every blueprint that asks for them."
    )

    @field_validator("namespace")
    @classmethod
    def _namespace_fields(cls, template: str) -> str:
        allowed = {(field, "", None) for field in NAMESPACE_FIELDS} | {(None, None, None)}
        try:
            names = {tuple(rest) for _, *rest in Formatter().parse(template)}
        except ValueError:  # a single brace
            names = {()}
        if not names <= allowed:  # `{owner.x}` and `{owner:>9}` would be format expressions
            fields = ", ".join(f"{{{field}}}" for field in NAMESPACE_FIELDS)
            raise ValueError(f"may hold only {fields}")
        return template

    @field_validator("environments", "teams", "blueprints")
    @classmethod
    def _unique(cls, items: tuple[Any, ...]) -> tuple[Any, ...]:
        names = [item.name for item in items]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"the same name twice: {', '.join(twice)}")
        return items

    @field_validator("propagation")
    @classmethod
    def _known_environments(cls, propagation: Propagation, info: ValidationInfo) -> Propagation:
        known = [environment.name for environment in info.data.get("environments", ())]
        named = {name for freeze in propagation.freezes for name in freeze.environments}
        if known and (unknown := sorted(named.difference(known))):
            raise ValueError(
                f"a freeze names {', '.join(unknown)}; the environments are {', '.join(known)}"
            )
        return propagation

    @field_validator("environments")
    @classmethod
    def _no_cycles(cls, environments: tuple[Environment, ...]) -> tuple[Environment, ...]:
        before: dict[str, str | None] = {e.name: e.after for e in environments}
        for environment in environments:
            seen, here = {environment.name}, environment.after
            while here is not None:
                if here not in before:
                    raise ValueError(
                        f"`{environment.name}` follows `{here}`, which is not an environment"
                    )
                if here in seen:
                    raise ValueError(f"`{environment.name}` follows itself in a circle")
                seen.add(here)
                here = before[here]
        return environments

    @field_validator("environments")
    @classmethod
    def _within_reach(
        cls, environments: tuple[Environment, ...], info: ValidationInfo
    ) -> tuple[Environment, ...]:
        engines = [place for place in environments if place.deploy.by_engine]
        forge = info.data.get("forge")
        if engines and forge is not None and kind_of(forge.kind).statuses is None:
            raise ValueError(
                f"`{engines[0].name}` is deployed by {engines[0].deploy.engine}, which can't"
                f" work with a forge of the kind `{forge.kind}`: it takes a server"
            )
        return environments

    @model_validator(mode="after")
    def _jobs_have_tokens(self) -> Self:
        places = [one.name for one in self.environments if one.api_server]
        job = kind_of(self.forge.kind).job
        if places and not (job and job.id_tokens):
            raise ValueError(
                f"`{places[0]}` has an `api_server`, but a forge of the kind `{self.forge.kind}`"
                " makes no tokens for jobs: give them a kubeconfig"
            )
        return self

    @model_validator(mode="after")
    def _known_owners(self) -> Self:
        for blueprint in self.blueprints:
            named = blueprint.hold.owners if blueprint.hold else ()
            if unknown := sorted({*named} - {team.name for team in self.teams}):
                raise ValueError(
                    f"the hold of `{blueprint.name}` names {', '.join(unknown)}; the teams are"
                    f" {', '.join(team.name for team in self.teams)}"
                )
        return self

    @model_validator(mode="after")
    def _values_of_known_environments(self) -> Self:
        known = [environment.name for environment in self.environments]
        named = {one.environment for one in self.ci.values if one.environment}
        if unknown := sorted(named.difference(known)):
            raise ValueError(
                f"a value of `ci` is for {', '.join(unknown)}; the environments are"
                f" {', '.join(known)}"
            )
        return self

    @property
    def by_engine(self) -> tuple[Environment, ...]:
        """The environments that an engine deploys."""
        return tuple(place for place in self.environments if place.deploy.by_engine)

    def chain(self) -> tuple[Environment, ...]:
        """The environments, each after the one that it follows."""
        ordered: list[Environment] = []
        left = list(self.environments)
        while left:
            done = {None, *(environment.name for environment in ordered)}
            ready = next(environment for environment in left if environment.after in done)
            ordered.append(ready)
            left.remove(ready)
        return tuple(ordered)

    def namespace_of(self, service: str, environment: str, owner: str) -> str:
        """The namespace in which `service` runs in `environment`.

        Raises ValueError where the name does not fit what Kubernetes allows.
        """
        name = self.namespace.format(service=service, environment=environment, owner=owner)
        if problem := problem_with_label(name, longest=LONGEST_LABEL):
            raise ValueError(f"the namespace `{name}` {problem}")
        return name

    def team(self, name: str) -> Team | None:
        """The team of this name, or None."""
        return next((team for team in self.teams if team.name == name), None)

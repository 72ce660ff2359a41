"""The `deploy:` of an environment in platform.yml: what carries out its releases."""

from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, model_validator

from scaffold.config.documents import Document

_CLUSTER = r"^([A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?)?$"


class Engine(StrEnum):
    """What brings the head of main onto a cluster."""

    PIPELINE = "pipeline"
    FLUX = "flux"
    ARGOCD = "argocd"


def deploy_status(environment: str) -> str:
    """The status of a commit by which a deploy job, or an engine, tells how its deploy went."""
    return f"deploy/{environment}"


def probe_status(environment: str) -> str:
    """The status of a commit by which a probe tells whether an environment is well."""
    return f"probe/{environment}"


class Deploy(Document):
    """What carries out the releases of an environment, and where."""

    engine: Engine = Field(
        Engine.PIPELINE,
        description="`pipeline`: jobs of generated CI; `flux` or `argocd`: that engine, by objects"
        " that scaffold writes below `deploy/`.",
    )
    cluster: Annotated[str, Field(pattern=_CLUSTER, max_length=253)] = Field(
        "",
        description="With an engine, a cluster other than its own: with `argocd` the name that it"
        " has there, with `flux` that of the Secret with its kubeconfig.",
    )
    smoke: bool = Field(
        True,
        description="With an engine, whether generated CI has a smoke test that follows it. `false`"
        " is for a cluster that no pipeline may reach: then the engine's own word counts.",
    )

    @model_validator(mode="after")
    def _has_a_use(self) -> Self:
        if self.cluster and self.engine is Engine.PIPELINE:
            raise ValueError("`cluster` is for an engine; for a pipeline say `context` beside it")
        if not self.smoke and self.engine is Engine.PIPELINE:
            raise ValueError("only what an engine deploys can go without a smoke test")
        return self

    @property
    def by_engine(self) -> bool:
        """Whether an engine on a cluster does it, and no job of a pipeline."""
        return self.engine is not Engine.PIPELINE

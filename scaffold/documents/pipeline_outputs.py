"""What the steps of `scaffold pipeline` print with `--output json`; see `outputs`."""

from typing import Literal

from pydantic import Field

from scaffold.documents.outputs import Output, Part


class ImageOutput(Output):
    """`scaffold pipeline image`."""

    kind: Literal["image"] = "image"
    reference: str
    digest: str | None
    built: bool = Field(description="False where the registry had it already.")
    pushed: bool
    scanned: bool = Field(
        description="True where it was scanned and passed: `supply_chain` in `.scaffold.yml`."
    )
    signature: Literal["none", "key", "keyless"]
    notes: tuple[str, ...] = Field(description="On what is accepted of what the scan found.")


class ObjectAction(Part):
    """What became of one Kubernetes object."""

    outcome: str
    object: str
    why: str


class DeployOutput(Output):
    """`scaffold pipeline deploy`."""

    kind: Literal["deploy"] = "deploy"
    service: str
    environment: str
    namespace: str
    dry_run: bool
    note: str
    actions: tuple[ObjectAction, ...]


class GrantedService(Part):
    """What became of one service's namespace, quota and roles."""

    service: str
    actions: tuple[ObjectAction, ...]
    error: str | None


class AccessOutput(Output):
    """`scaffold pipeline access`."""

    kind: Literal["access"] = "access"
    environment: str
    dry_run: bool = Field(False, description="Whether nothing was changed.")
    services: tuple[GrantedService, ...]


class HttpCheckResult(Part):
    """One check over HTTP, and what became of it."""

    name: str
    asked: str = Field(description="What was asked: namespace/Service:port/path.")
    ok: bool
    problem: str = Field(description="What came in place of what was expected.")
    seconds: float = Field(description="How long the last answer took.")
    attempts: int


class SmokeOutput(Output):
    """`scaffold pipeline smoke`."""

    kind: Literal["smoke"] = "smoke"
    service: str
    environment: str
    passed: bool
    rolled_out: tuple[str, ...]
    checks: tuple[HttpCheckResult, ...]
    not_asked: tuple[str, ...]
    note: str


class ProbedEnvironment(Part):
    """What became of the checks of one environment."""

    environment: str
    passed: bool
    checks: tuple[HttpCheckResult, ...]
    error: str = Field(description="What kept it from being asked.")
    note: str = Field(description="Why nothing is asked there, which is no failure.")


class ProbeOutput(Output):
    """`scaffold pipeline probe`."""

    kind: Literal["probe"] = "probe"
    service: str
    passed: bool
    environments: tuple[ProbedEnvironment, ...]

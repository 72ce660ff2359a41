"""The JSON Schemas that scaffold publishes: of the files that people write, and of its output."""

from typing import Any

from pydantic import BaseModel

from scaffold.config.accepted import AcceptedFindings
from scaffold.config.blueprint import Blueprint
from scaffold.config.grant import Grant
from scaffold.config.platform import Platform
from scaffold.config.repofile import RepoFile
from scaffold.config.service import Service
from scaffold.config.smokefile import SmokeFile
from scaffold.documents.access_outputs import (
    AccessGrantOutput,
    AccessLogOutput,
    AccessRevokeOutput,
    AccessShowOutput,
)
from scaffold.documents.authoring_outputs import (
    BlueprintsOutput,
    BlueprintTestOutput,
    ImportOutput,
    NewBlueprintOutput,
    RegisterBlueprintOutput,
    ReleaseOutput,
)
from scaffold.documents.chain_outputs import BotOutput, PromoteOutput, RetireOutput, StatusOutput
from scaffold.documents.doctor_output import DoctorOutput
from scaffold.documents.drift_output import DriftOutput
from scaffold.documents.lint_output import LintOutput
from scaffold.documents.outputs import (
    AdoptOutput,
    CheckOutput,
    InitOutput,
    MergeRequestOutput,
    MergeRequestsOutput,
    NewServiceOutput,
    PlatformSyncOutput,
    UpgradeOutput,
)
from scaffold.documents.pipeline_outputs import (
    AccessOutput,
    DeployOutput,
    ImageOutput,
    ProbeOutput,
    SmokeOutput,
)
from scaffold.documents.preview_output import PreviewOutput

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_FILES: dict[str, type[BaseModel]] = {
    "platform": Platform,
    "blueprint": Blueprint,
    "service": Service,
    "grant": Grant,
    "repofile": RepoFile,
    "smoke": SmokeFile,
    "accepted-findings": AcceptedFindings,
}
_OUTPUTS: dict[str, type[BaseModel]] = {
    "output-init": InitOutput,
    "output-new-service": NewServiceOutput,
    "output-check": CheckOutput,
    "output-status": StatusOutput,
    "output-image": ImageOutput,
    "output-deploy": DeployOutput,
    "output-access": AccessOutput,
    "output-smoke": SmokeOutput,
    "output-probe": ProbeOutput,
    "output-upgrade": UpgradeOutput,
    "output-lint": LintOutput,
    "output-preview": PreviewOutput,
    "output-merge-requests": MergeRequestsOutput,
    "output-merge-request": MergeRequestOutput,
    "output-adopt": AdoptOutput,
    "output-bot": BotOutput,
    "output-promote": PromoteOutput,
    "output-retire": RetireOutput,
    "output-blueprints": BlueprintsOutput,
    "output-blueprint-test": BlueprintTestOutput,
    "output-new-blueprint": NewBlueprintOutput,
    "output-register-blueprint": RegisterBlueprintOutput,
    "output-release": ReleaseOutput,
    "output-import": ImportOutput,
    "output-platform-sync": PlatformSyncOutput,
    "output-drift": DriftOutput,
    "output-access-show": AccessShowOutput,
    "output-access-grant": AccessGrantOutput,
    "output-access-revoke": AccessRevokeOutput,
    "output-access-log": AccessLogOutput,
    "output-doctor": DoctorOutput,
}


def published_schemas() -> dict[str, dict[str, Any]]:
    """Each schema by the name of its file, without `.json`."""
    written = {name: _schema(model, "validation") for name, model in _FILES.items()}
    return written | {name: _schema(model, "serialization") for name, model in _OUTPUTS.items()}


def _schema(model: type[BaseModel], mode: Any) -> dict[str, Any]:
    return {"$schema": _DIALECT, **model.model_json_schema(by_alias=True, mode=mode)}

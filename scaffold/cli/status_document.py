"""The document of `scaffold status`."""

from collections.abc import Mapping
from datetime import datetime

from scaffold.chain.commits import Source
from scaffold.chain.decide import Verdict
from scaffold.cli.access_grant import grant_part
from scaffold.cli.notes import commit_fields
from scaffold.cli.reds import reds_part
from scaffold.config.grant import Grant
from scaffold.documents.chain_outputs import (
    BegunRun,
    DeployPart,
    HappeningPart,
    PinStatus,
    ServiceStatus,
    SourceCommit,
    StatusOutput,
)
from scaffold.status.deploys import LastDeploy
from scaffold.status.line import ServiceLine
from scaffold.status.standing import standing
from scaffold.status.timeline import Happening


def status_document(expired: Mapping[str, Grant], now: datetime) -> StatusOutput:
    """The document without its services; it has the grants whose time is over at a moment."""
    return StatusOutput(
        services=(),
        expired=tuple(grant_part(name, grant, now) for name, grant in expired.items()),
    )


def service_part(one: ServiceLine) -> ServiceStatus:
    """All that is known of a service."""
    return ServiceStatus.model_validate(
        {
            "service": one.service,
            "owner": one.owner,
            "blueprint": one.blueprint,
            "state": one.state,
            "standing": standing(one).value,
            "versions": dict(one.versions.recorded),
            "newest_version": one.versions.newest,
            "behind": one.versions.behind,
            "held_version": one.versions.held,
            "proposals": tuple(request.url for request in one.proposals),
            "pins": tuple(_pin(one, pin) for pin in one.pins),
            "timeline": tuple(_happening(happening) for happening in one.timeline),
            "red": reds_part(one.statuses),
            "no_release": one.no_release,
            "merge_request": one.request.url if one.request else None,
            "begun": BegunRun(by=one.begun.by, since=one.begun.since) if one.begun else None,
            "error": "\n".join(one.error.lines) if one.error else None,
        }
    )


def _pin(line: ServiceLine, pin: Verdict) -> PinStatus:
    return PinStatus(
        place=pin.edge.place,
        commit=pin.pinned,
        sources=tuple(_source(one) for one in line.sources.get(pin.edge.place, ())),
        deploy=_deploy(line.deploys.get(pin.edge.place)),
        next=pin.desired,
        why=pin.why.value,
        detail=pin.detail,
        merge_request=pin.request.url if pin.request else None,
    )


def _deploy(last: LastDeploy | None) -> DeployPart | None:
    if last is None:
        return None
    state = last.state.value if last.state else None
    return DeployPart.model_validate({**commit_fields(last.commit), "state": state})


def _source(source: Source) -> SourceCommit:
    note = source.note
    return SourceCommit(
        repo=source.repo,
        name=source.name,
        commit=source.commit,
        subject=note.subject if note else None,
        author=note.author if note else None,
        when=note.when if note else None,
        page=note.page if note else "",
    )


def _happening(happening: Happening) -> HappeningPart:
    return HappeningPart.model_validate(
        {
            "what": happening.what.value,
            "repo": happening.repo,
            "place": happening.place,
            "code": happening.code or None,
            "versions": happening.versions,
            **commit_fields(happening.commit),
        }
    )

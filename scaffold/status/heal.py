"""Bring files back to what is rendered: as a branch and a merge request, like an upgrade."""

from collections.abc import Collection, Iterable
from pathlib import PurePosixPath

from scaffold.git.tree import Identity
from scaffold.merge.decisions import Decision, Kind
from scaffold.merge.trees import Merged
from scaffold.status.drift import DriftFound, FileDrift
from scaffold.status.drift_kind import DriftKind
from scaffold.upgrade.branch import BranchState, apply_upgrade, look
from scaffold.upgrade.plan import Project, UpgradePlan, digest
from scaffold.upgrade.remote import Remote
from scaffold.upgrade.state import UpgradeState

STALE = "stale"
"""What names all stale and missing files in place of their paths."""

_ALL_STALE = frozenset({DriftKind.STALE, DriftKind.MISSING})


def chosen(files: Iterable[FileDrift], wanted: Collection[str]) -> tuple[FileDrift, ...]:
    """The files to bring back: those that are named, or are below a folder that is."""
    return tuple(
        one
        for one in files
        if one.kind.healed
        and (
            (STALE in wanted and one.kind in _ALL_STALE)
            or any(_is_below(one.path, name) for name in wanted)
        )
    )


def _is_below(path: str, name: str) -> bool:
    return PurePosixPath(path).is_relative_to(name)


def heal(
    project: Project,
    found: DriftFound,
    files: tuple[FileDrift, ...],
    remote: Remote,
    author: Identity,
    *,
    dry_run: bool,
) -> BranchState:
    """Propose to bring files back, or with `dry_run` say what that would do. Raises as an upgrade.

    A branch that somebody has pushed to, and files whose merge request was closed, are left alone.
    """
    plan = UpgradePlan(
        project,
        found.template,
        found.version,
        found.version,
        UpgradeState.WOULD_CHANGE,
        merged=Merged(
            {one.path: one.rendered for one in files},
            tuple(Decision(one.path, _decision(one), one.detail) for one in files),
            (),
        ),
        answers_digest=digest({one.path: one.rendered for one in files}),
        heals=True,
    )
    seen = look(plan, remote)
    return seen if dry_run else apply_upgrade(plan, remote, seen, author)


def _decision(one: FileDrift) -> Kind:
    if one.rendered is None:
        return Kind.REMOVED
    return Kind.UPDATED if one.kind in {DriftKind.STALE, DriftKind.EDITED} else Kind.ADDED

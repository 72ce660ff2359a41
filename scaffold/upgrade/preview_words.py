"""What a preview says in words, alike in its text and on its page."""

from scaffold.merge.decisions import ConflictKind
from scaffold.upgrade.preview import Change, Clash, Preview
from scaffold.upgrade.report import Line


def summary_lines(found: Preview) -> list[str]:
    """The whole in a line, and in another one what checks say, where anything changes."""
    changing = sum(one.repos for one in found.changes)
    changes = (
        f"{_count(found.repos, 'repo')} of {_count(found.services, 'service')}: {changing} change "
        f"in {_count(len(found.changes), 'way')}, {found.only_version} only get the new version, "
        f"{len(found.conflicts)} would conflict, {len(found.failures)} fail."
    )
    return [changes, _checks(found)] if found.changes else [changes]


def _checks(found: Preview) -> str:
    """How many ways of changing were checked, and what came of it."""
    ran = sum(one.checked for one in found.changes)
    said = []
    if found.broken:
        repos = sum(one.repos for one in found.broken)
        said.append(f"{len(found.broken)} would break, in {_count(repos, 'repo')}")
    elif ran:
        said.append("none would break")
    if missing := len(found.not_run):
        said.append(f"{_count(missing, 'check')} could not run")
    colon = ": " if said else ""
    return f"Checked {ran} of {_count(len(found.changes), 'way')}{colon}{'; '.join(said)}."


def unchecked_line(found: Preview) -> str:
    """How many repos no check was run for, and why; empty where there are none."""
    repos = sum(one.repos for one in found.changes if not one.checked)
    if not repos:
        return ""
    return (
        f"Not checked: {_count(repos, 'repo')}, since few get such a change, or somebody has "
        "pushed to the upgrade branch of the example."
    )


def heading(change: Change) -> str:
    """One kind of change in one line."""
    files = ", ".join(change.shape.files[:3]) + (" ..." if len(change.shape.files) > 3 else "")
    size = f"+{change.shape.added} -{change.shape.removed}"
    return f"{_count(change.repos, 'repo')}, as in {change.example.repo}: {files} ({size})"


def why(line: Line) -> str:
    """Why a file conflicts."""
    return ": ".join(filter(None, [ConflictKind(line.kind).words, line.detail]))


def clash_heading(clash: Clash) -> str:
    """One kind of conflict in one line."""
    return f"{_count(clash.repos, 'repo')}, as in {clash.example}: {clash.line.path}"


def wordless(change: Change) -> list[str]:
    """What is to be said about files of which a diff has nothing to show."""
    return [f"{one.path}: {one.kind}; a diff has nothing to show of it" for one in change.wordless]


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"

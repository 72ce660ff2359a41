"""The words of a preview, the same in its text and on its page."""

from scaffold.merge.decisions import ConflictKind
from scaffold.upgrade.preview import Change, Clash, Preview
from scaffold.upgrade.report import Line


def summary_lines(preview: Preview) -> list[str]:
    """A summary in one line, and if anything changes, the checks in a second one."""
    changing = sum(change.repos for change in preview.changes)
    repos, services = counted(preview.repos, "repo"), counted(preview.services, "service")
    changes = (
        f"{repos} of {services}: {changing} "
        f"change in {counted(len(preview.changes), 'way')}, {preview.only_version} only get the "
        f"new version, {len(preview.conflicts)} would conflict, {len(preview.failures)} fail."
    )
    return [changes, _checks(preview)] if preview.changes else [changes]


def _checks(preview: Preview) -> str:
    """How many kinds of change were checked, and with what result."""
    ran = sum(change.checked for change in preview.changes)
    words = []
    if preview.broken:
        repos = sum(change.repos for change in preview.broken)
        words.append(f"{len(preview.broken)} would break, in {counted(repos, 'repo')}")
    elif ran:
        words.append("none would break")
    if missing := len(preview.not_run):
        words.append(f"{counted(missing, 'check')} could not run")
    colon = ": " if words else ""
    return f"Checked {ran} of {counted(len(preview.changes), 'way')}{colon}{'; '.join(words)}."


def unchecked_line(preview: Preview) -> str:
    """How many repos were not checked, and why; empty where there are none."""
    repos = sum(change.repos for change in preview.changes if not change.checked)
    if not repos:
        return ""
    return (
        f"Not checked: {counted(repos, 'repo')}, since few get such a change, or somebody has "
        "pushed to the upgrade branch of the example."
    )


def heading(change: Change) -> str:
    """One kind of change in one line."""
    files = ", ".join(change.shape.files[:3]) + (" ..." if len(change.shape.files) > 3 else "")
    size = f"+{change.shape.added} -{change.shape.removed}"
    return f"{counted(change.repos, 'repo')}, as in {change.example.repo}: {files} ({size})"


def why(line: Line) -> str:
    """Why a file conflicts."""
    return ": ".join(filter(None, [ConflictKind(line.kind).words, line.detail]))


def clash_heading(clash: Clash) -> str:
    """One kind of conflict in one line."""
    return f"{counted(clash.repos, 'repo')}, as in {clash.example}: {clash.line.path}"


def wordless(change: Change) -> list[str]:
    """Lines about files that change without any change of lines."""
    return [
        f"{decision.path}: {decision.kind}; a diff has nothing to show of it"
        for decision in change.wordless
    ]


def counted(number: int, what: str) -> str:
    """A number of things, in words."""
    return f"{number} {what}" if number == 1 else f"{number} {what}s"

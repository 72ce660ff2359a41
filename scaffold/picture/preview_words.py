"""What a preview says in words, alike in its text and on its page."""

from scaffold.upgrade.preview import Change, Preview


def summary_line(found: Preview) -> str:
    """The whole in one line."""
    changing = sum(one.repos for one in found.changes)
    kinds = len(found.changes)
    return (
        f"{found.repos} repos of {found.services} services: {changing} change in {kinds} "
        f"{'way' if kinds == 1 else 'ways'}, {found.only_version} only get the new version, "
        f"{len(found.conflicts)} would conflict, {len(found.failures)} fail.{_checks(found)}"
    )


def _checks(found: Preview) -> str:
    """How many checks ran, and what they said; nothing where there was nothing to check."""
    if not found.changes:
        return ""
    ran = sum(one.checked for one in found.changes)
    said = []
    if found.broken:
        repos = sum(one.repos for one in found.broken)
        said.append(f"{len(found.broken)} would break, in {_repos(repos)}")
    elif ran:
        said.append("none would break")
    if missing := len(found.not_run):
        said.append(f"{missing} {'check' if missing == 1 else 'checks'} could not run")
    colon = ": " if said else ""
    return f" Checked {ran} of {len(found.changes)} ways{colon}{'; '.join(said)}."


def unchecked_line(found: Preview) -> str:
    """How many repos no check was run for, and why; empty where there are none."""
    repos = sum(one.repos for one in found.changes if not one.checked)
    if not repos:
        return ""
    return (
        f"Not checked: {_repos(repos)}, since few get such a change, or somebody has pushed to the "
        "upgrade branch of the example."
    )


def heading(change: Change) -> str:
    """One kind of change in one line."""
    files = ", ".join(change.shape.files[:3]) + (" ..." if len(change.shape.files) > 3 else "")
    size = f"+{change.shape.added} -{change.shape.removed}"
    return f"{_repos(change.repos)}, as in {change.example.repo}: {files} ({size})"


def wordless(change: Change) -> list[str]:
    """What is to be said about files of which a diff has nothing to show."""
    return [f"{one.path}: {one.kind}; a diff has nothing to show of it" for one in change.wordless]


def _repos(number: int) -> str:
    return "1 repo" if number == 1 else f"{number} repos"

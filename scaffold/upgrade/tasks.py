"""Tasks and migrations of a template: code, so with trust only; once, on the merged tree.

They run in a scratch folder that is a git repo of its own, without the caller's credentials, and
what they change there becomes part of the upgrade.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scaffold.blueprint.source import TemplateVersion
from scaffold.errors import ProcessFailedError, UntrustedError
from scaffold.git import transport
from scaffold.git.tree import Entry, read_folder, write_folder
from scaffold.process import run, scrubbed_environment
from scaffold.upgrade.decisions import Decision, Kind
from scaffold.upgrade.merge import Merged

if TYPE_CHECKING:
    from scaffold.blueprint.copying import Command
    from scaffold.upgrade.plan import Project

_TIMEOUT = 600.0  # seconds for one command


def run_tasks(
    project: "Project",
    merged: Merged,
    versions: tuple[TemplateVersion, TemplateVersion],
    answers: Mapping[str, Any],
    *,
    trust: bool,
    scratch: Path,
) -> Merged:
    """Run what the new one of two versions has to run after an upgrade from the old one.

    Raises UntrustedError where there is something to run and no trust, ProcessFailedError.
    """
    from scaffold.blueprint.copying import has_commands, upgrade_commands

    old, new = versions
    if not has_commands(new):
        return merged
    folder = scratch / "tasks" / (project.folder or project.name)
    commands = upgrade_commands(old, new, answers, folder)
    if not commands:
        return merged
    if not trust:
        raise UntrustedError(
            f"the template wants to run {len(commands)} commands: {commands[0].words}",
            where=f"{new.url}@{new.version}",
            hint="Give --trust if you trust it, or name it in platform.yml under `trusted`.",
        )
    before = {**project.files}
    for path, entry in merged.changes.items():
        if entry is None:
            before.pop(path, None)
        else:
            before[path] = entry
    _lay_out(before, folder)
    for command in commands:
        _run(command, folder)
    return _with_changes(merged, before, read_folder(folder))


def _lay_out(tree: Mapping[str, Entry], folder: Path) -> None:
    write_folder({path: entry for path, entry in tree.items() if entry.mode != 0o160000}, folder)
    transport.git("init", "--quiet", cwd=folder)
    transport.git("add", "--all", "--force", cwd=folder)
    who = ("-c", "user.name=scaffold", "-c", "user.email=scaffold@localhost")
    transport.git(*who, "commit", "--quiet", "--allow-empty", "-m", "Merged", cwd=folder)


def _run(command: "Command", folder: Path) -> None:
    cwd = (folder / command.folder).resolve()
    words = ["/bin/sh", "-c", command.words] if isinstance(command.words, str) else command.words
    done = run(words, cwd=cwd, env=scrubbed_environment(command.environment), timeout=_TIMEOUT)
    if done.status != 0:
        raise ProcessFailedError(
            f"a command of the template failed with status {done.status}: {command.words}",
            details=done.last_lines,
        )


def _with_changes(
    merged: Merged, before: Mapping[str, Entry], after: Mapping[str, Entry]
) -> Merged:
    changes = dict(merged.changes)
    decisions = list(merged.decisions)
    for path in sorted({*before, *after}):
        entry = after.get(path)
        if before.get(path) != entry and before.get(path, Entry.file(b"")).mode != 0o160000:
            changes[path] = entry
            decisions.append(Decision(path, Kind.TASK))
    return Merged(changes, tuple(decisions), merged.conflicts)

"""Tasks and migrations of a template: code, so with trust only, and once.

Migrations that are to come before run on what the repo has, and what they make of the recorded
answers is what the new version is rendered with; the rest runs on the merged tree. All run in a
scratch folder that is a git repo of its own, without the caller's credentials or git configuration,
and what they change there becomes part of the upgrade, but for files that the repo ignores.
"""

import os
import shutil
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from pygit2.enums import FileMode

from scaffold.errors import ProcessFailedError, UntrustedError
from scaffold.git import transport
from scaffold.git.settings import as_committed
from scaffold.git.tree import Entry, links_out, read_folder, write_folder
from scaffold.merge.decisions import Conflict, ConflictKind, Decision, Kind
from scaffold.merge.trees import Merged
from scaffold.process import run
from scaffold.programs import TASKS, environment
from scaffold.render.source import TemplateVersion

if TYPE_CHECKING:
    from scaffold.render.commands import Command

_TIMEOUT = 600.0  # seconds for one command
_NOBODY = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_TERMINAL_PROMPT": "0",
    **{f"GIT_{who}_NAME": "scaffold" for who in ("AUTHOR", "COMMITTER")},
    **{f"GIT_{who}_EMAIL": "scaffold@localhost" for who in ("AUTHOR", "COMMITTER")},
}


def run_tasks(
    stage: Literal["before", "after"],
    files: Mapping[str, Entry],
    name: str,
    merged: Merged,
    versions: tuple[TemplateVersion, TemplateVersion],
    answers: Mapping[str, Any],
    *,
    trust: bool,
    scratch: Path,
) -> Merged:
    """Run what the new one of two versions has to run in an upgrade from the old one.

    `files` is what the repo has, `name` what its folder is called, `merged` what has become of
    the files so far.

    Raises UntrustedError where there is something to run and no trust, ProcessFailedError,
    ToolMissingError, RenderError.
    """
    from scaffold.render.commands import has_commands, upgrade_commands

    old, new = versions
    if not has_commands(new):
        return merged
    before = merged.applied_to(files)
    place = Path(tempfile.mkdtemp(prefix="tasks-", dir=scratch))
    folder = place / name
    try:
        commands = upgrade_commands(stage, old, new, answers, folder, files=before, trust=trust)
        if not commands:
            return merged
        if not trust:
            raise _refusal(new, commands)
        _lay_out(before, folder)
        for command in commands:
            _run(command, folder, new.place())
        return _with_changes(merged, before, _left_by_tasks(before, folder))
    finally:
        shutil.rmtree(place, ignore_errors=True)


def _refusal(new: TemplateVersion, commands: "list[Command]") -> UntrustedError:
    count = "a command" if len(commands) == 1 else f"{len(commands)} commands"
    return UntrustedError(
        f"the template wants to run {count}: {'; '.join(one.shown for one in commands)}",
        where=new.place(),
        hint="Give --trust if you trust it, or name it in platform.yml under `trusted`.",
    )


def _lay_out(tree: Mapping[str, Entry], folder: Path) -> None:
    folder.mkdir()
    write_folder(tree, folder)
    transport.git("init", "--quiet", "--template=", "--initial-branch=main", cwd=folder)
    transport.git(*as_committed(), "add", "--all", "--force", cwd=folder)
    who = ("-c", "user.name=scaffold", "-c", "user.email=scaffold@localhost")
    transport.git(*who, "commit", "--quiet", "--allow-empty", "-m", "Merged", cwd=folder)


def _run(command: "Command", folder: Path, where: str) -> None:
    cwd = (folder / command.folder).resolve()
    if not cwd.is_dir():
        raise ProcessFailedError(
            f"a command of the template wants to run in `{command.folder}`, which is no folder: "
            f"{command.shown}",
            where=where,
        )
    words = ["/bin/sh", "-c", command.words] if isinstance(command.words, str) else command.words
    env = environment(TASKS, {**_NOBODY, **command.environment})
    try:
        done = run(words, cwd=cwd, env=env, timeout=_TIMEOUT)
    except OSError as error:
        raise ProcessFailedError(
            f"a command of the template can't be started: {command.shown}: {error.strerror}",
            where=where,
        ) from error
    if done.status != 0:
        raise ProcessFailedError(
            f"a command of the template failed with status {done.status}: {command.shown}",
            where=where,
            details=done.last_lines,
        )


def _left_by_tasks(before: Mapping[str, Entry], folder: Path) -> dict[str, Entry]:
    """What is there now, without files that are new and that the repo's `.gitignore` names."""
    transport.git("init", "--quiet", "--template=", cwd=folder)  # a task may have removed it
    ignored = transport.git(
        "ls-files", "-z", "--others", "--ignored", "--exclude-per-directory=.gitignore", cwd=folder
    )
    new = {path for path in ignored.text.split("\0") if path not in before}
    return {path: entry for path, entry in read_folder(folder).items() if path not in new}


def _with_changes(
    merged: Merged, before: Mapping[str, Entry], after: Mapping[str, Entry]
) -> Merged:
    changes = dict(merged.changes)
    decisions = list(merged.decisions)
    conflicts = dict.fromkeys(merged.conflicts)
    in_conflict = {conflict.path for conflict in conflicts}
    not_there = frozenset(links_out(before))
    for path in sorted({*before, *after}):
        entry = after.get(path)
        if link := _at_or_above(path, not_there):
            if path in after:
                detail = "a task made something in its place"
                conflicts[Conflict(link, ConflictKind.TYPE, detail)] = None
            continue
        if entry is None and path in in_conflict:
            continue  # a person has to look at it: it must not be gone
        if before.get(path) != entry and before.get(path, Entry.file(b"")).mode != FileMode.COMMIT:
            changes[path] = entry
            decisions.append(Decision(path, Kind.TASK))
    return Merged(changes, tuple(decisions), tuple(conflicts))


def _at_or_above(path: str, links: Iterable[str]) -> str | None:
    """The one of some links that a path is that of, or lies below."""
    return next((one for one in links if path == one or path.startswith(f"{one}/")), None)

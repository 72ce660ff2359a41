"""Tasks and migrations of a template: code, so they need trust.

Tasks are part of rendering a version, so they run on each render; migrations run on the files of a
repo. All run in a scratch folder that is a git repo of its own, without the caller's credentials
and git configuration. Their result is the files that they leave, except new ones that `.gitignore`
matches.
"""

import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from scaffold.errors import ProcessFailedError, UntrustedError
from scaffold.git import program
from scaffold.git.folders import links_out, read_folder, write_folder
from scaffold.git.settings import as_committed
from scaffold.git.tree import Entry, Tree
from scaffold.process import run
from scaffold.programs import TASKS, environment
from scaffold.render.source import TemplateVersion

if TYPE_CHECKING:
    from scaffold.render.commands import Command, Operation

_TIMEOUT = 600.0  # seconds for one command
_NOBODY = {
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_TERMINAL_PROMPT": "0",
    **{f"GIT_{who}_NAME": "scaffold" for who in ("AUTHOR", "COMMITTER")},
    **{f"GIT_{who}_EMAIL": "scaffold@localhost" for who in ("AUTHOR", "COMMITTER")},
}


def run_on_render(
    template: TemplateVersion,
    tree: Tree,
    name: str,
    answers: Mapping[str, Any],
    *,
    operation: "Operation",
    trust: bool,
    scratch: Path,
) -> Tree:
    """The files that a version's tasks leave of its render, run in a folder of this name.

    Raises UntrustedError where there is something to run and no trust, ProcessFailedError,
    ToolMissingError, RenderError.
    """
    from scaffold.render.commands import has_tasks, task_commands

    if not has_tasks(template):
        return tree
    with _folder(name, scratch) as folder:
        commands = task_commands(template, answers, folder, files=tree, name=operation, trust=trust)
        if not commands:
            return tree
        left = _left(commands, tree, folder, template, trust=trust)
    # Links that lead out were not written, so no task can have removed them.
    kept = {path: tree[path] for path in links_out(tree) if path not in left}
    return {**left, **kept}


def tasks_of(
    template: TemplateVersion, tree: Tree, name: str, answers: Mapping[str, Any], *, scratch: Path
) -> tuple[str, ...]:
    """The commands of a version's tasks for its render.

    Raises RenderError.
    """
    from scaffold.render.commands import has_tasks, task_commands

    if not has_tasks(template):
        return ()
    with _folder(name, scratch) as folder:
        commands = task_commands(template, answers, folder, files=tree, name="copy", trust=False)
    return tuple(command.shown for command in commands)


def run_migrations(
    stage: Literal["before", "after"],
    files: Mapping[str, Entry],
    name: str,
    versions: tuple[TemplateVersion, TemplateVersion],
    answers: Mapping[str, Any],
    *,
    trust: bool,
    scratch: Path,
) -> Tree | None:
    """The files that the migrations from the first version to the second leave of some files.

    `name` is the name of their folder. None where there are no migrations to run. Raises as
    `run_on_render` does.
    """
    from scaffold.render.commands import migration_commands

    old, new = versions
    with _folder(name, scratch) as folder:
        commands = migration_commands(stage, old, new, answers, folder, files=files, trust=trust)
        return _left(commands, files, folder, new, trust=trust) if commands else None


@contextmanager
def _folder(name: str, scratch: Path) -> Iterator[Path]:
    place = Path(tempfile.mkdtemp(prefix="tasks-", dir=scratch))
    try:
        yield place / name
    finally:
        shutil.rmtree(place, ignore_errors=True)


def _left(
    commands: "Sequence[Command]",
    tree: Mapping[str, Entry],
    folder: Path,
    template: TemplateVersion,
    *,
    trust: bool,
) -> Tree:
    if not trust:
        raise _refusal(template, commands)
    _lay_out(tree, folder)
    for command in commands:
        _run(command, folder, template.place())
    return _left_by_tasks(tree, folder)


def _refusal(new: TemplateVersion, commands: "Sequence[Command]") -> UntrustedError:
    count = "a command" if len(commands) == 1 else f"{len(commands)} commands"
    return UntrustedError(
        f"the template wants to run {count}: {'; '.join(command.shown for command in commands)}",
        where=new.place(),
        hint="Give --trust if you trust it, or name it in platform.yml under `trusted`. Without"
        " them the merge would be of what no repo has: conflicts where nobody has changed anything,"
        " or lost lines.",
    )


def _lay_out(tree: Mapping[str, Entry], folder: Path) -> None:
    folder.mkdir()
    write_folder(tree, folder)
    program.git("init", "--quiet", "--template=", "--initial-branch=main", cwd=folder)
    program.git(*as_committed(), "add", "--all", "--force", cwd=folder)
    who = ("-c", "user.name=scaffold", "-c", "user.email=scaffold@localhost")
    program.git(*who, "commit", "--quiet", "--allow-empty", "-m", "Rendered", cwd=folder)


def _run(command: "Command", folder: Path, where: str) -> None:
    cwd = (folder / command.folder).resolve()
    if not cwd.is_dir():
        raise ProcessFailedError(
            f"a command of the template wants to run in `{command.folder}`, which is no folder: "
            f"{command.shown}",
            where=where,
        )
    words = ["/bin/sh", "-c", command.words] if isinstance(command.words, str) else command.words
    # A file, since `git config --global` of root's would put one in the place of a device.
    settings = str(folder.with_name(f"{folder.name}.gitconfig"))
    env = environment(TASKS, {**_NOBODY, "GIT_CONFIG_GLOBAL": settings, **command.environment})
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
    """The files in the folder, without new ones that the repo's `.gitignore` matches."""
    program.git("init", "--quiet", "--template=", cwd=folder)  # a task may have removed it
    ignored = program.git(
        "ls-files", "-z", "--others", "--ignored", "--exclude-per-directory=.gitignore", cwd=folder
    )
    new = {path for path in ignored.text.split("\0") if path not in before}
    return {path: entry for path, entry in read_folder(folder).items() if path not in new}

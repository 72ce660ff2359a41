"""The tasks and migrations that an upgrade has to run. Nothing is run here."""

import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from packaging.version import Version

from scaffold.errors import RenderError, ScaffoldError
from scaffold.git.tree import Entry
from scaffold.render.copier_api import Worker, cast_to_bool
from scaffold.render.copying import make_worker, operation
from scaffold.render.limits import within_limits
from scaffold.render.preparation import prepared_for
from scaffold.render.quick import QuickWorker
from scaffold.render.source import TemplateVersion, parse_version

Operation = Literal["copy", "update"]


@dataclass(frozen=True)
class Command:
    """A task or migration with its values: a line of shell or words, its folder, its variables.

    `shown` is the printable command: its first line, without secret answers.
    """

    words: str | list[str]
    folder: str
    environment: Mapping[str, str]
    shown: str


def has_tasks(template: TemplateVersion) -> bool:
    """Whether a version has tasks at all."""
    return bool(_configured(template).get("_tasks"))


def has_migrations(template: TemplateVersion) -> bool:
    """Whether a version has migrations at all."""
    return bool(_configured(template).get("_migrations"))


def _configured(template: TemplateVersion) -> Mapping[str, Any]:
    config: Mapping[str, Any] = prepared_for(template).template._raw_config  # noqa: SLF001 - copier's
    return config


def migration_versions(template: TemplateVersion) -> tuple[Version, ...]:
    """The versions that migrations are tied to. Raises RenderError where copier.yml is broken."""
    config = _configured(template)
    recorded = [
        migration.get("version")
        for migration in config.get("_migrations") or ()
        if isinstance(migration, dict)
    ]
    return tuple(
        parsed for text in recorded if text and (parsed := parse_version(str(text))) is not None
    )


def task_commands(
    template: TemplateVersion,
    answers: Mapping[str, Any],
    folder: Path,
    *,
    files: Mapping[str, Entry],
    name: Operation,
    trust: bool,
) -> list[Command]:
    """The tasks of a version for these answers, in their order.

    `folder` is where they will run. Raises RenderError, AnswerError.
    """
    worker = _worker(template, answers, folder, files, trust=trust)

    def tasks() -> list[Any]:
        worker._ask()  # noqa: SLF001 - it is copier's
        return list(worker.template.tasks)

    return _commands(worker, template, tasks, name)


def migration_commands(
    stage: Literal["before", "after"],
    old: TemplateVersion,
    new: TemplateVersion,
    answers: Mapping[str, Any],
    folder: Path,
    *,
    files: Mapping[str, Entry],
    trust: bool,
) -> list[Command]:
    """The migrations of an upgrade, in copier's order.

    `before` are those that run on the unchanged repo, and may rewrite recorded answers; no question
    is asked before them, since they may supply the answer to a new one. `after` are those that run
    on the result of the upgrade.

    Migrations tied to a version run if the new version has reached it and the old one had not, by
    PEP 440. So one tied to 1.2.3 does not run for 1.2.3rc1, but for 1.2.3; one tied to 1.2.3rc1
    runs for that, and not again. Raises RenderError, AnswerError.
    """
    worker = _worker(new, answers, folder, files, trust=trust)
    start = prepared_for(old).template

    def migrations() -> list[Any]:
        if stage == "after":
            worker._ask()  # noqa: SLF001 - it is copier's
        else:
            worker.know()
        return list(worker.template.migration_tasks(stage, start))

    return _commands(worker, new, migrations, "update")


def _worker(
    template: TemplateVersion,
    answers: Mapping[str, Any],
    folder: Path,
    files: Mapping[str, Entry],
    *,
    trust: bool,
) -> QuickWorker:
    return make_worker(
        template, {}, folder, recorded=answers, files=files, trust=trust, real_paths=True
    )


def _commands(
    worker: QuickWorker,
    template: TemplateVersion,
    configured: Callable[[], list[Any]],
    name: Operation,
) -> list[Command]:
    with operation(name), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # copier's, about the older format of migrations
        try:
            with within_limits():
                filled = (_filled_in(worker, task, name) for task in configured())
                return [command for command in filled if command is not None]
        except ScaffoldError:
            raise
        except Exception as error:
            raise RenderError(
                f"its tasks or migrations are broken: {type(error).__name__}: "
                f"{template.told(error)}",
                where=template.place("copier.yml"),
                hint="This is a fault of the blueprint; its authors can see it with these answers.",
            ) from error


def _filled_in(worker: Worker, task: Any, name: Operation) -> Command | None:
    extra: dict[str, Any] = {f"_{key}": value for key, value in task.extra_vars.items()}
    extra["_copier_operation"] = name

    def fill(text: object) -> str:
        return worker._render_string(str(text), extra)  # noqa: SLF001 - it is copier's

    condition = worker._render_value(task.condition, extra)  # noqa: SLF001 - it is copier's
    if not cast_to_bool(condition):
        return None
    words = fill(task.cmd) if isinstance(task.cmd, str) else [fill(part) for part in task.cmd]
    environment = {key[1:].upper(): str(value) for key, value in extra.items()}
    shown = words if isinstance(words, str) else " ".join(words)
    for question in worker.template.secret_questions:
        if secret := str(worker.answers.combined.get(question) or ""):
            shown = shown.replace(secret, "***")
    return Command(words, fill(task.working_directory), environment, _first_line(shown))


def _first_line(text: str) -> str:
    """The first line of a command, with a mark where there are more: a whole script may follow."""
    line, more, _ = text.strip().partition("\n")
    return f"{line} ..." if more else line

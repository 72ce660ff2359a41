"""The one place that knows copier's inside.

copier renders, asks and decides here as it does on its own; scaffold only hands it a template
that is laid out on disk already, so that rendering four repos clones nothing, and keeps what
depends on the template's version alone (its configuration, its compiled files) from one run to
the next. That needs copier's internal classes, hence the narrow version range in pyproject.toml.
"""

import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, Literal

import jinja2
from copier._jinja_ext import get_yield_context
from copier._main import Worker, _operation
from copier._settings import SettingsModel
from copier._template import Template
from copier._tools import cast_to_bool
from copier._types import MISSING
from copier._user_data import AnswersMap, Question

from scaffold.blueprint.source import TemplateVersion, parse_version

__all__ = [
    "MISSING", "AnswersMap", "Command", "Question", "Worker", "has_commands", "make_question",
    "make_worker", "operation", "upgrade_commands",
]  # fmt: skip
_VERSIONS_IN_MEMORY = 16


@dataclass
class _Prepared:
    """What runs of one version share."""

    template: Template
    environment: Any = field(default=None)


class _FolderWorker(Worker):
    """A copier run into a plain folder, of a template that was run before."""

    def _sync_git_index_executable_bit(self, dst_relpath: Path, src_mode: int) -> None:
        """Do nothing: there is no git index to bring up to date, and asking git takes its time."""

    @cached_property
    def jinja_env(self) -> Any:
        """The environment as copier makes it, but what it compiled is kept."""
        prepared = self.__dict__["prepared"]
        if prepared.environment is None:
            prepared.environment = _compile_once(_copiers_environment(self))
        return prepared.environment


def make_worker(
    template: TemplateVersion,
    answers: Mapping[str, Any],
    destination: Path,
    *,
    recorded: Mapping[str, Any] | None = None,
    answers_file: str | None = None,
    trust: bool = False,
) -> Worker:
    """A copier run of this version, with the user's own copier settings left out.

    `recorded` are answers of an earlier run, which give way to `answers` and, where they are not
    valid any more, to defaults.
    """
    worker = _FolderWorker(
        src_path=template.url,
        vcs_ref=template.version,
        dst_path=destination,
        data=dict(answers),
        answers_file=Path(answers_file) if answers_file else None,
        settings=SettingsModel(),
        defaults=True,
        overwrite=True,
        quiet=True,
        skip_tasks=True,
        unsafe=trust,
    )
    prepared = _prepare(template.url, template.version, template.commit, template.folder)
    worker.__dict__["template"] = prepared.template
    worker.__dict__["prepared"] = prepared
    if recorded is not None:
        worker.subproject.__dict__["last_answers"] = dict(recorded)
    return worker


def make_question(worker: Worker, name: str, details: Mapping[str, Any]) -> Question:
    """One question of the blueprint, over the answers so far."""
    return Question(
        answers=worker.answers,
        context=worker._render_context(),  # noqa: SLF001 - see the module's docstring
        jinja_env=worker.jinja_env,
        settings=worker.settings,
        var_name=name,
        **details,
    )


@dataclass(frozen=True)
class Command:
    """A task or migration, filled in: a shell's line or a list of words, where, with what."""

    words: str | list[str]
    folder: str
    environment: Mapping[str, str]


def has_commands(template: TemplateVersion) -> bool:
    """Whether a version has tasks or migrations at all."""
    prepared = _prepare(template.url, template.version, template.commit, template.folder)
    config = prepared.template._raw_config  # noqa: SLF001 - see the module's docstring
    return bool(config.get("_tasks") or config.get("_migrations"))


def upgrade_commands(
    old: TemplateVersion, new: TemplateVersion, answers: Mapping[str, Any], folder: Path
) -> list[Command]:
    """What an upgrade has to run, in copier's order: migrations before, tasks, migrations after.

    Migrations tied to a version run where the new version has reached it and the old one had not,
    by PEP 440; so one that ran for a release candidate does not run again for the release.
    """
    known = make_worker(new, {}, folder).template.questions_data
    worker = make_worker(
        new, {name: value for name, value in answers.items() if name in known}, folder, trust=True
    )
    start = _prepare(old.url, old.version, old.commit, old.folder).template
    with operation("update"), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # copier's, about the older format of migrations
        worker._ask()  # noqa: SLF001 - see the module's docstring
        template = worker.template
        tasks = [
            *template.migration_tasks("before", start),
            *template.tasks,
            *template.migration_tasks("after", start),
        ]
        return [found for task in tasks if (found := _filled_in(worker, task)) is not None]


def _filled_in(worker: Worker, task: Any) -> Command | None:
    extra = {f"_{key}": value for key, value in task.extra_vars.items()}
    extra["_copier_operation"] = "update"

    def fill(text: object) -> str:
        return worker._render_string(str(text), extra)  # noqa: SLF001 - see the docstring

    condition = worker._render_value(task.condition, extra)  # noqa: SLF001 - see the docstring
    if not cast_to_bool(condition):
        return None
    words = fill(task.cmd) if isinstance(task.cmd, str) else [fill(part) for part in task.cmd]
    environment = {key[1:].upper(): str(value) for key, value in extra.items()}
    return Command(words, fill(task.working_directory), environment)


@contextmanager
def operation(name: Literal["copy", "update"]) -> Iterator[None]:
    """Let templates see which of copier's operations they are rendered for."""
    token = _operation.set(name)
    try:
        yield
    finally:
        _operation.reset(token)


def _copiers_environment(worker: Worker) -> Any:
    inherited: Any = Worker.__dict__["jinja_env"]
    return inherited.func(worker)


@lru_cache(maxsize=_VERSIONS_IN_MEMORY)
def _prepare(url: str, version: str, commit: str, folder: Path) -> _Prepared:
    template = Template(url=url, ref=version)
    template.__dict__.update(
        vcs="git",
        local_abspath=folder.resolve(),
        commit=version,
        commit_hash=commit,
        version=parse_version(version),
        git_index_modes={},  # the folder has the modes: copier reads them off the files then
    )
    return _Prepared(template)


def _compile_once(environment: Any) -> Any:
    """Let an environment keep what it compiled.

    copier's `yield` extension forgets the last loop whenever something is compiled, so what comes
    out of the cache has to forget it as well.
    """
    compiled: dict[str, jinja2.Template] = {}
    from_string, get_template = environment.from_string, environment.get_template

    def forget_loop() -> None:
        loop = get_yield_context(environment)
        loop.yield_name = None
        loop.yield_iterable = None

    def cached_from_string(source: Any) -> jinja2.Template:
        if not isinstance(source, str):
            found: jinja2.Template = from_string(source)
            return found
        if source not in compiled:
            compiled[source] = from_string(source)
        forget_loop()
        return compiled[source]

    def forgetful_get_template(*arguments: Any, **keywords: Any) -> Any:
        found = get_template(*arguments, **keywords)
        forget_loop()
        return found

    environment.from_string = cached_from_string
    environment.get_template = forgetful_get_template
    environment.auto_reload = False
    return environment

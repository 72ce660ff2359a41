"""Runs of copier: its answers, its questions and its rendering, for a template on the disk.

copier renders, asks and decides here as it does on its own; scaffold only hands it a template
that is laid out already, so that rendering four repos clones nothing, and keeps what depends on the
template's version alone from one run to the next (see `preparation`). That overrides methods of
copier that are not public, hence the narrow version range in pyproject.toml.
"""

import posixpath
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from copy import copy, deepcopy
from functools import cached_property
from pathlib import Path, PurePath
from typing import Any, Literal

from pydantic import ValidationError

from scaffold.config.yaml_as_copier import read_as_copier
from scaffold.errors import AnswerError, RenderError
from scaffold.git.tree import Entry
from scaffold.render.copier_api import (
    CopierError,
    ExtensionNotFoundError,
    InvalidTypeError,
    LazyDict,
    Phase,
    Question,
    SettingsModel,
    Worker,
    current_operation,
    is_refusal,
)
from scaffold.render.environment import Compiled, is_strict, remembered_globals, tame
from scaffold.render.extensions import how_to_install, loadable, own_loading
from scaffold.render.preparation import Prepared, own_questions, prepared_for
from scaffold.render.quick import Earlier, QuickWorker
from scaffold.render.source import TemplateVersion
from scaffold.render.tolerance import each_for_itself, is_tolerant, stand_in


class _FolderWorker(QuickWorker):
    """A copier run into a plain folder, which reuses what earlier runs have read."""

    prepared: Prepared
    files: Mapping[str, Entry]
    real_paths: bool
    place: str

    @cached_property
    def jinja_env(self) -> Any:
        """Copier's environment, with the templates that are compiled already.

        Extensions of the template may have a state, so they get an environment of their own.
        """
        prepared = self.prepared
        kind = (self.unsafe, is_strict(), is_tolerant())
        if kind not in prepared.environments or self.template.jinja_extensions:
            inherited: Any = Worker.__dict__["jinja_env"]
            try:
                with own_loading():
                    environment = inherited.func(self)
            except ExtensionNotFoundError as error:
                raise _not_installed(self.place, error) from error
            tame(environment, trust=self.unsafe)
            if list(self.template.jinja_extensions) != list(prepared.template.jinja_extensions):
                stand_in(environment)
            prepared.environments[kind] = Compiled(environment)
        self.compiled = prepared.environments[kind]
        return self.compiled.begin()

    def _render_file(self, src_relpath: Path, dst_relpath: Path, extra_context: Any = None) -> None:
        with each_for_itself(src_relpath.as_posix()):
            super()._render_file(src_relpath, dst_relpath, extra_context)

    def _sync_git_index_executable_bit(self, dst_relpath: Path, src_mode: int) -> None:
        """Do nothing: there is no git index to update, and starting git takes time."""

    def _new_context(self) -> Any:
        """The variables of templates; of the temporary folders, only their names."""
        context = super()._new_context()
        context.update(remembered_globals())
        if not (self.real_paths or self.template.jinja_extensions):
            context["_copier_conf"]["dst_path"] = PurePath(self.dst_path.name)
            context["_copier_conf"]["src_path"] = PurePath(PurePath(self.template.url).name)
        return context

    def _external_data(self) -> Any:
        """The external data files, read from the destination's tree, which is not on disk."""
        outside = super()._external_data()

        def load(name: str, path: str) -> Any:
            with Phase.use(Phase.UNDEFINED):
                entry = self.files.get(posixpath.normpath(self._render_string(path)))
            if entry is None:
                return outside[name]
            return read_as_copier(entry.data, source=path).value

        return LazyDict(
            {
                name: lambda name=name, path=path: load(name, path)  # type: ignore[misc]
                for name, path in self.template.external_data.items()
            }
        )

    def _settle(self) -> None:
        """Settle the answers; given answers to skipped questions are ignored."""
        while True:
            self.subproject.__dict__["last_answers"] = dict(self.recorded)
            failure = None
            try:
                Worker._ask(self)  # noqa: SLF001 - see the module's docstring
            except (ValueError, TypeError, CopierError) as error:
                failure = error
            skipped = self.answers.hidden & self.data.keys()
            if not skipped:
                break
            for name in skipped:
                del self.data[name]
        if failure is not None:
            if answer_error := self._said(failure):
                raise answer_error from failure
            raise failure

    def _said(self, error: Exception) -> AnswerError | None:
        """The error for an invalid answer, or None where a question itself is broken."""
        name = _question_asked(error)
        broken = isinstance(error, CopierError) and not isinstance(error, InvalidTypeError)
        broken = broken or str(error).startswith("Unsupported type")
        if name is None or broken or isinstance(error, ValidationError):
            return None
        hint = f"Give one with --data {name}=..."
        by_rule = is_refusal(error)
        if name in self.data:
            what = f"the answer to `{name}` is not valid: {error}"
            return AnswerError(what, hint=hint, by_rule=by_rule)
        why = f"the question `{name}` got no answer"
        if name in self.recorded:
            why = f"the recorded answer to `{name}`, {self.recorded[name]!r}, is not valid any more"
        missing = str(error).endswith("is required")
        default = "it has no default" if missing else f"its default is not valid: {error}"
        unanswered = name if missing and name not in self.recorded else ""
        return AnswerError(
            f"{why}, and {default}", hint=hint, by_rule=by_rule, unanswered=unanswered
        )


def _not_installed(place: str, error: Exception) -> RenderError:
    missing = error.__context__
    return RenderError(
        f"needs a Jinja extension that is not installed: {missing}",
        where=place,
        hint=how_to_install(getattr(missing, "name", None) or "?"),
    )


def _question_asked(error: Exception) -> str | None:
    for frame, _ in reversed(list(traceback.walk_tb(error.__traceback__))):
        if frame.f_code.co_name == "_ask" and "var_name" in frame.f_locals:
            return str(frame.f_locals["var_name"])
    return None


def make_worker(
    template: TemplateVersion,
    answers: Mapping[str, Any],
    destination: Path,
    *,
    recorded: Mapping[str, Any] | None = None,
    answers_file: str | None = None,
    files: Mapping[str, Entry] | None = None,
    trust: bool = False,
    real_paths: bool = False,
    earlier: Earlier | None = None,
    in_memory: bool = False,
) -> _FolderWorker:
    """A copier run of this version, without the user's own copier settings.

    `recorded` are answers of an earlier run, which give way to `answers` and, where they are not
    valid any more, to defaults; `files` is where external data is read from; with `real_paths`
    templates see the paths of the folders. `earlier` and `in_memory`: see `QuickWorker`. Raises
    RenderError where copier.yml is broken.
    """
    prepared = prepared_for(template)
    own = copy(prepared.template)
    own.__dict__["questions_data"] = own_questions(prepared.template)
    if is_tolerant():
        own.__dict__["jinja_extensions"] = loadable(own.jinja_extensions, trust=trust)
    worker = _FolderWorker(
        src_path=template.url,
        vcs_ref=template.version,
        dst_path=destination,
        data=deepcopy(dict(answers)),
        answers_file=Path(answers_file) if answers_file else None,
        settings=SettingsModel(),
        defaults=True,
        overwrite=True,
        quiet=True,
        skip_tasks=True,
        unsafe=trust,
    )
    worker.__dict__["template"] = own
    worker.prepared = prepared
    worker.sources = prepared.sources
    worker.earlier = earlier
    worker.in_memory = in_memory
    worker.recorded = deepcopy(dict(recorded or {}))
    worker.files = files or {}
    worker.real_paths = real_paths
    worker.place = template.place("copier.yml")
    return worker


def answers_path_of(template: TemplateVersion, recorded: Mapping[str, Any]) -> str:
    """The default path of a version's answers file. Raises RenderError."""
    path = prepared_for(template).template.answers_relpath.as_posix()
    environment = make_worker(template, {}, Path("unused")).jinja_env
    return str(environment.from_string(path).render(recorded))


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


@contextmanager
def operation(name: Literal["copy", "update"]) -> Iterator[None]:
    """Set the copier operation that templates see."""
    token = current_operation.set(name)
    try:
        yield
    finally:
        current_operation.reset(token)

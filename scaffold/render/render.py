"""Render: (template version, answers, destination) -> tree. Everything that renders calls this."""

import shutil
import traceback
import uuid
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from scaffold.config.blueprint import BLUEPRINT_FILE
from scaffold.errors import RenderError, ScaffoldError, UnsafeTreeError, UntrustedError, not_written
from scaffold.git.disk import OF_WRITING
from scaffold.git.folders import read_folder
from scaffold.git.paths import verify_paths
from scaffold.git.tree import Entry, Tree
from scaffold.render.limits import within_limits
from scaffold.render.source import BlueprintVersion, TemplateVersion

if TYPE_CHECKING:
    from scaffold.render.copier_api import Worker
    from scaffold.render.quick import Earlier, QuickWorker


@dataclass(frozen=True)
class Destination:
    """The parts of the destination that a template may read.

    `files` are its files, of which only the template's external data is read; `answers_file` is the
    path of the answers file if it is not the template's default; `operation` is copier's name for
    it.
    """

    folder_name: str
    answers_file: str | None = None
    files: Mapping[str, Entry] = field(default_factory=dict)
    operation: Literal["copy", "update"] = "copy"


@dataclass(frozen=True)
class Rendered:
    """A tree, its answers, and the paths that the template treats specially.

    `answers` are those of all questions that are not computed, secret ones included; `owned_once`
    and `excluded` tell the paths of `_skip_if_exists` and `_exclude`.
    """

    tree: Tree
    answers: Mapping[str, Any]
    answers_file: str
    owned_once: Callable[[str], bool]
    excluded: Callable[[str], bool]


def render(
    blueprint: BlueprintVersion,
    repo: str,
    answers: Mapping[str, Any],
    *,
    folder_name: str,
    scratch: Path,
    trust: bool = False,
) -> Tree:
    """Render one of the paired repos.

    `folder_name` is the destination's name for the template. Raises RenderError, and UntrustedError
    without `trust` for a blueprint with extensions of its own.
    """
    place = Destination(folder_name)
    known = {**answers, "repo": repo}
    tree = render_template(blueprint, known, place, scratch=scratch, trust=trust).tree
    if not tree:
        raise RenderError(
            f"renders nothing for the repo `{repo}`",
            where=blueprint.place(),
            hint="Its `_subdirectory` has to name a folder for each of the paired repos.",
        )
    return tree


def render_template(
    template: TemplateVersion,
    answers: Mapping[str, Any],
    place: Destination,
    *,
    scratch: Path,
    recorded: Mapping[str, Any] | None = None,
    trust: bool = False,
    earlier: "Earlier | None" = None,
) -> Rendered:
    """Render a template; `recorded` answers count where `answers` has none, as in an update.

    Without `trust` a template with extensions of its own is refused, since they are code. `earlier`
    passes data from this render to the next one, of another version of the template. Raises
    RenderError, AnswerError, UntrustedError.
    """
    from scaffold.render.copying import make_worker
    from scaffold.render.memory import NotInMemoryError

    def run(folder: Path, *, in_memory: bool) -> Rendered:
        worker = make_worker(
            template,
            answers,
            folder / place.folder_name,
            recorded=recorded,
            answers_file=place.answers_file,
            files=place.files,
            trust=trust,
            earlier=earlier,
            in_memory=in_memory,
        )
        return _rendered(template, worker, place)

    with _unmade_folder(scratch) as folder, rendering(template):
        with suppress(NotInMemoryError):
            return run(folder, in_memory=True)
        return run(folder, in_memory=False)


@contextmanager
def rendering(template: TemplateVersion) -> Iterator[None]:
    """Apply the limits of a render; errors that are not ours become RenderError.

    Raises RenderError, UntrustedError, and our errors unchanged.
    """
    try:
        with within_limits():
            yield
    except ScaffoldError:
        raise
    except Exception as error:
        raise explained(template, error) from error


def _rendered(template: TemplateVersion, worker: "QuickWorker", place: Destination) -> Rendered:
    """Run copier, and collect its result."""
    from scaffold.render.copying import operation
    from scaffold.render.environment import begin_render

    begin_render()
    with worker, operation(place.operation), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # copier warns about missing external data
        _run(worker)
        owned_once, excluded = worker.match_skip, worker.match_exclude
    made = worker.rendered
    return Rendered(
        _checked(template, _read(worker.dst_path) if made is None else made),
        {
            name: value
            for name, value in worker.answers.combined.items()
            if name in worker.template.questions_data and name not in worker.answers.hidden
        },
        worker.answers_relpath.as_posix(),
        lambda path: bool(owned_once(Path(path))),
        lambda path: bool(excluded(Path(path))),
    )


@contextmanager
def _unmade_folder(scratch: Path) -> Iterator[Path]:
    """A path for a folder that is removed at the end, if it was created."""
    folder = scratch / f"render-{uuid.uuid4().hex}"
    try:
        yield folder
    finally:
        if folder.exists():
            shutil.rmtree(folder)


def _run(worker: "Worker") -> None:
    try:
        worker.run_copy()
    except FileNotFoundError:
        if worker.template_copy_root.is_dir():
            raise  # else the template has no folder for this repo


def _read(folder: Path) -> Tree:
    tree = read_folder(folder)
    if (folder / ".git").exists():
        tree[".git"] = Entry.file(b"")
    return tree


def _checked(template: TemplateVersion, tree: Tree) -> Tree:
    """The tree, with its paths verified. Raises RenderError."""
    try:
        verify_paths(tree)
    except UnsafeTreeError as error:
        raise RenderError(
            f"what it renders {error.what}",
            where=template.place(),
            hint="An answer or a name in the template leads to it.",
        ) from error
    return tree


def explained(template: TemplateVersion, error: Exception) -> ScaffoldError:
    """Our error for whatever a render of the template raised."""
    from scaffold.render.copier_api import UnsafeTemplateError

    if isinstance(error, UnsafeTemplateError):
        return UntrustedError(
            "the template brings extensions of its own, which are code",
            where=template.place(),
            hint="Give --trust if you trust it, or name it in platform.yml under `trusted`.",
        )
    if isinstance(error, OSError) and error.errno in OF_WRITING:
        return not_written(error, error.filename or template.place())
    return RenderError(
        f"can't be rendered: {template.told(error)}",
        where=_where(template, error),
        hint="This is a fault of the blueprint; its authors can see it with these answers.",
    )


def _where(template: TemplateVersion, error: Exception) -> str:
    """The template and line of an error, from jinja's traceback."""
    from jinja2 import TemplateSyntaxError

    root = template.folder.resolve()
    if isinstance(error, TemplateSyntaxError) and error.filename:
        return template.place(f"{Path(error.filename).relative_to(root)}:{error.lineno}")
    for frame, line in reversed(list(traceback.walk_tb(error.__traceback__))):
        file = Path(frame.f_code.co_filename)
        if file.is_relative_to(root):
            # Jinja rewrites tracebacks only for subclasses of Exception.
            compiled = frame.f_globals.get("__jinja_template__")
            number = compiled.get_corresponding_lineno(line) if compiled else line
            return template.place(f"{file.relative_to(root)}:{number}")
        if "src_relpath" in frame.f_locals:
            return template.place(str(frame.f_locals["src_relpath"]))
        if frame.f_code.co_name == "_render_path":  # of a file or a folder, copier's
            return template.place(_source_of(root, frame.f_locals))
    return template.place()


def _source_of(root: Path, looked_at: Mapping[str, Any]) -> str:
    """The template's path of a rendered file."""
    worker, path = looked_at["self"], looked_at["relpath"].as_posix()
    suffix = worker.template.templates_suffix if looked_at.get("is_template") else ""
    return f"{(worker.template_copy_root / path).relative_to(root).as_posix()}{suffix}"


def render_name(blueprint: BlueprintVersion, template: str, answers: Mapping[str, Any]) -> str:
    """Fill in a repo's name. Raises RenderError."""
    from jinja2 import StrictUndefined
    from jinja2.sandbox import SandboxedEnvironment

    environment = SandboxedEnvironment(undefined=StrictUndefined)
    try:
        with within_limits():
            return environment.from_string(template).render(answers)
    except Exception as error:
        raise RenderError(
            f"can't fill in the repo name `{template}`: {error}",
            where=blueprint.place(BLUEPRINT_FILE),
        ) from error

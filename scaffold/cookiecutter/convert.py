"""A cookiecutter template as a copier template that renders the same."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from pygit2.enums import FileMode

from scaffold.config.documents import dump_yaml
from scaffold.config.yaml_reader import compose_documents
from scaffold.cookiecutter import hooks
from scaffold.cookiecutter.files import (
    File,
    free_suffix,
    project_files,
    with_line_ends,
    with_newlines,
)
from scaffold.cookiecutter.report import ByHand, Report
from scaffold.cookiecutter.rewrite import Rewriter, Seen
from scaffold.cookiecutter.syntax import CONTEXT, Syntax
from scaffold.cookiecutter.variables import (
    CONTEXT_FILE,
    QUESTIONS_FILE,
    copiers_names,
    questions,
    read_context,
    whole_context,
)
from scaffold.errors import UsageError
from scaffold.git.tree import Entry, Tree, text_of

_SHARED = "templates"  # the folder that templates include from, next to their own
_FOLDERS = ("code", "project", "template")


@dataclass(frozen=True)
class Converted:
    """A template of copier's.

    `root` is how the paths of the project's files began, and `folder` where they are now; `names`
    has copier's question for each of cookiecutter's variables.
    """

    tree: Tree
    root: str
    folder: str
    names: Mapping[str, str]
    notes: tuple[str, ...]
    by_hand: tuple[ByHand, ...]


def is_cookiecutter(tree: Mapping[str, Entry]) -> bool:
    """Whether the files are a cookiecutter template, and none of copier's."""
    return CONTEXT_FILE in tree and not tree.keys() & {"copier.yml", "copier.yaml"}


def convert(tree: Mapping[str, Entry], where: str) -> Converted:
    """Make a copier template of the files of one of cookiecutter's; `where` says whose they are.

    Raises ConfigError for a cookiecutter.json that is wrong, UsageError for what is no template, or
    several.
    """
    return _Conversion(tree, where).made()


class _Conversion:
    def __init__(self, tree: Mapping[str, Entry], where: str) -> None:
        self._tree = tree
        self._report = Report()
        context = read_context(tree[CONTEXT_FILE].data, where)
        self._context = context
        self._syntax = Syntax(context.setting("_jinja2_env_vars", dict, {}), CONTEXT_FILE)
        self._root = _root(tree, self._syntax, where)
        self._folder = _free_folder(tree, self._root)
        self._files = project_files(
            tree, self._root, self._syntax, context.setting("_copy_without_render", list, []),
            context.setting("_new_lines", str, "") or None, self._report,
        )  # fmt: skip
        self._suffix = free_suffix(self._files)
        self._hooks = self._texts(hooks.names_of(tree))
        self._shared = self._texts(path for path in tree if path.startswith(f"{_SHARED}/"))
        self._seen = self._look()
        self._names = copiers_names(context, self._seen)
        shadowed = {key for key, name in self._names.items() if name in self._seen.local}
        self._whole = self._seen.whole or bool(shadowed & self._seen.variables)
        plain = Rewriter(self._syntax, self._names, frozenset(shadowed), {}, self._report)
        self._paths = {file.path: self._path(file, plain) for file in self._files}
        self._rewrite = replace(plain, places=self._places())

    def made(self) -> Converted:
        """The result."""
        made = self._project()
        for path, text in {**self._hooks, **self._shared}.items():
            made[path] = Entry(self._tree[path].mode, self._rewrite(text, path).encode())
        for path, entry in self._tree.items():
            if path != CONTEXT_FILE and not path.startswith(f"{self._root}/"):
                made.setdefault(path, entry)
        made[QUESTIONS_FILE] = Entry.file(self._copier_yml())
        return Converted(
            made,
            f"{self._root}/",
            self._folder,
            self._names,
            self._notes(),
            tuple(sorted(self._report.by_hand)),
        )

    def _texts(self, paths: Iterable[str]) -> dict[str, str]:
        """The texts of files, as jinja reads them; links and what is no text are left as is."""
        found = {}
        for path in paths:
            entry = self._tree[path]
            text = text_of(entry.data) if entry.mode != FileMode.LINK else None
            if text is not None:
                found[path] = with_newlines(text)
        return found

    def _look(self) -> Seen:
        seen = Seen()
        for file in self._files:
            seen.look(self._syntax, file.path)
            if file.text is not None:
                seen.look(self._syntax, file.text)
        for text in (*self._hooks.values(), *self._shared.values()):
            seen.look(self._syntax, text)
        for raw in _texts_in(self._context.asked | self._context.private):
            seen.look(self._syntax, raw)
        return seen

    def _path(self, file: File, rewrite: Rewriter) -> str:
        """What a file of the project is called now."""
        parts = file.path.split("/")
        rendered = len(parts) if file.raw_from is None else file.raw_from
        place = f"{self._folder}/{file.path}"
        now = [rewrite(part, place) for part in parts[:rendered]]
        now += [self._syntax.raw(part) for part in parts[rendered:]]
        return "/".join([self._folder, *now]) + (self._suffix if file.is_template else "")

    def _places(self) -> dict[str, str]:
        """What files are called now, by what templates call them that include them."""
        shared = {path.removeprefix(f"{_SHARED}/"): path for path in self._shared}
        return shared | self._paths

    def _project(self) -> Tree:
        made: Tree = {}
        for file in self._files:
            path = self._paths[file.path]
            made[path] = file.entry
            if file.is_template and file.text is not None:
                text = with_line_ends(self._rewrite(file.text, path), file.line_end, self._syntax)
                made[path] = replace(file.entry, data=text.encode())
        return made

    def _copier_yml(self) -> bytes:
        """The settings and the questions."""
        settings = self._settings
        asked = self._asked(replace(self._rewrite, report=Report()), {})
        lines = _lines_of(dump_yaml({**settings, **asked}).decode())
        return dump_yaml({**settings, **self._asked(self._rewrite, lines)})

    def _asked(self, rewrite: Rewriter, lines: Mapping[str, int]) -> dict[str, Any]:
        asked = questions(self._context, self._names, rewrite, lines)
        return (
            {**asked, CONTEXT: whole_context(self._names, self._syntax)} if self._whole else asked
        )

    @cached_property
    def _settings(self) -> dict[str, Any]:
        options = {
            **self._context.setting("_jinja2_env_vars", dict, {}),
            "undefined": "jinja2.StrictUndefined",
            "keep_trailing_newline": True,
        }
        extensions = [*sorted(self._seen.extensions), *self._own_extensions()]
        tasks = hooks.tasks(self._tree, self._syntax, self._hooks, self._report)
        return {
            "_subdirectory": self._folder,
            **({"_templates_suffix": self._suffix} if self._suffix != ".jinja" else {}),
            "_envops": options,
            **({"_jinja_extensions": extensions} if extensions else {}),
            **({"_tasks": tasks} if tasks else {}),
        }

    def _own_extensions(self) -> list[str]:
        """Those that the template names; of its own files by copier's loader of such."""
        found: list[str] = []
        loader = "copier_template_extensions.TemplateExtensionLoader"
        for one in map(str, self._context.setting("_extensions", list, [])):
            module, _, name = one.rpartition(".")
            stem = module.replace(".", "/")
            file = next((f for f in (f"{stem}.py", f"{stem}/__init__.py") if f in self._tree), None)
            if file is None:
                found.append(one)
                continue
            found += [] if loader in found else [loader]
            found.append(f"{file}:{name}")
        return found

    def _notes(self) -> tuple[str, ...]:
        made = "questions, of cookiecutter.json"
        notes = [f"{QUESTIONS_FILE}: {made}", f"{self._folder}/: the template, of {self._root}/"]
        for variable, name in self._names.items():
            if variable != name:
                notes.append(f"{QUESTIONS_FILE}: `{CONTEXT}.{variable}` is called `{name}`")
        settings = self._settings
        if "_tasks" in settings:
            notes.append(f"{QUESTIONS_FILE}: the hooks are `_tasks`, so it needs --trust")
        notes += [
            f"{QUESTIONS_FILE}: needs the extension `{one}`, and so --trust"
            for one in settings.get("_jinja_extensions", ())
        ]
        return tuple(notes)


def _root(tree: Mapping[str, Entry], syntax: Syntax, where: str) -> str:
    """The folder of the project. Raises UsageError."""
    start, _, end = syntax.variable("|").partition(" | ")
    for name in sorted({path.partition("/")[0] for path in tree if "/" in path}):
        if CONTEXT in name and start in name and end in name:
            return name
    raise UsageError(
        f"has a {CONTEXT_FILE}, and no folder whose name has `{CONTEXT}` in it",
        where=where,
        hint="It is no cookiecutter template. Is it one in another folder of the repo?",
    )


def _free_folder(tree: Mapping[str, Entry], root: str) -> str:
    """A name for the folder of the project that nothing has."""
    tops = {path.partition("/")[0] for path in tree}
    return next((one for one in _FOLDERS if one not in tops), f"{_FOLDERS[0]}-{len(root)}")


def _texts_in(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [text for pair in value.items() for one in pair for text in _texts_in(one)]
    if isinstance(value, list):
        return [text for one in value for text in _texts_in(one)]
    return [value] if isinstance(value, str) else []


def _lines_of(document: str) -> dict[str, int]:
    """On which line each key of a document is."""
    (node,) = compose_documents(document.encode(), source=QUESTIONS_FILE)
    return {key.value: key.start_mark.line + 1 for key, _ in node.value}

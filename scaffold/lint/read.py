"""Reads a blueprint's working tree into the value that rules work on."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from scaffold.config.blueprint import BLUEPRINT_FILE, Blueprint
from scaffold.config.documents import parse_document
from scaffold.errors import ConfigError, UsageError
from scaffold.git.folders import read_folder, write_closed
from scaffold.git.tree import Tree
from scaffold.lint.keys import Key, read_keys
from scaffold.lint.released import last_release
from scaffold.lint.renders import render_all
from scaffold.lint.source import Extension, Source
from scaffold.render.candidate import read_working_tree
from scaffold.render.copying import make_worker
from scaffold.render.extensions import how_to_install
from scaffold.render.limits import within_limits
from scaffold.render.source import TemplateVersion
from scaffold.render.tolerance import tolerant

_QUESTION_FILES = ("copier.yml", "copier.yaml")
_VERSION = "working-tree"
_NO_COMMIT = "0" * 40
# Files of tools, left out where there is no git to say which files are the blueprint's.
_LEFTOVERS = frozenset({"__pycache__", ".pytest_cache", ".venv"})


def read_source(folder: Path, scratch: Path, *, trust: bool = False) -> Source:
    """Read and render the working tree at `folder`, including uncommitted changes.

    Raises ConfigError where copier.yml or blueprint.yml is missing or not valid, RenderError where
    copier can't read it; `where` has paths inside it. Extensions of its own, which are code, are
    loaded only with `trust`.
    """
    tree = working_tree(folder)
    questions_file = next((name for name in _QUESTION_FILES if name in tree), _QUESTION_FILES[0])
    for path in (questions_file, BLUEPRINT_FILE):
        _refuse_missing(tree, path)
    model = parse_document(Blueprint, tree[BLUEPRINT_FILE].data, source=BLUEPRINT_FILE)
    place = scratch / "blueprint"
    write_closed(tree, place)
    keys = read_keys(place, questions_file)
    template = TemplateVersion(questions_file, _VERSION, _NO_COMMIT, place)
    with tolerant():
        worker = make_worker(template, {}, scratch / "nothing", trust=trust)
        environment = worker.jinja_env
    runs, failures = render_all(
        template, worker.template.questions_data, model, scratch, trust=trust
    )
    return Source(
        tree=tree,
        questions_file=questions_file,
        questions=worker.template.questions_data,
        settings=worker.template.config_data,
        keys=keys,
        model=model,
        suffix=worker.template.templates_suffix,
        environment=environment,
        roots={repo: _root(worker, repo) for repo in model.repos},
        runs=tuple(run for run in runs if not run.quoted),
        quoted=tuple(run for run in runs if run.quoted),
        failures=failures,
        not_loaded=tuple(_not_loaded(keys, worker, trust=trust)),
        released=last_release(folder, scratch),
    )


def working_tree(folder: Path) -> Tree:
    """The files that git tracks or would add; without git, all but those of tools."""
    with suppress(UsageError):
        if tree := read_working_tree(folder):
            return tree
    return {
        path: entry
        for path, entry in read_folder(folder).items()
        if _LEFTOVERS.isdisjoint(path.split("/"))
    }


def _refuse_missing(tree: Tree, path: str) -> None:
    if path not in tree:
        raise ConfigError(
            "is missing", where=path, hint="Is this a blueprint? It has a copier.yml and that."
        )


def _not_loaded(
    keys: Mapping[str, tuple[Key, ...]], worker: Any, *, trust: bool
) -> Iterator[Extension]:
    """The extensions that copier.yml names, less those of the worker."""
    for key in keys.get("_jinja_extensions", ()):
        for text in key.texts():
            if text.text not in worker.template.jinja_extensions:
                why, hint = "is not installed", how_to_install(text.text)
                if not trust:
                    why, hint = "is code, and was not loaded", "Give --trust if you trust it."
                yield Extension(text.text, text.path, text.line, why, hint)


def _root(worker: Any, repo: str) -> str:
    """The folder that a paired repo is rendered from, or an empty string if unknown."""
    try:
        with within_limits():
            where = worker.jinja_env.from_string(worker.template.subdirectory)
            return str(where.render(repo=repo)).strip("/")
    except Exception:  # noqa: BLE001 - the renders tell what is wrong with it
        return ""

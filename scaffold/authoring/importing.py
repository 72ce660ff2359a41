"""`scaffold blueprint import`: takes a template in, as a blueprint of one repo.

Of a copier template nothing is changed but copier.yml, which gets a few questions more at its end;
all of them have defaults, so what was made from the template before can still be upgraded. One of
cookiecutter's is made into one of copier's first.
"""

import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from scaffold.authoring.new import SCHEMA_FILE, schema_file
from scaffold.authoring.roots import template_roots
from scaffold.config.blueprint import BLUEPRINT_FILE
from scaffold.config.documents import dump_yaml
from scaffold.config.names import problem_with_label
from scaffold.config.repofile import REPOFILE
from scaffold.config.yaml_reader import compose_documents
from scaffold.cookiecutter.convert import Converted, convert, is_cookiecutter
from scaffold.cookiecutter.report import ByHand
from scaffold.cookiecutter.variables import QUESTIONS_FILE
from scaffold.errors import UsageError, not_written
from scaffold.git import clones, program
from scaffold.git.folders import read_folder, refuse_links_out, write_folder
from scaffold.git.ignores import ignored, rule_places
from scaffold.git.tree import Tree, open_repo, read_tree
from scaffold.render.copier_api import DEFAULT_EXCLUDE
from scaffold.render.copying import make_worker
from scaffold.render.source import TemplateVersion
from scaffold.render.templates import git_address

_REPO = "code"
_CHANGELOG = "CHANGELOG.md"
# What templates call the thing that is made, where they ask for it.
_NAMES = ("project_slug", "repo_name", "project_name", "app_name", "package_name", "name")


@dataclass(frozen=True)
class Imported:
    """What was made of a template.

    `notes` say what was added, a line each; `by_hand` what could not be made copier's.
    """

    name: str
    folder: Path
    commit: str
    notes: tuple[str, ...]
    by_hand: tuple[ByHand, ...] = ()


@dataclass(frozen=True)
class _Found:
    """A template: its questions, its settings, and the folders that are rendered, `` for all.

    `without_answers` are those of them that render no answers file.
    """

    questions: Mapping[str, Any]
    settings: Mapping[str, Any]
    questions_file: Path
    roots: tuple[str, ...]
    suffix: str
    without_answers: frozenset[str]


def import_template(url: str, folder: Path, *, origin: str | None) -> Imported:
    """Clone a template with its history into `folder`, and commit what makes it a blueprint.

    `origin` is the URL that it will be pushed to, which is never the template's: that one is the
    remote `upstream`.
    Raises UsageError where it is none, or is a blueprint already, ForgeError where it can't be
    reached, UnsafeTreeError where it would do harm; then nothing is left in `folder`.
    """
    if problem := problem_with_label(folder.name):
        raise UsageError(
            f"the blueprint's name `{folder.name}` {problem}", hint="Name another folder."
        )
    if folder.exists():
        raise UsageError("is there already", where=str(folder), hint="Name another folder.")
    program.identity()
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}-") as staging:
            return _take_in(url, Path(staging) / folder.name, folder, origin)
    except OSError as error:
        raise not_written(error, folder) from error


def _take_in(url: str, made: Path, folder: Path, origin: str | None) -> Imported:
    """Clone to `made`, commit, and move it to `folder` in one step."""
    name = folder.name
    address = str(Path(url).absolute()) if Path(url).exists() else git_address(url)
    clones.clone(address, made, "--template=", "--origin=upstream")
    # Some of its files are read and written below, by whatever links they are.
    tree = read_tree(open_repo(made), "HEAD", url)
    refuse_links_out(tree, url)
    converted = convert(tree, url) if is_cookiecutter(tree) else None
    if converted is not None:
        program.git("rm", "-r", "--quiet", ".", cwd=made)
        write_folder(converted.tree, made, where=url)
    notes = [*(converted.notes if converted else ()), *_write(made, name, _look(made, url))]
    program.git("add", "--all", "--force", cwd=made)
    program.git("commit", "--quiet", "--message", f"Make the blueprint {name}", cwd=made)
    commit = program.git("rev-parse", "HEAD", cwd=made).text.strip()
    if origin:
        program.git("remote", "add", "--", "origin", origin, cwd=made)
    made.rename(folder)
    left = (*converted.by_hand, *_not_in_git(tree, converted, made)) if converted else ()
    return Imported(name, folder, commit, tuple(notes), left)


def _not_in_git(tree: Tree, converted: Converted, made: Path) -> list[ByHand]:
    """The files of the project that its own `.gitignore` matches: no repo gets them."""
    paths = [path.removeprefix(converted.root) for path in tree if path.startswith(converted.root)]
    rules = {
        place: tree[converted.root + place]
        for place in rule_places(paths)
        if converted.root + place in tree
    }
    found = sorted(ignored(paths, rules, made.parent))
    return [
        ByHand(
            f"{converted.folder}/.gitignore",
            1,
            f"matches files of the template, so no repo gets them: {', '.join(found)}",
            "Change it where they are to be in git.",
        )
    ] * bool(found)


def _look(folder: Path, url: str) -> _Found:
    if (folder / BLUEPRINT_FILE).exists():
        raise UsageError(
            f"has a {BLUEPRINT_FILE}, so it is a blueprint already",
            where=url,
            hint="Name it in platform.yml, under `blueprints`.",
        )
    names = [one for one in ("copier.yml", "copier.yaml") if (folder / one).is_file()]
    if not names:
        raise UsageError(
            "has neither a copier.yml nor a cookiecutter.json, so it is no template", where=url
        )
    head = program.git("rev-parse", "HEAD", cwd=folder).text.strip()
    version = TemplateVersion(url, head, head, folder)
    template = make_worker(version, {}, folder / "x").template
    files = read_folder(folder)
    roots = template_roots(version)
    return _Found(
        template.questions_data,
        template.config_data,
        folder / names[0],
        roots,
        template.templates_suffix,
        frozenset(root for root in roots if not _has_answers_file(files, root)),
    )


def _has_answers_file(files: Iterable[str], root: str) -> bool:
    inside = [one for one in files if one.startswith(f"{root}/" if root else "")]
    return any("answers_file" in one or "copier-answers" in one for one in inside)


def _write(folder: Path, name: str, found: _Found) -> list[str]:
    notes = [f"{BLUEPRINT_FILE}: one repo, `{_REPO}`"]
    (folder / BLUEPRINT_FILE).write_bytes(_blueprint(name))
    (folder / SCHEMA_FILE).parent.mkdir(exist_ok=True)
    (folder / SCHEMA_FILE).write_bytes(schema_file())
    ours = [BLUEPRINT_FILE, SCHEMA_FILE]
    if not (folder / _CHANGELOG).exists():
        text = "# Changelog\n\n## [Unreleased]\n\n### Added\n\n- It is a blueprint of scaffold.\n"
        (folder / _CHANGELOG).write_text(text, encoding="utf-8")
        ours.append(_CHANGELOG)
        notes.append(f"{_CHANGELOG}: new")
    variables = _Variables(found.settings)
    for path, text in _rendered_files(found, variables):
        if not (folder / path).exists():
            (folder / path).write_text(text, encoding="utf-8")
            notes.append(f"{path}: new")
    questions = _questions(found, variables)
    exclude = tuple(f"/{one}" for one in ours) if "" in found.roots else ()
    _extend(found, questions, exclude)
    asked = ", ".join(f"`{one}`" for one in questions)
    notes.append(f"{found.questions_file.name}: {asked} asked, or supplied by scaffold")
    if exclude:
        notes.append(
            f"{found.questions_file.name}: {', '.join(ours)} excluded from what it renders"
        )
    return notes


class _Variables:
    """How a template of these settings writes a variable."""

    def __init__(self, settings: Mapping[str, Any]) -> None:
        options = settings.get("envops") or {}
        self._start = options.get("variable_start_string", "{{")
        self._end = options.get("variable_end_string", "}}")

    def __call__(self, text: str) -> str:
        return f"{self._start} {text} {self._end}"


def _blueprint(name: str) -> bytes:
    body = {
        "name": name,
        "summary": f"What the template {name} makes",
        "kubernetes": "1.34",
        "repos": {_REPO: {"name": "{{ service }}"}},
    }
    return f"# yaml-language-server: $schema={SCHEMA_FILE}\n".encode() + dump_yaml(body)


def _rendered_files(found: _Found, variable: _Variables) -> list[tuple[str, str]]:
    """What each repo needs of scaffold: what it is, and what it was made from."""
    about = (
        f"service: {variable('service')}\nowner: {variable('owner')}\n"
        f'repo: {variable("repo")}\nkubernetes: "1.34"\n'
    )
    files = []
    for root in found.roots:
        prefix = f"{root}/" if root else ""
        files.append((f"{prefix}{REPOFILE}{found.suffix}", about))
        if root in found.without_answers:
            path = f"{prefix}{variable('_copier_conf.answers_file')}{found.suffix}"
            files.append((path, f"{variable('_copier_answers | to_nice_yaml')}\n"))
    return files


def _questions(found: _Found, variable: _Variables) -> dict[str, Any]:
    named = next((one for one in _NAMES if one in found.questions), None)
    slug = f"{named} | lower | replace(' ', '-') | replace('_', '-')"
    wanted = {
        "service": {
            "type": "str",
            "help": "What is the service called? (lower-case letters, digits and hyphens)",
            "default": variable(slug) if named else "example",
        },
        "owner": {"type": "str", "help": "Which team owns it?", "default": "platform"},
        "repo": {
            "type": "str",
            "help": "Which of the paired repos to render",
            "choices": [_REPO],
            "default": _REPO,
            "ask": False,
        },
    }
    return {name: body for name, body in wanted.items() if name not in found.questions}


def _extend(found: _Found, questions: Mapping[str, Any], exclude: tuple[str, ...]) -> None:
    """Add to the end of copier.yml; lists of several documents in it add up."""
    text = found.questions_file.read_text(encoding="utf-8").rstrip("\n")
    more: dict[str, Any] = dict(questions)
    several = "exclude" in found.settings
    if exclude:
        kept = () if several else DEFAULT_EXCLUDE
        more = {"_exclude": [*kept, *exclude], **more}
    joint = "---" if (exclude and several) or not _ends_open(text) else ""
    head = "# Added for scaffold: what it supplies, and asks of every blueprint."
    end = dump_yaml(more).decode()
    found.questions_file.write_text(f"{text}\n{joint}\n{head}\n{end}", encoding="utf-8")


def _ends_open(text: str) -> bool:
    """Whether keys can be added to the last document: it is a block of them, and no `!include`."""
    last = compose_documents(text, source=QUESTIONS_FILE)[-1]
    return isinstance(last, yaml.MappingNode) and not last.flow_style and not text.endswith("\n...")

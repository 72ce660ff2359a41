"""What a repo was made from that cruft made: its `.cruft.json`, and the template at that commit.

An imported blueprint has the cookiecutter template's history. So what the repo began as can be
rendered, and adopting it is a merge of three trees, as any upgrade is.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, Field, ValidationError

from scaffold.cookiecutter.convert import Converted, convert, is_cookiecutter
from scaffold.errors import ConfigError, VersionGoneError
from scaffold.git.folders import write_closed
from scaffold.git.tree import Entry, read_tree
from scaffold.render.preparation import questions_of
from scaffold.render.source import TemplateVersion
from scaffold.render.templates import Ref, TemplateRepo

CRUFT_FILE = ".cruft.json"


class _Context(BaseModel):
    cookiecutter: dict[str, Any]


class _Record(BaseModel):
    """A `.cruft.json`, as far as it counts."""

    commit: str = Field(pattern="^[0-9a-f]{40}([0-9a-f]{24})?$")
    context: _Context
    directory: str | None = None


@dataclass(frozen=True)
class Origin:
    """What a repo was made from.

    `template` is the cookiecutter template of then, as copier has it; `answers` are by the names of
    copier's questions; `version` is the blueprint's first release with that commit.
    """

    commit: str
    template: TemplateVersion
    answers: Mapping[str, Any]
    version: Ref

    def answers_to(self, version: TemplateVersion) -> dict[str, Any]:
        """The answers to what a version of the blueprint asks."""
        asked = questions_of(version)
        return {name: value for name, value in self.answers.items() if name in asked}


def find_origin(files: Mapping[str, Entry], template: TemplateRepo, scratch: Path) -> Origin | None:
    """What a repo was made from; None where it was not by cruft, or not from this blueprint.

    Raises ConfigError for a `.cruft.json` that is wrong, or where no release has what it names.
    """
    entry = files.get(CRUFT_FILE)
    if entry is None:
        return None
    record = _read(entry.data)
    try:
        template.resolve(record.commit)
    except VersionGoneError:
        return None
    done = _converted(template, record)
    if done is None:
        return None
    version = template.first_release(record.commit, "copier.yml")
    if version is None:
        raise ConfigError(
            f"names commit {record.commit[:12]}, which no release of {template.url} has",
            where=CRUFT_FILE,
            hint="Merge it into the blueprint, and release that.",
        )
    folder = scratch / f"cruft-{record.commit}"
    write_closed(done.tree, folder, where=template.url)
    answers = {
        done.names[variable]: value
        for variable, value in record.context.cookiecutter.items()
        if variable in done.names and not variable.startswith("_")
    }
    then = TemplateVersion(template.url, record.commit[:12], record.commit, folder)
    return Origin(record.commit, then, answers, version)


def _read(data: bytes) -> _Record:
    try:
        return _Record.model_validate_json(data)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(map(str, first["loc"]))
        raise ConfigError(
            f"is not cruft's: {f'`{key}`: ' if key else ''}{first['msg']}",
            where=CRUFT_FILE,
            hint="Mend it, or remove it to adopt the repo as one that was made by hand.",
        ) from error


def _converted(template: TemplateRepo, record: _Record) -> Converted | None:
    """The template at that commit; None where it was none of cookiecutter's."""
    prefix = f"{record.directory.strip('/')}/" if record.directory else ""
    whole = read_tree(template.store, record.commit, template.url)
    tree = {
        path.removeprefix(prefix): entry for path, entry in whole.items() if path.startswith(prefix)
    }
    return convert(tree, template.url) if is_cookiecutter(tree) else None

"""What all runs of one version of a template share: its configuration and its compiled files."""

import re
import warnings
from contextlib import redirect_stderr
from copy import deepcopy
from dataclasses import dataclass, field
from functools import lru_cache
from io import StringIO
from pathlib import Path, PurePosixPath
from typing import Any

from packaging.version import InvalidVersion, Version
from pygit2.enums import FileMode

from scaffold.errors import ConfigError, RenderError
from scaffold.render.configuration import check_configuration
from scaffold.render.copier_api import (
    MultipleConfigFilesError,
    Template,
    UnsupportedVersionError,
)
from scaffold.render.environment import Compiled
from scaffold.render.memory import Sources
from scaffold.render.source import TemplateVersion, parse_version

_VERSIONS_IN_MEMORY = 16
_DESCRIBED = re.compile(r"(?P<tag>.+)-(?P<number>\d+)-g(?P<commit>[0-9a-f]{4,64})")
_SHORTEST_ID = 4


@dataclass
class Prepared:
    """The data that runs of one version share.

    Environments are by whether it is trusted, whether what is undefined is an error, and whether
    faults are gone past.
    """

    template: Template
    sources: Sources
    environments: dict[tuple[bool, bool, bool], Compiled] = field(default_factory=dict)


def prepared_for(template: TemplateVersion) -> Prepared:
    """The data that all runs of a version share. Raises RenderError where copier.yml is broken."""
    return _prepare(
        template.url, template.version, template.commit, template.folder, template.checkout
    )


def questions_of(template: TemplateVersion) -> dict[str, Any]:
    """The questions of a version. Raises RenderError where copier.yml is broken."""
    return own_questions(prepared_for(template).template)


def own_questions(template: Template) -> dict[str, Any]:
    """A copy of the questions for one run, since templates may change the values of defaults.

    A secret question may be without a default: its answer can be given each time.
    """
    questions: dict[str, Any] = deepcopy(template.questions_data)
    start = template.envops.get("variable_start_string", "{{")
    end = template.envops.get("variable_end_string", "}}")
    for details in questions.values():
        if details.get("secret") and "default" not in details:
            details.setdefault("type", "yaml")
            details["default"] = f"{start} UNSET {end}"
    return questions


@lru_cache(maxsize=_VERSIONS_IN_MEMORY)
def _prepare(url: str, version: str, commit: str, folder: Path, checkout: Path | None) -> Prepared:
    """Read the configuration of a version, once. Raises RenderError where it is broken."""
    template = Template(url=url, ref=version)
    template.__dict__.update(
        vcs="git",
        local_abspath=folder.resolve(),
        commit=version,
        commit_hash=commit,
        version=_comparable(version, commit),
        git_index_modes=_modes_of_links(folder.resolve()),
    )
    with warnings.catch_warnings(), redirect_stderr(StringIO()):
        warnings.simplefilter("ignore")  # copier warns about templates for an older copier
        try:
            check_configuration(folder.resolve())
            own_questions(template)  # reads, checks and caches everything
        except Exception as error:  # copier raises anything for values of wrong types
            read = TemplateVersion(url, version, commit, folder, checkout=checkout)
            raise _unreadable(read, error) from error
    return Prepared(template, Sources(folder.resolve()))


def _unreadable(template: TemplateVersion, error: Exception) -> RenderError:
    """The error for a broken configuration, with the line where YAML can't be read."""
    why: object = error.__cause__ or error
    path = "copier.yml"
    if isinstance(error, UnsupportedVersionError):
        return RenderError(
            f"needs a newer copier than this scaffold has: {template.told(why)}",
            where=template.place(path),
            hint="Upgrade scaffold, or take an older version of the template with --to.",
        )
    if isinstance(error, MultipleConfigFilesError):
        why = "there are two of them"
    elif isinstance(error, ConfigError):
        path, why = error.where, error.what
    return RenderError(
        f"can't be read: {template.told(why)}",
        where=template.place(path),
        hint="This is a fault of the blueprint.",
    )


def _comparable(version: str, commit: str) -> Version:
    """The version to compare migrations with; for plain commits it is the same as copier's.

    A commit id is never read as a version, even if it has only digits.
    """
    if not (commit.startswith(version) and len(version) >= _SHORTEST_ID):
        if parsed := parse_version(version):
            return parsed
        if (match := _DESCRIBED.fullmatch(version)) and (tag := parse_version(match["tag"])):
            try:
                return Version(f"{tag}.post{match['number']}.dev0+{match['commit']}")
            except InvalidVersion:
                return tag
    return Version(f"0.0.0.post1.dev0+{commit[:8]}")


def _modes_of_links(folder: Path) -> dict[PurePosixPath, int]:
    """The modes in git's index of the links that copier follows: a link is not executable.

    Copier reads other modes from the files.
    """
    links = (path for path in folder.rglob("*") if path.is_symlink())
    return {PurePosixPath(path.relative_to(folder).as_posix()): FileMode.LINK for path in links}

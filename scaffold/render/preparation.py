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
    """What runs of one version share; environments by whether the template is trusted."""

    template: Template
    sources: Sources
    environments: dict[bool, Compiled] = field(default_factory=dict)


def prepared_for(template: TemplateVersion) -> Prepared:
    """What all runs of a version share. Raises RenderError where copier.yml is broken."""
    return _prepare(
        template.url, template.version, template.commit, template.folder, template.checkout
    )


def questions_of(template: TemplateVersion) -> dict[str, Any]:
    """The questions of a version. Raises RenderError where copier.yml is broken."""
    return own_questions(prepared_for(template).template)


def own_questions(template: Template) -> dict[str, Any]:
    """The questions for one run alone, since templates may change the values of defaults.

    A secret one need not have a default: its answer may be given each time.
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
        warnings.simplefilter("ignore")  # copier's, about templates for an older copier
        try:
            check_configuration(folder.resolve())
            own_questions(template)  # so that all is read and checked, and kept
        except Exception as error:  # copier fails in any way over what is of another type
            read = TemplateVersion(url, version, commit, folder, checkout=checkout)
            raise _unreadable(read, error) from error
    return Prepared(template, Sources(folder.resolve()))


def _unreadable(template: TemplateVersion, error: Exception) -> RenderError:
    """What is wrong with a configuration, and in which line, where YAML can't be read."""
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
    """The version that migrations are compared with, which for plain commits is copier's own.

    An id of a commit is never taken for a version, be it of digits only.
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
    """Where copier follows a link, the file has the link's mode in git: it is not executable.

    The other modes copier reads off the files.
    """
    links = (path for path in folder.rglob("*") if path.is_symlink())
    return {PurePosixPath(path.relative_to(folder).as_posix()): FileMode.LINK for path in links}

"""Repos of an unfinished run on the forge; the next run continues with them.

A repo belongs to such a run if its main is a single commit with the service's trailer. If the run
has registered the service already, people and the bot may have added commits.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pygit2

from scaffold.config.yaml_as_copier import read_as_copier
from scaffold.errors import AnswerError, ConfigError, ForgeError, NameTakenError
from scaffold.fleet.platform import PlatformRepo
from scaffold.git import branches, clones
from scaffold.git.tree import Tree, message_of, open_repo, read_tree, trailers
from scaffold.render.source import BlueprintVersion, open_version

SERVICE_TRAILER = "Scaffold-Service"
ANSWERS_FILE = ".copier-answers.yml"


@dataclass(frozen=True)
class Leftover:
    """One repo of an unfinished run."""

    name: str
    commit: str
    tree: Tree


@dataclass(frozen=True)
class Leftovers:
    """All repos of an unfinished run, by paired repo.

    `registered` is whether the catalog, or a merge request, has the service.
    """

    repos: Mapping[str, Leftover]
    registered: bool = False

    def __bool__(self) -> bool:
        return bool(self.repos)

    @property
    def recorded(self) -> dict[str, Any]:
        """The answers file of the first repo, including `_src_path` and `_commit`."""
        first_repo = next(iter(self.repos.values()))
        entry = first_repo.tree.get(ANSWERS_FILE)
        if entry is None:
            raise ForgeError(
                f"the repo `{first_repo.name}` of a run that did not finish has no {ANSWERS_FILE}",
                hint=_begin_anew(self),
            )
        try:
            recorded = read_as_copier(entry.data, source=f"{first_repo.name}:{ANSWERS_FILE}").value
        except ConfigError as error:
            hint = _begin_anew(self)
            raise ForgeError(error.what, where=error.where, hint=hint) from error
        if not isinstance(recorded, dict):
            where = f"{first_repo.name}:{ANSWERS_FILE}"
            raise ForgeError("is not a mapping of answers", where=where, hint=_begin_anew(self))
        return {str(key): value for key, value in recorded.items()}

    @property
    def answers(self) -> dict[str, Any]:
        """The recorded answers that all of the repos share."""
        return {
            key: value
            for key, value in self.recorded.items()
            if not key.startswith("_") and key != "repo"
        }


def find_leftovers(
    platform: PlatformRepo,
    service: str,
    names: Mapping[str, str],
    store: Path,
    *,
    registered: bool,
) -> Leftovers:
    """Look for the repos of an unfinished run, and fetch them into `store`.

    An empty repo does not count. Raises NameTakenError where a repo of one of these names is
    somebody else's.
    """
    fetched = {}
    for repo, name in names.items():
        url = platform.forge.url(name)
        head = branches.remote_head(url) if platform.forge.find(name) else None
        if head is None:
            continue
        clones.fetch_missing(store, url, head, "refs/heads/main")
        git = open_repo(store)
        commit = git[head].peel(pygit2.Commit)
        if registered:
            commit = _first(commit)
        if commit.parent_ids or trailers(message_of(commit)).get(SERVICE_TRAILER) != service:
            raise NameTakenError(
                f"the forge has a repo `{name}` that scaffold did not make for `{service}`",
                where=url,
                hint="Choose another name, or move that repo away.",
            )
        first = str(commit.id)
        fetched[repo] = Leftover(name, first, read_tree(git, first, url))
    return Leftovers(fetched, registered)


def _first(commit: pygit2.Commit) -> pygit2.Commit:
    """The first commit of a branch."""
    while commit.parents:
        commit = commit.parents[0]
    return commit


def version_to_finish(
    leftovers: Leftovers, picked: BlueprintVersion, wanted: str | None, scratch: Path
) -> BlueprintVersion:
    """The blueprint version that the run began with, so that all repos have the same one.

    `wanted` is the version that the user named. Raises AnswerError where that, or the blueprint
    itself, is another one.
    """
    recorded = leftovers.recorded
    url, version = str(recorded.get("_src_path")), str(recorded.get("_commit"))
    if url != picked.url or (wanted is not None and picked.version != version):
        raise AnswerError(
            f"a run that did not finish began with {url} {version}, not with"
            f" {picked.url} {wanted or picked.version}",
            hint=f"Name that blueprint and version to finish it. {_begin_anew(leftovers)}",
        )
    if version == picked.version:
        return picked
    return open_version(url, version, scratch)


def check_same_answers(leftovers: Leftovers, answers: Mapping[str, Any]) -> None:
    """Raise AnswerError where the answers are not those that the run began with."""
    changed = [
        f"{key}: it was {value!r}, it is {answers.get(key)!r}"
        for key, value in leftovers.answers.items()
        if answers.get(key) != value
    ]
    if changed:
        raise AnswerError(
            "a run that did not finish began with other answers or platform settings",
            details=changed,
            hint=f"Give the same ones to finish it. {_begin_anew(leftovers)}",
        )


def _begin_anew(leftovers: Leftovers) -> str:
    if leftovers.registered:
        return "The service is registered; for another one, choose another name."
    names = ", ".join(repo.name for repo in leftovers.repos.values())
    return f"To begin anew, delete what it left on the forge: {names}."

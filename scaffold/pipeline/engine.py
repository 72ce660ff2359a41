"""Waits until Flux or Argo CD has deployed what a job's commit says, by its own word on a commit.

An engine follows main and not each push: it may never see a commit that the next one follows within
its interval, and Argo CD has no word on a commit that changes no object. So what counts is its word
on any commit of main in a row at which the environment is as at the job's own; of several the
newest, as for a promotion.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pygit2

from scaffold.config.engine import Engine, deploy_status
from scaffold.config.places import NOTIFICATIONS_PATH, environment_folder
from scaffold.errors import DeployError
from scaffold.fleet.engines import argocd, flux
from scaffold.fleet.engines.objects import STATUS_SECRET, object_name
from scaffold.forge.api import StatusState
from scaffold.forge.job import open_forge_of_job
from scaffold.git.scratch import scratch_folder
from scaffold.git.store import open_recent
from scaffold.git.tree import open_repo
from scaffold.pipeline.revision import committed_revision
from scaffold.pipeline.target import Target

_PAUSE = 20.0  # seconds; GitHub lets the jobs of a repo ask a thousand times an hour
_DEPTH = 50  # commits of main that are looked through
_ASKED = 10  # of these, how many a word is looked for on


@dataclass(frozen=True)
class Wait:
    """Which engine is waited for, and how many seconds at most."""

    engine: Engine
    seconds: float


@dataclass(frozen=True)
class _Engine:
    """What people call an engine, the kind of a release's object, and what sets the status."""

    title: str
    kind: str
    namespace: str
    status_by: str


_ENGINES: Mapping[Engine, _Engine] = {
    Engine.FLUX: _Engine("Flux", "kustomization", flux.NAMESPACE, "the Alert of that name"),
    Engine.ARGOCD: _Engine(
        "Argo CD", "application", argocd.NAMESPACE, f"the rules in {NOTIFICATIONS_PATH}"
    ),
}


@dataclass(frozen=True)
class Seen:
    """A commit of main, and which content its environment has there; `content` may be none."""

    commit: str
    content: str


@dataclass(frozen=True)
class Stay:
    """The commits in a row, newest first, at which an environment is as at a job's commit.

    `newer` is the commit of main that changed it since; empty where none did.
    """

    commits: tuple[str, ...]
    newer: str = ""


def stay_of(main: Sequence[Seen], commit: str) -> Stay:
    """Where a commit's environment stayed as it is there; `main` has the newest first. Pure.

    A commit that is not among them stands alone.
    """
    here = next((number for number, one in enumerate(main) if one.commit == commit), None)
    if here is None:
        return Stay((commit,))
    first = last = here
    while first > 0 and main[first - 1].content == main[here].content:
        first -= 1
    while last + 1 < len(main) and main[last + 1].content == main[here].content:
        last += 1
    newer = main[first - 1].commit if first else ""
    return Stay(tuple(one.commit for one in main[first : last + 1]), newer)


def newest_word(
    stay: Stay, statuses: Callable[[str], Mapping[str, StatusState]], name: str
) -> StatusState | None:
    """The newest status of that name; None where none of the commits has one."""
    for commit in stay.commits[:_ASKED]:
        if state := statuses(commit).get(name):
            return state
    return None


def wait_for_engine(path: Path, target: Target, wait: Wait) -> None:
    """Return once the engine has deployed what the repo in `path`, a job's checkout, has.

    Raises DeployError where it failed, at once, or said nothing in time.
    UsageError outside of a forge's CI, ForgeError.
    """
    deadline, engine = time.monotonic() + wait.seconds, _ENGINES[wait.engine]
    commit, (forge, repo) = committed_revision(path, ()), open_forge_of_job()
    name = deploy_status(target.environment)
    with scratch_folder() as scratch:
        while True:
            main = _main(forge.url(repo), scratch / "main.git", target.environment)
            stay = stay_of(main, commit)
            state = newest_word(stay, lambda one: forge.statuses(repo, one), name)
            told = f"the status `{name}` of {repo} {commit[:12]} is {state or 'not there'}"
            if state is StatusState.SUCCESS:
                return
            if state is StatusState.FAILURE:
                raise _failed(target, engine, told)
            if time.monotonic() + _PAUSE > deadline:
                raise _silent(target, engine, f"within {wait.seconds:.0f} s", told, stay.newer)
            time.sleep(_PAUSE)


def _main(url: str, folder: Path, environment: str) -> list[Seen]:
    """The last commits of main as it is now, newest first. Raises ForgeError."""
    recent = open_recent(url, folder, _DEPTH)
    store, place = open_repo(recent.folder), environment_folder(environment)
    found: list[Seen] = []
    commit: str | None = recent.head
    # Of the oldest one that a shallow repo has, the parent is named and not there.
    while commit is not None and commit in store and len(found) < _DEPTH:
        here = store[commit].peel(pygit2.Commit)
        content = str(here.tree[place].id) if place in here.tree else ""
        found.append(Seen(commit, content))
        commit = str(here.parent_ids[0]) if here.parent_ids else None
    return found


def _failed(target: Target, engine: _Engine, told: str) -> DeployError:
    return DeployError(
        f"{engine.title} could not deploy it: {told}",
        hint=f"See why: {_look(target, engine)}. Once {engine.title} is content, run this job"
        " again; to go back, revert the last release's commit.",
    )


def _silent(target: Target, engine: _Engine, limit: str, told: str, newer: str) -> DeployError:
    what = f"{engine.title} did not say {limit} that it deployed it: {told}"
    if newer:
        return DeployError(
            what,
            hint=f"main has another release for `{target.environment}` since, by {newer[:12]}:"
            f" {engine.title} may have gone on to that at once. The job of that commit tells.",
        )
    return DeployError(
        what,
        hint=f"See how far it is: {_look(target, engine)}. Where it is done, look at what sets the"
        f" status: {engine.status_by}, and the token `{STATUS_SECRET}`. Then run this job again.",
    )


def _look(target: Target, engine: _Engine) -> str:
    name = object_name(target.service, target.environment)
    return f"kubectl describe {engine.kind} {name} --namespace {engine.namespace}"

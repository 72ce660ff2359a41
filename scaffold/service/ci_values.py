"""Secrets and variables that platform.yml names for pipelines: set on the forge where it may be.

The values come from the environment of whoever runs this, and are told nowhere.
"""

import os
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from scaffold.chain.repos import open_chain_repo
from scaffold.config.ci_values import CiKind, GivenValue
from scaffold.config.forge import kind_of
from scaffold.config.forges.kind import Ci
from scaffold.errors import ForgeError, ScaffoldError, UsageError
from scaffold.fleet.platform import PlatformRepo
from scaffold.forge.api import CiValue
from scaffold.service.ci_needs import pipeline_in, pipeline_of, reads, repos_with_pipelines
from scaffold.service.plan import NewService

_BY_HAND = "Set it there by hand."


class Result(StrEnum):
    """What became of a value in one place."""

    SET = "set"
    TO_SET = "to-set"  # in a dry run
    NOT_SET = "not-set"


@dataclass(frozen=True)
class Given:
    """A value, the place on the forge that has or is to have it, and why it has not.

    `failed` is whether the forge refused it; else nobody has the value here.
    """

    value: GivenValue
    where: str
    result: Result
    why: str = ""
    failed: bool = False

    @property
    def said(self) -> str:
        """It in a line, or some."""
        told = f"{self.result:<8} {self.value.told}, of {self.where}"
        return f"{told}: {self.why}" if self.why else told


@dataclass(frozen=True)
class _Jobs:
    """The pipelines of repos, by repo, and what the forge gives to them, once it was asked."""

    platform: PlatformRepo
    ci: Ci
    files: Mapping[str, Mapping[str, str]]
    given: dict[str, Mapping[str, Collection[str]]]

    def reading(self, value: GivenValue) -> list[str]:
        """The repos whose jobs read a value."""
        named = value.name, value.environment or ""
        return [repo for repo, files in self.files.items() if reads(files, self.ci, *named)]

    def have(self, repo: str, value: GivenValue) -> bool:
        """Whether the jobs of a repo are given a value already. Raises ForgeError."""
        if repo not in self.given:
            places = [one.environment for one in self.platform.model.ci.values if one.environment]
            names = self.platform.forge.ci_names(repo, tuple(dict.fromkeys(places)))
            self.given[repo] = names or {}
        return value.name in self.given[repo].get(value.environment or "", ())


def set_values(platform: PlatformRepo) -> Iterator[Given]:
    """Set each value of platform.yml for all repos whose pipelines, on main, read it.

    A value that nobody has here stays as it is on the forge; where it is not there, that is told.
    A dry run only tells.
    """
    ci = kind_of(platform.model.forge.kind).ci
    if ci is None or not platform.model.ci.values:
        return
    files, repos = {}, repos_with_pipelines(platform)
    for name, url in repos.items():
        try:
            files[name] = pipeline_of(open_chain_repo(name, name, url))
        except ForgeError as error:
            for one in platform.model.ci.values:
                yield Given(one, f"the repo {name}", Result.NOT_SET, _told(error), failed=True)
    jobs = _Jobs(platform, ci, files, {})
    for one in platform.model.ci.values:
        yield from _set(jobs, one, jobs.reading(one))


def set_missing_of_new(platform: PlatformRepo, plan: NewService) -> Iterator[Given]:
    """Set what the pipelines of a service just made read, and are not given yet."""
    if (jobs := _jobs_of_new(platform, plan)) is None:
        return
    for one in platform.model.ci.values:
        try:
            lacking = [repo for repo in jobs.reading(one) if not jobs.have(repo, one)]
        except ForgeError as error:
            yield Given(one, plan.service.name, Result.NOT_SET, _told(error), failed=True)
        else:
            yield from _set(jobs, one, lacking)


def calls_of_new(platform: PlatformRepo, plan: NewService) -> tuple[str, ...]:
    """What would be set for a service that is not made yet, where its repos are not given it."""
    if (jobs := _jobs_of_new(platform, plan)) is None:
        return ()
    return tuple(
        f"set {one.told} from {one.source}, unless it is there: {', '.join(repos)}"
        for one in platform.model.ci.values
        if (repos := jobs.reading(one))
    )


def _jobs_of_new(platform: PlatformRepo, plan: NewService) -> _Jobs | None:
    ci = kind_of(platform.model.forge.kind).ci
    if ci is None:
        return None
    return _Jobs(platform, ci, {one.name: pipeline_in(one.tree, ci) for one in plan.repos}, {})


def _set(jobs: _Jobs, value: GivenValue, repos: list[str]) -> Iterator[Given]:
    if not repos:
        return
    try:
        read = _read(value)
    except UsageError as error:
        yield from _lacking(jobs, value, repos, _told(error))
        return
    if jobs.platform.dry_run:
        for repo in repos:
            above = "" if value.environment else " or what is above it"
            yield Given(value, f"the repo {repo}{above}", Result.TO_SET)
        return
    to_set = CiValue(value.name, value.made, read, value.environment or "", value.is_protected)
    yield from _set_above(jobs.platform, value, repos, to_set)


def _set_above(
    platform: PlatformRepo, value: GivenValue, repos: list[str], to_set: CiValue
) -> Iterator[Given]:
    """Have the group give it, which takes no environment; where it may not, each repo."""
    forge, group = platform.forge, getattr(platform.model.forge, "group", "")
    try:
        if not to_set.environment and forge.set_ci_value_above(repos=repos, value=to_set):
            yield Given(value, f"the group {group}", Result.SET)
            return
    except ForgeError as error:
        yield _refused(value, f"the group {group}", error)
        return
    for repo in repos:
        try:
            forge.set_ci_value(repo, to_set)
        except ForgeError as error:
            yield _refused(value, f"the repo {repo}", error)
        else:
            yield Given(value, f"the repo {repo}", Result.SET)


def _lacking(jobs: _Jobs, value: GivenValue, repos: list[str], why: str) -> Iterator[Given]:
    """The repos that are not given a value, of those that nobody can set it for here."""
    for repo in repos:
        try:
            if not jobs.have(repo, value):
                yield Given(value, f"the repo {repo}", Result.NOT_SET, why)
        except ForgeError as error:
            yield Given(value, f"the repo {repo}", Result.NOT_SET, _told(error), failed=True)


def _refused(value: GivenValue, where: str, error: ForgeError) -> Given:
    """What is told of a refusal: not the forge's own words, in which the value might be."""
    why = " ".join(filter(None, (error.what, error.hint, _BY_HAND)))
    return Given(value, where, Result.NOT_SET, why, failed=True)


def _told(error: ScaffoldError) -> str:
    return " ".join(filter(None, (error.what, error.hint)))


def _read(value: GivenValue) -> str:
    """The value. Raises UsageError where it is not here, which tells nothing of it."""
    found = os.environ.get(value.source, "")
    if not found:
        hint = f"Set it, or the {value.made} on the forge by hand."
        raise UsageError(f"{value.source} is not set here.", hint=hint)
    if value.made is not CiKind.FILE:
        return found
    try:
        text = Path(found).read_text(encoding="utf-8")
    except (OSError, ValueError):
        text = ""
    if not text:
        raise UsageError(f"{value.source} names no file that can be read and has a text.")
    return text

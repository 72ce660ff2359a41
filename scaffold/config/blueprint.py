"""blueprint.yml: which paired repos a blueprint makes, and how they follow each other."""

import re
from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Any, Self

from pydantic import Field, field_validator, model_validator

from scaffold.config.documents import Document
from scaffold.config.no_release import problem_with
from scaffold.config.places import (
    IMAGE_PATH,
    RETIRE_MARKER,
    UPSTREAM_PATH,
    environment_folder,
)
from scaffold.config.values import Label

BLUEPRINT_FILE = "blueprint.yml"


class PinKind(StrEnum):
    """The kind of machine-owned file that pins the upstream commit, and its content.

    `upstream`: a commit, such as that of the code which this repo's image is built from. `image`:
    the image that the followed repo builds. `release`: for each environment, the rendered base of
    the followed repo, with the image that it pins. `image-and-release`: both in this repo, which
    has the base and the environments; its releases follow its own commits.
    """

    UPSTREAM = "upstream"
    IMAGE = "image"
    RELEASE = "release"
    IMAGE_AND_RELEASE = "image-and-release"

    def owns(self, path: str) -> bool:
        """Whether a file of the repo is the pin or one of its files, and so the bot's."""
        return _OWNED[self].fullmatch(path) is not None


_IMAGE = re.escape(IMAGE_PATH)
_OF_AN_ENVIRONMENT = rf"{environment_folder('[^/]+')}/(release/.+|{re.escape(RETIRE_MARKER)})"
_OWNED: Mapping[PinKind, re.Pattern[str]] = {
    PinKind.UPSTREAM: re.compile(re.escape(UPSTREAM_PATH)),
    PinKind.IMAGE: re.compile(_IMAGE),
    PinKind.RELEASE: re.compile(_OF_AN_ENVIRONMENT),
    PinKind.IMAGE_AND_RELEASE: re.compile(f"{_IMAGE}|{_OF_AN_ENVIRONMENT}"),
}


class RepoPart(Document):
    """One of the paired repos."""

    name: str = Field(min_length=1, description="The repo's name, a template over the answers.")
    follows: Label | None = Field(None, description="The repo whose commits this one pins.")
    pin: PinKind | None = Field(
        None,
        description="How it pins them. `upstream`: a commit, such as that of the code which this "
        "repo's image is built from. `image`: the image that the followed repo builds. "
        "`release`: in each environment, what the base of the followed repo renders to with the "
        "image that it pins. "
        "`image-and-release`: both, for a repo that has the base and the environments.",
    )

    no_release: tuple[str, ...] = Field(
        (),
        description="Paths that make no release when they change, beside docs, files of CI and the "
        "answers file: patterns as in .gitignore; `!PATTERN` takes some back.",
    )

    @field_validator("no_release")
    @classmethod
    def _patterns(cls, patterns: tuple[str, ...]) -> tuple[str, ...]:
        if problem := problem_with(patterns):
            raise ValueError(problem)
        return patterns

    @model_validator(mode="after")
    def _pin_and_follows(self) -> Self:
        if (self.follows is None) != (self.pin is None):
            raise ValueError("`follows` and `pin` go together: give both or neither")
        return self


class Testing(Document):
    """Settings of `scaffold blueprint test`."""

    answers: dict[str, tuple[Any, ...]] = Field(
        default_factory=dict,
        description="For a question: values to test beside its default, its choices or yes and no.",
    )


class LintIgnore(Document):
    """Findings of `scaffold blueprint lint` to leave out, and why."""

    code: str = Field(pattern=r"^BP[0-9]{3}$", description="The rule, e.g. BP301.")
    path: str = Field(
        "*",
        min_length=1,
        description="Which files, e.g. `docker/*`; a `*` takes in folders, too.",
    )
    reason: str = Field(min_length=1, description="Why it is right as it is.")


class LintSettings(Document):
    """Settings of `scaffold blueprint lint`."""

    ignore: tuple[LintIgnore, ...] = Field((), description="Findings that are left out.")


class Blueprint(Document):
    """The whole of blueprint.yml."""

    name: Label = Field(description="Its name, as platform.yml has it.")
    summary: str = Field(min_length=1, description="One line for whoever picks a blueprint.")
    kubernetes: str = Field(pattern=r"^1\.[0-9]{1,3}$", description="E.g. 1.34.")
    repos: dict[Label, RepoPart] = Field(
        min_length=1, description="The paired repos; each is a folder of the template."
    )
    test: Testing = Field(Testing(), description="How the blueprint is tested.")

    lint: LintSettings = Field(LintSettings(), description="For `scaffold blueprint lint`.")

    @model_validator(mode="after")
    def _chain(self) -> Self:
        for repo, part in self.repos.items():
            if part.follows is not None and part.follows not in self.repos:
                raise ValueError(f"`{repo}` follows `{part.follows}`, which is not a repo here")
        ordered = list(self._in_order())
        if len(ordered) < len(self.repos):
            circle = ", ".join(sorted(self.repos.keys() - set(ordered)))
            raise ValueError(f"these repos follow each other in a circle: {circle}")
        return self

    def chain(self) -> tuple[str, ...]:
        """The repos, in an order in which each comes after the one that it follows."""
        return tuple(self._in_order())

    @property
    def env_repo(self) -> str | None:
        """The repo that has the environments, or None."""
        releases = {PinKind.RELEASE, PinKind.IMAGE_AND_RELEASE}
        return next((repo for repo, part in self.repos.items() if part.pin in releases), None)

    def _in_order(self) -> Iterator[str]:
        done: set[str] = set()
        while ready := [
            repo
            for repo, part in self.repos.items()
            if repo not in done and (part.follows is None or part.follows in done)
        ]:
            done.update(ready)
            yield from ready

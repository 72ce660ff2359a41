"""The registry of checks: the name of each, its targets, the files that it reads, its function."""

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property, partial
from pathlib import Path

from scaffold.checks.report import Check, Result


class Scope(StrEnum):
    """Which repos a check is for."""

    PAIRED = "paired"
    PLATFORM = "platform"
    ANY = "any"


@dataclass(frozen=True)
class Subject:
    """The repo to check: its folder, and its name in reports.

    `kubernetes` is the version to check against, `schemas` a folder with the schemas of custom
    kinds.
    """

    path: Path
    name: str
    kubernetes: str

    @property
    def schemas(self) -> Path:
        """The schemas of the custom kinds that the repo brings itself."""
        return self.path / "schemas"


@dataclass(frozen=True)
class RegisteredCheck:
    """A check of each file that matches one of the patterns `targets`, as paths below the repo.

    In a pattern, `*` stands for any part of a name, and `**` for nothing: a target is a file of a
    known name at a known depth. `reads` says, of a target and a changed path,
    whether the check's result may change. A check that runs code of the repo is not `static`: it
    never runs where the fleet's tokens are. `run` gets the subject and the target's path.
    """

    name: str
    targets: tuple[str, ...]
    reads: Callable[[str, str], bool]
    run: Callable[[Subject, str], Sequence[Result]]
    scope: Scope = Scope.PAIRED
    static: bool = True

    def __post_init__(self) -> None:
        """Raise ValueError for a pattern that would reach into `.git`."""
        if deep := [glob for glob in self.targets if "**" in glob]:
            raise ValueError(f"the check `{self.name}` has a pattern with `**`: {deep[0]}")

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        globs = (re.escape(glob).replace(r"\*", "[^/]*") for glob in self.targets)
        return re.compile("|".join(globs))

    def is_for(self, scope: Scope) -> bool:
        """Whether the check applies to repos of this kind."""
        return self.scope in {Scope.ANY, scope}

    def looks_at(self, path: str) -> bool:
        """Whether a file is one of its targets."""
        return self._pattern.fullmatch(path) is not None

    def bears(self, target: str, changed: Collection[str] | None) -> bool:
        """Whether a change can alter the result for a target; None stands for any change."""
        return changed is None or any(self.reads(target, path) for path in changed)

    def of(self, subject: Subject, changed: Collection[str] | None = None) -> Iterator[Check]:
        """The check of each existing target that the change can affect, ready to run."""
        for glob in self.targets:
            for file in sorted(subject.path.glob(glob)):
                target = file.relative_to(subject.path).as_posix()
                if file.is_file() and self.bears(target, changed):
                    yield partial(self.run, subject, target)


def itself(target: str, path: str) -> bool:
    """The `reads` of a check that reads only its target."""
    return target == path

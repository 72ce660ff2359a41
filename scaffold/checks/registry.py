"""The registry of checks: of each its name, which files it looks at, what it reads, how it runs."""

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
    """The repo that is checked: its folder, and what it is called in reports.

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
    """A check of each file that one of the patterns `targets` names, as paths below the repo.

    In a pattern, `*` stands for any part of a name. `reads` tells, of a target and a path that
    changed, whether the check may find another thing than before. A check that runs code of the
    repo is not `static`: it never runs where the fleet's tokens are. `run` gets the subject and
    the target's path.
    """

    name: str
    targets: tuple[str, ...]
    reads: Callable[[str, str], bool]
    run: Callable[[Subject, str], Sequence[Result]]
    scope: Scope = Scope.PAIRED
    static: bool = True

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        globs = (re.escape(glob).replace(r"\*", "[^/]*") for glob in self.targets)
        return re.compile("|".join(globs))

    def is_for(self, scope: Scope) -> bool:
        """Whether it looks at a repo of this kind."""
        return self.scope in {Scope.ANY, scope}

    def looks_at(self, path: str) -> bool:
        """Whether a file is one of its targets."""
        return self._pattern.fullmatch(path) is not None

    def bears(self, target: str, changed: Collection[str] | None) -> bool:
        """Whether a change can alter what it finds in a target; None is a change of everything."""
        return changed is None or any(self.reads(target, path) for path in changed)

    def of(self, subject: Subject, changed: Collection[str] | None = None) -> Iterator[Check]:
        """The check of each target that is there and that the change bears on, ready to run."""
        for glob in self.targets:
            for file in sorted(subject.path.glob(glob)):
                target = file.relative_to(subject.path).as_posix()
                if file.is_file() and self.bears(target, changed):
                    yield partial(self.run, subject, target)


def itself(target: str, path: str) -> bool:
    """What a check reads that looks at nothing but its target."""
    return target == path

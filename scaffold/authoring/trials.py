"""What `scaffold blueprint test` tries, one by one, and how each ends.

A trial is plain data, so that another process can do it; what fails comes with the answers that
it failed with.
"""

import json
import shlex
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import scaffold
from scaffold.authoring.kit import Kit, Paired
from scaffold.authoring.places import places, rendered_files
from scaffold.authoring.versions import Copied, open_versions
from scaffold.checks.report import Outcome as CheckOutcome
from scaffold.checks.report import Result
from scaffold.config.blueprint import BLUEPRINT_FILE
from scaffold.errors import AnswerError, ScaffoldError
from scaffold.git.faults import explained
from scaffold.process import LONG_LIMIT, run
from scaffold.programs import BLUEPRINT_TESTS, environment

PLUGIN = "scaffold.authoring.pytest_plugin"
_NO_TESTS = 5  # pytest's exit status where it finds none
_LAST_LINES = 60  # of what it says


class What(StrEnum):
    """What is tried."""

    RENDER = "render"  # a new service, and the static checks of all its repos
    UPGRADE = "upgrade"  # a service of a released version, to what lies in the folder
    TESTS = "tests"  # the blueprint's own tests


class Outcome(StrEnum):
    """How a trial ended."""

    PASSED = "passed"
    FAILED = "failed"
    REFUSED = "refused"  # the questions' own validators don't take these answers
    NOT_RUN = "not-run"


@dataclass(frozen=True)
class Trial:
    """One thing to try; `version` is the one that an upgrade starts from."""

    what: What
    version: str = ""
    answers: Mapping[str, Any] = field(default_factory=dict)
    must_be_taken: bool = False

    @property
    def data(self) -> tuple[str, ...]:
        """The answers as `--data` takes them, quoted for a shell."""
        return tuple(f"{name}={_shown(value)}" for name, value in self.answers.items())

    @property
    def words(self) -> str:
        """What it is, in one line."""
        version = [f"from {self.version}"] if self.version else []
        return f"{self.what:8} {' '.join([*version, *self.data])}".rstrip()


@dataclass(frozen=True)
class Tried:
    """How it ended; `not_checked` are checks whose tool is missing."""

    trial: Trial
    outcome: Outcome
    details: tuple[str, ...] = ()
    not_checked: tuple[str, ...] = ()

    @property
    def line(self) -> str:
        """How it ended, in one line; the answers are as `--data` takes them."""
        return f"{self.outcome:8} {self.trial.words}"

    @property
    def cause(self) -> tuple[str, ...]:
        """The details without the service's name, which repos and paths have in them."""
        name = str(self.trial.answers.get("service", ""))
        return tuple(one.replace(name, "SERVICE") if name else one for one in self.details)


def _shown(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return shlex.quote(text)


def attempt(trial: Trial, copied: Copied, shared: Path) -> Tried:
    """Do a trial; whatever goes wrong is its outcome."""
    try:
        kit = _kit(copied, shared)
        return _render(kit, trial) if trial.what is What.RENDER else _upgrade(kit, trial)
    except Exception as error:  # noqa: BLE001 - a fault that one trial brings out is its own
        return ended(trial, explained(error))


def ended(trial: Trial, error: ScaffoldError) -> Tried:
    """How a trial ended that did not come to its own end."""
    return Tried(trial, Outcome.FAILED, _said(error))


@lru_cache(maxsize=1)
def _kit(copied: Copied, shared: Path) -> Kit:
    """One a process."""
    scratch = Path(tempfile.mkdtemp(dir=shared))
    return Kit(open_versions(copied, scratch), scratch)


def _render(kit: Kit, trial: Trial) -> Tried:
    try:
        paired = kit.render(**trial.answers)
        report = paired.report
    except AnswerError as error:
        return _not_taken(trial, error)
    failed = tuple(_with_places(paired, report.of(CheckOutcome.FAILED)))
    not_checked = tuple(
        f"{one.name}: {detail}" for one in report.of(CheckOutcome.NOT_RUN) for detail in one.details
    )
    return Tried(trial, Outcome.FAILED if failed else Outcome.PASSED, failed, not_checked)


def _with_places(paired: Paired, results: Sequence[Result]) -> Iterator[str]:
    """The lines of checks that failed, with where in the template that is from.

    What a check finds in several environments alike is said once.
    """
    if not results:
        return
    with tempfile.TemporaryDirectory() as folder:
        files = rendered_files(paired, Path(folder))
    alike: dict[tuple[str, tuple[str, ...]], list[Result]] = {}
    for one in results:
        alike.setdefault((one.name, one.details), []).append(one)
    for first, *others in alike.values():
        targets = ", ".join(one.target for one in (first, *others))
        yield from replace(first, target=targets).lines
        yield from (f"  --> {place}" for place in places(first, files))


def _upgrade(kit: Kit, trial: Trial) -> Tried:
    try:
        before = kit.released(trial.version, trial.answers)
    except AnswerError as error:
        return _not_taken(trial, error)
    try:
        upgraded = kit.upgrade(before)
    except AnswerError as error:
        hint = "A new question needs a default, or a migration that supplies its answer."
        return Tried(trial, Outcome.FAILED, _said_to_author(error, hint))
    if conflicts := upgraded.conflicts:
        return Tried(trial, Outcome.FAILED, tuple(f"conflict: {one}" for one in conflicts))
    if lines := kit.differences(upgraded):
        return Tried(trial, Outcome.FAILED, ("differs from a fresh render:", *lines))
    return Tried(trial, Outcome.PASSED)


def _not_taken(trial: Trial, error: AnswerError) -> Tried:
    """How a trial ended whose answers make no service.

    What no rule of the blueprint refuses, such as a question that is without an answer, is a fault.
    """
    refused = error.by_rule and not trial.must_be_taken
    said = _said_to_author(error, f"Answer it in {BLUEPRINT_FILE}, under `test.answers`.")
    return Tried(trial, Outcome.REFUSED if refused else Outcome.FAILED, said)


def _said_to_author(error: AnswerError, hint: str) -> tuple[str, ...]:
    """What is wrong; the hint of an answer that is missing is for who makes a service."""
    return (str(error), hint) if error.unanswered else _said(error)


def _said(error: ScaffoldError) -> tuple[str, ...]:
    return tuple(filter(None, [str(error), *error.details, error.hint]))


def own_tests(folder: Path) -> Tried:
    """Run the blueprint's own tests by pytest, without the caller's credentials."""
    trial = Trial(What.TESTS)
    if not (folder / "tests").is_dir():
        return Tried(trial, Outcome.NOT_RUN, ("there is no folder `tests`",))
    if find_spec("pytest") is None:
        hint = 'pytest is not installed. Run: pip install "scaffold-blueprints[authoring]"'
        return Tried(trial, Outcome.NOT_RUN, (hint,))
    program = [sys.executable, "-m", "pytest", "-q", "-p", PLUGIN, "-p", "no:cacheprovider"]
    # The scaffold that the tests import is the one that runs here.
    path = str(Path(scaffold.__file__).parents[1])
    given = {"PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1", "NO_COLOR": "1"}
    env = environment(BLUEPRINT_TESTS, given)
    done = run([*program, "tests"], cwd=folder, env=env, timeout=LONG_LIMIT)
    if done.status in {0, _NO_TESTS}:
        return Tried(trial, Outcome.PASSED)
    return Tried(trial, Outcome.FAILED, tuple(done.text.strip().splitlines()[-_LAST_LINES:]))

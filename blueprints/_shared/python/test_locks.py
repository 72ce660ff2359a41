"""Each lock has what the project needs, and nothing else."""

import re
import tomllib
from collections.abc import Iterable, Sequence
from importlib.metadata import requires
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
RUN = PROJECT["project"]["dependencies"]
EXTRAS = PROJECT["project"]["optional-dependencies"]
STALE = "run make lock, and commit what it writes"


def parsed(lines: Iterable[str], extras: Iterable[str] = ()) -> list[Requirement]:
    """The requirements that apply on this machine, with these extras."""
    asked = [{"extra": extra} for extra in ("", *extras)]
    found = map(Requirement, lines)
    return [r for r in found if not r.marker or any(map(r.marker.evaluate, asked))]


def locked(lock: str) -> dict[str, str]:
    """What a lock has: name -> version."""
    lines = re.findall(r"^(\w.*?) *\\?$", (ROOT / lock).read_text(encoding="utf-8"), re.MULTILINE)
    exact = [(canonicalize_name(one.name), str(one.specifier)) for one in parsed(lines)]
    return {name: specifier.removeprefix("==") for name, specifier in exact}


def needed(requirements: Iterable[str]) -> set[str]:
    """The names of these requirements and of what they need in turn, as it is installed here."""
    left, seen = parsed(requirements), set()
    while left:
        one = left.pop()
        if str(one) not in seen:
            seen.add(str(one))
            left += parsed(requires(one.name) or [], one.extras)
    return {canonicalize_name(Requirement(one).name) for one in seen}


@pytest.mark.parametrize(
    ("lock", "requirements"),
    [
        ("requirements.lock", RUN),
        ("requirements-build.lock", PROJECT["build-system"]["requires"]),
        ("requirements-dev.lock", [*RUN, *EXTRAS["dev"], *EXTRAS["docs"]]),
    ],
)
def test_a_lock_has_what_is_needed(lock: str, requirements: Sequence[str]) -> None:
    """A package that nothing needs any more is in none of them, either."""
    versions = locked(lock)
    assert needed(requirements) == set(versions), STALE
    for one in parsed(requirements):
        assert versions[canonicalize_name(one.name)] in one.specifier, STALE

"""Which versions of a foreign template are upgraded, and what they are given as answers."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import yaml
from copier._template import Template

from scaffold.render.source import parse_version

_STEPS = (1, 4, 16, 64)  # versions from the older one of a pair to the newer one


@dataclass(frozen=True)
class Setting:
    """What is the same for all pairs."""

    template: Path
    data: Mapping[str, list[object]]
    skip_tasks: bool

    def answers(self, tag: str) -> dict[str, object]:
        """Those of the answers that a version asks for and takes."""
        return {
            name: taken[0]
            for name, question in _questions(self.template, tag).items()
            if (taken := [value for value in self.data.get(name, []) if _takes(question, value)])
        }


@lru_cache
def _questions(template: Path, tag: str) -> Mapping[str, Mapping[str, object]]:
    return Template(str(template), ref=tag).questions_data


def _takes(question: Mapping[str, object], value: object) -> bool:
    """Whether a value, or each of several, is among the choices of a question that lists them."""
    choices = question.get("choices")
    if isinstance(choices, dict):
        choices = list(choices.values())
    values = value if isinstance(value, list) else [value]
    return not isinstance(choices, list) or all(one in choices for one in values)


def version_pairs(tags: list[str], number: int) -> list[tuple[str, str]]:
    """Neighbours and wider and wider jumps, each spread over all versions; all, if they are few."""
    steps = [step for step in _STEPS if step < len(tags)]
    found: list[tuple[str, str]] = []
    for index, step in enumerate(reversed(steps)):
        starts = len(tags) - step
        share = min(starts, (number - len(found)) // (len(steps) - index))
        found += [(tags[start], tags[start + step])
                  for start in (one * starts // share for one in range(share))]  # fmt: skip
    return found


def released(tags: list[str]) -> list[str]:
    """The tags that are versions without prereleases, the oldest first."""
    found = [(version, tag) for tag in tags
             if (version := parse_version(tag)) and not version.is_prerelease]  # fmt: skip
    return [tag for _, tag in sorted(found)]


def answers(pairs: list[str]) -> dict[str, list[object]]:
    """What was given as K=V; more than one value of a question in the order in which they came."""
    found: dict[str, list[object]] = {}
    for name, _, value in (pair.partition("=") for pair in pairs):
        found.setdefault(name, []).append(yaml.safe_load(value))
    return found

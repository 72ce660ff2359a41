"""Whatever a parser is given, it reads it or refuses it; a small sample of benchmarks/malformed.py.

Nothing ends in a traceback, or in words about a fault of scaffold.
"""

import random

import pytest

from tests.malformed.inputs import Format, malformed
from tests.malformed.parsers import Parser, parsers
from tests.malformed.runs import Outcome, judge, run

INPUTS = 100


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Parser]:
    """All parsers, by name."""
    return {one.name: one for one in parsers(tmp_path_factory.mktemp("parsers"))}


NAMES = (
    "platform.yml, a local forge", "platform.yml, a server", "services/<name>.yml", "blueprint.yml",
    ".scaffold.yml", "retire.yml", "--data-file", "glab-cli/config.yml", "gh/hosts.yml",
    "tea/config.yml", "upstream.yml", "image/kustomization.yaml", "release/release.yml",
    "merge-request.yml", "a note of statuses",
    ".copier-answers.yml", ".copier-answers.yml of a killed run", "copier.yml",
    "blueprint.yml of a release", "copier.yml, linted", "blueprint.yml, linted", "external data",
    "a template's file", "objects to deploy", "manifests, linted", ".gitlab-ci.yml, linted",
    "a workflow, linted", "Dockerfile, linted", "--failed", "--merge-reports", "a webhook",
    "an inventory", "what kubectl prints", "what kubeconform prints", "a commit's message",
    "CODEOWNERS", "CHANGELOG.md", "--wave", "--shard", "--data", "a service's name", "a repo's URL",
    "a template's URL", "a version",
)  # fmt: skip


def test_all_parsers_are_here(known: dict[str, Parser]) -> None:
    """Each has a test of its own, so that they run beside each other."""
    assert list(NAMES) == list(known)


@pytest.mark.parametrize("name", NAMES)
def test_what_is_valid_is_taken(known: dict[str, Parser], name: str) -> None:
    """Or what is made of it would tell nothing."""
    assert (Outcome.ACCEPTED, "") == judge(known[name], known[name].valid.encode())


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_unexpected(known: dict[str, Parser], name: str) -> None:
    """The seed of what is makes the input again."""
    tally = run(known[name], range(INPUTS))

    assert [] == tally.surprises
    assert INPUTS == tally.counts.total()


@pytest.mark.parametrize("form", Format)
def test_a_seed_makes_an_input_again(form: Format) -> None:
    """In any order, and whatever else is made by chance."""
    valid = b'{"a": 1}'
    first = [malformed(valid, form, seed) for seed in range(50)]
    random.seed(1)

    assert list(reversed(first)) == [malformed(valid, form, seed) for seed in reversed(range(50))]
    assert len(set(first)) > 20

"""`ci/Dockerfile`: the same tools, at the same versions, as everywhere else in this repo."""

import re
import tomllib
from pathlib import Path

import pytest

from scaffold.checks.tools import IMAGE_TOOLS
from scaffold.process import find_program, run
from tests.builders import need_programs

ROOT = Path(__file__).parents[2]
DOCKERFILE = ROOT / "ci" / "Dockerfile"


def test_go_programs_at_the_versions_of_the_checks() -> None:
    """A check must not pass in a pipeline and fail on a laptop for its version's sake."""
    installed = dict(re.findall(r"go install (\S+)@(v[\d.]+)", DOCKERFILE.read_text()))
    script = (ROOT / "scripts" / "install-tools").read_text()
    wanted = dict(re.findall(r"^install_one \S+ (\S+) (v[\d.]+)$", script, re.M))
    # Those for images are too heavy for every clone: see tests/pipeline/test_supply_chain.py.
    wanted |= dict(one.get.removeprefix("go install ").split("@") for one in IMAGE_TOOLS)

    assert wanted == installed


def test_every_python_that_a_service_may_have() -> None:
    """Tests must run on the Python that the image ships, to the patch release."""
    shared = ROOT / "blueprints/_shared/python/Dockerfile.jinja"
    wanted = dict(re.findall(r'"(3\.\d+)": "(3[\d.]+)"', shared.read_text()))
    named = re.findall(r"library/python:((3\.\d+)\.\d+)-slim", DOCKERFILE.read_text())

    assert wanted == {minor: patch for patch, minor in named}
    assert 3 == len(wanted)


def test_kubectl_at_the_version_of_the_tests() -> None:
    """The kubectl of the pipelines must be the one that the deploy was tested with."""
    modules = (ROOT / "tests/tools/kube/go.mod").read_text()
    pinned = re.search(r"k8s\.io/kubernetes (v[\d.]+)", modules)
    named = re.search(r"gitVersion=(v[\d.]+)", DOCKERFILE.read_text())

    assert pinned
    assert named
    assert pinned[1] == named[1]


def test_it_is_a_clean_dockerfile(monkeypatch: pytest.MonkeyPatch) -> None:
    """It must hold to the rules that it checks others by."""
    need_programs(monkeypatch, "hadolint")
    program = find_program("hadolint")
    assert program

    assert "" == run([program, str(DOCKERFILE)]).text


def test_it_has_what_each_command_needs() -> None:
    """The bot runs in it, too: all extras, as where they are tested."""
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"][
        "optional-dependencies"
    ]
    installed = re.search(r'"\.\[([a-z,]+)\]"', DOCKERFILE.read_text())

    assert installed
    assert sorted(extras) == sorted(installed[1].split(","))

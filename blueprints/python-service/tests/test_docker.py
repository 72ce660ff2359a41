"""The docker repo."""

import json
import re

import pytest
from rendering import Render, load


@pytest.mark.parametrize(
    ("version", "image"),
    [
        ("3.11", "docker.io/library/python:3.11.17-slim-bookworm"),
        ("3.12", "docker.io/library/python:3.12.15-slim-bookworm"),
        ("3.13", "docker.io/library/python:3.13.16-slim-bookworm"),
    ],
)
def test_the_base_image_is_exact(render: Render, version: str, image: str) -> None:
    """The base is pinned to a patch release of the chosen Python."""
    dockerfile = (render("docker", python_version=version) / "Dockerfile").read_text()
    assert f"ARG PYTHON_IMAGE={image}\n" in dockerfile


def test_each_download_may_use_an_index_of_ones_own(render: Render) -> None:
    """pip sees a pip.conf that is given as a secret, so none of it is in a layer; else it downloads nothing."""
    text = (render("docker") / "Dockerfile").read_text()
    mounted = "RUN --mount=type=secret,id=pip.conf,target=/etc/pip.conf "
    _, _, step = text.partition(mounted)
    assert 2 == step.split("\nCOPY")[0].count("--require-hashes") == text.count("--require-hashes")
    assert 2 == text.count("--no-index") == text.count("bin/pip ") - 2


def test_what_builds_the_code_is_no_part_of_the_image(render: Render) -> None:
    """It is installed by its own lock into a folder that no later stage copies."""
    text = (render("docker") / "Dockerfile").read_text()
    assert "/opt/build/bin/pip wheel --no-index --no-deps --no-build-isolation " in text
    assert ["COPY --from=build /opt/venv /opt/venv"] == re.findall("COPY --from.*", text)


def test_the_image_runs_as_a_numeric_user(render: Render) -> None:
    """Kubernetes can verify `runAsNonRoot` for a number only."""
    assert "\nUSER 10001:10001\n" in (render("docker") / "Dockerfile").read_text()


def test_the_process_gets_the_signals(render: Render) -> None:
    """The entry point is the service itself, with no shell around it."""
    text = (render("docker", port=9000) / "Dockerfile").read_text()
    assert text.endswith('EXPOSE 9000\nENTRYPOINT ["python", "-m", "payments_service"]\n')


def test_scaffold_learns_the_name_of_the_image(render: Render) -> None:
    """`scaffold pipeline image` builds what this file names."""
    expected = {
        "service": "payments",
        "owner": "team-a",
        "repo": "docker",
        "kubernetes": "1.34",
        "image": "registry.example.com/payments",
    }
    assert expected == load(render("docker") / ".scaffold.yml")


def test_no_gitlab_job_has_the_name_of_a_keyword(render: Render) -> None:
    """A job called `image` would be read as the image of every job."""
    ci = load(render("docker") / ".gitlab-ci.yml")
    assert ["default", "workflow", "stages", "validate", "build-image", "try-image"] == list(ci)


def test_renovate_adds_the_digest_of_the_base_image(render: Render) -> None:
    """To the tag, which stays; which minor version it is stays the blueprint's."""
    rules = json.loads((render("docker") / "renovate.json").read_text())["packageRules"]
    told = [{k: v for k, v in rule.items() if k != "description"} for rule in rules]
    of = {"matchManagers": ["dockerfile"]}
    refused = {**of, "matchUpdateTypes": ["major", "minor"], "enabled": False}
    assert [refused, {**of, "pinDigests": True}] == told

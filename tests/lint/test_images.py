"""BP4xx: images, actions and includes that may be another thing tomorrow."""

from pathlib import Path

import pytest

from tests.lint.case import GITHUB, GITLAB, found

WORKFLOW = GITHUB.removesuffix(".jinja")
PINNED = [
    "python:3.13",
    "registry.example.com:5000/team/app:1",
    "app@sha256:" + "0" * 64,
    "app:latest@sha256:" + "0" * 64,
]
UNPINNED = {
    "python": "has no tag",
    "registry.example.com:5000/team/app": "has no tag",
    "python:latest": "has the tag `latest`, which moves",
    "nginx:stable": "has the tag `stable`, which moves",
}


@pytest.mark.parametrize(("image", "problem"), UNPINNED.items())
def test_bp401_an_unpinned_image(tmp_path: Path, image: str, problem: str) -> None:
    """Wherever GitLab, GitHub, Docker and Kubernetes name images."""
    files = {
        GITLAB: f"image: {image}\na: {{image: {{name: {image}}}, services: [{image}]}}\n",
        WORKFLOW: f"""\
jobs:
  a: {{runs-on: a, container: {image}, services: {{db: {{image: {image}}}}}}}
  b: {{runs-on: a, container: {{image: {image}}}, steps: [{{uses: docker://{image}}}]}}
""",
        "docker/Dockerfile": f"""\
ARG BASE={image}
FROM --platform=linux/amd64 ${{BASE}} AS one
FROM one
COPY --from={image} /a /b
COPY --from=one /a /b
""",
        "env/a.yaml": f"""\
apiVersion: batch/v1
kind: CronJob
spec: {{jobTemplate: {{spec: {{template: {{spec: {{
  initContainers: [{{name: a, image: '{image}'}}],
  containers: [{{name: b,
    image: '{image}'}}]}}}}}}}}}}
""",
    }

    where = [
        f"{WORKFLOW}:2", f"{WORKFLOW}:3", f"{GITLAB}:1", f"{GITLAB}:2",
        "docker/Dockerfile:2", "docker/Dockerfile:4", "env/a.yaml:4", "env/a.yaml:6",
    ]  # fmt: skip
    assert [f"{one} BP401 the image `{image}` {problem}" for one in where] == found(tmp_path, files)


@pytest.mark.parametrize("image", PINNED)
def test_bp401_a_pinned_image(tmp_path: Path, image: str) -> None:
    """A tag that names a version, or a digest; a registry's port is no tag."""
    files = {GITLAB: f"image: {image}\na: {{script: a}}\n", "docker/Dockerfile": f"FROM {image}\n"}

    assert [] == found(tmp_path, files)


def test_bp401_what_only_the_caller_knows(tmp_path: Path) -> None:
    """Variables of CI, build arguments without a default, `scratch`, stages by their number."""
    files = {
        GITLAB: "image: $CI_IMAGE\na: {script: a}\n",
        "docker/Dockerfile": "ARG BASE\nFROM $BASE\nFROM scratch\nCOPY --from=0 /a /b\n",
    }

    assert [] == found(tmp_path, files)


def test_bp401_what_a_kustomization_replaces(tmp_path: Path) -> None:
    """An image with a new tag is pinned; so is `app`, which the pin replaces."""
    files = {
        "env/a.yaml": """\
apiVersion: v1
kind: Pod
spec: {containers: [{image: app}, {image: sidecar}, {image: other}]}
""",
        "env/kustomization.yaml": """\
kind: Kustomization
images: [{name: sidecar, newTag: '1.0'}, {name: other, newName: another}]
""",
    }

    assert ["env/a.yaml:3 BP401 the image `other` has no tag"] == found(tmp_path, files)


def test_bp401_an_image_from_an_answer(tmp_path: Path) -> None:
    """What the default comes to counts, at the line that uses it."""
    question = "base: {type: str, help: Which, default: 'python:latest', ask: false}\n"

    name = "docker/Dockerfile.jinja"

    assert [f"{name}:2 BP401 the image `python:latest` has the tag `latest`, which moves"] == found(
        tmp_path, {name: "# Words.\nFROM {{ base }}\n"}, questions=question
    )


@pytest.mark.parametrize(
    ("ref", "problem"),
    [
        ("@v4", " is at `v4`, which moves"),
        ("@v4.1", " is at `v4.1`, which moves"),
        ("@main", " is at `main`, which moves"),
        ("", " has no version"),
    ],
)
def test_bp402_an_unpinned_action(tmp_path: Path, ref: str, problem: str) -> None:
    """In a step and as a workflow that is called."""
    text = f"jobs:\n  a:\n    steps:\n      - uses: a/b{ref}\n  b:\n    uses: a/b{ref}\n"

    assert [f"{WORKFLOW}:{line} BP402 the action `a/b`{problem}" for line in (4, 6)] == found(
        tmp_path, {WORKFLOW: text}
    )


@pytest.mark.parametrize(
    "action",
    [
        "a/b@" + "0" * 40,
        "a/b/c@v4.2.2",
        "a/b@1.0.0-rc.1",
        "./.github/actions/own",
        "docker://a:1.0",
    ],
)
def test_bp402_a_pinned_action(tmp_path: Path, action: str) -> None:
    """A commit, a full version, the repo's own."""
    assert [] == found(tmp_path, {WORKFLOW: f"jobs: {{a: {{steps: [{{uses: '{action}'}}]}}}}\n"})


@pytest.mark.parametrize(
    ("include", "message"),
    [
        ("{project: a/b, file: c.yml}", "the project `a/b` is included without a `ref`"),
        ("{project: a/b, ref: main, file: c.yml}", "`a/b` is included at `main`, which moves"),
        ("{component: h/a/b@~latest}", "the component `h/a/b@~latest` moves"),
    ],
)
def test_bp403_an_unpinned_include(tmp_path: Path, include: str, message: str) -> None:
    """One alone, or in a list."""
    assert [f"{GITLAB}:1 BP403 {message}"] == found(
        tmp_path / "a", {GITLAB: f"include: {include}\n"}
    )
    assert [f"{GITLAB}:2 BP403 {message}"] == found(
        tmp_path / "b", {GITLAB: f"include:\n  - {include}\n"}
    )


@pytest.mark.parametrize(
    "include",
    [
        "{project: a/b, ref: v1.0.0, file: c.yml}",
        "{component: h/a/b@1.0.0}",
        "{template: Auto-DevOps.gitlab-ci.yml}",
        "{local: ci.yml}",
        "ci.yml",
    ],
)
def test_bp403_a_pinned_include(tmp_path: Path, include: str) -> None:
    """A tag, a version, what comes with GitLab, what is in the repo."""
    assert [] == found(tmp_path, {GITLAB: f"include: {include}\n"})

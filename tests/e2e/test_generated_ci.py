"""The CI that each shipped blueprint generates runs, as GitLab would run it.

gitlab-ci-local reads the rendered `.gitlab-ci.yml` and runs each job on this machine. Images are
built by buildah, on bases that stand in for the official ones. The deploy jobs have a real API
server, on which the tests say in place of a kubelet that the pods are up.
"""

import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from scaffold.process import Finished, find_program, run
from tests.areas import does_not_run, need
from tests.builders import git, need_programs
from tests.e2e import cluster
from tests.pipeline.base_images import go_root, make_image, python_root, storage_below
from tests.pipeline.kube import Kube
from tests.pipeline.registry import Registry, running_registry
from tests.service.run import scaffold
from tests.upgrade.fleet import Fleet

pytestmark = pytest.mark.xdist_group("e2e_generated_ci")
BLUEPRINTS = {"python-service": "pythons", "go-service": "gophers", "worker": "workers"}
DEPLOYS = [f"{step}/{name}" for name in ("dev", "staging", "prod") for step in ("deploy", "smoke")]
FOUR = {
    "code": ["test"],
    "docker": ["validate", "build-image"],
    "manifest": ["validate"],
    "env": ["validate", *DEPLOYS],
}
TWO = {"app": ["validate", "test", "build-image"], "deploy": ["validate", *DEPLOYS]}
PIPELINES = {"python-service": FOUR, "go-service": FOUR, "worker": TWO}
# A file of the service's own code, what is there, and what a careless change makes of it.
BREAKS = {
    "python-service": ("code", "src/pythons_service/app.py", '"ok"', '"OK", status_code=500'),
    "go-service": ("code", "internal/web/web.go", "draining.Store(true)", "draining.Store(false)"),
    "worker": ("app", "src/workers_worker/consumer.py", "< self._settings", "> self._settings"),
}
# An image that can't be built, though its Dockerfile reads well: the file to copy is not there.
NO_IMAGE = {
    "gophers-docker": "go.mod go.sum ./",
    "workers-app": "requirements.lock requirements-build.lock ./",
}
PYTHON_BASE = "docker.io/library/python:3.13.16-slim-bookworm"
GO_BASE = "docker.io/library/golang:1.26.8-bookworm"


@pytest.fixture(autouse=True)
def _tools(monkeypatch: pytest.MonkeyPatch) -> None:
    need_programs(
        monkeypatch, "kustomize", "kubeconform", "gitlab-ci-local", "promtool", "rsync", "go"
    )


@pytest.fixture(scope="module")
def registry() -> Iterator[Registry]:
    """A registry on loopback."""
    with running_registry() as server:
        yield server


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory, registry: Registry) -> Fleet:
    """A platform with a service of each shipped blueprint."""
    root = tmp_path_factory.mktemp("ci") / "acme"
    who = {"GIT_AUTHOR_NAME": "Dev", "GIT_AUTHOR_EMAIL": "dev@example.com"}
    made = scaffold("init", "acme", "--defaults", cwd=root.parent, env=who)
    assert 0 == made.returncode, made.stderr
    fleet = Fleet(root)
    fleet.change_platform(registry=f"{registry.address}/acme")
    for blueprint, service in BLUEPRINTS.items():
        done = scaffold(
            "new", "service", service, "--blueprint", blueprint, "--defaults", cwd=root, env=who
        )
        assert 0 == done.returncode, done.stdout + done.stderr
    done = scaffold("bot", "run", "--once", cwd=root, env=who)  # the worker's first release
    assert 0 == done.returncode, done.stdout + done.stderr
    return fleet


@pytest.fixture(scope="module")
def builds(tmp_path_factory: pytest.TempPathFactory, registry: Registry) -> Iterator[None]:
    """Images are built by buildah: its own storage, base images in it, a registry over HTTP."""
    need("buildah")
    buildah = find_program("buildah")
    assert buildah
    folder = tmp_path_factory.mktemp("images")
    texts = {
        "storage.conf": storage_below(folder),
        "registries.conf": f'[[registry]]\nlocation = "{registry.address}"\ninsecure = true\n',
        "pip.conf": "[global]\ncert = /etc/ssl/certs/ca-certificates.crt\n",
    }
    for name, text in texts.items():
        (folder / name).write_text(text)
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {
            "BUILDAH_ISOLATION": "chroot",
            "CONTAINERS_REGISTRIES_CONF": str(folder / "registries.conf"),
            "CONTAINERS_STORAGE_CONF": str(folder / "storage.conf"),
            "PIP_CONFIG_FILE": str(folder / "pip.conf"),
            "SCAFFOLD_BUILDER": "buildah",
        }.items():
            patch.setenv(name, value)
        if run([buildah, "info"], env={**os.environ}).status:
            does_not_run("buildah", "buildah may not work for this user")
        for lay_out, base in ((python_root, PYTHON_BASE), (go_root, GO_BASE)):
            root = folder / lay_out.__name__
            lay_out(root)
            make_image(buildah, base, root)
        yield


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The program `scaffold` that the jobs call is the one under test."""
    here = tmp_path / "program"
    here.mkdir()
    script = f'#!/bin/sh\nexec "{sys.executable}" -m scaffold "$@"\n'
    (here / "scaffold").write_text(script)
    (here / "scaffold").chmod(0o755)
    monkeypatch.setenv("PATH", f"{here}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[2]))


def checkout(fleet: Fleet, repo: str, folder: Path) -> Path:
    """A clone, as a CI runner has it."""
    git("clone", "-q", f"file://{fleet.bare(repo)}", str(folder / repo), cwd=folder)
    return folder / repo


def pipeline(folder: Path, *jobs: str) -> Finished:
    """Run the pipeline of main, or some jobs of it; what `changes` would leave out runs, too."""
    command = ["gitlab-ci-local", "--force-shell-executor", "--no-color"]
    command += ["--no-evaluate-rule-changes", *jobs]
    return run(command, cwd=folder, env={**os.environ}, timeout=900)


def merge_request(folder: Path) -> Finished:
    """Run the pipeline of a merge request, whose branch is checked out."""
    return pipeline(folder, "--variable", "CI_PIPELINE_SOURCE=merge_request_event")


def outcomes(done: Finished, word: str) -> list[str]:
    """The jobs that ended like this, by the summary of the run."""
    return sorted(re.findall(rf"^\s*{word}\s+(\S+)", done.text, re.MULTILINE))


@pytest.mark.usefixtures("program", "builds")
@pytest.mark.parametrize("blueprint", BLUEPRINTS)
def test_the_pipelines_are_green(
    fleet: Fleet, registry: Registry, kube: Kube, blueprint: str, tmp_path: Path
) -> None:
    """Every job of every paired repo passes; what runs in dev is the image that was built."""
    service = BLUEPRINTS[blueprint]
    namespaces = [f"{service}-{name}" for name in ("dev", "staging", "prod")]
    cluster.prepare(kube, *namespaces)
    with cluster.pods_come_up(kube, *namespaces):
        for repo, jobs in PIPELINES[blueprint].items():
            folder = checkout(fleet, f"{service}-{repo}", tmp_path)
            done = pipeline(folder)
            assert 0 == done.status, f"{repo}: {done.text[-6000:]}{done.last_lines}"
            assert sorted(jobs) == outcomes(done, "PASS"), done.text[-3000:]

    deployed = kube.kubectl(
        "get", "deployment", service, f"--namespace={service}-dev",
        "--output=jsonpath={.spec.template.spec.containers[0].image}",
    )  # fmt: skip
    assert deployed.removeprefix(f"{registry.address}/") in registry.manifests


@pytest.mark.usefixtures("program")
@pytest.mark.parametrize("blueprint", BLUEPRINTS)
def test_broken_code_is_red(fleet: Fleet, blueprint: str, tmp_path: Path) -> None:
    """A fault in the service's code ends the pipeline with its tests."""
    repo, name, before, after = BREAKS[blueprint]
    folder = checkout(fleet, f"{BLUEPRINTS[blueprint]}-{repo}", tmp_path)
    text = (folder / name).read_text()
    assert before in text
    (folder / name).write_text(text.replace(before, after))
    git("commit", "-q", "-am", "Break it", cwd=folder)

    done = pipeline(folder, "test")

    assert 0 != done.status
    assert ["test"] == outcomes(done, "FAIL"), done.text[-3000:]
    assert "`make test` ended with status" in done.text + done.stderr.decode()


@pytest.mark.usefixtures("program")
def test_a_stale_lock_is_red(fleet: Fleet, tmp_path: Path) -> None:
    """Docs bring this package for the tests, and nothing brings it into the image."""
    folder = checkout(fleet, "pythons-code", tmp_path)
    text = (folder / "pyproject.toml").read_text()
    changed = text.replace("\ndependencies = [", '\ndependencies = [\n    "pyyaml>=6",')
    assert changed != text
    (folder / "pyproject.toml").write_text(changed)
    git("commit", "-q", "-am", "Add a dependency", cwd=folder)

    done = pipeline(folder, "test")

    assert ["test"] == outcomes(done, "FAIL"), done.text[-3000:]
    assert "The locks do not match pyproject.toml: run make lock" in done.text


@pytest.mark.usefixtures("program")
@pytest.mark.parametrize(
    ("repo", "name", "before", "after"),
    [
        ("pythons-docker", "Dockerfile", "USER 10001:10001", "USER root"),
        ("pythons-manifest", "base/service.yaml", "targetPort:", "targetPorts:"),
        ("pythons-manifest", "base/monitoring/prometheus-rule.yaml", ">= 10", ">= 1"),
        ("workers-deploy", "base/cron-job.yaml", "schedule:", "shedule:"),
    ],
)
def test_a_broken_file_is_red(
    fleet: Fleet, repo: str, name: str, before: str, after: str, tmp_path: Path
) -> None:
    """Whatever the static checks find ends the pipeline before anything is built or deployed."""
    folder = checkout(fleet, repo, tmp_path)
    text = (folder / name).read_text()
    assert before in text
    (folder / name).write_text(text.replace(before, after))
    git("commit", "-q", "-am", "Break it", cwd=folder)

    done = pipeline(folder)

    assert 0 != done.status
    assert ["validate"] == outcomes(done, "FAIL"), done.text[-3000:]
    assert [] == outcomes(done, "PASS")


@pytest.mark.usefixtures("program", "builds")
@pytest.mark.parametrize("repo", NO_IMAGE)
def test_a_merge_request_builds_the_image(
    fleet: Fleet, registry: Registry, repo: str, tmp_path: Path
) -> None:
    """A Dockerfile that builds nothing is found before main; no image is pushed from there."""
    there = dict(registry.manifests)
    folder = checkout(fleet, repo, tmp_path)
    git("switch", "-q", "-c", "change", cwd=folder)
    text = (folder / "Dockerfile").read_text()
    copied = NO_IMAGE[repo]
    assert f"COPY {copied}" in text
    (folder / "Dockerfile").write_text(text.replace(f"COPY {copied}", f"COPY no-{copied}"))
    git("commit", "-q", "-am", "Break it", cwd=folder)

    done = merge_request(folder)

    assert 0 != done.status
    assert ["try-image"] == outcomes(done, "FAIL"), done.text[-3000:]
    assert "build-image" not in done.text
    assert there == registry.manifests

"""The areas of the tests: what each needs of the machine, its marker, and what did not run.

An area whose programs are missing is skipped, and the end of the run says which, why, and what to
run to have it. Where `CI` is set nothing is skipped: what an area lacks fails its tests.
"""

import os
from collections import defaultdict
from collections.abc import Generator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import pytest

from scaffold.process import find_program

_TESTS = Path(__file__).parent
_BUILT = "make setup-test"
_OF_THE_SYSTEM = "scripts/install-for-tests"


@dataclass(frozen=True)
class Area:
    """Tests that need programs which a machine may lack; `get` is the line that brings them."""

    name: str
    programs: tuple[str, ...]
    get: str


AREAS = (
    Area("static checks", ("actionlint", "kubeconform", "kustomize"), "make tools"),
    Area("static checks", ("check-jsonschema", "hadolint"), _BUILT),
    Area("a Kubernetes API server", ("etcd", "kube-apiserver", "kubectl"), _BUILT),
    Area("a cluster", ("kube-controller-manager", "kube-scheduler", "kwok"), _BUILT),
    Area("Flux", ("kustomize-controller", "source-controller"), _BUILT),
    Area("a real Gitea", ("gitea",), _BUILT),
    Area("GitHub's own description of its API", ("github-openapi.json",), _BUILT),
    Area("entities of Backstage", ("catalog-model",), _BUILT),
    Area("pages in a browser", ("axe.min.js",), _BUILT),
    Area("pages in a browser", ("chromium",), _OF_THE_SYSTEM),
    Area("generated pipelines", ("gitlab-ci-local", "go"), _BUILT),
    Area("generated pipelines", ("rsync",), _OF_THE_SYSTEM),
    Area("alerts and their tests", ("promtool",), _BUILT),
    Area("databases of services", ("pg_ctlcluster",), _OF_THE_SYSTEM),
    Area("queues of workers", ("rabbitmq-server",), _OF_THE_SYSTEM),
    Area("builds of images", ("buildah", "skopeo"), _OF_THE_SYSTEM),
)
_OF_PROGRAM = {program: area for area in AREAS for program in area.programs}

# Marker -> the folder, the files and the fixtures whose tests have it; `make test-fast` runs none.
MARKERS: Mapping[str, tuple[str, ...]] = {
    "browser": ("browser",),
    "e2e": ("e2e",),
    "engine": ("engine",),
    "gitea": ("gitea_server",),
    "images": ("buildah", "builds", "pipeline/test_ci_image_runs.py"),
    "kube": ("kube_server",),
    "services": (
        "fleet", "workspace", "with_payments", "cli/test_dry_runs.py", "cli/test_one_bad_value.py",
        "docs/test_typed.py", "service/test_init.py", "service/test_random_answers.py",
        "status/test_services.py", "upgrade/test_crash.py",
    ),
    # Each of these files takes some seconds or more, where nothing else is going on.
    "long": (
        "authoring/test_import.py", "authoring/test_new.py", "authoring/test_prerelease.py",
        "authoring/test_release.py", "authoring/test_skeletons.py", "authoring/test_testing.py",
        "bot/test_attack.py",
        "bot/test_slack.py", "bot/test_stopping.py", "chain/test_interleavings.py",
        "cli/test_chain.py", "cli/test_full_disk.py", "cli/test_merge_request_list.py",
        "cli/test_merge_request_places.py", "cli/test_promote.py", "cli/test_status.py",
        "docs/test_demo.py", "docs/test_publish.py", "forge/test_faults.py",
        "forge/test_registry.py", "git/test_damaged_mirrors.py", "git/test_hostile_trees.py",
        "git/test_time_limits.py", "lint/test_history.py", "malformed/test_malformed.py",
        "package/test_build_release.py", "package/test_man_page.py", "package/test_project.py",
        "package/test_release_script.py", "package/test_wheel.py", "render/test_database.py",
        "render/test_queue.py", "render/test_render_equality.py", "render/test_render_refused.py",
        "render/test_tracing.py", "service/test_races.py",
        "service/test_shared_repos.py", "status/test_drift.py",
        "test_areas.py", "upgrade/test_answers_elsewhere.py", "upgrade/test_answers_questions.py",
        "upgrade/test_cruft.py",
        "upgrade/test_drafts.py", "upgrade/test_left_out.py", "upgrade/test_merge_reports.py",
        "upgrade/test_offers.py", "upgrade/test_output.py", "upgrade/test_preview.py",
        "upgrade/test_remote.py", "upgrade/test_resolve.py", "upgrade/test_same_as_copier.py",
        "upgrade/test_sha256.py", "upgrade/test_tasks_both_sides.py",
        "upgrade/test_tasks_migrations.py", "upgrade/test_waves.py",
    ),
    "terminal": ("on_a_terminal", "in_terminal", "docs/test_recording.py", "docs/test_typed.py"),
}  # fmt: skip
# How the reason of a skip begins that is fine in CI, too: no program would change it.
NOT_HERE = "not on this machine: "


def need(*programs: str) -> None:
    """Go on where all of these programs are installed; else the area does not run."""
    if missing := [name for name in programs if find_program(name) is None]:
        does_not_run(missing[0], f"{', '.join(missing)} not installed")


def does_not_run(program: str, why: str) -> NoReturn:
    """Skip a test for what the area of this program lacks; in CI, fail it."""
    area = _OF_PROGRAM[program]
    said = f"{area.name}: {why}; to run them: {area.get}"
    if os.environ.get("CI"):
        pytest.fail(said)
    pytest.skip(said)


def pytest_configure(config: pytest.Config) -> None:
    """Make the markers known."""
    for name, where in MARKERS.items():
        config.addinivalue_line("markers", f"{name}: set by tests/areas.py ({', '.join(where)})")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark each test with what it is of."""
    for item in items:
        path = item.path.relative_to(_TESTS) if item.path.is_relative_to(_TESTS) else item.path
        has = {path.as_posix(), path.parts[0], *getattr(item, "fixturenames", ())}
        for name, where in MARKERS.items():
            if has.intersection(where):
                item.add_marker(name)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """In CI, a test that is skipped all the same has failed."""
    report = yield
    if os.environ.get("CI") and report.skipped and not hasattr(report, "wasxfail"):
        why = _reason(report)
        if not why.startswith(NOT_HERE):
            report.outcome = "failed"
            report.longrepr = f"skipped, which no test may be in CI: {why}"
    return report


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter,
) -> Generator[None, None, None]:
    """Say at the very end which areas did not run."""
    yield
    skipped: dict[str, list[str]] = defaultdict(list)
    for report in terminalreporter.getreports("skipped"):
        skipped[_reason(report)].append(report.nodeid.partition("::")[0])
    if not skipped:
        return
    terminalreporter.section("areas that did not run", yellow=True, bold=True)
    for why, files in sorted(skipped.items()):
        tests = "1 test" if len(files) == 1 else f"{len(files)} tests"
        terminalreporter.line(f"{why} ({tests} of {', '.join(sorted(set(files)))})", yellow=True)


def _reason(report: pytest.TestReport | pytest.CollectReport) -> str:
    """Why a test was skipped."""
    why = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    return why.removeprefix("Skipped: ")

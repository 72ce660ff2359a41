"""What an engine is told is checked against the schemas of its kinds, by the real kubeconform."""

import os
from pathlib import Path
from typing import Any

import pytest
import yaml

from scaffold.checks.engines import engine_schemas
from scaffold.checks.repo import platform_checks
from scaffold.checks.report import Outcome, Report, run_checks
from scaffold.git.folders import write_folder
from scaffold.git.tree import Entry
from scaffold.process import find_program
from tests.areas import does_not_run
from tests.builders import need_programs, only_programs
from tests.fleet.engines import entry, files, settings

SERVICES = (entry("shop"), entry("cart", paused=True, owner="team-b"))


def platform_repo(folder: Path, engine: str, **forge: Any) -> None:
    """A platform repo with two services, as scaffold writes it."""
    told = settings(engine, **({"forge": forge} if forge else {}))
    texts = {"platform.yml": told, **{f"services/{one['name']}.yml": one for one in SERVICES}}
    tree = {path: Entry.file(yaml.safe_dump(one).encode()) for path, one in texts.items()}
    write_folder({**tree, **files(told, *SERVICES)}, folder)


def kubeconform_of(folder: Path) -> Report:
    """What kubeconform says of it."""
    results = run_checks(platform_checks(folder)).results
    return Report(tuple(one for one in results if one.name == "kubeconform"))


@pytest.fixture
def _tools(monkeypatch: pytest.MonkeyPatch) -> None:
    """The program and the schemas, which `make tools` makes; in CI they must be there."""
    need_programs(monkeypatch, "kubeconform")
    folder = engine_schemas(Path(find_program("kubeconform") or ""))
    if not folder.is_dir():
        does_not_run("kubeconform", f"{folder} is not there")


@pytest.mark.usefixtures("_tools")
@pytest.mark.parametrize("engine", ["flux", "argocd"])
@pytest.mark.parametrize(
    "forge",
    [
        {"kind": "gitlab", "group": "acme/shop"},
        {"kind": "github", "group": "acme", "remotes": "ssh"},
        {"kind": "gitea", "group": "acme", "url": "https://git.example.com"},
    ],
    ids=lambda forge: str(forge["kind"]),
)
def test_all_that_scaffold_writes_passes(
    tmp_path: Path, engine: str, forge: dict[str, Any]
) -> None:
    """Each environment as a whole, on each forge."""
    platform_repo(tmp_path / "platform", engine, **forge)

    report = kubeconform_of(tmp_path / "platform")

    assert {Outcome.PASSED} == {one.outcome for one in report.results}
    environments = ["platform/deploy/dev", "platform/deploy/prod"]
    alone = ["platform/deploy/argocd-notifications.yaml"] if engine == "argocd" else []
    assert sorted([*alone, *environments]) == sorted(one.target for one in report.results)


@pytest.mark.usefixtures("_tools")
@pytest.mark.parametrize(
    ("engine", "old", "new"),
    [
        ("flux", "prune: true", "prunes: true"),
        ("flux", "interval: 1m", "interval: soon"),
        ("flux", "type: gitlab", "type: gitlub"),
        ("argocd", "selfHeal: true", "selfHeal: 'yes'"),
        ("argocd", "sourceRepos:", "sourceRepo:"),
    ],
)
def test_what_is_wrong_is_found(tmp_path: Path, engine: str, old: str, new: str) -> None:
    """A field that nobody knows, a value that does not do."""
    platform_repo(tmp_path / "platform", engine)
    below = tmp_path / "platform/deploy/dev"
    changed = [file for file in below.rglob("*.yaml") if old in file.read_text()]
    for file in changed:
        file.write_text(file.read_text().replace(old, new))
    assert changed

    report = kubeconform_of(tmp_path / "platform")

    failed = [one.target for one in report.results if one.outcome is Outcome.FAILED]
    assert ["platform/deploy/dev"] == failed


def test_without_the_schemas_it_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What to run; it does not count as passed."""
    need_programs(monkeypatch, "kubeconform")
    only_programs(monkeypatch, tmp_path / "bin", "kubeconform")
    platform_repo(tmp_path / "platform", "flux")

    report = kubeconform_of(tmp_path / "platform")

    assert {Outcome.NOT_RUN} == {one.outcome for one in report.results}
    assert "ci/schemas/build FOLDER" in os.linesep.join(report.results[0].lines)

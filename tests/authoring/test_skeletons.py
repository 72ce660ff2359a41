"""What each skeleton makes of one to six repos: a blueprint in which nothing is found."""

import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from scaffold.authoring.kit import Kit, Paired
from scaffold.authoring.new import Wanted, check_new, make_blueprint
from scaffold.authoring.skeletons import SHAPES, Part, make_skeleton, parts, repo_lines
from scaffold.authoring.versions import copy_versions, open_versions
from scaffold.authoring.wanted_repos import Skeleton, WantedRepo, read_repos
from scaffold.checks.report import Outcome
from scaffold.lint import lint_report
from tests.builders import git, need_programs

REPOS: Mapping[int, Sequence[str]] = {
    1: ["all"],
    2: ["deploy:app", "app"],
    4: ["code", "image:code", "live:image", "docs:code"],
    6: ["notes", "web:notes", "on-call:web", "a-b:on-call", "x1", "keys:x1"],
}
IMAGE = "registry.example.com/acme/scaffold-ci:1.0.0"


def make(folder: Path, skeleton: Skeleton, repos: Sequence[WantedRepo]) -> Path:
    """A new blueprint called `greeter`."""
    check_new("greeter", folder)
    make_blueprint(Wanted("greeter", skeleton, repos, IMAGE), folder, origin=None)
    return folder


def kit(folder: Path, scratch: Path) -> Kit:
    """The test kit of a blueprint."""
    scratch.mkdir()
    return Kit(open_versions(copy_versions(folder, scratch), scratch), scratch)


@pytest.mark.parametrize("count", REPOS)
@pytest.mark.parametrize("skeleton", Skeleton)
def test_it_is_clean_as_it_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, skeleton: Skeleton, count: int
) -> None:
    """Lint finds nothing; all repos are rendered, fit the snapshot, and pass all checks."""
    need_programs(monkeypatch, "kubeconform", "kustomize", "hadolint", "actionlint", "promtool")
    repos = read_repos(REPOS[count])
    folder = make(tmp_path / "greeter", skeleton, repos)

    assert () == lint_report(folder, trust=False).findings
    assert "" == git("status", "--porcelain", cwd=folder)
    snapshots = (folder / "tests/__snapshots__/test_repos.ambr").read_text()
    by_kit = kit(folder, tmp_path / "scratch")
    for ci in ("github", "gitlab"):
        made = by_kit.render(ci=ci)
        assert {one.name for one in repos} == made.trees.keys()
        assert [] == [one.lines for one in made.report.results if one.outcome != Outcome.PASSED]
        assert f"# name: test_what_is_rendered[{ci}]\n" in snapshots
        check_pins(made, skeleton, repos)


def check_pins(made: Paired, skeleton: Skeleton, repos: Sequence[WantedRepo]) -> None:
    """Whoever follows has a pin of its own kind; nobody else has one."""
    begins = parts(skeleton, repos)
    for one in repos:
        tree = made.trees[one.name]
        deploys = begins[one.name] is Part.DEPLOY
        assert (one.follows is not None and not deploys) == ("upstream.yml" in tree)
        assert deploys == ("environments/dev/release/release.yml" in tree)


def test_what_each_repo_begins_with() -> None:
    """The first that follows none, and the first that follows it; all others are plain."""
    repos = read_repos(["notes:code", "code", "image:code", "live:image", "other"])

    assert {
        "notes": Part.DEPLOY, "code": Part.APP, "image": Part.PLAIN, "live": Part.PLAIN,
        "other": Part.PLAIN,
    } == parts(Skeleton.KUBERNETES, repos)  # fmt: skip
    assert [Part.LIBRARY] == [
        one for one in parts(Skeleton.LIBRARY, repos).values() if one is not Part.PLAIN
    ]
    assert {Part.PLAIN} == set(parts(Skeleton.MINIMAL, repos).values())


def test_a_line_for_each_repo() -> None:
    """What people are shown of it, before and after."""
    assert [
        "app     the service, its tests and its image",
        "deploy  the Kubernetes objects, and what runs where (follows app)",
    ] == [*repo_lines(Skeleton.KUBERNETES, SHAPES[Skeleton.KUBERNETES].repos)]


@pytest.mark.parametrize("skeleton", Skeleton)
def test_nothing_is_left_of_the_templates_of_the_skeleton(skeleton: Skeleton) -> None:
    """Brackets of theirs, or what tests left there; where there is no server, no port is asked."""
    tree = make_skeleton("greeter", IMAGE, skeleton, SHAPES[skeleton].repos)
    texts = {path: entry.data.decode() for path, entry in tree.items()}

    assert {} == {path: text for path, text in texts.items() if "[[" in text or "[%" in text}
    assert [] == [path for path in texts if "cache" in path]
    asked = "\nport:\n" in texts["copier.yml"]
    assert (skeleton is Skeleton.KUBERNETES) == asked == ("tests/test_port.py" in texts)


@pytest.mark.parametrize(
    ("skeleton", "repo", "count"),
    [(Skeleton.KUBERNETES, "app", 2), (Skeleton.LIBRARY, "library", 1)],
)
def test_the_tests_of_a_new_repo_are_found(
    tmp_path: Path, skeleton: Skeleton, repo: str, count: int
) -> None:
    """`make test`, as CI of the first service would run it."""
    folder = make(tmp_path / "greeter", skeleton, SHAPES[skeleton].repos)
    made = kit(folder, tmp_path / "scratch").render(service="pay-me")[repo]
    done = subprocess.run(["make", "test"], cwd=made, capture_output=True, text=True, check=False)

    tests = "1 test" if count == 1 else f"{count} tests"
    assert (0, True) == (done.returncode, f"Ran {tests}" in done.stderr), done.stderr


def test_a_library_can_be_built(tmp_path: Path) -> None:
    """Its summary is any line of text, and its folder a name that Python takes."""
    folder = make(tmp_path / "greeter", Skeleton.LIBRARY, SHAPES[Skeleton.LIBRARY].repos)
    made = kit(folder, tmp_path / "scratch").render(service="pay-me", summary='Says "hi" \\ é')
    built = subprocess.run(
        ["python3", "-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "--wheel-dir",
         tmp_path / "wheels", made["library"]], capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert 0 == built.returncode, built.stderr
    assert ["pay_me-0.1.0-py3-none-any.whl"] == [one.name for one in tmp_path.glob("wheels/*")]

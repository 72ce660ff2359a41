"""All checks of a repo: what there is to check is read off its files."""

from pathlib import Path

import pytest

from scaffold.checks.registered import CHECKS
from scaffold.checks.registry import RegisteredCheck, Subject, itself
from scaffold.checks.repo import check_repo, may_break, read_repofile, static_checks
from scaffold.checks.report import Outcome, Report, Result, failed, not_run, passed, run_checks
from scaffold.errors import CheckFailedError, ConfigError
from scaffold.git.folders import read_folder
from tests.builders import Files, only_programs, write_files

ABOUT = "{service: shop, owner: team-a, repo: env, kubernetes: '1.34'}\n"
OBJECT = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: one}\n"
DEV = {
    "environments/dev/kustomization.yaml": "resources: [one.yaml]\n",
    "environments/dev/one.yaml": OBJECT,
}
HINT = (
    "neither kustomize nor kubectl is installed: Install kustomize "
    "(go install sigs.k8s.io/kustomize/kustomize/v5@v5.7.1) or kubectl."
)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.name)
def test_the_docs_name_each_check(check: RegisteredCheck) -> None:
    """In the page on checks: what is looked at, and what for."""
    page = Path(__file__).parents[2] / "docs/explanation/checks.md"
    _, _, table = page.read_text().partition("| There is |")

    assert check.name in table


def test_a_pattern_that_reaches_everywhere_is_refused() -> None:
    """A check of every file would read `.git`, and no repo would have nothing to check."""
    with pytest.raises(ValueError, match=r"the check `all` has a pattern with `\*\*`: \*\*/\*"):
        RegisteredCheck("all", ("*.md", "**/*"), itself, lambda _subject, _target: [])


def report_of(folder: Path, files: Files, *, static_only: bool = True) -> Report:
    """Check an env repo with these files."""
    write_files(folder, {".scaffold.yml": ABOUT, **files})
    return check_repo(folder, static_only=static_only)


def in_short(report: Report) -> list[tuple[str, str, Outcome]]:
    """Name, target and outcome of each result."""
    return [(result.name, result.target, result.outcome) for result in report.results]


def test_each_overlay_is_built_and_checked(tmp_path: Path) -> None:
    """The base and every environment, each by both tools; other folders are none."""
    base = {"base/kustomization.yaml": "resources: [one.yaml]\n", "base/one.yaml": OBJECT}
    prod = {"environments/prod/kustomization.yaml": "resources: [../dev]\n"}
    other = {"environments/README.md": "words\n", "environments/qa/notes.md": "words\n"}

    report = report_of(tmp_path, {**base, **DEV, **prod, **other})

    assert [
        (tool, f"env/{folder}", Outcome.PASSED)
        for folder in ("base", "environments/dev", "environments/prod")
        for tool in ("kustomize", "kubeconform")
    ] == in_short(report)


def test_an_overlay_that_does_not_build(tmp_path: Path) -> None:
    """The words of kustomize are there; nothing is claimed of objects that there are not."""
    report = report_of(tmp_path, {**DEV, "environments/dev/one.yaml": "kind: [\n"})

    assert [("kustomize", "env/environments/dev", Outcome.FAILED)] == in_short(report)
    assert "one.yaml" in "\n".join(report.results[0].details)


def test_an_overlay_whose_objects_are_not_valid(tmp_path: Path) -> None:
    """It builds, and fails all the same."""
    report = report_of(tmp_path, {**DEV, "environments/dev/one.yaml": f"{OBJECT}dtaa: {{}}\n"})

    assert [
        ("kustomize", "env/environments/dev", Outcome.PASSED),
        ("kubeconform", "env/environments/dev", Outcome.FAILED),
    ] == in_short(report)


def test_an_overlay_that_builds_to_nothing(tmp_path: Path) -> None:
    """It passes as kustomize, with the words for why; kubeconform claims nothing."""
    report = report_of(tmp_path, {"environments/dev/kustomization.yaml": "resources: []\n"})

    words = "builds to nothing: nothing was promoted here yet"
    assert (passed("kustomize", "env/environments/dev", words),) == report.results


def test_a_custom_kind_has_its_schema_in_the_repo(tmp_path: Path) -> None:
    """The folder `schemas` at its root is where it is looked for."""
    widget = OBJECT.replace("v1", "example.com/v1").replace("ConfigMap", "Widget")
    files = {**DEV, "environments/dev/one.yaml": widget}

    outcomes = [
        [result.outcome for result in report_of(tmp_path, more).results]
        for more in (files, {"schemas/widget-example.com-v1.json": '{"type": "object"}'})
    ]

    assert [[Outcome.PASSED, Outcome.FAILED], [Outcome.PASSED, Outcome.PASSED]] == outcomes


def test_the_version_is_the_repos_own(tmp_path: Path) -> None:
    """An unknown Kubernetes version fails."""
    report = report_of(tmp_path, {**DEV, ".scaffold.yml": ABOUT.replace("1.34", "1.99")})

    assert [Outcome.PASSED, Outcome.FAILED] == [result.outcome for result in report.results]


def test_without_kustomize_both_are_not_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was not built was not checked either, and the hint says what to install."""
    only_programs(monkeypatch, tmp_path / "bin", "kubeconform")

    report = report_of(tmp_path / "repo", DEV)

    assert (
        not_run("kustomize", "env/environments/dev", HINT),
        not_run("kubeconform", "env/environments/dev", HINT),
    ) == report.results


def test_without_any_tool_nothing_passes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A bare machine reports every check as not run."""
    only_programs(monkeypatch, tmp_path / "bin")
    workflow = {".github/workflows/ci.yml": "on: push\n"}

    report = report_of(
        tmp_path / "repo",
        {**DEV, **workflow, ".gitlab-ci.yml": "a: {script: b}\n", "Dockerfile": "FROM scratch\n",
         "Makefile": "test:\n"},
        static_only=False,
    )  # fmt: skip

    assert {Outcome.NOT_RUN} == {result.outcome for result in report.results}
    assert [
        "kustomize", "kubeconform", "gitlab-ci", "hadolint", "github-workflow", "actionlint",
        "tests",
    ] == [result.name for result in report.results]  # fmt: skip


@pytest.mark.parametrize(
    ("recipe", "outcome"), [("true", Outcome.PASSED), ("echo too bad; false", Outcome.FAILED)]
)
def test_the_repos_own_tests(tmp_path: Path, recipe: str, outcome: Outcome) -> None:
    """They are `make test`, in the repo's folder."""
    makefile = f"test:\n\ttest -f .scaffold.yml\n\t{recipe}\n"

    report = report_of(tmp_path, {"Makefile": makefile}, static_only=False)

    assert [("tests", "make test", outcome)] == in_short(report)


def test_static_checks_run_none_of_the_repos_code(tmp_path: Path) -> None:
    """They run where the fleet's tokens are."""
    report = report_of(tmp_path, {**DEV, "Makefile": "test:\n\ttouch ran\n"}, static_only=True)

    assert ({"kustomize", "kubeconform"}, False) == (
        {result.name for result in report.results},
        (tmp_path / "ran").exists(),
    )


@pytest.mark.parametrize("static_only", [True, False])
def test_a_repo_with_nothing_to_check_does_not_pass(tmp_path: Path, static_only: bool) -> None:
    """A check that looked at nothing must not look like one that found nothing."""
    with pytest.raises(CheckFailedError, match="nothing was checked: no file here has a check"):
        report_of(tmp_path, {"README.md": "words\n"}, static_only=static_only)


@pytest.mark.parametrize("name", ["GNUmakefile", "makefile", "Makefile"])
def test_a_makefile_has_any_name_that_make_takes(tmp_path: Path, name: str) -> None:
    """Its tests run once, and fail where they fail."""
    report = report_of(tmp_path, {name: "test:\n\tfalse\n"}, static_only=False)

    assert [("tests", "make test", Outcome.FAILED)] == in_short(report)


def test_of_two_makefiles_the_one_that_make_takes_counts(tmp_path: Path) -> None:
    """`GNUmakefile` goes before `Makefile`."""
    files = {"GNUmakefile": "test:\n\ttrue\n", "Makefile": "test:\n\tfalse\n"}

    report = report_of(tmp_path, files, static_only=False)

    assert [("tests", "make test", Outcome.PASSED)] == in_short(report)


def test_an_entry_of_the_registry_is_all_that_a_check_takes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As CONTRIBUTING says: it is run, and known to what a change can break."""

    def check_licence(subject: Subject, target: str) -> list[Result]:
        text = (subject.path / target).read_text()
        shown = f"{subject.name}/{target}"
        return [passed("licence", shown) if "Apache" in text else failed("licence", shown, ["?"])]

    entry = RegisteredCheck("licence", ("LICENSE",), itself, check_licence)
    monkeypatch.setattr("scaffold.checks.repo.CHECKS", [*CHECKS, entry])

    report = report_of(tmp_path, {"LICENSE": "MIT\n"})

    assert [("licence", "env/LICENSE", Outcome.FAILED)] == in_short(report)
    assert may_break(["LICENSE"], ["LICENSE"])


@pytest.mark.parametrize(
    ("changed", "checked"),
    [
        ([], []),
        (["docs/on-call.md", "README.md", ".copier-answers.yml"], []),
        (["environments/dev/one.yaml"], ["kustomize", "kubeconform"]),
        (["components/common/kustomization.yaml"], ["kustomize", "kubeconform"]),
        (["schemas/widget-example-v1.json"], ["kustomize", "kubeconform"]),
        ([".scaffold.yml"], ["kustomize", "kubeconform"]),
        ([".gitlab-ci.yml"], ["gitlab-ci"]),
        (["Dockerfile"], ["hadolint"]),
        ([".github/workflows/ci.yml"], ["github-workflow", "actionlint"]),
        ([".github/actions/deploy/action.yml"], ["actionlint"]),
        (["README.md", ".gitlab-ci.yml", "base/a.yaml"], ["kustomize", "kubeconform", "gitlab-ci"]),
    ],
)
def test_of_a_change_what_it_can_break(
    tmp_path: Path, changed: list[str], checked: list[str]
) -> None:
    """What reads none of the files that changed would find the same as before."""
    write_files(
        tmp_path,
        {
            ".scaffold.yml": ABOUT,
            **DEV,
            ".gitlab-ci.yml": "build: {script: [make]}\n",
            "Dockerfile": "FROM debian:12.5\nWORKDIR /app\n",
            ".github/workflows/ci.yml": (
                "on: push\njobs: {a: {runs-on: ubuntu-24.04, steps: [{run: make}]}}\n"
            ),
        },
    )

    report = run_checks(static_checks(tmp_path, changed=changed))

    assert bool(checked) is may_break(changed, read_folder(tmp_path))
    assert [(name, Outcome.PASSED) for name in checked] == [
        (result.name, result.outcome) for result in report.results
    ]


def test_without_scaffold_yml(tmp_path: Path) -> None:
    """The error names the file and asks whether the folder is the right one."""
    with pytest.raises(ConfigError, match="can't be read: No such file") as caught:
        check_repo(tmp_path, static_only=True)

    assert str(tmp_path / ".scaffold.yml") == caught.value.where
    assert caught.value.hint.startswith("Is this one of the paired repos of a service?")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (ABOUT.replace("owner", "onwer"), ":1: `onwer`: is not a known key; did you mean `owner`?"),
        (ABOUT.replace("'1.34'", "latest"), ":1: `kubernetes`: "),
        (ABOUT.replace(", repo: env", ""), ":1: `repo`: is missing; add `repo:`"),
    ],
)
def test_a_scaffold_yml_that_is_not_valid(tmp_path: Path, text: str, said: str) -> None:
    """The error names the file, the line and the key."""
    file = tmp_path / ".scaffold.yml"
    file.write_text(text)

    with pytest.raises(ConfigError) as caught:
        read_repofile(tmp_path)

    told = (str(caught.value), *caught.value.details)
    assert any(line.startswith(f"{file}{said}") for line in told)


def test_a_scaffold_yml_that_is_no_text(tmp_path: Path) -> None:
    """Bytes that are not UTF-8 are an error that names the file too."""
    (tmp_path / ".scaffold.yml").write_bytes(b"service: \xff\n")

    with pytest.raises(ConfigError, match=r"\.scaffold\.yml"):
        read_repofile(tmp_path)

"""The code repo."""

import re
import tomllib

import pytest
from rendering import Render, load


@pytest.mark.parametrize(
    ("service", "distribution", "package"),
    [
        ("payments", "payments-service", "payments_service"),
        ("json", "json-service", "json_service"),
        ("import", "import-service", "import_service"),
        ("card-payments", "card-payments-service", "card_payments_service"),
        ("mail-service", "mail-service", "mail_service"),
    ],
)
def test_the_package_hides_no_other_module(
    render: Render, service: str, distribution: str, package: str
) -> None:
    """Names of keywords and of the standard library are good names for a service."""
    folder = render("code", service=service)
    project = tomllib.loads((folder / "pyproject.toml").read_text())
    assert distribution == project["project"]["name"]
    assert [f"src/{package}"] == project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
    assert [package] == [path.name for path in (folder / "src").iterdir()]


def test_the_port_is_the_default_of_the_settings(render: Render) -> None:
    """The service listens on the answered port."""
    settings = render("code", port=9443) / "src/payments_service/settings.py"
    assert "    port: int = 9443\n" in settings.read_text()


def test_make_test_runs_every_check(render: Render) -> None:
    """CI relies on `make test`: format, lint, types, tests and docs, in this order."""
    makefile = (render("code") / "Makefile").read_text()
    recipe = makefile.split("test: .venv/.installed\n")[1].split("\n\n")[0]
    expected = [
        "ruff format --check .",
        "ruff check .",
        "mypy",
        "pytest --junit-xml=reports/junit.xml --cov=payments_service --cov-report=term"
        " --cov-report=xml:reports/coverage.xml",
        "mkdocs build --strict --quiet",
    ]
    found = [" ".join(line.split()) for line in recipe.replace("\\\n", "").splitlines()]
    assert [f"$(BIN)/{command}" for command in expected] == found


def test_what_the_tests_report_is_shown(render: Render) -> None:
    """GitLab reads the reports that `make test` writes; GitHub keeps them, and skips nothing."""
    gitlab = load(render("code") / ".gitlab-ci.yml")["test"]
    assert {
        "junit": "reports/junit.xml",
        "coverage_report": {"coverage_format": "cobertura", "path": "reports/coverage.xml"},
    } == gitlab["artifacts"]["reports"]
    assert "always" == gitlab["artifacts"]["when"]
    pattern = re.compile(gitlab["coverage"].strip("/"), re.MULTILINE)
    said = "TOTAL                  75      2    97%\ntotal:\t\t(statements)\t\t89.9%\n"
    assert ["97", "89.9"] == pattern.findall(said)
    github = load(render("code", ci="github") / ".github/workflows/ci.yml")["jobs"]["test"]["steps"][-1]
    assert {"name": "reports", "path": "reports/"} == github["with"]
    assert "always() && github.server_url == 'https://github.com'" == github["if"]


def test_docs_link_to_the_paired_repos(render: Render) -> None:
    """The overview leads to each of the four repos."""
    index = (render("code") / "docs/index.md").read_text()
    for repo in ("code", "docker", "manifest", "env"):
        assert f"[payments-{repo}](https://git.example.com/payments-{repo}.git)" in index


def test_a_url_that_no_browser_opens_is_no_link(render: Render) -> None:
    """A repo on a file system or behind ssh is named, not linked."""
    urls = {
        repo: f"file:///forge/payments-{repo}.git" for repo in ("code", "docker", "manifest", "env")
    }
    siblings = {repo: {"name": f"payments-{repo}", "url": url} for repo, url in urls.items()}
    index = (render("code", siblings=siblings) / "docs/index.md").read_text()
    assert "| payments-env (`file:///forge/payments-env.git`) |" in index


def test_the_runbook_has_a_command_for_each_environment(render: Render) -> None:
    """Whoever is woken up need not look for namespace and context."""
    environments = [
        {"name": "live", "namespace": "pay", "context": "eu-1", "replicas": {"min": 1, "max": 2}}
    ]
    runbook = (render("code", environments=environments) / "docs/runbook.md").read_text()
    assert "$ kubectl --context eu-1 --namespace pay get deployment,pod,hpa,event\n" in runbook


@pytest.mark.parametrize(
    ("ci", "url", "expected"),
    [
        ("gitlab", "https://git.example.com/shop/payments-code.git", "* @team-a\n"),
        ("github", "https://github.com/shop/payments-code.git", "* @shop/team-a\n"),
        ("github", "git@github.com:shop/payments-code.git", "* @shop/team-a\n"),
    ],
)
def test_the_team_owns_the_code(render: Render, ci: str, url: str, expected: str) -> None:
    """CODEOWNERS names the team as the forge knows it."""
    repos = ("code", "docker", "manifest", "env")
    siblings = {repo: {"name": f"payments-{repo}", "url": url} for repo in repos}
    folder = render("code", ci=ci, siblings=siblings)
    assert expected == (folder / f".{ci}" / "CODEOWNERS").read_text()


def test_the_code_counts_what_the_alerts_read(render: Render) -> None:
    """The names of the metrics are the code's as well."""
    code = (render("code") / "src/payments_service/metrics.py").read_text()
    assert '"http_requests_total"' in code
    assert '"http_request_duration_seconds"' in code


@pytest.mark.parametrize("tracing", [False, True])
@pytest.mark.parametrize("database", [False, True])
def test_the_locks_hold_what_the_project_asks_for(
    render: Render, database: bool, tracing: bool
) -> None:
    """What is pinned in pyproject.toml has the same version in the lock, and a hash."""
    folder = render("code", database=database, tracing=tracing)
    project = tomllib.loads((folder / "pyproject.toml").read_text())
    extras = project["project"]["optional-dependencies"]
    pinned = {*extras["dev"], *extras["docs"], *project["build-system"]["requires"]}
    locked = (folder / "requirements-dev.lock").read_text() + (folder / "requirements-build.lock").read_text()
    runs = re.findall(r"^(\S+==\S+)", (folder / "requirements.lock").read_text(), re.MULTILINE)
    hashed = re.findall(r"^(\S+==\S+)(?: ; .*)? \\\n    --hash=sha256:", locked, re.MULTILINE)
    assert set() == {*pinned, *runs} - {*hashed}
    wanted = {re.split(r"[\[>=]", one)[0] for one in project["project"]["dependencies"]}
    assert wanted <= {one.split("==")[0] for one in runs}
    assert database is ("alembic" in wanted)
    assert tracing is ("opentelemetry-sdk" in wanted)
    assert 2 <= len(runs)


def test_a_stale_lock_ends_the_tests(render: Render) -> None:
    """The code is installed as in the image, with what the lock has; only then the rest."""
    recipe = (render("code") / "Makefile").read_text().split("\n.venv/.installed: ")[1]
    steps = [line.removeprefix("\t$(BIN)/") for line in recipe.splitlines() if "$(BIN)/pip" in line]
    assert recipe.startswith("pyproject.toml $(LOCKS)\n")
    assert [
        "pip install --quiet --requirement requirements.lock --requirement requirements-build.lock",
        "pip install --quiet --no-deps --no-build-isolation --editable .",
        "pip check || $(STALE)",
        "pip install --quiet $(LOCKS:%=--requirement %) || $(STALE)",
        'pip install --quiet --dry-run --no-index --no-build-isolation ".[dev,docs]" || $(STALE)',
    ] == steps

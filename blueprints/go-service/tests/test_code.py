"""The code repo."""

import pytest
from rendering import Render, load


@pytest.mark.parametrize(
    ("service", "module"),
    [("payments", "payments-service"), ("fmt", "fmt-service"), ("mail-service", "mail-service")],
)
def test_the_module_hides_no_package(render: Render, service: str, module: str) -> None:
    """Names of the standard library are good names for a service."""
    folder = render("code", service=service)
    assert f"module {module}" == (folder / "go.mod").read_text().splitlines()[0]
    assert f'"{module}/internal/web"' in (folder / "main.go").read_text()


def test_the_port_is_the_default_of_the_settings(render: Render) -> None:
    """The service listens on the answered port."""
    settings = render("code", port=9443) / "internal/settings/settings.go"
    assert "Port: 9443," in settings.read_text()


def test_make_test_runs_every_check(render: Render) -> None:
    """CI relies on `make test`: format, vet, staticcheck, tests, modules and docs, in this order."""
    makefile = (render("code") / "Makefile").read_text()
    recipe = makefile.split("test: .venv/.installed\n")[1].split("\n\n")[0].splitlines()
    expected = [
        "go vet ./...",
        "go tool staticcheck ./...",
        "mkdir -p reports",
        "go tool gotestsum --junitfile reports/junit.xml -- -coverprofile=reports/coverage.out ./...",
        "go tool cover -func=reports/coverage.out",
        "go tool gocover-cobertura < reports/coverage.out > reports/coverage.xml",
        "go mod tidy -diff",
        "$(BIN)/mkdocs build --strict --quiet",
    ]
    assert "gofmt -l ." in recipe[0]
    assert expected == [line.strip() for line in recipe[1:]]


@pytest.mark.parametrize("tracing", [False, True])
@pytest.mark.parametrize("database", [False, True])
def test_every_module_is_pinned(render: Render, database: bool, tracing: bool) -> None:
    """go.sum has the hash of each module that go.mod names."""
    folder = render("code", database=database, tracing=tracing)
    pinned = {tuple(line.split()[:2]) for line in (folder / "go.sum").read_text().splitlines()}
    named = [line.split()[-4:-2] if "//" in line else line.split()[-2:]
             for line in (folder / "go.mod").read_text().splitlines() if " v" in line]
    assert 10 < len(named)
    assert [] == [name for name in named if tuple(name) not in pinned]


def test_the_code_counts_what_the_alerts_read(render: Render) -> None:
    """The names of the metrics are the code's as well."""
    code = (render("code") / "internal/web/metrics.go").read_text()
    assert '"http_requests_total"' in code
    assert '"http_request_duration_seconds"' in code

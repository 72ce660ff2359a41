"""The colours of `scaffold blueprint test`, which are those of lint."""

import pytest
import typer

from scaffold.cli.blueprint_trials import _painted

BLUE, GREEN, RED = typer.colors.BLUE, typer.colors.GREEN, typer.colors.RED


@pytest.mark.parametrize(
    ("detail", "expected"),
    [
        ("  --> code/a.jinja:1", f"  {typer.style('-->', fg=BLUE)} code/a.jinja:1"),
        ("failed   yaml  a.yml", typer.style("failed   yaml  a.yml", bold=True)),
        ("E     +  new", typer.style("E     +  new", fg=GREEN)),
        ("E     -  old", typer.style("E     -  old", fg=RED)),
        ("E     --- snapshot/a", typer.style("E     --- snapshot/a", bold=True)),
        ("E       same", "E       same"),
        ("    - an item of what a check says", "    - an item of what a check says"),
    ],
    ids=["place", "check", "new", "old", "file", "same", "words"],
)
def test_a_line_of_the_details(monkeypatch: pytest.MonkeyPatch, detail: str, expected: str) -> None:
    """The place, what is wrong, and the diff of a snapshot."""
    monkeypatch.delenv("NO_COLOR", raising=False)

    assert expected == _painted(detail)
    monkeypatch.setenv("NO_COLOR", "1")
    assert detail == _painted(detail)

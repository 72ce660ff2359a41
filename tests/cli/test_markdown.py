"""Markdown on a terminal: what a person reads of a merge request."""

import click
import pytest

from scaffold.cli.markdown import markdown_lines

TEXT = """\
## Conflicts

- `README.md`: both sides changed it
- [docs](https://docs.example.com) and *more*

<details><summary>Rendered: 1 line added, 1 removed</summary>

```diff
- a: 1
+ a: 2
```

</details>

<!-- scaffold-target: 0123 -->
"""


def plain(text: str, width: int = 80) -> list[str]:
    """The lines without styles and without empty ones."""
    lines = (click.unstyle(line).rstrip() for line in markdown_lines(text, width))
    return [line for line in lines if line]


def test_it_reads_as_text() -> None:
    """No sign of Markdown is left; what is folded stands open, and what is hidden is not there."""
    assert [
        "Conflicts",
        " \u2022 README.md: both sides changed it",
        " \u2022 docs (https://docs.example.com) and more",
        "Rendered: 1 line added, 1 removed",
        " - a: 1",
        " + a: 2",
    ] == plain(TEXT)


def test_it_is_as_wide_as_the_terminal() -> None:
    """Long lines are broken between words."""
    assert ["one two", "three"] == plain("one two three", width=8)


@pytest.mark.parametrize("control", ["\x1b[2J", "\x9b2J", "\r", "\x07", "\x00"])
def test_whoever_writes_it_moves_no_cursor(control: str) -> None:
    """Anybody may open a merge request."""
    shown = "\n".join(markdown_lines(f"one{control}two", 80))

    assert control not in shown
    assert "one" in shown


def test_colours_are_left_out_where_they_are_unwanted(monkeypatch: pytest.MonkeyPatch) -> None:
    """As everywhere."""
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    coloured = "\n".join(markdown_lines(TEXT, 80))
    monkeypatch.setenv("NO_COLOR", "1")

    assert "\x1b[36mREADME.md" in coloured
    assert "\x1b[36m" not in "\n".join(markdown_lines(TEXT, 80))

"""The text of a merge request, which is Markdown, as a terminal can show it."""

import re

# What a forge folds. A terminal can't unfold it again, so it stands open below its summary.
_FOLDED = re.compile(r"^<details>\s*<summary>(.*?)</summary>", re.MULTILINE)
# Whoever may open a merge request writes its text, which is to move no cursor.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def markdown_lines(text: str, width: int) -> list[str]:
    """The lines of a text in Markdown, with styles for a terminal of `width` columns.

    Hidden comments are left out, and links show their addresses.
    """
    from rich.console import Console
    from rich.markdown import Markdown
    from rich.theme import Theme

    unfolded = _FOLDED.sub(r"**\1**", _CONTROL.sub("", text))
    # The terminal's own background behind code, be it light or dark.
    console = Console(force_terminal=True, width=width, theme=Theme({"markdown.code": "cyan"}))
    with console.capture() as captured:
        console.print(Markdown(unfolded, code_theme="ansi_dark", hyperlinks=False))
    return [line.rstrip() for line in captured.get().splitlines()]

"""What the button at a block of commands copies: the commands, without prompts and what they print.

The theme copies the attribute `data-copy` where a block has one.
"""

import re
from html import escape, unescape
from typing import Any

_BLOCK = re.compile(r'<div class="(language-console highlight)">(.*?)</div>', re.S)
_TAG = re.compile(r"<[^>]+>")
_PROMPT, _GOES_ON = "$ ", "> "


def on_page_content(html: str, **_: Any) -> str:
    """Say of each block what to copy; mkdocs calls this with what Markdown made of a page."""
    return _BLOCK.sub(_with_commands, html)


def _with_commands(block: re.Match[str]) -> str:
    copied = commands(unescape(_TAG.sub("", block[2])))
    if not copied:  # it goes on with what the block before it shows
        return block[0]
    return f'<div class="{block[1]}" data-copy="{escape(copied)}">{block[2]}</div>'


def commands(text: str) -> str:
    """The commands of a block, each as it is typed; one goes on after `> ` and a backslash."""
    typed: list[str] = []
    at_command = False
    for line in text.splitlines():
        goes_on = at_command and (line.startswith(_GOES_ON) or typed[-1].endswith("\\"))
        if line.startswith(_PROMPT) or goes_on:
            typed.append(line.removeprefix(_GOES_ON if goes_on else _PROMPT))
        at_command = line.startswith(_PROMPT) or goes_on
    return "\n".join(typed)

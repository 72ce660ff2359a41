"""What others wrote, made fit to be told: on one line, of a length, and inert on a forge. Pure.

Whoever may push to a repo writes subjects and names, which then stand in a merge request, a commit
or a message of the bot. There they must neither mention people, close issues or skip a pipeline,
nor be taken for the text around them.
"""

import re
import unicodedata

_LONGEST = 100
# Not seen by a reader. GitHub's Dependabot breaks mentions in the same way: see
# link_and_mention_sanitizer.rb in https://github.com/dependabot/dependabot-core
_BREAK = "\N{ZERO WIDTH SPACE}"
_ORDERS = (
    # `[skip ci]` and its like keep pipelines from running, wherever in a message they stand.
    r"\[(?=(?:skip|ci|no|actions)\b)|\*\*\*(?=NO_CI)|skip-checks(?=:)"
    # https://docs.gitlab.com/user/project/issues/managing_issues/#default-closing-pattern
    r"|\b(?:close[sd]?|closing|fix(?:e[sd]|ing)?|resolve[sd]?|resolving|implement(?:s|ed|ing)?)"
    r"(?=\s|:)"
)
# `@ada`, `#12`, `!12`, `&12`, `%12` and the like refer to people, issues and so on, and so does an
# address: links are made by scaffold alone.
_REFERENCES = r"[@#!&%$~](?=\w)|https?:(?=//)|www\.(?=\w)"
_ORDER = re.compile(_ORDERS, re.IGNORECASE)
_ACTING = re.compile(f"{_REFERENCES}|{_ORDERS}", re.IGNORECASE)


def one_line(text: str, longest: int = _LONGEST) -> str:
    """Text on one line without control and format characters, cut to a length."""
    line = " ".join(_seen(text, keep="").split())
    return line if len(line) <= longest else f"{line[: longest - 1].rstrip()}…"


def inert(line: str) -> str:
    """The same line to read, of which a forge takes nothing for an order or a reference."""
    return _ACTING.sub(lambda found: f"{found[0]}{_BREAK}", line)


def code_span(line: str) -> str:
    """A line as it is, in Markdown, where nothing in it means anything."""
    return f"`{inert(line).replace('`', chr(39)) or ' '}`"


def code_block(lines: list[str], language: str) -> str:
    """Lines as they are, in Markdown: a block that nothing in them ends."""
    body = "\n".join(_seen(line, keep="\t") for line in lines)
    body = _ORDER.sub(lambda found: f"{found[0]}{_BREAK}", body)
    longest = max((len(run) for run in re.findall("`+", body)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{body}\n{fence}"


def _seen(text: str, *, keep: str) -> str:
    """Without what is not seen, or turns the text around it: a space in place of each."""
    return "".join(
        letter if letter in keep or unicodedata.category(letter) not in _UNSEEN else " "
        for letter in text
    )


# Control, format, broken, private and unassigned characters, and separators of lines.
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})

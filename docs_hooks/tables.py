"""Tables of the docs that a phone can show: each cell knows the heading of its column.

Below a width, `docs/stylesheets/site.css` lays the rows out as cards, with these names in them.
"""

import re
from collections.abc import Iterator
from html import escape, unescape
from itertools import cycle
from typing import Any

_TABLE = re.compile(r"<table>.*?</table>", re.S)
_HEADING = re.compile(r"<th\b[^>]*>(.*?)</th>", re.S)
_CELL = re.compile(r"<td\b")
_TAG = re.compile(r"<[^>]+>")


def on_page_content(html: str, **_: Any) -> str:
    """Name the cells of all tables; mkdocs calls this with what Markdown made of a page."""
    return _TABLE.sub(lambda table: _named(table[0]), html)


def _named(table: str) -> str:
    """The table with a `data-label` at each cell; each of its rows has a cell for each heading."""
    names: Iterator[str] = cycle(_text(one) for one in _HEADING.findall(table))
    return _CELL.sub(lambda cell: f'{cell[0]} data-label="{next(names)}"', table)


def _text(html: str) -> str:
    return escape(unescape(_TAG.sub("", html)))

"""Whether links lead somewhere: in files, on the published docs or the forge, to the dashboard."""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import urlsplit

from rendering import BASES

_GIT = "https://git.example.com"
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_OURS = re.compile(rf"(?:{_GIT}|{BASES['docs_base']}|{BASES['grafana_base']})/[^\s\"'`<>)\]]*")
_HEADING = re.compile(r"^#+ +(.+?) *$", re.MULTILINE)
_CODE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)


def broken_links(repos: Mapping[str, Path], docs: str, service: str = "payments") -> list[str]:
    """The links of all repos of a service that lead nowhere; its docs are those of the repo `docs`."""
    place = _Place(repos, repos[docs], service)
    return [
        f"{repo}/{file.relative_to(folder)}: {link}"
        for repo, folder in repos.items()
        for file in sorted(folder.rglob("*"))
        if file.is_file() and ".git" not in file.parts
        for link in _links(file)
        if not place.has(file, link)
    ]


def linked(folder: Path) -> set[str]:
    """What the files of a repo link to."""
    return {link for file in folder.rglob("*") if file.is_file() for link in _links(file)}


def _links(file: Path) -> Iterator[str]:
    """What a file links to: in Markdown any place, elsewhere what is the platform's."""
    try:
        text = file.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return
    found = set(_OURS.findall(text))
    if file.suffix == ".md":
        found |= set(_LINK.findall(_CODE.sub("", text)))
    yield from sorted(one.rstrip(".,;:") for one in found)


class _Place:
    """Where links can lead to."""

    def __init__(self, repos: Mapping[str, Path], docs: Path, service: str) -> None:
        self._docs = docs / "docs"
        self._repos = {f"{_GIT}/{service}-{repo}.git" for repo in repos}
        self._pages = {f"{_GIT}/{service}-{repo}/-/tree/main/": repos[repo] for repo in repos}
        self._docs_base = f"{BASES['docs_base']}/{service}"
        self._dashboard = f"{BASES['grafana_base']}/d/{service}"
        boards = (board for folder in repos.values() for board in folder.rglob("dashboard.json"))
        self._boards = {json.loads(board.read_text(encoding="utf-8"))["uid"] for board in boards}
        self._service = service

    def has(self, file: Path, link: str) -> bool:
        """Whether a link of a file leads to something."""
        address, _, anchor = link.partition("#")
        for page, folder in self._pages.items():
            if address.startswith(page):
                return _has_heading(folder / address.removeprefix(page), anchor)
        if link.startswith(_GIT):
            return address in self._repos or address.removesuffix(".git") + ".git" in self._repos
        if address.rstrip("/") == self._dashboard:
            return self._service in self._boards
        if address.startswith(self._docs_base):
            page = address.removeprefix(self._docs_base).strip("/") or "index"
            return _has_heading(self._docs / f"{page}.md", anchor)
        if urlsplit(link).scheme:
            return link.startswith("https://") and not _OURS.match(link)
        return _has_heading(file.parent / address if address else file, anchor)


def _has_heading(file: Path, anchor: str) -> bool:
    if not file.exists() or not anchor:
        return file.exists()
    headings = _HEADING.findall(file.read_text(encoding="utf-8"))
    return anchor in {_slug(one) for one in headings}


def _slug(heading: str) -> str:
    """As Python-Markdown's `toc` has it, with which mkdocs makes the pages."""
    plain = re.sub(r"[^\w\s-]", "", heading).strip().lower()
    return re.sub(r"[-\s]+", "-", plain)

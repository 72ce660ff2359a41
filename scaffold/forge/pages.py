"""Addresses of pages that a forge shows to people. Pure."""

import re

from scaffold.config.forge import kind_of
from scaffold.forge.api import MergeRequest, RequestState

_WEB = re.compile(r"(?P<base>https?://)(?:[^@/]*@)?(?P<rest>.+)")
_SSH = re.compile(r"ssh://(?:[^@/]*@)?(?P<host>[^:/]+)(?::\d+)?/(?P<path>.+)")
_SCP = re.compile(r"(?:[^@/:]*@)(?P<host>[^:/]+):(?P<path>[^/].*)")


def has_page(request: MergeRequest) -> bool:
    """Whether people see a merge request in a browser."""
    return _is_page(request.url)


def request_place(request: MergeRequest) -> str:
    """Where a person decides on a merge request, in one line; empty where it is not open yet."""
    if not request.number:
        return ""
    is_open = request.state is RequestState.OPEN
    return place(request.url, request.repo, request.number, is_open=is_open)


def place(url: str, repo: str, number: int, *, is_open: bool) -> str:
    """The same of one that only this is known of: its page, or the commands in place of one."""
    if _is_page(url):
        return url
    command = f"scaffold merge-request {{}} {repo} {number}"
    return ", then ".join(command.format(one) for one in ("show", *(["merge"] if is_open else [])))


def _is_page(url: str) -> bool:
    return _WEB.match(url) is not None


def commit_page(kind: str, url: str, commit: str) -> str:
    """The address of a commit's page, by the URL that git has; empty where that is no server's."""
    path = kind_of(kind).commit_page.format(commit=commit)
    page = repo_page(url)
    return f"{page}{path}" if path and page else ""


def main_page(kind: str, url: str) -> str:
    """The address of the page of what a repo's main has; empty where that is no server's."""
    path, page = kind_of(kind).main_page, repo_page(url)
    return f"{page}{path}" if path and page else ""


def repo_page(url: str) -> str:
    """The address of a repo's page, by the URL that git has; empty where that is no server's."""
    repo = url.rstrip("/").removesuffix(".git")
    if match := _WEB.fullmatch(repo):
        return f"{match['base']}{match['rest']}"
    if match := _SSH.fullmatch(repo) or _SCP.fullmatch(repo):
        return f"https://{match['host']}/{match['path']}"
    return ""

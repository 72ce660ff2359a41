"""Addresses of pages that a forge shows to people. Pure."""

import re

from scaffold.config.forge import kind_of
from scaffold.forge.api import MergeRequest

_WEB = re.compile(r"(?P<base>https?://)(?:[^@/]*@)?(?P<rest>.+)")
_SSH = re.compile(r"ssh://(?:[^@/]*@)?(?P<host>[^:/]+)(?::\d+)?/(?P<path>.+)")
_SCP = re.compile(r"(?:[^@/:]*@)(?P<host>[^:/]+):(?P<path>[^/].*)")


def has_page(request: MergeRequest) -> bool:
    """Whether people see a merge request in a browser."""
    return _WEB.match(request.url) is not None


def commit_page(kind: str, url: str, commit: str) -> str:
    """The address of a commit's page, by the URL that git has; empty where that is no server's."""
    path = kind_of(kind).commit_page.format(commit=commit)
    if not path:
        return ""
    repo = url.rstrip("/").removesuffix(".git")
    if match := _WEB.fullmatch(repo):
        return f"{match['base']}{match['rest']}{path}"
    if match := _SSH.fullmatch(repo) or _SCP.fullmatch(repo):
        return f"https://{match['host']}/{match['path']}{path}"
    return ""

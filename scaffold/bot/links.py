"""Where what the bot tells can be looked at: a commit's page, a service's runbook. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from scaffold.config.service import Service

_WEB = re.compile(r"(?P<base>https?://)(?:[^@/]*@)?(?P<rest>.+)")
_SSH = re.compile(r"ssh://(?:[^@/]*@)?(?P<host>[^:/]+)(?::\d+)?/(?P<path>.+)")
_SCP = re.compile(r"(?:[^@/:]*@)(?P<host>[^:/]+):(?P<path>[^/].*)")
# GitHub and Gitea agree.
_GITLAB = "gitlab"


@dataclass(frozen=True)
class Links:
    """What it takes to make them: the kind of forge, the catalog, where docs are published."""

    kind: str
    services: Mapping[str, Service]
    docs_base: str = ""

    def commit(self, service: str, part: str, commit: str) -> str:
        """The page of a commit of a paired repo; on a forge without pages its short name."""
        entry = self.services.get(service)
        repo = entry.repos.get(part) if entry else None
        if repo is None:
            return commit[:12]
        return commit_page(self.kind, repo.url, commit) or f"{repo.name}@{commit[:12]}"

    def runbook(self, service: str) -> str:
        """The runbook that the blueprint wrote, or nothing where no docs are published."""
        return f"{self.docs_base.rstrip('/')}/{service}/runbook/" if self.docs_base else ""


def commit_page(kind: str, url: str, commit: str) -> str:
    """The address of a commit's page, by the URL that git has; empty where that is no server's."""
    path = f"{'/-' if kind == _GITLAB else ''}/commit/{commit}"
    repo = url.rstrip("/").removesuffix(".git")
    if found := _WEB.fullmatch(repo):
        return f"{found['base']}{found['rest']}{path}"
    if found := _SSH.fullmatch(repo) or _SCP.fullmatch(repo):
        return f"https://{found['host']}/{found['path']}{path}"
    return ""

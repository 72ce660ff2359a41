"""Where what the bot tells can be looked at: a commit's page, a service's runbook. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from scaffold.config.platform import Platform
from scaffold.config.published import runbook_page
from scaffold.config.service import Service
from scaffold.forge.pages import commit_page


@dataclass(frozen=True)
class Links:
    """What it takes to make them: the kind of forge, the catalog, where docs are published."""

    kind: str
    services: Mapping[str, Service]
    docs_base: str = ""

    @classmethod
    def of(cls, platform: Platform, services: Mapping[str, Service]) -> "Links":
        """Those of a platform with this catalog."""
        return cls(platform.forge.kind, services, str(platform.answers.get("docs_base", "")))

    def commit(self, service: str, part: str, commit: str) -> str:
        """The page of a commit of a paired repo; on a forge without pages its short name."""
        entry = self.services.get(service)
        repo = entry.repos.get(part) if entry else None
        if repo is None:
            return commit[:12]
        return commit_page(self.kind, repo.url, commit) or f"{repo.name}@{commit[:12]}"

    def channel(self, service: str) -> str:
        """The name of where it is told of: what its policy says, else its owner."""
        entry = self.services.get(service)
        return (entry.policy.notify or entry.owner) if entry else ""

    def runbook(self, service: str) -> str:
        """The runbook that the blueprint wrote, or nothing where no docs are published."""
        return runbook_page(self.docs_base, service)

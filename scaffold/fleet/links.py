"""Where people find what is of a service: what its blueprint publishes, and its repos. Pure."""

from collections.abc import Iterator

from scaffold.config.platform import Platform
from scaffold.config.published import dashboard_page, docs_page, runbook_page
from scaffold.config.service import Service
from scaffold.forge.pages import repo_page


def service_links(platform: Platform, service: Service) -> Iterator[tuple[str, str]]:
    """Words and addresses; nothing of what has no address, as repos in a folder have none."""
    docs, grafana = (str(platform.answers.get(f"{one}_base", "")) for one in ("docs", "grafana"))
    pages = {
        "docs": docs_page(docs, service.name),
        "runbook": runbook_page(docs, service.name),
        "dashboard": dashboard_page(grafana, service.name),
        **{f"repo {part}": repo_page(repo.url) for part, repo in service.repos.items()},
    }
    yield from ((word, page) for word, page in pages.items() if page)

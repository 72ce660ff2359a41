"""Links of all repos: none leads nowhere."""

import pytest
from links import broken_links, linked
from rendering import Render

REPOS = ("code", "docker", "manifest", "env")


@pytest.mark.parametrize("ci", ["gitlab", "github"])
def test_every_link_leads_somewhere(render: Render, ci: str) -> None:
    """Of docs, READMEs, alerts and dashboard: to a file, a heading, a board or a repo of ours."""
    assert [] == broken_links({repo: render(repo, ci=ci) for repo in REPOS}, docs="code")


def test_without_a_site_of_docs_links_lead_to_the_files(render: Render) -> None:
    """To their pages on the forge: an alert's to its section of the runbook."""
    repos = {repo: render(repo, docs_base="") for repo in REPOS}
    page = "https://git.example.com/payments-code/-/tree/main/docs/runbook.md"

    assert [] == broken_links(repos, docs="code")
    assert {page} == {link.partition("#")[0] for link in linked(repos["manifest"]) if page in link}

"""Links of all repos: none leads nowhere."""

import pytest
from links import broken_links
from rendering import Render

REPOS = ("code", "docker", "manifest", "env")


@pytest.mark.parametrize("ci", ["gitlab", "github"])
def test_every_link_leads_somewhere(render: Render, ci: str) -> None:
    """Of docs, READMEs, alerts and dashboard: to a file, a heading, a board or a repo of ours."""
    assert [] == broken_links({repo: render(repo, ci=ci) for repo in REPOS}, docs="code")

"""The page of a commit, by the URL that git has of its repo."""

import pytest

from scaffold.bot.links import Links
from scaffold.forge.pages import commit_page

PAGE = "https://git.example.com/team/sub/shop"


@pytest.mark.parametrize(
    "url",
    [
        f"{PAGE}.git",
        PAGE,
        f"{PAGE}.git/",
        "https://oauth2:token@git.example.com/team/sub/shop.git",
        "ssh://git@git.example.com/team/sub/shop.git",
        "ssh://git@git.example.com:2222/team/sub/shop.git",
        "git@git.example.com:team/sub/shop.git",
    ],
)
def test_the_page_of_a_commit(url: str) -> None:
    """However git gets there; who logs in how is no part of it."""
    assert f"{PAGE}/-/commit/abc" == commit_page("gitlab", url, "abc")
    assert [f"{PAGE}/commit/abc"] * 2 == [
        commit_page(kind, url, "abc") for kind in ("github", "gitea")
    ]


@pytest.mark.parametrize("url", ["file:///forge/shop.git", "/forge/shop.git", ""])
def test_a_repo_without_pages(url: str) -> None:
    """There is nothing to lead to."""
    assert "" == commit_page("local", url, "abc")


def test_what_is_not_known() -> None:
    """A service that left the catalog meanwhile has its commit alone; no docs, no runbook."""
    links = Links("gitlab", {})

    assert ("123456789012", "") == (
        links.commit("shop", "env", "1234567890123"),
        links.runbook("shop"),
    )

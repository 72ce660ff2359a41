"""The names of what jobs are given, on each forge: of the repo, what is above it, environments."""

from pathlib import Path

import pytest

from scaffold.config.forges.github import GithubForge
from scaffold.config.forges.gitlab import GitlabForge
from scaffold.forge.credentials import Credentials
from scaffold.forge.github.adapter import GithubOrganisationForge
from scaffold.forge.gitlab.adapter import GitlabGroupForge
from scaffold.forge.local.adapter import LocalFolderForge
from tests.forge.fake_http import TOKEN
from tests.forge.fake_server import serving
from tests.forge.github.fake import FakeGithub
from tests.forge.gitlab.fake import FakeGitlab
from tests.forge.openapi import Description
from tests.gitea import Gitea

ENVIRONMENTS = ("dev", "prod")


def test_on_github(github_description: Description) -> None:
    """Of the organisation what the repo may use; more variables than a page has of them."""
    many = [f"V{number}" for number in range(35)]
    fake = FakeGithub(github_description)
    fake.add("shop")
    fake.ci = {
        "/orgs/acme/secrets": ["OF_ORG"],
        "/repos/acme/shop/actions/secrets": ["OF_REPO"],
        "/repos/acme/shop/actions/variables": many,
        "/repos/acme/shop/environments/prod/secrets": ["OF_PROD"],
        "/repos/acme/shop/environments/prod/variables": [],
    }
    with serving(fake):
        settings = GithubForge(kind="github", url=fake.url, group="acme")
        forge = GithubOrganisationForge(settings, Credentials(TOKEN, "the test"))

        found = forge.ci_names("shop", ENVIRONMENTS)

    everywhere = frozenset({"OF_ORG", "OF_REPO", *many})
    assert {"": everywhere, "dev": everywhere, "prod": everywhere | {"OF_PROD"}} == found


def test_on_gitlab() -> None:
    """Of every group above; a scope is an environment, or a pattern of some."""
    fake = FakeGitlab()
    fake.add("acme/shop/code")
    fake.ci = {
        "acme": [("OF_TOP", "*")],
        "acme/shop": [("OF_PROD", "prod"), ("OF_PRODS", "pr*")],
        "acme/shop/code": [("OF_REPO", "*"), ("OF_OTHER", "production")],
    }
    with serving(fake):
        settings = GitlabForge(kind="gitlab", url=fake.url, group="acme/shop")
        forge = GitlabGroupForge(settings, Credentials(TOKEN, "the test"))

        found = forge.ci_names("code", ENVIRONMENTS)

    everywhere = frozenset({"OF_TOP", "OF_REPO"})
    prod = everywhere | {"OF_PROD", "OF_PRODS"}
    assert {"": everywhere, "dev": everywhere, "prod": prod} == found


def test_on_gitea(gitea: Gitea) -> None:
    """It has no environments: every job gets all of the repo's and of the organisation's."""
    group = gitea.new_organisation()
    forge = gitea.forge(group)
    forge.create("shop", description="The shop")
    for path in (f"/repos/{group}/shop", f"/orgs/{group}"):
        place = path.split("/")[1].upper()
        secret, variable = (
            f"{path}/actions/secrets/S_{place}",
            f"{path}/actions/variables/V_{place}",
        )
        assert gitea.call("PUT", secret, json={"data": "..."}).ok
        assert gitea.call("POST", variable, json={"value": "..."}).ok

    found = forge.ci_names("shop", ENVIRONMENTS)

    names = frozenset({"S_REPOS", "V_REPOS", "S_ORGS", "V_ORGS"})
    assert dict.fromkeys(("", *ENVIRONMENTS), names) == found


@pytest.mark.parametrize("environments", [(), ENVIRONMENTS])
def test_in_a_folder(tmp_path: Path, environments: tuple[str, ...]) -> None:
    """It runs no jobs, so nothing can be missing."""
    assert LocalFolderForge(str(tmp_path)).ci_names("shop", environments) is None  # type: ignore[func-returns-value]

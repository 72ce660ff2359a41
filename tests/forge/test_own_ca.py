"""Servers with a certificate by a CA that only `forge.ca_file` names."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from scaffold.config.forges.github import GithubForge
from scaffold.config.forges.gitlab import GitlabForge
from scaffold.errors import ForgeError
from scaffold.forge.api import Forge
from scaffold.forge.credentials import Credentials
from scaffold.forge.github.adapter import GithubOrganisationForge
from scaffold.forge.gitlab.adapter import GitlabGroupForge
from tests.forge.fake_http import TOKEN
from tests.forge.fake_server import serving
from tests.forge.github.fake import FakeGithub
from tests.forge.gitlab.fake import FakeGitlab
from tests.forge.openapi import Description
from tests.gitea import make_certificates

CREDENTIALS = Credentials(TOKEN, "the test")


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A CA, and a certificate for localhost by it."""
    folder = tmp_path_factory.mktemp("certificates")
    make_certificates(folder)
    return folder


@pytest.fixture
def gitlab(certificates: Path) -> Iterator[str]:
    """The address of a GitLab over HTTPS."""
    fake = FakeGitlab()
    with serving(fake, certificates):
        yield fake.url


@pytest.fixture
def github(certificates: Path, github_description: Description) -> Iterator[str]:
    """The address of a GitHub over HTTPS."""
    fake = FakeGithub(github_description)
    with serving(fake, certificates):
        yield fake.url


def on_gitlab(url: str, ca_file: str) -> Forge:
    """The forge on GitLab."""
    settings = GitlabForge(kind="gitlab", url=url, group="acme/shop", ca_file=ca_file)
    return GitlabGroupForge(settings, CREDENTIALS)


def on_github(url: str, ca_file: str) -> Forge:
    """The forge on GitHub."""
    settings = GithubForge(kind="github", url=url, group="acme", ca_file=ca_file)
    return GithubOrganisationForge(settings, CREDENTIALS)


@pytest.mark.parametrize(("name", "connect"), [("gitlab", on_gitlab), ("github", on_github)])
def test_a_ca_of_ones_own_is_taken(
    name: str,
    connect: Callable[[str, str], Forge],
    certificates: Path,
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whatever the environment names as the CAs to trust."""
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificates / "server.pem"))
    forge = connect(request.getfixturevalue(name), str(certificates / "ca.pem"))

    assert () == forge.check()


@pytest.mark.parametrize(("name", "connect"), [("gitlab", on_gitlab), ("github", on_github)])
def test_an_unknown_ca_is_told(
    name: str, connect: Callable[[str, str], Forge], request: pytest.FixtureRequest
) -> None:
    """At once, with the setting that names one."""
    with pytest.raises(ForgeError) as caught:
        connect(request.getfixturevalue(name), "").repos()

    assert (
        "Is its certificate by a CA of your own? Name that one's file: `forge.ca_file`."
        == caught.value.hint
    )

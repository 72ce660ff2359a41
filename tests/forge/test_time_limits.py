"""A server that says nothing, or too little, costs a call its time and no more."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from scaffold.config.forges.gitea import GiteaForge
from scaffold.config.forges.github import GithubForge
from scaffold.config.forges.gitlab import GitlabForge
from scaffold.deadline import within
from scaffold.errors import ForgeError, TimeUpError
from scaffold.forge import http
from scaffold.forge.api import Forge
from scaffold.forge.credentials import Credentials
from scaffold.forge.gitea.adapter import GiteaOrganisationForge
from scaffold.forge.github.adapter import GithubOrganisationForge
from scaffold.forge.gitlab.adapter import GitlabGroupForge
from scaffold.forge.http import PatientAdapter, make_session
from scaffold.forge.rest import Call, RestApi
from tests.forge.fake_http import TOKEN
from tests.gitea import make_certificates
from tests.silent import Silent, silent_server

CREDENTIALS = Credentials(TOKEN, "the test")
CALL = Call("look for it", "a token")
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


def gitlab(url: str) -> Forge:
    """The forge on a GitLab."""
    return GitlabGroupForge(GitlabForge(kind="gitlab", url=url, group="acme"), CREDENTIALS)


def github(url: str) -> Forge:
    """The forge on a GitHub."""
    return GithubOrganisationForge(GithubForge(kind="github", url=url, group="acme"), CREDENTIALS)


def gitea(url: str) -> Forge:
    """The forge on a Gitea."""
    return GiteaOrganisationForge(GiteaForge(kind="gitea", url=url, group="acme"), CREDENTIALS)


@pytest.fixture
def silent(monkeypatch: pytest.MonkeyPatch) -> Iterator[Silent]:
    """A silent server, no proxy before it, and no second attempt."""
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setattr(http, "_FAULT_BUDGET", 0.0)
    with silent_server() as server:
        yield server


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("connect", [gitlab, github, gitea])
def test_a_server_that_says_nothing(
    silent: Silent, monkeypatch: pytest.MonkeyPatch, connect: Callable[[str], Forge], scheme: str
) -> None:
    """In TLS or after it: what was tried, and what to do."""
    monkeypatch.setattr(http, "_READ", 0.5)
    monkeypatch.setattr(http, "_CONNECT", 0.5)

    with pytest.raises(ForgeError, match="can't look for the repo `shop`: no answer") as caught:
        connect(f"{scheme}://127.0.0.1:{silent.port}").find("shop")

    assert "gives no whole answer" in caught.value.hint
    assert silent.wait_until_all_are_gone()


def test_a_silent_server_is_not_asked_again_and_again(
    silent: Silent, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its silence uses the budget for faults up."""
    monkeypatch.setattr(http, "_FAULT_BUDGET", 0.5)
    monkeypatch.setattr(http, "_READ", 0.5)

    with pytest.raises(ForgeError, match="no answer"):
        gitea(f"http://127.0.0.1:{silent.port}").find("shop")

    assert 1 == silent.taken


@pytest.mark.parametrize(
    "says",
    [
        HEAD + b"X-Padding: " + b"x" * 1000,
        HEAD + b"Content-Length: 1000\r\n\r\n" + b" " * 1000,
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + b"1\r\n \r\n" * 300,
        HEAD + b"\r\n" + b" " * 1000,
    ],
    ids=["headers", "body", "chunks", "body without a length"],
)
def test_a_server_that_says_a_byte_now_and_then(
    silent: Silent, monkeypatch: pytest.MonkeyPatch, says: bytes
) -> None:
    """Each read is quick; the answer as a whole is not."""
    monkeypatch.setattr(http, "_WHOLE", 2.0)
    silent.says, silent.pause = says, 0.01
    api = RestApi(make_session(PatientAdapter()), f"http://127.0.0.1:{silent.port}", TOKEN)

    with pytest.raises(ForgeError, match="can't look for it: no answer") as caught:
        api.get("/x", CALL)

    assert ("its answer did not come to its end in time",) == caught.value.details
    assert silent.wait_until_all_are_gone()


def test_over_tls(silent: Silent, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The same where the bytes are encrypted."""
    make_certificates(tmp_path)
    monkeypatch.setattr(http, "_WHOLE", 2.0)
    silent.says, silent.pause = HEAD + b"\r\n" + b" " * 1000, 0.01
    silent.speak_tls(tmp_path / "server.pem", tmp_path / "server.key")
    session = make_session(PatientAdapter(str(tmp_path / "ca.pem")))

    with pytest.raises(ForgeError, match="no answer") as caught:
        RestApi(session, f"https://127.0.0.1:{silent.port}", TOKEN).get("/x", CALL)

    assert ("its answer did not come to its end in time",) == caught.value.details


def test_the_time_of_the_work_counts(silent: Silent) -> None:
    """A call gets no more than what is left of it."""
    with (
        pytest.raises(TimeUpError, match=r"the time of the service `shop` is up") as caught,
        within(0.5, "the service `shop`"),
    ):
        gitea(f"http://127.0.0.1:{silent.port}").find("shop")

    assert f"127.0.0.1:{silent.port}" == caught.value.where

"""Gitea, a real one: repos, their settings, and what it says when it refuses."""

from pathlib import Path
from typing import Any

import pytest
import requests
from requests.adapters import HTTPAdapter

from scaffold.errors import ForgeError
from scaffold.forge.api import FoundRepo
from scaffold.forge.gitea.adapter import GiteaOrganisationForge
from scaffold.git.branches import remote_head
from scaffold.git.tree import Identity
from scaffold.upgrade.job import Order, RepoTarget, ServiceJob
from scaffold.upgrade.state import UpgradeState
from scaffold.upgrade.work import run_job
from tests.forge.conftest import push_branch
from tests.gitea import BOT, Gitea

pytestmark = pytest.mark.xdist_group("gitea")


def test_a_repo_is_made_once(gitea: Gitea, group: str, server: GiteaOrganisationForge) -> None:
    """It is private, empty, and has a description, topics and main as its default branch."""
    made = [server.create("shop", description="A shop", topics=("shop",)) for _ in range(2)]

    told = gitea.get(f"/repos/{group}/shop")
    assert [True, False] == made
    assert (True, True, "main", "A shop", ["shop"]) == tuple(
        told[key] for key in ("private", "empty", "default_branch", "description", "topics")
    )
    assert FoundRepo("shop") == server.find("shop")
    assert f"{gitea.url}/{group}/shop.git" == server.url("shop")


def test_all_repos_are_listed(server: GiteaOrganisationForge) -> None:
    """Also those on a second page."""
    names = tuple(f"shop-{number:02}" for number in range(52))
    for name in names:
        server.create(name, description="A shop")

    assert names == server.repos()


def test_archived_and_back(
    server: GiteaOrganisationForge, tmp_path: Path, shop: dict[str, str]
) -> None:
    """An archived repo takes no pushes, and keeps what it has; twice is as once."""
    for _ in range(2):
        server.archive("shop", archived=True)
    assert FoundRepo("shop", archived=True) == server.find("shop")
    with pytest.raises(ForgeError):
        push_branch(server, tmp_path, "late", base=shop["main"])

    for _ in range(2):
        server.archive("shop", archived=False)
    assert FoundRepo("shop") == server.find("shop")
    push_branch(server, tmp_path, "late", base=shop["main"])


def test_a_webhook_is_made_once(gitea: Gitea, group: str, server: GiteaOrganisationForge) -> None:
    """A second call gives it the secret anew; one to elsewhere stays."""
    server.create("shop", description="A shop")
    server.webhook("shop", "http://127.0.0.1:1/other", "one")
    for secret in ("one", "two"):
        server.webhook("shop", "http://127.0.0.1:1/webhook", secret)

    hooks = gitea.get(f"/repos/{group}/shop/hooks")
    assert ["http://127.0.0.1:1/other", "http://127.0.0.1:1/webhook"] == sorted(
        one["config"]["url"] for one in hooks
    )
    assert all({"push", "pull_request", "status"} <= set(one["events"]) for one in hooks)


def test_a_webhook_too_many_is_removed(
    gitea: Gitea, group: str, server: GiteaOrganisationForge
) -> None:
    """As where two runs made one at once; the older one stays."""
    server.create("shop", description="A shop")
    config = {"url": "http://127.0.0.1:1/webhook", "content_type": "json"}
    path = f"/repos/{group}/shop/hooks"
    made = [
        gitea.call("POST", path, json={"type": "gitea", "config": config}).json()["id"]
        for _ in range(2)
    ]

    server.webhook("shop", "http://127.0.0.1:1/webhook", "one")

    assert made[:1] == [one["id"] for one in gitea.get(path)]


@pytest.mark.usefixtures("naps")
def test_a_webhook_whose_answer_was_lost_is_made_once(
    gitea: Gitea, group: str, server: GiteaOrganisationForge, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server has made one when it is asked again, and takes a second of the same address."""
    server.create("shop", description="A shop")
    send, lost = HTTPAdapter.send, list[str]()

    def losing(*args: Any, **kwargs: Any) -> requests.Response:
        answer = send(*args, **kwargs)
        if answer.request.method == "POST" and not lost:
            lost.append(answer.request.url or "")
            raise requests.ConnectionError("reset")
        return answer

    monkeypatch.setattr(HTTPAdapter, "send", losing)

    server.webhook("shop", "http://127.0.0.1:1/webhook", "one")

    assert [f"{gitea.url}/api/v1/repos/{group}/shop/hooks"] == lost
    assert 1 == len(gitea.get(f"/repos/{group}/shop/hooks"))


def test_a_bad_token_is_told(gitea: Gitea, group: str) -> None:
    """The error names the token as the cause, and shows it to nobody."""
    bad = "0123456789012345678901234567890123456789"
    stranger = Gitea(gitea.url, gitea.ca_file, gitea.folder, {BOT: bad}).forge(group)

    with pytest.raises(ForgeError) as caught:
        stranger.create("shop", description="A shop")

    assert "can't create the repo `shop`: status 401" == caught.value.what
    assert "The token is not valid (any more), or is another instance's. Set a new one." == (
        caught.value.hint
    )
    assert bad not in f"{caught.value} {caught.value.hint} {caught.value.details}"


def test_a_missing_scope_is_told(gitea: Gitea, group: str) -> None:
    """What it takes is named: the scopes and the right."""
    token = gitea.limited_token("read:repository", "read:organization", "read:user")
    forge = Gitea(gitea.url, gitea.ca_file, gitea.folder, {BOT: token}).forge(group)

    with pytest.raises(ForgeError) as caught:
        forge.create("shop", description="A shop")

    assert "can't create the repo `shop`: status 403" == caught.value.what
    assert (
        "The token may not do that. It takes a token with the scope write:repository and"
        f" write:organization, and the right to create repos in `{group}`."
    ) == caught.value.hint


def test_check_finds_nothing_amiss(server: GiteaOrganisationForge) -> None:
    """The bot owns the organisation, and its token may do all."""
    assert () == server.check()
    assert () == server.repos()


def test_check_tells_what_a_token_lacks(gitea: Gitea, group: str) -> None:
    """Its scopes are found out without changing anything."""
    token = gitea.limited_token("read:repository", "read:organization", "read:user")
    forge = Gitea(gitea.url, gitea.ca_file, gitea.folder, {BOT: token}).forge(group)

    assert (
        "write: the token needs the scope write:organization",
        "write: the token needs the scope write:repository",
    ) == forge.check()


def test_check_tells_what_a_user_lacks(gitea: Gitea, group: str) -> None:
    """A stranger does not even see a private organisation."""
    forge = gitea.forge(group, user="developer")

    assert (f"see the organisation `{group}`: make it, or make `developer` a member",) == (
        forge.check()
    )


def test_another_ca_is_told(gitea: Gitea, group: str) -> None:
    """A certificate that can't be checked is refused, and `ca_file` named as the remedy."""
    forge = gitea.forge(group, ca_file="")

    with pytest.raises(ForgeError, match="no answer") as caught:
        forge.find("shop")

    assert "Is its certificate by a CA of your own? Name that one's file: `forge.ca_file`." == (
        caught.value.hint
    )


def test_its_ca_wins_over_the_environment(
    gitea: Gitea, group: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """REQUESTS_CA_BUNDLE is for all other servers."""
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "none.pem"))

    assert None is gitea.forge(group).find("shop")


def test_netrc_does_not_take_the_tokens_place(
    gitea: Gitea, group: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Requests would log in with what ~/.netrc has for the host."""
    (tmp_path / ".netrc").write_text("machine localhost login nobody password wrong\n")
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))

    assert () == gitea.forge(group).check()


def test_an_upgrade_says_where_a_renamed_repo_went(
    gitea: Gitea, group: str, server: GiteaOrganisationForge, shop: dict[str, str], tmp_path: Path
) -> None:
    """Before anything is tried with it."""
    gitea.call("PATCH", f"/repos/{group}/shop", json={"name": "store"})
    job = ServiceJob("shop", (RepoTarget("shop", server.url("shop")),), service="shop")
    order = Order(Identity("Dev", "dev@example.com"), forge=gitea.settings(group))

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SCAFFOLD_TOKEN", gitea.tokens[BOT])
        (report,) = run_job(job, order, tmp_path)

    assert shop["main"] == remote_head(server.url("store"))
    assert (UpgradeState.FAILED, "was renamed to `store`") == (
        report.result, report.message.splitlines()[0].partition(": ")[2],
    )  # fmt: skip

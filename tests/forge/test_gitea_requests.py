"""Pull requests on Gitea, a real one."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from scaffold.config.team import Role
from scaffold.errors import ForgeError
from scaffold.forge.api import Proposal, RequestState, StatusState
from scaffold.forge.gitea import requests as gitea_requests
from scaffold.forge.gitea.adapter import GiteaOrganisationForge
from scaffold.forge.gitea.client import GiteaApi
from scaffold.forge.gitea.requests import GiteaRequests
from scaffold.forge.rest import Call
from tests.forge.conftest import push_branch
from tests.gitea import Gitea

pytestmark = [pytest.mark.xdist_group("gitea"), pytest.mark.usefixtures("shop")]


def at_once(gitea: Gitea, group: str, ask: Callable[[GiteaRequests, str], object]) -> None:
    """Have two ask for a request of a branch in the same moment, of which Gitea makes both."""
    start = Barrier(2)

    def wait_and_ask(text: str) -> None:
        requests = gitea.forge(group)._requests("shop")
        start.wait(60)
        ask(requests, text)

    with ThreadPoolExecutor(2) as threads:
        list(threads.map(wait_and_ask, ["mine", "yours"]))


def test_two_who_open_one_at_once(
    gitea: Gitea, group: str, server: GiteaOrganisationForge, shop: dict[str, str], tmp_path: Path
) -> None:
    """It is one; of the other, which Gitea keeps, it is said that nobody turned it down."""
    for branch in ("b", "c", "d"):
        push_branch(server, tmp_path, branch, base=shop["main"], file=branch)

        def ask(requests: GiteaRequests, text: str, branch: str = branch) -> object:
            return requests.open(branch, Proposal("One", text))

        at_once(gitea, group, ask)

        (only,) = server.merge_requests("shop", branch)
        assert (RequestState.OPEN, True) == (only.state, only.body in {"mine", "yours"})
        for twin in gitea.get(f"/repos/{group}/shop/pulls", params={"state": "closed"}):
            assert "which was opened at the same moment" in twin["body"]


def test_the_second_of_one_who_was_killed(
    gitea: Gitea, group: str, server: GiteaOrganisationForge
) -> None:
    """Whoever opens the next one finds the two, and leaves one."""
    new = {"title": "One", "head": "a", "base": "main"}
    at_once(
        gitea,
        group,
        lambda requests, text: requests._make(Call("open", "rights"), {**new, "body": text}),
    )
    assert 2 == len(server.merge_requests("shop"))
    server.open_merge_request("shop", "a", Proposal("One", "ours"))

    (only,) = server.merge_requests("shop")
    assert (1, RequestState.OPEN, "ours") == (only.number, only.state, only.body)


def test_a_draft_is_taken_out_of_draft(
    gitea: Gitea, group: str, server: GiteaOrganisationForge
) -> None:
    """Gitea tells drafts by their title, of which nobody sees the mark here."""
    draft = server.open_merge_request("shop", "a", Proposal("One", "", draft=True))
    assert "WIP: One" == gitea.get(f"/repos/{group}/shop/pulls/1")["title"]
    ready = server.open_merge_request("shop", "a", Proposal("One", ""))

    assert [("One", True), ("One", False)] == [(one.title, one.draft) for one in (draft, ready)]
    assert "One" == gitea.get(f"/repos/{group}/shop/pulls/1")["title"]


def test_all_requests_are_listed(
    server: GiteaOrganisationForge,
    shop: dict[str, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Oldest first, also those of a second page, and those that are no longer open."""
    monkeypatch.setattr(GiteaApi, "page_size", {"limit": 5})
    for number in range(11):
        push_branch(server, tmp_path, f"b{number}", base=shop["main"], file=f"b{number}")
        server.open_merge_request("shop", f"b{number}", Proposal(str(number), ""))
    server.close_merge_request("shop", 1)

    listed = server.merge_requests("shop")
    assert list(range(1, 12)) == [one.number for one in listed]
    assert [RequestState.CLOSED, RequestState.OPEN] == [one.state for one in listed[:2]]
    assert (listed[7],) == server.merge_requests("shop", "b7")


def test_merged(gitea: Gitea, group: str, server: GiteaOrganisationForge) -> None:
    """Main has the branch's commit; its name is still known once the branch is gone."""
    server.open_merge_request("shop", "a", Proposal("One", ""))

    server.merge("shop", 1)

    assert gitea.call("DELETE", f"/repos/{group}/shop/branches/a").ok
    (merged,) = server.merge_requests("shop")
    assert (RequestState.MERGED, "a") == (merged.state, merged.branch)
    with pytest.raises(ForgeError, match="merge request 1 is merged already"):
        server.merge("shop", 1)
    with pytest.raises(ForgeError, match="merge request 1 is merged already"):
        server.close_merge_request("shop", 1)


def test_a_conflict_is_not_merged(
    server: GiteaOrganisationForge,
    shop: dict[str, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The error says what may be the matter."""
    monkeypatch.setattr(gitea_requests, "_CHECK_SECONDS", 3.0)
    push_branch(server, tmp_path, "main", base=shop["main"], file="3")
    server.open_merge_request("shop", "a", Proposal("One", ""))

    with pytest.raises(ForgeError, match="merge request 1 can't be merged") as caught:
        server.merge("shop", 1)
    assert "See whether a is in conflict with main, or waits for a review." == caught.value.hint


def test_labels_are_made_and_added(
    gitea: Gitea, group: str, server: GiteaOrganisationForge
) -> None:
    """Those that somebody else put on it stay."""
    for labels in (("upgrade", "conflict"), ("upgrade",), ("other",)):
        server.open_merge_request("shop", "a", Proposal("One", "", labels=labels))

    told = gitea.get(f"/repos/{group}/shop/pulls/1")["labels"]
    assert ["conflict", "other", "upgrade"] == sorted(one["name"] for one in told)
    assert 3 == len(gitea.get(f"/repos/{group}/shop/labels"))


def test_reviewers_are_asked_who_can_review(
    gitea: Gitea, group: str, server: GiteaOrganisationForge
) -> None:
    """Users and teams; one who is unknown, or who is the author, is left out."""
    server.grant("shop", {Role.DEVELOPER: ["makers"]})
    gitea.add_to_team(group, "makers", "developer")
    names = ("robot", "nobody-here", "developer", f"{group}/makers", f"{group}/no-team")
    for _ in range(2):
        server.open_merge_request("shop", "a", Proposal("One", "", reviewers=names))

    told = gitea.get(f"/repos/{group}/shop/pulls/1")
    assert ["developer"] == [one["login"] for one in told["requested_reviewers"]]
    assert ["makers"] == [one["name"] for one in told["requested_reviewers_teams"]]


def test_a_request_merges_itself_once_green(
    gitea: Gitea, server: GiteaOrganisationForge, shop: dict[str, str]
) -> None:
    """It waits for the checks that the rule of main requires; asking twice is as once."""
    server.protect("shop", ["validate"])
    for _ in range(2):
        server.open_merge_request("shop", "a", Proposal("One", "", auto_merge=True))
    assert RequestState.OPEN is server.merge_requests("shop")[0].state

    server.set_status("shop", shop["a"], "validate", StatusState.SUCCESS)

    gitea.wait_for(lambda: server.merge_requests("shop")[0].state is RequestState.MERGED)


def test_a_forks_request_is_not_ours(
    gitea: Gitea, group: str, server: GiteaOrganisationForge
) -> None:
    """A stranger's branch may have the name of one of ours."""
    gitea.call("PATCH", f"/orgs/{group}", json={"visibility": "public"})
    gitea.call("PATCH", f"/repos/{group}/shop", json={"private": False})
    assert gitea.call("POST", f"/repos/{group}/shop/forks", user="developer", json={}).ok
    asked = {"head": "developer:a", "base": "main", "title": "Mine"}
    pulls = f"/repos/{group}/shop/pulls"
    # Gitea answers before the fork's branches are known.
    gitea.wait_for(lambda: gitea.call("POST", pulls, user="developer", json=asked).ok)

    assert () == server.merge_requests("shop")

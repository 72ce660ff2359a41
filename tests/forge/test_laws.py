"""What holds on every forge: the local one, a real Gitea, and GitHub and GitLab by fakes."""

from datetime import UTC, datetime

import pytest

from scaffold.errors import ForgeError
from scaffold.forge.api import FoundRepo, MergeRequest, Proposal, RequestState, StatusState
from tests.forge.life import Life

BODY = "Line one\n\n- a list\n- gr\u00fcn: 'yes'\n<!-- mark: 1 -->\n"


@pytest.fixture
def shop(life: Life) -> Life:
    """Each of the forges, with a repo `shop` that has the branches `a` and `b`."""
    life.forge.create("shop", description="A shop")
    for branch, commit in (("main", life.main), ("a", life.work), ("b", life.other)):
        life.server.push("shop", branch, commit)
    return life


def propose(life: Life, branch: str = "a", *, draft: bool = False) -> int:
    """The number of a merge request."""
    return life.forge.open_merge_request("shop", branch, Proposal("One", "", draft=draft)).number


def test_a_repo_is_made_once(life: Life) -> None:
    """Who makes it again is told that it was there."""
    before = life.forge.find("shop")
    made = [life.forge.create("shop", description="A shop") for _ in range(2)]

    assert (None, [True, False]) == (before, made)
    assert (FoundRepo("shop"), None) == (life.forge.find("shop"), life.forge.find("shop-code"))


def test_all_repos_are_listed_by_name(life: Life) -> None:
    """None where there is none."""
    before = life.forge.repos()
    for name in ("shop", "cart"):
        life.forge.create(name, description="")

    assert ((), ("cart", "shop")) == (before, life.forge.repos())


def test_a_deleted_repo_is_gone(life: Life) -> None:
    """Others stay; deleting what is gone is done."""
    for name in ("shop", "cart"):
        life.forge.create(name, description="")

    for _ in range(2):
        life.forge.delete("shop")

    assert (None, ("cart",)) == (life.forge.find("shop"), life.forge.repos())


def test_a_repo_is_archived_and_back(shop: Life) -> None:
    """It is told; twice is as once."""
    found = []
    for archived in (True, True, False, False):
        shop.forge.archive("shop", archived=archived)
        found.append(shop.forge.find("shop"))

    archived_repo, repo = FoundRepo("shop", archived=True), FoundRepo("shop")
    assert [archived_repo, archived_repo, repo, repo] == found


def test_a_repo_that_is_not_there_is_told(life: Life) -> None:
    """By an error of the forge's, whatever is to be done with it."""
    with pytest.raises(ForgeError):
        life.forge.archive("shop", archived=False)
    with pytest.raises(ForgeError):
        life.forge.set_status("shop", life.main, "image", StatusState.SUCCESS)
    with pytest.raises(ForgeError):
        life.forge.close_merge_request("shop", 1)
    with pytest.raises(ForgeError):
        life.forge.merge("shop", 1)


def test_a_merge_request_is_read_back(shop: Life) -> None:
    """As it was proposed, with the page where people see it."""
    opened = shop.forge.open_merge_request("shop", "a", Proposal("Add: a # b", BODY, draft=True))

    text = ("Add: a # b", BODY, "a", RequestState.OPEN, shop.page)
    expected = MergeRequest("shop", 1, *text, opened.opened, draft=True)
    assert (expected, (expected,)) == (opened, shop.forge.merge_requests("shop"))


def test_a_merge_request_tells_when_it_was_opened(shop: Life) -> None:
    """By the clock of the forge, with its time zone; a new text does not make it younger."""
    number = propose(shop)
    first = shop.forge.merge_requests("shop")[0].opened
    shop.forge.open_merge_request("shop", "a", Proposal("Two", ""))
    again = shop.forge.merge_requests("shop")[0].opened

    assert first is not None
    assert (1, first, True) == (number, again, first <= datetime.now(UTC))


def test_proposing_the_same_again_changes_nothing(shop: Life) -> None:
    """A branch has one open merge request."""
    first, again = (
        shop.forge.open_merge_request("shop", "a", Proposal("One", BODY)) for _ in range(2)
    )

    assert (first, (first,)) == (again, shop.forge.merge_requests("shop"))


def test_an_open_merge_request_is_brought_up_to_date(shop: Life) -> None:
    """Its text, and whether it is a draft, either way."""
    seen = []
    for text, draft in (("One", True), ("Two", False), ("Three", True)):
        proposal = Proposal(text, f"Of {text}", draft=draft)
        seen.append(shop.forge.open_merge_request("shop", "a", proposal))

    assert [
        (1, "One", "Of One", True),
        (1, "Two", "Of Two", False),
        (1, "Three", "Of Three", True),
    ] == [(request.number, request.title, request.body, request.draft) for request in seen]
    assert tuple(seen[-1:]) == shop.forge.merge_requests("shop")


def test_a_closed_merge_request_is_followed_by_a_new_one(shop: Life) -> None:
    """What a person turned down is not opened again."""
    shop.forge.close_merge_request("shop", propose(shop))
    second = propose(shop)

    assert (2, [RequestState.CLOSED, RequestState.OPEN]) == (
        second,
        [request.state for request in shop.forge.merge_requests("shop")],
    )


def test_those_of_a_branch_are_listed_oldest_first(shop: Life) -> None:
    """Open or not; without a branch, those of all."""
    before = shop.forge.merge_requests("shop")
    propose(shop, "b")
    shop.forge.close_merge_request("shop", propose(shop, "a"))
    propose(shop, "a")

    assert () == before
    assert {"": [1, 2, 3], "a": [2, 3], "b": [1], "c": []} == {
        branch: [request.number for request in shop.forge.merge_requests("shop", branch)]
        for branch in ("", "a", "b", "c")
    }


def test_open_ones_alone_are_listed(shop: Life) -> None:
    """Of all branches or of one; those that are closed or merged take no page of a server."""
    shop.forge.close_merge_request("shop", propose(shop, "b"))
    propose(shop, "b")
    shop.forge.merge("shop", propose(shop, "a"))

    assert {"": [2], "a": [], "b": [2]} == {
        branch: [one.number for one in shop.forge.merge_requests("shop", branch, open_only=True)]
        for branch in ("", "a", "b")
    }


def test_a_closed_merge_request_is_not_decided_again(shop: Life) -> None:
    """The error says what it is."""
    shop.forge.close_merge_request("shop", propose(shop))

    for decide in (shop.forge.close_merge_request, shop.forge.merge):
        with pytest.raises(ForgeError, match="merge request 1 is closed already"):
            decide("shop", 1)


def test_a_merged_merge_request_is_not_decided_again(shop: Life) -> None:
    """It is known by its branch as before."""
    shop.forge.merge("shop", propose(shop))

    assert [("a", RequestState.MERGED)] == [
        (request.branch, request.state) for request in shop.forge.merge_requests("shop")
    ]
    for decide in (shop.forge.close_merge_request, shop.forge.merge):
        with pytest.raises(ForgeError, match="merge request 1 is merged already"):
            decide("shop", 1)


def test_a_merge_request_that_is_not_there_is_told(shop: Life) -> None:
    """Whatever is to become of it."""
    for decide in (shop.forge.close_merge_request, shop.forge.merge):
        with pytest.raises(ForgeError, match="there is no merge request 7"):
            decide("shop", 7)


def test_a_closed_merge_request_is_reopened(shop: Life) -> None:
    """The very one, with its text, also where its branch went on meanwhile."""
    number = propose(shop, draft=True)
    before = shop.forge.merge_requests("shop")
    shop.forge.close_merge_request("shop", number)
    shop.server.push("shop", "b", shop.other)

    shop.forge.reopen_merge_request("shop", number)

    assert before == shop.forge.merge_requests("shop")


def test_only_a_closed_merge_request_is_reopened(shop: Life) -> None:
    """The error says what it is."""
    propose(shop, "a")
    shop.forge.merge("shop", propose(shop, "b"))

    for number, why in (
        (1, "merge request 1 is open already"),
        (2, "merge request 2 is merged already"),
        (7, "there is no merge request 7"),
    ):
        with pytest.raises(ForgeError, match=why):
            shop.forge.reopen_merge_request("shop", number)


def test_one_whose_branch_is_gone_is_not_reopened(shop: Life) -> None:
    """Some forges would, and then have nothing to merge; it stays closed, and that is told."""
    shop.forge.close_merge_request("shop", propose(shop))
    shop.server.drop("shop", "a")

    with pytest.raises(ForgeError) as caught:
        shop.forge.reopen_merge_request("shop", 1)

    assert "merge request 1 can't be reopened: its branch a is gone" == caught.value.what
    assert RequestState.CLOSED is shop.forge.merge_requests("shop")[0].state


def test_a_branch_never_gets_two_open_ones(shop: Life) -> None:
    """Whichever is open stays the one."""
    shop.forge.close_merge_request("shop", propose(shop))
    propose(shop)

    with pytest.raises(ForgeError) as caught:
        shop.forge.reopen_merge_request("shop", 1)

    assert "merge request 1 can't be reopened: merge request 2 of the same branch is open" == (
        caught.value.what
    )
    assert [RequestState.CLOSED, RequestState.OPEN] == [
        one.state for one in shop.forge.merge_requests("shop")
    ]


def test_a_draft_is_not_merged(shop: Life) -> None:
    """Its conflicts would reach main; the error says what to do first."""
    number = propose(shop, draft=True)

    with pytest.raises(ForgeError, match="merge request 1 is a draft") as caught:
        shop.forge.merge("shop", number)

    assert "Settle its conflicts on the branch a and push that first." == caught.value.hint
    assert RequestState.OPEN is shop.forge.merge_requests("shop")[0].state


def test_a_commit_without_statuses_has_none(shop: Life) -> None:
    """Nor has one that the repo does not know."""
    assert ({}, {}) == (
        shop.forge.statuses("shop", shop.main),
        shop.forge.statuses("shop", "9" * 40),
    )


@pytest.mark.parametrize("state", StatusState)
def test_a_status_is_read_back(shop: Life, state: StatusState) -> None:
    """Of that commit, and of no other."""
    shop.forge.set_status("shop", shop.main, "smoke/dev", state)

    assert ({"smoke/dev": state}, {}) == (
        shop.forge.statuses("shop", shop.main),
        shop.forge.statuses("shop", shop.work),
    )


def test_the_newest_status_of_a_name_counts(shop: Life) -> None:
    """A check that is run again may end otherwise; others stay beside it."""
    for name, state in (
        ("image", StatusState.FAILURE),
        ("validate", StatusState.FAILURE),
        ("image", StatusState.PENDING),
        ("image", StatusState.SUCCESS),
    ):
        shop.forge.set_status("shop", shop.main, name, state)

    assert {
        "image": StatusState.SUCCESS,
        "validate": StatusState.FAILURE,
    } == shop.forge.statuses("shop", shop.main)


def test_all_statuses_are_read(shop: Life) -> None:
    """Be there more of them than a server tells at once, which is 100 at most."""
    expected = {f"smoke/{number}": StatusState.SUCCESS for number in range(103)}
    for name, state in expected.items():
        shop.forge.set_status("shop", shop.main, name, state)

    assert expected == shop.forge.statuses("shop", shop.main)

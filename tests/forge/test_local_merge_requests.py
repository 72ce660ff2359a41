"""Merge requests of the embedded forge: refs in the repo that anybody can read with git."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path

import pytest

from scaffold.errors import UnsafeTreeError
from scaffold.forge.api import Proposal, RequestState
from scaffold.forge.local.adapter import LocalFolderForge
from scaffold.forge.local.requests import MergeRequests, RequestText
from tests.builders import git
from tests.git import raw_trees


def test_a_ref_has_the_head_of_the_branch(
    forge: LocalFolderForge, branches: dict[str, str]
) -> None:
    """So that anybody can fetch it."""
    forge.open_merge_request("shop", "a", Proposal("One", ""))

    folder = Path(forge.url("shop").removeprefix("file://"))
    assert branches["a"] == git("rev-parse", "refs/scaffold/mr/1^", cwd=folder)


def test_ten_comes_after_nine(forge: LocalFolderForge, branches: dict[str, str]) -> None:
    """Numbers are numbers, not text."""
    folder = Path(forge.url("shop").removeprefix("file://"))
    for number in range(1, 11):
        git("update-ref", f"refs/heads/b{number}", branches["a"], cwd=folder)
        forge.open_merge_request("shop", f"b{number}", Proposal("One of many", ""))

    assert list(range(1, 11)) == [one.number for one in forge.merge_requests("shop")]


@pytest.mark.usefixtures("branches")
def test_the_time_of_opening_is_kept(forge: LocalFolderForge) -> None:
    """Whatever becomes of its text; a new one has its own."""
    folder = Path(forge.url("shop").removeprefix("file://"))
    requests = MergeRequests("shop", folder, forge.url("shop"))
    before = datetime.now(UTC).replace(microsecond=0)
    requests.open(RequestText("One", "a", "", datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)))

    forge.open_merge_request("shop", "a", Proposal("Two", ""))
    new = forge.open_merge_request("shop", "b", Proposal("Three", "")).opened

    first = forge.merge_requests("shop")[0]
    assert ("Two", datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)) == (first.title, first.opened)
    assert new is not None
    assert before <= new <= datetime.now(UTC)


@pytest.mark.usefixtures("branches")
def test_two_at_once_open_one_of_a_branch(forge: LocalFolderForge) -> None:
    """There are never two of a branch, and whoever is later gets the first one's."""

    def open_one(_: int) -> int:
        return forge.open_merge_request("shop", "a", Proposal("One", "")).number

    with ThreadPoolExecutor(8) as pool:
        numbers = list(pool.map(open_one, range(8)))

    assert ([1] * 8, 1) == (numbers, len(forge.merge_requests("shop")))


def test_two_at_once_of_two_branches(forge: LocalFolderForge, branches: dict[str, str]) -> None:
    """Both are opened, each with a number of its own."""

    def open_one(branch: str) -> int:
        return forge.open_merge_request("shop", branch, Proposal(branch, "")).number

    with ThreadPoolExecutor(8) as pool:
        numbers = list(pool.map(open_one, [*branches] * 4))

    assert {1, 2} == set(numbers)


def test_many_processes_open_requests_at_once(
    forge: LocalFolderForge, branches: dict[str, str]
) -> None:
    """Each branch gets one, whoever is first; no number is given twice, and none is lost."""
    folder = Path(forge.url("shop").removeprefix("file://"))
    names = [f"many{number}" for number in range(24)]
    for name in names:
        git("update-ref", f"refs/heads/{name}", branches["a"], cwd=folder)

    jobs = [(str(folder.parent), name) for name in names for _ in range(2)]
    with get_context("spawn").Pool(8) as pool:
        opened = pool.starmap(_open, jobs, chunksize=1)

    found = {one.branch: one.number for one in forge.merge_requests("shop")}
    assert (sorted(names), list(range(1, 25))) == (sorted(found), sorted(found.values()))
    assert [found[name] for _, name in jobs] == opened


def _open(root: str, branch: str) -> int:
    """What each of the processes does."""
    return LocalFolderForge(root).open_merge_request("shop", branch, Proposal(branch, "")).number


@pytest.mark.usefixtures("branches")
def test_a_request_is_turned_down_while_its_text_changes(forge: LocalFolderForge) -> None:
    """What a person decides is not undone by who writes at the same time."""
    for _ in range(10):
        number = forge.open_merge_request("shop", "a", Proposal("One", "")).number
        with ThreadPoolExecutor(4) as pool:
            texts = [
                pool.submit(forge.open_merge_request, "shop", "a", Proposal(f"{i}", ""))
                for i in range(3)
            ]
            pool.submit(forge.close_merge_request, "shop", number).result()
        assert {True} == {one.exception() is None for one in texts}
        states = {one.number: one.state for one in forge.merge_requests("shop")}
        assert RequestState.CLOSED is states[number]
        if RequestState.OPEN in states.values():
            forge.close_merge_request("shop", max(states))


@pytest.mark.usefixtures("branches")
def test_a_hostile_branch_is_not_merged(forge: LocalFolderForge) -> None:
    """Main would be refused by everybody from then on."""
    store = Path(forge.url("shop").removeprefix("file://"))
    git("update-ref", "refs/heads/main", "refs/heads/a", cwd=store)
    hostile = raw_trees.folder("..", raw_trees.file("pwned"))
    raw_trees.push(store, hostile, ref="refs/heads/a")
    before = git("rev-parse", "main", cwd=store)
    number = forge.open_merge_request("shop", "a", Proposal("One", "")).number

    with pytest.raises(UnsafeTreeError, match=r"has the path '\.\.'"):
        forge.merge("shop", number)

    assert before == git("rev-parse", "main", cwd=store)

"""An organisation on GitHub, against a fake of its API: merge requests."""

from datetime import UTC, datetime

import pytest

from scaffold.errors import ForgeError
from scaffold.forge.api import Proposal, RequestState, StatusState
from scaffold.forge.github.adapter import GithubOrganisationForge
from tests.forge.github.fake import FakeGithub
from tests.forge.github.steps import open_one, writes
from tests.forge.life import WORK


@pytest.mark.usefixtures("repo")
def test_it_tells_when_it_was_opened(forge: GithubOrganisationForge) -> None:
    """As the server tells it, in UTC."""
    expected = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)

    assert (expected, expected) == (open_one(forge).opened, forge.merge_requests("web")[0].opened)


def test_it_has_labels_and_reviewers(
    github: FakeGithub, forge: GithubOrganisationForge, repo: str
) -> None:
    """Users and teams are asked, one by one; who can't review is left out."""
    forge.open_merge_request(
        repo,
        "scaffold/python",
        Proposal(
            "Upgrade",
            "",
            labels=("scaffold", "upgrade"),
            reviewers=("nobody", "acme/admins", "acme/nobodies", "ada"),
        ),
    )

    told = github.repo(repo).pulls[0]
    assert ["scaffold", "upgrade"] == [one["name"] for one in told["labels"]]
    assert ["ada"] == [one["login"] for one in told["requested_reviewers"]]
    assert ["admins"] == [one["slug"] for one in told["requested_teams"]]


def test_who_has_reviewed_is_not_asked_again(
    github: FakeGithub, forge: GithubOrganisationForge, repo: str
) -> None:
    """GitHub takes who has reviewed off the list; that is no reason to bother them."""
    open_one(forge)
    github.repo(repo).pulls[0]["requested_reviewers"].clear()
    github.repo(repo).reviews[1] = ["ada"]
    github.calls.clear()

    open_one(forge)

    assert [] == writes(github)


def test_an_open_one_is_brought_up_to_date(
    github: FakeGithub, forge: GithubOrganisationForge, repo: str
) -> None:
    """The text is replaced, labels and reviewers are added, the draft ends or begins."""
    open_one(forge, draft=True)

    again = forge.open_merge_request(
        repo,
        "scaffold/python",
        Proposal("Upgrade", "To v3", labels=("urgent",), reviewers=("bob",)),
    )
    assert ("To v3", False, 1) == (again.body, again.draft, again.number)
    told = github.repo(repo).pulls[0]
    assert ["scaffold", "urgent"] == [one["name"] for one in told["labels"]]
    assert ["ada", "bob"] == [one["login"] for one in told["requested_reviewers"]]

    assert open_one(forge, draft=True).draft
    assert told["draft"]


def test_a_request_of_a_fork_is_another_one(
    github: FakeGithub, forge: GithubOrganisationForge, repo: str
) -> None:
    """A branch of the same name in a fork is not ours; nor where the fork is gone."""
    open_one(forge)
    head = github.repo(repo).pulls[0]["head"]
    head["repo"] = {**head["repo"], "id": 999}
    assert () == forge.merge_requests(repo)

    github.described = False  # its description does not know of this null, which GitHub sends
    head["repo"] = None
    assert () == forge.merge_requests(repo)


def test_a_plan_without_drafts_is_told(
    github: FakeGithub, forge: GithubOrganisationForge, repo: str
) -> None:
    """A conflict is never opened as one that could be merged."""
    github.free_plan = True

    with pytest.raises(ForgeError) as caught:
        open_one(forge, draft=True)

    assert ("Draft pull requests are not supported in this repository.",) == caught.value.details
    assert caught.value.hint.endswith("drafts in private repos take a paid plan.")
    assert [] == github.repo(repo).pulls


def test_a_branch_that_was_not_pushed_is_told(forge: GithubOrganisationForge, repo: str) -> None:
    """What GitHub says of it is passed on."""
    with pytest.raises(ForgeError) as caught:
        forge.open_merge_request(repo, "nowhere", Proposal("Upgrade", ""))

    assert "can't open a merge request of `web`: status 422" == caught.value.what
    assert ("Validation Failed; invalid",) == caught.value.details


def test_a_merge_waits_until_github_has_checked(
    github: FakeGithub, forge: GithubOrganisationForge, repo: str, naps: list[float]
) -> None:
    """Of one just opened GitHub does not know yet whether it merges."""
    open_one(forge)
    github.checking = 3

    forge.merge(repo, 1)

    assert RequestState.MERGED is forge.merge_requests(repo)[0].state
    assert [1, 1, 1] == naps


def test_it_is_merged_as_the_repo_allows(
    github: FakeGithub, forge: GithubOrganisationForge, repo: str
) -> None:
    """Where merge commits are not allowed it is squashed, or rebased."""
    open_one(forge)
    github.methods = ("rebase",)

    forge.merge(repo, 1)

    assert RequestState.MERGED is forge.merge_requests(repo)[0].state


def test_it_is_merged_as_the_rules_of_its_target_allow(
    github: FakeGithub, forge: GithubOrganisationForge, repo: str
) -> None:
    """Now, and once it is green; a ruleset may allow less than the repo does."""
    forge.protect(repo)
    pull_request = github.repo(repo).rulesets[0]["rules"][0]
    pull_request["parameters"]["allowed_merge_methods"] = ["squash"]
    open_one(forge, auto_merge=True)
    assert {"merge_method": "squash"} == github.repo(repo).pulls[0]["auto_merge"]

    forge.merge(repo, 1)

    assert RequestState.MERGED is forge.merge_requests(repo)[0].state


def test_where_no_way_is_allowed_it_is_told(
    github: FakeGithub, forge: GithubOrganisationForge, repo: str
) -> None:
    """The repo wants squashes, and a ruleset of it rebases: nothing is merged, and that is said."""
    forge.protect(repo)
    pull_request = github.repo(repo).rulesets[0]["rules"][0]
    pull_request["parameters"]["allowed_merge_methods"] = ["rebase"]
    github.methods = ("squash",)
    open_one(forge, auto_merge=True)

    with pytest.raises(ForgeError) as caught:
        forge.merge(repo, 1)

    assert ("no way to merge is allowed",) == caught.value.details
    assert not forge.merges_itself(repo, 1)


def test_a_conflict_is_not_merged(
    github: FakeGithub, forge: GithubOrganisationForge, repo: str
) -> None:
    """What GitHub says is passed on."""
    open_one(forge)
    github.repo(repo).pulls[0]["mergeable"] = False

    with pytest.raises(ForgeError) as caught:
        forge.merge(repo, 1)

    assert "merge request 1 can't be merged" == caught.value.what
    assert ("Pull Request is not mergeable",) == caught.value.details


def test_it_merges_itself_once_its_checks_are_green(
    github: FakeGithub, forge: GithubOrganisationForge, repo: str
) -> None:
    """It is set so once; GitHub does the rest."""
    open_one(forge, auto_merge=True)
    assert {"merge_method": "merge"} == github.repo(repo).pulls[0]["auto_merge"]

    github.calls.clear()
    open_one(forge, auto_merge=True)
    assert [] == writes(github)


def test_a_repo_that_does_not_allow_it_is_told(
    github: FakeGithub,
    forge: GithubOrganisationForge,
    repo: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The request stays open, and the run goes on."""
    github.auto_merge_allowed = False

    open_one(forge, auto_merge=True)

    assert RequestState.OPEN is forge.merge_requests(repo)[0].state
    said = "Pull request Auto merge is not allowed for this repository"
    pull = "https://github.example.com/acme/web/pull/1"
    assert [f"{pull} does not merge itself: {said}"] == caplog.messages


@pytest.mark.parametrize(
    ("mergeable_state", "state", "merged"),
    [
        ("clean", None, False),
        ("unstable", "pending", False),
        ("unstable", "failure", False),
        ("clean", "success", True),
    ],
)
def test_where_no_check_is_required_it_is_merged_if_all_are_green(
    github: FakeGithub,
    forge: GithubOrganisationForge,
    repo: str,
    mergeable_state: str,
    state: str | None,
    merged: bool,
) -> None:
    """And never before a check was there: a click on GitHub would merge it at once."""
    github.mergeable_state = mergeable_state
    if state is not None:
        forge.set_status(repo, WORK, "validate", StatusState(state))

    open_one(forge, auto_merge=True)

    assert merged == (RequestState.MERGED is forge.merge_requests(repo)[0].state)

"""A group on GitLab, against a fake of its API: merge requests."""

from datetime import UTC, datetime

import pytest

from scaffold.errors import ForgeError
from scaffold.forge.api import Proposal, RequestState
from scaffold.forge.gitlab.adapter import GitlabGroupForge
from tests.forge.fake_http import Answer, Asked, Fault
from tests.forge.gitlab.fake import FakeGitlab
from tests.forge.gitlab.steps import open_one, writes


@pytest.mark.usefixtures("repo")
def test_it_tells_when_it_was_opened(forge: GitlabGroupForge) -> None:
    """As the server tells it, in UTC."""
    expected = datetime(2026, 1, 2, 3, 4, 5, 678000, tzinfo=UTC)

    assert (expected, expected) == (open_one(forge).opened, forge.merge_requests("web")[0].opened)


def test_it_has_labels_and_reviewers(
    gitlab: FakeGitlab, forge: GitlabGroupForge, repo: str
) -> None:
    """From the start, in one call; groups and unknown names are left out as reviewers."""
    forge.open_merge_request(
        repo,
        "scaffold/python",
        Proposal(
            "Upgrade", "", labels=("scaffold", "upgrade"), reviewers=("acme/devs", "nobody", "ada")
        ),
    )

    told = gitlab.project(repo).requests[0]
    assert ["scaffold", "upgrade"] == told["labels"]
    assert [{"id": 3, "username": "ada"}] == told["reviewers"]
    assert ["POST /projects/acme%2Fshop%2Fweb/merge_requests"] == writes(gitlab)


def test_an_open_one_is_brought_up_to_date(
    gitlab: FakeGitlab, forge: GitlabGroupForge, repo: str
) -> None:
    """The text is replaced, labels and reviewers are added, the draft ends."""
    gitlab.premium = True
    open_one(forge, draft=True)

    again = forge.open_merge_request(
        repo,
        "scaffold/python",
        Proposal("Upgrade", "To v3", labels=("urgent",), reviewers=("Ada", "bob")),
    )

    assert ("To v3", False, 1) == (again.body, again.draft, again.number)
    told = gitlab.project(repo).requests[0]
    assert ["scaffold", "urgent"] == told["labels"]
    assert ["ada", "bob"] == [one["username"] for one in told["reviewers"]]


def test_a_request_of_a_fork_is_another_one(
    gitlab: FakeGitlab, forge: GitlabGroupForge, repo: str
) -> None:
    """A branch of the same name in a fork is not ours to change."""
    open_one(forge)
    gitlab.project(repo).requests[0]["source_project_id"] = 999

    assert () == forge.merge_requests(repo)


def test_a_branch_that_was_not_pushed_is_told(forge: GitlabGroupForge, repo: str) -> None:
    """What GitLab says of it is passed on."""
    with pytest.raises(ForgeError) as caught:
        forge.open_merge_request(repo, "nowhere", Proposal("Upgrade", ""))

    assert "can't open a merge request of `web`: status 400" == caught.value.what
    assert ("['Source branch \"nowhere\" does not exist']",) == caught.value.details


def test_a_merge_waits_until_gitlab_has_checked(
    gitlab: FakeGitlab, forge: GitlabGroupForge, repo: str, naps: list[float]
) -> None:
    """Of one just opened GitLab does not know yet whether it merges."""
    open_one(forge)
    gitlab.checking = 3
    gitlab.project(repo).requests[0]["detailed_merge_status"] = "mergeable"

    forge.merge(repo, 1)

    assert RequestState.MERGED is forge.merge_requests(repo)[0].state
    assert [1, 1, 1] == naps


class _RefusedInSilence:
    """A server that refuses to merge, and says nothing of it."""

    def at(self, asked: Asked) -> Fault | None:
        """See Trouble."""
        return Fault("silence", Answer(405)) if asked.path.endswith("/merge") else None


def test_what_is_refused_without_a_word_is_not_merged(
    gitlab: FakeGitlab, forge: GitlabGroupForge, repo: str
) -> None:
    """As by a proxy that lets no PUT through."""
    open_one(forge)
    gitlab.trouble = _RefusedInSilence()

    with pytest.raises(ForgeError, match="merge request 1 can't be merged"):
        forge.merge(repo, 1)


def test_a_conflict_is_not_merged(gitlab: FakeGitlab, forge: GitlabGroupForge, repo: str) -> None:
    """What GitLab says is passed on."""
    open_one(forge)
    gitlab.project(repo).requests[0]["detailed_merge_status"] = "conflict"

    with pytest.raises(ForgeError) as caught:
        forge.merge(repo, 1)

    assert "merge request 1 can't be merged" == caught.value.what
    assert ("405 Method Not Allowed",) == caught.value.details


def test_who_may_not_merge_is_told_so(
    gitlab: FakeGitlab, forge: GitlabGroupForge, repo: str
) -> None:
    """GitLab answers 401, which is not about the token."""
    open_one(forge)
    gitlab.levels[1] = 20

    with pytest.raises(ForgeError) as caught:
        forge.merge(repo, 1)

    said = (
        "401 Unauthorized: it takes a token with the scope api, of a user with the role Developer"
    )
    assert (f"{said} who is allowed to merge into that branch",) == caught.value.details


def test_it_merges_itself_once_its_pipeline_is_green(
    gitlab: FakeGitlab, forge: GitlabGroupForge, repo: str
) -> None:
    """With a pipeline it is set once; without one nothing happens, and it is never merged now."""

    def upgrade() -> None:
        forge.open_merge_request(repo, "scaffold/python", Proposal("Upgrade", "", auto_merge=True))

    upgrade()
    told = gitlab.project(repo).requests[0]
    assert ("opened", False) == (told["state"], told["merge_when_pipeline_succeeds"])

    gitlab.pipelines = True
    upgrade()
    assert ("opened", True) == (told["state"], told["merge_when_pipeline_succeeds"])

    gitlab.calls.clear()
    upgrade()
    assert [] == writes(gitlab)

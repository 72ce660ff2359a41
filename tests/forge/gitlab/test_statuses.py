"""A group on GitLab, against a fake of its API: statuses."""

from scaffold.forge.api import StatusState
from scaffold.forge.gitlab.adapter import GitlabGroupForge
from tests.forge.gitlab.fake import FakeGitlab
from tests.forge.gitlab.steps import writes
from tests.forge.life import MAIN, OTHER


def test_jobs_are_statuses(gitlab: FakeGitlab, forge: GitlabGroupForge, repo: str) -> None:
    """The newest of a name counts, `build-image` is `image`; a skipped job says nothing."""
    gitlab.project(repo).statuses = [
        {"id": number, "sha": MAIN, "name": name, "status": status}
        for number, name, status in (
            (1, "build-image", "failed"),
            (2, "build-image", "success"),
            (3, "validate", "running"),
            (4, "smoke/dev", "failed"),
            (5, "deploy/dev", "manual"),
            (6, "deploy/prod", "canceled"),
            (7, "lint", "success"),
            (8, "lint", "skipped"),
            (9, "docs", "skipped"),
        )
    ]

    assert {
        "image": StatusState.SUCCESS,
        "validate": StatusState.PENDING,
        "smoke/dev": StatusState.FAILURE,
        "deploy/dev": StatusState.PENDING,
        "deploy/prod": StatusState.FAILURE,
        "lint": StatusState.SUCCESS,
    } == forge.statuses(repo, MAIN)


def test_all_pages_of_statuses_are_read(
    gitlab: FakeGitlab, forge: GitlabGroupForge, repo: str
) -> None:
    """A commit may have more than a page of them."""
    gitlab.project(repo).statuses = [
        {"id": number, "sha": MAIN, "name": f"job-{number}", "status": "success"}
        for number in range(150)
    ]

    assert 150 == len(forge.statuses(repo, MAIN))


def test_a_commit_without_statuses_has_none(forge: GitlabGroupForge, repo: str) -> None:
    """Nor has one that the repo does not know."""
    assert {} == forge.statuses(repo, MAIN)
    assert {} == forge.statuses(repo, OTHER)


def test_a_status_is_set_once(gitlab: FakeGitlab, forge: GitlabGroupForge, repo: str) -> None:
    """GitLab refuses a state that is there already, so that is not asked for."""
    forge.set_status(repo, MAIN, "validate", StatusState.PENDING)
    forge.set_status(repo, MAIN, "validate", StatusState.PENDING)
    forge.set_status(repo, MAIN, "validate", StatusState.SUCCESS)

    assert {"validate": StatusState.SUCCESS} == forge.statuses(repo, MAIN)
    assert 2 == len(writes(gitlab))


def test_a_status_may_change_its_mind(forge: GitlabGroupForge, repo: str) -> None:
    """A check that is run again may end otherwise."""
    forge.set_status(repo, MAIN, "validate", StatusState.FAILURE)
    forge.set_status(repo, MAIN, "validate", StatusState.PENDING)
    forge.set_status(repo, MAIN, "validate", StatusState.SUCCESS)

    assert {"validate": StatusState.SUCCESS} == forge.statuses(repo, MAIN)

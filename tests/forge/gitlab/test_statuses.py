"""A group on GitLab, against a fake of its API: statuses."""

from scaffold.forge.api import StatusState
from scaffold.forge.gitlab.adapter import GitlabGroupForge
from tests.forge.gitlab.fake import FakeGitlab
from tests.forge.life import MAIN


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

"""An organisation on GitHub, against a fake of its API: statuses."""

import pytest

from scaffold.errors import ForgeError
from scaffold.forge.api import StatusState
from scaffold.forge.github.adapter import GithubOrganisationForge
from tests.forge.fake_http import Answer
from tests.forge.github.fake import FakeGithub
from tests.forge.github.held import TIME
from tests.forge.life import MAIN


def run(number: int, name: str, conclusion: str | None, **more: object) -> dict[str, object]:
    """A check run of main."""
    return {
        "id": number,
        "head_sha": MAIN,
        "name": name,
        "status": "completed" if conclusion else "in_progress",
        "conclusion": conclusion,
        "started_at": TIME,
        "completed_at": TIME if conclusion else None,
        **more,
    }


def test_check_runs_are_statuses(
    github: FakeGithub, forge: GithubOrganisationForge, repo: str
) -> None:
    """The newest of a name counts; a skipped one says nothing, a neutral one is fine."""
    github.repo(repo).runs = [
        run(1, "image", "success"),
        run(2, "image", "skipped"),
        run(4, "validate", "failure"),
        run(3, "validate", "success"),
        run(5, "smoke/dev", None),
        run(6, "lint", "neutral"),
        run(7, "slow", "timed_out"),
        run(8, "docs", "skipped"),
        run(9, "queued", None, status="queued", started_at=None),
    ]

    assert {
        "image": StatusState.SUCCESS,
        "validate": StatusState.FAILURE,
        "smoke/dev": StatusState.PENDING,
        "lint": StatusState.SUCCESS,
        "slow": StatusState.FAILURE,
        "queued": StatusState.PENDING,
    } == forge.statuses(repo, MAIN)


def test_the_newer_of_a_status_and_a_check_run_counts(
    github: FakeGithub, forge: GithubOrganisationForge, repo: str
) -> None:
    """Where both have the same name."""
    forge.set_status(repo, MAIN, "image", StatusState.FAILURE)
    forge.set_status(repo, MAIN, "validate", StatusState.FAILURE)
    github.repo(repo).runs = [
        run(1, "image", "success", completed_at="2026-01-02T03:04:06Z"),
        run(2, "validate", "success", completed_at="2026-01-02T03:04:04Z"),
    ]

    assert {
        "image": StatusState.SUCCESS,
        "validate": StatusState.FAILURE,
    } == forge.statuses(repo, MAIN)


def test_all_pages_of_both_are_read(
    github: FakeGithub, forge: GithubOrganisationForge, repo: str
) -> None:
    """A commit may have more than a page of either."""
    github.repo(repo).runs = [run(number, f"run-{number}", "success") for number in range(150)]
    github.repo(repo).statuses = [
        {"id": one, "sha": MAIN, "context": f"s-{one}", "state": "success", "updated_at": TIME}
        for one in range(150)
    ]

    assert 300 == len(forge.statuses(repo, MAIN))


def test_a_token_that_sees_no_check_runs_is_told(
    github: FakeGithub, forge: GithubOrganisationForge, repo: str
) -> None:
    """A fine-grained one never does; without them no job would ever seem green."""
    said = {"message": "Resource not accessible by personal access token"}
    github.refusals["GET", "/check-runs"] = Answer(403, said)

    with pytest.raises(ForgeError) as caught:
        forge.statuses(repo, MAIN)

    assert "can't read the statuses of `web`: status 403" == caught.value.what
    assert caught.value.hint.endswith("to a fine-grained token GitHub shows no check runs.")

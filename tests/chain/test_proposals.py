"""Moves by merge request: one a pin, updated in place, muted where a human closed it."""

from pathlib import Path

import pygit2
import pytest

from scaffold.chain.decide import Why
from scaffold.chain.proposals import with_request
from scaffold.forge.api import MergeRequest, Proposal, RequestState
from scaffold.forge.local.adapter import LocalFolderForge
from tests.chain.world import ENVIRONMENTS, Texts, World, event

BRANCH = "scaffold/promote-prod"
TWO = ({**ENVIRONMENTS[2], "after": "dev"},)


@pytest.fixture
def proposed(world: World) -> World:
    """Prod follows dev by merge request, and one is open."""
    world.settings = {"environments": [ENVIRONMENTS[0], *TWO]}
    world.settle()
    assert [RequestState.OPEN] == states(world)
    return world


def states(world: World, part: str = "env") -> list[RequestState]:
    """The state of each merge request of a repo."""
    return [one.state for one in world.forge.merge_requests(f"shop-{part}")]


def released(world: World, text: str) -> str:
    """Let a code commit reach dev; what dev has then."""
    world.commit("code", {"app.py": text})
    world.settle()
    return world.pin("dev") or ""


def top(world: World) -> pygit2.Commit:
    """The last commit of the branch."""
    return world.repo("env")[world.head("env", BRANCH)].peel(pygit2.Commit)


def branch_pin(world: World) -> str | None:
    """What prod's pin is on the branch."""
    return world.pin("prod", commit=BRANCH)


def test_what_a_merge_request_says(proposed: World) -> None:
    """Its title, what comes, and its place in the report."""
    found = event(proposed.run(), "prod")

    request = proposed.forge.merge_requests("shop-env")[0]
    dev = proposed.pin("dev") or ""
    assert f"Move prod to shop-manifest {dev[:12]}" == request.title
    assert f"- `{dev[:12]}` `Create shop-manifest` by `Dev`\n\n" in request.body
    assert request.body.endswith(f"<!-- scaffold-target: {dev} -->\n")
    assert (Why.REQUEST, request) == (found.verdict.why, found.request)
    assert (dev, None) == (branch_pin(proposed), proposed.pin("prod"))


def test_one_that_is_open_already_is_a_success(
    proposed: World, pushes: list[tuple[str, str]]
) -> None:
    """Nothing is pushed or written again, and nothing is told as a change."""
    store = proposed.repo("env")
    before = str(store.references["refs/scaffold/mr/1"].target)

    report = proposed.run()

    assert ([], (), ()) == (pushes, report.moved, report.failures)
    assert before == str(store.references["refs/scaffold/mr/1"].target)
    assert report.quiet


def test_the_next_release_updates_the_branch_in_place(proposed: World) -> None:
    """The one merge request has the new text and the new commit."""
    newest = released(proposed, "two\n")

    request = proposed.forge.merge_requests("shop-env")
    assert (1, f"Move prod to shop-manifest {newest[:12]}") == (len(request), request[0].title)
    assert newest == branch_pin(proposed)


def test_another_commit_on_main_leaves_the_branch_alone(
    proposed: World, pushes: list[tuple[str, str]]
) -> None:
    """It still merges, and a push would take approvals away."""
    proposed.commit("env", {"README.md": "new\n"})
    proposed.run()

    assert [] == pushes


def test_a_branch_that_would_not_merge_is_made_anew(proposed: World) -> None:
    """Somebody moved the pin on main meanwhile."""
    path = proposed.where("prod")[1]
    proposed.commit("env", {path: proposed.text("env", path) + "# mine\n"})
    proposed.run()

    proposed.forge.merge("shop-env", 1)
    assert proposed.pin("dev") == proposed.pin("prod")


def test_a_merged_one_is_the_end_of_it(proposed: World) -> None:
    """The pin has moved, and the next release gets a merge request of its own."""
    proposed.forge.merge("shop-env", 1)
    assert Why.CURRENT == event(proposed.run(), "prod").verdict.why
    newest = released(proposed, "two\n")

    assert [RequestState.MERGED, RequestState.OPEN] == states(proposed)
    assert newest == branch_pin(proposed)


def test_one_that_was_squashed_is_the_end_of_it(proposed: World) -> None:
    """The branch was never merged in; it is made anew from main all the same."""
    proposed.commit("env", proposed.as_at("prod", BRANCH), "Move prod (#1)\n")
    newest = released(proposed, "two\n")

    commit = top(proposed)
    assert [proposed.head("env")] == [str(one) for one in commit.parent_ids]
    assert newest == branch_pin(proposed)


def test_a_closed_one_mutes_that_target(proposed: World) -> None:
    """Over ten passes; the bot says why."""
    proposed.forge.close_merge_request("shop-env", 1)

    for _ in range(10):
        found = event(proposed.run(), "prod").verdict

    assert (Why.HELD, True) == (
        found.why, found.detail.startswith("its merge request was closed; ")
    )  # fmt: skip
    assert [RequestState.CLOSED] == states(proposed)


def test_a_closed_one_mutes_what_amounts_to_the_same(proposed: World) -> None:
    """A README commit asks nobody again."""
    proposed.forge.close_merge_request("shop-env", 1)
    proposed.commit("manifest", {"README.md": "new\n"})
    proposed.settle()

    assert [RequestState.CLOSED] == states(proposed)


def test_a_reopened_one_is_taken_up_again(proposed: World) -> None:
    """The person who reopened it decided after the one who closed it."""
    proposed.forge.close_merge_request("shop-env", 1)
    proposed.run()
    proposed.forge.reopen_merge_request("shop-env", 1)
    found = event(proposed.run(), "prod")

    assert (Why.REQUEST, 1) == (found.verdict.why, found.request and found.request.number)


def test_one_that_was_reopened_outlives_a_later_refusal(proposed: World) -> None:
    """The first is open again, a second was closed: what amounts to the second is proposed."""
    proposed.forge.close_merge_request("shop-env", 1)
    released(proposed, "two\n")
    proposed.forge.close_merge_request("shop-env", 2)
    proposed.forge.reopen_merge_request("shop-env", 1)
    proposed.commit("manifest", {"README.md": "new\n"})
    proposed.settle()
    found = event(proposed.run(), "prod")

    assert (Why.REQUEST, 1) == (found.verdict.why, found.request and found.request.number)
    assert [RequestState.OPEN, RequestState.CLOSED] == states(proposed)


def test_a_new_release_is_proposed_after_a_closed_one(proposed: World) -> None:
    """It is another target."""
    proposed.forge.close_merge_request("shop-env", 1)
    newest = released(proposed, "two\n")

    assert [RequestState.CLOSED, RequestState.OPEN] == states(proposed)
    assert newest == branch_pin(proposed)


def test_a_commit_of_somebody_else_on_the_branch_is_kept(proposed: World) -> None:
    """The bot adds to it, and never replaces it."""
    theirs = proposed.commit("env", {"note.txt": "mine\n"}, branch=BRANCH)
    newest = released(proposed, "two\n")

    commit = top(proposed)
    assert [theirs] == [str(one) for one in commit.parent_ids]
    assert (newest, "mine\n") == (branch_pin(proposed), proposed.text("env", "note.txt", BRANCH))


def test_an_amended_commit_of_the_bot_is_somebody_elses(proposed: World) -> None:
    """It has the bot's message, and another file."""
    message = top(proposed).message
    files: Texts = {**proposed.as_at("prod", BRANCH), "note.txt": "mine\n"}
    theirs = proposed.commit("env", files, message, branch=BRANCH, on=proposed.head("env"))
    released(proposed, "two\n")

    commit = top(proposed)
    assert [theirs] == [str(one) for one in commit.parent_ids]


def test_a_deleted_branch_comes_back(proposed: World) -> None:
    """A clean-up job removed it while the merge request was open."""
    proposed.repo("env").references.delete(f"refs/heads/{BRANCH}")
    report = proposed.run()

    assert () == report.failures
    assert proposed.pin("dev") == branch_pin(proposed)


def test_killed_between_the_branch_and_its_merge_request(proposed: World) -> None:
    """The next pass opens it."""
    proposed.repo("env").references.delete("refs/scaffold/mr/1")

    assert Why.REQUEST == event(proposed.run(), "prod").verdict.why
    assert [RequestState.OPEN] == states(proposed)


@pytest.mark.parametrize("place", ["docker", "manifest", "dev"])
def test_a_main_that_takes_no_push(world: World, place: str) -> None:
    """A merge request, then quiet; once it is merged the rest follows."""
    part = world.where(place)[0]
    world.refuse_pushes(part)
    world.commit("code", {"app.py": "two\n"})

    for _ in range(3):
        report = world.settle()

    assert Why.REQUEST == event(report, place).verdict.why
    assert [RequestState.OPEN] == states(world, part)
    assert f"scaffold/promote-{place}" == world.forge.merge_requests(f"shop-{part}")[0].branch
    world.forge.merge(f"shop-{part}", 1)
    world.settle()
    assert [RequestState.MERGED] == states(world, part)


def test_by_merge_request_everywhere(world: World, pushes: list[tuple[str, str]]) -> None:
    """`push: merge-request` tries no push to any main."""
    world.settings = {"propagation": {"require": "none", "push": "merge-request"}}
    world.commit("code", {"app.py": "two\n"})
    for part in ("docker", "manifest", "env"):
        world.settle()
        world.forge.merge(f"shop-{part}", 1)
    world.later(3)
    world.settle()

    assert world.head("manifest") == world.pin("dev")
    assert "main" not in {branch for _, branch in pushes}
    assert "scaffold/promote-staging" == world.forge.merge_requests("shop-env")[1].branch


def test_a_first_environment_by_merge_request(world: World) -> None:
    """Its own policy counts, as any other's does."""
    world.settings = {"environments": [{**ENVIRONMENTS[0], "promotion": "merge-request"}]}
    before = world.pin("dev")
    world.commit("code", {"app.py": "two\n"})
    report = world.settle()

    assert (Why.REQUEST, before) == (event(report, "dev").verdict.why, world.pin("dev"))


def test_neither_main_nor_the_branch_takes_a_push(world: World, tmp_path: Path) -> None:
    """That is a failure, with what the forge said."""
    world.hook("docker", "pre-receive", 'echo "This repo is archived." >&2; exit 1')
    world.commit("code", {"app.py": "two\n"})

    report = world.run()

    assert ["push-refused"] == [one.error.reference for one in report.failures]
    assert "This repo is archived." in "".join(report.failures[0].error.details), tmp_path


def test_what_policy_lets_merge_itself(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """With `push: auto-merge` all but what an environment wants a person for; the forge does it."""
    asked: dict[str, bool] = {}
    opened = LocalFolderForge.open_merge_request

    def watched(
        forge: LocalFolderForge, repo: str, branch: str, proposal: Proposal
    ) -> MergeRequest:
        asked[branch] = proposal.auto_merge
        return opened(forge, repo, branch, proposal)

    monkeypatch.setattr(LocalFolderForge, "open_merge_request", watched)
    world.settings = {
        "environments": [ENVIRONMENTS[0], *TWO],
        "propagation": {"require": "none", "push": "auto-merge"},
    }
    world.settle()
    world.commit("code", {"app.py": "two"})
    world.run()

    assert {"scaffold/promote-docker": True, BRANCH: False} == asked


AUTO = {"propagation": {"require": "none", "push": "auto-merge"}}


def test_what_merges_itself_is_asked_to_in_each_pass(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A forge may not take that at first, as before there is a pipeline, and may drop it later."""
    asked: list[str] = []
    opened = LocalFolderForge.open_merge_request

    def watched(
        forge: LocalFolderForge, repo: str, branch: str, proposal: Proposal
    ) -> MergeRequest:
        asked.append(branch)
        assert proposal.auto_merge
        return opened(forge, repo, branch, proposal)

    monkeypatch.setattr(LocalFolderForge, "open_merge_request", watched)
    world.settings = AUTO
    world.commit("code", {"app.py": "two"})
    for _ in range(3):
        report = world.run()

    assert ["scaffold/promote-docker"] * 3 == asked
    assert ((), [RequestState.OPEN]) == (report.moved, states(world, "docker"))


@pytest.mark.parametrize(
    ("waits", "said"),
    [
        (True, "merges itself once its checks are green"),
        (False, "does not merge itself yet: the bot's next pass asks the forge again"),
        (None, ""),
    ],
)
def test_whether_it_merges_itself_is_told(
    world: World, monkeypatch: pytest.MonkeyPatch, waits: bool | None, said: str
) -> None:
    """Beside its address; of one that a person merges nothing is said."""
    monkeypatch.setattr(LocalFolderForge, "merges_itself", lambda *_: waits)
    world.settings = {"environments": [ENVIRONMENTS[0], *TWO], **AUTO}
    world.settle()
    world.commit("code", {"app.py": "two"})
    world.run()

    told = {
        edge.place: with_request(world.chain(), world.judge().verdict(world.chain(), edge), context)
        for edge in world.chain().edges
        if (context := world.context()) and edge.place in {"docker", "prod"}
    }
    docker, env = (world.forge.merge_requests(f"shop-{part}")[0] for part in ("docker", "env"))
    assert {"docker": (docker, said), "prod": (env, "")} == {
        place: (verdict.request, verdict.detail) for place, verdict in told.items()
    }


def test_main_that_is_protected_in_unknown_words(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The forge says that it is, so the move is proposed."""
    monkeypatch.setattr(LocalFolderForge, "may_push", lambda *_: False)
    # git refuses a push to a branch that it takes for checked out.
    world.repo("docker").config["core.bare"] = False
    world.commit("code", {"app.py": "two"})
    report = world.run()

    assert () == report.failures
    assert [RequestState.OPEN] == states(world, "docker")

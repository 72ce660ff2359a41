"""Pushes that are refused: whatever the words, look again, judge again, push again, bounded."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from scaffold import process
from scaffold.chain import propagate, proposals
from scaffold.chain.decide import Why
from scaffold.git import branches, program
from tests.chain.world import AUTOMATIC, World, event

REFUSALS = [
    "cannot lock ref 'refs/heads/main': Unable to create main.lock: File exists",
    "failed to update ref",
    "remote: error: cannot lock ref: is at 1111 but expected 2222",
    "GitLab: Another git process seems to be running",
    "remote rejected: internal server error",
    "Zurückgewiesen",
    "",
]


def refuse(world: World, part: str, times: int, said: str) -> Path:
    """Let a repo refuse so many pushes with these words; return the file that counts them."""
    count = world.root / "count"
    count.write_text("0")
    world.hook(
        part, "pre-receive",
        f'n=$(cat {count}); n=$((n + 1)); echo $n > {count}\n'
        f'if [ $n -le {times} ]; then cat <<"END" >&2\n{said}\nEND\nexit 1; fi',
    )  # fmt: skip
    return count


@pytest.fixture
def plain_words(monkeypatch: pytest.MonkeyPatch) -> None:
    """Git tells of a hook that declined; the forges that are meant here have no such words."""
    real = process.run

    def without_them(command: list[str], **keywords: Any) -> Any:
        done = real(command, **keywords)
        words = (b"pre-receive hook declined", b"refused")
        return type(done)(done.status, done.stdout.replace(*words), done.stderr.replace(*words))

    monkeypatch.setattr(program, "run", without_them)


@pytest.mark.usefixtures("plain_words")
@pytest.mark.parametrize("said", REFUSALS)
def test_any_refusal_is_tried_again(world: World, said: str) -> None:
    """Forges have many texts for a lost race, and a lock that is held looks like a failure."""
    refuse(world, "docker", 2, said)
    code = world.commit("code", {"app.py": "two\n"})

    report = world.run()

    assert () == report.failures
    assert code == world.pin("docker")


@pytest.mark.usefixtures("plain_words")
def test_a_forge_that_always_refuses_is_given_up(world: World) -> None:
    """After five attempts, with what it said; what was pinned stays."""
    count = refuse(world, "docker", 1000, "disk quota exceeded")
    before = world.pin("docker")
    world.commit("code", {"app.py": "two\n"})

    report = world.run()

    assert "5\n" == count.read_text()
    assert ["shop"] == [one.service for one in report.failures]
    assert "disk quota exceeded" in "".join(report.failures[0].error.details)
    assert before == world.pin("docker")


def before_push(monkeypatch: pytest.MonkeyPatch, act: Callable[[], object], times: int = 1) -> None:
    """Let something happen just before the next pushes."""
    left = [times]
    real = branches.push

    def push(*arguments: Any, **keywords: Any) -> None:
        if left[0]:
            left[0] -= 1
            act()
        real(*arguments, **keywords)

    monkeypatch.setattr(branches, "push", push)


def test_a_human_who_pushes_meanwhile_loses_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The move comes on top of what they pushed."""
    code = world.commit("code", {"app.py": "two\n"})
    before_push(monkeypatch, lambda: world.commit("docker", {"Dockerfile": "FROM y\n"}, "Mine\n"))

    report = world.run()

    assert [f"Move docker to shop-code {code[:12]}", "Mine"] == world.log("docker")[:2]
    assert () == report.failures


def test_a_human_who_reverts_meanwhile_is_respected(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was to be pushed is judged afresh: dev went back, so staging does not get it."""
    world.settings = {"environments": list(AUTOMATIC)}
    world.settle()
    old = world.pin("dev")
    world.commit("code", {"app.py": "two\n"})
    world.run()
    before_push(monkeypatch, lambda: world.revert("dev"))

    report = world.run()

    assert old == world.pin("dev") == world.pin("staging")
    assert [Why.HELD, Why.CURRENT] == [
        event(report, place).verdict.why for place in ("dev", "staging")
    ]


def test_two_bots_at_once_move_once(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The slower one sees what the other did."""
    world.commit("code", {"app.py": "two\n"})
    other = world.bot()
    before_push(monkeypatch, lambda: other.run_pass(world.now))

    report = world.run()

    assert () == report.failures
    assert [2, 2, 2] == [len(world.log(part)) for part in ("docker", "manifest", "env")]


def test_two_bots_at_once_make_one_merge_request(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a branch that the other one pushed first."""
    world.settings = {"propagation": {"require": "none", "push": "merge-request"}}
    world.commit("code", {"app.py": "two\n"})
    other = world.bot()
    before_push(monkeypatch, lambda: other.run_pass(world.now))

    report = world.run()

    assert () == report.failures
    assert 1 == len(world.forge.merge_requests("shop-docker"))


def test_a_bot_that_looked_before_the_other_one_is_not_misled(world: World) -> None:
    """It finds pins that are newer than what it saw, and that is not an upstream gone wrong."""
    slow, chain = world.bot(), world.chain()
    chain.repo("code")
    world.commit("code", {"app.py": "two\n"})
    world.settle()

    events = propagate.propagate(chain, world.judge(), world.context())
    assert {Why.CURRENT} <= {one.verdict.why for one in events}
    assert Why.DIVERGED not in {one.verdict.why for one in events}
    assert slow.run_pass(world.now).quiet


def test_main_that_always_moves_is_given_up(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The next pass tries again."""
    world.commit("code", {"app.py": "two\n"})
    before_push(monkeypatch, lambda: world.commit("docker", {"a": world.head("docker")}), 99)

    report = world.run()

    assert "main moved 5 times while this was prepared" == report.failures[0].error.what


def test_what_was_pushed_before_a_failure_is_told(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The report has the move of docker, and that manifest failed."""

    def fail_at_manifest(*arguments: Any, **keywords: Any) -> None:
        if "manifest" in arguments[1]:
            raise OSError("no space left on device")
        real(*arguments, **keywords)

    real = branches.push
    monkeypatch.setattr(branches, "push", fail_at_manifest)
    world.commit("code", {"app.py": "two\n"})

    report = world.run()

    assert ["docker"] == [one.verdict.edge.place for one in report.moved]
    assert ["file-failed"] == [one.error.reference for one in report.failures]


def before_commit(monkeypatch: pytest.MonkeyPatch, module: Any, act: Callable[[], object]) -> None:
    """Let something happen once, after a bot judged and before it commits."""
    left = [act]
    real = module.commit_pin

    def commit_pin(*arguments: Any) -> Any:
        if left:
            left.pop()()
        return real(*arguments)

    monkeypatch.setattr(module, "commit_pin", commit_pin)


def test_what_comes_after_the_look_is_kept_on_main(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The push is of what was seen, so that it can't replace what was not."""
    code = world.commit("code", {"app.py": "two\n"})
    before_commit(monkeypatch, propagate, lambda: world.commit("docker", {"a": "a\n"}, "Mine\n"))

    assert () == world.run().failures
    assert [f"Move docker to shop-code {code[:12]}", "Mine"] == world.log("docker")[:2]


def test_what_comes_after_the_look_is_kept_on_a_branch(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also on the branch of a merge request."""
    branch = "scaffold/promote-docker"
    world.settings = {"propagation": {"require": "none", "push": "merge-request"}}
    world.commit("code", {"app.py": "two\n"})
    world.settle()
    code = world.commit("code", {"app.py": "three\n"})
    before_commit(
        monkeypatch, proposals, lambda: world.commit("docker", {"note.txt": "a\n"}, branch=branch)
    )

    assert () == world.run().failures
    assert "a\n" == world.text("docker", "note.txt", branch)
    assert code in world.text("docker", "upstream.yml", branch)

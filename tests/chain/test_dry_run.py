"""A dry run of the bot: it says what a pass then does, and changes nothing."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from scaffold.bot.links import Links
from scaffold.bot.notify import messages
from scaffold.bot.passes import PassReport
from scaffold.chain.propagate import Event
from tests.chain.world import AUTOMATIC, World

PROD = {"name": "prod", "after": "staging", "promotion": "merge-request"}


def push(world: World) -> None:
    """A change that goes from the code to the first environments."""
    world.commit("code", {"app.py": "two\n"})


def ask(world: World) -> None:
    """Something that waits for a merge request."""
    world.settle()


def renew(world: World) -> None:
    """A merge request that is there gets another commit."""
    world.settle()
    push(world)
    world.run()


def take_back(world: World) -> None:
    """A merge request that has nothing to it any more."""
    world.settle()
    world.commit("env", world.as_at("prod", "scaffold/promote-prod"))


def propose_all(world: World) -> None:
    """Policy wants each move as a merge request."""
    world.settings["propagation"] = {"require": "none", "push": "merge-request"}
    push(world)


def break_pin(world: World) -> None:
    """A pin that can't be read."""
    push(world)
    world.commit("manifest", {"image/kustomization.yaml": "<<<<<<< mine\n"})


@pytest.mark.parametrize("before", [push, ask, renew, take_back, propose_all, break_pin])
def test_it_says_what_the_pass_does(world: World, before: Callable[[World], None]) -> None:
    """Each pin with the same words, each failure, and each message."""
    world.settings = {"environments": [*AUTOMATIC, PROD]}
    before(world)
    refs = world.refs()

    would = world.bot().run_pass(world.now, dry_run=True)
    assert refs == world.refs()
    did = world.run()

    assert told(world, would) == told(world, did)
    assert refs != world.refs() or not did.moved


def told(world: World, report: PassReport) -> list[object]:
    """What a pass tells, but for ids of commits that it makes and addresses of new requests."""
    made = {event.commit: f"commit {number}" for number, event in enumerate(report.events)
            if event.commit}  # fmt: skip
    events = [_told(event, made) for event in report.events]
    links = Links.of(world.platform, {name: world.entry(name) for name in world.services})
    plain = PassReport(
        tuple(replace(event, request=None) for event in report.events), report.failures
    )
    texts = [_plain(one.text, made) for one in messages(plain, links)]
    return [events, [str(one.error) for one in report.failures], texts]


def _told(event: Event, made: dict[str, str]) -> list[object]:
    verdict = event.verdict
    words = [verdict.detail, verdict.desired or "", verdict.pinned or ""]
    return [event.service, event.repo, verdict.edge.place, verdict.why, bool(event.commit),
            *(_plain(word, made) for word in words)]  # fmt: skip


def _plain(text: str, made: dict[str, str]) -> str:
    for commit, name in made.items():
        text = text.replace(commit, name).replace(commit[:12], name)
    return text

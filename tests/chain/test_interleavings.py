"""Random interleavings of people and bots; whatever happened, the end is as it should be.

`SCAFFOLD_INTERLEAVINGS=1000 pytest tests/chain/test_interleavings.py` plays that many.
"""

import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

import pygit2
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from scaffold.chain.promote import plan_promotion, promote
from scaffold.chain.propagate import propagate
from scaffold.config.places import release_folder
from scaffold.errors import ToolMissingError, UsageError
from scaffold.forge.api import RequestState
from scaffold.git.tree import Entry, change_tree, make_commit
from tests.chain.fast import KilledError, in_process, set_clock
from tests.chain.invariants import Invariants, Soaked, state
from tests.chain.world import DEV, ENVIRONMENTS, PARTS, World, make_world

AUTOMATIC = {"name": "staging", "after": "dev", "promotion": "automatic"}
PLATFORMS: list[list[dict[str, Any]]] = [
    [ENVIRONMENTS[0], AUTOMATIC],
    [ENVIRONMENTS[0], {**ENVIRONMENTS[2], "after": "dev"}],
    [ENVIRONMENTS[0], AUTOMATIC, ENVIRONMENTS[2]],
    list(ENVIRONMENTS),
]
SOME_ENVIRONMENT = st.sampled_from(["dev", "staging", "prod"])
SOME_PLACE = st.sampled_from(["docker", "manifest", "dev", "staging", "prod"])


class Interleavings(RuleBasedStateMachine):
    """One service, people who change its repos, and bots that are killed or have stale views."""

    @initialize(environments=st.sampled_from(PLATFORMS))
    def start(self, environments: list[dict[str, Any]]) -> None:
        """A chain in step."""
        self.root = Path(tempfile.mkdtemp(prefix="interleavings-"))
        self.patched = in_process()
        self.steps = self.patched.__enter__()
        self.patch = pytest.MonkeyPatch()
        self.world = make_world(self.root, environments=environments)
        set_clock(self.patch, lambda: self.world.now)
        self.people: list[tuple[str, str]] = []
        self.number = 0

    def teardown(self) -> None:
        """The end: nothing is wrong, and a second pass changes nothing."""
        if not hasattr(self, "root"):
            return
        try:
            self.check()
        finally:
            self.patch.undo()
            self.patched.__exit__(None, None, None)
            shutil.rmtree(self.root)

    def human(self, part: str, commit: str) -> None:
        """Remember what a person pushed."""
        self.people.append((part, commit))

    def places(self) -> list[str]:
        """The pins that there are."""
        return [edge.place for edge in self.world.chain().edges]

    @rule(part=st.sampled_from(["code", "docker", "manifest"]))
    def change(self, part: str) -> None:
        """A person changes what runs."""
        self.number += 1
        path = {"code": "app.py", "docker": "Dockerfile", "manifest": "base/a.yaml"}[part]
        self.human(part, self.world.commit(part, {path: f"{self.number}\n"}))

    @rule(part=st.sampled_from(PARTS))
    def write_docs(self, part: str) -> None:
        """A person changes a README."""
        self.number += 1
        self.human(part, self.world.commit(part, {"README.md": f"{self.number}\n"}))

    @rule(part=st.sampled_from(PARTS))
    def record_a_version(self, part: str) -> None:
        """A merge request is merged that changes nothing but the recorded version."""
        self.number += 1
        answers = f"_commit: v1.0.{self.number}\n_src_path: x\n"
        self.human(part, self.world.commit(part, {".copier-answers.yml": answers}))

    @rule(hours=st.sampled_from([0.5, 1.1, 2.1]))
    def wait(self, hours: float) -> None:
        """Time passes: less than a soak, more than half of one, more than one."""
        self.world.later(hours)

    @rule(number=st.integers(2, 6), minutes=st.sampled_from([10, 45, 130]))
    def push_again_and_again(self, number: int, minutes: int) -> None:
        """A stream of pushes; what was in dev for a soak is in staging, whatever came since."""
        for _ in range(number):
            self.change("manifest")
            self.world.later(minutes / 60)
            assert () == self.world.run().failures
            assert () == self.world.run().failures
            Soaked(self.world).check()

    @rule(place=SOME_PLACE)
    def revert(self, place: str) -> None:
        """A person takes the last move of a pin back, or a revert."""
        if place in self.places():
            self.human(self.world.where(place)[0], self.world.revert(place))

    @rule(place=SOME_PLACE, steps=st.integers(1, 3))
    def go_back(self, place: str, steps: int) -> None:
        """A person goes back to what a pin was before, or long before."""
        if place in self.places() and (commit := self.world.go_back(place, steps)):
            self.human(self.world.where(place)[0], commit)

    @rule(place=SOME_ENVIRONMENT)
    def promote(self, place: str) -> None:
        """A person promotes by hand, if there is something to promote."""
        world = self.world
        try:
            plan = plan_without_build(world, place)
        except UsageError:
            return
        if plan is not None:
            promote(plan, world.context())
            self.human("env", world.head("env"))

    @rule(merged=st.booleans())
    def decide(self, merged: bool) -> None:
        """A person merges or closes a merge request."""
        for one in self.world.forge.merge_requests("shop-env"):
            if one.state is RequestState.OPEN:
                if not merged:
                    self.world.forge.close_merge_request("shop-env", one.number)
                else:
                    merge(self.world, one.branch)
                    self.human("env", self.world.head("env"))

    @rule()
    def run(self) -> None:
        """A bot does a pass."""
        assert () == self.world.run().failures

    @rule(step=st.integers(1, 12))
    def run_and_kill(self, step: int) -> None:
        """A bot is killed somewhere in its pass."""
        self.steps.left = step
        try:
            self.world.run()
        except KilledError:
            pass
        finally:
            self.steps.left = 0

    @rule()
    def look(self) -> None:
        """A bot looks at everything when there is something to do, and then pauses for a while."""
        self.change("code")
        chain = self.world.chain()
        for part in PARTS:
            chain.repo(part)
        self.stale = chain

    @precondition(lambda self: hasattr(self, "stale"))
    @rule()
    def act_on_what_was_seen(self) -> None:
        """It goes on with what it saw then."""
        chain = self.stale
        del self.stale
        found = propagate(chain, self.world.judge(), self.world.context())
        assert [] == [one.error for one in found if one.error]

    @rule(number=st.integers(1, 4))
    def two_bots(self, number: int) -> None:
        """A second bot does a whole pass just before the n-th push of the first."""
        left = [number]

        def other(_: str) -> None:
            left[0] -= 1
            if left[0] == 0:
                assert () == self.world.run().failures

        self.steps.before_push = other
        report = self.world.run()
        self.steps.before_push = lambda _: None
        assert () == report.failures

    @rule(part=st.sampled_from(PARTS[1:]), back=st.booleans())
    def a_person_comes_before(self, part: str, back: bool) -> None:
        """A person pushes to a repo, or reverts there, just before the bot does."""
        left = [part]

        def person(repo: str) -> None:
            if repo.endswith(f"-{part}") and left:
                left.pop()
                if back:
                    self.revert("dev" if part == "env" else part)
                else:
                    self.write_docs(part)

        self.change("code")
        self.steps.before_push = person
        report = self.world.run()
        self.steps.before_push = lambda _: None
        assert () == report.failures

    def check(self) -> None:
        """What must be true at the end, and that it stays so."""
        self.world.later(2.1)
        self.world.settle()
        self.world.later(2.1)  # what came to dev meanwhile
        self.world.settle()
        self.world.settle()  # a merge request for what moved last
        before = state(self.world)
        report = self.world.run()
        assert ((), ()) == (report.failures, report.moved)
        assert before == state(self.world)
        Invariants(self.world, frozenset(self.people)).check()


def plan_without_build(world: World, place: str) -> Any:
    """A promotion's plan; the manifests are no matter here."""
    from scaffold.checks import kustomize

    def fail(*_: object, **__: object) -> str:
        raise ToolMissingError("not built")

    real, kustomize.build = kustomize.build, fail
    try:
        return plan_promotion(world.chain(), place, world.judge(), world.context())
    finally:
        kustomize.build = real


def merge(world: World, branch: str) -> None:
    """Merge a branch into main, as a forge does; a person settles a conflict by its release."""
    repo, main, side = world.repo("env"), world.head("env"), world.head("env", branch)
    index = repo.merge_commits(pygit2.Oid(hex=main), pygit2.Oid(hex=side))
    if index.conflicts is None:
        tree = str(index.write_tree(repo))
    else:
        place = branch.removeprefix("scaffold/promote-")
        texts = world.release_files(place, world.below(release_folder(place), branch))
        changes = {
            path: None if text is None else Entry.file(text.encode())
            for path, text in texts.items()
        }
        tree = change_tree(repo, main, changes)
    made = make_commit(repo, tree, f"Merge branch {branch}\n", DEV, [main, side])
    repo.references.create("refs/heads/main", pygit2.Oid(hex=made), force=True)


EXAMPLES = int(os.environ.get("SCAFFOLD_INTERLEAVINGS", "30"))
TestInterleavings = Interleavings.TestCase
TestInterleavings.settings = settings(
    max_examples=EXAMPLES,
    stateful_step_count=20,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)

"""What is true of a chain whatever happened to it."""

from datetime import datetime
from itertools import pairwise

import pygit2

from scaffold.chain.commits import FROM_TRAILER
from scaffold.chain.decide import Why
from scaffold.chain.history import committed_at
from scaffold.chain.release import empty_release, read_release
from scaffold.chain.rendering import render_release
from scaffold.config.environment import Promotion
from scaffold.config.places import RELEASE_FILE, release_folder
from scaffold.forge.api import RequestState
from scaffold.git.tree import read_tree, trailers
from tests.chain.world import PARTS, World

ABOVE = {"docker": "code", "manifest": "docker"}


def state(world: World) -> object:
    """All refs of all repos."""
    stores = {part: world.repo(part) for part in PARTS}
    return {
        (part, name): str(store.references[name].target)
        for part, store in stores.items()
        for name in store.references
    }


def reaches(world: World, part: str, commit: str) -> bool:
    """Whether a commit is in main."""
    repo, head = world.repo(part), world.head(part)
    return head == commit or (commit in repo and is_ahead(world, part, commit, head))


def is_ahead(world: World, part: str, older: str, newer: str) -> bool:
    """Whether a commit comes after another."""
    return world.repo(part).descendant_of(pygit2.Oid(hex=newer), pygit2.Oid(hex=older))


class Soaked:
    """The law of soak: staging is never behind what dev had, unbroken, a soak and a pass ago."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.edges = {edge.place: edge for edge in world.chain().environments}

    def check(self) -> None:
        """Nothing is owed to staging, unless people took something back there or before it."""
        staging = self.edges.get("staging")
        environment = staging.environment if staging else None
        if environment is None or environment.promotion is not Promotion.SOAK:
            return
        before, after = (self.world.commits("env"), self.world.pin("staging"))
        values = [self.world.pin("staging", commit=str(one.id)) for one in reversed(before)]
        if any(self.went_back(was, now) for was, now in pairwise(values)):
            return  # what is held, and what is older, does not come
        due = self.unbroken(self.world.now - environment.soak)
        if due is None or self.was_taken_back(due):
            return
        assert after is not None
        assert after == due or is_ahead(self.world, "manifest", due, after)

    def unbroken(self, moment: datetime) -> str | None:
        """What dev had at a moment, if all that it had since then holds that."""
        newer: list[str] = []
        for commit in self.world.commits("env"):
            value = self.world.pin("dev", commit=str(commit.id)) or ""
            newer.append(value)
            if committed_at(commit) <= moment:
                holds = all(one == value or is_ahead(self.world, "manifest", value, one)
                            for one in newer)  # fmt: skip
                return value if holds else None
        return None

    def was_taken_back(self, release: str) -> bool:
        """Whether people took back, in a repo further up, what a release is made of."""
        world, chain = self.world, self.world.chain()
        docker = world.pin("manifest", commit=release)
        code = world.pin("docker", commit=docker or "main")
        for place, has in (("manifest", docker), ("docker", code)):
            above = ABOVE[place]
            for commit in world.commits(place)[:-1]:
                parent = str(commit.parents[0].id)
                was, now = (world.pin(place, commit=one) for one in (parent, str(commit.id)))
                if (
                    was and now and has and was != now and is_ahead(world, above, now, was)
                    and chain.artefact(above, was) == chain.artefact(above, has)
                ):  # fmt: skip
                    return True
        return False

    def went_back(self, was: str | None, now: str | None) -> bool:
        """Whether staging was moved to what comes before."""
        if was is None or was == now:
            return False
        return now is None or is_ahead(self.world, "manifest", now, was)


class Invariants:
    """Checks a world; `people` are the repos and ids of the commits that people pushed."""

    def __init__(self, world: World, people: frozenset[tuple[str, str]]) -> None:
        self.world = world
        self.people = people
        self.chain = world.chain()

    def check(self) -> None:
        """No commit of a person was lost, and every pin is where it may be."""
        for part, commit in self.people:
            assert reaches(self.world, part, commit), f"lost {commit} of {part}"
        stages = [edge.place for edge in self.chain.environments]
        for place in stages:
            self.check_release(place)
        for places in (["docker"], ["manifest"], stages):
            for place in places:
                self.check_pin(place)
                self.check_reason(place)
            self.check_holds(places)
        self.check_requests()

    def check_requests(self) -> None:
        """Each open merge request brings what the stage before has, and that is new.

        Where people took back what that stage has, it may go on to bring what came before.
        """
        why = {one.verdict.edge.place: one.verdict.why for one in self.world.run().events}
        before = {
            edge.place: edge.environment.after
            for edge in self.chain.environments
            if edge.environment
        }
        for one in self.world.forge.merge_requests("shop-env"):
            if one.state is RequestState.OPEN:
                place = one.branch.removeprefix("scaffold/promote-")
                brought, has = self.world.pin(place, commit=one.branch), self.world.pin(place)
                above = self.world.pin(before[place] or "") or ""
                if brought != above:
                    assert why[place] is Why.HELD
                    assert is_ahead(self.world, "manifest", brought or "", above)
                assert has is None or is_ahead(self.world, "manifest", has, brought or "")

    def check_release(self, place: str) -> None:
        """What is released is what the commit that it names renders to, and nothing else."""
        files = self.world.below(release_folder(place))
        release = read_release(files[RELEASE_FILE], source=place)
        if release is None:
            assert empty_release() == files
            return
        tree = read_tree(self.world.repo("manifest"), release.upstream.commit)
        assert render_release(tree, release.sources) == files

    def check_pin(self, place: str) -> None:
        """It names what exists upstream, and went back by nobody but a person."""
        part = self.world.where(place)[0]
        pinned = self.world.pin(place)
        assert pinned is None or reaches(self.world, self.above(place), pinned)
        for commit in self.world.commits(part)[:-1]:
            if self.went_back(place, commit):
                assert (part, str(commit.id)) in self.people
                assert FROM_TRAILER not in trailers(commit.message)

    def check_reason(self, place: str) -> None:
        """No bot moved it for what changes no release: docs, or a recorded version."""
        part = self.world.where(place)[0]
        for commit in self.world.commits(part)[:-1]:
            was, now = self.pins(place, commit)
            if was and now and was != now and (part, str(commit.id)) not in self.people:
                before, after = self.moved(place, commit)
                assert before != after, f"{place} was moved for nothing by {commit.id}"

    def check_holds(self, places: list[str]) -> None:
        """No bot brought anywhere what people had taken back there, or at a stage before."""
        part = self.world.where(places[0])[0]
        refused = {place: set[str]() for place in places}
        for commit in reversed(self.world.commits(part)[:-1]):
            for number, place in enumerate(places):
                was, now = self.moved(place, commit)
                if (part, str(commit.id)) in self.people:
                    if was and self.went_back(place, commit):
                        refused[place].add(was)
                    refused[place].discard(now or "")
                elif now:
                    assert not any(now in refused[stage] for stage in places[: number + 1])

    def moved(self, place: str, commit: pygit2.Commit) -> tuple[str | None, str | None]:
        """What a pin amounted to before a commit that moved it, and after."""
        was, now = self.pins(place, commit)
        if was == now:
            return None, None
        part = self.above(place)
        before, after = (self.chain.artefact(part, pin) if pin else None for pin in (was, now))
        return before, after

    def went_back(self, place: str, commit: pygit2.Commit) -> bool:
        """Whether a commit moved a pin to what comes before."""
        was, now = self.pins(place, commit)
        if was is None or was == now:
            return False
        return now is None or is_ahead(self.world, self.above(place), now, was)

    def pins(self, place: str, commit: pygit2.Commit) -> tuple[str | None, str | None]:
        """What a pin named before a commit and after."""
        was, now = (self.world.pin(place, commit=str(c.id)) for c in (commit.parents[0], commit))
        return was, now

    def above(self, place: str) -> str:
        """The repo that a pin follows."""
        return ABOVE.get(place, "manifest")

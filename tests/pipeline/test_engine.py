"""What a job waits for where an engine deploys: its word on a commit, on a real local forge.

The clock is the test's: what happens meanwhile happens while the job sleeps.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from scaffold.config.engine import Engine
from scaffold.errors import DeployError
from scaffold.forge.api import StatusState
from scaffold.forge.local.adapter import LocalFolderForge
from scaffold.pipeline import engine as engine_module
from scaffold.pipeline.asking import environment as asking_module
from scaffold.pipeline.deploy.cluster import Cluster
from scaffold.pipeline.engine import Seen, Stay, Wait, newest_word, stay_of, wait_for_engine
from scaffold.pipeline.smoke import smoke
from scaffold.pipeline.target import read_target
from tests.builders import git, need_programs
from tests.pipeline.trees import EnvRepo, deployment

GREEN, RED, PENDING = StatusState.SUCCESS, StatusState.FAILURE, StatusState.PENDING
WORD = "deploy/dev"
LOOK = {
    Engine.FLUX: "kubectl describe kustomization shop.dev --namespace flux-system",
    Engine.ARGOCD: "kubectl describe application shop.dev --namespace argocd",
}


@dataclass
class Clock:
    """Time that passes by sleeping alone; `meanwhile` are done one by one, a sleep each."""

    slept: float = 0
    meanwhile: list[Callable[[], object]] = field(default_factory=list)

    def monotonic(self) -> float:
        """How long all sleeps took."""
        return self.slept

    def sleep(self, seconds: float) -> None:
        """Let time pass, and the next thing happen."""
        self.slept += seconds
        if self.meanwhile:
            self.meanwhile.pop(0)()


class World(EnvRepo):
    """An env repo on a forge; `job` is the checkout of the job, which may be behind."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        super().__init__(folder / "work", "shop-dev")
        self.clock = clock
        self.forge = LocalFolderForge(str(folder / "forge"))
        self.forge.create("shop-env", description="Where shop runs")
        self.job = folder / "job"
        git("init", "-q", "-b", "main", cwd=self.path)
        self.release()
        self.first = self.push("dev")
        git("clone", "-q", "--depth=1", self.forge.url("shop-env"), str(self.job), cwd=folder)

    def push(self, text: str, file: str = "environments/dev/note.txt") -> str:
        """Push a commit to main that changes a file; return its id."""
        (self.path / file).parent.mkdir(parents=True, exist_ok=True)
        (self.path / file).write_text(text)
        git("add", "-A", cwd=self.path)
        git("commit", "-q", "-m", f"Change {file}", cwd=self.path)
        git("push", "-q", self.forge.url("shop-env"), "main", cwd=self.path)
        return self.head

    @property
    def head(self) -> str:
        """The head of main."""
        return git("rev-parse", "HEAD", cwd=self.path)

    def check_out(self) -> None:
        """Let the job run for the head of main."""
        git("fetch", "-q", "--depth=1", "origin", "main", cwd=self.job)
        git("checkout", "-q", "FETCH_HEAD", cwd=self.job)

    def say(self, commit: str, state: StatusState, name: str = WORD) -> None:
        """What the engine does: it sets a status."""
        self.forge.set_status("shop-env", commit, name, state)

    def wait(self, engine: Engine = Engine.FLUX, seconds: float = 900) -> None:
        """What the job does."""
        wait_for_engine(self.job, read_target(self.job, "dev"), Wait(engine, seconds))


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    """An env repo whose environment `dev` has a release that the engine has not seen."""
    clock = Clock()
    made = World(tmp_path, clock)
    monkeypatch.setattr(engine_module, "time", clock)
    monkeypatch.setattr(engine_module, "open_forge_of_job", lambda: (made.forge, "shop-env"))
    return made


def test_a_green_word_is_enough(world: World) -> None:
    """Nothing is waited for."""
    world.say(world.first, GREEN)

    world.wait()

    assert 0 == world.clock.slept


def test_a_word_that_comes_while_it_waits(world: World) -> None:
    """Pending is none yet; what others say is none at all."""
    world.clock.meanwhile = [
        lambda: world.say(world.first, GREEN, "validate"),
        lambda: world.say(world.first, PENDING),
        lambda: world.say(world.first, GREEN),
    ]

    world.wait()

    assert 60 == world.clock.slept


@pytest.mark.parametrize(("engine", "title"), [(Engine.FLUX, "Flux"), (Engine.ARGOCD, "Argo CD")])
def test_a_red_word_ends_it_at_once(world: World, engine: Engine, title: str) -> None:
    """It says who failed, of which commit, and where to look."""
    world.clock.meanwhile = [lambda: world.say(world.first, RED)]

    with pytest.raises(DeployError) as caught:
        world.wait(engine)

    assert 20 == world.clock.slept
    told = f"the status `deploy/dev` of shop-env {world.first[:12]} is failure"
    assert f"{title} could not deploy it: {told}" == caught.value.what
    assert (
        f"See why: {LOOK[engine]}. Once {title} is content, run this job again; to go back, "
        "revert the last release's commit." == caught.value.hint
    )


@pytest.mark.parametrize(
    ("engine", "title", "sets"),
    [
        (Engine.FLUX, "Flux", "the Alert of that name"),
        (Engine.ARGOCD, "Argo CD", "the rules in deploy/argocd-notifications.yaml"),
    ],
)
@pytest.mark.parametrize(("state", "word"), [(None, "not there"), (PENDING, "pending")])
def test_no_word_in_time(
    world: World, engine: Engine, title: str, sets: str, state: StatusState | None, word: str
) -> None:
    """It is no success, and says what to look at: the release, then what sets the status."""
    if state:
        world.say(world.first, state)

    with pytest.raises(DeployError) as caught:
        world.wait(engine, 100)

    assert 100 == world.clock.slept
    told = f"the status `deploy/dev` of shop-env {world.first[:12]} is {word}"
    assert f"{title} did not say within 100 s that it deployed it: {told}" == caught.value.what
    assert (
        f"See how far it is: {LOOK[engine]}. Where it is done, look at what sets the status: "
        f"{sets}, and the token `scaffold-status`. Then run this job again." == caught.value.hint
    )


def test_a_word_on_a_later_commit_with_the_same_environment(world: World) -> None:
    """The bot moved staging a moment later, so the engine never saw the first commit alone."""
    world.clock.meanwhile = [
        lambda: world.say(world.push("new", "environments/staging/note.txt"), GREEN)
    ]

    world.wait()

    assert 20 == world.clock.slept


def test_a_word_on_an_earlier_commit_with_the_same_environment(world: World) -> None:
    """Argo CD has no word on a commit that changes only a README."""
    world.say(world.first, GREEN)
    world.push("new", "README.md")
    world.check_out()

    world.wait(Engine.ARGOCD)

    assert 0 == world.clock.slept


def test_a_word_from_before_the_change_does_not_count(world: World) -> None:
    """It was of what ran then."""
    world.say(world.first, GREEN)
    world.push("two")
    world.check_out()

    with pytest.raises(DeployError, match="is not there"):
        world.wait()


def test_a_word_on_what_came_since_does_not_count(world: World) -> None:
    """Flux went on to the next release at once: this one never ran, and the job says so."""
    second = world.push("two")
    world.say(second, GREEN)

    with pytest.raises(DeployError) as caught:
        world.wait()

    assert (
        f"main has another release for `dev` since, by {second[:12]}: Flux may have gone on to "
        "that at once. The job of that commit tells." == caught.value.hint
    )


def test_the_newest_word_counts(world: World) -> None:
    """What was healthy at first is no more."""
    world.say(world.first, GREEN)
    world.say(world.push("new", "README.md"), RED)

    with pytest.raises(DeployError, match="Flux could not deploy it"):
        world.wait()


@pytest.mark.parametrize(
    ("contents", "commit", "stay"),
    [
        ("a", "0", Stay(("0",))),
        ("aab", "1", Stay(("0", "1"))),
        ("baac", "1", Stay(("1", "2"), newer="0")),
        ("aba", "2", Stay(("2",), newer="1")),
        ("aaa", "9", Stay(("9",))),
        ("", "9", Stay(("9",))),
    ],
)
def test_where_an_environment_stayed_as_it_is(contents: str, commit: str, stay: Stay) -> None:
    """Commits in a row, newest first; one that main does not have, or no more, stands alone."""
    main = [Seen(str(number), content) for number, content in enumerate(contents)]

    assert stay == stay_of(main, commit)


def test_few_commits_are_asked_about() -> None:
    """A forge limits how often it may be asked: the ten newest are."""
    asked: list[str] = []

    def statuses(commit: str) -> dict[str, StatusState]:
        asked.append(commit)
        return {"validate": GREEN}

    stay = Stay(tuple(str(number) for number in range(30)))
    assert None is newest_word(stay, statuses, WORD)
    assert [str(number) for number in range(10)] == asked


def test_a_red_word_keeps_the_cluster_from_being_asked(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What runs there is the release before, which may well answer."""
    monkeypatch.setattr(asking_module, "Cluster", lambda _: pytest.fail("it was asked"))
    world.say(world.first, RED)

    with pytest.raises(DeployError, match="Flux could not deploy it"):
        smoke(world.job, "dev", timeout=1, after=Wait(Engine.FLUX, 900))


@pytest.mark.parametrize("retired", [True, False])
def test_without_a_release_nothing_is_waited_for(world: World, retired: bool) -> None:
    """An environment that is empty needs no word."""
    world.unrelease()
    if retired:
        world.retire()
    world.push("empty")
    world.check_out()

    done = smoke(world.job, "dev", timeout=1, after=Wait(Engine.FLUX, 900))

    assert (0, True) == (world.clock.slept, done.note.endswith("nothing to ask"))


def test_after_a_green_word_the_cluster_is_asked(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The word alone is no smoke test: here what was released is not there."""
    need_programs(monkeypatch, "kustomize")
    monkeypatch.setattr(Cluster, "live", lambda *_: {})
    world.write(deployment("web"))
    world.push("two")
    world.check_out()
    world.clock.meanwhile = [lambda: world.say(world.head, GREEN)]

    with pytest.raises(DeployError, match="the release was not deployed there yet") as caught:
        smoke(world.job, "dev", timeout=1, after=Wait(Engine.FLUX, 900))

    assert ("Deployment.apps shop-dev/web",) == caught.value.details

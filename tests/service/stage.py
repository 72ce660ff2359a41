"""Several runs of `new service` on one forge, each of which goes on a step at a time.

A step is a look at the forge or a change of it. Between any two of them a run may pause for as long
as it likes, be killed, or meet a forge that fails. The runs are threads of which one moves at a
time, git's part is done in this process, and the clock moves only while a run waits. Each run has a
machine of its own, unless it is put on somebody's.
"""

import shutil
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pygit2
import pytest
import yaml

from scaffold.chain.pins import UPSTREAM_PATH, read_upstream
from scaffold.config.service import Service
from scaffold.errors import ForgeError, PushRefusedError, ScaffoldError
from scaffold.fleet.catalog import read_catalog
from scaffold.fleet.platform import open_platform
from scaffold.forge.local.adapter import LocalFolderForge
from scaffold.git import branches, clones, program
from scaffold.git.scratch import scratch_folder
from scaffold.git.tree import Identity, open_repo, read_tree
from scaffold.service import hold
from scaffold.service import plan as planning
from scaffold.service.create import create_service
from tests.service import in_process
from tests.upgrade.fleet import Fleet

NAME = "payments"
NEVER = 10_000  # more steps than any run takes
_PATIENCE = 120.0  # seconds in which a step ends, on however slow a machine


class KilledError(BaseException):
    """What a kill is to a program: nothing is tidied up, since no step is done any more."""


@dataclass
class Run:
    """One run of `new service`, as somebody on some machine."""

    stage: "Stage"
    who: Identity
    machine: str
    answers: Mapping[str, str]
    service: str = NAME
    blueprint: str = "small"
    error: BaseException | None = None
    over: bool = False
    killed: bool = False
    fails_at: int = NEVER
    taken: int = 0
    resumed: tuple[str, ...] = ()
    _go: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    _back: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    _thread: threading.Thread | None = None

    @property
    def done(self) -> bool:
        """Whether it told its user that the service is there."""
        return self.over and self.error is None

    def go(self, steps: int = NEVER) -> "Run":
        """Go on for so many steps, or to the end."""
        while steps and not self.over:
            if self._thread is None:
                self._thread = threading.Thread(target=self._main, daemon=True)
                self._thread.start()
            else:
                self._go.release()
            assert self._back.acquire(timeout=_PATIENCE)
            steps -= 1
        if not (self.error is None or isinstance(self.error, ScaffoldError | KilledError)):
            raise self.error
        return self

    def kill(self) -> "Run":
        """End where it stands, without any tidying up."""
        self.killed = True
        return self.go()

    def step(self) -> None:
        """Called by the run itself before each step: wait to be let go on."""
        if not self.killed:
            self._back.release()
            assert self._go.acquire(timeout=_PATIENCE)
            self.taken += 1
        if self.killed:
            raise KilledError
        if self.taken == self.fails_at:
            raise ForgeError("status 500, as the test wants it")

    def _main(self) -> None:
        self.stage.current.run = self
        try:
            self._new()
        except BaseException as error:  # noqa: BLE001 - told where the run is let go on
            self.error = error
        finally:
            self.over = True
            self._back.release()

    def _new(self) -> None:
        """`scaffold new service`."""
        platform = open_platform(self.stage.fleet.platform)
        with scratch_folder() as scratch:
            picked = planning.pick_blueprint(platform, self.blueprint, None, scratch)
            plan = planning.assemble_service(
                platform, picked, {"service": self.service, **self.answers}, wanted_version=None,
                prompt=None, author=program.identity(), scratch=scratch,
                busy=lambda _: nullcontext(),
            )  # fmt: skip
            with create_service(platform, plan):
                self.resumed = tuple(one.repo for one in plan.resumed)


class Stage:
    """A forge, and the runs on it."""

    def __init__(self, fleet: Fleet) -> None:
        self.fleet = fleet
        self.clock = 0.0
        self.protected = False  # whether main of the platform takes no push
        self.current = threading.local()
        self.runs: list[Run] = []
        store = open_repo(fleet.bare("platform"))
        self._at_first = {
            name: str(store.references[name].target)
            for name in store.references
            if name.startswith("refs/heads/")
        }

    @property
    def machines(self) -> Path:
        """What each machine knows of the runs on it."""
        return self.fleet.root / "machines"

    def run(self, who: str = "Ada", *, machine: str = "", **answers: str) -> Run:
        """A run that has not begun; of a person on a machine that nobody else has."""
        identity = Identity(who, f"{who.lower()}@example.com")
        made = Run(self, identity, machine or f"machine-{len(self.runs)}", answers)
        self.runs.append(made)
        return made

    def step(self) -> None:
        """A step of whichever run it is; what the test does by itself is none."""
        if (run := getattr(self.current, "run", None)) is not None:
            run.step()

    def stepwise(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """A function before which there is a step."""

        def wrapped(*arguments: Any, **keywords: Any) -> Any:
            self.step()
            return function(*arguments, **keywords)

        return wrapped

    def push(self, folder: Path, url: str, commit: str, branch: str, **more: Any) -> None:
        """What a push does, where it is allowed."""
        if self.protected and branch == "main" and "platform" in url:
            raise PushRefusedError("main is protected", where=url)
        in_process.push(folder, url, commit, branch, **more)

    def sleep(self, seconds: float) -> None:
        """Let time go by."""
        self.step()
        self.clock += seconds

    def clear(self) -> None:
        """Begin anew: no service, no run, no machine that knows of any."""
        assert all(run.over for run in self.runs)
        self.runs.clear()
        self.clock, self.protected = 0.0, False
        for folder in [*(self.fleet.root / "forge").glob("payments-*"), self.machines]:
            shutil.rmtree(folder, ignore_errors=True)
        store = open_repo(self.fleet.bare("platform"))
        for name in [name for name in store.references if name not in self._at_first]:
            store.references.delete(name)
        for name, commit in self._at_first.items():
            store.references.create(name, commit, force=True)

    def other(self, service: str, blueprint: str) -> Run:
        """Bob's run that makes another service, of another blueprint, on a machine of his own."""
        made = self.run("Bob")
        made.service, made.blueprint = service, blueprint
        return made

    @property
    def repos(self) -> dict[str, str | None]:
        """The repos of the service on the forge, and where their mains are."""
        folders = sorted((self.fleet.root / "forge").glob("payments-*.git"))
        return {one.stem: in_process.head(open_repo(one), "main") for one in folders}

    @property
    def entry(self) -> Service | None:
        """What the catalog has of the service, or would have by an open merge request."""
        store = open_repo(self.fleet.bare("platform"))
        heads = ["main"]
        if "refs/scaffold/mr/1" in store.references:
            heads.append("scaffold/register-payments")
        catalogs = [read_catalog(read_tree(store, f"refs/heads/{head}")) for head in heads]
        return next((one.services[NAME] for one in catalogs if NAME in one.services), None)

    @property
    def whole(self) -> bool:
        """Whether the catalog has the service, all of its repos are there, and their pins agree."""
        heads = self.repos
        if self.entry is None or {one.name for one in self.entry.repos.values()} != heads.keys():
            return False
        if None in heads.values():
            return False
        pin = read_tree(open_repo(self.fleet.bare("payments-docker")), "refs/heads/main")
        return heads["payments-code"] == read_upstream(pin[UPSTREAM_PATH].data.decode()).commit

    @property
    def greetings(self) -> set[str]:
        """The answers that the repos were made with."""
        files = (
            read_tree(open_repo(self.fleet.bare(name)), "refs/heads/main")[".copier-answers.yml"]
            for name, head in self.repos.items()
            if head is not None
        )
        return {yaml.safe_load(file.data)["greeting"] for file in files}

    @property
    def reserved(self) -> str | None:
        """Who has the name reserved."""
        store = open_repo(self.fleet.bare("platform"))
        commit = in_process.head(store, "scaffold/new-payments")
        return None if commit is None else store[commit].peel(pygit2.Commit).author.name


@contextmanager
def on_stage(fleet: Fleet) -> Iterator[Stage]:
    """No run starts a program meanwhile, and none moves but when it is told to."""
    stage = Stage(fleet)

    class Clock:
        sleep = staticmethod(stage.sleep)
        monotonic = staticmethod(lambda: stage.clock)

    def machine(_: LocalFolderForge) -> Path:
        return stage.machines / str(stage.current.run.machine)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(planning, "make_commit", in_process.commit)
        patch.setattr(branches, "push", stage.push)
        patch.setattr(branches, "drop", in_process.drop)
        patch.setattr(clones, "fetch", in_process.fetch)
        patch.setattr(program, "git", in_process.git)
        patch.setattr(program, "identity", lambda: stage.current.run.who)
        patch.setattr(clones, "fetch", stage.stepwise(clones.fetch))
        for name in ("push", "drop", "remote_head", "remote_heads"):
            patch.setattr(branches, name, stage.stepwise(getattr(branches, name)))
        for name in ("find", "create", "delete", "merge_requests", "open_merge_request"):
            real = getattr(LocalFolderForge, name)
            patch.setattr(LocalFolderForge, name, stage.stepwise(real))
        patch.setattr(LocalFolderForge, "lock_folder", machine)
        patch.setattr(hold, "time", Clock)
        patch.setattr(hold, "_LOOK", 15.0)  # or most steps would be looks at another run
        yield stage

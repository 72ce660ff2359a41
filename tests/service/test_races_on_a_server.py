"""Two who make a service of one name on a real Gitea in the same moment, as processes, 20 times."""

import contextlib
import json
import multiprocessing
import os
import sys
from dataclasses import dataclass
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any

import pytest
import yaml

from scaffold.cli.main import main
from scaffold.config.service import catalog_path
from scaffold.fleet.platform import open_platform
from scaffold.git import branches, clones
from scaffold.git.store import open_mirror
from scaffold.git.tree import CommitTree
from scaffold.service.init_server import make_on_server, plan_server_init
from scaffold.service.start import PlatformStart
from tests.builders import git, make_blueprint
from tests.gitea import BOT, Gitea
from tests.upgrade.fleet import FIRST

pytestmark = pytest.mark.xdist_group("gitea")
RACES = 20
AT_ONCE = 4
_PRELOADED = ["scaffold.cli.main", "scaffold.service.create", "scaffold.render.copying", __name__]
_PATIENCE = 300.0  # seconds for one run, on however slow a machine


@dataclass(frozen=True)
class Machine:
    """A checkout of the platform, and a cache."""

    name: str
    folder: Path
    cache: Path

    environment: dict[str, str]

    def new(self, service: str, who: str, greeting: str, start: Barrier, out: Path) -> None:
        """`scaffold new service`, as a process of its own, once the other one is ready too."""
        # A fork server has the environment of when another test began it.
        os.environ.clear()
        os.environ.update(self.environment, XDG_CACHE_HOME=str(self.cache))
        for role in ("AUTHOR", "COMMITTER"):
            os.environ[f"GIT_{role}_NAME"] = who
            os.environ[f"GIT_{role}_EMAIL"] = f"{who.lower()}@example.com"
        os.chdir(self.folder)
        sys.argv = [
            "scaffold", "new", "service", service, "--defaults",
            "--data", f"greeting={greeting}", "--output", "json",
        ]  # fmt: skip
        with (
            out.open("w") as file,
            contextlib.redirect_stdout(file),
            contextlib.redirect_stderr(file),
        ):
            start.wait(_PATIENCE)
            main()


@pytest.fixture
def machines(
    gitea: Gitea, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> tuple[Machine, Machine]:
    """Two of them, with a platform whose one blueprint has two small repos."""
    group = gitea.new_organisation()
    monkeypatch.setenv("SCAFFOLD_TOKEN", gitea.tokens[BOT])
    url = make_blueprint(tmp_path / "small.git", FIRST)
    start = PlatformStart("acme", "registry.example.com/acme")
    checkout = make_on_server(plan_server_init(tmp_path, start, gitea.settings(group))).platform
    file = checkout / "platform.yml"
    told = yaml.safe_load(file.read_text()) | {"blueprints": [{"name": "small", "url": url}]}
    file.write_text(yaml.safe_dump(told))
    git("commit", "-q", "-am", "Small", cwd=checkout)
    platform = open_platform(checkout)
    head = git("rev-parse", "HEAD", cwd=checkout)
    branches.push(checkout, platform.url, head, "main", expect=platform.head)
    for name in ("one", "other"):
        clones.clone(platform.url, tmp_path / name)
    one, other = (
        Machine(name, tmp_path / name, tmp_path / f"cache-{name}", dict(os.environ))
        for name in ("one", "other")
    )
    return one, other


@dataclass
class Race:
    """One race for a name: who ended how, and what they said."""

    service: str
    start: Barrier  # gone with its last holder, it could not be waited at
    processes: list[Any]
    outs: list[Path]

    def results(self) -> list[tuple[int | None, str]]:
        """Exit statuses and words, at the end of both."""
        for process in self.processes:
            process.join(_PATIENCE)
        return [
            (process.exitcode, out.read_text())
            for process, out in zip(self.processes, self.outs, strict=True)
        ]


def begin(machines: tuple[Machine, Machine], number: int, folder: Path) -> Race:
    """Let two run for the same name: one person with the same answers, or two with others."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(_PRELOADED)
    race = Race(f"shop-{number}", context.Barrier(2), [], [])
    same = number % 2 == 0
    people = [("Ada", "hello"), ("Ada", "hello") if same else ("Bob", "hi")]
    for machine, (who, greeting) in zip(machines, people, strict=True):
        out = folder / f"{race.service}-{machine.name}"
        arguments = (race.service, who, greeting, race.start, out)
        process = context.Process(target=machine.new, args=arguments)
        process.start()
        race.processes.append(process)
        race.outs.append(out)
    return race


def check(race: Race, folder: Path) -> None:
    """One has made the service, which is whole; the other says why not.

    But to the same person it may say that it is done, if the first one has just come so far.
    """
    results = race.results()
    said = "\n".join(text for _, text in results)
    won = next((text for status, text in results if status == 0), "")
    assert won, said
    for status, text in results:
        assert status == 0 or "is taken" in text or "right now" in text, said
    made = {one["name"]: one["commit"] for one in json.loads(won)["repos"]}
    platform = open_platform(folder)
    entry = platform.service(race.service)
    assert entry is not None, said
    assert made.keys() == {one.name for one in entry.repos.values()}
    for one in entry.repos.values():
        _, store = open_mirror(one.url)
        assert made[one.name] == str(store.references["refs/heads/main"].target), said
        files = CommitTree(store, made[one.name])
        assert ".copier-answers.yml" in files
    assert catalog_path(race.service) in platform.tree


def test_one_of_two_makes_the_service(machines: tuple[Machine, Machine], tmp_path: Path) -> None:
    """Whole; and no repo of it is deleted by the other one, whose commits are the same or not."""
    folder = machines[0].folder
    for first in range(0, RACES, AT_ONCE):
        numbers = range(first, min(first + AT_ONCE, RACES))
        races = [begin(machines, number, tmp_path) for number in numbers]
        for race in races:
            check(race, folder)
    platform = open_platform(folder)
    assert {"main"} == branches.remote_heads(platform.url).keys()
    assert RACES == len(platform.catalog.services)

"""One release of a blueprint brought to a fleet: `copier update`, `scaffold upgrade`, and a floor.

    python -m benchmarks.fleet [N]... [--sample S] [--no-checks]

For each N, by default 10 and 100, a local forge with N services of four repos each is built (see
`fleet_forge.py`), and v1.1.0 of the blueprint changes one file in each of the four. Then, each on
the same repos, put back in between:

- `copier update`: clone each repo and update the clone, as `xargs -P2` would, two at a time, a
  process each. It neither commits nor pushes. Of more than S services (25) it gets the first S.
  copier keeps mirrors of templates, which two of its processes at a time break for each other
  ("bad object worktrees/..."); so each of the two keeps mirrors of its own.
- `scaffold upgrade --all --jobs 2`: one process with a pool of two. It commits, pushes a branch and
  opens a merge request for each repo. Once without its static checks, which copier has not, and
  once with them, unless `--no-checks` is given.
- the floor: a bare loop of pygit2 in one process, scaled to two: open the bare repo, read its head,
  merge three trees that were stored before the clock started, store the result, commit it to a
  branch. Nothing is rendered, asked, pushed or reported there.

The checks are taken away by an interpreter of its own, beside which no program lies, and a PATH
with nothing but git. Every run's own report has to say what was meant: as many repos opened and in
conflict as the forge was made with, and every check done or none.

Wall time is per repo of what was measured; CPU is that of all processes; memory is told in
`metering.py`. Two at a time is on purpose: with fewer than two cores the figures say little.
"""

import argparse
import json
import os
import shutil
import site
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import count
from pathlib import Path

import pygit2
from pygit2.enums import SortMode

from benchmarks.fleet_forge import EDITS, NEW, OLD, Fleet, FleetRepo, build_fleet
from benchmarks.metering import Meter
from benchmarks.timing import machine, run, scratch
from scaffold.git.tree import Entry, change_tree, open_repo

AT_A_TIME = 2
_FAILED = 1  # what `scaffold upgrade` ends with where something conflicts
_AUTHOR = pygit2.Signature("Benchmark", "benchmark@example.com")
_ANSWERS = ".copier-answers.yml"
_BRANCH = "refs/heads/scaffold/python-service"


@dataclass(frozen=True)
class Taken:
    """What one contestant took for so many repos."""

    name: str
    repos: int
    wall: float
    cpu: float
    peak: int = 0
    largest: int = 0
    load: float = 0.0

    @property
    def each(self) -> float:
        """Wall time a repo, in seconds."""
        return self.wall / self.repos

    @property
    def line(self) -> str:
        """All of it, in one line."""
        memory = f"{_mib(self.peak)} {_mib(self.largest)}" if self.largest else f"{'':>14}"
        return (
            f"{self.name:36} {self.repos:6} {self.wall:9.2f} {self.each * 1000:9.2f} "
            f"{self.cpu / self.repos * 1000:9.2f} {memory} {self.load:6.2f}"
        )


HEADER = (
    f"{'':36} {'repos':>6} {'wall s':>9} {'ms/repo':>9} {'CPU ms':>9} "
    f"{'tree':>8}{'largest':>7} {'load':>6}"
)


def _mib(size: int) -> str:
    return f"{size / 2**20:6.0f}M"


def taken(name: str, repos: int, meter: Meter) -> Taken:
    """What a contestant took, of what was metered."""
    return Taken(name, repos, meter.wall, meter.cpu, meter.peak, meter.largest, meter.load)


def own_mirrors(fleet: Fleet) -> Callable[[], dict[str, str]]:
    """What sets copier's mirrors of templates, for each thread to those of its own, see the top."""
    own = threading.local()
    numbers = count()

    def of_this_thread() -> dict[str, str]:
        if not hasattr(own, "mirrors"):
            own.mirrors = {"COPIER_CACHE_DIR": str(fleet.root / "mirrors" / str(next(numbers)))}
        return dict(own.mirrors)

    return of_this_thread


def copier_update(fleet: Fleet, services: int) -> Taken:
    """Clone and update the repos of the first services, two at a time."""
    repos = fleet.repos[: services * len(EDITS)]
    folder = fleet.root / "clones"
    meter = Meter()
    mirrors = own_mirrors(fleet)

    def update(repo: FleetRepo) -> None:
        clone = folder / repo.name
        meter.run(["git", "clone", "--quiet", repo.url, str(clone)])
        options = ["--defaults", "--skip-tasks", "--quiet"]
        meter.run([sys.executable, "-m", "copier", "update", *options], cwd=clone, extra=mirrors())

    with meter.running(), ThreadPoolExecutor(AT_A_TIME) as pool:
        list(pool.map(update, repos))
    for repo in repos:
        _has_arrived(repo, partial(_read, folder / repo.name))
    shutil.rmtree(folder)
    shutil.rmtree(fleet.root / "mirrors")
    return taken("copier update, 2 at a time", len(repos), meter)


def _has_arrived(repo: FleetRepo, read: Callable[[str], bytes]) -> None:
    """What the release changed is there; where the owner changed it, too, beside the owner's."""
    edit = EDITS[repo.repo]
    wanted = [edit.new, edit.owners] if repo.conflicting else [edit.new]
    if not all(one in read(edit.path) for one in wanted):
        raise SystemExit(f"{repo.name}: {edit.path} is not upgraded:\n{read(edit.path).decode()}")
    if f"_commit: {NEW}".encode() not in read(_ANSWERS):
        raise SystemExit(f"{repo.name}: {_ANSWERS} is not at {NEW}")


def scaffold_upgrade(fleet: Fleet, python: Path, *, checks: bool) -> Taken:
    """Upgrade the whole fleet, with the interpreter that has the check programs or has not."""
    meter = Meter()
    extra = {} if checks else {"PATH": str(python.parent)}
    command = ["upgrade", "--all", "--jobs", str(AT_A_TIME), "--quiet", "--output", "json"]
    with meter.running():
        printed = meter.run(
            [str(python), "-m", "scaffold", *command],
            cwd=fleet.workspace,
            extra=extra,
            fine=(_FAILED,),
        )
    report = json.loads(printed)
    conflicts = sum(repo.conflicting for repo in fleet.repos)
    expected = {"opened": len(fleet.repos) - conflicts, "conflicts": conflicts}
    counts = {result: number for result, number in report["counts"].items() if number}
    left_out = any(one["not_checked"] for one in report["repos"])
    if counts != expected or left_out == checks:
        raise SystemExit(f"{counts}, not {expected}; checks were left out: {left_out}")
    for repo in fleet.repos:
        store = open_repo(repo.folder)
        tree = store.references[_BRANCH].peel(pygit2.Commit).tree
        _has_arrived(repo, partial(_data, tree))
    name = f"scaffold upgrade, {'with' if checks else 'without'} the checks"
    return taken(name, len(fleet.repos), meter)


def _data(tree: pygit2.Tree, path: str) -> bytes:
    found = tree[path]
    assert isinstance(found, pygit2.Blob)
    return found.data


def _read(folder: Path, path: str) -> bytes:
    return (folder / path).read_bytes()


def floor(fleet: Fleet) -> Taken:
    """Merge, store and commit alone, with all that is merged at hand."""
    prepared = [(repo, *_prepare(repo)) for repo in fleet.repos]
    cpu = time.process_time()
    start = time.perf_counter()
    for repo, base, theirs in prepared:
        _merge(repo, base, theirs)
    wall = time.perf_counter() - start
    cpu = time.process_time() - cpu
    load = os.getloadavg()[0]
    return Taken("the floor, scaled to 2", len(prepared), wall / AT_A_TIME, cpu, load=load)


def _prepare(repo: FleetRepo) -> tuple[pygit2.Oid, pygit2.Oid]:
    """Store the trees of both renders: the first commit's, and that with the release's change."""
    store = open_repo(repo.folder)
    head = store.references["refs/heads/main"].peel(pygit2.Commit)
    first = next(iter(store.walk(head.id, SortMode.TOPOLOGICAL | SortMode.REVERSE)))
    edit = EDITS[repo.repo]
    changed = {
        edit.path: _replaced(first.tree, edit.path, edit.old, edit.new),
        _ANSWERS: _replaced(first.tree, _ANSWERS, OLD.encode(), NEW.encode()),
    }
    return first.tree_id, pygit2.Oid(hex=change_tree(store, str(first.id), changed))


def _replaced(tree: pygit2.Tree, path: str, old: bytes, new: bytes) -> Entry:
    data = _data(tree, path)
    assert old in data, path
    return Entry.file(data.replace(old, new))


def _merge(repo: FleetRepo, base: pygit2.Oid, theirs: pygit2.Oid) -> None:
    store = open_repo(repo.folder)
    head = store.references["refs/heads/main"].peel(pygit2.Commit)
    index = store.merge_trees(base, head.tree_id, theirs)
    if index.conflicts is not None:
        for _, ours, _ in list(index.conflicts):
            del index.conflicts[ours.path]
            index.add(ours)
    tree = index.write_tree(store)
    store.create_commit(_BRANCH, _AUTHOR, _AUTHOR, f"Upgrade to {NEW}\n", tree, [head.id])


def bare_python(folder: Path) -> Path:
    """An interpreter with the same packages, beside which lies no program but git."""
    run([sys.executable, "-m", "venv", "--without-pip", "--symlinks", str(folder)])
    git = shutil.which("git")
    assert git, "git is not installed"
    (folder / "bin" / "git").symlink_to(git)
    (packages,) = (folder / "lib").glob("python*/site-packages")
    lines = [f"import site; site.addsitedir({one!r})\n" for one in site.getsitepackages()]
    (packages / "same.pth").write_text("".join(lines), encoding="utf-8")
    return folder / "bin" / "python"


def contestants(
    fleet: Fleet, services: int, sample: int, *, checks: bool
) -> Iterator[Callable[[], Taken]]:
    """All of them, in the order in which they run."""
    bare = bare_python(fleet.root / "bare")
    yield lambda: copier_update(fleet, min(services, sample))
    yield lambda: scaffold_upgrade(fleet, bare, checks=False)
    if checks:
        yield lambda: scaffold_upgrade(fleet, Path(sys.executable), checks=True)
    yield lambda: floor(fleet)


def race(services: int, sample: int, *, checks: bool) -> list[Taken]:
    """Build a fleet of that many services, let each contestant have it, and print what it took."""
    found = []
    with scratch() as root:
        start = time.perf_counter()
        fleet = build_fleet(root, services)
        took = time.perf_counter() - start
        edited = sum(repo.edited for repo in fleet.repos)
        conflicting = sum(repo.conflicting for repo in fleet.repos)
        print(
            f"\n{services} services, {len(fleet.repos)} repos, {edited} of them edited by their "
            f"owners, {conflicting} of those in conflict; built in {took:.0f} s"
        )
        print(HEADER)
        for contestant in contestants(fleet, services, sample, checks=checks):
            fleet.restore()
            found.append(contestant())
            print(found[-1].line, flush=True)
    return found


def print_ratios(found: Sequence[Taken]) -> None:
    """How many times the wall time of each contestant is that of another, a repo."""
    copier, plain, *checked, lowest = found
    print(f"{'copier / scaffold without the checks':44} {copier.each / plain.each:8.1f}")
    for one in checked:
        print(f"{'copier / scaffold with the checks':44} {copier.each / one.each:8.1f}")
    print(f"{'scaffold without the checks / the floor':44} {plain.each / lowest.each:8.1f}")


def main() -> None:
    """Run it and print the tables."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("services", type=int, nargs="*", default=[10, 100], metavar="N")
    parser.add_argument("--sample", type=int, default=25)
    parser.add_argument("--no-checks", action="store_true")
    given = parser.parse_args()
    print(f"{machine()}; {AT_A_TIME} at a time; memory: peak of the tree, largest process")
    for services in given.services:
        print_ratios(race(services, given.sample, checks=not given.no_checks))


if __name__ == "__main__":
    main()

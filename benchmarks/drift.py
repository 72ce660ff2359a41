"""What has drifted in a whole fleet: `scaffold drift --all`, and what a script does with copier.

    python -m benchmarks.drift [N]... [--sample S]

For each N, by default 10 and 100, a local forge with N services of four repos each is built (see
`fleet_forge.py`); one repo in four was edited by its owner. Then:

- copier: clone each repo, render its recorded version anew over the clone with its recorded answers
  (`copier recopy --force --vcs-ref=:current:`), and ask git what differs; two at a time, as
  `xargs -P2` would. It tells which files differ, and nothing of why. Of more than S services (10)
  it gets the first S.
- `scaffold drift --all --jobs 2`: one process with a pool of two.

Both have to name the same repos, which are those that the forge was made with as edited. Wall time
is per repo of what was measured; CPU is that of all processes; memory is told in `metering.py`.
"""

import argparse
import json
import shutil
import sys
from concurrent.futures import ThreadPoolExecutor

from benchmarks.fleet import AT_A_TIME, HEADER, Taken, own_mirrors, taken
from benchmarks.fleet_forge import EDITS, Fleet, FleetRepo, build_fleet
from benchmarks.metering import Meter
from benchmarks.timing import machine, scratch


def copier_recopy(fleet: Fleet, services: int) -> Taken:
    """Render each repo of the first services anew over a clone, and ask git what differs."""
    repos = fleet.repos[: services * len(EDITS)]
    folder = fleet.root / "clones"
    meter = Meter()
    mirrors = own_mirrors(fleet)

    def differs(repo: FleetRepo) -> bool:
        clone = folder / repo.name
        meter.run(["git", "clone", "--quiet", repo.url, str(clone)])
        command = ["copier", "recopy", "--force", "--vcs-ref=:current:", "--skip-tasks", "--quiet"]
        meter.run([sys.executable, "-m", *command], cwd=clone, extra=mirrors())
        return bool(meter.run(["git", "status", "--porcelain"], cwd=clone))

    with meter.running(), ThreadPoolExecutor(AT_A_TIME) as pool:
        found = list(pool.map(differs, repos))
    _need_edited(repos, {one.name for one, drifted in zip(repos, found, strict=True) if drifted})
    shutil.rmtree(folder)
    shutil.rmtree(fleet.root / "mirrors")
    return taken("copier recopy + git status, 2 at a time", len(repos), meter)


def scaffold_drift(fleet: Fleet) -> Taken:
    """Compare the whole fleet."""
    meter = Meter()
    command = ["drift", "--all", "--jobs", str(AT_A_TIME), "--quiet", "--output", "json"]
    with meter.running():
        printed = meter.run([sys.executable, "-m", "scaffold", *command], cwd=fleet.workspace)
    report = json.loads(printed)
    _need_edited(fleet.repos, {one["repo"] for one in report["repos"] if one["files"]})
    return taken("scaffold drift --all", len(fleet.repos), meter)


def _need_edited(repos: tuple[FleetRepo, ...], found: set[str]) -> None:
    edited = {repo.name for repo in repos if repo.edited}
    if found != edited:
        raise SystemExit(f"other repos than those that were edited: {sorted(found ^ edited)[:5]}")


def main() -> None:
    """Run it and print the tables."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("services", type=int, nargs="*", default=[10, 100], metavar="N")
    parser.add_argument("--sample", type=int, default=10)
    given = parser.parse_args()
    print(f"{machine()}; {AT_A_TIME} at a time; memory: peak of the tree, largest process")
    for services in given.services:
        with scratch() as root:
            fleet = build_fleet(root, services)
            print(f"\n{services} services, {len(fleet.repos)} repos\n{HEADER}")
            copier = copier_recopy(fleet, min(services, given.sample))
            print(copier.line, flush=True)
            ours = scaffold_drift(fleet)
            print(ours.line)
            print(f"{'copier / scaffold':44} {copier.each / ours.each:8.1f}", flush=True)


if __name__ == "__main__":
    main()

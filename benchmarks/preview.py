"""What a release would do to a fleet, foretold; and whether the upgrade then does just that.

    python -m benchmarks.preview [N]

A local forge with N services (by default 1,000) of four repos each is built (see `fleet_forge.py`)
and the tag of the release is taken away again. Then `scaffold blueprint preview` looks at a
checkout of that release; then it is tagged, and `scaffold upgrade --all` brings it to the fleet.
The program ends with an error unless both name the same conflicts, repo by repo, path by path.

The upgrade runs without static checks, as in `fleet.py`; the preview with all of its own.
"""

import argparse
import json
import sys
from typing import Any

from benchmarks.fleet import bare_python
from benchmarks.fleet_forge import NEW, Fleet, build_fleet
from benchmarks.metering import Meter
from benchmarks.timing import machine, run, scratch

_FAILED = 1  # what both commands end with where something conflicts
_BLUEPRINT = "blueprints/python-service.git"


def measured(name: str, fleet: Fleet, command: list[str], **options: Any) -> dict[str, Any]:
    """Run a command that prints a document, and print what it took."""
    meter = Meter()
    with meter.running():
        printed = meter.run(command, cwd=fleet.workspace, fine=(0, _FAILED), **options)
    print(
        f"{name:12} {meter.wall:8.1f} s wall, {meter.cpu:8.1f} s CPU, "
        f"{meter.peak / 2**20:6.0f} MiB at most, load {meter.load:.1f}",
        flush=True,
    )
    document: dict[str, Any] = json.loads(printed)
    return document


def conflicts(document: dict[str, Any]) -> dict[str, Any]:
    """The conflicts of a preview or an upgrade, by repo."""
    repos = document["conflicts"] if document["kind"] == "preview" else document["repos"]
    return {one["repo"]: one["conflicts"] for one in repos if one["conflicts"]}


def race(services: int) -> None:
    """Build the fleet, look ahead, upgrade, and compare."""
    with scratch() as root:
        fleet = build_fleet(root, services)
        blueprint = fleet.forge / _BLUEPRINT
        release = run(["git", "-C", str(blueprint), "rev-parse", f"{NEW}^{{commit}}"]).strip()
        run(["git", "-C", str(blueprint), "tag", "--delete", NEW])
        checkout = root / "checkout"
        run(["git", "clone", "--quiet", str(blueprint), str(checkout)])
        program = ["-m", "scaffold"]
        preview = ["blueprint", "preview", str(checkout), "--output", "json", "--quiet"]
        print(f"{services} services, {len(fleet.repos)} repos")
        page = ["--html", str(root / "page.html")]
        foretold = measured("preview", fleet, [sys.executable, *program, *preview, *page])
        run(["git", "-C", str(blueprint), "tag", NEW, release])
        bare = bare_python(root / "bare")
        upgrade = ["upgrade", "--all", "--output", "json", "--quiet"]
        done = measured(
            "upgrade", fleet, [str(bare), *program, *upgrade], extra={"PATH": str(bare.parent)}
        )
        if conflicts(foretold) != conflicts(done):
            raise SystemExit("the preview's conflicts are not those of the upgrade")
        size = (root / "page.html").stat().st_size
        print(
            f"the same conflicts in both: {len(conflicts(done))} repos; "
            f"{len(foretold['changes'])} kinds of change; a page of {size:,} bytes"
        )


def main() -> None:
    """Run it and print the figures."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("services", type=int, nargs="?", default=1000, metavar="N")
    given = parser.parse_args()
    print(machine())
    race(given.services)


if __name__ == "__main__":
    main()

"""`scaffold new service` beside four runs of `copier copy`, in one run.

    python -m benchmarks.new_service [--rounds N]

Both render the same blueprint, from the same local git repo at the same tag, with the same answers
(copier gets what scaffold recorded, in a data file). Both are timed as whole processes. What each
does in its time:

- copier: clones the blueprint and renders one folder; four times, once an answer to `repo`;
- scaffold: reads the blueprint once and renders the four folders, makes four commits whose pins
  name each other, creates and pushes four repos, and registers the service in the catalog, with its
  namespaces and roles.

The checks are timed apart, since copier has none: scaffold runs once with the check programs and
once where none of them can be found, and the difference is what they cost. That leaves the rest of
the run as it is, which a call of scaffold's own functions would not: they run several checks at a
time, and a program that is missing ends at the same place in the code. Programs are looked for on
the PATH and beside the interpreter, so both are replaced: PATH by a folder with nothing but git,
and `sys.executable` by a path in that folder. Every run's own report has to say what was meant: all
checks passed, or none of them could run.

After one warm-up of each, which also compares the rendered files byte by byte, the contestants
take turns, and each round another one begins.
"""

import argparse
import json
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from benchmarks.timing import Timing, machine, run, scratch, stopwatch

REPOS = ("code", "docker", "manifest", "env")
VERSION = "v1.0.0"
WITHOUT_CHECKS = "scaffold new service, without the checks"
WITH_CHECKS = "scaffold new service, with the checks"
FOUR_COPIES = "4 x copier copy"
# The first argument stands in for the interpreter, beside which programs are looked for.
_START = "import sys; sys.executable = sys.argv.pop(1); from scaffold.cli.main import main; main()"


@dataclass(frozen=True)
class Scene:
    """A platform on a local forge, and what copier needs to render the same."""

    root: Path

    @property
    def workspace(self) -> Path:
        """Where scaffold runs."""
        return self.root / "acme"

    @property
    def only_git(self) -> Path:
        """A folder whose one program is git."""
        return self.root / "only-git"

    def scaffold(self, service: str, *, checks: bool) -> dict[str, Any]:
        """Make a service, and return what scaffold says about it."""
        hidden = {"PATH": str(self.only_git)}
        interpreter = sys.executable if checks else str(self.only_git / "python")
        command = ["new", "service", service, "--defaults", "--output", "json"]
        printed = run(
            [sys.executable, "-c", _START, interpreter, *command],
            cwd=self.workspace,
            extra={} if checks else hidden,
        )
        made: dict[str, Any] = json.loads(printed)
        outcomes = {check["outcome"] for check in made["checks"]}
        # Some checks need no program, so they pass without any.
        expected = {"passed"} if checks else {"passed", "not-run"}
        if outcomes != expected:
            raise SystemExit(f"the checks of {service} ended as {outcomes}, not {expected}")
        return made

    def copier(self, repo: str, destination: Path) -> None:
        """Render one of the paired repos by copier alone."""
        blueprint = f"file://{self.workspace}/forge/blueprints/python-service.git"
        options = ["--defaults", "--quiet", "--vcs-ref", VERSION]
        data = ["--data-file", str(self.root / f"{repo}.yml")]
        copier = [sys.executable, "-m", "copier", "copy"]
        run([*copier, *options, *data, blueprint, str(destination)])


def prepare(root: Path) -> Scene:
    """Make the platform, the first service, and the answers for copier; the warm-up."""
    scene = Scene(root)
    scene.only_git.mkdir()
    git = shutil.which("git")
    assert git, "git is not installed"
    (scene.only_git / "git").symlink_to(git)
    run([sys.executable, "-m", "scaffold", "init", str(scene.workspace), "--defaults", "--quiet"])
    scene.scaffold("warm-up", checks=False)
    made = scene.scaffold("warmed", checks=True)
    for one in made["repos"]:
        clone = root / "clones" / one["repo"]
        run(["git", "clone", "--quiet", one["url"], str(clone)])
        recorded = yaml.safe_load((clone / ".copier-answers.yml").read_text(encoding="utf-8"))
        answers = {key: value for key, value in recorded.items() if not key.startswith("_")}
        (root / f"{one['repo']}.yml").write_text(yaml.safe_dump(answers), encoding="utf-8")
        scene.copier(one["repo"], root / "warm-up" / one["repo"])
        _compare(root / "warm-up" / one["repo"], clone)
    return scene


def _compare(rendered: Path, clone: Path) -> None:
    """What copier rendered has to be in scaffold's repo, byte by byte; the pins come on top."""
    files = [path for path in rendered.rglob("*") if path.is_file()]
    assert files, rendered
    for path in files:
        same = clone / path.relative_to(rendered)
        if path.read_bytes() != same.read_bytes():
            raise SystemExit(f"{same} is not what copier rendered")


def race(scene: Scene, rounds: int) -> dict[str, Timing]:
    """Let the contestants take turns."""
    seconds: dict[str, list[float]] = {name: [] for name in contestants(scene, 0)}
    for number in range(1, rounds + 1):
        turns = list(contestants(scene, number).items())
        first = number % len(turns)
        for name, turn in turns[first:] + turns[:first]:
            with stopwatch(seconds[name]):
                turn()
    return {name: Timing(name, tuple(taken)) for name, taken in seconds.items()}


def contestants(scene: Scene, number: int) -> dict[str, Callable[[], object]]:
    """What is timed in one round; every run gets a name or a folder that is new."""

    def four_copies() -> None:
        for repo in REPOS:
            scene.copier(repo, scene.root / f"copies-{number}" / repo)

    return {
        WITHOUT_CHECKS: lambda: scene.scaffold(f"plain-{number}", checks=False),
        FOUR_COPIES: four_copies,
        WITH_CHECKS: lambda: scene.scaffold(f"checked-{number}", checks=True),
    }


def main() -> None:
    """Run it and print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    with scratch() as root:
        timings = race(prepare(root), rounds)
    print(f"{machine()}; {rounds} rounds after a warm-up; median, min .. max")
    for timing in timings.values():
        print(timing.line)
    plain, copies, checked = (timings[n] for n in (WITHOUT_CHECKS, FOUR_COPIES, WITH_CHECKS))
    print(f"{'the checks (difference of the medians)':44} {checked.median - plain.median:8.3f} s")
    print(f"{'scaffold without the checks / 4 copies':44} {plain.median / copies.median:8.2f}")
    print(f"{'scaffold with the checks / 4 copies':44} {checked.median / copies.median:8.2f}")


if __name__ == "__main__":
    main()

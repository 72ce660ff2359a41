"""A day's work under the git configuration of a user who has set all there is to set."""

import json
from pathlib import Path

from tests.builders import git, harmful_git_config
from tests.service.run import Done, scaffold
from tests.upgrade.fleet import SECOND, FleetOf


def test_a_days_work(tmp_path: Path, fleet_of: FleetOf) -> None:
    """Everything works, and nothing of the user's runs."""
    home = harmful_git_config(tmp_path / "home").parent

    def run(*arguments: str, cwd: Path) -> Done:
        # Both git and libgit2 read it.
        env = {"HOME": str(home), "XDG_CONFIG_HOME": str(home / "xdg")}
        done = scaffold(*arguments, cwd=cwd, env=env)
        assert 0 == done.returncode, (arguments, done.stdout, done.stderr)
        assert not (home / "ran").exists(), (home / "ran").read_text()
        return done

    (tmp_path / "own").mkdir()
    run("init", ".", "--defaults", cwd=tmp_path / "own")
    run("blueprint", "new", "greeter", cwd=tmp_path / "own")
    run("blueprint", "release", "greeter", "--minor", cwd=tmp_path / "own")
    fleet = fleet_of("orders")
    run("new", "service", "shop", "--blueprint", "small", "--defaults", cwd=fleet.root)
    fleet.release("v1.1.0", SECOND)
    run("upgrade", "--all", cwd=fleet.root)
    run("merge-request", "merge", "shop-code", "1", cwd=fleet.root)
    run("bot", "run", "--once", cwd=fleet.root)
    run("blueprint", "list", cwd=fleet.root)
    told = json.loads(run("status", "--output", "json", cwd=fleet.root).stdout)

    assert ["orders", "shop"] == [one["service"] for one in told["services"]]
    assert "ONE" in git("show", "main:README.md", cwd=fleet.bare("shop-code"))

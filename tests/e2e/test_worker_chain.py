"""A chain of two repos, by the shipped blueprint `worker`: new, bot, promote, upgrade, retire."""

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import yaml

from scaffold.bot.passes import Bot, PassReport
from scaffold.chain.decide import Why
from scaffold.chain.release import Release, read_release
from scaffold.config.places import release_folder, release_path
from scaffold.fleet.platform import open_platform
from scaffold.forge.api import StatusState
from scaffold.git.program import identity
from scaffold.process import run
from tests.builders import git, need_programs
from tests.service.run import scaffold
from tests.upgrade.fleet import Fleet

# One platform for all tests of this file: they belong to one worker.
pytestmark = pytest.mark.xdist_group("e2e_worker_chain")
ENVIRONMENTS = ("dev", "staging", "prod")
SERVICES = ("walks", "edits", "reverts", "waits", "upgrades", "retires")


@pytest.fixture(autouse=True)
def _tools(monkeypatch: pytest.MonkeyPatch) -> None:
    need_programs(monkeypatch, "kustomize")
    for who in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{who}_NAME", "Dev")
        monkeypatch.setenv(f"GIT_{who}_EMAIL", "dev@example.com")


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Fleet:
    """A platform with a worker for each test; staging soaks for an hour."""
    root = tmp_path_factory.mktemp("e2e") / "acme"
    who = {"GIT_AUTHOR_NAME": "Dev", "GIT_AUTHOR_EMAIL": "dev@example.com"}
    made = scaffold("init", "acme", "--defaults", cwd=root.parent, env=who)
    assert 0 == made.returncode, made.stderr
    fleet = Fleet(root)
    settings = yaml.safe_load((fleet.platform / "platform.yml").read_text())
    for environment in settings["environments"]:
        if environment["name"] == "staging":
            environment["soak_hours"] = 1
    fleet.change_platform(environments=settings["environments"])
    for name in SERVICES:
        done = scaffold(
            "new", "service", name, "--blueprint", "worker", "--defaults", cwd=root, env=who
        )
        assert 0 == done.returncode, done.stderr
    return fleet


def call(fleet: Fleet, *arguments: str) -> str:
    """What a command that must succeed prints."""
    done = scaffold(*arguments, cwd=fleet.root)
    assert 0 == done.returncode, done.stdout + done.stderr
    return done.stdout


def run_bot(fleet: Fleet, service: str, hours: float = 0) -> PassReport:
    """Passes over one service, so many hours from now, until one is quiet; that one's report."""
    opened = open_platform(fleet.platform)
    bot = Bot(opened.model, tuple(opened.catalog.services.values()), opened.forge, identity())
    for _ in range(6):
        report = bot.run_pass(datetime.now(UTC) + timedelta(hours=hours), {service})
        assert () == report.failures, [str(one.error) for one in report.failures]
        if report.quiet:
            return report
    raise AssertionError("the bot does not come to rest")


def release(fleet: Fleet, service: str, environment: str) -> Release | None:
    """What is released in an environment."""
    path = release_path(environment)
    return read_release(fleet.file(f"{service}-deploy", path, "main"), source=path)


def released(fleet: Fleet, service: str) -> list[str | None]:
    """The app commit that each environment has."""
    found = [release(fleet, service, environment) for environment in ENVIRONMENTS]
    return [one.sources[-1].commit if one else None for one in found]


def objects(fleet: Fleet, service: str, environment: str) -> str:
    """All that is released in an environment."""
    folder = fleet.bare(f"{service}-deploy")
    listed = git("ls-tree", "-r", "--name-only", "main", release_folder(environment), cwd=folder)
    return "".join(git("show", f"main:{path}", cwd=folder) for path in listed.splitlines())


def clone(fleet: Fleet, repo: str, folder: Path) -> Path:
    """A clone of a repo."""
    git("clone", "-q", f"file://{fleet.bare(repo)}", repo, cwd=folder)
    return folder / repo


def images(fleet: Fleet, service: str, environment: str, tmp_path: Path) -> list[str]:
    """The images in what an environment builds to, from a plain clone."""
    folder = tmp_path / f"{service}-{environment}"
    shutil.rmtree(folder, ignore_errors=True)
    git("clone", "-q", f"file://{fleet.bare(f'{service}-deploy')}", str(folder), cwd=tmp_path)
    done = run(["kustomize", "build", str(folder / "environments" / environment)])
    assert 0 == done.status, done.last_lines
    lines = (line.strip().removeprefix("- ") for line in done.text.splitlines())
    return [line.removeprefix("image: ") for line in lines if line.startswith("image: ")]


def head(fleet: Fleet, repo: str) -> str:
    """Where main is."""
    return git("rev-parse", "main", cwd=fleet.bare(repo))


def test_a_commit_walks_to_every_environment(fleet: Fleet, tmp_path: Path) -> None:
    """The bot puts the first commit into dev; a later one goes from dev to staging to prod."""
    first = head(fleet, "walks-app")
    assert ["walks-app", "walks-deploy"] == [
        path.stem for path in sorted((fleet.root / "forge").glob("walks-*.git"))
    ]
    assert [None, None, None] == released(fleet, "walks")
    run_bot(fleet, "walks")
    assert [first, None, None] == released(fleet, "walks")

    code = fleet.edit("walks-app", {"news.py": "NEWS = 1\n"})
    run_bot(fleet, "walks")

    image = f"registry.example.com/acme/walks:{code[:12]}"
    assert [code, None, None] == released(fleet, "walks")
    assert [image, image] == images(fleet, "walks", "dev", tmp_path)  # the consumer and its job
    assert [] == images(fleet, "walks", "staging", tmp_path)

    run_bot(fleet, "walks", hours=1.1)
    assert [code, code, None] == released(fleet, "walks")
    call(fleet, "promote", "walks", "--to", "prod", "--force")

    assert [code, code, code] == released(fleet, "walks")
    assert [image, image] == images(fleet, "walks", "prod", tmp_path)
    history = git("log", "--reverse", "--format=%h %s", "main", cwd=fleet.bare("walks-deploy"))
    commits = [line.partition(" ")[2] for line in history.splitlines()]
    moves = [" ".join(line.split()[:4]) for line in commits]
    assert [
        "Create walks-deploy from the",
        "Move dev to walks-deploy",
        "Move deploy to walks-app",
        "Move dev to walks-deploy",
        "Move staging to walks-deploy",
        "Move prod to walks-deploy",
    ] == moves


def test_an_edit_of_the_base_comes_by_promotion_alone(fleet: Fleet) -> None:
    """It is a release as any other: from dev to staging after the soak, to prod by a person."""
    run_bot(fleet, "edits")
    run_bot(fleet, "edits", hours=1.1)
    call(fleet, "promote", "edits", "--to", "prod", "--force")
    base = fleet.file("edits-deploy", "base/deployment.yaml", "main")
    commit = fleet.edit(
        "edits-deploy", {"base/deployment.yaml": base.replace('cpu: "500m"', "cpu: 700m")}
    )

    run_bot(fleet, "edits")
    assert [True, False, False] == ["cpu: 700m" in objects(fleet, "edits", e) for e in ENVIRONMENTS]
    run_bot(fleet, "edits", hours=1.1)
    assert [True, True, False] == ["cpu: 700m" in objects(fleet, "edits", e) for e in ENVIRONMENTS]

    (request,) = [one for one in fleet.requests("edits-deploy") if one[1] == "open"]
    shown = call(fleet, "merge-request", "show", "edits-deploy", str(request[0]))
    assert "+            cpu: 700m" in shown
    call(fleet, "merge-request", "merge", "edits-deploy", str(request[0]))
    prod = release(fleet, "edits", "prod")
    assert prod is not None
    assert commit == prod.upstream.commit


def test_a_revert_is_respected(fleet: Fleet, tmp_path: Path) -> None:
    """What was taken back in dev comes neither there again nor to staging; a fix does."""
    run_bot(fleet, "reverts")
    fleet.edit("reverts-app", {"bad.py": "BAD = 1\n"})
    run_bot(fleet, "reverts")
    (good, *_) = git("rev-list", "--reverse", "main", cwd=fleet.bare("reverts-app")).splitlines()
    folder = clone(fleet, "reverts-deploy", tmp_path)
    git("revert", "--no-edit", "HEAD", cwd=folder)
    git("push", "-q", "origin", "main", cwd=folder)
    fleet.edit("reverts-app", {"README.md": "# Mine\n"})

    report = run_bot(fleet, "reverts", hours=3)

    assert [good, good, None] == released(fleet, "reverts")
    dev = next(one.verdict for one in report.events if one.verdict.edge.place == "dev")
    assert Why.HELD is dev.why
    fixed = fleet.edit("reverts-app", {"bad.py": "GOOD = 1\n"})
    run_bot(fleet, "reverts")
    assert fixed == released(fleet, "reverts")[0]


def test_no_environment_gets_what_was_not_built(fleet: Fleet) -> None:
    """Where statuses are required, `image` of the app is waited for, then `validate` of its pin."""
    run_bot(fleet, "waits")
    first = head(fleet, "waits-app")
    fleet.change_platform(propagation={"require": "status"})
    try:
        code = fleet.edit("waits-app", {"news.py": "NEWS = 1\n"})
        forge = open_platform(fleet.platform).forge
        forge.set_status("waits-app", code, "test", StatusState.SUCCESS)
        run_bot(fleet, "waits")
        assert first == released(fleet, "waits")[0]

        forge.set_status("waits-app", code, "image", StatusState.SUCCESS)
        run_bot(fleet, "waits")
        assert first == released(fleet, "waits")[0]

        moved = head(fleet, "waits-deploy")
        forge.set_status("waits-deploy", moved, "validate", StatusState.SUCCESS)
        run_bot(fleet, "waits")
        assert code == released(fleet, "waits")[0]
    finally:
        fleet.change_platform(propagation={"require": "none"})


def test_an_upgrade_reaches_both_repos(fleet: Fleet, tmp_path: Path) -> None:
    """A newer blueprint comes as merge requests that keep the owner's changes and every pin."""
    mine = "values: mine\n"
    fleet.edit("upgrades-deploy", {"base/mine.yaml": mine})
    folder = tmp_path / "blueprint"
    git("clone", "-q", f"file://{fleet.bare('blueprints/worker')}", str(folder), cwd=tmp_path)
    for name in ("app/README.md.jinja", "deploy/README.md.jinja"):
        with (folder / name).open("a") as file:
            file.write("\nFrom 1.1.0.\n")
    git("commit", "-q", "-am", "Release v1.1.0", cwd=folder)
    git("tag", "v1.1.0", cwd=folder)
    git("push", "-q", "origin", "main", "v1.1.0", cwd=folder)
    before = released(fleet, "upgrades")

    call(fleet, "upgrade", "upgrades")

    for repo in ("upgrades-app", "upgrades-deploy"):
        assert [(1, "open", False, "Upgrade worker from v1.0.0 to v1.1.0")] == fleet.requests(repo)
        call(fleet, "merge-request", "merge", repo, "1")
        assert fleet.file(repo, "README.md", "main").endswith("\nFrom 1.1.0.\n")
    assert mine == fleet.file("upgrades-deploy", "base/mine.yaml", "main")
    assert before == released(fleet, "upgrades")


def test_status_shows_the_environments(fleet: Fleet) -> None:
    """With the commit of the code that runs there."""
    run_bot(fleet, "reverts")
    expected = [commit[:12] if commit else "-" for commit in released(fleet, "reverts")]
    assert "-" != expected[0]

    head, row, *_ = call(fleet, "status", "reverts").splitlines()

    columns = ["SERVICE", "OWNER", "BLUEPRINT", "VERSION", "STATE", "DEV", "STAGING", "PROD"]
    assert columns == head.split()
    assert ["reverts", "platform", "worker"] == row.split()[:3]
    assert ["active", *expected] == row.split()[-4:]


def test_a_worker_is_retired(fleet: Fleet) -> None:
    """Each environment is emptied by a merge request on the deploy repo, then the catalog."""
    assert "retires proposed: merge it to empty them" in call(fleet, "retire", "retires")
    call(fleet, "merge-request", "merge", "retires-deploy", "1")

    assert [None, None, None] == released(fleet, "retires")
    assert fleet.file("retires-deploy", "environments/prod/retire.yml", "main")
    call(fleet, "retire", "retires")
    entry = yaml.safe_load(fleet.file("platform", "services/retires.yml", "main"))
    assert "retired" == entry["state"]

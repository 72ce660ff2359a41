"""A commit to code reaches every environment, with the shipped blueprint and plain git clones."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import yaml

from scaffold.bot.passes import Bot, PassReport
from scaffold.chain.pins import read_image, read_upstream
from scaffold.chain.release import read_release
from scaffold.config.places import release_path
from scaffold.fleet.platform import open_platform
from scaffold.forge.api import RequestState
from scaffold.git.program import identity
from scaffold.process import run
from tests.builders import git, need_programs
from tests.service.run import scaffold
from tests.upgrade.fleet import Fleet

# One platform for all tests of this file: they belong to one worker.
pytestmark = pytest.mark.xdist_group("e2e_chain")
WHO = {f"GIT_{who}_{what}": value for who in ("AUTHOR", "COMMITTER")
       for what, value in (("NAME", "Dev"), ("EMAIL", "dev@example.com"))}  # fmt: skip
PLACES = ("dev", "docker", "manifest")


@pytest.fixture(autouse=True)
def _tools(monkeypatch: pytest.MonkeyPatch) -> None:
    need_programs(monkeypatch, "kustomize")
    for name, value in WHO.items():
        monkeypatch.setenv(name, value)


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Fleet:
    """A platform whose staging soaks for an hour, with a service for each test."""
    root = tmp_path_factory.mktemp("e2e") / "acme"
    made = scaffold("init", "acme", "--defaults", cwd=root.parent, env=WHO)
    assert 0 == made.returncode, made.stderr
    fleet = Fleet(root)
    settings = yaml.safe_load((fleet.platform / "platform.yml").read_text())
    for environment in settings["environments"]:
        if environment["name"] == "staging":
            environment["soak_hours"] = 1
    fleet.change_platform(environments=settings["environments"])
    for name in ("payments", "told", *(f"from-{place}" for place in PLACES)):
        done = scaffold("new", "service", name, "--defaults", cwd=root, env=WHO)
        assert 0 == done.returncode, done.stderr
    return fleet


def clone(fleet: Fleet, repo: str) -> Path:
    """A plain clone, up to date."""
    folder = fleet.root / "clones" / repo
    if not folder.exists():
        git("clone", "-q", f"file://{fleet.bare(repo)}", str(folder), cwd=fleet.root)
    git("pull", "-q", "--rebase", cwd=folder)
    return folder


def commit(fleet: Fleet, repo: str, path: str, text: str, message: str) -> str:
    """What a developer does: change a file, commit, push."""
    folder = clone(fleet, repo)
    (folder / path).write_text(text)
    git("add", "-A", cwd=folder)
    git("commit", "-q", "-m", message, cwd=folder)
    git("push", "-q", cwd=folder)
    return git("rev-parse", "HEAD", cwd=folder)


def revert(fleet: Fleet, repo: str) -> None:
    """What a person does who wants back: `git revert` of the bot's commit, and a push."""
    folder = clone(fleet, repo)
    git("revert", "--no-edit", "HEAD", cwd=folder)
    git("push", "-q", cwd=folder)


def run_bot(fleet: Fleet, service: str, hours: float = 0) -> PassReport:
    """A pass over one service, so many hours from now."""
    opened = open_platform(fleet.platform)
    bot = Bot(opened.model, tuple(opened.catalog.services.values()), opened.forge, identity())
    report = bot.run_pass(datetime.now(UTC) + timedelta(hours=hours), {service})
    assert () == report.failures, [str(one.error) for one in report.failures]
    return report


def until_quiet(fleet: Fleet, service: str, hours: float = 0) -> None:
    """Passes until nothing moves any more."""
    while not run_bot(fleet, service, hours).quiet:
        pass


def head(fleet: Fleet, repo: str) -> str:
    """Where main is."""
    return git("rev-parse", "main", cwd=fleet.bare(repo))


def release(fleet: Fleet, service: str, environment: str) -> str | None:
    """The manifest commit that an environment has."""
    path = release_path(environment)
    found = read_release(fleet.file(f"{service}-env", path, "main"), source=path)
    return found.upstream.commit if found else None


def tag(fleet: Fleet, service: str, environment: str) -> str:
    """The tag of the image that an environment runs; empty where it runs nothing."""
    pinned = release(fleet, service, environment)
    if pinned is None:
        return ""
    folder = fleet.bare(f"{service}-manifest")
    text = git("show", f"{pinned}:image/kustomization.yaml", cwd=folder)
    return str(yaml.safe_load(text)["images"][0]["newTag"])


def images(fleet: Fleet, service: str, environment: str) -> set[str]:
    """The images in what an environment builds to, from a plain clone."""
    folder = clone(fleet, f"{service}-env") / "environments" / environment
    done = run(["kustomize", "build", str(folder)])
    assert 0 == done.status, done.last_lines
    lines = (line.strip() for line in done.text.splitlines())
    return {line.split(": ", 1)[1] for line in lines if line.startswith(("image: ", "- image: "))}


def subjects(fleet: Fleet, repo: str) -> list[str]:
    """Main's log, newest first."""
    return git("log", "--topo-order", "--format=%s", "main", cwd=fleet.bare(repo)).splitlines()


def test_a_commit_walks_to_every_environment(fleet: Fleet) -> None:
    """Docker, manifest and dev by `bot run --once`; staging after its soak; prod by request."""
    first = {part: head(fleet, f"payments-{part}") for part in ("code", "docker", "manifest")}
    code = commit(fleet, "payments-code", "news.py", "NEWS = 1\n", "Add news")

    for _ in range(5):
        done = scaffold("bot", "run", "--once", cwd=fleet.root)
        assert 0 == done.returncode, done.stdout
        if "moved" not in done.stdout:
            break
    else:
        pytest.fail("the bot does not come to rest")

    docker, manifest = head(fleet, "payments-docker"), head(fleet, "payments-manifest")
    text = fleet.file("payments-docker", "upstream.yml", "main")
    assert code == read_upstream(text).commit
    text = fleet.file("payments-manifest", "image/kustomization.yaml", "main")
    assert docker == read_image(text).commit
    assert (manifest, None) == tuple(release(fleet, "payments", e) for e in ("dev", "staging"))
    image = f"registry.example.com/acme/payments:{code[:12]}-{docker[:12]}"
    assert {image} == images(fleet, "payments", "dev")
    assert set() == images(fleet, "payments", "staging")

    until_quiet(fleet, "payments", hours=1.1)

    assert {image} == images(fleet, "payments", "staging")
    assert set() == images(fleet, "payments", "prod")
    (request,) = open_platform(fleet.platform).forge.merge_requests("payments-env")
    assert RequestState.OPEN is request.state
    assert f"Move prod to payments-manifest {manifest[:12]}" == request.title
    merged = scaffold("merge-request", "merge", "payments-env", "1", cwd=fleet.root)
    assert 0 == merged.returncode, merged.stderr
    assert {image} == images(fleet, "payments", "prod")
    assert run_bot(fleet, "payments", hours=2).moved == ()

    created = "from the blueprint python-service v1.0.0"
    assert ["Add news", f"Create payments-code {created}"] == subjects(fleet, "payments-code")
    assert [
        f"Move docker to payments-code {code[:12]}", f"Create payments-docker {created}"
    ] == subjects(fleet, "payments-docker")  # fmt: skip
    assert [
        f"Move manifest to payments-docker {docker[:12]}", f"Create payments-manifest {created}"
    ] == subjects(fleet, "payments-manifest")  # fmt: skip
    assert [
        f"Merge: Move prod to payments-manifest {manifest[:12]}",
        f"Move prod to payments-manifest {manifest[:12]}",
        f"Move staging to payments-manifest {manifest[:12]}",
        f"Move dev to payments-manifest {manifest[:12]}",
        f"Create payments-env {created}",
    ] == subjects(fleet, "payments-env")
    body = git("log", "-1", "--format=%b", "main", cwd=fleet.bare("payments-docker"))
    assert body.endswith(f"- {code[:12]} Add news (Test)\n\nPropagated-From: payments-code@{code}")
    assert first["manifest"] != manifest


def test_a_prod_merge_request_says_what_is_released(fleet: Fleet) -> None:
    """The code's subject and author, both images, and the rendered line that changes."""
    forge = open_platform(fleet.platform).forge
    until_quiet(fleet, "told", hours=1.1)
    forge.merge("told-env", 1)
    (before,) = images(fleet, "told", "prod")
    code = commit(fleet, "told-code", "news.py", "NEWS = 1\n", "Take payments @all")
    until_quiet(fleet, "told")
    until_quiet(fleet, "told", hours=2.2)
    (after,) = images(fleet, "told", "staging")

    shown = scaffold("merge-request", "show", "told-env", "2", cwd=fleet.root).stdout

    body = forge.merge_requests("told-env")[-1].body
    subject = "Take payments @\N{ZERO WIDTH SPACE}all"
    for text in (body, shown):
        assert f"- `{code[:12]}` `{subject}` by `Test`\n" in text
        assert f"**image** `{before}` -> `{after}`\n" in text
        assert f"-        image: {before}\n" in text
        assert f"+        image: {after}\n" in text


@pytest.mark.parametrize("place", PLACES)
def test_a_revert_holds_until_the_next_code_commit(fleet: Fleet, place: str) -> None:
    """Over ten passes and a README commit; staging never gets it; a fix goes all the way."""
    service = f"from-{place}"
    until_quiet(fleet, service, hours=2)
    good_code = tag(fleet, service, "dev").partition("-")[0]
    commit(fleet, f"{service}-code", "bad.py", "BAD = 1\n", "Add a fault")
    until_quiet(fleet, service)
    assert good_code != tag(fleet, service, "dev").partition("-")[0]
    revert(fleet, f"{service}-{place if place != 'dev' else 'env'}")

    for number in range(10):
        if number == 3:
            commit(fleet, f"{service}-manifest", "README.md", "# Mine\n", "Rewrite the README")
        report = run_bot(fleet, service, hours=2 + number)
        assert good_code == tag(fleet, service, "staging").partition("-")[0]
    assert good_code == tag(fleet, service, "dev").partition("-")[0]
    held = {one.verdict.edge.place: one.verdict for one in report.events if one.verdict.detail}
    assert f"somebody took this back in {place}; " in held[place].detail

    code = commit(fleet, f"{service}-code", "bad.py", "", "Mend the fault")
    until_quiet(fleet, service)
    assert code[:12] == tag(fleet, service, "dev").partition("-")[0]
    until_quiet(fleet, service, hours=20)
    assert tag(fleet, service, "dev") == tag(fleet, service, "staging")

"""`scaffold status`, run as a user runs it: what is where, and what is behind and why."""

import re
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pygit2
import pytest

from scaffold.chain.decide import Why
from scaffold.errors import ForgeError
from scaffold.fleet.platform import open_platform
from scaffold.forge.api import MergeRequest, StatusState
from scaffold.forge.local.adapter import LocalFolderForge
from scaffold.git.tree import Identity
from scaffold.status.services import status
from tests.chain.world import AUTOMATIC, PARTS, World
from tests.cli.test_chain import install, make_platform, run, told
from tests.service.run import Done

RUNS = r"(\S+) +(\S+) +([0-9a-f]{12})  no status, \d+ s  \d+ s +(Ada Lovelace|Dev) +(.+)"


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    """Two services, and the platform repo with a checkout."""
    for who in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{who}_NAME", "Dev")
        monkeypatch.setenv(f"GIT_{who}_EMAIL", "dev@example.com")
    return make_platform(tmp_path)


def remarks(done: Done) -> list[str]:
    """The lines about what is behind, which stand between the two tables."""
    lines = done.stdout.splitlines()
    return lines[2 : lines.index("") if "" in lines else None]


def test_status_shows_each_environment_and_what_is_behind(world: World) -> None:
    """The commit of the code that each has; what waits, and why."""
    first, code = world.head("code"), world.commit("code", {"app.py": "two\n"})
    world.run()
    world.revert("dev")

    lines = run(world, "status", "shop").stdout.splitlines()

    assert "SERVICE  OWNER     BLUEPRINT  VERSION  STATE   DEV           STAGING  PROD" == lines[0]
    assert f"shop     platform  small      -        active  {first[:12]}  -        -" == lines[1]
    assert (
        f"shop dev: held, {world.head('manifest')[:12]}: somebody took this back in dev; the next"
        " change that is more than docs lifts that, or: scaffold promote shop --to dev"
    ) in lines
    assert code == world.pin("docker")


def test_status_shows_what_is_red(world: World) -> None:
    """Whether or not a pin waits for it."""
    head = world.head("env")
    world.status("env", head, "deploy/dev", StatusState.FAILURE)
    red = f"shop env: red: the status `deploy/dev` of shop-env {head[:12]}"
    assert red in remarks(run(world, "status", "shop"))
    (line,) = told(world, "status", "shop")["services"]
    assert [{"service": "shop", "repo": "shop-env", "name": "deploy/dev", "commit": head}] == line[
        "red"
    ]


def test_status_shows_which_code_runs_where(world: World) -> None:
    """Short id, age, author and subject of each environment's code, not of a manifest."""
    ada = Identity("Ada Lovelace", "ada@example.com")
    old = world.head("code")
    new = world.commit("code", {"app.py": "2\n"}, "Take payments\n", who=ada)
    world.settings = {"environments": list(AUTOMATIC)}
    world.settle()
    world.revert("dev")
    install(world)

    lines = run(world, "status", "shop").stdout.splitlines()

    table = lines[lines.index("") + 1 :]
    table = table[: table.index("")]
    assert ["SERVICE", "ENVIRONMENT", "CODE", "LAST", "DEPLOY", "AGE", "AUTHOR", "SUBJECT"] == (
        table[0].split()
    )
    assert [
        ("shop", "dev", old[:12], "Dev", "Create shop-code"),
        ("shop", "staging", new[:12], "Ada Lovelace", "Take payments"),
    ] == [re.fullmatch(RUNS, line).groups() for line in table[1:]]  # type: ignore[union-attr]


def test_what_others_wrote_is_told_on_one_line(world: World) -> None:
    """No subject or name can write lines of its own, or move a terminal's cursor."""
    evil = Identity("Eve\u202e \x1b[31m", "eve@example.com")
    world.commit(
        "code", {"app.py": "2\n"}, f"Take\x1b[2K it\u2028shop prod {'x' * 200}\n", who=evil
    )
    world.settings = {"environments": [AUTOMATIC[0]]}
    world.run()
    install(world)

    lines = run(world, "status", "shop").stdout.splitlines()

    assert all(line.isprintable() for line in lines)
    subject = f"Take [2K it shop prod {'x' * 77}…"
    runs, story = (line for line in lines if subject in line)
    assert f"Eve [31m  {subject}" == runs.rpartition(" s  ")[2]
    assert story.endswith(f"{world.head('code')[:12]}  {subject}")


def test_status_as_json_has_the_commit_of_every_repo_on_the_way(world: World) -> None:
    """Nearest first, each with what a person asks of it."""
    when = world.repo("code")[world.head("code")].peel(pygit2.Commit).commit_time
    document = told(world, "status", "shop")

    dev = document["services"][0]["pins"][2]
    assert ["manifest", "docker", "code"] == [one["repo"] for one in dev["sources"]]
    assert {
        "repo": "code", "name": "shop-code", "commit": world.head("code"),
        "subject": "Create shop-code", "author": "Dev",
        "when": datetime.fromtimestamp(when, UTC).isoformat().replace("+00:00", "Z"), "page": "",
    } == dev["sources"][-1]  # fmt: skip


def test_code_that_is_gone_is_told_by_its_id(world: World) -> None:
    """The release still names it."""
    shutil.rmtree(world.root / "forge/shop-code.git")
    code = (world.pin("docker") or "")[:12]

    lines = run(world, "status", "shop", status=1).stdout.splitlines()

    assert ["shop", "dev", code, "-", "-", "-", "-"] == lines[-1].split()


def test_status_as_json_has_every_pin(world: World) -> None:
    """Of each service, with the one that would come."""
    world.commit("code", {"app.py": "two\n"})
    document = told(world, "status")

    cart, shop = document["services"]
    assert ["docker", "manifest", "dev", "staging", "prod"] == [
        pin["place"] for pin in cart["pins"]
    ]
    pin = shop["pins"][0]
    assert [world.pin("docker")] == [one["commit"] for one in pin.pop("sources")]
    assert {
        "place": "docker", "commit": world.pin("docker"), "next": world.head("code"),
        "why": "move", "detail": "", "merge_request": None, "deploy": None,
    } == pin  # fmt: skip


def test_status_says_which_merge_request_waits_and_which_was_closed(world: World) -> None:
    """As the bot does."""
    world.settings = {"environments": [AUTOMATIC[0], {"name": "prod", "after": "dev"}]}
    install(world)
    run(world, "bot", "run", "--once")
    (request,) = world.forge.merge_requests("shop-env")
    desired = (world.pin("dev") or "")[:12]

    where = "scaffold merge-request show shop-env 1, then scaffold merge-request merge shop-env 1"
    assert f"shop prod: merge request, {desired}: {where}\n" in run(world, "status").stdout
    (pin,) = (one for one in told(world, "status", "shop")["services"][0]["pins"]
              if one["place"] == "prod")  # fmt: skip
    assert (request.url, "") == (pin["merge_request"], pin["detail"])
    world.forge.close_merge_request("shop-env", request.number)
    said = (
        f"shop prod: held, {desired}: its merge request was closed; the next change that is more"
        " than docs lifts that, or: scaffold promote shop --to prod, or: scaffold merge-request"
        f" reopen shop-env {request.number}\n"
    )
    assert said in run(world, "status").stdout


def test_status_of_a_service_that_can_not_be_read(world: World) -> None:
    """Its line says why, the others are shown, and the exit status tells."""
    world.repo("env", "cart").references.delete("refs/heads/main")
    done = run(world, "status", status=1)

    assert "has no branch `main`" in done.stdout
    assert any(line.startswith("shop ") for line in done.stdout.splitlines())


def test_status_shows_what_makes_no_release(world: World) -> None:
    """A repo's own patterns, which its blueprint gives."""
    world.rule("code", ["/site/", "!/docs/api/"])

    lines = remarks(run(world, "status", "shop"))
    (shop,) = told(world, "status", "shop")["services"]

    assert "shop code: makes no release by itself: /site/, !/docs/api/" in lines
    assert {"code": ["/site/", "!/docs/api/"]} == shop["no_release"]


def test_what_the_next_pass_does_is_told_in_words(world: World) -> None:
    """A move, and a merge request that is not there yet."""
    world.settings = {"environments": [AUTOMATIC[0], {"name": "prod", "after": "dev"}]}
    install(world)
    code = world.commit("code", {"app.py": "two\n"})

    told_of = remarks(run(world, "status", "shop"))

    dev = (world.pin("dev") or "")[:12]
    assert [
        f"shop docker: to move, {code[:12]}: in the bot's next pass",
        f"shop prod: merge request, {dev}: the bot's next pass opens it",
    ] == told_of


def test_an_environment_that_an_upgrade_brings(world: World) -> None:
    """There is no commit to tell."""
    world.settings = {"environments": [*AUTOMATIC, {"name": "qa", "promotion": "automatic"}]}
    install(world)

    assert "shop qa: absent: shop-env has no environments/qa/release/release.yml\n" in (
        run(world, "status", "shop").stdout
    )


@pytest.mark.parametrize("lifted", ["promoted", "changed"])
def test_what_lifts_a_hold_does(world: World, lifted: str) -> None:
    """Both ways that the line names."""
    world.settings = {"environments": [AUTOMATIC[0]]}
    install(world)
    world.commit("code", {"app.py": "two\n"})
    world.settle()
    world.revert("dev")
    world.commit("manifest", {"README.md": "new\n"})
    (line,) = remarks(run(world, "status", "shop"))

    if lifted == "promoted":
        run(world, *line.partition(": scaffold ")[2].split(), "--force")
    else:
        world.commit("code", {"app.py": "three\n"})
        world.settle()

    assert world.head("manifest") == world.pin("dev")
    assert [] == remarks(run(world, "status", "shop"))


@pytest.fixture
def behind(world: World) -> World:
    """Docker, dev and staging of shop are behind."""
    world.commit("manifest", {"base/a.yaml": "a: 1\n"})
    world.commit("code", {"app.py": "two\n"})
    return world


# What is left of a service's lines where one of its repos is gone.
LEFT = {
    "code": ["docker not known", "dev not known", "staging not known"],
    "docker": ["docker not known", "manifest not known", "dev not known", "staging not known"],
    "manifest": ["docker to move", "manifest not known", "dev not known", "staging not known"],
    "env": ["docker to move", "dev not known", "staging not known", "prod not known"],
}


@pytest.mark.parametrize("part", PARTS)
def test_a_repo_that_is_gone_hides_no_other_line(behind: World, part: str) -> None:
    """What can be told is told, in the table and in the document; and which repo it is."""
    pins = {place: behind.pin(place) for place in ("docker", "manifest", "dev", "staging")}
    shutil.rmtree(behind.root / f"forge/shop-{part}.git")

    lines = remarks(run(behind, "status", "shop", status=1))
    (shop,) = told(behind, "status", "shop", status=1)["services"]

    words = [re.findall(r"^shop (\w+): ([a-z ]+)", line)[0] for line in lines[2:]]
    assert LEFT[part] == [" ".join(one) for one in words]
    gone = f"shop: {behind.forge.url(f'shop-{part}')}: there is no repo here"
    assert [gone, "  Was it moved or removed?"] == lines[:2]
    assert 5 == len(shop["pins"])
    for pin in shop["pins"]:
        holder = pin["place"] if pin["place"] in PARTS else "env"
        known = None if holder == part else pins.get(pin["place"])
        assert (pin["place"], known) == (pin["place"], pin["commit"])


def test_a_pin_that_is_malformed_hides_no_other_line(behind: World) -> None:
    """It is not known itself, and what comes before and after it is."""
    behind.commit("manifest", {behind.where("manifest")[1]: "<<<<<<< mine\n"})

    lines = remarks(run(behind, "status", "shop", status=1))

    assert "image/kustomization.yaml: is not a mapping" in lines[0]
    assert "  Revert the commit that changed the file; scaffold writes it." == lines[1]
    assert "shop docker: to move" == lines[2].split(",")[0]
    assert "shop manifest: not known, " in lines[3]
    assert lines[3].endswith(": what it depends on can't be read")


def test_merge_requests_that_can_not_be_read(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The forge fails, but the pin is known to go by one all the same."""
    world.settings = {"environments": [AUTOMATIC[0], {"name": "prod", "after": "dev"}]}
    install(world)
    real = LocalFolderForge.merge_requests

    def fail(
        forge: LocalFolderForge, repo: str, branch: str = "", *, open_only: bool = False
    ) -> tuple[MergeRequest, ...]:
        if repo == "shop-env":
            raise ForgeError("is overloaded")
        return real(forge, repo, branch, open_only=open_only)

    monkeypatch.setattr(LocalFolderForge, "merge_requests", fail)
    (line,) = status(open_platform(world.root / "platform"), ["shop"], world.now)

    assert ("prod", Why.REQUEST) == (line.pins[-1].edge.place, line.pins[-1].why)
    assert "is overloaded" == str(line.error)

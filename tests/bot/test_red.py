"""What fails in CI or on a cluster is told once, and again when it is green."""

from pathlib import Path

import pytest

from scaffold.bot.links import Links
from scaffold.bot.news import News
from scaffold.bot.notify import messages
from scaffold.bot.passes import PassReport
from scaffold.bot.slack import Slack
from scaffold.forge.api import StatusState
from tests.chain.world import ENVIRONMENTS, World, make_world

RED, GREEN, PENDING = StatusState.FAILURE, StatusState.SUCCESS, StatusState.PENDING
EACH = [
    ("code", "test"), ("docker", "image"), ("manifest", "validate"), ("env", "validate"),
    ("env", "deploy/dev"), ("env", "smoke/prod"),
]  # fmt: skip


@pytest.fixture
def world(tmp_path: Path) -> World:
    """A service that has come to rest."""
    made = make_world(tmp_path, "shop")
    made.settings = {"environments": list(ENVIRONMENTS)}
    made.settle()
    return made


def reds(report: PassReport) -> list[tuple[str, str]]:
    """The repo and the name of each status that failed."""
    return [(one.part, one.name) for one in report.statuses if one.is_red]


def a_pass(world: World, slack: Slack) -> PassReport:
    """A pass, of which Slack is told."""
    report = world.run()
    links = Links("local", {"shop": world.entry()}, "https://docs.example.com")
    slack.tell(list(messages(report, links)), report.looked_at)
    return report


@pytest.mark.parametrize(("part", "name"), EACH)
def test_a_red_status_is_told_once_and_again_when_it_is_green(
    world: World, tmp_path: Path, part: str, name: str
) -> None:
    """A new process, and a check that runs again, tell nothing between."""
    sent: list[str] = []
    head = world.head(part)
    world.status(part, head, name, RED)
    for state in (RED, RED, PENDING, RED):
        world.status(part, head, name, state)
        report = a_pass(world, Slack(sent.append, tmp_path / "told.json"))
        assert ([(part, name)] if state is RED else []) == reds(report)
    red = [
        f":red_circle: *shop* the status `{name}` of shop-{part} is red",
        f"commit shop-{part}@{head[:12]}",
        "runbook https://docs.example.com/shop/runbook/",
    ]
    assert ["\n".join(red)] == sent

    world.status(part, head, name, GREEN)
    for _ in range(2):
        a_pass(world, Slack(sent.append, tmp_path / "told.json"))
    assert [f":large_green_circle: *shop* the status `{name}` of shop-{part} is green again"] == (
        sent[1:]
    )


def test_a_new_commit_is_not_green_before_its_status_is(world: World, tmp_path: Path) -> None:
    """Until then nothing is told; that of the new commit counts."""
    sent: list[str] = []
    slack = Slack(sent.append, tmp_path / "told.json")
    world.status("code", world.head("code"), "test", RED)
    a_pass(world, slack)
    world.settings["propagation"] = {"require": "status"}
    world.commit("code", {"app.py": "two\n"})
    a_pass(world, slack)
    assert 1 == len(sent)
    world.status("code", world.head("code"), "test", GREEN)
    a_pass(world, slack)
    assert ":large_green_circle: *shop* the status `test` of shop-code is green again" == sent[-1]


@pytest.mark.parametrize("name", ["deploy/dev", "smoke/dev"])
def test_what_a_later_commit_does_not_deploy_again(world: World, name: str) -> None:
    """The status of an environment is at the commit that changed it last."""
    world.status("env", world.head("env"), name, RED)
    for number in range(4):
        world.commit("env", {"README.md": f"{number}\n"})
    assert [("env", name)] == reds(world.run())


def test_the_log_has_it_once(world: World) -> None:
    """As all else that lasts."""
    world.status("code", world.head("code"), "test", RED)
    news = News()
    assert [1, 0] == [len(news.of(world.run()).statuses) for _ in range(2)]


def test_a_repo_that_can_not_be_reached_is_told_once(world: World, tmp_path: Path) -> None:
    """However many passes that lasts; what was red before is not green by that."""
    sent: list[str] = []
    slack = Slack(sent.append, tmp_path / "told.json")
    world.status("code", world.head("code"), "test", RED)
    a_pass(world, slack)
    bare = tmp_path / "forge/shop-code.git"
    bare.rename(tmp_path / "away")
    for _ in range(3):
        a_pass(world, slack)
    assert [":red_circle: *shop* the", ":x: shop failed: "] == [
        sent[0][:23], sent[1][:17]
    ]  # fmt: skip
    assert 2 == len(sent)

"""The bot brings what is generated in the platform repo in step, and leaves what is."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType

import pytest

from scaffold.bot.links import Links
from scaffold.bot.notify import messages
from scaffold.bot.passes import Bot, PassReport, pass_over
from scaffold.bot.platform import Events
from scaffold.chain.decide import Why
from scaffold.forge.api import RequestState
from scaffold.git.tree import Identity
from tests.bot.platform_repo import BRANCH, Acme
from tests.builders import git

NOW = datetime.now(UTC)
FILES = ("kustomization", "namespace", "quota", "roles")


@pytest.fixture
def acme(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Acme:
    """A platform in step that takes pushes."""
    return Acme.in_step(tmp_path, monkeypatch)


def other_owner(acme: Acme) -> None:
    """`shop` is team b's now."""
    acme.services["shop"]["owner"] = "b"


def other_group(acme: Acme) -> None:
    """Another group administers what team a owns."""
    acme.settings["teams"][0]["groups"] = {"admin": ["elders"]}


def new_environment(acme: Acme) -> None:
    """There is `test`, too."""
    acme.settings["environments"].append({"name": "test", "after": "dev"})


def other_quota(acme: Acme) -> None:
    """In dev there may be seven pods."""
    acme.settings["environments"][0]["quota"] = {"pods": 7}


def no_prod(acme: Acme) -> None:
    """There is no `prod` any more."""
    acme.settings["environments"].pop()


def whys(events: Events) -> list[Why]:
    """What became of each."""
    return [one.why for one in events]


@pytest.mark.parametrize(
    ("change", "paths", "line"),
    [
        (other_owner, [f"access/{place}/shop/{file}.yaml"
                       for place in ("dev", "prod") for file in ("namespace", "roles")],
         ("access/prod/shop/roles.yaml", "  name: b-admins\n")),
        (other_group, [f"access/{place}/{name}/roles.yaml"
                       for place in ("dev", "prod") for name in ("cart", "shop")],
         ("access/dev/cart/roles.yaml", "  name: elders\n")),
        (new_environment, [f"access/test/{name}/{file}.yaml"
                           for name in ("cart", "shop") for file in FILES],
         ("access/test/cart/namespace.yaml", "  name: cart-test\n")),
        (other_quota, ["access/dev/cart/quota.yaml", "access/dev/shop/quota.yaml"],
         ("access/dev/cart/quota.yaml", "    pods: '7'\n")),
    ],
)  # fmt: skip
def test_a_change_is_in_the_objects_after_one_pass(
    acme: Acme, change: Callable[[Acme], None], paths: list[str], line: tuple[str, str]
) -> None:
    """It is one commit of the files that follow from it; the next pass changes nothing."""
    change(acme)
    acme.push("Change it")
    before = acme.head()

    (event,) = acme.run()
    assert (Why.MOVE, acme.head()) == (event.why, event.commit)
    assert before == acme.head("main^")
    assert paths == [one.path for one in event.files] == acme.changed(before)
    assert line[1] in acme.text(line[0]) + "\n"

    refs = acme.refs()
    assert () == acme.run()
    assert refs == acme.refs()


def test_a_platform_that_did_not_move_costs_nothing(acme: Acme) -> None:
    """None of its files is read."""
    opened = acme.open()
    assert () == acme.sync.run(replace(opened, tree=MappingProxyType({})), NOW)


def test_files_that_go_wait_for_a_person(acme: Acme) -> None:
    """What is added is pushed, what goes is proposed: once, however many passes there are."""
    no_prod(acme)
    new_environment(acme)
    acme.push("Test in place of prod")
    before = acme.head()

    moved, proposed = acme.run()
    assert (Why.MOVE, {"access/test"}) == (moved.why, {one.path[:11] for one in moved.files})
    assert (Why.REQUEST, {"access/prod"}) == (
        proposed.why,
        {one.path[:11] for one in proposed.files},
    )
    assert [one.path for one in moved.files] == acme.changed(before)
    assert [one.path for one in proposed.files] == acme.changed("main", BRANCH)

    refs = acme.refs()
    assert [(Why.REQUEST, "")] == [(one.why, one.commit) for one in acme.run()]
    assert refs == acme.refs()


@pytest.mark.parametrize("policy", ["merge-request", "auto-merge"])
def test_a_policy_of_merge_requests(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, policy: str
) -> None:
    """Nothing is pushed to main; all of it is in one merge request."""
    acme = Acme.in_step(tmp_path, monkeypatch, propagation={"push": policy})
    other_quota(acme)
    no_prod(acme)
    acme.push("Change it")
    before = acme.head()

    (event,) = acme.run()
    assert (Why.REQUEST, 10) == (event.why, len(event.files))
    assert before == acme.head()
    assert [one.path for one in event.files] == acme.changed("main", BRANCH)


def test_a_main_that_takes_no_push(acme: Acme) -> None:
    """It is proposed; a change of something else on main makes no new commit of it."""
    other_quota(acme)
    acme.push("Change it")
    acme.protect()
    assert [Why.REQUEST] == whys(acme.run())
    proposed = acme.head(BRANCH)

    (acme.root / "forge/platform.git/hooks/update").unlink()
    acme.settings["registry"] = "other.example.com"
    acme.push("Change something else")
    acme.protect()
    assert [(Why.REQUEST, "")] == [(one.why, one.commit) for one in acme.run()]
    assert proposed == acme.head(BRANCH)

    acme.forge.merge("platform", 1)
    assert () == acme.run()


def test_what_a_person_closed_is_not_opened_again(acme: Acme) -> None:
    """It is held until the files are to become something else."""
    no_prod(acme)
    acme.push("Drop prod")
    acme.run()
    acme.forge.close_merge_request("platform", 1)
    refs = acme.refs()
    assert [Why.HELD] == whys(acme.run())
    assert refs == acme.refs()

    del acme.services["cart"]
    acme.push("Drop cart, too")
    assert [Why.REQUEST] == whys(acme.run())


def test_a_merge_request_that_has_nothing_to_it_any_more(acme: Acme) -> None:
    """It is closed with the reason, which turns nothing down."""
    last = acme.settings["environments"][-1]
    no_prod(acme)
    acme.push("Drop prod")
    acme.run()
    acme.settings["environments"].append(last)
    acme.push("Keep prod")

    (event,) = acme.run()
    (request,) = acme.forge.merge_requests("platform", BRANCH)
    assert (Why.WITHDRAWN, RequestState.CLOSED) == (event.why, request.state)
    assert "Closed by the bot: main is in step without it." == request.body.strip()
    assert () == acme.run()

    no_prod(acme)
    acme.push("Drop prod after all")
    assert [Why.REQUEST] == whys(acme.run())


def test_a_commit_of_somebody_elses_on_the_branch(acme: Acme) -> None:
    """It is not lost: the pass fails and names it."""
    no_prod(acme)
    acme.push("Drop prod")
    acme.run()
    writer = acme.root / "writer"
    git("fetch", "-q", acme.forge.url("platform"), BRANCH, cwd=writer)
    git("checkout", "-q", "FETCH_HEAD", cwd=writer)
    git("commit", "-q", "--allow-empty", "-m", "Think of something", cwd=writer)
    git("push", "-q", acme.forge.url("platform"), f"HEAD:{BRANCH}", cwd=writer)
    git("checkout", "-q", "main", cwd=writer)
    assert [(Why.REQUEST, "")] == [(one.why, one.commit) for one in acme.run()]

    del acme.services["cart"]
    acme.push("Drop cart, too")
    refs = acme.refs()
    report = whole(acme)
    (failure,) = report.failures
    assert "platform" == failure.service
    assert "somebody's own commits are on `scaffold/platform-sync`" in str(failure.error)
    assert ["Think of something"] == [line[13:] for line in failure.error.details]
    assert refs == acme.refs()


@pytest.mark.parametrize("change", [other_quota, no_prod, new_environment])
def test_a_dry_run(acme: Acme, change: Callable[[Acme], None]) -> None:
    """It says what the pass then does and tells, and changes nothing."""
    change(acme)
    acme.push("Change it")
    refs = acme.refs()
    would = acme.sync.run(replace(acme.open(), dry_run=True), NOW)
    assert refs == acme.refs()
    did = acme.run()
    assert [(one.why, one.files) for one in did] == [(one.why, one.files) for one in would]


def test_what_slack_is_told(acme: Acme) -> None:
    """The files, and what each follows from; nothing while there is nothing to tell."""
    other_quota(acme)
    acme.push("Change it")
    report = whole(acme)
    (message,) = messages(report, Links("local", {}))
    why = "(platform.yml: `quota` of the environment `dev`)"
    assert [
        "*platform* what is generated moved",
        f"changed  access/dev/cart/quota.yaml  {why}",
        f"changed  access/dev/shop/quota.yaml  {why}",
        f"commit platform@{acme.head()[:12]}",
    ] == message.text.splitlines()
    assert [] == list(messages(whole(acme), Links("local", {})))
    assert "platform" in report.looked_at


def whole(acme: Acme) -> PassReport:
    """A pass over the platform repo, and no services."""
    opened = acme.open()
    bot = Bot(opened.model, (), opened.forge, Identity("Bot", "bot@example.com"))
    return pass_over(opened, acme.sync, bot, datetime.now(UTC))

"""A role that is given for a while is gone from git after the first pass past its end."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from scaffold.bot.links import Links
from scaffold.bot.metrics import Metrics
from scaffold.bot.notify import messages
from scaffold.bot.passes import Bot, PassReport, pass_over
from scaffold.chain.decide import Why
from scaffold.config.grant import Grant, clock
from scaffold.errors import ForgeError, UsageError
from scaffold.fleet.grants import give, take_back
from scaffold.forge.api import RequestState
from scaffold.git.tree import Identity
from tests.bot.platform_repo import Acme
from tests.builders import git, write_files
from tests.prepared import Prepared

NOW = datetime(2026, 3, 2, 14, 0, tzinfo=UTC)
LATER = NOW + timedelta(hours=2)


@pytest.fixture
def acme(prepared: Prepared, monkeypatch: pytest.MonkeyPatch) -> Acme:
    """A platform in step that takes pushes."""
    return Acme.at(prepared.fresh("in-step", lambda root: Acme.in_step(root, monkeypatch)))


def grant(**changes: Any) -> Grant:
    """Two hours of admin in prod for Alice, or what a test changes of that."""
    told = {
        "user": "alice@example.com", "role": "admin", "environment": "prod", "since": clock(NOW),
        "until": clock(LATER), "reason": "Payments hang", **changes,
    }  # fmt: skip
    return Grant.model_validate(told)


def give_to(acme: Acme, one: Grant) -> str:
    """Give it; returns what it is called."""
    assert give(acme.open(), one) is None
    return one.id


def files(acme: Acme) -> list[str]:
    """The grants on main."""
    bare = acme.root / "forge/platform.git"
    return git("ls-tree", "--name-only", "main", "grants/", cwd=bare).splitlines()


def holders(acme: Acme, service: str = "shop", environment: str = "prod") -> list[str]:
    """Who is bound to which role, as main renders it."""
    text = acme.text(f"access/{environment}/{service}/roles.yaml")
    return [
        f"{subject['kind']} {subject['name']}: {one['roleRef']['name']}"
        for one in yaml.safe_load_all(text) if one["kind"] == "RoleBinding"
        for subject in one["subjects"]
    ]  # fmt: skip


def whole(acme: Acme, now: datetime) -> PassReport:
    """A pass over the platform repo, and no services."""
    opened = acme.open()
    bot = Bot(opened.model, (), opened.forge, Identity("Bot", "bot@example.com"))
    return pass_over(opened, acme.sync, bot, now)


ALICE = "User alice@example.com: admin"
TEAM = "Group a-admins: admin"


def test_it_is_given_in_one_commit(acme: Acme) -> None:
    """The file and the bindings that follow, in that environment alone; the bot has no more to do.

    The commit says who, what and why.
    """
    before = acme.head()
    name = give_to(acme, grant())

    assert [
        "access/prod/cart/roles.yaml", "access/prod/shop/roles.yaml", f"grants/{name}.yml",
    ] == acme.changed(before)  # fmt: skip
    assert before == acme.head("main^")
    assert [TEAM, ALICE] == holders(acme) == holders(acme, "cart")
    assert [TEAM] == holders(acme, environment="dev")
    message = git("log", "-1", "--format=%B", "main", cwd=acme.root / "forge/platform.git")
    assert (
        "Give user alice@example.com: admin of all services in prod\n\n"
        f"Until 2026-03-02T16:00:00Z: Payments hang\n\nScaffold-Grant: {name}"
    ) == message.strip()
    assert () == acme.run(NOW)


def test_an_expired_grant_is_gone_after_one_pass(acme: Acme) -> None:
    """From its file and from what is rendered: main is what it was; the next pass changes nothing.

    A second before its end it stays.
    """
    tree = git("rev-parse", "main^{tree}", cwd=acme.root / "forge/platform.git")
    name = give_to(acme, grant())
    given = acme.head()
    assert () == acme.run(LATER - timedelta(seconds=1))
    assert given == acme.head()

    (event,) = acme.run(LATER)
    assert (Why.MOVE, acme.head(), (name,)) == (event.why, event.commit, event.expired)
    assert ([], [TEAM]) == (files(acme), holders(acme))
    assert tree == git("rev-parse", "main^{tree}", cwd=acme.root / "forge/platform.git")
    refs = acme.refs()
    assert () == acme.run(LATER)
    assert refs == acme.refs()


def test_two_at_once_and_one_is_over(acme: Acme) -> None:
    """The other one stays, with its own end."""
    give_to(acme, grant())
    group = grant(
        group="dba", user=None, services=["shop"], until=clock(LATER + timedelta(hours=1))
    )
    kept = give_to(acme, group)
    assert {TEAM, ALICE, "Group dba: admin"} == set(holders(acme))

    acme.run(LATER)
    assert [f"grants/{kept}.yml"] == files(acme)
    assert ([TEAM, "Group dba: admin"], [TEAM]) == (holders(acme), holders(acme, "cart"))


def test_given_twice(acme: Acme) -> None:
    """It is one grant, which ends when the last one says; the same again makes no commit."""
    name = give_to(acme, grant())
    given = acme.head()
    give_to(acme, grant())
    assert given == acme.head()

    longer = grant(until=clock(LATER + timedelta(hours=1)))
    assert name == give_to(acme, longer)
    assert [f"grants/{name}.yml"] == files(acme)
    assert () == acme.run(LATER)
    assert [TEAM, ALICE] == holders(acme)
    acme.run(LATER + timedelta(hours=1))
    assert [TEAM] == holders(acme)


def test_extended_while_the_bot_looks(acme: Acme) -> None:
    """A pass that read the old end, and lost the race, takes nothing from the one that extended."""
    give_to(acme, grant())
    seen = acme.open()
    give_to(acme, grant(until=clock(LATER + timedelta(hours=1))))
    (event,) = acme.sync.run(seen, LATER)
    assert "" == event.commit
    assert [TEAM, ALICE] == holders(acme)


def test_two_people_give_at_the_same_time(acme: Acme) -> None:
    """Who loses the race comes second, and neither is lost."""
    seen = acme.open()
    give_to(acme, grant())
    give(seen, grant(user="bob@example.com"))
    assert 2 == len(files(acme))
    assert [TEAM, ALICE, "User bob@example.com: admin"] == holders(acme)


def test_a_person_reverts_the_grant(acme: Acme) -> None:
    """It is over then, and no pass brings it back."""
    give_to(acme, grant())
    revert(acme)
    refs = acme.refs()
    assert () == acme.run(NOW)
    assert ([], [TEAM]) == (files(acme), holders(acme))
    assert refs == acme.refs()


def test_a_person_reverts_that_it_was_taken_back(acme: Acme) -> None:
    """Its time is over all the same: the next pass takes it back again."""
    give_to(acme, grant())
    acme.run(LATER)
    revert(acme)
    assert [TEAM, ALICE] == holders(acme)
    acme.run(LATER)
    assert ([], [TEAM]) == (files(acme), holders(acme))


def test_a_person_removes_the_file_alone(acme: Acme) -> None:
    """What is rendered follows, in the next pass."""
    name = give_to(acme, grant())
    writer = checkout(acme)
    git("rm", "-q", f"grants/{name}.yml", cwd=writer)
    git("commit", "-q", "-m", "No", cwd=writer)
    git("push", "-q", "origin", "main", cwd=writer)
    acme.run(NOW)
    assert [TEAM] == holders(acme)


def test_taken_back_by_hand(acme: Acme) -> None:
    """Before its time is over."""
    one = grant()
    give_to(acme, one)
    assert take_back(acme.open(), {one.id: one}) is None
    assert ([], [TEAM]) == (files(acme), holders(acme))


def test_a_service_that_is_retired(acme: Acme) -> None:
    """Nobody is given a role in what is being deleted."""
    acme.services["shop"]["state"] = "retired"
    acme.push("Retire shop")
    acme.run(NOW)
    give_to(acme, grant())
    assert ([TEAM], [TEAM, ALICE]) == (holders(acme), holders(acme, "cart"))
    assert () == acme.run(NOW)


def broken_entry(acme: Acme) -> None:
    """`shop` has an entry that nobody can read."""
    acme.services["shop"]["owner"] = "NOT VALID"


def no_prod(acme: Acme) -> None:
    """There is no `prod` any more."""
    acme.settings["environments"].pop()


@pytest.mark.parametrize("change", [broken_entry, no_prod])
def test_it_ends_whatever_else_is_wrong(acme: Acme, change: Callable[[Acme], None]) -> None:
    """A service that can't be read, or an environment that is gone, keeps no binding."""
    give_to(acme, grant())
    change(acme)
    acme.push("Break it")
    acme.run(LATER)
    assert ([], [TEAM]) == (files(acme), holders(acme))


@pytest.mark.parametrize("policy", ["merge-request", "auto-merge"])
def test_it_ends_whatever_the_policy_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, policy: str
) -> None:
    """That it ends was agreed on with the grant: nobody is asked a second time."""
    acme = Acme.in_step(tmp_path, monkeypatch, propagation={"push": policy})
    give_to(acme, grant())
    acme.run(LATER)
    assert ([], [TEAM]) == (files(acme), holders(acme))


def test_a_main_that_takes_no_push(acme: Acme) -> None:
    """It is proposed once, and told as expired and still there until somebody merges that."""
    name = give_to(acme, grant())
    acme.protect()
    report = whole(acme, LATER)
    (event,) = report.platform or ()
    assert (Why.REQUEST, "scaffold/grants-expired") == (
        event.why, event.request.branch if event.request else "",
    )  # fmt: skip
    assert [(name, True)] == [(one.name, one.expired) for one in report.grants]
    assert (0, 1) == gauges(report)
    texts = [one.text for one in messages(report, Links("local", {}))]
    assert texts[1] == (
        ":red_circle: *platform* user alice@example.com: admin of all services in prod expired at"
        " 2026-03-02T16:00:00Z and is still there"
    )

    refs = acme.refs()
    whole(acme, LATER)
    assert refs == acme.refs()
    (acme.root / "forge/platform.git/hooks/update").unlink()
    acme.forge.merge("platform", 1)
    assert () == whole(acme, LATER).grants


def test_a_merge_request_that_has_nothing_to_it_any_more(acme: Acme) -> None:
    """Main took the push after all: it is closed with the next pass, and then there is no more."""
    give_to(acme, grant())
    acme.protect()
    acme.run(LATER)
    (acme.root / "forge/platform.git/hooks/update").unlink()
    acme.settings["registry"] = "other.example.com"
    acme.push("Change something else")
    assert [Why.MOVE] == [one.why for one in acme.run(LATER)]
    assert [Why.WITHDRAWN] == [one.why for one in acme.run(LATER)]
    (request,) = acme.forge.merge_requests("platform", "scaffold/grants-expired")
    assert RequestState.CLOSED is request.state
    assert () == acme.run(LATER)


def test_a_forge_that_fails(acme: Acme, monkeypatch: pytest.MonkeyPatch) -> None:
    """The grant is told as expired and still there."""
    name = give_to(acme, grant())

    def fails(*_: object) -> None:
        raise ForgeError("the forge is down")

    monkeypatch.setattr("scaffold.bot.platform.commit_to_main", fails)
    report = whole(acme, LATER)
    assert [(name, True)] == [(one.name, one.expired) for one in report.grants]
    assert ["the forge is down"] == [str(one.error) for one in report.failures]


def test_what_slack_and_prometheus_are_told(acme: Acme) -> None:
    """Who has a role, while they have it; then that it was taken back."""
    give_to(acme, grant())
    report = whole(acme, NOW)
    (message,) = messages(report, Links("local", {}))
    assert message.text == (
        ":key: *platform* user alice@example.com: admin of all services in prod, until"
        " 2026-03-02T16:00:00Z: Payments hang"
    )
    assert (1, 0) == gauges(report)

    report = whole(acme, LATER)
    (message,) = messages(report, Links("local", {}))
    assert [
        "*platform* access that has expired was taken back",
        "user alice@example.com: admin of all services in prod, until 2026-03-02T16:00:00Z",
    ] == message.text.splitlines()[:2]
    assert (0, 0) == gauges(report)


def gauges(report: PassReport) -> tuple[float | None, ...]:
    """How many grants Prometheus is told of: standing, and expired."""
    metrics = Metrics()
    metrics.count(report, 1.0)
    return tuple(
        metrics.registry.get_sample_value("scaffold_bot_grants", {"state": state})
        for state in ("standing", "expired")
    )


def test_a_dry_run(acme: Acme) -> None:
    """It says what the pass then does, and changes nothing; giving says so, too."""
    opened = replace(acme.open(), dry_run=True)
    refs = acme.refs()
    assert give(opened, grant()) is None
    assert refs == acme.refs()

    give_to(acme, grant())
    refs = acme.refs()
    (would,) = acme.sync.run(replace(acme.open(), dry_run=True), LATER)
    assert refs == acme.refs()
    (did,) = acme.run(LATER)
    assert (would.why, would.files, would.expired) == (did.why, did.files, did.expired)


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"environment": "pord"}, "there is no environment `pord`; there are: dev, prod"),
        ({"services": ["shpo"]}, "there is no service `shpo`"),
        ({"until": clock(NOW + timedelta(hours=9))},
         "it is for longer than the 8 h that `break_glass_hours` of `prod` allows"),
    ],
)  # fmt: skip
def test_what_is_refused(acme: Acme, changes: dict[str, Any], problem: str) -> None:
    """What the platform says against it; written by hand it gives nothing, and the bot tells."""
    with pytest.raises(UsageError, match=f"^{problem}"):
        give(acme.open(), grant(**changes))

    one = yaml.safe_dump(grant(**changes).model_dump(mode="json", exclude_defaults=True))
    writer = checkout(acme)
    write_files(writer, {"grants/by-hand.yml": one, "grants/not-yaml.yml": "{"})
    git("add", "-A", cwd=writer)
    git("commit", "-q", "-m", "By hand", cwd=writer)
    git("push", "-q", "origin", "main", cwd=writer)
    report = whole(acme, NOW)
    assert ["grants/by-hand.yml", "grants/not-yaml.yml:1"] == [
        one.error.where for one in report.failures
    ]
    assert [TEAM] == holders(acme)


def checkout(acme: Acme) -> Path:
    """A checkout of main as it is."""
    folder = acme.root / "person"
    git("clone", "-q", acme.forge.url("platform"), str(folder), cwd=acme.root)
    return folder


def revert(acme: Acme) -> None:
    """A person reverts the last commit."""
    writer = checkout(acme)
    git("revert", "--no-edit", "HEAD", cwd=writer)
    git("push", "-q", "origin", "main", cwd=writer)

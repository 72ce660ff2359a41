"""What every forge tells of the rights to a repo, and what is taken from groups again."""

import pytest

from scaffold.config.team import Role
from scaffold.forge.api import Held
from scaffold.forge.gitlab.adapter import GitlabGroupForge
from tests.forge.conftest import GITEA
from tests.forge.life import HOOK, SECRET, Life

SERVERS = pytest.mark.parametrize("life", ["github", "gitlab", GITEA], indirect=True)


@pytest.fixture
def shop(life: Life) -> Life:
    """A server, with a repo `shop` that nothing is set of yet."""
    life.forge.create("shop", description="A shop")
    life.server.push("shop", "main", life.main)
    return life


@pytest.mark.parametrize("life", ["local"], indirect=True)
def test_a_folder_has_none(life: Life) -> None:
    """Its own rights decide."""
    assert life.forge.held("shop", ("devs",)) is None


@SERVERS
def test_what_was_set_is_told(shop: Life) -> None:
    """Of the groups that are asked for alone; GitLab protects main before it is asked to."""
    groups = (shop.readers, shop.developers, shop.admins)
    before = shop.forge.held("shop", groups)
    roles = dict(zip(Role, groups, strict=True))
    shop.forge.grant("shop", {role: [group] for role, group in roles.items()})
    shop.forge.protect("shop")
    shop.forge.webhook("shop", HOOK, SECRET)

    assert before is not None
    assert ({}, frozenset()) == (before.roles, before.webhooks)
    told = {group: role for role, group in roles.items()}
    held = Held(told, protected=True, statuses=frozenset(), webhooks=frozenset({HOOK}))
    assert held == shop.forge.held("shop", groups)
    first = {shop.readers: Role.READ_ONLY}
    few = shop.forge.held("shop", (shop.readers, "nobody"))
    assert few is not None
    assert first == few.roles


@SERVERS
def test_a_group_loses_a_repo(shop: Life) -> None:
    """The others keep it; again, and of one that never had it, nothing is changed."""
    shop.forge.grant("shop", {Role.READ_ONLY: [shop.readers], Role.ADMIN: [shop.admins]})
    for _ in range(2):
        shop.forge.revoke("shop", (shop.readers, shop.developers))

    held = shop.forge.held("shop", (shop.readers, shop.developers, shop.admins))
    assert held is not None
    assert {shop.admins: Role.ADMIN} == held.roles


@SERVERS
def test_the_statuses_that_a_merge_needs(shop: Life) -> None:
    """Former ones go and what somebody else asks for stays; of GitLab the pipeline is asked."""
    names = ["pipeline"] if isinstance(shop.forge, GitlabGroupForge) else ["image", "test"]
    steps: list[tuple[list[str], list[str], list[str]]] = [
        (names[:1], [], names[:1]),
        (names[-1:], [], names),
        ([], names[:1], names[1:]),
        ([], [], names[1:]),
        (names, [], names),
        ([], names, []),
    ]
    for wanted, former, expected in steps:
        for _ in range(2):
            shop.forge.protect("shop", wanted, former=former)
        held = shop.forge.held("shop", ())
        assert held is not None
        assert (True, frozenset(expected)) == (held.protected, held.statuses)


@SERVERS
def test_a_webhook_is_removed(shop: Life) -> None:
    """That at another address stays; again, and of one that never was, nothing is changed."""
    for address in (HOOK, f"{HOOK}/old"):
        shop.forge.webhook("shop", address, SECRET)
    for _ in range(2):
        shop.forge.remove_webhooks("shop", {f"{HOOK}/old", f"{HOOK}/never"})

    held = shop.forge.held("shop", ())
    assert held is not None
    assert {HOOK} == held.webhooks

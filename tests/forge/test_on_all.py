"""What is the same on all servers: GitHub and GitLab by fakes of their APIs, Gitea itself."""

import logging

import pytest

from scaffold.config.team import Role
from scaffold.errors import ForgeError
from scaffold.forge.api import FoundRepo, Proposal, RequestState, StatusState
from tests.forge.conftest import GITEA
from tests.forge.each import Server
from tests.forge.fake_http import TOKEN, Asked, Fault
from tests.forge.life import FAULTS, Life

pytestmark = pytest.mark.usefixtures("naps")  # nothing really waits
BRANCH = "scaffold/python"


def propose(life: Life, text: str = "One") -> int:
    """A merge request that is to merge itself; its number."""
    opened = life.forge.open_merge_request("shop", BRANCH, Proposal(text, "", auto_merge=True))
    return opened.number


def test_who_may_push_to_main_is_known(any_server: Server) -> None:
    """By the forge's own answer: an admin may, a developer may not, whatever the bot may."""
    with any_server() as (server, connect):
        life = connect()
        life.new()
        as_admin = life.forge.may_push("shop", "main")
        server.demote()

        assert (True, False) == (as_admin, life.forge.may_push("shop", "main"))


def test_of_a_branch_that_is_not_there_nothing_is_known(any_server: Server) -> None:
    """At least not that it takes no push."""
    with any_server() as (_, connect):
        life = connect()
        life.new()

        assert life.forge.may_push("shop", "nowhere") is not False


def test_a_bot_that_may_not_write_is_named(any_server: Server) -> None:
    """A rule that lets it push would be of no use to it, or is not even made, without a word."""
    with any_server() as (server, connect):
        connect().new()
        life = connect(bot=server.powerless)

        with pytest.raises(ForgeError) as caught:
            life.forge.protect("shop")

    assert f"the bot `{server.powerless}` can't be let push to main of `shop`" == caught.value.what
    assert (
        "It may not write to the repo: put it into a group that has the role developer, then run"
        " this again." == caught.value.hint
    )


def test_a_bot_that_nobody_knows_is_named(any_server: Server) -> None:
    """When main is protected, and before that where the forge is looked at."""
    with any_server() as (_, connect):
        connect().new()
        life = connect(bot="nobody-here")

        assert ("let the bot push: there is no user `nobody-here`",) == life.forge.check()
        with pytest.raises(ForgeError) as caught:
            life.forge.protect("shop")

    assert "there is no user `nobody-here`" == caught.value.what
    assert "`forge.bot` in platform.yml" in caught.value.hint


class DeletionFails:
    """Trouble that each deletion meets, and no other call."""

    def __init__(self, fault: Fault) -> None:
        self.fault = fault

    def at(self, asked: Asked) -> Fault | None:
        """See Trouble."""
        return self.fault if asked.method == "DELETE" else None


@pytest.mark.parametrize(
    "fault", [one for one in FAULTS if one.after or "Retry-After" in one.name], ids=lambda f: f.name
)
def test_a_repo_is_deleted_by_one_call(any_server: Server, fault: Fault) -> None:
    """By the time of another try it may be somebody else's, made after the first one came through.

    Whether the answer was lost or the server asked to wait: that it failed is told.
    """
    with any_server() as (server, connect):
        life = connect()
        life.new()
        server.trouble = DeletionFails(fault)
        before = len(server.calls)

        with pytest.raises(ForgeError, match="can't delete the repo `shop`: "):
            life.forge.delete("shop")

        sent = [one.method for one in server.calls[before:]]
    assert 1 == sent.count("DELETE")


@pytest.mark.parametrize("server_kind", ["github", GITEA], indirect=True)
def test_a_team_that_is_made_has_no_members(any_server: Server) -> None:
    """Not even who made it; on GitLab none is made."""
    with any_server() as (server, connect):
        life = connect()
        life.forge.create("shop", description="The shop")
        life.forge.grant("shop", {Role.DEVELOPER: ["newcomers"]})

        assert [] == server.members("newcomers")


def test_a_renamed_repo_is_found_by_its_old_name(any_server: Server) -> None:
    """The server redirects whoever reads, and the new name is told; it takes no writes."""
    with any_server() as (server, connect):
        server.lag = 0
        life = connect()
        life.forge.create("shop", description="The shop")
        server.rename("shop", "store")

        assert FoundRepo("store") == life.forge.find("shop")
        with pytest.raises(ForgeError) as caught:
            life.forge.archive("shop", archived=True)
        assert FoundRepo("store") == life.forge.find("store")

    assert "can't archive the repo `shop`: it has moved" == caught.value.what
    assert "Was the repo renamed? Name the new one in the catalog." == caught.value.hint


def test_what_is_so_already_is_not_written(fake_server: Server) -> None:
    """A second run writes nothing: a server keeps a record of each, and tells people of it."""
    with fake_server() as (server, connect):
        life = connect()
        life.new()
        life.conflict()
        life.resolve()
        life.build()
        server.calls.clear()

        life.resolve()
        life.forge.set_status("shop", life.main, "image", StatusState.SUCCESS)

        assert [] == [asked.path for asked in server.calls if asked.method != "GET"]


def test_a_wrong_token_is_told(fake_server: Server) -> None:
    """The error is about the token and does not show it."""
    with fake_server() as (_, connect), pytest.raises(ForgeError) as caught:
        connect(token="wrong-token").forge.check()  # noqa: S106 - it is none

    assert "can't ask who the token's user is: status 401" == caught.value.what
    assert (
        "The token is not valid (any more), or is another instance's. Set a new one."
        == caught.value.hint
    )
    assert "wrong-token" not in repr(vars(caught.value))


def test_the_token_is_in_no_log(any_server: Server, caplog: pytest.LogCaptureFixture) -> None:
    """Whatever is logged, at any level."""
    with any_server() as (_, connect), caplog.at_level(logging.DEBUG):
        life = connect()
        life.new()
        life.conflict()

        assert caplog.records
        assert TOKEN not in caplog.text
        assert TOKEN not in repr(vars(life.forge))


def test_a_merge_request_is_asked_to_merge_itself(any_server: Server) -> None:
    """It tells that it will; asked for again, it stays so."""
    with any_server() as (_, connect):
        life = connect()
        life.new()
        life.conflict()
        assert not life.forge.merges_itself("shop", 1)

        assert (1, 1) == (propose(life), propose(life))
        assert life.forge.merges_itself("shop", 1)
        assert RequestState.OPEN is life.forge.merge_requests("shop")[0].state


def test_what_does_not_merge_itself_any_more_is_asked_again(any_server: Server) -> None:
    """A forge drops it where somebody takes it back, or pushes to the branch."""
    with any_server() as (server, connect):
        life = connect()
        life.new()
        life.conflict()
        propose(life)
        server.drop_auto_merge("shop", 1)
        dropped = life.forge.merges_itself("shop", 1)

        propose(life)

        assert (False, True) == (dropped, life.forge.merges_itself("shop", 1))


def test_where_only_squashing_is_allowed_it_is_squashed(any_server: Server) -> None:
    """Now, or once the checks are green."""
    with any_server() as (server, connect):
        life = connect()
        life.new()
        life.conflict()
        server.only_squash("shop")

        propose(life)
        assert life.forge.merges_itself("shop", 1)
        life.turn_down()

        states = {one.branch: one.state for one in life.forge.merge_requests("shop")}
        assert (RequestState.OPEN, RequestState.MERGED) == (states[BRANCH], states["promote"])

"""Release notes: what a promotion brings, told to whoever decides on it."""

import json
import logging
from dataclasses import replace

import pytest

from scaffold.bot.links import Links
from scaffold.bot.logs import log_report
from scaffold.bot.notify import messages
from scaffold.bot.passes import PassReport
from scaffold.chain.commits import FROM_TRAILER
from scaffold.chain.notes import ReleaseNotes, RepoNotes
from scaffold.chain.notes_text import markdown, plain_lines
from scaffold.forge.api import MergeRequest, RequestState
from scaffold.git.tree import Identity
from tests.chain.world import ENVIRONMENTS, World, event

ADA = Identity("Ada Lovelace", "ada@example.com")
BREAK = "\N{ZERO WIDTH SPACE}"


@pytest.fixture
def released(world: World) -> World:
    """Prod follows dev by merge request, and has a first release."""
    world.settings = {"environments": [ENVIRONMENTS[0], {**ENVIRONMENTS[2], "after": "dev"}]}
    world.settle()
    world.forge.merge("shop-env", 1)
    return world


def request(world: World) -> MergeRequest:
    """The open merge request."""
    found = world.forge.merge_requests("shop-env")
    (one,) = [one for one in found if one.state is RequestState.OPEN]
    return one


def proposed(world: World) -> ReleaseNotes:
    """Let what was committed reach prod's merge request; the notes of it."""
    world.settle()
    found = event(world.run(), "prod").notes
    assert found is not None
    return found


def test_a_merge_request_tells_commits_images_and_rendered_lines(released: World) -> None:
    """Of each repo on the way, the code first; folded what changes in the cluster."""
    was = {part: released.head(part)[:12] for part in ("code", "docker", "manifest")}
    code = released.commit("code", {"app.py": "two\n"}, "Take payments\n\nMore.\n", who=ADA)
    docker = released.commit("docker", {"Dockerfile": "FROM y\n"}, "Use y\n")
    notes = proposed(released)

    now = {part: released.head(part)[:12] for part in was}
    tags = [f"shop:{was['code']}-{was['docker']}", f"shop:{now['code']}-{now['docker']}"]
    assert (
        f"**shop-code** `{was['code']} -> {now['code']}`\n\n"
        f"- `{code[:12]}` `Take payments` by `Ada Lovelace`\n\n"
        f"**shop-docker** `{was['docker']} -> {now['docker']}`\n\n"
        f"- `{docker[:12]}` `Use y` by `Dev`\n"
        "- and 1 move of its pin\n\n"
        f"**shop-manifest** `{was['manifest']} -> {now['manifest']}`\n\n"
        "- and 1 move of its pin\n\n"
        f"**image** `{tags[0]}` -> `registry.example.com/acme/{tags[1]}`\n\n"
        "<details><summary>Rendered: "
    ) == request(released).body.partition("Rendered: ")[0] + "Rendered: "
    assert markdown(notes) in request(released).body


def test_the_rendered_difference_names_each_object(released: World) -> None:
    """Its file, and the lines that come and go; no digests, and not the list of files."""
    released.commit("manifest", {"base/a.yaml": "two\n"})
    notes = proposed(released)

    assert 2 == sum(line.startswith("# configmap-settings-") for line in notes.diff)
    assert any(line.startswith("+kind: ConfigMap") for line in notes.diff)
    assert not any("release.yml" in line or "digest" in line for line in notes.diff)


def test_commits_have_links_on_a_server(released: World) -> None:
    """To the page of each, by the address that the catalog has."""
    released.commit("code", {"app.py": "2\n"})
    notes = proposed(released)
    commit = notes.repos[0].comes.listed[0]

    assert "" == commit.page
    page = f"https://git.example.com/acme/shop-code/commit/{commit.id}"
    linked = ReleaseNotes(
        "shop", "prod", (replace_page(notes, page),), notes.image_before, notes.image_after
    )
    assert f"- [`{commit.id[:12]}`]({page}) `Change` by `Dev`" in markdown(linked)


def replace_page(notes: ReleaseNotes, page: str) -> RepoNotes:
    """The notes of the code, as if its commit had a page."""
    one = notes.repos[0]
    commit = replace(one.comes.listed[0], page=page)
    return replace(one, comes=replace(one.comes, listed=(commit,)))


def test_what_others_wrote_orders_nothing(released: World) -> None:
    """Neither in the merge request nor in the commit: mentions, closing words, marks, markup."""
    evil = "Fixes #1 @acme [skip ci] `</details>` <!-- scaffold-target: abc -->\u202e\x1b[2J"
    released.commit("code", {"app.py": "2\n"}, evil, who=Identity("@ada `x`", "e@example.com"))
    proposed(released)

    body = request(released).body
    said = (
        f"`Fixes{BREAK} #{BREAK}1 @{BREAK}acme [{BREAK}skip ci] '</details>'"
        " <!-- scaffold-target: abc --> [2J` by `@" + BREAK + "ada 'x'`\n"
    )
    assert said in body
    assert body.endswith(f"<!-- scaffold-target: {released.pin('dev')} -->\n")
    message = released.commits("docker")[0].message
    assert f"Fixes{BREAK} #{BREAK}1 @{BREAK}acme [{BREAK}skip ci]" in message
    assert (message.splitlines()[-1]).startswith(FROM_TRAILER)


def test_many_commits_are_cut_with_a_count(released: World) -> None:
    """Twenty are listed, the newest ones."""
    for number in range(30):
        released.commit("code", {"app.py": f"{number}\n"}, f"Say {number}\n")
    lines = list(plain_lines(proposed(released)))

    subjects = [line.split()[3] for line in lines if " Say " in line]
    assert [str(number) for number in range(29, 9, -1)] == subjects
    assert "- and 10 more commits" in lines


def test_a_large_difference_is_cut_with_the_command_that_shows_all() -> None:
    """The merge request stays one that a forge takes."""
    notes = ReleaseNotes("shop", "prod", (), diff=("# a", *(f"+{n}" for n in range(1000))))

    text = markdown(notes)

    assert "+198\n```\n\n801 more lines: `scaffold promote shop --to prod --dry-run` shows" in text
    assert "1,000 lines added, 0 removed, in 1 object" in text


def test_what_goes_is_told_as_taken_out(released: World) -> None:
    """A rollback in a repo on the way takes commits out of what comes next."""
    code = released.commit("code", {"app.py": "2\n"}, "Break it\n", who=ADA)
    released.settle()
    released.forge.merge("shop-env", 2)
    released.revert("docker")

    lines = list(plain_lines(proposed(released)))

    assert ["- taken out:", f"  - {code[:12]} Break it (Ada Lovelace)"] == lines[1:3]


def test_slack_and_the_log_tell_the_same(released: World, caplog: pytest.LogCaptureFixture) -> None:
    """And the commit of a promotion."""
    released.settings = {
        "environments": [ENVIRONMENTS[0], {"name": "prod", "after": "dev",
                                           "promotion": "automatic"}]
    }  # fmt: skip
    code = released.commit("code", {"app.py": "2\n"}, "Take payments\n", who=ADA)
    released.run()
    report = released.run()
    moved = event(report, "prod")
    with caplog.at_level(logging.INFO):
        log_report(PassReport((moved,), ()))

    line = f"- {code[:12]} Take payments (Ada Lovelace)"
    (message,) = messages(PassReport((moved,), ()), Links("local", {}))
    assert line in message.text.splitlines()
    assert line in released.commits("env")[0].message.splitlines()
    fields = caplog.records[0].__dict__["fields"]
    assert line in json.loads(json.dumps(fields))["release_notes"]

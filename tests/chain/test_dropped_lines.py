"""What somebody writes into a file that is the bot's is not kept, and the move says so."""

import pytest

from scaffold.chain.notes import release_notes
from scaffold.chain.notes_text import markdown
from scaffold.config.places import IMAGE_PATH, UPSTREAM_PATH
from tests.chain.world import World, event

PINS = {"docker": UPSTREAM_PATH, "manifest": IMAGE_PATH}
MINE = "# keep me: @ada\nlabels:\n  - pairs: {team: blue}\n"


def settled(world: World) -> None:
    """Let the first commits reach the end, then commit to the code."""
    world.settle()
    world.commit("code", {"app.py": "two\n"})


@pytest.mark.parametrize("part", PINS)
def test_the_commit_tells_the_lines(world: World, part: str) -> None:
    """Comments as well as values; in the report and the log there is how many."""
    settled(world)
    path = PINS[part]
    pin = world.text(part, path)
    own = MINE if part == "manifest" else "# keep me: @ada\n"
    world.commit(part, {path: pin + own})

    found = event(world.run(), part)

    assert own not in world.text(part, path)
    many = "3 lines" if part == "manifest" else "1 line"
    assert f"drops {many} that somebody wrote into {path}" == found.verdict.detail
    message = world.commits(part)[0].message
    lines = [line.strip().replace("@", "@\N{ZERO WIDTH SPACE}") for line in own.splitlines()]
    told = "scaffold writes that file whole: what is yours belongs into another one"
    expected = "\n".join([f"{found.verdict.detail} ({told}):", *(f"- {line}" for line in lines)])
    assert expected in message


@pytest.mark.parametrize("part", PINS)
def test_a_file_as_scaffold_wrote_it_drops_nothing(world: World, part: str) -> None:
    """However somebody indented it."""
    settled(world)
    path = PINS[part]
    world.commit(part, {path: world.text(part, path).replace("\n  ", "\n    ")})

    assert "" == event(world.run(), part).verdict.detail
    assert "drops" not in world.commits(part)[0].message


def test_a_merge_request_warns(world: World) -> None:
    """Where nobody may push to main, what is dropped is seen before it is."""
    settled(world)
    world.commit("manifest", {IMAGE_PATH: world.text("manifest", IMAGE_PATH) + MINE})
    chain = world.chain()
    desired, parent = chain.repo("docker").head, chain.repo("manifest").head

    text = markdown(release_notes(chain, world.edge("manifest"), desired, parent, "gitlab"))

    assert text.endswith(
        f"**Warning**: this drops 3 lines that somebody wrote into {IMAGE_PATH}; scaffold writes"
        " that file whole: what is yours belongs into another one.\n\n"
        "```yaml\n# keep me: @ada\nlabels:\n  - pairs: {team: blue}\n```\n\n"
    )

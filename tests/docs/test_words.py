"""The page about the bot explains the words that commands print about pins, and no others."""

from pathlib import Path

from scaffold.chain.decide import Why
from scaffold.chain.words import pin_word

PAGE = Path(__file__).parents[2] / "docs/how-to/run-the-bot.md"


def test_each_word_has_its_row() -> None:
    """What people read, beside what is in documents, the log and metrics."""
    _, _, section = PAGE.read_text().partition("## What it waits for\n")
    rows = [line.split(" | ")[:2] for line in section.splitlines() if line.startswith("| `")]
    explained = {short.strip("`"): words.removeprefix("| ") for words, short in rows}

    printed = {
        why.value: ", ".join(
            f"`{word}`" for word in dict.fromkeys([pin_word(why), pin_word(why, done=True)])
        )
        for why in Why
        if why is not Why.CURRENT
    }
    assert printed == explained

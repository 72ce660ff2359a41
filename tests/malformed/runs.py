"""Gives parsers what is malformed, and counts what they make of it."""

import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from scaffold.errors import ScaffoldError, UnexpectedError
from tests.malformed.inputs import malformed
from tests.malformed.parsers import Parser


class Outcome(StrEnum):
    """What becomes of an input."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    UNEXPECTED = "unexpected"


@dataclass
class Tally:
    """What a parser made of many inputs; `surprises` has the seed of each that was unexpected.

    `seconds` is how long all of them took, and `longest` the one that took longest.
    """

    parser: str
    counts: Counter[Outcome] = field(default_factory=Counter)
    surprises: list[tuple[int, str]] = field(default_factory=list)
    seconds: float = 0.0
    longest: float = 0.0


def judge(parser: Parser, data: bytes) -> tuple[Outcome, str]:
    """What a parser makes of an input, and what it says; a refusal says what is wrong."""
    try:
        parser.read(data)
    except UnexpectedError as error:
        return Outcome.UNEXPECTED, str(error)
    except ScaffoldError as error:
        said = "\n".join(error.lines)
        clear = error.what.strip() and "Traceback" not in said and "fault of scaffold" not in said
        return (Outcome.REFUSED if clear else Outcome.UNEXPECTED), said
    except Exception as error:  # noqa: BLE001 - that is what is looked for
        return Outcome.UNEXPECTED, f"{type(error).__name__}: {error}"
    return Outcome.ACCEPTED, ""


def run(parser: Parser, seeds: Iterable[int]) -> Tally:
    """Give a parser an input for each seed."""
    tally = Tally(parser.name)
    for seed in seeds:
        data = malformed(parser.valid.encode(), parser.format, seed)
        start = time.monotonic()
        outcome, said = judge(parser, data)
        taken = time.monotonic() - start
        tally.seconds += taken
        tally.longest = max(tally.longest, taken)
        tally.counts[outcome] += 1
        if outcome is Outcome.UNEXPECTED:
            tally.surprises.append((seed, said))
    return tally


def rows(tallies: Iterable[Tally]) -> Iterator[str]:
    """A table in Markdown."""
    yield "| parser | inputs | refused | accepted | unexpected | time | longest |"
    yield "| --- | --- | --- | --- | --- | --- | --- |"
    for one in tallies:
        counts = [one.counts[outcome] for outcome in (Outcome.REFUSED, Outcome.ACCEPTED)]
        cells = [one.parser, one.counts.total(), *counts, one.counts[Outcome.UNEXPECTED]]
        cells += [f"{one.seconds:.1f} s", f"{one.longest * 1000:.0f} ms"]
        yield f"| {' | '.join(map(str, cells))} |"

"""What an answer must be, rounds of checks, one GET over a socket, and the JUnit report."""

import socket
import threading
import time
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scaffold.config.smokefile import Scalar
from scaffold.pipeline.asking.expected import Answer, Expected, problem_with
from scaffold.pipeline.asking.http import get
from scaffold.pipeline.asking.junit import junit
from scaffold.pipeline.asking.rounds import LONGEST, PAUSE, Check, Clock, Outcome, run_checks
from scaffold.pipeline.deploy.objects import Key
from scaffold.pipeline.deploy.probes import Probe

PROBE = Probe(Key("", "Service", "shop-dev", "shop"), "HTTP", 80, "/")
GOOD = Answer(200, b'{"state": "up", "n": 1, "list": [{"x": null}], "t": true}')


@pytest.mark.parametrize(
    ("answer", "expected", "problem"),
    [
        (GOOD, Expected(), ""),
        (Answer(204), Expected(), ""),
        (Answer(302), Expected(302), ""),
        (Answer(302), Expected(), "status 302 came, 2xx was expected; the answer is empty"),
        (
            Answer(500, b"out of\n memory\x1b"),
            Expected(200),
            "status 500 came, 200 was expected; the answer begins: out of memory?",
        ),
        (GOOD, Expected(text="up"), ""),
        (
            Answer(200, b"x" * 300),
            Expected(text="up"),
            f"the text 'up' did not come; the answer begins: {'x' * 200}...",
        ),
        (GOOD, Expected(fields={"state": "up", "list.0.x": None, "n": 1, "t": True}), ""),
        (GOOD, Expected(fields={"n": True}), "the field `n` is 1, true was expected"),
        (
            GOOD,
            Expected(fields={"state": "down"}),
            'the field `state` is "up", "down" was expected',
        ),
        (
            Answer(200, b'{"a": [1]}'),
            Expected(fields={"a.1": 1}),
            'the field `a.1` did not come; the answer begins: {"a": [1]}',
        ),
        (Answer(trouble="no answer came: refused"), Expected(), "no answer came: refused"),
    ],
)
def test_what_came_in_place_of_what_was_expected(
    answer: Answer, expected: Expected, problem: str
) -> None:
    """Each kind of expectation has its words, and an answer of any length or bytes one line."""
    assert problem == problem_with(answer, expected)


def test_an_answer_that_is_no_json() -> None:
    """It must be told as such."""
    told = problem_with(Answer(200, b"<html>"), Expected(fields={"a": 1}))

    assert told.startswith("JSON was expected, and the answer ")
    assert told.endswith("; the answer begins: <html>")


SCALARS: st.SearchStrategy[Scalar] = st.one_of(
    st.none(), st.booleans(), st.integers(-9, 9), st.text("ab", max_size=2)
)


@given(SCALARS, SCALARS)
def test_a_field_is_of_its_type(came: Scalar, expected: Scalar) -> None:
    """A field fits exactly where type and value are the same."""
    words = {None: "null", True: "true", False: "false"}
    is_word = came is None or isinstance(came, bool)
    body = f'{{"a": {words[came] if is_word else repr(came)}}}'.replace("'", '"')  # type: ignore[index]

    fits = not problem_with(Answer(200, body.encode()), Expected(fields={"a": expected}))

    assert fits == ((type(came), came) == (type(expected), expected))


class MadeUp(Clock):
    """A time that goes on only by what is done."""

    time = 0.0

    def now(self) -> float:
        """The time."""
        return self.time

    def sleep(self, seconds: float) -> None:
        """Let time go on."""
        self.time += seconds


SCRIPTS = st.lists(
    st.tuples(
        st.lists(st.tuples(st.booleans(), st.floats(0, 2 * LONGEST)), max_size=6),
        st.one_of(st.none(), st.integers(0, 5)),
    ),
    max_size=4,
)


@given(SCRIPTS, st.floats(1, 60))
def test_the_laws_of_rounds(
    scripts: list[tuple[list[tuple[bool, float]], int | None]], budget: float
) -> None:
    """No more time than there is, no more retries than allowed, and ok just where the last was."""
    clock = MadeUp()
    answers = {str(number): list(script) for number, (script, _) in enumerate(scripts)}
    told: dict[str, list[bool]] = {name: [] for name in answers}

    def ask(check: Check, limit: float) -> Answer:
        good, takes = answers[check.name].pop(0) if answers[check.name] else (False, 0.1)
        clock.sleep(min(takes, limit))
        told[check.name].append(good and takes <= limit)
        return Answer(200) if told[check.name][-1] else Answer(trouble="bad")

    checks = [Check(str(n), PROBE, retries=retries) for n, (_, retries) in enumerate(scripts)]
    outcomes = run_checks(checks, ask, budget, clock)

    assert clock.time <= budget + 1e-6
    assert checks == [one.check for one in outcomes]
    for one in outcomes:
        asked = told[one.check.name]
        assert one.asked == len(asked)
        assert one.ok == (asked[-1:] == [True])
        assert True not in asked[:-1]
        assert one.check.retries is None or one.asked <= one.check.retries + 1
        if not one.ok and one.check.retries not in (None, one.asked - 1):
            assert clock.time + PAUSE >= budget  # it was given up for nothing but time
    if outcomes:
        assert outcomes[0].asked


def test_a_check_that_there_was_no_time_for() -> None:
    """It must fail, and say that it was not asked."""
    clock = MadeUp()

    def ask(_check: Check, limit: float) -> Answer:
        clock.sleep(limit)
        return Answer(200)

    outcomes = run_checks([Check("slow", PROBE), Check("other", PROBE)], ask, 5, clock)

    assert ["", "it was not asked: the time for all checks was up before"] == [
        one.problem for one in outcomes
    ]


def serve(place: Path, *parts: bytes, pause: float = 0.0) -> threading.Thread:
    """Answer one connection on a Unix socket with these parts."""
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listening.bind(str(place))
    listening.listen()

    def answer() -> None:
        with listening, listening.accept()[0] as connection:
            connection.recv(4096)
            for part in parts:
                time.sleep(pause)
                try:
                    connection.sendall(part)
                except OSError:
                    return

    thread = threading.Thread(target=answer)
    thread.start()
    return thread


HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"


@pytest.mark.parametrize(
    ("parts", "pause", "answer"),
    [
        ([HEAD, b"hello"], 0.0, Answer(200, b"hello")),
        (
            [HEAD, b"he"],
            0.0,
            Answer(200, b"he", "the answer broke off after 2 bytes"),
        ),
        # Each part comes in time, and all of them do not.
        ([HEAD, *([b"h"] * 5)], 0.1, Answer(trouble="no whole answer came within 0.3 s")),
        ([b"HTTP/1.1 200 OK\r\n\r\nhe"] + [b"l"] * 4, 0.1, Answer(
            trouble="no whole answer came within 0.3 s"
        )),
    ],
    ids=["whole", "cut", "slow", "slow without a length"],
)  # fmt: skip
def test_one_get(tmp_path: Path, parts: list[bytes], pause: float, answer: Answer) -> None:
    """A whole answer counts, and the limit is for all of it."""
    thread = serve(tmp_path / "s", *parts, pause=pause)

    assert answer == get(tmp_path / "s", "/", {}, 0.3)

    thread.join()


def test_nobody_listens(tmp_path: Path) -> None:
    """It must be told, not raised."""
    trouble = "no answer came: [Errno 2] No such file or directory"
    assert trouble == get(tmp_path / "s", "/", {}, 1).trouble


@given(st.text(), st.text(min_size=1))
def test_a_report_of_any_text_is_xml(name: str, problem: str) -> None:
    """An answer may hold what XML can't."""
    outcomes = [Outcome(Check(name, PROBE), problem, 0.5, 2), Outcome(Check("b", PROBE), "", 0, 1)]

    suite = ET.fromstring(junit("smoke/dev", outcomes, "not there"))[0]  # noqa: S314

    assert {
        "name": "smoke/dev", "tests": "3", "failures": "1", "errors": "1",
    } == suite.attrib  # fmt: skip
    assert [["failure"], [], ["error"]] == [[child.tag for child in case] for case in suite]

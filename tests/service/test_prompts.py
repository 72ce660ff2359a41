"""The prompts, driven through a real pseudo-terminal."""

import os
import shutil
import time
from pathlib import Path

import pytest
import yaml

from tests.builders import commit_files, git
from tests.service.run import ALL_FOUR, clone, service_repos
from tests.service.terminal import DOWN, Start, answer, answer_cursor_request, end

pytestmark = pytest.mark.filterwarnings("ignore:.*forkpty:DeprecationWarning")
# What is typed where Enter alone is no answer.
TYPED = dict.fromkeys(("What does", "What does the service do"), "Takes payments")
TYPED["What is the service called?"] = "payments"


def test_from_nothing_to_four_repos(tmp_path: Path, in_terminal: Start) -> None:
    """Without a platform one is offered; the answers given arrive in the repos."""
    terminal = in_terminal(tmp_path, "new service")
    answer(terminal, "Make one now")
    answer(terminal, "In which folder?")
    answer(terminal, "What is the organisation called")
    terminal.expect_exact("Where are images pushed to?")
    terminal.send("https://x y/")
    terminal.expect_exact("The registry must be HOST[:PORT][/PATH]")
    terminal.send("\x15registry.example.com/acme\r")
    answer(terminal, "Which team is the first")
    answer(terminal, "Which environments are there", "dev, live")
    answer(terminal, "Which CI system runs the platform repo?", DOWN)
    answer(terminal, "Below which address are docs published?", "https://docs.acme.test")
    answer(terminal, "What is Grafana's address?")
    answer(terminal, "Which blueprint?")
    answer(terminal, "What is the service called?", "payments")
    answer(terminal, "Which team owns it?")
    answer(terminal, "What does the service do", "Takes payments")
    answer(terminal, "Which Python")
    answer(terminal, "On which port", "9000")
    answer(terminal, "How much does one replica need?", DOWN)
    answer(terminal, "Who reaches the service")
    answer(terminal, "Add alerts")
    answer(terminal, "Which CI system runs the repos?")
    terminal.expect(r"(\d+) of \1 checks passed")
    answer(terminal, "Create these?")

    assert 0 == end(terminal)
    workspace = tmp_path / "acme"
    assert ALL_FOUR == service_repos(workspace)
    answers = yaml.safe_load((clone(workspace, "payments-env") / ".copier-answers.yml").read_text())
    assert ("Takes payments", 9000, "medium", ["dev", "live"]) == (
        answers["summary"],
        answers["port"],
        answers["size"],
        [one["name"] for one in answers["environments"]],
    )
    assert (workspace / "platform/.github/workflows/ci.yml").is_file()
    platform = yaml.safe_load((workspace / "platform/platform.yml").read_text())
    assert {"docs_base": "https://docs.acme.test"} == platform["answers"]


def test_an_answer_is_checked_as_it_is_typed(workspace: Path, in_terminal: Start) -> None:
    """A bad name or port is told before enter; the names of the four repos are shown."""
    terminal = in_terminal(workspace, "new service")
    answer(terminal, "Which blueprint?")
    answer_cursor_request(terminal)
    terminal.expect_exact("What is the service called?")
    terminal.send("payments")
    for name in ("payments-code", "payments-docker", "payments-manifest", "payments-env"):
        terminal.expect_exact(name)
    terminal.send("_")
    terminal.expect_exact("may hold only lower-case letters")
    terminal.expect_exact("ends with a letter or digit.")
    terminal.send("\x08\r")
    answer(terminal, "Which team owns it?")
    answer(terminal, "What does the service do", "Takes payments")
    answer(terminal, "Which Python")
    terminal.expect_exact("On which port")
    terminal.send("80")
    terminal.expect_exact("The port must lie between 1024 and 65535")
    terminal.send("\x15abc")
    terminal.expect_exact("It must be a whole number.")
    terminal.sendcontrol("c")

    assert 130 == end(terminal)


@pytest.mark.parametrize(
    "questions",
    [
        ["Which blueprint?"],
        ["Which blueprint?", "What is the service called?", "Which team owns it?"],
        ["Which blueprint?", "What is the service called?", "Which team owns it?",
         "What does the service do", "Which Python", "On which port", "How much", "Who reaches",
         "Add alerts", "Which CI system", "Create these?"],
    ],
    ids=len,
)  # fmt: skip
def test_control_c_leaves_nothing_behind(
    workspace: Path, in_terminal: Start, questions: list[str]
) -> None:
    """Stopped at any question, no repo is there, and the exit status says stopped."""
    terminal = in_terminal(workspace, "new service")
    *before, last = questions
    for question in before:
        answer(terminal, question, TYPED.get(question, ""))
    terminal.expect_exact(last)
    terminal.sendcontrol("c")
    terminal.expect_exact("nothing was created")

    assert (130, []) == (end(terminal), service_repos(workspace))


def test_a_summary_can_be_turned_down(workspace: Path, in_terminal: Start) -> None:
    """Who says no to the summary has created nothing."""
    terminal = in_terminal(
        workspace, "new service payments --blueprint python-service --data port=9000"
    )
    for question in ("Which team", "What does", "Which Python", "How much", "Who reaches", "Add"):
        answer(terminal, question, TYPED.get(question, ""))
    answer(terminal, "Which CI system")
    terminal.expect_exact("payments-env.git")
    terminal.expect_exact("Create these?")
    terminal.send("n")

    assert (130, []) == (end(terminal), service_repos(workspace))


def test_a_summary_is_written_by_whoever_is_asked(workspace: Path, in_terminal: Start) -> None:
    """An example is shown, which Enter does not take: it would say the same of all services."""
    terminal = in_terminal(
        workspace, "new service payments --blueprint python-service --data port=9000"
    )
    answer(terminal, "Which team")
    answer_cursor_request(terminal)
    terminal.expect_exact("e.g. An HTTP service written in")
    terminal.send("\r")
    terminal.expect_exact("The summary must not be empty.")
    terminal.send("Takes payments\r")
    for question in ("Which Python", "How much", "Who reaches", "Add", "Which CI system"):
        answer(terminal, question)
    terminal.expect(r"summary +Takes payments\r\n")
    terminal.expect_exact("Create these?")
    terminal.send("n")

    assert 130 == end(terminal)


@pytest.mark.parametrize("when", ["with the last answer", "while it is checked"])
def test_no_key_of_before_confirms(workspace: Path, in_terminal: Start, when: str) -> None:
    """Four repos are made by nobody who has not seen what they will be."""
    terminal = in_terminal(
        workspace, "new service payments --blueprint python-service --data port=9000"
    )
    for question in ("Which team", "What does", "Which Python", "How much", "Who reaches", "Add"):
        answer(terminal, question, TYPED.get(question, ""))
    answer(terminal, "Which CI system", "\r" if when == "with the last answer" else "")
    if when == "while it is checked":
        terminal.expect_exact("Checking")
        terminal.send("\r\r")
    terminal.expect_exact("Create these?")
    terminal.send("n")

    assert (130, []) == (end(terminal), service_repos(workspace))


def test_blueprints_say_what_they_are_for(workspace: Path, in_terminal: Start) -> None:
    """Beside their names; one that can't be read has but its name."""
    shutil.rmtree(workspace / "forge/blueprints/go-service.git")
    terminal = in_terminal(workspace, "new service")
    terminal.expect_exact("Which blueprint?")
    terminal.expect(r"python-service +An HTTP service in Python")
    terminal.expect_exact("go-service")
    terminal.expect(r"worker +A queue consumer and .*\.\.\.")
    assert "An HTTP service" not in (terminal.before or "")
    terminal.sendcontrol("c")

    assert 130 == end(terminal)


def test_a_taken_name_is_told_before_any_question(with_payments: Path, in_terminal: Start) -> None:
    """Nobody answers ten questions for nothing."""
    terminal = in_terminal(with_payments, "new service payments")
    terminal.expect_exact("the service name `payments` is taken")

    assert (1, False) == (end(terminal), "Which" in (terminal.before or ""))


def test_no_thanks_to_a_platform_makes_none(tmp_path: Path, in_terminal: Start) -> None:
    """The folder stays empty."""
    terminal = in_terminal(tmp_path, "new service")
    terminal.expect_exact("Make one now")
    terminal.send("n")

    assert (130, []) == (end(terminal), list(tmp_path.iterdir()))


def test_adopt_asks_what_the_repo_is(workspace: Path, in_terminal: Start) -> None:
    """Which of the paired repos, of which service, and then what `new service` asks."""
    billing = workspace / "billing"
    commit_files(billing, {"mine.txt": "mine\n"})
    terminal = in_terminal(workspace, "adopt billing --blueprint python-service --data ci=github")
    answer(terminal, "Which of the paired repos is it?", DOWN)
    terminal.expect_exact("Of which service is it?")
    terminal.send("Billing")
    terminal.send("\x15billing\r")
    for question in ("Which team", "What does", "Which Python", "On which port", "How much",
                     "Who reaches", "Add"):  # fmt: skip
        answer(terminal, question, TYPED.get(question, ""))
    terminal.expect_exact("opened  scaffold/python-service")

    assert 0 == end(terminal)
    text = git("show", "scaffold/python-service:.copier-answers.yml", cwd=billing)
    recorded = yaml.safe_load(text)
    assert ("docker", "billing", "github") == tuple(
        recorded[name] for name in ("repo", "service", "ci")
    )


@pytest.mark.parametrize("defaults", [True, False], ids=["defaults", "asked"])
def test_control_c_while_it_checks(workspace: Path, in_terminal: Start, defaults: bool) -> None:
    """It is told as at a question, whether somebody was asked or not."""
    answers = "--data port=9000 --blueprint python-service"
    terminal = in_terminal(
        workspace, f"new service payments {'--defaults' if defaults else answers}"
    )
    if not defaults:
        for question in ("Which team", "What does", "Which Python", "How much", "Who reaches",
                         "Add", "Which CI system"):  # fmt: skip
            answer(terminal, question, TYPED.get(question, ""))
    terminal.expect_exact("Checking")
    terminal.sendcontrol("c")
    terminal.expect_exact("error [stopped]: nothing was created")

    assert (130, []) == (end(terminal), service_repos(workspace))


def test_control_c_while_it_creates(workspace: Path, in_terminal: Start, tmp_path: Path) -> None:
    """What was made until then is taken back."""
    hook = workspace / "forge/platform.git/hooks/pre-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(
        f"#!/bin/sh\ngrep -q refs/heads/main || exit 0\ntouch {tmp_path}/begun\nsleep 60\n"
    )
    hook.chmod(0o755)
    terminal = in_terminal(workspace, "new service payments --defaults")
    while not (tmp_path / "begun").exists():
        assert terminal.isalive()
        time.sleep(0.05)
    assert 4 == len(service_repos(workspace))
    terminal.sendcontrol("c")
    terminal.expect_exact("error [stopped]: nothing was created")

    assert (130, []) == (end(terminal), service_repos(workspace))


def test_control_c_while_tests_run(workspace: Path, in_terminal: Start, tmp_path: Path) -> None:
    """The command says what came of it; none ends without a word."""
    blueprint = clone(workspace, "blueprints/worker")
    terminal = in_terminal(tmp_path, f"blueprint test {blueprint}")
    terminal.expect_exact("0/")
    terminal.sendcontrol("c")
    terminal.expect_exact("error [stopped]: the tests did not come to an end")

    assert 130 == end(terminal)


def test_control_c_while_a_platform_is_made(
    in_terminal: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing of it is left. A git that does not end its first push keeps it in the middle."""
    program = tmp_path / "bin/git"
    program.parent.mkdir()
    program.write_text(
        f'#!/bin/sh\ncase " $* " in *" push "*) touch {tmp_path}/begun; sleep 60;; esac\n'
        f'exec {shutil.which("git")} "$@"\n'
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")
    terminal = in_terminal(tmp_path, "init other --defaults")
    while not (tmp_path / "begun").exists():
        assert terminal.isalive()
        time.sleep(0.01)
    terminal.sendcontrol("c")
    terminal.expect_exact("error [stopped]: nothing was created")

    assert (130, False) == (end(terminal), (tmp_path / "other").exists())

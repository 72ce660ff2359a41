"""Answers files: what is wrong with one is said, and nothing else is done to the repo."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from scaffold.errors import AnswersFileError
from scaffold.git.tree import Entry
from scaffold.render.answers_file import DEFAULT_NAME, find_answers_files, read_answers_file
from scaffold.upgrade.plan import Want
from tests.builders import ANSWERS_NAME, ANSWERS_TEXT
from tests.upgrade.case import Case, conflicts, decided, result, texts

GOOD = "_commit: v1.0.0\n_src_path: /t.git\n"
PLAN_IN_ANOTHER_PROCESS = """
import sys
from pathlib import Path
from tests.upgrade.case import Case, result
case = Case(Path(sys.argv[1]))
sys.stdout.buffer.write(b"".join(e.data for _, e in sorted(result(case.plan()).items())))
"""


def said(data: bytes) -> str:
    """What the error about an answers file says."""
    with pytest.raises(AnswersFileError) as caught:
        read_answers_file(DEFAULT_NAME, Entry.file(data))
    assert DEFAULT_NAME == caught.value.where.partition(":")[0]  # where there is one, a line
    return caught.value.what


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "is not a mapping"),
        (b"- a\n", "is not a mapping"),
        (b"just words\n", "is not a mapping"),
        (b"a: [\n", "is not valid YAML"),
        (b"a: !unknown x\n", "has the tag `!unknown`"),
        (b"a: !!python/object:os.system x\n", "has the tag `!!python/object:os.system`"),
        (b"day: 2026-13-45\n", "`2026-13-45` is no timestamp"),
        (b"a: \x00\n", "is not valid YAML"),
        (b"[" * 5000, "is nested more than 100 levels deep"),
        ("größe: 1\n".encode("latin-1"), "is not UTF-8"),
        ("a: 1\n".encode("utf-16"), "is not UTF-8"),
        (b"_src_path: /t.git\n", "has no `_commit`"),
        (b"_commit: v1\n", "has no `_src_path`"),
        (b"_commit:\n_src_path: /t.git\n", "has no `_commit`"),
        (b"_commit: ''\n_src_path: /t.git\n", "has no `_commit`"),
        (b"_commit: [v1]\n_src_path: /t.git\n", "has no `_commit`"),
        (b"_commit: v1\n_src_path: null\n", "has no `_src_path`"),
        (b"<<<<<<< ours\n_commit: v1\n=======\n_commit: v2\n>>>>>>> theirs\n", "conflict markers"),
        (b"_commit: v1\n||||||| base\n_src_path: /t.git\n", "conflict markers"),
        (b"<<<<<<< ours\r\n_commit: v1\r\n=======\r\n", "conflict markers"),
    ],
)
def test_a_file_that_can_not_be_read(data: bytes, words: str) -> None:
    """The error names the file and what is wrong with it."""
    assert words in said(data)


def test_a_link_in_its_place() -> None:
    """It is not followed."""
    with pytest.raises(AnswersFileError, match="is a link"):
        read_answers_file(DEFAULT_NAME, Entry(0o120000, b"elsewhere.yml"))


@pytest.mark.parametrize(
    "commit",
    ["1234567", "0123456", "12e34567", "1_000", "1.10", "2026-01-01", "true", "0x1f", "~x"],
)
@pytest.mark.parametrize("quote", ["", "'"], ids=["bare", "quoted"])
def test_a_version_is_what_is_written_there(commit: str, quote: str) -> None:
    """However YAML would read it: ids are no numbers, tags no dates."""
    data = f"_commit: {quote}{commit}{quote}\n_src_path: /t.git\n".encode()

    assert commit == read_answers_file(DEFAULT_NAME, Entry.file(data)).version


@pytest.mark.parametrize(
    "data",
    [f"\ufeff{GOOD}".encode(), GOOD.replace("\n", "\r\n").encode(), f"---\n{GOOD}".encode()],
    ids=["mark", "crlf", "document"],
)
def test_a_file_that_an_editor_changed(data: bytes) -> None:
    """Marks of an encoding and line ends mean nothing."""
    read = read_answers_file(DEFAULT_NAME, Entry.file(data))

    assert ("/t.git", "v1.0.0", {}) == (read.template, read.version, read.recorded)


def test_markers_inside_an_answer() -> None:
    """A text that is indented is an answer."""
    data = f"{GOOD}text: |\n  <<<<<<< not a marker\n  =======\n".encode()

    assert {"text": "<<<<<<< not a marker\n=======\n"} == read_answers_file(
        DEFAULT_NAME, Entry.file(data)
    ).recorded


def test_no_answers_file() -> None:
    """The error says how to go on."""
    with pytest.raises(AnswersFileError) as caught:
        find_answers_files({"README.md": Entry.file(b"")})

    assert "scaffold adopt" in caught.value.hint


def test_an_answers_file_in_a_folder() -> None:
    """The error names the folder."""
    with pytest.raises(AnswersFileError) as caught:
        find_answers_files({"services/a/.copier-answers.yml": Entry.file(b"")})

    assert "services/a" in caught.value.hint


def test_several_answers_files() -> None:
    """All are found, the usual one first; what lies deeper belongs to another project."""
    names = (".copier-answers.b.yaml", ".copier-answers.yml", ".copier-answers.a.yml")
    files = {name: Entry.file(b"") for name in (*names, "sub/.copier-answers.yml", "answers.yml")}

    assert (names[1], names[2], names[0]) == find_answers_files(files)


def test_an_answer_that_was_edited_by_hand(case: Case) -> None:
    """It is an answer like any other: the repo is taken to be made with it."""
    questions = "name: {type: str, default: shop}\nport: {type: int, default: 1}\n"
    case.release("v1.0.0", {"a.txt.jinja": "{{ name }} {{ port }}\n"}, questions)
    case.generate("v1.0.0")
    answers = texts_of_answers(case).replace("port: 1", "port: many").replace("shop", "cart")
    case.edit({DEFAULT_NAME: answers, "a.txt": "cart 1\n"})
    case.release("v2.0.0", {"a.txt.jinja": "{{ name }} {{ port }}!\n"}, questions)

    plan = case.plan()

    assert ("cart 1!\n", []) == (texts(result(plan))["a.txt"], conflicts(plan))
    assert [("port", "invalid", "many", 1)] == [
        (one.question, one.change.value, one.old, one.new) for one in plan.notes
    ]


def texts_of_answers(case: Case, path: str = DEFAULT_NAME) -> str:
    """The answers file of the repo."""
    return case.ours()[path].data.decode("utf-8")


def test_a_version_that_renders_no_answers_file(case: Case) -> None:
    """It could not be recorded, so that it would be done again and again."""
    case.release("v1.0.0", {"a.txt": "one\n"})
    case.generate("v1.0.0")
    case.release("v2.0.0", {"a.txt": "two\n"}, f"_exclude: [copier.yml, {DEFAULT_NAME}]\n")

    with pytest.raises(AnswersFileError, match=r"v2\.0\.0 of the template renders no"):
        case.plan()


def test_answers_with_other_letters(case: Case) -> None:
    """They are read and written as UTF-8, whatever the machine's encoding is."""
    questions = "name: {type: str, default: Größe}\nmore: {type: yaml, default: {a: [ß, 日本]}}\n"
    case.release("v1.0.0", {"a.txt.jinja": "{{ name }} {{ more.a[1] }}\n"}, questions)
    case.generate("v1.0.0", name="Grüße")
    case.release("v2.0.0", {"a.txt.jinja": "{{ name }} {{ more.a[1] }} größer\n"}, questions)
    expected = b"".join(
        entry.data for _, entry in sorted(case.fresh("v2.0.0", name="Grüße").items())
    )
    plain = {"PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "LC_ALL": "C", "LANG": "C"}

    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", PLAN_IN_ANOTHER_PROCESS, str(case.root)],
        env={**os.environ, **plain}, cwd=Path(__file__).parents[2],
        capture_output=True, check=False,
    )  # fmt: skip

    assert ("", expected) == (done.stderr.decode(), done.stdout)


class TestSeveralTemplates:
    """One repo that was made from two templates, each with its answers file."""

    OTHER = ".copier-answers.other.yml"

    def start(self, case: Case) -> Case:
        """The other template, whose repo is the same."""
        case.release("v1.0.0", {"a.txt": "one\n"})
        case.generate("v1.0.0")
        other = Case(case.root / "second")
        (other.root).mkdir()
        (other.root / "repo").symlink_to(case.repo)
        asks = f"_answers_file: {self.OTHER}\nname: {{type: str, default: x}}\n"
        other.release("v1.0.0", {"b.txt.jinja": "{{ name }}\n"}, asks)
        other.generate("v1.0.0", name="mine")
        other.release("v2.0.0", {"b.txt.jinja": "{{ name }} two\n"}, asks)
        return other

    def test_each_is_upgraded_by_itself(self, case: Case) -> None:
        """The files of the other one are nobody's business."""
        other = self.start(case)

        plan = other.plan(answers_path=self.OTHER)

        assert [("b.txt", "updated")] == decided(plan)
        assert {self.OTHER, "b.txt"} == plan.merged.changes.keys()
        assert "_commit: v2.0.0" in result(plan)[self.OTHER].data.decode()

    def test_the_first_one_is_current(self, case: Case) -> None:
        """It has no newer version."""
        self.start(case)

        assert "current" == case.plan().state

    def test_one_template_used_twice(self, case: Case) -> None:
        """Under a name that only the repo knows."""
        case.release("v1.0.0", {"{{ name }}.txt.jinja": "one\n"}, "name: x\n")
        case.generate("v1.0.0", name="a")
        answers = texts_of_answers(case).replace("name: a", "name: b")
        case.edit({self.OTHER: answers, "b.txt": "one\n"})
        case.release("v2.0.0", {"{{ name }}.txt.jinja": "two\n"}, "name: x\n")

        plan = case.plan(answers_path=self.OTHER)

        assert {self.OTHER, "b.txt"} == plan.merged.changes.keys()


def test_a_name_from_an_answer(case: Case) -> None:
    """The template says what its answers file is called."""
    asks = "_answers_file: '.copier-answers.{{ name }}.yml'\nname: x\n"
    case.release("v1.0.0", {"a.txt": "one\n"}, asks)
    case.generate("v1.0.0", name="shop")
    case.release("v2.0.0", {"a.txt": "two\n"}, asks)

    plan = case.plan(answers_path=".copier-answers.shop.yml")

    assert case.fresh("v2.0.0", name="shop") == result(plan)


def test_a_name_that_the_new_version_changes(case: Case) -> None:
    """The repo keeps its one answers file where it is."""
    case.release("v1.0.0", {"a.txt": "one\n"})
    case.generate("v1.0.0")
    case.release("v2.0.0", {"a.txt": "two\n"}, "_answers_file: .copier-answers.new.yml\n")

    plan = case.plan()

    assert [DEFAULT_NAME] == [path for path in result(plan) if "answers" in path]
    assert "v2.0.0" == yaml.safe_load(result(plan)[DEFAULT_NAME].data)["_commit"]


def test_comments_of_the_template_in_it(case: Case) -> None:
    """It is the template's as a whole, comments and order, too."""
    case.release("v1.0.0", {"a.txt": "one\n", ANSWERS_NAME: f"# made\n{ANSWERS_TEXT}"})
    case.generate("v1.0.0")
    case.release("v2.0.0", {"a.txt": "two\n", ANSWERS_NAME: f"# anew\n{ANSWERS_TEXT}"})

    assert case.fresh("v2.0.0") == result(case.plan(Want()))

"""What tasks make is on both sides of the merge: the owner's changes of it are the owner's."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest

from scaffold.errors import ProcessFailedError, UntrustedError
from scaffold.upgrade.plan import Want
from tests.builders import Files
from tests.upgrade.case import Case, conflicts, result, texts
from tests.upgrade.test_same_as_copier import updated_by_copier

TRUSTED = Want(trusted=lambda _: True)
LINES = "one\ntwo\nthree\nfour\nfive\n"
SCRIPT = "import os\nos.unlink('_post.py')\nopen('made.txt', 'w').write('made\\n')\n"


@dataclass(frozen=True)
class Scenario:
    """Two versions with tasks, what the owner edits between, and what has to be there at last."""

    tasks: str
    v1: Files
    v2: Files
    edits: Mapping[str, str | bytes | None] = field(default_factory=dict)
    later: str | None = None
    has: Mapping[str, str] = field(default_factory=dict)

    def play(self, case: Case) -> None:
        """Make the repo with its tasks, as copier does, up to before its upgrade."""
        case.release("v1.0.0", self.v1, self.tasks)
        case.generate("v1.0.0", tasks=True)
        if self.edits:
            case.edit(self.edits)
        case.release("v2.0.0", self.v2, self.tasks if self.later is None else self.later)


SCENARIOS = {
    "a formatter, nothing edited": Scenario(
        "_tasks: ['sed -i s/^/x/ f']\n", {"f": LINES}, {"f": LINES.replace("two", "TWO")},
        has={"f": "xone\nxTWO\nxthree\nxfour\nxfive\n"},
    ),
    "a formatter, an edit of the owner's": Scenario(
        "_tasks: ['sed -i s/^/x/ f']\n", {"f": LINES}, {"f": LINES.replace("one", "ONE")},
        {"f": "xone\nxtwo\nxthree\nxfour\nmine\n"},
        has={"f": "xONE\nxtwo\nxthree\nxfour\nmine\n"},
    ),
    "a generated file that the owner added to": Scenario(
        "_tasks: ['echo 1 > gen.txt']\n", {"f": "a\n"}, {"f": "b\n"},
        {"gen.txt": "1\nMY PRECIOUS LINE\n"},
        has={"f": "b\n", "gen.txt": "1\nMY PRECIOUS LINE\n"},
    ),
    "a script that deletes itself": Scenario(
        "_tasks: ['python3 _post.py']\n",
        {"f": "a\n", "_post.py": SCRIPT}, {"f": "b\n", "_post.py": SCRIPT},
        has={"f": "b\n", "made.txt": "made\n"},
    ),
    "a file that this version adds and a task removes": Scenario(
        "_tasks: ['rm -f tmp.txt']\n", {"f": "a\n"}, {"f": "b\n", "tmp.txt": "t\n"},
        has={"f": "b\n"},
    ),
    "a task that is gone in this version": Scenario(
        "_tasks: ['echo 1 > gen.txt']\n", {"f": "a\n"}, {"f": "b\n"}, later="",
        has={"f": "b\n"},
    ),
    "a task that is new in this version": Scenario(
        "", {"f": "a\n"}, {"f": "b\n"}, later="_tasks: ['echo 1 > gen.txt']\n",
        has={"f": "b\n", "gen.txt": "1\n"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(SCENARIOS))
def test_it_is_what_copier_makes(name: str, case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    """Byte by byte, and no conflict."""
    scenario = SCENARIOS[name]
    scenario.play(case)

    plan = case.plan(TRUSTED)

    assert (dict(scenario.has), []) == (texts(result(plan)), conflicts(plan))
    assert updated_by_copier(case, {}, monkeypatch, tasks=True) == result(plan)


OTHERWISE = {
    "a task that commits": (
        Scenario(
            "_tasks: ['git init -q && git add . && git commit -qm Made || true']\n",
            {"f": LINES}, {"f": LINES.replace("two", "TWO")},
            {"f": LINES.replace("three", "mine")},
        ),
        None, LINES.replace("two", "TWO"),
    ),
    "a task that writes to a file that is made once": (
        Scenario(
            "_skip_if_exists: [f]\n_tasks: ['echo made >> f']\n",
            {"f": LINES, "g": "1\n"}, {"f": LINES, "g": "2\n"},
            {"f": "mine\n"},
        ),
        "mine\n", "mine\nmade\n",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", OTHERWISE)
def test_it_keeps_more_of_the_owners_than_copier(
    name: str, case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A task works on renders alone. A conflict is None; copier is asked, to see it change."""
    scenario, expected, copiers = OTHERWISE[name]
    scenario.play(case)

    plan = case.plan(TRUSTED)

    assert expected == (None if conflicts(plan) else texts(result(plan))["f"])
    assert copiers == texts(updated_by_copier(case, {}, monkeypatch, tasks=True))["f"]


def test_a_task_that_can_not_run_again_is_told(case: Case) -> None:
    """The version that it is of, and what to do; nothing is merged from half a base."""
    case.release(
        "v1.0.0", {"f": "a\n"}, "_tasks: ['test ! -e {0} && touch {0}']\n".format("/nowhere/x")
    )
    case.generate("v1.0.0")
    case.release("v2.0.0", {"f": "b\n"})

    with pytest.raises(ProcessFailedError) as caught:
        case.plan(TRUSTED)

    assert "(of v1.0.0, which the repo was made from)" in caught.value.what
    assert "link the repo afresh with `scaffold adopt`" in caught.value.hint


def test_a_task_of_the_old_version_alone_needs_trust(case: Case) -> None:
    """It is code, too."""
    case.release("v1.0.0", {"f": "a\n"}, "_tasks: ['echo 1 > gen.txt']\n")
    case.generate("v1.0.0", tasks=True)
    case.release("v2.0.0", {"f": "b\n"})

    with pytest.raises(UntrustedError, match=r"wants to run a command: echo 1 > gen\.txt"):
        case.plan()


def test_data_reaches_a_new_question_of_a_template_with_tasks(case: Case) -> None:
    """In every stage; the task sees the answer, too."""
    case.release("v1.0.0", {"f": "a\n"}, "_tasks: ['true']\n")
    case.generate("v1.0.0")
    asks = "q: {type: str, choices: [a, b]}\n_tasks: ['echo {{ q }} > q.txt']\n"
    case.release("v2.0.0", {"f": "b\n"}, asks)

    plan = case.plan(Want(given={"q": "a"}, trusted=lambda _: True))

    assert "a\n" == texts(result(plan))["q.txt"]


def test_a_migration_may_supply_a_new_question(case: Case) -> None:
    """Nothing is asked before it has run."""
    case.release("v1.0.0", {"f": "a\n"})
    case.generate("v1.0.0")
    supply = "echo 'q: b' >> .copier-answers.yml"
    when = "when: '{{ _stage == \"before\" }}'"
    migration = f'_migrations: [{{version: v2.0.0, command: "{supply}", {when}}}]\n'
    case.release(
        "v2.0.0", {"f.jinja": "{{ q }}\n"}, "q: {type: str, choices: [a, b]}\n" + migration
    )

    assert "b\n" == texts(result(case.plan(TRUSTED)))["f"]

"""`copier update` and an upgrade give the same, byte by byte, where neither has a conflict."""

import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import copier
import pytest

from scaffold.git.folders import read_folder
from scaffold.upgrade.plan import Want
from tests.builders import Files, git
from tests.upgrade.case import Case
from tests.upgrade.trees import ONE, OTHER, Tree, planned

NEW = ONE.replace("two", "TWO")
MINE = ONE.replace("five", "mine")
BOTH = NEW.replace("five", "mine")
NAME = "name: {type: str, default: old}\n"
UNION = "f merge=union\n"
FLAG = "flag: {type: bool, default: true}\n"
Edits = Mapping[str, str | bytes | Path | None]


@dataclass(frozen=True)
class Scenario:
    """Two versions of a template, edits of the owner, answers at first and those given now."""

    v1: Files
    v2: Files
    edits: Edits = field(default_factory=dict)
    questions: str = ""
    new_questions: str | None = None
    answers: Mapping[str, Any] = field(default_factory=dict)
    given: Mapping[str, Any] = field(default_factory=dict)

    def play(self, case: Case) -> None:
        """Make the repo, up to before its upgrade."""
        case.release("v1.0.0", self.v1, self.questions)
        case.generate("v1.0.0", **self.answers)
        if self.edits:
            case.edit(self.edits)
        questions = self.questions if self.new_questions is None else self.new_questions
        case.release("v2.0.0", self.v2, questions)


def updated_by_copier(
    case: Case,
    given: Mapping[str, Any],
    monkeypatch: pytest.MonkeyPatch,
    *,
    tasks: bool = False,
) -> Tree:
    """What `copier update` makes of a clone."""
    for who in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{who}_NAME", "Test")
        monkeypatch.setenv(f"GIT_{who}_EMAIL", "test@example.com")
    clone = case.root / "clone" / "repo"
    clone.parent.mkdir()
    git("clone", "-q", str(case.repo), str(clone), cwd=case.root)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        copier.run_update(
            clone, data=dict(given), defaults=True, overwrite=True, quiet=True,
            conflict="inline", skip_tasks=not tasks, unsafe=True,
        )  # fmt: skip
    return read_folder(clone)


# What copier tells a template of the version that is rendered, and of the run.
TOLD = "".join(
    f"{{{{ {name} }}}}\n"
    for name in (
        "_commit", "_src_path", "_copier_operation", "_copier_phase",
        "_copier_answers._commit", "_copier_answers._src_path", "_copier_conf.vcs_ref_hash",
        "_copier_conf.answers_file", "_copier_conf.os", "_copier_conf.sep",
    )
)  # fmt: skip

SAME = {
    "what copier tells of the version": Scenario(
        {"f.jinja": TOLD, "gone.jinja": TOLD}, {"f.jinja": TOLD, "h": "h\n"}
    ),
    "nothing edited": Scenario({"f": ONE, "g": "g\n"}, {"f": NEW, "h": "h\n"}),
    "other lines edited": Scenario({"f": ONE}, {"f": NEW}, {"f": MINE}),
    "a file of the owner's": Scenario({"f": ONE}, {"f": NEW}, {"docs/own.md": "own\n"}),
    "the owner's alone": Scenario({"f": ONE, "g": ONE}, {"f": NEW, "g": ONE}, {"g": MINE}),
    "edited alike": Scenario({"f": ONE}, {"f": NEW}, {"f": NEW}),
    "deleted and unchanged": Scenario({"f": ONE, "g": ONE}, {"f": NEW, "g": ONE}, {"g": None}),
    "deleted and changed": Scenario({"f": ONE, "g": ONE}, {"f": NEW, "g": NEW}, {"g": None}),
    "a new question": Scenario(
        {"f": ONE},
        {"f": NEW, "g.jinja": "{{ name }}\n"},
        {"f": MINE},
        new_questions=NAME,
    ),
    "a recorded answer": Scenario(
        {"f.jinja": "{{ name }}\n" + ONE},
        {"f.jinja": "{{ name }}\n" + NEW},
        {"f": "mine\n" + MINE},
        NAME,
        NAME.replace("old", "newer"),
        {"name": "mine"},
    ),
    "an answer that is given": Scenario(
        {"f.jinja": "{{ name }}\n" + ONE},
        {"f.jinja": "{{ name }}\n" + NEW},
        {"f": "old\n" + MINE},
        NAME,
        given={"name": "new"},
    ),
    "a condition that ends": Scenario(
        {"{% if flag %}g{% endif %}": OTHER, "f": ONE},
        {"{% if flag %}g{% endif %}": OTHER, "f": NEW},
        {"f": MINE},
        FLAG,
        given={"flag": False},
    ),
    "made once": Scenario(
        {"f": ONE, "g": ONE}, {"f": NEW, "g": NEW}, {"g": MINE}, "_skip_if_exists: [g]\n"
    ),
    "excluded now": Scenario(
        {"f": ONE, "g": ONE},
        {"f": NEW, "g": NEW},
        {"g": MINE},
        new_questions="_exclude: [copier.yml, g]\n",
    ),
    "binary": Scenario({"f": b"\0old", "g": b"\0g"}, {"f": b"\0new", "g": b"\0g"}),
    "Latin-1": Scenario(
        {"f": ONE.encode() + b"\xe4\n"},
        {"f": NEW.encode() + b"\xe4\n"},
        {"f": MINE.encode() + b"\xe4\n"},
    ),
    "a link of the owner's": Scenario(
        {"f": ONE, "g": ONE}, {"f": ONE, "g": NEW}, {"f": Path("elsewhere")}
    ),
    "both added alike": Scenario({"f": ONE}, {"f": ONE, "g": OTHER}, {"g": OTHER}),
    "moved and not edited": Scenario({"f": ONE}, {"docs/f": NEW}, {"own": MINE}),
    "no newline at the end": Scenario({"f": ONE + "six"}, {"f": NEW + "six"}, {"f": MINE + "six"}),
    "odd names": Scenario(
        {"a b/\u00e4.txt": ONE}, {"a b/\u00e4.txt": NEW}, {"a b/\u00e4.txt": MINE}
    ),
    "a loop": Scenario(
        {"{% yield one from name %}{{ one }}{% endyield %}.txt": ONE},
        {"{% yield one from name %}{{ one }}{% endyield %}.txt": NEW},
        {"a.txt": MINE},
        NAME,
        answers={"name": "ab"},
    ),
    "a script": Scenario({"f": "#!/bin/sh\n" + ONE}, {"f": "#!/bin/sh\n" + NEW}),
}


@pytest.mark.parametrize("scenario", SAME.values(), ids=SAME.keys())
def test_a_clean_upgrade_is_copiers(
    case: Case, scenario: Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The whole tree, the answers file included."""
    scenario.play(case)

    outcome = planned(case.plan(Want(given=scenario.given)))

    assert [] == outcome.conflicts
    assert updated_by_copier(case, scenario.given, monkeypatch) == outcome.tree


@dataclass(frozen=True)
class Difference:
    """Where copier does otherwise: what an upgrade gives, and what copier does."""

    scenario: Scenario
    expected: dict[str, str]
    copiers: dict[str, str]


MARKED = "<<<<<<< before updating\n{}=======\n{}>>>>>>> after updating\n"
CRLF = MINE.replace("\n", "\r\n")
OTHERWISE = {
    "a deleted file that is made once comes back": Difference(
        Scenario({"f": ONE, "g": ONE}, {"f": NEW, "g": NEW}, {"g": None}, "_skip_if_exists: [g]\n"),
        {"f": NEW},
        {"f": NEW, "g": NEW},
    ),
    "a deleted file that was moved comes back": Difference(
        Scenario({"f": ONE, "g": ONE}, {"f": NEW, "docs/g": ONE}, {"g": None}),
        {"f": NEW},
        {"f": NEW, "docs/g": ONE},
    ),
    "an edit of a moved file is lost": Difference(
        Scenario({"f": ONE}, {"g": NEW}, {"f": MINE}), {"g": BOTH}, {"g": NEW}
    ),
    "a file that the owner moved gets no change": Difference(
        Scenario({"f": ONE}, {"f": NEW}, {"f": None, "g": MINE}), {"g": BOTH}, {"g": MINE}
    ),
    "an edit in a folder that an answer renames is lost": Difference(
        Scenario(
            {"{{ name }}/f": ONE},
            {"{{ name }}/f": NEW},
            {"old/f": MINE, "old/own": "own\n"},
            NAME,
            given={"name": "new"},
        ),
        {"new/f": BOTH, "new/own": "own\n"},
        {"new/f": NEW, "old/own": "own\n"},
    ),
    "an edit of a removed file is lost": Difference(
        Scenario({"f": ONE, "g": OTHER}, {"g": OTHER}, {"f": MINE}),
        {"f": MINE, "g": OTHER},
        {"g": OTHER},
    ),
    "an edit of an ignored file is lost": Difference(
        Scenario({"f": ONE, ".gitignore": "f\n"}, {"f": NEW, ".gitignore": "f\n"}, {"f": MINE}),
        {"f": BOTH, ".gitignore": "f\n"},
        {"f": NEW, ".gitignore": "f\n"},
    ),
    "an edit of a binary file is lost": Difference(
        Scenario({"f": "\0old", "g": ONE}, {"f": "\0old", "g": NEW}, {"f": "\0mine"}),
        {"f": "\0mine", "g": NEW},
        {"f": "\0old", "g": NEW},
    ),
    "other line ends are a conflict of the whole file": Difference(
        Scenario({"f": ONE}, {"f": NEW}, {"f": CRLF}),
        {"f": BOTH.replace("\n", "\r\n")},
        {"f": MARKED.format(CRLF, NEW)},
    ),
    "two files that change places are a conflict": Difference(
        Scenario({"f": ONE, "g": OTHER}, {"f": OTHER, "g": ONE}, {"f": MINE}),
        {"f": OTHER, "g": MINE},
        {"f": MARKED.format(MINE, OTHER), "g": ONE},
    ),
    "the end of the last line is lost": Difference(
        Scenario(
            {"f": ONE.rstrip(), "g": OTHER.rstrip()},
            {"f": ONE + "six\n", "g": OTHER},
            {
                "f": ONE.replace("three", "mine").rstrip(),
                "g": OTHER.replace("gamma", "mine").rstrip(),
            },
        ),
        {"f": ONE.replace("three", "mine") + "six\n", "g": OTHER.replace("gamma", "mine")},
        {
            "f": ONE.replace("three", "mine").rstrip() + "six\n",
            "g": OTHER.replace("gamma", "mine").rstrip(),
        },
    ),
    "merge drivers are not asked": Difference(
        Scenario(
            {"f": ONE}, {"f": ONE + "theirs\n"}, {"f": ONE + "mine\n", ".gitattributes": UNION}
        ),
        {"f": ONE + "mine\ntheirs\n", ".gitattributes": UNION},
        {"f": ONE + MARKED.format("mine\n", "theirs\n"), ".gitattributes": UNION},
    ),
}


@pytest.mark.parametrize("difference", OTHERWISE.values(), ids=OTHERWISE.keys())
def test_an_upgrade_keeps_more_of_the_owners_than_copier(
    case: Case, difference: Difference, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The owner's decisions count. copier is asked, too, so that we learn when it changes."""
    difference.scenario.play(case)
    given = difference.scenario.given

    copiers = updated_by_copier(case, given, monkeypatch)

    assert difference.expected == planned(case.plan(Want(given=given))).texts
    assert difference.copiers == texts(copiers)


def texts(tree: Tree) -> dict[str, str]:
    """The files as text, without the answers file."""
    return {path: one.data.decode() for path, one in tree.items() if "answers" not in path}

"""What a template says about its own files: made once, excluded, conditional, looped over."""

from typing import Any

from scaffold.upgrade.plan import Want
from tests.upgrade.case import Case
from tests.upgrade.trees import ONE, OTHER, planned

NEW = ONE.replace("two", "TWO")
MINE = ONE.replace("five", "mine")
BOTH = NEW.replace("five", "mine")
FLAG = "flag: {type: bool, default: true}\n"
NAME = "name: {type: str, default: old}\n"
ITEMS = "items: {type: yaml, default: [a, b]}\n"
LOOP = "{% yield item from items %}{{ item }}{% endyield %}"


def given(**answers: Any) -> Want:
    """An upgrade with these answers."""
    return Want(given=answers)


# --- Made once ---------------------------------------------------------------------


def test_a_file_that_is_made_once_is_the_owners(case: Case) -> None:
    """It stays byte by byte, by a pattern with an answer in it (copier-org/copier#369)."""
    once = NAME + '_skip_if_exists: ["{{ name }}/**/*.cfg"]\n'
    case.release("v1.0.0", {"{{ name }}/x/a.cfg": ONE, "b.cfg": ONE}, once)
    case.generate("v1.0.0", name="app")
    case.edit({"app/x/a.cfg": MINE})
    case.release("v2.0.0", {"{{ name }}/x/a.cfg": NEW, "b.cfg": NEW}, once)

    outcome = planned(case.plan())

    assert {"app/x/a.cfg": MINE, "b.cfg": NEW} == outcome.texts
    assert ([("b.cfg", "updated")], []) == (outcome.decided, outcome.conflicts)


def test_a_file_that_is_made_once_is_not_updated_even_if_untouched(case: Case) -> None:
    """It exists, so it is skipped."""
    once = "_skip_if_exists: [a.cfg]\n"
    case.release("v1.0.0", {"a.cfg": ONE}, once)
    case.generate("v1.0.0")
    case.release("v2.0.0", {"a.cfg": NEW}, once)

    assert ({"a.cfg": ONE}, []) == (planned(case.plan()).texts, planned(case.plan()).decided)


def test_a_file_that_is_made_once_does_not_come_back(case: Case) -> None:
    """The owner deleted it; the blueprint leaves it to them, so it is not even mentioned."""
    once = "_skip_if_exists: [a.cfg]\n"
    case.release("v1.0.0", {"a.cfg": ONE, "b": ONE}, once)
    case.generate("v1.0.0")
    case.edit({"a.cfg": None})
    case.release("v2.0.0", {"a.cfg": NEW, "b": ONE}, once)

    assert ({"b": ONE}, []) == (planned(case.plan()).texts, planned(case.plan()).decided)


def test_a_new_file_that_is_made_once_leaves_the_owners_alone(case: Case) -> None:
    """No conflict, although both added it."""
    case.release("v1.0.0", {"b": ONE})
    case.generate("v1.0.0")
    case.edit({"a.cfg": "mine\n"})
    case.release("v2.0.0", {"a.cfg": NEW, "b": ONE}, "_skip_if_exists: [a.cfg]\n")

    outcome = planned(case.plan())

    assert ("mine\n", [], []) == (outcome.texts["a.cfg"], outcome.decided, outcome.conflicts)


def test_a_file_that_is_made_once_follows_its_folder(case: Case) -> None:
    """It keeps the owner's bytes at its new place."""
    once = NAME + '_skip_if_exists: ["{{ name }}/a.cfg"]\n'
    case.release("v1.0.0", {"{{ name }}/a.cfg": ONE, "{{ name }}/b": OTHER}, once)
    case.generate("v1.0.0")
    case.edit({"old/a.cfg": MINE})
    case.release("v2.0.0", {"{{ name }}/a.cfg": NEW, "{{ name }}/b": OTHER}, once)

    assert {"new/a.cfg": MINE, "new/b": OTHER} == planned(case.plan(given(name="new"))).texts


# --- Excluded ----------------------------------------------------------------------


def test_a_file_that_is_excluded_from_now_on_is_left_alone(case: Case) -> None:
    """The template stops owning it, which is no reason to delete it (copier-org/copier#2135)."""
    case.release("v1.0.0", {"a.txt": ONE, "b.txt": ONE})
    case.generate("v1.0.0")
    case.edit({"b.txt": MINE})
    case.release("v2.0.0", {"a.txt": NEW, "b.txt": NEW}, "_exclude: [a.txt, b.txt, copier.yml]\n")

    outcome = planned(case.plan())

    assert {"a.txt": ONE, "b.txt": MINE} == outcome.texts
    assert [("a.txt", "left-alone"), ("b.txt", "left-alone")] == outcome.decided


def test_a_file_that_is_excluded_by_a_new_answer_is_removed(case: Case) -> None:
    """The owner of the repo asked for it, other than in an `_exclude` that is new."""
    unless = FLAG + '_exclude: ["{% if not flag %}a.txt{% endif %}", copier.yml]\n'
    case.release("v1.0.0", {"a.txt": ONE, "b.txt": ONE}, unless)
    case.generate("v1.0.0")
    case.release("v2.0.0", {"a.txt": NEW, "b.txt": ONE}, unless)

    assert {"b.txt": ONE} == planned(case.plan(given(flag=False))).texts


def test_an_excluded_file_of_the_owners_is_not_touched(case: Case) -> None:
    """The template never owned it."""
    case.release("v1.0.0", {"a.txt": ONE, "b.txt": ONE}, "_exclude: [a.txt, copier.yml]\n")
    case.generate("v1.0.0")
    case.edit({"a.txt": "mine\n"})
    case.release("v2.0.0", {"a.txt": NEW, "b.txt": NEW}, "_exclude: [a.txt, copier.yml]\n")

    assert {"a.txt": "mine\n", "b.txt": NEW} == planned(case.plan()).texts


# --- Conditional and dynamic names ----------------------------------------------------


def test_a_conditional_file_goes_when_its_answer_does(case: Case) -> None:
    """It is removed if it was not edited (copier-org/copier#686)."""
    files = {"{% if flag %}a.txt{% endif %}": ONE, "b.txt": OTHER}
    case.release("v1.0.0", files, FLAG)
    case.generate("v1.0.0")

    outcome = planned(case.plan(given(flag=False)))

    assert ({"b.txt": OTHER}, [("a.txt", "removed")]) == (outcome.texts, outcome.decided)


def test_an_edited_conditional_file_is_a_conflict_when_its_answer_goes(case: Case) -> None:
    """It is kept for a person to decide."""
    files = {"{% if flag %}a.txt{% endif %}": ONE, "b.txt": OTHER}
    case.release("v1.0.0", files, FLAG)
    case.generate("v1.0.0")
    case.edit({"a.txt": MINE})

    outcome = planned(case.plan(given(flag=False)))

    assert {"a.txt": MINE, "b.txt": OTHER} == outcome.texts
    assert [("a.txt", "removed-by-blueprint")] == outcome.conflicts


def test_a_conditional_folder_comes_when_its_answer_does(case: Case) -> None:
    """A name that renders to nothing is no file."""
    files = {"{% if flag %}docs{% endif %}/a.txt": ONE, "b.txt": OTHER}
    case.release("v1.0.0", files, FLAG)
    case.generate("v1.0.0", flag=False)
    assert {"b.txt"} == case.ours().keys() - {".copier-answers.yml"}

    outcome = planned(case.plan(given(flag=True)))

    assert {"b.txt": OTHER, "docs/a.txt": ONE} == outcome.texts


def test_a_folder_that_is_named_by_an_answer_moves_with_its_edits(case: Case) -> None:
    """The old folder is gone, and what the owner added went along (copier-org/copier#367)."""
    files = {"src/{{ name }}/a.py.jinja": "{{ name }}\n" + ONE, "src/{{ name }}/__init__.py": ""}
    case.release("v1.0.0", files, NAME)
    case.generate("v1.0.0")
    case.edit({"src/old/a.py": "old\n" + MINE, "src/old/deep/own.py": "own\n"})

    outcome = planned(case.plan(given(name="new")))

    assert {
        "src/new/__init__.py": "",
        "src/new/a.py": "new\n" + MINE,
        "src/new/deep/own.py": "own\n",
    } == outcome.texts
    assert [] == outcome.conflicts


def test_a_file_that_is_named_by_an_answer_moves_with_its_edits(case: Case) -> None:
    """Also in the folder where it was."""
    case.release("v1.0.0", {"{{ name }}.txt": ONE}, NAME)
    case.generate("v1.0.0")
    case.edit({"old.txt": MINE})
    case.release("v2.0.0", {"{{ name }}.txt": NEW}, NAME)

    assert {"new.txt": BOTH} == planned(case.plan(given(name="new"))).texts


# --- Loops ---------------------------------------------------------------------------


def loop(case: Case, **answers: Any) -> None:
    """A repo with a file an item."""
    case.release("v1.0.0", {f"{LOOP}.txt.jinja": "{{ item }}\n" + ONE}, ITEMS)
    case.generate("v1.0.0", **answers)


def test_an_item_more_is_a_file_more(case: Case) -> None:
    """The others stay."""
    loop(case)
    case.edit({"a.txt": "a\n" + MINE})

    outcome = planned(case.plan(given(items=["a", "b", "c"])))

    assert {"a.txt": "a\n" + MINE, "b.txt": "b\n" + ONE, "c.txt": "c\n" + ONE} == outcome.texts
    assert [("c.txt", "added")] == outcome.decided


def test_an_item_less_is_a_file_less(case: Case) -> None:
    """Unless it was edited, which is a conflict."""
    loop(case, items=["a", "b", "c"])
    case.edit({"c.txt": "c\n" + MINE})

    outcome = planned(case.plan(given(items=["a"])))

    assert {"a.txt": "a\n" + ONE, "c.txt": "c\n" + MINE} == outcome.texts
    assert ([("b.txt", "removed")], [("c.txt", "removed-by-blueprint")]) == (
        outcome.decided,
        outcome.conflicts,
    )


def test_an_item_of_another_name_is_a_move(case: Case) -> None:
    """The edit goes along, and the change of the new version comes."""
    loop(case)
    case.edit({"b.txt": "b\n" + MINE})
    case.release("v2.0.0", {f"{LOOP}.txt.jinja": "{{ item }}\n" + NEW}, ITEMS)

    outcome = planned(case.plan(given(items=["a", "z"])))

    assert ({"a.txt": "a\n" + NEW, "z.txt": "z\n" + BOTH}, []) == (
        outcome.texts,
        outcome.conflicts,
    )


# --- Answers alone --------------------------------------------------------------------


def test_a_new_answer_at_the_same_version_counts_where_the_owner_did_not_edit(case: Case) -> None:
    """It is not undone, and the owner's edits stay (copier-org/copier#170)."""
    case.release("v1.0.0", {"a.txt.jinja": "{{ name }}\n" + ONE, "b.txt": ONE}, NAME)
    case.generate("v1.0.0")
    case.edit({"a.txt": "old\n" + MINE, "b.txt": MINE})

    plan = case.plan(given(name="new"))

    assert ("would-change", {"a.txt": "new\n" + MINE, "b.txt": MINE}) == (
        plan.state,
        planned(plan).texts,
    )
    assert b"name: new" in planned(plan).tree[".copier-answers.yml"].data


# --- Where the template is -------------------------------------------------------------


def test_a_template_in_a_folder_of_the_repo_is_merged_as_at_the_root(case: Case) -> None:
    """Nothing outside of the folder is looked at (copier-org/copier#671)."""
    case.release("v1.0.0", {"f.txt": ONE, "old/a": OTHER})
    case.generate("v1.0.0", folder="sub/app")
    case.edit({"sub/app/f.txt": MINE, "f.txt": "outside\n", "new/a": "outside\n"})
    case.release("v2.0.0", {"f.txt": NEW, "new/a": OTHER})

    plan = case.plan(folder="sub/app")

    assert {"f.txt": BOTH, "new/a": OTHER} == planned(plan).texts
    assert ([("f.txt", "merged"), ("new/a", "moved")], []) == (
        planned(plan).decided,
        planned(plan).conflicts,
    )


def test_gits_own_files_are_never_compared(case: Case) -> None:
    """A template's files about git are files; a folder of git's own is not (cruft/cruft#309)."""
    case.release("v1.0.0", {".gitignore": "a\n", ".github/a.yml": ONE})
    case.generate("v1.0.0")
    case.release("v2.0.0", {".gitignore": "a\nb\n", ".github/a.yml": NEW})

    outcome = planned(case.plan())

    assert {".gitignore": "a\nb\n", ".github/a.yml": NEW} == outcome.texts

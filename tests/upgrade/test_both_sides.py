"""What becomes of a file that the owner, the blueprint or both changed, deleted or added."""

from tests.upgrade.case import Case, conflicts, decided, result, texts

ONE = "one\ntwo\nthree\nfour\nfive\n"


def start(case: Case) -> None:
    """A repo of v1, which has a file of five lines."""
    case.release("v1.0.0", {"file.txt": ONE, "keep.txt": "keep\n"})
    case.generate("v1.0.0")


def test_nothing_new_changes_nothing(case: Case) -> None:
    """Without a newer version a repo is current, whatever its owner did."""
    start(case)
    case.edit({"file.txt": "mine\n", "keep.txt": None})

    plan = case.plan()

    assert ("current", {}) == (plan.state, plan.merged.changes)


def test_an_untouched_file_is_updated(case: Case) -> None:
    """The result is a fresh render of the new version."""
    start(case)
    case.release("v2.0.0", {"file.txt": ONE.replace("two", "TWO"), "new.txt": "new\n"})

    plan = case.plan()

    assert case.fresh("v2.0.0") == result(plan)
    assert [("file.txt", "updated"), ("keep.txt", "removed"), ("new.txt", "added")] == decided(plan)


def test_edits_of_both_are_merged(case: Case) -> None:
    """Other lines, no conflict."""
    start(case)
    case.edit({"file.txt": ONE.replace("five", "FIVE")})
    case.release("v2.0.0", {"file.txt": ONE.replace("one", "ONE"), "keep.txt": "keep\n"})

    plan = case.plan()

    assert "ONE\ntwo\nthree\nfour\nFIVE\n" == texts(result(plan))["file.txt"]
    assert (("file.txt", "merged"), []) == (decided(plan)[0], conflicts(plan))


def test_edits_of_the_same_line_are_a_conflict(case: Case) -> None:
    """The markers show all three sides and say whose is whose."""
    start(case)
    case.edit({"file.txt": ONE.replace("two", "mine")})
    case.release("v2.0.0", {"file.txt": ONE.replace("two", "TWO"), "keep.txt": "keep\n"})

    plan = case.plan()

    assert ("would-conflict", [("file.txt", "content")]) == (plan.state, conflicts(plan))
    assert (
        "one\n<<<<<<< yours: main\nmine\n||||||| template v1.0.0\ntwo\n=======\nTWO\n"
        ">>>>>>> template v2.0.0\nthree\nfour\nfive\n"
    ) == texts(result(plan))["file.txt"]


def test_an_edit_follows_a_rename(case: Case) -> None:
    """The blueprint moved the file that the owner edited."""
    start(case)
    case.edit({"file.txt": ONE.replace("five", "FIVE")})
    case.release("v2.0.0", {"docs/moved.txt": ONE.replace("one", "ONE"), "keep.txt": "keep\n"})

    plan = case.plan()

    assert {"docs/moved.txt": "ONE\ntwo\nthree\nfour\nFIVE\n", "keep.txt": "keep\n"} == texts(
        result(plan)
    )
    assert [("docs/moved.txt", "moved")] == decided(plan)

"""Laws of the merge of trees, of renames and of texts, on random ones."""

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from scaffold.git.tree import Entry
from scaffold.merge.renames import find_renames
from scaffold.merge.text import merge_text
from tests.upgrade.random_trees import TREES, edits, entries, three_trees
from tests.upgrade.trees import LABELS, Outcome, Tree, merge

MANY = settings(deadline=None, max_examples=100, derandomize=True)
SOME = settings(deadline=None, max_examples=40, derandomize=True)
TEXTS = entries().map(lambda entry: entry.data)
Three = tuple[Tree, Tree, Tree]


def lines(data: bytes) -> Counter[bytes]:
    """The lines, whatever their ends."""
    return Counter(data.replace(b"\r\n", b"\n").split(b"\n"))


@MANY
@given(three_trees())
def test_an_untouched_tree_becomes_the_new_render(three: Three) -> None:
    """merge(base, theirs, base) == theirs, without a conflict."""
    base, theirs, _ = three

    outcome = merge(base, theirs, base)

    assert (theirs, []) == (outcome.tree, outcome.conflicts)


@MANY
@given(three_trees())
def test_without_news_nothing_changes(three: Three) -> None:
    """merge(base, base, ours) == ours, and there is nothing to say."""
    base, _, ours = three

    assert Outcome(ours, [], [], {}) == merge(base, base, ours)


@MANY
@given(three_trees())
def test_an_upgrade_that_was_made_by_hand_is_no_conflict(three: Three) -> None:
    """merge(base, new, new) == new."""
    base, theirs, _ = three

    outcome = merge(base, theirs, theirs)

    assert (theirs, []) == (outcome.tree, outcome.conflicts)


@SOME
@given(three_trees())
def test_a_second_upgrade_to_the_same_version_changes_nothing(three: Three) -> None:
    """What was merged once is merged."""
    base, theirs, ours = three
    once = merge(base, theirs, ours).tree

    assert Outcome(once, [], [], {}) == merge(theirs, theirs, once)


@SOME
@given(three_trees())
def test_the_result_can_be_a_tree(three: Three) -> None:
    """No path of it is a file and a folder at once."""
    result = merge(*three).tree
    folders = {
        "/".join(path.split("/")[:end]) for path in result for end in range(1, path.count("/") + 1)
    }

    assert set() == folders & result.keys()


@SOME
@given(three_trees())
def test_nothing_that_the_owner_added_is_lost(three: Three) -> None:
    """The bytes of the owner's own files are in the result, unless it is the blueprint's, too."""
    base, theirs, ours = three
    outcome = merge(base, theirs, ours)
    everywhere = {entry.data for entry in outcome.tree.values()}
    shared = {path for path, kind in outcome.conflicts if kind in ("both-added", "content")} | {
        path for path, kind in outcome.decided if kind in ("merged", "moved")
    }

    for path in ours.keys() - base.keys() - shared:
        assert ours[path].data in everywhere, path


@SOME
@given(three_trees())
def test_nothing_that_the_owner_wrote_is_lost(three: Three) -> None:
    """Each line of the owner's own words is in the result, whatever became of its file."""
    base, theirs, ours = three
    result = merge(base, theirs, ours).tree
    everywhere = {line for entry in result.values() for line in lines(entry.data)}
    wrote = {line for entry in ours.values() for line in lines(entry.data) if b"m" in line}

    assert set() == wrote - everywhere


@SOME
@given(three_trees())
def test_what_nobody_touched_stays_byte_by_byte(three: Three) -> None:
    """A path with the same entry in all three trees is left as it is."""
    base, theirs, ours = three
    result = merge(base, theirs, ours).tree

    for path, entry in base.items():
        if theirs.get(path) == entry == ours.get(path):
            assert entry == result.get(path), path


@SOME
@given(three_trees())
def test_each_change_is_told(three: Three) -> None:
    """A path that the merge changed has a decision or a conflict, if under its new name."""
    outcome = merge(*three)
    told = {path for path, _ in (*outcome.decided, *outcome.conflicts)}
    ours = three[2]

    assert set() == {path for path, entry in outcome.tree.items() if ours.get(path) != entry} - told


@MANY
@given(TREES, st.data())
def test_a_rename_pairs_each_file_once(before: Tree, data: st.DataObject) -> None:
    """Old paths are of the first tree, new ones of the second, and none is there twice."""
    after = data.draw(edits(before))

    found = find_renames(before, after)

    assert len(found) == len(set(found.values()))
    assert found.keys() <= before.keys()
    assert set(found.values()) <= after.keys()
    assert all(old != new for old, new in found.items())


@SOME
@given(TEXTS, TEXTS)
def test_a_text_that_one_side_left_becomes_the_other_sides(base: bytes, new: bytes) -> None:
    """merge(base, base, new) == new and merge(base, new, base) == new, but for line ends."""
    for merged in (merge_text(base, base, new, LABELS), merge_text(base, new, base, LABELS)):
        if merged is not None:
            assert (lines(new), False) == (lines(merged.data), merged.conflict)


@SOME
@given(TEXTS, TEXTS, TEXTS)
def test_a_merged_text_keeps_what_the_owner_added(base: bytes, ours: bytes, theirs: bytes) -> None:
    """Each line that the owner added is in the result, in a conflict or out of it."""
    merged = merge_text(base, ours, theirs, LABELS)

    if merged is not None and not any(data[:2] == b"\xff\xfe" for data in (base, ours, theirs)):
        assert Counter() == (lines(ours) - lines(base)) - lines(merged.data)


@MANY
@given(TREES)
def test_an_entry_is_as_it_was_where_all_agree(files: dict[str, Entry]) -> None:
    """merge(x, x, x) == x."""
    assert Outcome(files, [], [], {}) == merge(files, files, files)

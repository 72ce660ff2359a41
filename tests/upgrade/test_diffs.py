"""Unified diffs as data: what is in them is told by lengths, not by what lines look like."""

import difflib

from hypothesis import given
from hypothesis import strategies as st

from scaffold.upgrade.diffs import FileDiff, diff_file, diff_text, with_places, without_version

# What looks like a part of a diff, or is one in a file that holds diffs.
LINES = st.sampled_from(
    [
        *("", " ", "one", "two", "-- a comment", "++ i", "-- a/x", "++ b/x", "--- a/x", "+++ b/x"),
        *("-- /dev/null", "@@ -1 +1 @@", "@@ -1,9 +1,9 @@", "\\ No newline", "_commit: v1"),
    ]
) | st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]), max_size=8)
SIDES = st.none() | st.lists(LINES, max_size=30)
PATHS = st.sampled_from(["a", "b/c", "x y.sql", "dev/null"])


def unified(path: str, before: list[str] | None, after: list[str] | None) -> list[str]:
    """As an upgrade writes it; None is a side that has no such file."""
    old = "/dev/null" if before is None else f"a/{path}"
    new = "/dev/null" if after is None else f"b/{path}"
    return list(difflib.unified_diff(before or [], after or [], old, new, lineterm=""))


def differ(path: str, before: list[str] | None, after: list[str] | None) -> FileDiff | None:
    """The diff of a file with these lines."""
    texts = [
        None if one is None else "".join(f"{line}\n" for line in one) for one in (before, after)
    ]
    return diff_file(path, *texts)


@given(files=st.dictionaries(PATHS, st.tuples(SIDES, SIDES)))
def test_a_diff_is_what_difflib_writes(
    files: dict[str, tuple[list[str] | None, list[str] | None]],
) -> None:
    """Law: for any content, the files and the lines are those of the change, and so is the text."""
    written = {path: unified(path, *sides) for path, sides in files.items()}
    expected = {
        path: [line for line in lines[2:] if line[0] in "+-"]
        for path, lines in written.items()
        if lines
    }
    diff = "\n".join(line for lines in written.values() for line in lines)

    found = [one for path, sides in files.items() if (one := differ(path, *sides)) is not None]

    assert expected == {file.path: list(file.changed) for file in found}
    assert diff == diff_text(found)


@given(before=st.lists(LINES, max_size=30), after=st.lists(LINES, max_size=30))
def test_nothing_but_the_version_is_left_out(before: list[str], after: list[str]) -> None:
    """Law: other files stay as they are, and of the answers file all but the version's line."""
    name = ".copier-answers.yml"
    old, new = [["_commit: " + version, *rest] for version, rest in (("1", before), ("2", after))]
    both = [found for path in (name, "x") if (found := differ(path, old, new)) is not None]

    left = without_version(tuple(both))

    assert both[1] == left[-1]
    changed = [line for line in both[0].changed if not line[1:].startswith("_commit:")]
    assert changed == [line for file in left[:-1] for line in file.changed]


def test_a_deleted_file_has_the_path_that_it_had() -> None:
    """Its head says /dev/null."""
    file = differ("gone.txt", ["one"], None)

    assert file is not None
    assert "gone.txt" == file.path


def test_what_git_writes_between_files_is_kept() -> None:
    """Renames, modes, binary files, missing line ends: they have no hunks, and are shown too."""
    text = (
        "diff --git a/a b/b\nsimilarity index 100%\nrename from a\nrename to b\n"
        "Binary files a/c and b/c differ\n"
        "--- a/d\n+++ b/d\n@@ -1 +1 @@\n--- x\n+++ x\n\\ No newline at end of file\n"
    )

    told = list(with_places(text))

    assert text.splitlines() == [line for _, line in told]
    assert ["--- x", "+++ x"] == [line for inside, line in told if inside]

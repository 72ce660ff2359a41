"""Diffs by their shape: the same change in two services is one kind of change."""

from collections.abc import Mapping

from hypothesis import given
from hypothesis import strategies as st

from scaffold.merge.decisions import Kind
from scaffold.upgrade.report import Line
from scaffold.upgrade.shapes import Shape, shape_of

DIFF = """\
--- a/.copier-answers.yml
+++ b/.copier-answers.yml
@@ -1,2 +1,2 @@
-_commit: v1.0.0
+_commit: v1.1.0
 service: shop
--- a/README.md
+++ b/README.md
@@ -3,2 +3,3 @@
 around
-shop is old
+shop is new
+and better
--- /dev/null
+++ b/shop.txt
@@ -0,0 +1 @@
+shop
"""
NAMES = {"shop": "<service>"}


def shape(diff: str, names: Mapping[str, str] = NAMES, decisions: tuple[Line, ...] = ()) -> Shape:
    """The shape of a diff alone, in most tests."""
    return shape_of(diff, decisions, names)


def test_files_and_lines_are_counted_without_the_recorded_version() -> None:
    """What each upgrade changes in the answers file is no part of a change."""
    found = shape(DIFF)

    assert ("README.md", "<service>.txt") == found.files
    assert (3, 1, 4) == (found.added, found.removed, found.size)


def test_nothing_but_the_version_has_no_shape() -> None:
    """A repo of which only the recorded version changes."""
    assert Shape("") == shape("".join(DIFF.splitlines(keepends=True)[:6]))


@given(name=st.from_regex(r"[a-z]{3,12}", fullmatch=True))
def test_what_a_service_is_called_does_not_matter(name: str) -> None:
    """Law: a shape is the same for every name that is no word of the text around it."""
    other = f"q{name}q"

    assert shape(DIFF) == shape(DIFF.replace("shop", other), {other: "<service>"})


def test_where_in_a_file_it_is_does_not_matter() -> None:
    """Line numbers and surroundings are the owner's."""
    moved = DIFF.replace("@@ -3,2 +3,3 @@\n around", "@@ -90,2 +90,3 @@\n an owner's line")

    assert shape(DIFF) == shape(moved)


def test_another_line_is_another_change() -> None:
    """And so is the same line in another file."""
    shapes = {
        shape(text).digest
        for text in (DIFF, DIFF.replace("better", "worse"), DIFF.replace("README", "OTHER"))
    }

    assert 3 == len(shapes)


def test_a_short_name_does_not_tear_a_long_one_apart() -> None:
    """The owner `a` in the service `a-shop`."""
    head = "--- a/x\n+++ b/x\n@@ -0,0 +1 @@\n"
    one = shape(head + "+shop of a", {"shop": "<service>", "a": "<owner>"})
    other = shape(head + "+a-shop of a", {"a-shop": "<service>", "a": "<owner>"})

    assert one.added == other.added == 1
    assert one.digest == other.digest


def test_names_are_looked_for_in_what_is_changed_only() -> None:
    """A service that is called like a part of a diff."""
    names = {"1": "<service>", "b": "<owner>"}

    found = shape("--- a/b.txt\n+++ b/b.txt\n@@ -1 +1 @@\n-b\n+1", names)

    assert (("<owner>.txt",), 1, 1) == (found.files, found.added, found.removed)


def test_what_a_diff_can_not_show_is_a_change() -> None:
    """An empty file, another mode, bytes that are no text: the plan's decisions have them."""
    version = "".join(DIFF.splitlines(keepends=True)[:6])
    kept = Line("c", Kind.KEPT_DELETED)

    found = shape(version, decisions=(Line("shop.sh", Kind.UPDATED), kept))

    assert (("<service>.sh",), 0, 0) == (found.files, found.added, found.removed)
    assert found.digest != shape(version, decisions=(Line("shop.sh", Kind.ADDED),)).digest
    assert Shape("") == shape(version, decisions=(kept,))

"""Diffs by their shape: the same change in two services is one kind of change."""

from hypothesis import given
from hypothesis import strategies as st

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


def test_files_and_lines_are_counted_without_the_recorded_version() -> None:
    """What each upgrade changes in the answers file is no part of a change."""
    shape = shape_of(DIFF, NAMES)

    assert ("README.md", "<service>.txt") == shape.files
    assert (3, 1, 4) == (shape.added, shape.removed, shape.size)


def test_nothing_but_the_version_has_no_shape() -> None:
    """A repo of which only the recorded version changes."""
    assert Shape("") == shape_of("".join(DIFF.splitlines(keepends=True)[:6]), NAMES)


@given(name=st.from_regex(r"[a-z]{3,12}", fullmatch=True))
def test_what_a_service_is_called_does_not_matter(name: str) -> None:
    """Law: a shape is the same for every name that is no word of the text around it."""
    other = f"q{name}q"

    assert shape_of(DIFF, NAMES) == shape_of(DIFF.replace("shop", other), {other: "<service>"})


def test_where_in_a_file_it_is_does_not_matter() -> None:
    """Line numbers and surroundings are the owner's."""
    moved = DIFF.replace("@@ -3,2 +3,3 @@\n around", "@@ -90,2 +90,3 @@\n an owner's line")

    assert shape_of(DIFF, NAMES) == shape_of(moved, NAMES)


def test_another_line_is_another_change() -> None:
    """And so is the same line in another file."""
    shapes = {
        shape_of(text, NAMES).digest
        for text in (DIFF, DIFF.replace("better", "worse"), DIFF.replace("README", "OTHER"))
    }

    assert 3 == len(shapes)


def test_a_short_name_does_not_tear_a_long_one_apart() -> None:
    """The owner `a` in the service `a-shop`."""
    one = shape_of("--- a/x\n+++ b/x\n+shop of a\n", {"shop": "<service>", "a": "<owner>"})
    other = shape_of("--- a/x\n+++ b/x\n+a-shop of a\n", {"a-shop": "<service>", "a": "<owner>"})

    assert one.added == other.added == 1
    assert one.digest == other.digest

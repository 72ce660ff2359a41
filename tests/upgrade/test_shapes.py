"""Diffs by their shape: the same change in two services is one kind of change."""

from collections.abc import Mapping

from hypothesis import given
from hypothesis import strategies as st

from scaffold.merge.decisions import Kind
from scaffold.upgrade.diffs import FileDiff, Hunk
from scaffold.upgrade.report import Line
from scaffold.upgrade.shapes import Shape, shape_of

VERSION = FileDiff(
    "a/.copier-answers.yml",
    "b/.copier-answers.yml",
    (Hunk(1, 1, ("-_commit: v1.0.0", "+_commit: v1.1.0", " service: shop")),),
)


def files_of(
    service: str = "shop",
    place: int = 3,
    around: str = "around",
    more: str = "and better",
    readme: str = "README.md",
) -> tuple[FileDiff, ...]:
    """What an upgrade of a service changes: the version, a README, and a file of its name."""
    lines = (f" {around}", f"-{service} is old", f"+{service} is new", f"+{more}")
    return (
        VERSION,
        FileDiff(f"a/{readme}", f"b/{readme}", (Hunk(place, place, lines),)),
        FileDiff("/dev/null", f"b/{service}.txt", (Hunk(0, 1, (f"+{service}",)),)),
    )  # fmt: skip


NAMES = {"shop": "<service>"}


def shape(
    diff: tuple[FileDiff, ...],
    names: Mapping[str, str] = NAMES,
    decisions: tuple[Line, ...] = (),
) -> Shape:
    """The shape of a diff alone, in most tests."""
    return shape_of(diff, decisions, names)


def test_files_and_lines_are_counted_without_the_recorded_version() -> None:
    """What each upgrade changes in the answers file is no part of a change."""
    found = shape(files_of())

    assert ("README.md", "<service>.txt") == found.files
    assert (3, 1, 4) == (found.added, found.removed, found.size)


def test_nothing_but_the_version_has_no_shape() -> None:
    """A repo of which only the recorded version changes."""
    assert Shape("") == shape((VERSION,))


@given(name=st.from_regex(r"[a-z]{3,12}", fullmatch=True))
def test_what_a_service_is_called_does_not_matter(name: str) -> None:
    """Law: a shape is the same for every name that is no word of the text around it."""
    other = f"q{name}q"

    assert shape(files_of()) == shape(files_of(other), {other: "<service>"})


def test_where_in_a_file_it_is_does_not_matter() -> None:
    """Line numbers and surroundings are the owner's."""
    moved = files_of(place=90, around="an owner's line")

    assert shape(files_of()) == shape(moved)


def test_another_line_is_another_change() -> None:
    """And so is the same line in another file."""
    shapes = {
        shape(files).digest
        for files in (files_of(), files_of(more="and worse"), files_of(readme="OTHER.md"))
    }

    assert 3 == len(shapes)


def test_a_short_name_does_not_tear_a_long_one_apart() -> None:
    """The owner `a` in the service `a-shop`."""

    def adding(line: str) -> tuple[FileDiff, ...]:
        return (FileDiff("a/x", "b/x", (Hunk(0, 1, (f"+{line}",)),)),)

    one = shape(adding("shop of a"), {"shop": "<service>", "a": "<owner>"})
    other = shape(adding("a-shop of a"), {"a-shop": "<service>", "a": "<owner>"})

    assert one.added == other.added == 1
    assert one.digest == other.digest


def test_names_are_looked_for_in_what_is_changed_only() -> None:
    """A service that is called like a part of a diff."""
    names = {"1": "<service>", "b": "<owner>"}

    found = shape((FileDiff("a/b.txt", "b/b.txt", (Hunk(1, 1, ("-b", "+1")),)),), names)

    assert (("<owner>.txt",), 1, 1) == (found.files, found.added, found.removed)


def test_what_a_diff_can_not_show_is_a_change() -> None:
    """An empty file, another mode, bytes that are no text: the plan's decisions have them."""
    version = (VERSION,)
    kept = Line("c", Kind.KEPT_DELETED)

    found = shape(version, decisions=(Line("shop.sh", Kind.UPDATED), kept))

    assert (("<service>.sh",), 0, 0) == (found.files, found.added, found.removed)
    assert found.digest != shape(version, decisions=(Line("shop.sh", Kind.ADDED),)).digest
    assert Shape("") == shape(version, decisions=(kept,))

"""Folders that one side renamed: what the other side has in them follows."""

from tests.upgrade.trees import ONE, OTHER, merge, submodule


def test_what_the_owner_added_follows_a_renamed_folder() -> None:
    """Nothing is left in the old folder."""
    base = {"old/a.txt": ONE, "old/b.txt": OTHER}
    outcome = merge(
        base, {"new/a.txt": ONE, "new/b.txt": OTHER}, {**base, "old/sub/mine.txt": "mine\n"}
    )

    assert {"new/a.txt": ONE, "new/b.txt": OTHER, "new/sub/mine.txt": "mine\n"} == outcome.texts
    assert "its folder moved; it was old/sub/mine.txt" == outcome.details["new/sub/mine.txt"]


def test_what_the_owner_added_stays_where_a_folder_is_only_emptied_in_part() -> None:
    """A folder in which the blueprint still has files was not renamed."""
    base = {"old/a.txt": ONE, "old/b.txt": OTHER}
    outcome = merge(
        base, {"new/a.txt": ONE, "old/b.txt": OTHER}, {**base, "old/mine.txt": "mine\n"}
    )

    assert {"new/a.txt", "old/b.txt", "old/mine.txt"} == set(outcome.tree)


def test_what_the_owner_added_stays_where_a_folder_is_split_in_halves() -> None:
    """Nobody can tell which of the two new folders it belongs to."""
    base = {"old/a.txt": ONE, "old/b.txt": OTHER}
    outcome = merge(base, {"x/a.txt": ONE, "y/b.txt": OTHER}, {**base, "old/mine.txt": "mine\n"})

    assert {"x/a.txt", "y/b.txt", "old/mine.txt"} == set(outcome.tree)


def test_what_the_owner_added_does_not_overwrite_in_a_renamed_folder() -> None:
    """The owner has a file of that name in the new folder, too."""
    outcome = merge(
        {"old/a.txt": ONE},
        {"new/a.txt": ONE},
        {"old/a.txt": ONE, "old/mine.txt": "mine\n", "new/mine.txt": "other\n"},
    )

    assert {"new/a.txt": ONE, "new/mine.txt": "other\n", "old/mine.txt": "mine\n"} == outcome.texts
    assert [("old/mine.txt", "path-taken")] == outcome.conflicts


def test_a_submodule_does_not_follow_a_renamed_folder() -> None:
    """`.gitmodules` names its path."""
    outcome = merge(
        {"old/a.txt": ONE}, {"new/a.txt": ONE}, {"old/a.txt": ONE, "old/lib": submodule()}
    )

    assert ({"new/a.txt", "old/lib"}, []) == (set(outcome.tree), outcome.conflicts)
    assert [("new/a.txt", "moved"), ("old/lib", "left-alone")] == outcome.decided


def test_what_the_blueprint_adds_follows_the_owners_renamed_folder() -> None:
    """It goes where its fellows are."""
    outcome = merge({"old/a.txt": ONE}, {"old/a.txt": ONE, "old/b.txt": OTHER}, {"mine/a.txt": ONE})

    assert ({"mine/a.txt": ONE, "mine/b.txt": OTHER}, [("mine/b.txt", "added")]) == (
        outcome.texts,
        outcome.decided,
    )


def test_what_the_blueprint_moves_follows_the_owners_renamed_folder() -> None:
    """It goes where its new fellows are."""
    outcome = merge(
        {"old/a.txt": ONE, "b.txt": OTHER},
        {"old/a.txt": ONE, "old/b.txt": OTHER},
        {"mine/a.txt": ONE, "b.txt": OTHER},
    )

    assert {"mine/a.txt": ONE, "mine/b.txt": OTHER} == outcome.texts


def test_what_the_owner_moved_into_a_folder_follows_its_new_name() -> None:
    """The blueprint renamed the folder that the owner moved another file into."""
    outcome = merge(
        {"old/a.txt": ONE, "b.txt": OTHER},
        {"new/a.txt": ONE, "b.txt": OTHER},
        {"old/a.txt": ONE, "old/b.txt": OTHER},
    )

    assert {"new/a.txt": ONE, "new/b.txt": OTHER} == outcome.texts


def test_two_new_files_that_a_renamed_folder_sends_to_one_place_are_a_conflict() -> None:
    """The owner made one folder of two."""
    outcome = merge(
        {"x/a.txt": ONE, "y/b.txt": OTHER},
        {"x/a.txt": ONE, "y/b.txt": OTHER, "x/new.txt": "x\n", "y/new.txt": "y\n"},
        {"z/a.txt": ONE, "z/b.txt": OTHER},
    )

    assert {"z/a.txt": ONE, "z/b.txt": OTHER, "z/new.txt": "x\n"} == outcome.texts
    assert [("z/new.txt", "path-taken")] == outcome.conflicts


def test_an_empty_file_goes_with_its_folder() -> None:
    """Its content tells nothing, so its folder does."""
    outcome = merge(
        {"old/__init__.py": "", "old/a.py": ONE},
        {"new/__init__.py": "", "new/a.py": ONE},
        {"old/__init__.py": "import mine\n", "old/a.py": ONE},
    )

    assert ({"new/__init__.py": "import mine\n", "new/a.py": ONE}, []) == (
        outcome.texts,
        outcome.conflicts,
    )

"""What a pin was and when an environment changed, as main's first parents tell."""

from datetime import UTC, datetime

import pygit2

from scaffold.chain.history import committed_at, last_change, pin_values, since_last_change
from scaffold.git.tree import make_commit
from tests.chain.world import DEV, World

PIN = "environments/dev/release/release.yml"


def values(world: World, place: str = "dev") -> list[str | None]:
    """What a pin was, oldest first."""
    return list(pin_values(world.chain().repo(world.where(place)[0]), world.edge(place)))


def released(world: World, *texts: str) -> list[str | None]:
    """Let a code commit for each text reach dev; what its pin was then, and before."""
    found = [world.pin("dev")]
    for text in texts:
        world.commit("code", {"app.py": text})
        world.settle()
        found.append(world.pin("dev"))
    return found


def test_each_value_once_in_a_row(world: World) -> None:
    """Commits that do not touch the pin, or only its comments, are no moves."""
    expected = released(world, "two\n", "three\n")
    world.commit("env", {"README.md": "new\n"})
    world.commit("env", {PIN: world.text("env", PIN) + "# mine\n"})

    assert expected == values(world)


def test_a_revert_shows_in_the_history(world: World) -> None:
    """The same value comes again."""
    one, two = released(world, "two\n")
    world.revert("dev")

    assert [one, two, one] == values(world)


def test_nothing_promoted_is_a_value(world: World) -> None:
    """So that the revert of a first release is a move back."""
    world.later(3)
    world.settle()

    assert [None, world.pin("dev")] == values(world, "staging")


def test_a_malformed_pin_says_nothing(world: World) -> None:
    """Once somebody has fixed it, everything goes on."""
    good = world.text("env", PIN)
    world.commit("env", {PIN: "<<<<<<< mine\n"})
    world.commit("env", {PIN: "\x00\n"})
    world.commit("env", {PIN: good})

    assert [world.pin("dev")] == values(world)


def test_a_pin_that_was_deleted_for_a_while_says_nothing(world: World) -> None:
    """There was no pin then to be moved."""
    good = world.text("env", PIN)
    world.commit("env", {PIN: None})
    world.commit("env", {PIN: good})

    assert [world.pin("dev")] == values(world)


def test_what_was_on_a_merged_branch_is_no_move_of_main(world: World) -> None:
    """A merge request in which a pin went back and forth does not move it."""
    one, two = released(world, "two\n")
    text, old = world.text("env", PIN), world.text("env", PIN, world.head("env") + "^")
    main = world.head("env")
    world.commit("env", {PIN: old}, branch="side", on=main)
    side = world.commit("env", {PIN: text}, branch="side")
    repo = world.repo("env")
    tree = str(repo[side].peel(pygit2.Tree).id)
    merge = make_commit(repo, tree, "Merge\n", DEV, [main, side])
    repo.references.create("refs/heads/main", pygit2.Oid(hex=merge), force=True)

    assert [one, two] == values(world)


def test_the_last_commit_that_changed_an_environment(world: World) -> None:
    """Anything below its folder counts; another environment does not."""
    changed = world.commit("env", {"environments/dev/kustomization.yaml": "resources: []\n"})
    other = world.commit("env", {"environments/prod/kustomization.yaml": "resources: []\n"})
    repo = world.chain().repo("env")

    assert changed == str(last_change(repo, "environments/dev").id)
    since = [str(one.id) for one in since_last_change(repo.first_parents(), "environments/dev")]
    assert [other, changed] == since


def test_what_never_changed_is_from_the_first_commit(world: World) -> None:
    """The root commit made it."""
    world.commit("env", {"README.md": "new\n"})

    first = str(world.commits("env")[-1].id)
    assert first == str(last_change(world.chain().repo("env"), "environments/dev").id)


def test_when_a_commit_was_made(world: World) -> None:
    """With a time zone, to compare with now."""
    made = committed_at(world.commits("env")[0])

    assert UTC == made.tzinfo
    assert abs((datetime.now(UTC) - made).total_seconds()) < 60

"""A rollback is a revert, and is respected: at that pin and at every later stage."""

import pytest

from scaffold.chain.decide import Why
from tests.chain.world import AUTOMATIC, World, event

PLACES = ("docker", "manifest", "dev")


def released(world: World, *texts: str) -> None:
    """Let code commits reach as far as they may."""
    for text in texts:
        world.commit("code", {"app.py": text})
        world.settle()


@pytest.fixture
def automatic(world: World) -> World:
    """Dev and staging, both automatic, so that whatever may move moves at once."""
    world.settings = {"environments": list(AUTOMATIC)}
    return world


@pytest.mark.parametrize("place", PLACES)
def test_a_revert_holds(automatic: World, place: str) -> None:
    """Over ten further passes; the bot says so and why."""
    released(automatic, "two\n", "three\n")
    before = automatic.pin(place)
    automatic.revert(place)
    old = automatic.pin(place)

    for _ in range(10):
        found = event(automatic.run(), place).verdict

    assert before != old == automatic.pin(place)
    assert Why.HELD == found.why
    assert found.detail.startswith(f"somebody took this back in {place}; the next change that")
    assert ("scaffold promote shop --to" in found.detail) == (place in ("dev", "staging"))


@pytest.mark.parametrize("place", PLACES)
def test_a_readme_commit_does_not_end_a_hold(automatic: World, place: str) -> None:
    """It brings no new artefact, in whichever repo it is."""
    released(automatic, "two\n")
    automatic.revert(place)
    automatic.settle()
    old = automatic.pin(place)

    above = {"docker": "code", "manifest": "docker", "dev": "manifest"}[place]
    automatic.commit(above, {"README.md": "new\n"})
    for _ in range(10):
        automatic.run()

    assert old == automatic.pin(place)


@pytest.mark.parametrize("place", PLACES)
def test_the_next_code_commit_ends_a_hold(automatic: World, place: str) -> None:
    """A new artefact appears, and walks all the way."""
    released(automatic, "two\n")
    automatic.revert(place)
    automatic.settle()

    code = automatic.commit("code", {"app.py": "three\n"})
    automatic.settle()

    assert code == automatic.pin("docker")
    assert automatic.head("docker") == automatic.pin("manifest")
    assert automatic.head("manifest") == automatic.pin("dev") == automatic.pin("staging")


@pytest.mark.parametrize("place", PLACES)
def test_later_stages_never_get_what_is_held(world: World, place: str) -> None:
    """Staging had not got it yet when somebody took it back, and its soak does not bring it."""
    released(world, "two\n")
    world.later(3)
    world.settle()
    good = world.chain().artefact("manifest", world.pin("staging") or "")
    world.later(-3)
    released(world, "bad\n")
    bad = world.chain().artefact("manifest", world.pin("dev") or "")
    world.revert(place)

    for _ in range(10):
        world.later(3)
        world.run()
        staging = world.chain().artefact("manifest", world.pin("staging") or "")
        assert bad != staging
    assert good == staging


@pytest.mark.parametrize("place", ["docker", "manifest"])
def test_a_revert_upstream_walks_down(automatic: World, place: str) -> None:
    """It is a commit like any other: what it amounts to reaches every environment."""
    released(automatic, "good\n")
    good = automatic.chain().artefact("manifest", automatic.pin("dev") or "")
    released(automatic, "bad\n")
    automatic.revert(place)
    automatic.settle()

    for environment in ("dev", "staging"):
        found = automatic.pin(environment) or ""
        assert good == automatic.chain().artefact("manifest", found)


def test_two_reverts_in_a_row_hold_both(automatic: World) -> None:
    """Neither comes back."""
    first = automatic.pin("dev")
    released(automatic, "two\n", "three\n")
    automatic.revert("dev")
    automatic.revert("dev", steps=3)

    for _ in range(3):
        automatic.run()

    assert first == automatic.pin("dev")


def test_a_revert_of_the_revert_ends_it(automatic: World) -> None:
    """By hand to what was held: the hold is over, and the later stage gets it too."""
    released(automatic, "two\n")
    newest = automatic.pin("dev")
    automatic.revert("dev")
    automatic.settle()
    automatic.revert("dev")
    automatic.settle()

    assert newest == automatic.pin("dev") == automatic.pin("staging")


def test_the_first_release_can_be_reverted(automatic: World) -> None:
    """Staging goes back to nothing, and stays there."""
    automatic.settle()
    automatic.revert("staging")
    automatic.settle()

    assert automatic.pin("staging") is None
    assert Why.HELD == automatic.why("staging")


def test_a_revert_of_what_changed_nothing_is_kept(automatic: World) -> None:
    """A person released a README commit and took it back: neither move is undone."""
    old = automatic.pin("dev")
    readme = automatic.commit("manifest", {"README.md": "new\n"})
    automatic.commit("env", automatic.release_of("dev", readme))
    automatic.settle()
    assert readme == automatic.pin("dev")
    automatic.revert("dev")
    automatic.settle()
    assert (old, Why.CURRENT) == (automatic.pin("dev"), automatic.why("dev"))

    automatic.commit("manifest", {"base/kustomization.yaml": "namePrefix: a-\n"})
    automatic.settle()
    assert automatic.head("manifest") == automatic.pin("dev") == automatic.pin("staging")


@pytest.mark.parametrize("place", PLACES)
def test_a_revert_of_a_readme_move_holds_back_nothing_else(automatic: World, place: str) -> None:
    """What comes later amounts to something else, and what is there goes on to later stages."""
    above = {"docker": "code", "manifest": "docker", "dev": "manifest"}[place]
    automatic.commit(above, {"README.md": "new\n"})
    automatic.settle()
    automatic.revert(place)
    automatic.settle()

    automatic.commit("manifest", {"base/kustomization.yaml": "namePrefix: a-\n"})
    automatic.settle()

    assert automatic.head("manifest") == automatic.pin("dev") == automatic.pin("staging")


def test_a_pin_set_back_by_hand_counts_as_a_revert(automatic: World) -> None:
    """Two releases back, in a commit of a person's own."""
    path = automatic.where("dev")[1]
    old = automatic.text("env", path)
    released(automatic, "two\n", "three\n")
    automatic.commit("env", {path: old}, "Back to what worked\n")

    for _ in range(3):
        automatic.run()

    assert old == automatic.text("env", path)


def test_a_revert_that_was_merged_counts(automatic: World) -> None:
    """A merge request has a human author and two parents."""
    import pygit2

    from scaffold.git.tree import make_commit
    from tests.chain.world import DEV

    path = automatic.where("dev")[1]
    old = automatic.text("env", path)
    released(automatic, "two\n")
    main = automatic.head("env")
    side = automatic.commit("env", {path: old}, branch="revert", on=main)
    repo = automatic.repo("env")
    tree = str(repo[side].peel(pygit2.Tree).id)
    merge = make_commit(repo, tree, "Merge branch 'revert'\n", DEV, [main, side])
    repo.references.create("refs/heads/main", pygit2.Oid(hex=merge), force=True)

    automatic.settle()

    assert old == automatic.text("env", path)
    assert Why.HELD == automatic.why("dev")


def test_a_revert_that_has_the_bots_trailers_counts(automatic: World) -> None:
    """Ancestry alone tells: a cherry-pick or an amended revert has copied trailers."""
    path = automatic.where("dev")[1]
    old = automatic.text("env", path)
    released(automatic, "two\n")
    automatic.commit("env", {path: old}, automatic.commits("env")[0].message)

    automatic.settle()

    assert Why.HELD == automatic.why("dev")


def test_a_revert_in_code_is_a_new_release(automatic: World) -> None:
    """Nothing is held: the pins go forward, to what amounts to the old."""
    before = automatic.chain().artefact("code", automatic.head("code"))
    released(automatic, "two\n", "one\n")

    docker = automatic.pin("docker") or ""
    assert automatic.head("code") == docker
    assert before == automatic.chain().artefact("code", docker)


def test_what_was_reverted_in_dev_may_be_put_right_upstream(automatic: World) -> None:
    """Dev went back, then so did docker: that is what dev has, so nothing is held any more."""
    released(automatic, "two\n")
    automatic.revert("dev")
    automatic.settle()
    old = automatic.pin("dev")
    automatic.revert("docker")
    automatic.settle()

    assert (old, Why.CURRENT) == (automatic.pin("dev"), automatic.why("dev"))


def test_the_environment_before_may_have_an_older_one(automatic: World) -> None:
    """Dev went back after staging had it: staging is not taken back by the bot."""
    released(automatic, "two\n")
    newest = automatic.pin("staging")
    automatic.revert("dev")

    found = event(automatic.settle(), "staging").verdict

    assert (Why.CURRENT, newest) == (found.why, automatic.pin("staging"))
    assert "it has a newer one than the stage before" == found.detail

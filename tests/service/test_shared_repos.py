"""Runs that make services of different names, of which one repo of each would have the same name.

In a file of its own: a stage stands in for what the process has once, so there is one at a time.
"""

import re
from collections.abc import Iterator
from itertools import count

import pygit2
import pytest

from scaffold.errors import NameTakenError
from scaffold.fleet.catalog import read_catalog
from scaffold.git.tree import open_repo, read_tree, trailers
from tests.builders import BLUEPRINT_YML, make_blueprint
from tests.service.stage import NEVER, Stage, on_stage
from tests.upgrade.fleet import FIRST, make_fleet


@pytest.fixture(scope="module")
def crossing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A forge for services of two blueprints: the code of the one has the name of the other."""
    fleet = make_fleet(tmp_path_factory.mktemp("crossing") / "acme")
    named = BLUEPRINT_YML.replace('"{{ service }}-code"', '"{{ service }}"')
    assert named != BLUEPRINT_YML
    bare = make_blueprint(fleet.root / "bare.git", {**FIRST, "blueprint.yml": named})
    small = f"{fleet.root}/small.git"
    sources = [{"name": "small", "url": small}, {"name": "bare", "url": bare}]
    fleet.change_platform(blueprints=sources)
    with on_stage(fleet) as stage:
        yield stage


def each_has_its_own(stage: Stage) -> None:
    """What is registered has all of its repos, each with a commit that was made for it."""
    platform = open_repo(stage.fleet.bare("platform"))
    for service in read_catalog(read_tree(platform, "refs/heads/main")).services.values():
        for one in service.repos.values():
            store = open_repo(stage.fleet.bare(one.name))
            head = store.references["refs/heads/main"].peel(pygit2.Commit)
            assert service.name == trailers(head.message)["Scaffold-Service"]


@pytest.mark.parametrize("fails_at", [NEVER, 13, 14])
def test_two_services_never_share_a_repo(crossing: Stage, fails_at: int) -> None:
    """Whenever the second one comes, also while the first one takes back what it made."""
    for steps in count(min(fails_at - 1, 3)):
        crossing.clear()
        first = crossing.run("Ada")
        second = crossing.other("payments-code", "bare")
        first.fails_at = fails_at
        first.go(steps)
        at_its_end = first.over
        second.go()
        first.go()

        each_has_its_own(crossing)
        assert not (first.done and second.done)
        if at_its_end:
            break


def test_a_repo_that_is_reserved_is_named(crossing: Stage) -> None:
    """With the service that is to have it, who makes that, and what to do; nothing is left."""
    crossing.clear()
    first = crossing.run("Ada").go(9)
    second = crossing.other("payments-code", "bare").go()
    error = second.error

    assert isinstance(error, NameTakenError)
    assert re.fullmatch(
        "`payments`, which Ada has been creating since [-0-9: ]+ UTC, is to have a repo"
        " `payments-code`, too; nothing was created",
        error.what,
    )
    assert (
        "Choose another name. If that run has ended, `scaffold new service payments` finishes it."
    ) == error.hint
    assert first.go().done
    assert {"main"} == set(open_repo(crossing.fleet.bare("platform")).branches)

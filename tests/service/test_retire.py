"""`scaffold retire`: step by step to nothing, and back from anywhere."""

import json
import shutil
from pathlib import Path

import pytest
import yaml

from scaffold.checks import kustomize
from scaffold.fleet.platform import open_platform
from scaffold.forge.api import StatusState
from tests.builders import git
from tests.service.run import refuse_pushes, scaffold
from tests.upgrade.fleet import Fleet

NEW = ("new", "service", "payments", "--defaults")
ENVIRONMENTS = ("dev", "staging", "prod")


@pytest.fixture
def fleet(with_payments: Path) -> Fleet:
    """A platform with one service."""
    return Fleet(with_payments)


def retire(fleet: Fleet, *options: str) -> str:
    """The first line of what the command says."""
    done = scaffold("retire", "payments", *options, cwd=fleet.root)
    assert 0 == done.returncode, done.stderr
    return done.stdout.splitlines()[0]


def merge(fleet: Fleet, number: int) -> None:
    """Merge a request of the env repo."""
    open_platform(fleet.platform).forge.merge("payments-env", number)


def entry(fleet: Fleet) -> str:
    """The state that the catalog has."""
    text = git("show", "main:services/payments.yml", cwd=fleet.bare("platform"))
    return str(yaml.safe_load(text)["state"])


def test_it_begins_with_a_merge_request(fleet: Fleet) -> None:
    """Each environment is emptied under a marker, in the order of promotion, a commit each."""
    assert "payments proposed: merge it to empty them" == retire(fleet)

    subjects = git(
        "log", "--format=%s", "--reverse", "main..scaffold/retire", cwd=fleet.bare("payments-env")
    )
    assert ["Retire dev", "Retire staging", "Retire prod"] == subjects.splitlines()
    pin = fleet.file(
        "payments-env", "environments/dev/release/kustomization.yaml", "scaffold/retire"
    )
    assert [] == yaml.safe_load(pin)["resources"]
    assert "delete-data" not in fleet.file(
        "payments-env", "environments/dev/retire.yml", "scaffold/retire"
    )
    assert "active" == entry(fleet)


def test_a_retired_environment_builds_to_nothing(fleet: Fleet) -> None:
    """Engines don't know the marker: what an environment has of its own has to go by the build."""
    folder = fleet.root / "checkout"
    git("clone", "-q", str(fleet.bare("payments-env")), str(folder), cwd=fleet.root)
    assert "kind: ConfigMap" in kustomize.build(folder / "environments/dev", repo=folder)

    retire(fleet)

    git("fetch", "-q", "origin", "scaffold/retire", cwd=folder)
    git("checkout", "-q", "FETCH_HEAD", cwd=folder)
    built = [kustomize.build(folder / f"environments/{one}", repo=folder) for one in ENVIRONMENTS]
    assert ["", "", ""] == built


def test_undo_keeps_what_was_changed_since(fleet: Fleet) -> None:
    """What an environment is built from is put back only where it is as `retire` left it."""
    path = "environments/dev/kustomization.yaml"
    untouched = path.replace("dev", "prod")
    before = fleet.file("payments-env", untouched, "main")
    retire(fleet)
    merge(fleet, 1)
    changed = "resources: [release]\nnamespace: elsewhere\n"
    fleet.edit("payments-env", {path: changed})

    retire(fleet, "--undo")
    merge(fleet, 2)

    assert changed == fleet.file("payments-env", path, "main")
    assert before == fleet.file("payments-env", untouched, "main")


def test_prod_can_be_first(fleet: Fleet) -> None:
    """By a flag."""
    retire(fleet, "--prod-first")

    subjects = git(
        "log", "--format=%s", "--reverse", "main..scaffold/retire", cwd=fleet.bare("payments-env")
    )
    assert ["Retire prod", "Retire staging", "Retire dev"] == subjects.splitlines()


def test_data_goes_only_when_it_is_said(fleet: Fleet) -> None:
    """The marker carries it through review."""
    retire(fleet, "--delete-data")

    marker = fleet.file("payments-env", "environments/prod/retire.yml", "scaffold/retire")
    assert {"delete-data": True} == yaml.safe_load(marker)


def test_asking_again_changes_nothing(fleet: Fleet) -> None:
    """The same merge request, the same commit."""
    retire(fleet)
    before = git("for-each-ref", cwd=fleet.bare("payments-env"))

    assert "payments proposed: merge it to empty them" == retire(fleet)
    assert before == git("for-each-ref", cwd=fleet.bare("payments-env"))


def test_once_merged_it_leaves_the_catalog(fleet: Fleet) -> None:
    """The repos are archived, the access is marked, and the bot leaves it alone."""
    retire(fleet)
    merge(fleet, 1)

    assert "payments retired" == retire(fleet)
    assert "retired" == entry(fleet)
    marker = git("show", "main:access/prod/payments/retire.yml", cwd=fleet.bare("platform"))
    assert marker.startswith("#")
    bot = scaffold("bot", "run", "--once", cwd=fleet.root)
    assert (0, "Nothing to move.\n") == (bot.returncode, bot.stdout)


def test_an_archived_repo_takes_no_push(fleet: Fleet) -> None:
    """And keeps all it has."""
    retire(fleet)
    merge(fleet, 1)
    retire(fleet)
    folder = fleet.root / "late"
    git("clone", "-q", str(fleet.bare("payments-code")), str(folder), cwd=fleet.root)
    git("commit", "-q", "--allow-empty", "-m", "Late", cwd=folder)

    with pytest.raises(AssertionError, match="This repo is archived"):
        git("push", "-q", "origin", "main", cwd=folder)


def test_it_waits_until_deploys_are_green(fleet: Fleet) -> None:
    """Where policy asks for statuses, nothing leaves the catalog while something may run."""
    fleet.change_platform(propagation={"require": "status"})
    retire(fleet)
    merge(fleet, 1)

    assert retire(fleet).startswith("payments deploying: the status `smoke/dev` of payments-env")

    green(fleet, *ENVIRONMENTS)
    assert "payments retired" == retire(fleet)


def green(fleet: Fleet, *environments: str, state: StatusState = StatusState.SUCCESS) -> None:
    """What the deploy jobs of the commits that emptied these environments say."""
    forge = open_platform(fleet.platform).forge
    for name in environments:
        path = f"environments/{name}/retire.yml"
        commit = git("log", "-1", "--first-parent", "-m", "-s", "--format=%H", "main", "--", path,
                     cwd=fleet.bare("payments-env"))  # fmt: skip
        forge.set_status("payments-env", commit, f"smoke/{name}", state)


def note(fleet: Fleet) -> str:
    """What the next step says of what it does not know."""
    done = scaffold("retire", "payments", "--output", "json", cwd=fleet.root)
    assert 0 == done.returncode, done.stderr
    return str(json.loads(done.stdout)["note"])


def test_what_nobody_knows_is_said(fleet: Fleet) -> None:
    """Without statuses, `retired` does not tell that anything is gone from a cluster."""
    retire(fleet)
    merge(fleet, 1)
    done = scaffold("retire", "payments", cwd=fleet.root).stdout

    assert done == (
        "payments retired\n"
        "scaffold can't see the clusters from here, and payments-env has no status `smoke/dev`,"
        " `smoke/staging`, `smoke/prod`: whether its objects are gone is told by its deploy jobs,"
        " or by `scaffold pipeline deploy` in a checkout of it.\n"
    )


def test_only_what_is_not_known_is_said(fleet: Fleet) -> None:
    """A status that is there tells, also where policy asks for none."""
    retire(fleet)
    merge(fleet, 1)
    green(fleet, "dev", "prod")

    assert "payments-env has no status `smoke/staging`: " in note(fleet)


def test_where_all_is_known_nothing_is_said(fleet: Fleet) -> None:
    """Each environment's deploy job was green."""
    retire(fleet)
    merge(fleet, 1)
    green(fleet, *ENVIRONMENTS)

    assert "" == note(fleet)


@pytest.mark.parametrize("state", [StatusState.FAILURE, StatusState.PENDING])
def test_a_deploy_that_is_not_green_is_waited_for(fleet: Fleet, state: StatusState) -> None:
    """Where policy asks for no status, too: it is known that something is left."""
    retire(fleet)
    merge(fleet, 1)
    green(fleet, "dev")
    green(fleet, "staging", state=state)

    said = retire(fleet)

    assert said.startswith("payments deploying: the status `smoke/staging` of payments-env ")
    assert said.endswith(f" is {state}")
    assert "active" == entry(fleet)


def test_a_note_comes_with_the_catalogs_merge_request(fleet: Fleet) -> None:
    """It is read before that is merged."""
    retire(fleet)
    merge(fleet, 1)
    refuse_pushes(fleet.root, "platform")

    lines = scaffold("retire", "payments", cwd=fleet.root).stdout.splitlines()

    assert "payments pending: merge it to take it out" == lines[0]
    assert "scaffold can't see the clusters from here" in lines[1]
    place = "scaffold merge-request show platform 1, then scaffold merge-request merge platform 1"
    assert [f"Next: {place}, then scaffold retire payments"] == lines[2:]


def next_step(fleet: Fleet, *options: str) -> str:
    """The last line of what the command says."""
    done = scaffold("retire", "payments", *options, cwd=fleet.root)
    return done.stdout.splitlines()[-1].rpartition(", then ")[2]


def test_the_command_that_comes_next_has_the_same_options(fleet: Fleet) -> None:
    """Without them the next step would keep what this one was to delete."""
    options = ("--delete-data", "--prod-first")

    assert "scaffold retire payments --delete-data --prod-first" == next_step(fleet, *options)


def test_what_comes_next_in_bringing_back_brings_back(fleet: Fleet) -> None:
    """And does not retire it a second time."""
    retire(fleet)
    merge(fleet, 1)
    retire(fleet)
    assert "retired" == entry(fleet)
    refuse_pushes(fleet.root, "platform")

    assert "scaffold retire payments --undo" == next_step(fleet, "--undo")


def delete(fleet: Fleet, *repos: str) -> None:
    """Somebody deletes repos of the forge."""
    for repo in repos:
        shutil.rmtree(fleet.bare(repo))


def test_it_goes_on_past_repos_that_are_gone(fleet: Fleet) -> None:
    """The others are archived, the catalog follows, and it says which are gone."""
    retire(fleet)
    merge(fleet, 1)
    delete(fleet, "payments-code", "payments-manifest")

    first = scaffold("retire", "payments", cwd=fleet.root)
    again = scaffold("retire", "payments", cwd=fleet.root)

    gone = (
        "Not archived, since gone from the forge or not to be seen by you:"
        " payments-code, payments-manifest."
    )
    assert ("payments retired", "retired") == (first.stdout.splitlines()[0], entry(fleet))
    assert [0, True] == [first.returncode, gone in first.stdout], first.stderr
    assert [0, True] == [again.returncode, gone in again.stdout], again.stderr
    forge = open_platform(fleet.platform).forge
    left = [forge.find(f"payments-{one}") for one in ("docker", "env")]
    assert [True, True] == [one.archived for one in left if one]


def test_without_its_env_repo_it_leaves_the_catalog(fleet: Fleet) -> None:
    """Nothing can empty its environments any more, and that is said."""
    delete(fleet, "payments-env")

    done = scaffold("retire", "payments", cwd=fleet.root)

    assert (0, "retired") == (done.returncode, entry(fleet)), done.stderr
    assert "payments-env is gone from the forge, so nothing empties the environments" in done.stdout


def test_without_its_env_repo_it_can_not_come_back(fleet: Fleet) -> None:
    """Which is said before anything is changed; without another repo it can."""
    retire(fleet)
    merge(fleet, 1)
    retire(fleet)
    delete(fleet, "payments-docker")
    assert "payments undone: merge it to deploy it again" == retire(fleet, "--undo")

    delete(fleet, "payments-env")
    before = fleet.state("payments-code", "platform")
    refused = scaffold("retire", "payments", "--undo", cwd=fleet.root)

    assert (1, before) == (refused.returncode, fleet.state("payments-code", "platform"))
    assert "payments-env.git: there is no repo here" in refused.stderr


def test_undo_takes_back_what_the_catalog_waits_for(fleet: Fleet) -> None:
    """Or whoever merges it later would retire a service that is back."""
    retire(fleet)
    merge(fleet, 1)
    refuse_pushes(fleet.root, "platform")
    assert "payments pending: merge it to take it out" == retire(fleet)

    assert "payments undone: merge it to deploy it again" == retire(fleet, "--undo")

    assert [(1, "closed")] == [one[:2] for one in fleet.requests("platform")]
    assert "active" == entry(fleet)


def test_there_may_be_nothing_to_undo(fleet: Fleet) -> None:
    """Said as that, and nothing is changed."""
    before = fleet.state("payments-env", "platform")

    assert "payments active: there is nothing to undo" == retire(fleet, "--undo")
    assert before == fleet.state("payments-env", "platform")


def test_undoing_twice_is_fine(fleet: Fleet) -> None:
    """The second one has nothing to undo, once what the first one proposed is merged."""
    retire(fleet)
    merge(fleet, 1)
    retire(fleet, "--undo")

    assert "payments undone: merge it to deploy it again" == retire(fleet, "--undo")
    merge(fleet, 2)
    assert "payments active: there is nothing to undo" == retire(fleet, "--undo")


def test_a_retired_environment_gets_nothing_more(fleet: Fleet) -> None:
    """A commit to code after the merge does not bring it back."""
    retire(fleet)
    merge(fleet, 1)
    fleet.edit("payments-code", {"src/payments_service/more.py": "MORE = 1\n"})

    done = scaffold("bot", "run", "--once", cwd=fleet.root)

    assert "retired        payments dev" in done.stdout


def test_undo_before_the_merge_closes_the_request(fleet: Fleet) -> None:
    """Nothing has happened yet."""
    retire(fleet)

    assert "payments undone" == retire(fleet, "--undo")
    assert [(1, "closed")] == [one[:2] for one in fleet.requests("payments-env")]


def test_undo_after_all_brings_it_back(fleet: Fleet) -> None:
    """Catalog, access and repos at once; what ran comes back by a merge request."""
    folder = "main:environments"
    before = git("rev-parse", folder, cwd=fleet.bare("payments-env"))
    retire(fleet)
    merge(fleet, 1)
    retire(fleet)

    assert "payments undone: merge it to deploy it again" == retire(fleet, "--undo")

    merge(fleet, 2)
    after = git("rev-parse", folder, cwd=fleet.bare("payments-env"))
    assert ("active", before) == (entry(fleet), after)
    files = git("ls-tree", "-r", "--name-only", "main", cwd=fleet.bare("platform"))
    assert "access/dev/payments/retire.yml" not in files.splitlines()
    fleet.edit("payments-code", {"more.txt": "more\n"})


def test_an_unknown_service_is_wrong_use(workspace: Path) -> None:
    """It says what is meant."""
    done = scaffold("retire", "paymnts", cwd=workspace)

    assert (2, True) == (done.returncode, "there is no service `paymnts`" in done.stderr)

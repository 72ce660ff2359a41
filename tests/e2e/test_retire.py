"""`retire`, then `deploy` and `access` on a real API server: gone is the service, and it alone."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pytest
import yaml
from typer.testing import CliRunner

from scaffold.cli.main import app
from scaffold.fleet.platform import open_platform
from scaffold.forge.api import StatusState
from tests.builders import Files, git, need_programs
from tests.pipeline.kube import Kube
from tests.pipeline.results import listed
from tests.pipeline.trees import claim
from tests.pipeline.watch import after_each_call
from tests.service.run import scaffold
from tests.upgrade.fleet import Fleet

# One platform for all tests of this file: they belong to one worker.
pytestmark = pytest.mark.xdist_group("e2e_retire")
STATUSES = {"code": "test", "docker": "image", "manifest": "validate"}
# What the API server itself changes now and then.
ITS_OWN = ("default", "kube-system", "kube-public", "kube-node-lease")
# Kind, namespace and name of each object -> its id and version.
Objects = dict[tuple[str, str, str], tuple[str, str]]


@dataclass(frozen=True)
class World:
    """A platform whose team `shared` has one namespace an environment for all its services."""

    fleet: Fleet
    kube: Kube
    mark: str

    @property
    def environments(self) -> tuple[str, str]:
        """Names that no other test has on this API server."""
        return f"dev-{self.mark}", f"prod-{self.mark}"

    def new(self, service: str, owner: str, *, with_claim: bool = False) -> None:
        """Make a service, perhaps with a claim for a volume, and let it go everywhere.

        Its cluster needs none of the monitoring kinds.
        """
        self.run("new", "service", service, "--defaults",
                 "--data", f"owner={owner}-{self.mark}", "--data", "monitoring=false")  # fmt: skip
        if with_claim:
            self.give_claim(service)
        self.fleet.edit(f"{service}-code", {"news.txt": "one\n"})
        self.move(service)

    def move(self, service: str) -> None:
        """Let the bot work, and CI say that all is well, until every environment is current."""
        for _ in range(5):
            for part, name in STATUSES.items():
                self.green(service, part, name)
            for environment in self.environments:
                self.green(service, "env", f"smoke/{environment}")
            if "moved" not in self.run("bot", "run", "--once"):
                break
        pin = git("rev-parse", "main", cwd=self.fleet.bare(f"{service}-manifest"))
        for environment in self.environments:
            path = f"environments/{environment}/release/release.yml"
            assert pin in self.fleet.file(f"{service}-env", path, "main")

    def green(self, service: str, part: str, name: str) -> None:
        """What CI says about the head of main."""
        repo = f"{service}-{part}"
        head = git("rev-parse", "main", cwd=self.fleet.bare(repo))
        forge = open_platform(self.fleet.platform).forge
        forge.set_status(repo, head, name, StatusState.SUCCESS)

    def run(self, *arguments: str) -> str:
        """Run `scaffold`, which must not fail; what it says."""
        done = scaffold(*arguments, cwd=self.fleet.root)
        assert 0 == done.returncode, done.stdout + done.stderr
        return done.stdout

    def give_claim(self, service: str) -> None:
        """Let its manifests have a claim for a volume."""
        base = "base/kustomization.yaml"
        text = yaml.safe_load(self.fleet.file(f"{service}-manifest", base, "main"))
        text["resources"].append("claim.yaml")
        files: Files = {
            base: yaml.safe_dump(text, sort_keys=False),
            "base/claim.yaml": yaml.safe_dump(claim(f"{service}-data")),
        }
        self.fleet.edit(f"{service}-manifest", files)

    def bring_up(self, *services: str) -> None:
        """Let both pipelines run."""
        self.grant()
        for service in services:
            self.deploy(service)

    def retire_all_through(self, service: str, *options: str) -> None:
        """Retire, merge, deploy, retire again, and let the platform's pipeline run."""
        self.run("retire", service, *options)
        self.merge(service, 1)
        self.deploy(service)
        assert f"{service} retired" in self.run("retire", service, *options)
        self.grant()
        assert "retired" == self.state(service)

    def grant(self) -> None:
        """What the platform's pipeline does."""
        git("pull", "-q", "--ff-only", cwd=self.fleet.platform)
        for environment in self.environments:
            _step("access", environment, self.fleet.platform)

    def deploy(self, service: str) -> None:
        """What the env repo's pipeline does, and the status that it leaves."""
        folder = self.fleet.root / "deploys" / service
        if not folder.exists():
            url = f"file://{self.fleet.bare(f'{service}-env')}"
            git("clone", "-q", url, str(folder), cwd=self.fleet.root)
        git("pull", "-q", "--ff-only", cwd=folder)
        for environment in self.environments:
            _step("deploy", environment, folder)
            self.green(service, "env", f"smoke/{environment}")

    def merge(self, service: str, number: int) -> None:
        """A person agrees."""
        self.run("merge-request", "merge", f"{service}-env", str(number))

    def state(self, service: str) -> str:
        """What the catalog says of it."""
        text = git("show", f"main:services/{service}.yml", cwd=self.fleet.bare("platform"))
        return str(yaml.safe_load(text)["state"])

    def archived(self, service: str) -> list[bool]:
        """Of each of its repos, whether it refuses a push."""
        found = []
        for part in ("code", "docker", "manifest", "env"):
            try:
                self.fleet.edit(f"{service}-{part}", {"late.txt": f"{uuid4()}\n"})
            except AssertionError as error:
                found.append("This repo is archived" in str(error))
            else:
                found.append(False)
        return found

    def objects(self) -> Objects:
        """Everything on the cluster, of every kind, and all namespaces.

        But for events: the server tells of what happened whenever it likes.
        """
        kinds = self.kube.kubectl(
            "api-resources", "--verbs=list", "--namespaced", "--output=name"
        ).split()
        lists = (
            self.kube.kubectl("get", ",".join(kinds), "--all-namespaces", "--output=json"),
            self.kube.kubectl("get", "namespaces", "--output=json"),
        )
        found: Objects = {}
        for item in (one for text in lists for one in json.loads(text)["items"]):
            about = item["metadata"]
            if item["kind"] == "Event":
                continue
            if about.get("namespace", about["name"]) not in ITS_OWN:
                key = (item["kind"], about.get("namespace", ""), about["name"])
                found[key] = (about["uid"], about["resourceVersion"])
        return found


def _step(name: str, environment: str, path: Path) -> None:
    done = CliRunner().invoke(
        app, ["pipeline", name, "--environment", environment, "--path", str(path)]
    )
    assert 0 == done.exit_code, f"{done.output}{done.exception}"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, kube_server: Kube) -> Iterator[World]:
    """A neighbour in the namespaces of the team `shared`, and one of the team `other`, deployed."""

    def finalize(command: Sequence[str]) -> None:
        """End namespaces that are deleted, as the controller does that is not here."""
        path = str(command[3]) if "delete" in command else ""
        _, found, name = path.partition("/api/v1/namespaces/")
        if found and "/" not in name:
            kube_server.finalize(name)

    root = tmp_path_factory.mktemp("retire") / "acme"
    with pytest.MonkeyPatch.context() as patch:
        need_programs(patch, "kustomize")
        patch.setenv("KUBECONFIG", str(kube_server.kubeconfig))
        for who in ("AUTHOR", "COMMITTER"):
            patch.setenv(f"GIT_{who}_NAME", "Dev")
            patch.setenv(f"GIT_{who}_EMAIL", "dev@example.com")
        after_each_call(patch, finalize)
        made = scaffold("init", "acme", "--defaults", cwd=root.parent)
        assert 0 == made.returncode, made.stderr
        yield _with_neighbours(World(Fleet(root), kube_server, uuid4().hex[:6]))


def _with_neighbours(world: World) -> World:
    dev, prod = world.environments
    world.fleet.change_platform(
        namespace="{owner}-{environment}",
        environments=[
            {"name": dev, "promotion": "automatic"},
            {"name": prod, "after": dev, "promotion": "automatic"},
        ],
        teams=[{"name": f"{name}-{world.mark}"} for name in ("shared", "other", "single")],
        propagation={"require": "status"},
    )
    world.new("accounts", "shared")
    world.new("ledger", "other")
    world.bring_up("accounts", "ledger")
    return world


def test_nothing_is_left_of_it_and_undo_brings_it_back(world: World) -> None:
    """A neighbour in its namespaces and one elsewhere keep every id and version, all the while."""
    before = world.objects()
    world.new("payments", "shared")
    world.bring_up("payments")
    there = world.objects()
    kinds = {kind for kind, _, _ in there.keys() - before.keys()}
    assert {"ConfigMap", "Deployment", "ResourceQuota", "Role", "Service"} <= kinds

    assert "payments proposed" in world.run("retire", "payments")
    assert there == world.objects()
    world.merge("payments", 1)
    assert "payments deploying: the status `smoke/dev-" in world.run("retire", "payments")
    assert "active" == world.state("payments")
    world.deploy("payments")
    assert "payments retired" in world.run("retire", "payments")
    world.grant()

    assert before == world.objects()
    assert ("retired", [True] * 4) == (world.state("payments"), world.archived("payments"))
    assert "Nothing to move." in world.run("bot", "run", "--once")

    assert "payments undone: merge it" in world.run("retire", "payments", "--undo")
    world.merge("payments", 2)
    world.bring_up("payments")

    back = world.objects()
    assert ("active", there.keys()) == (world.state("payments"), back.keys())
    assert before == {key: back[key] for key in before}
    world.fleet.edit("payments-code", {"later.txt": "more\n"})
    world.move("payments")


def test_data_stays_where_nobody_says_that_it_goes(world: World) -> None:
    """A claim outlives its service, listed in its inventory; of all else nothing is left."""
    before = world.objects()
    world.new("files", "shared", with_claim=True)
    world.bring_up("files")

    world.retire_all_through("files")

    left = world.objects()
    spaces = [f"shared-{world.mark}-{environment}" for environment in world.environments]
    assert {
        (kind, space, name)
        for space in spaces
        for kind, name in (("PersistentVolumeClaim", "files-data"),
                           ("ConfigMap", "scaffold-inventory-files"))
    } == left.keys() - before.keys()  # fmt: skip
    assert before == {key: left[key] for key in before}
    for space in spaces:
        assert {"PersistentVolumeClaim files-data"} == listed(
            world.kube, space, "scaffold-inventory-files"
        )


def test_data_and_namespace_go_when_it_is_said(world: World) -> None:
    """Of a service alone in its namespaces nothing is left, those neither."""
    before = world.objects()
    world.new("archive", "single", with_claim=True)
    world.bring_up("archive")
    assert {"Namespace", "PersistentVolumeClaim"} <= {
        kind for kind, _, _ in world.objects().keys() - before.keys()
    }

    world.retire_all_through("archive", "--delete-data")

    assert before == world.objects()


def test_data_goes_from_a_shared_namespace_when_it_is_said(world: World) -> None:
    """The namespace stays, with all that is the neighbour's."""
    before = world.objects()
    world.new("stock", "shared", with_claim=True)
    world.bring_up("stock")

    world.retire_all_through("stock", "--delete-data")

    assert before == world.objects()

"""From a commit to the cluster and back to nothing: Gitea, the bot, the env repo, Flux.

No fake but the nodes, on which kwok says of each pod that it is ready. No CI runs here, and no
notification-controller, which is not to be had as a Go module: the platform waits for no status.
"""

import json
from dataclasses import dataclass
from pathlib import Path

import pygit2
import pytest
import yaml

from scaffold.forge.api import StatusState
from scaffold.git import branches, clones
from scaffold.git.store import open_mirror
from scaffold.git.tree import make_commit
from tests.builders import need_programs
from tests.e2e.acme import DEV, Acme, new_platform
from tests.engine.flux import Flux
from tests.engine.objects import more_than_edit, secrets, starts
from tests.gitea import Gitea
from tests.pipeline.trees import Item, claim

pytestmark = pytest.mark.xdist_group("flux")
ENVIRONMENTS = ("dev", "staging", "prod")
FLUX = "kustomize.toolkit.fluxcd.io"
OF_EACH_NAMESPACE = {("ConfigMap", "kube-root-ca.crt"), ("ServiceAccount", "default")}
# What Flux is told to keep, what `deploy` knows its objects by, and what Kubernetes itself counts.
NOTES = {f"{FLUX}/prune", "scaffold/inventory", "deployment.kubernetes.io/revision"}


@dataclass(frozen=True)
class World:
    """The service `payments` on Gitea, and the cluster that Flux brings it to."""

    acme: Acme
    flux: Flux
    service: str

    @property
    def env_repo(self) -> str:
        """The repo that says what runs where."""
        return f"{self.service}-env"

    def commit(self, text: str) -> str:
        """What a developer does: a commit to the code. The bot and Flux bring it along."""
        code = self.acme.commit(f"{self.service}-code", "main", {"src/news.py": text})
        self.move()
        return code

    def give_claim(self) -> None:
        """Let its manifests have a claim for a volume, which holds data."""
        repo, base = f"{self.service}-manifest", "base/kustomization.yaml"
        text = yaml.safe_load(self.acme.files(repo)[base].data)
        text["resources"].append("claim.yaml")
        files = {
            base: yaml.safe_dump(text, sort_keys=False),
            "base/claim.yaml": yaml.safe_dump(claim(f"{self.service}-data")),
        }
        self.acme.commit(repo, "main", files)

    def move(self) -> None:
        """Let the bot work until nothing moves any more, and Flux bring what it did."""
        for _ in range(6):
            events = self.acme.must("bot", "run", "--once")["events"]
            if not any(one["commit"] for one in events):
                break
        else:
            pytest.fail("the bot does not come to rest")
        self.bring()

    def bring(self) -> None:
        """Have Flux fetch the env repo, and wait until every environment is as it says."""
        head = self.acme.head(self.env_repo)
        for environment in ENVIRONMENTS:
            self.flux.reconcile(f"{self.service}.{environment}", commit=head)

    def bring_platform(self) -> None:
        """Have Flux fetch the platform repo, and wait until it does what it is told there."""
        head = self.acme.head("platform")
        for environment in ENVIRONMENTS:
            self.flux.reconcile(f"scaffold-{environment}", commit=head)

    def promote(self) -> None:
        """What an owner does for prod: they merge the merge request that the bot has opened."""
        self.merge()
        self.bring()

    def merge(self) -> None:
        """Merge the open merge request of the env repo."""
        (request,) = [
            one
            for one in self.acme.forge.merge_requests(self.env_repo)
            if one.state.value == "open"
        ]
        self.acme.forge.merge(self.env_repo, request.number)

    def revert(self) -> None:
        """What `git revert` of the last commit on main leaves there, and Flux bring it."""
        url = self.acme.forge.url(self.env_repo)
        folder, store = open_mirror(url)
        head = self.acme.head(self.env_repo)
        tree = str(store[head].peel(pygit2.Commit).parents[0].tree_id)
        commit = make_commit(store, tree, f"Revert {head}\n", DEV, [head])
        branches.push(folder, url, commit, "main", expect=head)
        self.bring()

    def code_in(self, environment: str) -> str | None:
        """The code commit of which all pods of an environment are, as the image's tag says."""
        found = self.flux.kube.get("deployment", self.service, f"{self.service}-{environment}")
        if found is None:
            return None
        status = found["status"]
        assert status["replicas"] == status["updatedReplicas"] == status["readyReplicas"] > 0
        image: str = found["spec"]["template"]["spec"]["containers"][0]["image"]
        return image.rpartition(":")[2].partition("-")[0]

    def has(self) -> dict[str, str | None]:
        """What runs where."""
        return {environment: self.code_in(environment) for environment in ENVIRONMENTS}

    def objects(self, environment: str) -> dict[tuple[str, str], Item]:
        """What is in a namespace for the sake of the env repo, by kind and name."""
        space = f"--namespace={self.service}-{environment}"
        kube = self.flux.kube
        kinds = kube.kubectl("api-resources", "--verbs=list", "--namespaced", "--output=name")
        names = ",".join(one for one in kinds.split() if not one.startswith("events"))
        found = json.loads(kube.kubectl("get", names, space, "--output=json"))["items"]
        return {
            (one["kind"], one["metadata"]["name"]): without_bookkeeping(one)
            for one in found
            if is_of_env_repo(one)
        }

    def is_asked_after_flux(self, monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
        """Run the job `smoke/dev` while Flux's status is missing, red and green.

        The test sets the status in place of the notification-controller. On a green one the job
        finds what Flux deployed rolled out, and asks it; nodes that run no image answer nothing.
        """
        clones.clone(self.acme.forge.url(self.env_repo), folder)
        for name, value in {
            "GITHUB_ACTIONS": "true",
            "GITEA_ACTIONS": "true",
            "GITHUB_SERVER_URL": self.acme.gitea.url,
            "GITHUB_REPOSITORY": f"{self.acme.group}/{self.env_repo}",
            "REQUESTS_CA_BUNDLE": str(self.acme.gitea.ca_file),
            "GIT_SSL_CAINFO": str(self.acme.gitea.ca_file),
        }.items():
            monkeypatch.setenv(name, value)
        job = ("pipeline", "smoke", "--environment", "dev", "--after", "flux", "--wait", "1")
        told = []
        for state in (None, StatusState.FAILURE, StatusState.SUCCESS):
            if state:
                head = self.acme.head(self.env_repo)
                self.acme.forge.set_status(self.env_repo, head, "deploy/dev", state)
            done = self.acme.scaffold(*job, "--timeout", "5", "--path", str(folder))
            told.append(done.stderr.partition(": ")[2].partition(": ")[0].partition("\n")[0])
        assert [
            "Flux did not say within 1 s that it deployed it",
            "Flux could not deploy it",
            "",
        ] == told
        at = f"{self.service}-dev/{self.service}:80/readyz"
        assert 1 == done.returncode
        assert f"failed      {self.service} is ready: {at} (" in done.stdout

    def checkout(self, folder: Path) -> Path:
        """The env repo, as its pipeline has it."""
        for path, entry in self.acme.files(self.env_repo).items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(entry.data)
        return folder


def is_of_env_repo(found: Item) -> bool:
    """Whether no controller made an object, nor the access of the platform repo."""
    about = found["metadata"]
    return not (
        "ownerReferences" in about
        or found["kind"] == "Endpoints"
        or (found["kind"], about["name"]) in OF_EACH_NAMESPACE
        or about.get("labels", {}).get(f"{FLUX}/name", "").endswith(".access")
        or about["name"].startswith("scaffold-inventory-")
    )


def without_bookkeeping(found: Item) -> Item:
    """An object without its status, its identity, and what Flux, scaffold and controllers note."""
    about = found["metadata"]
    labels = {key: one for key, one in about.get("labels", {}).items() if FLUX not in key}
    annotations = {
        key: one for key, one in about.get("annotations", {}).items() if key not in NOTES
    }
    spec = {
        key: one
        for key, one in found.get("spec", {}).items()
        if key not in {"clusterIP", "clusterIPs"}
    }
    rest = {key: one for key, one in found.items() if key not in {"metadata", "status", "spec"}}
    return {**rest, "spec": spec, "labels": labels, "annotations": annotations}


@pytest.fixture
def acme(gitea: Gitea, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Acme:
    """A platform on the server."""
    need_programs(monkeypatch, "kustomize")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return new_platform(gitea, tmp_path, engine="flux")


def new_service(acme: Acme, flux: Flux, service: str) -> World:
    """A service, and what Flux is told of it."""
    acme.must("new", "service", service, "--defaults")
    flux.apply([*secrets(acme), more_than_edit(), *starts(acme, ENVIRONMENTS)])
    world = World(acme, flux, service)
    world.bring_platform()
    return world


def test_from_commit_to_retired(acme: Acme, flux_server: Flux) -> None:
    """Dev and staging by themselves, prod by a merge request; a revert goes back; then the end."""
    world = new_service(acme, flux_server, "payments")
    world.give_claim()
    first = world.commit("NEWS = 1\n")[:12]
    assert {"dev": first, "staging": first, "prod": None} == world.has()

    world.promote()
    assert {"dev": first, "staging": first, "prod": first} == world.has()

    second = world.commit("NEWS = 2\n")[:12]
    world.promote()
    assert {"dev": second, "staging": second, "prod": second} == world.has()

    world.revert()
    world.move()
    assert {"dev": second, "staging": second, "prod": first} == world.has()

    acme.must("retire", "payments")
    world.merge()
    world.bring()
    assert "retired" == acme.must("retire", "payments")["stage"]
    world.bring_platform()
    for environment in ENVIRONMENTS:
        for name in (f"payments.{environment}", f"payments.{environment}.access"):
            flux_server.wait_until_gone("kustomization", name)
        assert {("PersistentVolumeClaim", "payments-data")} == world.objects(environment).keys()


def test_flux_and_deploy_leave_the_same(
    acme: Acme, flux_server: Flux, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of the same commit, object by object; what each notes for itself is left out."""
    monkeypatch.setenv("KUBECONFIG", str(flux_server.kube.kubeconfig))
    world = new_service(acme, flux_server, "orders")
    world.move()
    by_flux = world.objects("dev")
    assert {"Deployment", "Service", "ConfigMap"} <= {kind for kind, _ in by_flux}
    world.is_asked_after_flux(monkeypatch, tmp_path / "job")

    flux_server.delete("kustomization", "orders.dev")
    assert {} == world.objects("dev")
    checkout = world.checkout(tmp_path / "checkout")
    acme.must("pipeline", "deploy", "--environment", "dev", "--path", str(checkout))

    assert by_flux == world.objects("dev")

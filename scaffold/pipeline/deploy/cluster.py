"""What the steps need of a cluster, each as one small operation on top of kubectl."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from scaffold.config.api_server import ApiServer
from scaffold.errors import RaceError
from scaffold.pipeline.deploy.inventory import (
    ENVIRONMENT,
    MANAGED_BY,
    Inventory,
    Place,
    read_inventory,
    write_inventory,
)
from scaffold.pipeline.deploy.kubectl import Kubectl, failure, items_of, parse, reasons
from scaffold.pipeline.deploy.objects import Json, Key, as_yaml, key_of, uid_of
from scaffold.process import Finished

FIELD_MANAGER = "scaffold"
APPLY_TIMEOUT = 300
_RACES = frozenset({"AlreadyExists", "Conflict", "NotFound"})


@dataclass(frozen=True)
class ApiKind:
    """One kind as this cluster serves it: its path in the API, and where its objects live."""

    version: str
    kind: str
    plural: str
    namespaced: bool

    def path(self, key: Key) -> str:
        """The API path of one object of this kind."""
        root = f"/apis/{self.version}" if "/" in self.version else f"/api/{self.version}"
        folder = f"/namespaces/{key.namespace}" if self.namespaced else ""
        return f"{root}{folder}/{self.plural}/{key.name}"


class Cluster:
    """One cluster, by one kubeconfig context."""

    def __init__(self, context: str = "", server: ApiServer | None = None) -> None:
        self._kubectl = Kubectl(context, server)
        self._kinds: dict[str, list[ApiKind]] = {}
        self._versions: dict[str, list[str]] = {}

    def kind(self, api_version: str, kind: str) -> ApiKind | None:
        """A kind in exactly this version; None where the cluster does not serve it."""
        if api_version not in self._kinds:
            root = f"/apis/{api_version}" if "/" in api_version else f"/api/{api_version}"
            found = self._kubectl.json("get", "--raw", root) or {"resources": []}
            self._kinds[api_version] = [
                ApiKind(api_version, item["kind"], item["name"], item["namespaced"])
                for item in found["resources"]
                if "/" not in item["name"]  # a subresource, such as `pods/log`
            ]
        return next((one for one in self._kinds[api_version] if one.kind == kind), None)

    def served(self, key: Key) -> ApiKind | None:
        """The kind of an object in the version that the cluster prefers; None: not served."""
        if not key.group:
            return self.kind("v1", key.kind)
        if key.group not in self._versions:
            group = self._kubectl.json("get", "--raw", f"/apis/{key.group}")
            served = [item["groupVersion"] for item in group["versions"]] if group else []
            first = group["preferredVersion"]["groupVersion"] if group else ""
            self._versions[key.group] = sorted(served, key=lambda version: version != first)
        found = (self.kind(version, key.kind) for version in self._versions[key.group])
        return next((one for one in found if one is not None), None)

    def live(
        self, keys: Iterable[Key], versions: Mapping[Key, str] | None = None
    ) -> dict[Key, Json]:
        """Those of these objects that are there; `versions` says how to look at some of them."""
        wanted = []
        for key in keys:
            version = (versions or {}).get(key, "")
            if not version and (served := self.served(key)):
                version = served.version
            if version:  # of a kind that the cluster no longer serves, no object is left
                metadata = {"name": key.name, "namespace": key.namespace}
                wanted.append({"apiVersion": version, "kind": key.kind, "metadata": metadata})
        if not wanted:
            return {}
        found = self._kubectl.json(
            "get", "--filename=-", "--ignore-not-found", "--output=json", stdin=as_yaml(wanted)
        )
        return {key_of(item): item for item in items_of(found)}

    def secrets(self, keys: Iterable[Key]) -> dict[Key, Json] | None:
        """Those of these Secrets that are there; None where the account may not read them."""
        wanted = [
            {
                "apiVersion": "v1",
                "kind": key.kind,
                "metadata": {"name": key.name, "namespace": key.namespace},
            }
            for key in keys
        ]
        if not wanted:
            return {}
        options = ("--filename=-", "--ignore-not-found", "--output=json")
        done = self._kubectl.run("get", *options, stdin=as_yaml(wanted))
        if reasons(done) == {"Forbidden"}:
            return None
        if done.status:
            raise failure(done, "the Secrets that pods need could not be looked for")
        return {key_of(item): item for item in items_of(parse(done))}

    def apply(self, items: Sequence[Json], *, dry_run: bool = False) -> dict[Key, Json]:
        """Apply on the server's side and return the objects as they are then.

        Conflicts are forced: git says what is on a cluster, so a field that the tree names gets
        the tree's value whoever set it; one that the tree does not name (the replicas that an
        autoscaler sets) stays its manager's.
        """
        if not items:
            return {}
        done = self._kubectl.run(
            "apply",
            "--server-side",
            "--force-conflicts",
            f"--field-manager={FIELD_MANAGER}",
            f"--dry-run={'server' if dry_run else 'none'}",
            "--filename=-",
            "--output=json",
            stdin=as_yaml(items),
            timeout=APPLY_TIMEOUT,
        )
        if done.status:
            raise failure(done, "the cluster refused a part of the tree; nothing was deleted")
        return {key_of(item): item for item in items_of(parse(done))}

    def delete(self, key: Key, uid: str, *, version: str = "") -> bool:
        """Ask for the deletion of this very object; False where it is another one by now.

        With `version`, also where it changed since then.

        The uid is a precondition that the server checks, so that an object of the same name which
        somebody else made in the meantime stays. Dependents (a Deployment's pods) go in the
        background: the cluster's garbage collector sees to them.
        """
        kind = self.served(key)
        if kind is None:
            return True
        options = {
            "apiVersion": "v1",
            "kind": "DeleteOptions",
            "preconditions": {"uid": uid} | ({"resourceVersion": version} if version else {}),
            "propagationPolicy": "Background",
        }
        done = self._kubectl.run(
            "delete", "--raw", kind.path(key), "--filename=-", stdin=json.dumps(options).encode()
        )
        if done.status == 0 or reasons(done) == {"NotFound"}:
            return True
        if reasons(done) == {"Conflict"}:  # also the answer for a namespace that is going already
            return not version and self._is_going(key, uid)
        raise failure(done, f"{key} could not be deleted")

    def _is_going(self, key: Key, uid: str) -> bool:
        item = self.live([key]).get(key)
        return item is None or (uid_of(item) == uid and "deletionTimestamp" in item["metadata"])

    def read(self, place: Place) -> Inventory:
        """The inventory that lies there."""
        return read_inventory(place, self.live([place.key]).get(place.key))

    def write(self, place: Place, inventory: Inventory) -> Inventory:
        """Write an inventory over the version that it was read from, and return it as it is then.

        Raises RaceError where somebody else wrote it since.
        """
        verb = "replace" if inventory.version else "create"
        stdin = as_yaml([write_inventory(place, inventory)])
        done = self._kubectl.run(verb, "--filename=-", "--output=json", stdin=stdin)
        if done.status == 0 and (written := parse(done)):
            return read_inventory(place, written)
        if _is_race(done):
            raise RaceError("the inventory changed meanwhile", where=f"ConfigMap {place.owner}")
        raise failure(done, f"the inventory {place.owner} could not be written")

    def inventories(self, namespace: str, environment: str) -> list[Json]:
        """The ConfigMaps of all inventories of one environment in a namespace."""
        labels = f"{MANAGED_BY}=scaffold,{ENVIRONMENT}={environment}"
        found = self._kubectl.json(
            "get", "configmaps", f"--namespace={namespace}", f"--selector={labels}", "-o", "json"
        )
        return items_of(found)

    def ensure_namespace(self, name: str) -> None:
        """Make a namespace unless it is there."""
        # `kubectl create namespace` takes no name that stands after `--`.
        namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}
        done = self._kubectl.run("create", "--filename=-", stdin=as_yaml([namespace]))
        if done.status and "AlreadyExists" not in reasons(done):
            raise failure(done, f"the namespace {name} could not be made")

    def contents(self, namespace: str) -> list[Json]:
        """All objects in a namespace, of every kind that can be listed.

        Raises DeployError where one kind can't be: then nobody can tell what the namespace holds.
        """
        kinds = self._kubectl.run("api-resources", "--verbs=list", "--namespaced", "--output=name")
        if kinds.status:
            raise failure(kinds, "not every kind of the cluster answers")
        found = self._kubectl.json(
            "get",
            f"--namespace={namespace}",
            "--ignore-not-found",
            "--output=json",
            "--",
            ",".join(sorted(kinds.text.split())),
        )
        return items_of(found)

    def rollout(self, key: Key, *, timeout: float) -> None:
        """Wait until every pod of a workload is the new one and ready."""
        done = self._kubectl.run(
            "rollout",
            "status",
            f"--namespace={key.namespace}",
            f"--timeout={timeout:.0f}s",
            "--",
            f"{key.kind.lower()}.{key.group}/{key.name}",
            timeout=timeout + 30,
        )
        if done.status:
            raise failure(
                done,
                f"{key} did not roll out within {timeout:.0f} s",
                hint=f"See why: kubectl describe {key.kind.lower()} {key.name} "
                f"--namespace {key.namespace}; to go back, revert the last release's commit.",
            )

    def services(self, namespaces: Iterable[str]) -> AbstractContextManager[Path]:
        """A Unix socket that leads to the Services of namespaces, by the API server's proxy."""
        names = "|".join(sorted(set(map(re.escape, namespaces))))
        return self._kubectl.proxy(f"^/api/v1/namespaces/({names})/services/[^/]+/proxy(/|$)")


def _is_race(done: Finished) -> bool:
    found = reasons(done)
    return bool(found & _RACES) and b"namespaces " not in done.stderr

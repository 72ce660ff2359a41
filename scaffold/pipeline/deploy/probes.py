"""Which path of a Service tells that it is ready: that of the pods behind it; pure."""

from collections.abc import Iterable
from dataclasses import dataclass

from scaffold.pipeline.deploy.objects import Json, Key, key_of


@dataclass(frozen=True)
class Probe:
    """One path of one Service."""

    service: Key
    scheme: str
    port: int
    path: str

    @property
    def proxy_path(self) -> str:
        """Where the API server passes a GET on to the Service."""
        scheme = "https:" if self.scheme == "HTTPS" else ""
        return (
            f"/api/v1/namespaces/{self.service.namespace}"
            f"/services/{scheme}{self.service.name}:{self.port}/proxy/{self.path.removeprefix('/')}"
        )

    @property
    def shown(self) -> str:
        """What is asked, for people."""
        return f"{self.service.namespace}/{self.service.name}:{self.port}{self.path}"


def probe_of(service: Json, workloads: Iterable[Json]) -> Probe | None:
    """The readiness path of the workload that a Service selects, by the Service's port to it.

    None where the Service selects none of them, or its pods have no readiness probe over HTTP
    that a port of the Service leads to.
    """
    selector = service["spec"].get("selector") or {}
    for workload in workloads:
        template = workload["spec"]["template"]
        labels = template["metadata"].get("labels") or {}
        if selector and selector.items() <= labels.items():
            for container in template["spec"]["containers"]:
                if found := _of_container(service, container):
                    return found
    return None


def _of_container(service: Json, container: Json) -> Probe | None:
    get = (container.get("readinessProbe") or {}).get("httpGet")
    if not get:
        return None
    named = {port["name"]: port["containerPort"] for port in _ports(container) if "name" in port}
    wanted = named.get(get["port"], get["port"])
    for port in service["spec"].get("ports", []):
        target = port.get("targetPort", port["port"])
        if named.get(target, target) == wanted:
            scheme, path = get.get("scheme", "HTTP"), get.get("path", "/")
            return Probe(key_of(service), scheme, port["port"], path)
    return None


def _ports(container: Json) -> list[Json]:
    return list(container.get("ports") or [])

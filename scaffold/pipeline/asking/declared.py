"""What an environment is asked: what its env repo declares, else each Service's readiness path."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from scaffold.config.documents import parse_document, place_of, read_file
from scaffold.config.places import smoke_paths
from scaffold.config.smokefile import HttpCheck, SmokeFile
from scaffold.errors import ConfigError
from scaffold.pipeline.asking.expected import Expected
from scaffold.pipeline.asking.rounds import Check
from scaffold.pipeline.deploy.objects import Json, Key
from scaffold.pipeline.deploy.probes import Probe, probe_of


@dataclass(frozen=True)
class Declared:
    """A `smoke.yml` as it was read; `source` is its path in the repo."""

    file: SmokeFile
    source: str
    data: bytes


def read_declared(path: Path, environment: str) -> Declared | None:
    """What the env repo in `path` declares for an environment; None for nothing.

    Raises ConfigError.
    """
    for place in smoke_paths(environment):
        if (path / place).exists():
            data = read_file(path / place)
            return Declared(parse_document(SmokeFile, data, source=place), place, data)
    return None


def readiness(services: Mapping[Key, Json], workloads: Iterable[Json]) -> dict[Key, Probe | None]:
    """The readiness path of each Service; None where none leads over HTTP."""
    pods = list(workloads)
    return {key: probe_of(item, pods) for key, item in services.items()}


def readiness_checks(probes: Mapping[Key, Probe | None], retries: int | None) -> list[Check]:
    """What is asked where nothing is declared."""
    found = [probe for probe in probes.values() if probe]
    return [Check(f"{one.service.name} is ready", one, retries=retries) for one in found]


def declared_checks(
    declared: Declared, services: Mapping[Key, Json], ready: Mapping[Key, Probe | None]
) -> list[Check]:
    """The checks, each with the Service that it is for.

    Raises ConfigError, with the line, where the release has no such Service.
    """
    return [
        _check(declared, number, one, services, ready)
        for number, one in enumerate(declared.file.checks)
    ]


def _check(
    declared: Declared,
    number: int,
    one: HttpCheck,
    services: Mapping[Key, Json],
    ready: Mapping[Key, Probe | None],
) -> Check:
    fitting = [key for key in services if one.service in (None, key.name)]
    if len(fitting) != 1:
        raise _which_service(declared, number, one, services)
    (key,) = fitting
    known = ready[key]
    ports = [int(port["port"]) for port in services[key]["spec"].get("ports") or ()]
    port = one.port or (known.port if known else next(iter(ports), 0))
    if port not in ports:
        raise ConfigError(
            f"{key} has no port {port or 'at all'}",
            where=place_of(declared.data, ("checks", number, "port"), source=declared.source),
            hint=f"Its ports are: {', '.join(map(str, ports)) or 'none'}.",
        )
    scheme = known.scheme if known and known.port == port else "HTTP"
    return Check(
        one.name,
        Probe(key, scheme, port, one.path),
        Expected(one.status, one.text, one.fields),
        one.headers,
        one.retries,
    )


def _which_service(
    declared: Declared, number: int, one: HttpCheck, services: Iterable[Key]
) -> ConfigError:
    names = ", ".join(sorted(key.name for key in services))
    where = place_of(declared.data, ("checks", number, "service"), source=declared.source)
    if not names:
        hint = "Add a Service to what is released, or remove the file."
        return ConfigError("the release has no Service that could be asked", where=where, hint=hint)
    if one.service is None:
        what = f"the check `{one.name}` must say which Service it asks"
    else:
        what = f"the release has no Service `{one.service}`, or more than one"
    hint = f"The release has these: {names}. Write one as `service:` of the check."
    return ConfigError(what, where=where, hint=hint)

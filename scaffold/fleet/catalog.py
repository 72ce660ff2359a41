"""The catalog: the services of a platform, each in a file of its own; a bad file stops no other."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from scaffold.config.documents import parse_document
from scaffold.config.service import Service, catalog_path
from scaffold.errors import ConfigError, UsageError
from scaffold.git.tree import Entry
from scaffold.similar import did_you_mean


@dataclass(frozen=True)
class Catalog:
    """All entries by name, in that order; `invalid` has those that can't be read, and why."""

    services: Mapping[str, Service]
    invalid: Mapping[str, ConfigError]

    def need(self, name: str) -> Service:
        """The entry of a service.

        Raises UsageError where there is none, ConfigError where it is not valid.
        """
        if name in self.invalid:
            raise self.invalid[name]
        if name not in self.services:
            raise unknown_service(name, (*self.services, *self.invalid))
        return self.services[name]


def catalog_names(tree: Iterable[str]) -> list[str]:
    """The names of all entries among the paths of the platform repo, sorted."""
    named = ((path, PurePosixPath(path).stem) for path in tree)
    return sorted(name for path, name in named if path == catalog_path(name))


def read_catalog(tree: Mapping[str, Entry]) -> Catalog:
    """The catalog of the platform repo's tree."""
    services: dict[str, Service] = {}
    invalid: dict[str, ConfigError] = {}
    for name in catalog_names(tree):
        try:
            services[name] = read_entry(tree[catalog_path(name)], name)
        except ConfigError as error:
            invalid[name] = error
    return Catalog(services, invalid)


def read_entry(entry: Entry, name: str) -> Service:
    """A service out of its file. Raises ConfigError, also where it is another one's by its name."""
    path = catalog_path(name)
    service = parse_document(Service, entry.data, source=path)
    if service.name != name:
        raise ConfigError(
            f"its name is `{service.name}`, the file's is `{name}`",
            where=path,
            hint="Rename the file, or fix the name: a service is found by its file.",
        )
    return service


def unknown_service(name: str, known: Iterable[str]) -> UsageError:
    """What to say about a service that is not there: the one that may be meant."""
    hint = did_you_mean(name, known, "`scaffold status` lists all there are.")
    return UsageError(f"there is no service `{name}`", hint=hint)

"""What the settings of all servers have in common, and their rules."""

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, ClassVar
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field

from scaffold.config.documents import Document
from scaffold.config.values import Label

_THIS_MACHINE = frozenset({"localhost", "127.0.0.1", "::1"})
_SEGMENT = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_-])?")


class Visibility(StrEnum):
    """Who sees a new repo: its group, everybody with an account, or everybody."""

    PRIVATE = "private"
    INTERNAL = "internal"
    PUBLIC = "public"


class Remotes(StrEnum):
    """How git reaches the repos, and so which URLs are recorded."""

    HTTPS = "https"
    SSH = "ssh"


def _instance(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme == "http" and parts.hostname not in _THIS_MACHINE:
        raise ValueError("must begin with https://, or the token could be read on its way")
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("must be a URL, as in https://git.example.com")
    if parts.port == 0:  # asking for it raises ValueError for one that is out of range
        raise ValueError("has no port that there is")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise ValueError("must be the bare address: no user, token, query or fragment")
    return url.rstrip("/")


def _absolute(path: str) -> str:
    if path and not path.startswith("/"):
        raise ValueError("must be an absolute path")
    return path


def check_group(path: str) -> str:
    """A group's path. Raises ValueError for what is none."""
    if not all(_SEGMENT.fullmatch(part) for part in path.split("/")):
        raise ValueError("must be a group's path, as in `acme` or `acme/shop`")
    return path


def _one_group(name: str) -> str:
    if "/" in name:
        raise ValueError("this kind of forge has no groups within groups")
    return check_group(name)


def _one_line(name: str) -> str:
    if not name.strip() or not name.isprintable():
        raise ValueError("must be the name of a status, on one line")
    return name


InstanceUrl = Annotated[str, AfterValidator(_instance)]
StatusName = Annotated[str, AfterValidator(_one_line)]
OneGroup = Annotated[str, AfterValidator(_one_group)]


class ServerForge(Document):
    """What the kinds of server have in common; `url`, `group` and `kind` are each one's own."""

    visibilities: ClassVar[tuple[Visibility, ...]] = tuple(Visibility)
    """Those that the server knows."""

    url: InstanceUrl
    group: str
    visibility: Visibility = Field(Visibility.PRIVATE, description="Who sees new repos.")
    remotes: Remotes = Field(Remotes.HTTPS, description="How git reaches the repos.")
    ssh_port: int = Field(
        22, ge=1, le=65535, strict=True, description="With `remotes: ssh`: the port."
    )
    ca_file: Annotated[str, AfterValidator(_absolute)] = Field(
        "", description="Certificates of a CA of your own, in PEM; empty: the system's."
    )
    bot: str = Field("", description="The bot's user name, which may push to protected mains.")
    webhook: str = Field("", description="The bot's address for webhooks; empty: none are made.")
    kind: str

    @property
    def required(self) -> Mapping[str, tuple[str, ...]]:
        """The statuses without which nothing is merged, for each repo of a service that has any.

        A repo is named as in its blueprint. Empty where the kind of forge has no such setting.
        """
        return {}

    @property
    def host(self) -> str:
        """The host's name, with the port where the URL has one."""
        return urlsplit(self.url).netloc

    def repo_url(self, repo: str) -> str:
        """The URL that git uses for a repo of the group."""
        if self.remotes is Remotes.SSH:
            name = urlsplit(self.url).hostname
            port = "" if self.ssh_port == 22 else f":{self.ssh_port}"
            return f"ssh://git@{name}{port}/{self.group}/{repo}.git"
        return f"{self.url}/{self.group}/{repo}.git"


class ForgeWithRequiredStatuses(ServerForge):
    """A server that takes the names of the statuses which a merge needs."""

    required_statuses: dict[Label, tuple[StatusName, ...]] = Field(
        default_factory=dict,
        description="By repo of a service, as its blueprint names it: the statuses without which"
        " nothing is merged into its main.",
    )

    @property
    def required(self) -> Mapping[str, tuple[str, ...]]:
        """See ServerForge."""
        return self.required_statuses

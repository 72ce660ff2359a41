"""The `forge:` of platform.yml: where repos and merge requests live."""

import re
from enum import StrEnum
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, field_validator

from scaffold.config.documents import Document

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


def _group(path: str) -> str:
    if not all(_SEGMENT.fullmatch(part) for part in path.split("/")):
        raise ValueError("must be a group's path, as in `acme` or `acme/shop`")
    return path


def _one_group(name: str) -> str:
    if "/" in name:
        raise ValueError("this kind of forge has no groups within groups")
    return _group(name)


InstanceUrl = Annotated[str, AfterValidator(_instance)]
OneGroup = Annotated[str, AfterValidator(_one_group)]


class LocalForge(Document):
    """Bare repos in a folder of this machine: no server, no account."""

    kind: Literal["local"] = Field(description="Which kind of forge.")
    path: str = Field(description="The folder, as an absolute path.")

    @field_validator("path")
    @classmethod
    def _recorded(cls, path: str) -> str:
        if not path.startswith("/"):
            raise ValueError("must be an absolute path, since repos record it")
        return path


class ServerForge(Document):
    """What the kinds of server have in common; `url` and `group` are each kind's own."""

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


class GitlabForge(ServerForge):
    """A group of a GitLab instance."""

    kind: Literal["gitlab"] = Field(description="Which kind of forge.")
    url: InstanceUrl = Field("https://gitlab.com", description="The instance.")
    group: Annotated[str, AfterValidator(_group)] = Field(
        description="The group's path; groups within groups as in `acme/shop`."
    )


class GithubForge(ServerForge):
    """An organisation on GitHub or on a GitHub Enterprise Server."""

    kind: Literal["github"] = Field(description="Which kind of forge.")
    url: InstanceUrl = Field("https://github.com", description="The instance.")
    group: OneGroup = Field(description="The organisation.")


class GiteaForge(ServerForge):
    """An organisation of a Gitea or Forgejo instance."""

    kind: Literal["gitea"] = Field(description="Which kind of forge.")
    url: InstanceUrl = Field(description="The instance.")
    group: OneGroup = Field(description="The organisation.")

    @field_validator("visibility")
    @classmethod
    def _known(cls, visibility: Visibility) -> Visibility:
        if visibility is Visibility.INTERNAL:
            raise ValueError(
                "Gitea has no internal repos; what is `public` in a limited organisation is that"
            )
        return visibility


ForgeSettings = Annotated[
    LocalForge | GitlabForge | GithubForge | GiteaForge, Field(discriminator="kind")
]

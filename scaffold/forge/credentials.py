"""Where the token for a server comes from, and how git gets it.

From the environment, the forge's own command line program, or git's credential helper; never from
a file of ours, and written to none.
"""

import os
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from scaffold.config.forge import GithubForge, GitlabForge, Remotes, ServerForge
from scaffold.config.yaml_reader import read_as_text
from scaffold.errors import ConfigError, ForgeError
from scaffold.git import transport
from scaffold.git.access import Access, use_access

_OURS = "SCAFFOLD_TOKEN"
_TOKEN = re.compile(r"[\x21-\x7e]+")
_VARIABLES = {
    "gitlab": ("GITLAB_TOKEN",),
    "github": ("GH_TOKEN", "GITHUB_TOKEN"),
    "gitea": ("GITEA_TOKEN",),
}


@dataclass(frozen=True)
class Credentials:
    """Who we are on a server. The token is in no `repr`, so that no traceback shows it."""

    token: str = field(repr=False)
    source: str
    username: str = ""


def find_credentials(settings: ServerForge) -> Credentials:
    """The token for an instance. Raises ForgeError where there is none."""
    kind = _kind(settings)
    for name in (_OURS, *_VARIABLES[kind]):
        if token := os.environ.get(name, "").strip():
            return _checked(Credentials(token, name), settings)
    found = _from_program(kind, settings.host) or _from_git(settings.url)
    if found is not None:
        return _checked(found, settings)
    raise ForgeError(
        "there is no token for it",
        where=settings.url,
        hint=f"Set {_OURS} or {_VARIABLES[kind][0]}, or log in with {_program(kind)}"
        " or git's credential helper.",
    )


def _checked(found: Credentials, settings: ServerForge) -> Credentials:
    """The same. Raises ForgeError for a token that no header can hold."""
    if not _TOKEN.fullmatch(found.token):
        raise ForgeError(
            f"what {found.source} has is no token: it has spaces or other characters in it",
            where=settings.url,
            hint="Copy it again, without line ends and quotes.",
        )
    return found


def give_to_git(settings: ServerForge, credentials: Credentials) -> None:
    """Let git reach the instance's repos over HTTPS with the same token and CA."""
    if settings.remotes is Remotes.HTTPS:
        use_access(
            Access(
                settings.url,
                # GitLab and GitHub take any name with a token, Gitea the token as either.
                credentials.username or "oauth2",
                credentials.token,
                settings.ca_file,
            )
        )


def _kind(settings: ServerForge) -> str:
    if isinstance(settings, GitlabForge):
        return "gitlab"
    return "github" if isinstance(settings, GithubForge) else "gitea"


def _program(kind: str) -> str:
    return {"gitlab": "`glab auth login`", "github": "`gh auth login`"}.get(kind, "`tea login add`")


def _from_program(kind: str, host: str) -> Credentials | None:
    """The token that the forge's own program has in its configuration file."""
    file, tokens = {
        "gitlab": (_config("glab-cli", "config.yml", "GLAB_CONFIG_DIR"), _glab_tokens),
        "github": (_config("gh", "hosts.yml", "GH_CONFIG_DIR"), _gh_tokens),
        "gitea": (_config("tea", "config.yml", ""), _tea_tokens),
    }[kind]
    try:
        # glab writes `token: !!null glpat-...`.
        told = read_as_text(file.read_bytes(), source=str(file))
    except (OSError, ConfigError):
        return None
    if not isinstance(told, dict):
        return None
    found = (token for there, token in tokens(told) if there == host and isinstance(token, str))
    token = next(filter(None, found), None)
    return Credentials(token, str(file)) if token else None


def _config(folder: str, file: str, variable: str) -> Path:
    if variable and (given := os.environ.get(variable)):
        return Path(given) / file
    base = os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config"
    return Path(base) / folder / file


def _glab_tokens(told: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for host, one in _mapping(told.get("hosts")).items():
        yield str(host), _mapping(one).get("token")


def _gh_tokens(told: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for host, one in told.items():
        yield str(host), _mapping(one).get("oauth_token")


def _tea_tokens(told: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    logins = told.get("logins")
    for one in logins if isinstance(logins, list) else []:
        login = _mapping(one)
        with suppress(ValueError):  # brackets that hold no address
            yield urlsplit(str(login.get("url", ""))).netloc, login.get("token")


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


@lru_cache(maxsize=8)
def _from_git(url: str) -> Credentials | None:
    """What git's credential helper has; asked once, since it may ask a person or a keyring."""
    parts = urlsplit(url)
    asked = f"protocol={parts.scheme}\nhost={parts.netloc}\n\n".encode()
    done = transport.ask_helpers(asked)
    told = dict(line.split("=", 1) for line in done.text.splitlines() if "=" in line)
    if done.status != 0 or not told.get("password"):
        return None
    return Credentials(told["password"], "git's credential helper", told.get("username", ""))

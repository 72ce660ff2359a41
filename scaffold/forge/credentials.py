"""Where the token for a server comes from, and how git gets it.

From the environment, the forge's own command line program, or git's credential helper; never from
a file of ours, and written to none.
"""

import os
import re
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from urllib.parse import urlsplit

from scaffold.config.forge import kind_of
from scaffold.config.forges.kind import Login, mapping
from scaffold.config.forges.server import Remotes, ServerForge
from scaffold.config.yaml_reader import read_as_text
from scaffold.errors import ConfigError, ForgeError
from scaffold.git import transport
from scaffold.git.access import Access, use_access

OUR_TOKEN = "SCAFFOLD_TOKEN"  # noqa: S105 - a name
"""The variable that has the token whatever the forge."""
_TOKEN = re.compile(r"[\x21-\x7e]+")


@dataclass(frozen=True)
class Credentials:
    """Who we are on a server. The token is in no `repr`, so that no traceback shows it."""

    token: str = field(repr=False)
    source: str
    username: str = ""


def find_credentials(settings: ServerForge) -> Credentials:
    """The token for an instance. Raises ForgeError where there is none."""
    login = kind_of(settings.kind).login
    for name in (OUR_TOKEN, *login.variables):
        if token := os.environ.get(name, "").strip():
            return _checked(Credentials(token, name), settings)
    credentials = _from_program(login, settings.host) or _from_git(settings.url)
    if credentials is not None:
        return _checked(credentials, settings)
    program = f"`{login.command}` or " if login.command else ""
    raise ForgeError(
        "there is no token for it",
        where=settings.url,
        hint=f"Set {' or '.join((OUR_TOKEN, *login.variables[:1]))}, or log in with {program}"
        "git's credential helper.",
    )


def log_in(settings: ServerForge) -> Credentials:
    """The token for an instance, with which git reaches its repos, too. Raises ForgeError."""
    credentials = find_credentials(settings)
    give_to_git(settings, credentials)
    return credentials


def _checked(credentials: Credentials, settings: ServerForge) -> Credentials:
    """The same. Raises ForgeError for a token that no header can hold."""
    if not _TOKEN.fullmatch(credentials.token):
        raise ForgeError(
            f"what {credentials.source} has is no token: it has spaces or other characters in it",
            where=settings.url,
            hint="Copy it again, without line ends and quotes.",
        )
    return credentials


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


def _from_program(login: Login, host: str) -> Credentials | None:
    """The token that the forge's own program has in its configuration file."""
    if not login.file:
        return None
    file = _config_file(login)
    try:
        # glab writes `token: !!null glpat-...`.
        config = mapping(read_as_text(file.read_bytes(), source=str(file)))
    except (OSError, ConfigError):
        return None
    tokens = (token for at, token in login.tokens(config) if at == host and isinstance(token, str))
    token = next(filter(None, tokens), None)
    return Credentials(token, str(file)) if token else None


def _config_file(login: Login) -> Path:
    if folder := os.environ.get(login.folder_variable):
        return Path(folder) / Path(login.file).name
    base = os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config"
    return Path(base) / login.file


@lru_cache(maxsize=8)
def _from_git(url: str) -> Credentials | None:
    """What git's credential helper has; asked once, since it may ask a person or a keyring."""
    parts = urlsplit(url)
    request = f"protocol={parts.scheme}\nhost={parts.netloc}\n\n".encode()
    done = transport.ask_helpers(request)
    answer = dict(line.split("=", 1) for line in done.text.splitlines() if "=" in line)
    if done.status != 0 or not answer.get("password"):
        return None
    return Credentials(answer["password"], "git's credential helper", answer.get("username", ""))

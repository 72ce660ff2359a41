"""Credentials for git over HTTPS, passed in the environment of the one process that needs them.

No URL, configuration file or command line has the token. git reads configuration from
GIT_CONFIG_COUNT and its pairs (https://git-scm.com/docs/git-config#ENVIRONMENT); the credential
helper in there is a line of shell that prints the value of another variable.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from scaffold.config.urls import split_userinfo

_USERNAME, _TOKEN = "SCAFFOLD_GIT_USERNAME", "SCAFFOLD_GIT_TOKEN"


@dataclass(frozen=True)
class Access:
    """The credentials for one server; `ca_file` is empty for the system's CAs."""

    url: str
    username: str
    token: str = field(repr=False)
    ca_file: str = ""


_accesses: dict[str, Access] = {}


def use_access(access: Access) -> None:
    """Use these credentials for the server in every git that this process starts from now on."""
    _accesses[access.url] = access


def known_accesses() -> tuple[Access, ...]:
    """The credentials that this process uses, to hand on to a worker process."""
    return tuple(_accesses.values())


def with_access(environment: Mapping[str, str], url: str = "") -> dict[str, str]:
    """The environment of a git, with the credentials of all servers and those in `url`.

    Configuration that is in the environment already is kept.
    """
    pairs: list[tuple[str, str]] = []
    added = dict(environment)
    accesses = [*_accesses.values()]
    bare, userinfo = split_userinfo(url)
    if userinfo is not None:
        user, token = userinfo
        instance = "/".join(bare.split("/")[:3])
        if token is None:  # a credential helper of the user's may have it
            pairs.append((f"credential.{instance}.username", user))
        else:
            accesses.append(Access(instance, user, token))
    own_ca = any(access.ca_file for access in accesses)
    if own_ca and (others := added.pop("GIT_SSL_CAINFO", "")):
        # The variable overrides any configuration in git, and it is meant for the other servers.
        pairs.append(("http.sslCAInfo", others))
    for number, access in enumerate(accesses):
        username, token = f"{_USERNAME}_{number}", f"{_TOKEN}_{number}"
        added |= {username: access.username, token: access.token}
        pairs += _configuration(access, username, token)
    if not pairs:
        return added
    first = int(environment.get("GIT_CONFIG_COUNT") or 0)
    for number, (key, value) in enumerate(pairs, start=first):
        added |= {f"GIT_CONFIG_KEY_{number}": key, f"GIT_CONFIG_VALUE_{number}": value}
    return {**added, "GIT_CONFIG_COUNT": str(first + len(pairs))}


def _configuration(access: Access, username: str, token: str) -> list[tuple[str, str]]:
    says = f'printf "username=%s\\npassword=%s\\n" "${username}" "${token}"'
    pairs = [
        # An empty value clears the list of helpers, which else would be asked to store the token:
        # https://git-scm.com/docs/gitcredentials#Documentation/gitcredentials.txt-helper
        (f"credential.{access.url}.helper", ""),
        (f"credential.{access.url}.helper", f'!f() {{ test "$1" != get || {says}; }}; f'),
    ]
    if access.ca_file:
        pairs.append((f"http.{access.url}.sslCAInfo", access.ca_file))
    return pairs

"""How git reaches a server over HTTPS: by what is in the environment of that one child alone.

No URL, configuration file or command line has the token. git reads configuration from
GIT_CONFIG_COUNT and its pairs; the credential helper that stands there is a line of shell, which
prints what another variable holds.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from scaffold.config.urls import split_userinfo

_USERNAME, _TOKEN = "SCAFFOLD_GIT_USERNAME", "SCAFFOLD_GIT_TOKEN"


@dataclass(frozen=True)
class Access:
    """What git needs for one instance; `ca_file` is empty for the system's CAs."""

    url: str
    username: str
    token: str = field(repr=False)
    ca_file: str = ""


_accesses: dict[str, Access] = {}


def use_access(access: Access) -> None:
    """Have every git that this process starts from now on use this for the instance."""
    _accesses[access.url] = access


def known_accesses() -> tuple[Access, ...]:
    """What this process uses, for another one to use as well."""
    return tuple(_accesses.values())


def with_access(environment: Mapping[str, str], url: str = "") -> dict[str, str]:
    """The environment of a git with what servers need, and what is in the `url` that it reaches.

    Configuration that comes in the environment already is kept.
    """
    pairs: list[tuple[str, str]] = []
    added = dict(environment)
    accesses = [*_accesses.values()]
    bare, userinfo = split_userinfo(url)
    if userinfo is not None:
        user, token = userinfo
        instance = "/".join(bare.split("/")[:3])
        if token is None:  # one of the user's helpers may know it
            pairs.append((f"credential.{instance}.username", user))
        else:
            accesses.append(Access(instance, user, token))
    own_ca = any(access.ca_file for access in accesses)
    if own_ca and (others := added.pop("GIT_SSL_CAINFO", "")):
        # git would let the variable win over any configuration; it is meant for other servers.
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
        # An empty one forgets the user's helpers, which else would be told to store the token.
        (f"credential.{access.url}.helper", ""),
        (f"credential.{access.url}.helper", f'!f() {{ test "$1" != get || {says}; }}; f'),
    ]
    if access.ca_file:
        pairs.append((f"http.{access.url}.sslCAInfo", access.ca_file))
    return pairs

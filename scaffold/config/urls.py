"""Addresses of git repos: which ones git may be given.

Some addresses make git do something else: an option (`--upload-pack=COMMAND`), or the name of a
program that talks to the remote (`ext::COMMAND`, `fd::`, `NAME::`), see https://git-
scm.com/docs/gitremote-helpers. Owners of repos can edit the addresses in them, so only the forms
below are allowed.
"""

import re
from pathlib import Path
from typing import Annotated
from urllib.parse import unquote

from pydantic import AfterValidator, Field

_HOST = r"([A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\])"
_USER = r"([A-Za-z0-9_][A-Za-z0-9._+-]*@)?"
_PORT = r"(:[0-9]{1,5})?"
_PATH = r"/[^\x00-\x20\x7f]+"
_LOOPBACK = r"(localhost|127\.0\.0\.1|\[::1\])"
_FORMS = "|".join(
    (
        rf"https://{_HOST}{_PORT}{_PATH}",
        rf"http://{_LOOPBACK}{_PORT}{_PATH}",
        rf"ssh://{_USER}{_HOST}{_PORT}{_PATH}",
        rf"{_USER}{_HOST}:/?[^\x00-\x20\x7f:/-][^\x00-\x20\x7f]*",
        r"(file://)?/[^\x00-\x1f\x7f]*",
    )
)
URL_PATTERN = f"^({_FORMS})$"
_URL = re.compile(_FORMS)
_HELPER = re.compile(r"([A-Za-z0-9][A-Za-z0-9+.-]*::)")
_HTTP = re.compile(r"(?P<scheme>https?://)(?P<userinfo>[^/?#]*)@", re.I)
PROTOCOLS = ("file", "https", "ssh")
"""What git may talk; `http` comes to it for an address on this machine."""


def problem_with_url(url: str) -> str | None:
    """Say what is wrong with a repo's address, or None; it may not have a user or token in it."""
    if _HTTP.match(url):
        return "has a user or a token in it; leave that to git's credential helper"
    return problem_with_address(url)


def problem_with_address(url: str) -> str | None:
    """The same for an address that may have a user and a token, as copier records them."""
    bare, _ = split_userinfo(url)
    if _URL.fullmatch(bare):
        return None
    if helper := _HELPER.match(bare):
        return f"begins with `{helper[0]}`, by which git would start a program"
    if bare.startswith("-"):
        return "begins with `-`, which git would take for an option"
    if bare.startswith("~"):
        return "begins with `~`; name the whole path"
    if bare.lower().startswith("http://"):
        return "must begin with https://, or it could be read and changed on its way"
    return (
        "must be https://HOST/PATH, ssh://[USER@]HOST/PATH, [USER@]HOST:PATH, file:///PATH"
        " or the absolute path of a folder"
    )


def split_userinfo(url: str) -> tuple[str, tuple[str, str | None] | None]:
    """An https:// address without user and token, and these; None for no token."""
    match = _HTTP.match(url)
    if match is None:
        return url, None
    user, colon, token = match["userinfo"].partition(":")
    bare = match["scheme"] + url[match.end() :]
    return bare, (unquote(user), unquote(token) if colon else None)


def protocols_for(url: str) -> tuple[str, ...]:
    """The protocols that git may use to reach an address, also after a rewrite (insteadOf)."""
    return (*PROTOCOLS, "http") if url.lower().startswith("http://") else PROTOCOLS


def local_folder(url: str) -> Path | None:
    """The folder of a `file://` URL or plain path, or None for a repo somewhere else."""
    if url.startswith("file://"):
        return Path(unquote(url.removeprefix("file://")))
    return Path(url) if url.startswith("/") else None


def _valid(url: str) -> str:
    if problem := problem_with_url(url):
        raise ValueError(problem)
    return url


RepoUrl = Annotated[str, AfterValidator(_valid), Field(json_schema_extra={"pattern": URL_PATTERN})]
"""The address of a git repo, with no credentials in it."""

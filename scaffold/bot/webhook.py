"""Webhooks of GitLab, GitHub and Gitea: is one genuine, and which repo is it about. Pure."""

import hashlib
import hmac
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from scaffold.config.json_reader import read_json
from scaffold.config.service import Service
from scaffold.errors import ConfigError

_LONGEST_URL = 2000  # characters


def is_genuine(headers: Mapping[str, str], body: bytes, secret: str) -> bool:
    """Whether a request was signed with the secret, in the way of any of the three forges.

    GitLab sends the secret itself, GitHub and Gitea an HMAC-SHA256 of the body. Header names are
    in lower case. Compared in constant time.
    """
    if token := headers.get("x-gitlab-token"):
        return hmac.compare_digest(token.encode(), secret.encode())
    expected = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    github = headers.get("x-hub-signature-256", "").removeprefix("sha256=")
    given = github or headers.get("x-gitea-signature", "")
    return hmac.compare_digest(given.encode(), expected.encode())


def read_event(body: bytes) -> dict[str, Any] | None:
    """What a webhook says, or None where it is no JSON object."""
    try:
        event = read_json(body, source="the webhook")
    except ConfigError:
        return None
    return event if isinstance(event, dict) else None


def repo_urls(event: Mapping[str, Any]) -> frozenset[str]:
    """The addresses of the repo that an event is about; none where it is about none."""
    about: Any = event.get("project") or event.get("repository") or {}
    if not isinstance(about, dict):
        return frozenset()
    keys = ("git_http_url", "git_ssh_url", "http_url", "ssh_url", "clone_url", "url", "html_url")
    told = (about[key] for key in keys if isinstance(about.get(key), str))
    return frozenset(filter(None, (_plain(url) for url in told if len(url) <= _LONGEST_URL)))


def service_of(urls: frozenset[str], services: tuple[Service, ...]) -> str | None:
    """The service that a repo with one of these addresses belongs to."""
    for service in services:
        if any(_plain(one.url) in urls for one in service.repos.values()):
            return service.name
    return None


def _plain(url: str) -> str:
    """Host and path: one repo has addresses over HTTPS and ssh, with ports of their own."""
    if "://" not in url:
        url = "ssh://" + url.replace(":", "/", 1)  # ssh's short form, as in git@host:group/repo
    try:
        parts = urlsplit(url.lower())
    except ValueError:  # brackets that hold no address
        return ""
    return f"{parts.hostname or ''}{parts.path}".rstrip("/").removesuffix(".git")

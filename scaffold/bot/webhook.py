"""Webhooks of forges: is one genuine, and which repo is it about. Pure."""

import hmac
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from scaffold.config.forges.kind import Webhook, mapping
from scaffold.config.forges.registered import FORGES
from scaffold.config.json_reader import read_json
from scaffold.config.service import Service
from scaffold.errors import ConfigError

_LONGEST_URL = 2000  # characters


def signed_as(headers: Mapping[str, str], body: bytes, secret: str) -> Webhook | None:
    """How a request was signed with the secret: as by one of the kinds of forge; None for no way.

    Header names are in lower case. Compared in constant time.
    """
    for kind in FORGES:
        if kind.webhook and (given := headers.get(kind.webhook.header)):
            expected = kind.webhook.signature(body, secret)
            if hmac.compare_digest(given.encode(), expected.encode()):
                return kind.webhook
    return None


def read_event(body: bytes) -> dict[str, Any] | None:
    """What a webhook says, or None where it is no JSON object."""
    try:
        event = read_json(body, source="the webhook")
    except ConfigError:
        return None
    return event if isinstance(event, dict) else None


def repo_urls(event: Mapping[str, Any], webhook: Webhook) -> frozenset[str]:
    """The addresses of the repo that an event is about; none where it is about none."""
    repo = mapping(event.get(webhook.repo))
    urls = [url for key in webhook.urls if isinstance(url := repo.get(key), str)]
    return frozenset(filter(None, (_plain(url) for url in urls if len(url) <= _LONGEST_URL)))


def service_of(urls: frozenset[str], services: tuple[Service, ...]) -> str | None:
    """The service that a repo with one of these addresses belongs to."""
    for service in services:
        if any(_plain(repo.url) in urls for repo in service.repos.values()):
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

"""Repos made a moment ago, which a server may not yet show on all of its machines."""

import logging
import time
from collections.abc import Mapping
from typing import Any

import requests

from scaffold.deadline import pause
from scaffold.forge.http import PatientAdapter

_FRESH = 60.0  # seconds after its creation in which a repo may be found missing
_BUDGET = 30.0  # seconds that one request waits for a repo to appear
_NOT_FOUND = 404
_log = logging.getLogger(__name__)


class FreshRepos(PatientAdapter):
    """A patient adapter that asks again where a repo made a moment ago is not found.

    GitHub and GitLab answer from replicas: a repo can be missing on one for some seconds after
    another has created it.
    """

    def __init__(self, ca_file: str = "") -> None:
        super().__init__(ca_file)
        self._fresh: dict[str, tuple[float, tuple[str, ...]]] = {}

    def add(self, repo: str, *urls: str) -> None:
        """Take a repo for fresh; `urls` are what the addresses of its API begin with."""
        self._fresh[repo] = (time.monotonic() + _FRESH, urls)

    def forget(self, repo: str) -> None:
        """Take a 404 for an answer: the repo is to be gone."""
        self._fresh.pop(repo, None)

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: Any = None,
        verify: bool | str = True,
        cert: Any = None,
        proxies: Mapping[str, str] | None = None,
    ) -> requests.Response:
        """Send, and again while a fresh repo is not found. Raises what PatientAdapter raises."""
        wait, left = 1.0, _BUDGET
        while True:
            response = super().send(request, stream, timeout, verify, cert, proxies)
            if response.status_code != _NOT_FOUND or not self._is_fresh(
                (request.url or "").split("?")[0]
            ):
                return response
            if wait > left:
                return response
            _log.warning("the new repo is not to be found yet; trying again in %.0f s", wait)
            pause(wait, request.url or "")
            left -= wait
            wait *= 2

    def _is_fresh(self, requested: str) -> bool:
        now = time.monotonic()
        return any(
            now < until
            and (requested in urls or requested.startswith(tuple(f"{url}/" for url in urls)))
            for until, urls in self._fresh.values()
        )

"""Gitea's REST API, version 1."""

from collections.abc import Mapping
from typing import ClassVar
from urllib.parse import quote

from scaffold.forge.rest import NOT_FOUND, RestApi


class GiteaApi(RestApi):
    """The API of an instance."""

    server: ClassVar[str] = "Gitea"
    page_size: ClassVar[Mapping[str, int]] = {"limit": 50}  # the most, unless it is told otherwise
    no_list: ClassVar[tuple[int, ...]] = (NOT_FOUND,)

    def path(self, repo: str) -> str:
        """See RestApi."""
        return f"/repos/{self.group}/{quote(repo)}"

"""Gitea's REST API, version 1."""

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar
from urllib.parse import quote

from scaffold.forge.rest import NOT_FOUND, Call, Query, RestApi


class GiteaApi(RestApi):
    """The API of an instance."""

    server: ClassVar[str] = "Gitea"
    page_size: ClassVar[Mapping[str, int]] = {"limit": 50}  # the most, unless it is told otherwise

    def path(self, repo: str) -> str:
        """See RestApi."""
        return f"/repos/{self.group}/{quote(repo)}"

    def pages(
        self,
        path: str,
        call: Call,
        query: Query = None,
        *,
        items: str = "",
        fine: tuple[int, ...] = (NOT_FOUND,),
    ) -> Iterator[Any]:
        """See RestApi. Where there is no such list Gitea may say so by 404."""
        return super().pages(path, call, query, items=items, fine=fine)

"""The site of a platform that is looked at again and again, whole or in part."""

from collections.abc import Collection, Mapping
from datetime import datetime

from scaffold.fleet.platform import PlatformRepo
from scaffold.status.line import ServiceLine
from scaffold.status.services import status
from scaffold.status.site.model import views
from scaffold.status.site.site import site
from scaffold.status.standing import in_order


class LiveSite:
    """The pages of the last look; `pages` has none before the first one.

    A look makes all pages anew and puts them in place in one step, so that whoever reads meanwhile
    has those of before.
    """

    def __init__(self) -> None:
        self.pages: Mapping[str, bytes] = {}
        self._lines: dict[str, ServiceLine] = {}
        self._looked: datetime | None = None

    def look(self, platform: PlatformRepo, only: Collection[str] | None, now: datetime) -> None:
        """Look at some services, or at all (None); at all where that was never done.

        The pages are as of the last look at all: what a part shows may be newer. Raises as `status`
        does, and leaves the pages then.
        """
        if only is None or self._looked is None:
            lines = {line.service: line for line in status(platform, (), now, stories=True)}
            looked = now
        else:
            found = status(platform, sorted(only), now, stories=True)
            lines = {**self._lines, **{line.service: line for line in found}}
            looked = self._looked
        shown = views(
            in_order(list(lines.values()), "need"), platform.model, platform.catalog.services
        )
        self.pages = site(shown, platform.model, looked)
        self._lines, self._looked = lines, looked

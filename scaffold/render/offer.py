"""Which versions of a template somebody gets without naming one."""

from collections.abc import Iterable
from dataclasses import dataclass

from scaffold.render.source import newest, parse_version


@dataclass(frozen=True)
class Offer:
    """What of a template's versions counts for somebody; by default its releases."""

    prereleases: bool = False

    def has(self, tag: str) -> bool:
        """Whether a version counts."""
        version = parse_version(tag)
        return version is not None and (self.prereleases or not version.is_prerelease)

    def newest(self, tags: Iterable[str]) -> str | None:
        """The newest version by PEP 440, or None where there is none.

        Without `prereleases` they count only where there is nothing else.
        """
        known = {tag: version for tag in tags if (version := parse_version(tag)) is not None}
        if not known:
            return None
        return max(known, key=known.__getitem__) if self.prereleases else newest(known)


RELEASES = Offer()

"""Which of a template's versions count."""

import pytest
from packaging.version import Version

from scaffold.render.offer import Offer

TAGS = ("v1.0.0", "v1.1.0rc1", "v1.1.0", "v1.2.0rc1", "other")


@pytest.mark.parametrize(
    ("offer", "newest"),
    [
        (Offer(), "v1.1.0"),
        (Offer(prereleases=True), "v1.2.0rc1"),
        (Offer(below=Version("1.1.0")), "v1.0.0"),
        (Offer(prereleases=True, below=Version("1.1.0")), "v1.1.0rc1"),
        (Offer(below=Version("1.0.0")), None),
    ],
    ids=["releases", "prereleases", "held", "both", "all"],
)
def test_the_newest(offer: Offer, newest: str | None) -> None:
    """What is held back, and newer ones, count for nobody whom the hold is for."""
    assert newest == offer.newest(TAGS)


def test_prereleases_where_there_is_nothing_else() -> None:
    """As for a template that was never released."""
    assert "v2rc1" == Offer().newest(["v1rc1", "v2rc1"])

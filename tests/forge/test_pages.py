"""Where a person decides on a merge request, in one line."""

import pytest

from scaffold.forge.api import MergeRequest, RequestState, not_open
from scaffold.forge.pages import request_place

LOCAL = "file:///forge/shop-env.git refs/scaffold/mr/3"
PAGE = "https://git.example.com/acme/shop-env/pulls/3"
SHOW = "scaffold merge-request show shop-env 3"
MERGE = "scaffold merge-request merge shop-env 3"


@pytest.mark.parametrize(
    ("url", "state", "expected"),
    [
        (PAGE, RequestState.OPEN, PAGE),
        (PAGE, RequestState.CLOSED, PAGE),
        (LOCAL, RequestState.OPEN, f"{SHOW}, then {MERGE}"),
        (LOCAL, RequestState.CLOSED, SHOW),
        (LOCAL, RequestState.MERGED, SHOW),
    ],
)
def test_it_is_the_page_or_the_commands(url: str, state: RequestState, expected: str) -> None:
    """On the local forge, which has no pages; what is done with is not merged."""
    request = MergeRequest("shop-env", 3, "One", "", "a", state, url, None)

    assert expected == request_place(request)


def test_one_that_a_dry_run_would_open_has_none() -> None:
    """It has no number yet."""
    assert "" == request_place(not_open("shop-env", "One", "", "a"))

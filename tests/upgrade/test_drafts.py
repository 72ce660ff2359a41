"""A draft on the local forge reaches main once its conflicts are settled, and not before."""

import pytest

from tests.service.run import Done, scaffold
from tests.upgrade.fleet import SECOND, Fleet, FleetOf

BRANCH = "scaffold/small"
SETTLED = "# payments\n\nmine\ntwo\nthree\nfour\nfive\n"


@pytest.fixture
def draft(fleet_of: FleetOf) -> Fleet:
    """A fleet in which an upgrade left README.md of payments-code in conflict."""
    fleet = fleet_of("payments")
    fleet.edit("payments-code", {"README.md": SETTLED})
    fleet.release("v1.1.0", SECOND)
    fleet.run("payments")
    return fleet


def merge(fleet: Fleet) -> Done:
    """Merge the draft as a user does."""
    return scaffold("merge-request", "merge", "payments-code", "1", cwd=fleet.root)


def test_as_it_was_opened_it_is_refused(draft: Fleet) -> None:
    """Markers never come to main."""
    done = merge(draft)

    assert (1, True) == (done.returncode, "merge request 1 is a draft" in done.stderr)
    assert SETTLED == draft.file("payments-code", "README.md", "main")


def test_a_push_that_settles_nothing_does_not_make_it_ready(draft: Fleet) -> None:
    """Each file that still has markers is named, and main stays as it is."""
    draft.edit("payments-code", {"NOTES.md": "Another thing.\n"}, branch=BRANCH)

    done = merge(draft)

    assert 1 == done.returncode
    assert (
        "merge request 1 is a draft with conflict markers\n  README.md\n"
        "  Settle its conflicts on the branch scaffold/small and push that first.\n"
    ) in done.stderr
    assert SETTLED == draft.file("payments-code", "README.md", "main")
    assert {"payments-code": "held", "payments-docker": "unchanged"} == draft.results("payments")


def test_once_it_is_settled_it_is_merged(draft: Fleet) -> None:
    """By a push that leaves no marker."""
    draft.edit("payments-code", {"README.md": SETTLED}, branch=BRANCH)

    assert "Merged payments-code 1.\n" == merge(draft).stdout
    assert "current" == draft.results("payments")["payments-code"]

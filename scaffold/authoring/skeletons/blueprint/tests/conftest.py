"""What the tests have in common."""

import pytest

from scaffold.authoring.snapshots import RenderedSnapshots


@pytest.fixture
def snapshot(snapshot):
    """What was rendered before; a difference is shown file by file."""
    return snapshot.use_extension(RenderedSnapshots)

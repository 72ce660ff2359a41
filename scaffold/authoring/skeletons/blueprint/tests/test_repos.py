"""What must be true of the repos that this blueprint makes.

`blueprint` is scaffold's: it renders all paired repos at once, and upgrades them.
"""

import pytest


@pytest.mark.parametrize("ci", ["gitlab", "github"])
def test_what_is_rendered(blueprint, snapshot, ci):
    """A change of the templates is seen as a change of the snapshot."""
    assert snapshot == blueprint.render(ci=ci).text


def test_an_upgrade_keeps_what_the_owner_wrote(blueprint):
    """The README is made once; no version of the blueprint overwrites it."""
    for version in blueprint.releases:
        upgraded = blueprint.upgrade_from(version, edits={"[[ head ]]/README.md": "# Mine\n"})

        assert [] == upgraded.conflicts
        assert b"# Mine\n" == upgraded.trees["[[ head ]]"]["README.md"].data

"""What must be true of the repos that this blueprint makes.

`blueprint` is scaffold's: it renders all paired repos at once, and upgrades them.
"""

import pytest


@pytest.mark.parametrize("ci", ["gitlab", "github"])
def test_what_is_rendered(blueprint, snapshot, ci):
    """A change of the templates is seen as a change of the snapshot."""
    assert snapshot == blueprint.render(ci=ci).text


def test_the_container_listens_on_the_answered_port(blueprint):
    """The code, the image and the Deployment agree."""
    repos = blueprint.render(port=9000)

    assert '"PORT", "9000"' in (repos["app"] / "server.py").read_text()
    assert "EXPOSE 9000" in (repos["app"] / "Dockerfile").read_text()
    assert "containerPort: 9000" in (repos["deploy"] / "base/deployment.yaml").read_text()


def test_an_upgrade_keeps_what_the_owner_wrote(blueprint):
    """The README is made once; no version of the blueprint overwrites it."""
    for version in blueprint.releases:
        upgraded = blueprint.upgrade_from(version, edits={"app/README.md": "# Mine\n"})

        assert [] == upgraded.conflicts
        assert b"# Mine\n" == upgraded.trees["app"]["README.md"].data

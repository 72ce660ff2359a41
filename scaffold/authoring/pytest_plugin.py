"""The test kit for pytest: the fixture `blueprint`.

pytest loads it wherever scaffold is installed, so it imports nothing before it is used.
"""

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from scaffold.authoring.kit import Kit


@pytest.fixture(scope="session")
def blueprint(pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory) -> "Kit":
    """The blueprint whose folder pytest runs in: renders all its paired repos, and upgrades them.

    It is what lies in the folder when the fixture is first used.
    """
    from scaffold.authoring.kit import Kit
    from scaffold.authoring.versions import copy_versions, open_versions

    scratch = tmp_path_factory.mktemp("blueprint")
    return Kit(open_versions(copy_versions(_folder(pytestconfig), scratch), scratch), scratch)


def _folder(config: pytest.Config) -> Path:
    """The nearest folder with a blueprint, from pytest's root or where it was started, upward."""
    from scaffold.config.blueprint import BLUEPRINT_FILE

    for start in (config.rootpath, config.invocation_params.dir):
        for folder in (start, *start.parents):
            if (folder / BLUEPRINT_FILE).is_file():
                return folder
    raise pytest.UsageError(f"there is no {BLUEPRINT_FILE} in {config.rootpath} or above")

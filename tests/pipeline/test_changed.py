"""`scaffold pipeline changed`: the folders of environments, at two commits of a real repo."""

from pathlib import Path

import pytest
import yaml

from scaffold.errors import UsageError
from scaffold.pipeline.changed import changed_environments
from tests.builders import commit_files

ABOUT = {"service": "shop", "owner": "a", "repo": "env", "kubernetes": "1.34"}
PLACES = {name: {"namespace": f"shop-{name}"} for name in ("dev", "staging", "prod")}
REPOFILE = yaml.safe_dump({**ABOUT, "environments": PLACES}, sort_keys=False)
START = {".scaffold.yml": REPOFILE, "environments/dev/a.yml": "1", "environments/prod/a.yml": "1"}


def env_repo(folder: Path, changes: dict[str, str]) -> str:
    """Two commits, of which the second makes these changes; the id of the first."""
    first = commit_files(folder, START)
    commit_files(folder, {**START, **changes})
    return first


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"environments/prod/a.yml": "2", "environments/dev/a.yml": "2"}, ("dev", "prod")),
        ({"environments/prod/release/deep/b.yml": "new"}, ("prod",)),
        ({"environments/staging/a.yml": "new"}, ("staging",)),
        ({"environments/prod-eu/a.yml": "new", "README.md": "new"}, ()),
    ],
)
def test_whose_folder_changed(
    tmp_path: Path, changes: dict[str, str], found: tuple[str, ...]
) -> None:
    """In the order of the chain; another folder that begins alike is another's."""
    assert found == changed_environments(tmp_path, env_repo(tmp_path, changes))


@pytest.mark.parametrize("since", ["", "0" * 40, "1" * 40, "no commit", "-x"])
def test_where_nothing_says_what_was_before(tmp_path: Path, since: str) -> None:
    """Rather all than too few: a deploy of what is there already changes nothing."""
    env_repo(tmp_path, {"environments/dev/a.yml": "2"})

    assert ("dev", "staging", "prod") == changed_environments(tmp_path, since)


def test_of_several_commits(tmp_path: Path) -> None:
    """A push can bring more than one; what one of them took back did not change."""
    first = env_repo(tmp_path, {"environments/dev/a.yml": "2"})
    commit_files(tmp_path, {**START, "environments/prod/a.yml": "2"})

    assert ("prod",) == changed_environments(tmp_path, first)


def test_another_repo(tmp_path: Path) -> None:
    """It has no environments: a wrong use."""
    commit_files(tmp_path, {".scaffold.yml": yaml.safe_dump({**ABOUT, "repo": "code"})})

    with pytest.raises(UsageError, match="has no environments, so it is no env repo"):
        changed_environments(tmp_path, "")

"""`scaffold blueprint register` on a real Gitea."""

from pathlib import Path

import pytest
import yaml

from tests.authoring.blueprints import make_author
from tests.e2e.acme import Acme, new_platform
from tests.gitea import Gitea

pytestmark = pytest.mark.xdist_group("gitea")
REPO = "blueprint-small"
ROLES = (
    "read-only: acme-platform-viewers; developer: acme-platform-developers;"
    " admin: acme-platform-admins"
)


@pytest.fixture
def acme(gitea: Gitea, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Acme:
    """A platform on the server, and a blueprint with a version in `small`."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    made = new_platform(gitea, tmp_path)
    make_author(tmp_path).tag("v1.0.0")
    return made


def named(acme: Acme) -> dict[str, str]:
    """The blueprints that platform.yml on main has."""
    told = yaml.safe_load(acme.files("platform")["platform.yml"].data)
    return {one["name"]: one["url"] for one in told["blueprints"]}


def test_its_repo_is_as_those_of_the_shipped_ones(acme: Acme) -> None:
    """The team's roles, a protected main, the versions; and a second run has nothing to do."""
    url = acme.forge.url(REPO)
    made = acme.must("blueprint", "register", "small")

    assert [
        f"create the repo {REPO}",
        f"push main and v1.0.0 to {url}",
        f"grant {REPO} to {ROLES}",
        f"protect main of {REPO}",
        "name small in platform.yml",
    ] == made["calls"]
    teams = ("acme-platform-viewers", "acme-platform-developers", "acme-platform-admins")
    shipped = acme.forge.held("blueprint-python-service", teams)
    assert shipped == acme.forge.held(REPO, teams)
    assert url == named(acme)["small"]
    assert [] == acme.must("blueprint", "register", "small")["calls"]
    used = acme.scaffold("new", "service", "shop", "--blueprint", "small", "--defaults")
    assert 0 == used.returncode, used.stderr


def test_who_can_make_no_repo_is_refused(acme: Acme) -> None:
    """Before the platform is told anything."""
    refused = acme.scaffold("blueprint", "register", "small", user="developer")

    assert (1, True) == (refused.returncode, "can't create the repo" in refused.stderr)
    assert (None, False) == (acme.forge.find(REPO), "small" in named(acme))

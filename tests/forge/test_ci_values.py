"""Secrets and variables that are set for jobs: by a group, a repo, for an environment."""

from dataclasses import replace

import pytest

from scaffold.config.ci_values import CiKind
from scaffold.errors import ForgeError
from scaffold.forge.api import CiValue, Forge
from tests.forge.each import Server, on_github
from tests.forge.fake_http import Fault
from tests.forge.github.fake import FakeGithub
from tests.forge.gitlab.fake import FakeGitlab
from tests.forge.life import FAULTS, Life
from tests.forge.openapi import Description
from tests.gitea import Gitea
from tests.tokens import noted

pytestmark = pytest.mark.usefixtures("naps")  # nothing really waits
PASSWORD = CiValue("REGISTRY_PASSWORD", CiKind.SECRET, noted("pass$word-61c2"))
USERNAME = CiValue("REGISTRY_USERNAME", CiKind.VARIABLE, noted("robot-61c2"))
CLUSTER = CiValue("KUBECONFIG", CiKind.FILE, noted("kind: Config # 61c2"), "prod")
LOST = next(one for one in FAULTS if one.after)
ALL = frozenset({"REGISTRY_PASSWORD", "REGISTRY_USERNAME"})


class LosesFirstAnswers:
    """Trouble in which a change is made and its answer lost, at the first try of each."""

    def __init__(self, fault: Fault) -> None:
        self.fault = fault
        self.seen: list[str] = []

    def at(self, asked: object) -> Fault | None:
        """See Trouble."""
        told = repr(asked)
        self.seen.append(told)
        return self.fault if "method='GET'" not in told and self.seen.count(told) == 1 else None


def shops(life: Life) -> Forge:
    """A forge with two repos."""
    for name in ("shop", "cart"):
        life.forge.create(name, description="")
    return life.forge


def test_a_group_gives_values(any_server: Server) -> None:
    """Set twice, by answers that get lost, it is as set once, and jobs of the repo are given it."""
    with any_server() as (server, connect):
        forge = shops(connect())
        server.trouble = LosesFirstAnswers(LOST)
        for value in (PASSWORD, USERNAME, replace(PASSWORD, value=noted("another-61c2"))):
            assert forge.set_ci_value_above(repos=["shop"], value=value)

        assert {"": ALL} == forge.ci_names("shop")


def test_a_repo_is_given_values(any_server: Server) -> None:
    """By itself, and no other is."""
    with any_server() as (server, connect):
        forge = shops(connect())
        server.trouble = LosesFirstAnswers(LOST)
        for value in (PASSWORD, USERNAME, replace(USERNAME, value=noted("another-62c2"))):
            forge.set_ci_value("shop", value)

        given = [forge.ci_names(name) for name in ("shop", "cart")]
    assert [{"": ALL}, {"": frozenset()}] == given


def test_an_environment_is_given_values(fake_server: Server) -> None:
    """One that is not there is made; others are not given it."""
    with fake_server() as (_, connect):
        forge = shops(connect())
        for value in (CLUSTER, replace(CLUSTER, value=noted("kind: Other # 61c2"))):
            forge.set_ci_value("shop", value)

        found = forge.ci_names("shop", ("dev", "prod"))
    none, one = frozenset[str](), frozenset({"KUBECONFIG"})
    assert {"": none, "dev": none, "prod": one} == found


def test_who_does_not_own_the_group(fake_server: Server) -> None:
    """It is told by False, so that the repo is given it."""
    with fake_server() as (server, connect):
        forge = shops(connect())
        assert isinstance(server, FakeGithub | FakeGitlab)
        server.owner = False
        for value in (PASSWORD, USERNAME):
            assert not forge.set_ci_value_above(repos=["shop"], value=value)
    assert {} == server.values


def test_on_gitea(gitea: Gitea, group: str) -> None:
    """The values arrive; there are no environments; who does not own the organisation is told."""
    forge = gitea.forge(group)
    forge.create("shop", description="")
    forge.set_ci_value("shop", USERNAME)
    assert forge.set_ci_value_above(repos=["shop"], value=replace(USERNAME, value="robot-63c2"))
    with pytest.raises(ForgeError, match="can't set the file KUBECONFIG: Gitea has no envi"):
        forge.set_ci_value("shop", CLUSTER)

    places = (f"/repos/{group}/shop", f"/orgs/{group}")
    variables = [gitea.get(f"{one}/actions/variables/REGISTRY_USERNAME") for one in places]
    assert [USERNAME.value, "robot-63c2"] == [one["data"] for one in variables]
    other = gitea.forge(group, user="developer")
    for value in (USERNAME, PASSWORD):
        assert not other.set_ci_value_above(repos=["shop"], value=value)


def test_what_github_keeps(github_description: Description) -> None:
    """What it decrypts; of the organisation for the repos that read it, and those of before."""
    with on_github(github_description) as (fake, connect):
        assert isinstance(fake, FakeGithub)
        forge = shops(connect())
        for repos in (["shop"], ["cart"]):
            for value in (PASSWORD, USERNAME):
                assert forge.set_ci_value_above(repos=repos, value=value)
        forge.set_ci_value("shop", CLUSTER)
        fake.ci["/orgs/acme/secrets"].append("SCAFFOLD_TOKEN")
        token = CiValue("SCAFFOLD_TOKEN", CiKind.SECRET, noted("reads-61c2"))
        assert forge.set_ci_value_above(repos=["shop"], value=token)

    both = {"visibility": "selected", "selected_repository_ids": [100, 101]}
    above, shop = "/orgs/acme/actions", "/repos/acme/shop/environments/prod"
    assert {
        f"{above}/secrets/REGISTRY_PASSWORD": {"value": PASSWORD.value, **both},
        f"{above}/variables/REGISTRY_USERNAME": {"value": USERNAME.value, **both},
        f"{above}/secrets/SCAFFOLD_TOKEN": {"value": token.value, "visibility": "all"},
        f"{shop}/secrets/KUBECONFIG": {"value": CLUSTER.value},
    } == fake.values


def test_without_what_encrypts(
    github_description: Description, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It says what to install, and sends nothing."""
    monkeypatch.setitem(__import__("sys").modules, "nacl.public", None)
    with on_github(github_description) as (fake, connect):
        forge = shops(connect())
        with pytest.raises(ForgeError, match="PyNaCl is not installed") as caught:
            forge.set_ci_value("shop", PASSWORD)

    assert 'Run: pip install "scaffold-blueprints[secrets]"' == caught.value.hint
    assert isinstance(fake, FakeGithub)
    assert {} == fake.values


@pytest.mark.parametrize("server_kind", ["gitlab"], indirect=True)
def test_what_gitlab_keeps(any_server: Server) -> None:
    """Masked, of a file or plain, protected or not, and never expanded."""
    with any_server() as (fake, connect):
        forge = shops(connect())
        for value in (PASSWORD, replace(USERNAME, protected=False)):
            assert forge.set_ci_value_above(repos=["shop"], value=value)
        forge.set_ci_value("shop", CLUSTER)
        with pytest.raises(ForgeError, match="GitLab could not mask it in logs"):
            forge.set_ci_value("shop", replace(PASSWORD, value="two\nlines"))

    assert isinstance(fake, FakeGitlab)
    kept = {
        (path, name, scope): (one["variable_type"], one["masked"], one["protected"], one["value"])
        for (path, name, scope), one in fake.values.items()
    }
    assert {
        ("acme/shop", "REGISTRY_PASSWORD", "*"): ("env_var", True, True, PASSWORD.value),
        ("acme/shop", "REGISTRY_USERNAME", "*"): ("env_var", False, False, USERNAME.value),
        ("acme/shop/shop", "KUBECONFIG", "prod"): ("file", False, True, CLUSTER.value),
    } == kept
    assert all(one["raw"] for one in fake.values.values())

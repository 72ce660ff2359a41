"""An organisation on GitHub, against a fake of its API: repos and webhooks."""

import pytest

from scaffold.config.forges.github import GithubForge
from scaffold.config.forges.server import Visibility
from scaffold.errors import ForgeError
from scaffold.forge.api import FoundRepo
from scaffold.forge.credentials import Credentials
from scaffold.forge.github.adapter import GithubOrganisationForge
from scaffold.forge.github.client import GithubApi
from scaffold.forge.registry import open_forge
from tests.forge.fake_http import TOKEN, Answer
from tests.forge.github.fake import FakeGithub
from tests.forge.life import HOOK, SECRET


@pytest.mark.parametrize(
    ("url", "api"),
    [
        ("https://github.com", "https://api.github.com"),
        ("https://acme.ghe.com", "https://api.acme.ghe.com"),
        ("https://github.example.com", "https://github.example.com/api/v3"),
        ("https://github.example.com:8443", "https://github.example.com:8443/api/v3"),
    ],
)
def test_the_api_is_where_the_instance_has_it(url: str, api: str) -> None:
    """Of github.com and ghe.com on a host of its own, of an Enterprise Server below /api/v3."""
    settings = GithubForge(kind="github", url=url, group="acme")

    assert api == GithubApi.open(settings, Credentials(TOKEN, "the test")).base


def test_platform_yml_names_it(github: FakeGithub, monkeypatch: pytest.MonkeyPatch) -> None:
    """`forge: {kind: github, ...}` is a forge there, with the token of the environment."""
    monkeypatch.setattr("scaffold.git.access._accesses", {})
    monkeypatch.setenv("GH_TOKEN", TOKEN)
    monkeypatch.delenv("SCAFFOLD_TOKEN", raising=False)

    forge = open_forge(GithubForge(kind="github", url=github.url, group="acme"))

    assert f"{github.url}/acme/web.git" == forge.url("web")
    assert () == forge.check()


def test_a_new_repo_is_in_the_organisation(
    github: FakeGithub, forge: GithubOrganisationForge
) -> None:
    """It has the description and the visibility, and lets pull requests merge themselves."""
    assert forge.create("web", description="Sells \u00c4pfel")

    assert {
        "archived": False,
        "default_branch": "main",
        "description": "Sells \u00c4pfel",
        "visibility": Visibility.PRIVATE,
        "allow_auto_merge": True,
    } == github.repo("web").told


def test_topics_are_made_fit(github: FakeGithub, forge: GithubOrganisationForge) -> None:
    """GitHub takes lower case, digits and hyphens, 20 topics of up to 50 characters."""
    topics = ["Python Service", "team_shop", "--", "team-shop", "x" * 60]
    forge.create("web", description="", topics=[*topics, *(f"t{one}" for one in range(30))])

    assert ["python-service", "team-shop", "x" * 50, "t0"] == github.repo("web").topics[:4]
    assert 20 == len(github.repo("web").topics)


def test_a_repo_that_is_there_is_not_created(forge: GithubOrganisationForge, repo: str) -> None:
    """The answer is False, and it stays as it is."""
    assert not forge.create(repo, description="Another")


def test_a_name_that_is_not_taken_for_another_reason_is_told(
    github: FakeGithub, forge: GithubOrganisationForge
) -> None:
    """What GitHub lists is passed on, and what it takes to create repos."""
    problem = {"resource": "Repository", "message": "name is too long"}
    said = {"message": "Repository creation failed.", "errors": [problem]}
    github.refusals["POST", "/orgs/acme/repos"] = Answer(422, said)

    with pytest.raises(ForgeError) as caught:
        forge.create("web", description="")

    assert "can't create the repo `web`: status 422" == caught.value.what
    assert ("Repository creation failed.; name is too long",) == caught.value.details
    assert (
        "The forge takes no such values; it may be a setting. It takes a token with the scope repo,"
        " of a user who may create repos in `acme`." == caught.value.hint
    )


def test_a_missing_repo_is_not_found(forge: GithubOrganisationForge) -> None:
    """`find` answers None, without waiting for it."""
    assert forge.find("web") is None


def test_a_repo_is_found_as_it_is(
    github: FakeGithub, forge: GithubOrganisationForge, repo: str
) -> None:
    """Its default branch is told, and whether it is archived."""
    github.repo(repo).told["default_branch"] = "trunk"
    assert FoundRepo("web", default_branch="trunk") == forge.find(repo)

    forge.archive(repo, archived=True)
    assert FoundRepo("web", archived=True, default_branch="trunk") == forge.find(repo)

    forge.archive(repo, archived=False)
    assert FoundRepo("web", default_branch="trunk") == forge.find(repo)


def test_a_renamed_repo_is_found_by_its_old_name(
    github: FakeGithub, forge: GithubOrganisationForge
) -> None:
    """GitHub redirects whoever reads; the name that comes back is the new one."""
    github.add("web2")
    github.moved = {"web": "web2"}

    assert FoundRepo("web2") == forge.find("web")


def test_a_renamed_repo_takes_no_writes(github: FakeGithub, forge: GithubOrganisationForge) -> None:
    """GitHub redirects them with 307, which is no success."""
    github.add("web2")
    github.moved = {"web": "web2"}

    with pytest.raises(ForgeError) as caught:
        forge.archive("web", archived=True)

    assert "can't archive the repo `web`: it has moved" == caught.value.what
    assert "Was the repo renamed? Name the new one in the catalog." == caught.value.hint
    assert not github.repo("web2").told["archived"]


def test_all_repos_are_listed(github: FakeGithub, forge: GithubOrganisationForge) -> None:
    """However many pages there are."""
    for number in range(230):
        github.add(f"web-{number:03}")

    assert tuple(f"web-{number:03}" for number in range(230)) == forge.repos()
    assert 3 == len(github.calls)


def test_a_repo_is_deleted_once(
    github: FakeGithub, forge: GithubOrganisationForge, repo: str
) -> None:
    """Deleting what is gone is no error, and nothing waits for it to appear."""
    forge.delete(repo)
    forge.delete(repo)

    assert [] == github.held_repos
    assert 2 == len(github.calls)


def test_one_webhook_tells_all_events(
    github: FakeGithub, forge: GithubOrganisationForge, repo: str
) -> None:
    """Again, with another secret, there is still one, with the new secret."""
    forge.webhook(repo, HOOK, SECRET)
    forge.webhook(repo, HOOK, "another")

    (hook,) = github.repo(repo).hooks
    assert {"url": HOOK, "content_type": "json", "secret": "another"} == hook["config"]
    assert ["push", "pull_request", "status", "check_run"] == hook["events"]
    assert hook["active"]


def test_a_new_repo_may_be_missing_for_a_while(
    github: FakeGithub, forge: GithubOrganisationForge, naps: list[float]
) -> None:
    """What follows its creation waits until it is there."""
    github.lag = 3

    forge.create("web", description="")
    forge.archive("web", archived=True)

    assert github.repo("web").told["archived"]
    assert [1.0, 2.0, 4.0] == naps


def test_an_old_repo_that_is_missing_is_not_waited_for(
    forge: GithubOrganisationForge, naps: list[float]
) -> None:
    """A 404 is an answer where nothing was just created."""
    with pytest.raises(ForgeError, match="status 404"):
        forge.archive("web", archived=True)

    assert [] == naps

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


def test_all_repos_are_listed(github: FakeGithub, forge: GithubOrganisationForge) -> None:
    """However many pages there are."""
    for number in range(230):
        github.add(f"web-{number:03}")

    assert tuple(f"web-{number:03}" for number in range(230)) == forge.repos()
    assert 3 == len(github.calls)


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

"""A group on GitLab, against a fake of its API: repos and webhooks."""

import pytest

from scaffold.config.forges.gitlab import GitlabForge
from scaffold.errors import ForgeError
from scaffold.forge.api import FoundRepo
from scaffold.forge.credentials import Credentials
from scaffold.forge.gitlab.adapter import GitlabGroupForge
from scaffold.forge.registry import open_forge
from tests.forge.fake_http import TOKEN
from tests.forge.gitlab.fake import FakeGitlab
from tests.forge.life import HOOK, SECRET


def test_platform_yml_names_it(gitlab: FakeGitlab, monkeypatch: pytest.MonkeyPatch) -> None:
    """`forge: {kind: gitlab, ...}` is a forge in that group, with the token of the environment."""
    monkeypatch.setattr("scaffold.git.access._accesses", {})
    monkeypatch.setenv("GITLAB_TOKEN", TOKEN)
    monkeypatch.delenv("SCAFFOLD_TOKEN", raising=False)

    forge = open_forge(GitlabForge(kind="gitlab", url=gitlab.url, group="acme/shop"))

    assert f"{gitlab.url}/acme/shop/web.git" == forge.url("web")
    assert () == forge.check()


def test_a_new_repo_is_in_the_group(gitlab: FakeGitlab, forge: GitlabGroupForge) -> None:
    """It has the description, the topics and platform.yml's visibility."""
    assert forge.create("web", description="Sells \u00c4pfel", topics=["service", "python"])

    made = gitlab.project("web")
    assert "acme/shop/web" == made.path
    assert {
        "archived": False,
        "name": "web",
        "description": "Sells \u00c4pfel",
        "visibility": "private",
        "topics": ["service", "python"],
    } == made.told


def test_a_repo_may_be_in_a_group_below(gitlab: FakeGitlab, forge: GitlabGroupForge) -> None:
    """A name with a slash is a project of a group within the group."""
    gitlab.groups[12] = "acme/shop/blueprints"

    forge.create("blueprints/python", description="")

    assert ["acme/shop/blueprints/python"] == [one.path for one in gitlab.projects]
    assert FoundRepo("blueprints/python") == forge.find("blueprints/python")


def test_a_missing_group_is_named(gitlab: FakeGitlab, forge: GitlabGroupForge) -> None:
    """Where the group is not there, or not to be seen, the error says so."""
    del gitlab.groups[11]

    with pytest.raises(ForgeError) as caught:
        forge.create("web", description="")

    assert "can't create the repo `web`: status 404" == caught.value.what
    assert (
        "It is not there, or the token may not see it. It takes a token with the scope api, of a"
        " user who may create projects in `acme/shop`." == caught.value.hint
    )


def test_a_repo_is_found_as_it_is(gitlab: FakeGitlab, forge: GitlabGroupForge, repo: str) -> None:
    """Its default branch is told, and whether it is archived."""
    gitlab.project(repo).told["default_branch"] = "trunk"
    assert FoundRepo("web", default_branch="trunk") == forge.find(repo)

    forge.archive(repo, archived=True)
    assert FoundRepo("web", archived=True, default_branch="trunk") == forge.find(repo)

    forge.archive(repo, archived=False)
    assert FoundRepo("web", default_branch="trunk") == forge.find(repo)


def test_a_group_may_be_named_in_another_case(gitlab: FakeGitlab, repo: str) -> None:
    """GitLab finds it all the same, so its repos are no others."""
    settings = GitlabForge(kind="gitlab", url=gitlab.url, group="Acme/Shop")
    forge = GitlabGroupForge(settings, Credentials(TOKEN, "the test"))

    assert FoundRepo("web") == forge.find(repo)


def test_a_repo_that_went_to_another_group_is_found(
    gitlab: FakeGitlab, forge: GitlabGroupForge
) -> None:
    """GitLab redirects whoever reads; the name that comes back is the new one."""
    gitlab.add("acme/shop/web2")
    gitlab.add("elsewhere/api")
    gitlab.moved = {"acme/shop/web": "acme/shop/web2", "acme/shop/api": "elsewhere/api"}

    assert FoundRepo("web2") == forge.find("web")
    assert FoundRepo("elsewhere/api") == forge.find("api")


def test_all_repos_of_the_group_are_listed(gitlab: FakeGitlab, forge: GitlabGroupForge) -> None:
    """However many pages there are; those of groups below count, those to be deleted do not."""
    for number in range(230):
        gitlab.add(f"acme/shop/web-{number:03}")
    gitlab.add("acme/shop/blueprints/python")
    gitlab.add("acme/other")
    gitlab.add("acme/shop/gone", marked_for_deletion_on="2026-01-01")

    found = forge.repos()

    assert ("blueprints/python", *(f"web-{number:03}" for number in range(230))) == found
    assert 3 == len(gitlab.calls)


def test_one_webhook_tells_all_events(
    gitlab: FakeGitlab, forge: GitlabGroupForge, repo: str
) -> None:
    """Again, with another secret, there is still one, with the new secret."""
    forge.webhook(repo, HOOK, SECRET)
    forge.webhook(repo, HOOK, "another")

    assert [
        {
            "id": 1,
            "url": HOOK,
            "token": "another",
            "push_events": True,
            "merge_requests_events": True,
            "pipeline_events": True,
            "job_events": True,
        }
    ] == gitlab.project(repo).hooks


def test_a_webhook_too_many_is_removed(
    gitlab: FakeGitlab, forge: GitlabGroupForge, repo: str
) -> None:
    """GitLab takes several with one address, as two runs at once may leave; others stay."""
    hooks = gitlab.project(repo).hooks
    hooks += [{"id": number, "url": HOOK} for number in (1, 2)]
    hooks.append({"id": 3, "url": "https://other.example.com"})

    forge.webhook(repo, HOOK, SECRET)

    assert [1, 3] == [one["id"] for one in hooks]


def test_an_address_that_gitlab_may_not_call_is_told(forge: GitlabGroupForge, repo: str) -> None:
    """An instance refuses local addresses until its administrators allow them."""
    with pytest.raises(ForgeError) as caught:
        forge.webhook(repo, "http://192.168.0.1/hook", SECRET)

    assert "can't set the webhook of `web`: status 422" == caught.value.what
    assert ("Invalid url given",) == caught.value.details
    assert caught.value.hint.endswith("and an address that the instance may call.")

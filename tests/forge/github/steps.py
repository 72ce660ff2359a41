"""What the tests of GitHub do again and again."""

from scaffold.config.forges.github import GithubForge
from scaffold.forge.api import MergeRequest, Proposal
from scaffold.forge.credentials import Credentials
from scaffold.forge.github.adapter import GithubOrganisationForge
from tests.forge.fake_http import TOKEN
from tests.forge.github.fake import FakeGithub


def connect(github: FakeGithub, token: str = TOKEN, bot: str = "bot") -> GithubOrganisationForge:
    """The forge on the server."""
    settings = GithubForge(kind="github", url=github.url, group="acme", bot=bot)
    return GithubOrganisationForge(settings, Credentials(token, "the test"))


def writes(github: FakeGithub) -> list[str]:
    """The calls that changed something."""
    return [f"{one.method} {one.path}" for one in github.calls if one.method != "GET"]


def open_one(
    forge: GithubOrganisationForge, *, draft: bool = False, auto_merge: bool = False
) -> MergeRequest:
    """A pull request of the branch `scaffold/python`."""
    return forge.open_merge_request(
        "web",
        "scaffold/python",
        Proposal(
            "Upgrade",
            "To v2",
            draft=draft,
            labels=("scaffold",),
            reviewers=("ada",),
            auto_merge=auto_merge,
        ),
    )

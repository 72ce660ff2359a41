"""What the tests of GitLab do again and again."""

from scaffold.config.forges.gitlab import GitlabForge
from scaffold.forge.api import MergeRequest, Proposal
from scaffold.forge.credentials import Credentials
from scaffold.forge.gitlab.adapter import GitlabGroupForge
from tests.forge.fake_http import TOKEN
from tests.forge.gitlab.fake import FakeGitlab


def connect(gitlab: FakeGitlab, token: str = TOKEN, bot: str = "bot") -> GitlabGroupForge:
    """The forge on the server."""
    settings = GitlabForge(kind="gitlab", url=gitlab.url, group="acme/shop", bot=bot)
    return GitlabGroupForge(settings, Credentials(token, "the test"))


def writes(gitlab: FakeGitlab) -> list[str]:
    """The calls that changed something."""
    return [f"{one.method} {one.path}" for one in gitlab.calls if one.method != "GET"]


def open_one(forge: GitlabGroupForge, *, draft: bool = False) -> MergeRequest:
    """A merge request of the branch `scaffold/python`."""
    return forge.open_merge_request(
        "web",
        "scaffold/python",
        Proposal("Upgrade", "To v2", draft=draft, labels=("scaffold",), reviewers=("ada",)),
    )

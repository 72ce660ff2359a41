"""GitLab's REST API v4: where it has a repo, and what it says in its own way."""

from typing import Any, ClassVar
from urllib.parse import quote

from scaffold.errors import ForgeError
from scaffold.forge.rest import NOT_ALLOWED, Answer, Call, RestApi, moved

NO_PROJECTS = {"with_projects": "false"}
"""The query of a group that leaves its projects out, which may be many."""


class GitlabApi(RestApi):
    """The API of an instance."""

    server: ClassVar[str] = "GitLab"

    def full_path(self, repo: str) -> str:
        """The path of a repo, with that of the group."""
        return f"{self.group}/{repo}"

    def path(self, repo: str) -> str:
        """See RestApi."""
        return f"/projects/{quote(self.full_path(repo), safe='')}"

    def group_path(self, group: str) -> str:
        """Where the API has a group."""
        return f"/groups/{quote(group, safe='')}"

    def group_called(self, path: str, call: Call) -> Any:
        """A group by its full path, or None where the token sees none. Raises ForgeError."""
        return self.get(self.group_path(path), call, NO_PROJECTS)

    def refused(self, answer: Answer, call: Call, where: str = "") -> ForgeError:
        """See RestApi. GitLab redirects who reads at a repo's old path, and refuses who writes."""
        if answer.status == NOT_ALLOWED and "moved" in answer.words:
            return moved(call, where or self.base, details=[])
        return super().refused(answer, call, where)

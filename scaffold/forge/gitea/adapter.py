"""An organisation of a Gitea or Forgejo instance, over its REST API.

Written against the API description that Gitea 1.26 publishes at `/swagger.v1.json`, and tested
against that server.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import ClassVar
from urllib.parse import quote

from scaffold.config.forges.gitea import GiteaForge
from scaffold.config.forges.server import Visibility
from scaffold.forge.api import Access, CiValue, Held, StatusState
from scaffold.forge.credentials import Credentials
from scaffold.forge.gitea.access import check_rights, grant_access, protect_main
from scaffold.forge.gitea.ci_names import read_ci_names
from scaffold.forge.gitea.ci_values import set_above, set_of_repo
from scaffold.forge.gitea.client import GiteaApi
from scaffold.forge.gitea.held import read_held, take_from_teams
from scaffold.forge.gitea.requests import GiteaRequests
from scaffold.forge.gitea.required import require_statuses
from scaffold.forge.http import sent_once
from scaffold.forge.making import keep_one
from scaffold.forge.rest import CONFLICT, NOT_FOUND, Call
from scaffold.forge.sense import tells_nonsense
from scaffold.forge.server import OnServer

_REPO_SCOPE = "a token with the scope write:repository"
_ADMIN = f"{_REPO_SCOPE}, of a user who administers the repo"
_READ = "a token with the scope read:repository, of a user who sees the repo"
_EVENTS = ("push", "pull_request", "status")
_STATES = {
    "pending": StatusState.PENDING,
    "success": StatusState.SUCCESS,
    "skipped": StatusState.SUCCESS,  # a job that had nothing to do
    "warning": StatusState.SUCCESS,  # Gitea lets it merge
    "failure": StatusState.FAILURE,
    "error": StatusState.FAILURE,
}


@tells_nonsense("Gitea")
class GiteaOrganisationForge(OnServer[GiteaApi]):
    """A forge in an organisation."""

    reads: ClassVar[str] = _READ

    def _reach(self, settings: GiteaForge, credentials: Credentials) -> GiteaApi:
        return GiteaApi.reach(settings, credentials, f"{settings.url}/api/v1", "token")

    def repos(self) -> tuple[str, ...]:
        """See Forge."""
        call = Call(f"list the repos of `{self._api.group}`", _READ)
        repos = self._api.pages(f"/orgs/{self._api.group}/repos", call)
        return tuple(sorted(repo["name"] for repo in repos))

    def check(self) -> tuple[str, ...]:
        """See Forge."""
        return check_rights(self._api, self._settings.bot)

    def create(self, repo: str, *, description: str, topics: Sequence[str] = ()) -> bool:
        """See Forge."""
        group = self._api.group
        needs = f"{_REPO_SCOPE} and write:organization, and the right to create repos in `{group}`"
        call = Call(f"create the repo `{repo}`", needs)
        body = {
            "name": repo,
            "description": description,
            "private": self._settings.visibility is Visibility.PRIVATE,
            "default_branch": "main",
            "auto_init": False,
        }
        answer = self._api.send("POST", f"/orgs/{group}/repos", call, json=body, fine=(CONFLICT,))
        if topics:
            call = Call(f"set the topics of `{repo}`", _ADMIN)
            topic_names = {"topics": list(topics)}
            self._api.send("PUT", f"{self._api.path(repo)}/topics", call, json=topic_names)
        return answer.ok

    def delete(self, repo: str) -> None:
        """See Forge."""
        call = Call(f"delete the repo `{repo}`", _ADMIN)
        with sent_once():
            self._api.send("DELETE", self._api.path(repo), call, fine=(NOT_FOUND,))

    def grant(self, repo: str, access: Access) -> None:
        """See Forge. A group is a team of the organisation, made where it is not there."""
        grant_access(self._api, repo, access)

    def revoke(self, repo: str, groups: Sequence[str]) -> None:
        """See Forge. One that has all repos of the organisation keeps them."""
        take_from_teams(self._api, repo, groups)

    def held(self, repo: str, groups: Sequence[str]) -> Held:
        """See Forge."""
        return read_held(self._api, repo, groups, self._settings.bot)

    def protect(
        self, repo: str, statuses: Collection[str] = (), *, former: Collection[str] = ()
    ) -> None:
        """See Forge. Admins are the repo's teams that have that right."""
        protect_main(self._api, repo, self._settings.bot)
        require_statuses(self._api, repo, statuses, former)

    def may_push(self, repo: str, branch: str) -> bool | None:
        """See Forge."""
        call = Call(f"ask who may push to `{repo}`", _READ)
        answer = self._api.get(f"{self._api.path(repo)}/branches/{quote(branch, safe='')}", call)
        return None if answer is None else bool(answer["user_can_push"])

    def webhook(self, repo: str, url: str, secret: str) -> None:
        """See Forge. What is there for that URL gets the secret anew, since none can be read."""
        call = Call(f"set the webhook of `{repo}`", _ADMIN)
        path = f"{self._api.path(repo)}/hooks"
        body = {
            "type": "gitea",
            "active": True,
            "events": list(_EVENTS),
            "config": {"url": url, "content_type": "json", "secret": secret},
        }
        keep_one(
            lambda: [
                hook["id"]
                for hook in self._api.pages(path, call)
                if hook["config"].get("url") == url
            ],
            add=lambda: int(self._api.send("POST", path, call, json=body).data["id"]),
            change=lambda number: self._api.send("PATCH", f"{path}/{number}", call, json=body),
            remove=lambda number: self._api.send(
                "DELETE", f"{path}/{number}", call, fine=(NOT_FOUND,)
            ),
        )

    def remove_webhooks(self, repo: str, urls: Collection[str]) -> None:
        """See Forge."""
        call, path = Call(f"remove a webhook of `{repo}`", _ADMIN), f"{self._api.path(repo)}/hooks"
        for hook in list(self._api.pages(path, call)):
            if hook["config"].get("url") in urls:
                self._api.send("DELETE", f"{path}/{hook['id']}", call, fine=(NOT_FOUND,))

    def statuses(self, repo: str, commit: str) -> Mapping[str, StatusState]:
        """See Forge."""
        call = Call(f"read the statuses of `{repo}`", _READ)
        path = f"{self._api.path(repo)}/commits/{commit}/statuses"
        statuses = sorted(self._api.pages(path, call), key=lambda status: int(status["id"]))
        return {
            status["context"]: _STATES.get(status["status"], StatusState.FAILURE)
            for status in statuses
        }

    def set_status(self, repo: str, commit: str, name: str, state: StatusState) -> None:
        """See Forge."""
        call = Call(f"set a status of `{repo}`", f"{_REPO_SCOPE}, of a user who may push to it")
        body = {"context": name, "state": str(state)}
        self._api.send("POST", f"{self._api.path(repo)}/statuses/{commit}", call, json=body)

    def ci_names(
        self, repo: str, environments: Collection[str] = ()
    ) -> Mapping[str, frozenset[str]]:
        """See Forge."""
        return read_ci_names(self._api, repo, environments)

    def set_ci_value(self, repo: str, value: CiValue) -> None:
        """See Forge."""
        set_of_repo(self._api, repo, value)

    def set_ci_value_above(self, *, repos: Sequence[str], value: CiValue) -> bool:
        """See Forge."""
        return set_above(self._api, repos, value)

    def archive(self, repo: str, *, archived: bool) -> None:
        """See Forge. One that is gone has nothing to keep from pushes."""
        call = Call(f"archive the repo `{repo}`", _ADMIN)
        self._api.send("PATCH", self._api.path(repo), call, json={"archived": archived})

    def _requests(self, repo: str) -> GiteaRequests:
        return GiteaRequests(self._api, repo)

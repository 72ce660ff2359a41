"""A group of a GitLab instance.

Written against the REST API v4 as https://docs.gitlab.com/api/rest/ tells it, of GitLab 15 and
later.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import ClassVar
from urllib.parse import quote

from scaffold.config.forges.gitlab import GitlabForge
from scaffold.forge.api import Access, CiValue, Held, StatusState
from scaffold.forge.credentials import Credentials
from scaffold.forge.gitlab.access import check_rights, protect_main, share_with_groups
from scaffold.forge.gitlab.ci_names import read_ci_names
from scaffold.forge.gitlab.ci_values import set_above, set_of_repo
from scaffold.forge.gitlab.client import NO_PROJECTS, GitlabApi
from scaffold.forge.gitlab.held import read_held, take_from_groups
from scaffold.forge.gitlab.requests import GitlabRequests
from scaffold.forge.gitlab.required import require_statuses
from scaffold.forge.http import sent_once
from scaffold.forge.making import keep_one
from scaffold.forge.rest import NOT_FOUND, Call
from scaffold.forge.sense import tells_nonsense
from scaffold.forge.server import OnServer

_API = "a token with the scope api"
_READ = "a token with the scope api or read_api, of a user who sees the repo"
_MAINTAINER = f"{_API}, of a user with the role Maintainer"
_OWNER = f"{_API}, of a user with the role Owner"
_EVENTS = ("push_events", "merge_requests_events", "pipeline_events", "job_events")
# `image` is a reserved word in GitLab CI, so the job that makes the status has another name.
_JOBS = {"build-image": "image"}
_STATES = {
    "success": StatusState.SUCCESS,
    "failed": StatusState.FAILURE,
    "canceled": StatusState.FAILURE,
}
_NOT_RUN = "skipped"
_INVALID = 400
_NAMES = {
    StatusState.PENDING: "pending",
    StatusState.SUCCESS: "success",
    StatusState.FAILURE: "failed",
}


@tells_nonsense("GitLab")
class GitlabGroupForge(OnServer[GitlabApi]):
    """A forge in a group; a repo's name may have groups below it in front, as in `a/b`."""

    reads: ClassVar[str] = _READ
    full_name: ClassVar[str] = "path_with_namespace"

    def _reach(self, settings: GitlabForge, credentials: Credentials) -> GitlabApi:
        # As a bearer any kind of token is taken, and requests keeps it from other hosts.
        return GitlabApi.reach(settings, credentials, f"{settings.url}/api/v4", "Bearer")

    def repos(self) -> tuple[str, ...]:
        """See Forge. Those that wait for their deletion are left out."""
        path = f"{self._api.group_path(self._api.group)}/projects"
        call = Call(f"list the repos of `{self._api.group}`", _READ)
        query = {"include_subgroups": "true", "with_shared": "false"}
        paths = [
            project["path_with_namespace"]
            for project in self._api.pages(path, call, query)
            if not project.get("marked_for_deletion_on")
        ]
        return tuple(sorted(self._name(path) for path in paths))

    def check(self) -> tuple[str, ...]:
        """See Forge."""
        return check_rights(self._api, self._settings.bot)

    def create(self, repo: str, *, description: str, topics: Sequence[str] = ()) -> bool:
        """See Forge. The default branch is the first that is pushed."""
        above, _, name = self._api.full_path(repo).rpartition("/")
        needs = f"{_API}, of a user who may create projects in `{above}`"
        call = Call(f"create the repo `{repo}`", needs)
        group = self._api.send("GET", self._api.group_path(above), call, query=NO_PROJECTS).data
        body = {
            "name": name,
            "path": name,
            "namespace_id": group["id"],
            "description": description,
            "visibility": str(self._settings.visibility),
            "topics": list(topics),
        }
        try:
            made = self._api.send("POST", "/projects", call, json=body, fine=(_INVALID,))
        finally:
            # Also where it was there: the answer to an earlier try may have been lost.
            self._api.take_for_fresh(repo)
        if not made.ok and "already been taken" not in made.words:
            raise self._api.refused(made, call)
        return made.ok

    def delete(self, repo: str) -> None:
        """See Forge. An instance may keep it for some days, under another name."""
        self._api.fresh.forget(repo)
        with sent_once():
            call = Call(f"delete the repo `{repo}`", _OWNER)
            self._api.send("DELETE", self._api.path(repo), call, fine=(NOT_FOUND,))

    def grant(self, repo: str, access: Access) -> None:
        """See Forge. Groups are named by their full path; none is made."""
        share_with_groups(self._api, repo, access)

    def revoke(self, repo: str, groups: Sequence[str]) -> None:
        """See Forge."""
        take_from_groups(self._api, repo, groups)

    def held(self, repo: str, groups: Sequence[str]) -> Held:
        """See Forge. What a group has by a group above the repo is none of the repo's."""
        return read_held(self._api, repo, groups)

    def protect(
        self, repo: str, statuses: Collection[str] = (), *, former: Collection[str] = ()
    ) -> None:
        """See Forge. Admins are those with the role Maintainer or higher."""
        protect_main(self._api, repo, self._settings.bot)
        require_statuses(self._api, repo, statuses, former)

    def may_push(self, repo: str, branch: str) -> bool | None:
        """See Forge."""
        path = f"{self._api.path(repo)}/repository/branches/{quote(branch, safe='')}"
        answer = self._api.get(path, Call(f"ask who may push to `{repo}`", _READ))
        return None if answer is None else bool(answer["can_push"])

    def webhook(self, repo: str, url: str, secret: str) -> None:
        """See Forge. What is there for that URL gets the secret anew, since none can be read."""
        needs = f"{_MAINTAINER}, and an address that the instance may call"
        call, hooks = Call(f"set the webhook of `{repo}`", needs), f"{self._api.path(repo)}/hooks"
        body = {"url": url, "token": secret, **dict.fromkeys(_EVENTS, True)}
        send = self._api.send
        keep_one(
            lambda: [hook["id"] for hook in self._api.pages(hooks, call) if hook["url"] == url],
            add=lambda: int(send("POST", hooks, call, json=body).data["id"]),
            change=lambda number: send("PUT", f"{hooks}/{number}", call, json=body),
            remove=lambda number: send("DELETE", f"{hooks}/{number}", call, fine=(NOT_FOUND,)),
        )

    def remove_webhooks(self, repo: str, urls: Collection[str]) -> None:
        """See Forge."""
        call = Call(f"remove a webhook of `{repo}`", _MAINTAINER)
        path = f"{self._api.path(repo)}/hooks"
        for hook in list(self._api.pages(path, call)):
            if hook["url"] in urls:
                self._api.send("DELETE", f"{path}/{hook['id']}", call, fine=(NOT_FOUND,))

    def statuses(self, repo: str, commit: str) -> Mapping[str, StatusState]:
        """See Forge. A job of a pipeline is a status; one that was skipped says nothing."""
        path = f"{self._api.path(repo)}/repository/commits/{commit}/statuses"
        call = Call(f"read the statuses of `{repo}`", _READ)
        jobs = self._api.pages(path, call, fine=(NOT_FOUND,))
        states: dict[str, StatusState] = {}
        for job in sorted(jobs, key=lambda job: int(job["id"])):
            if job["status"] != _NOT_RUN:
                name = _JOBS.get(job["name"], job["name"])
                states[name] = _STATES.get(job["status"], StatusState.PENDING)
        return states

    def set_status(self, repo: str, commit: str, name: str, state: StatusState) -> None:
        """See Forge. GitLab refuses to set what is so already."""
        if self.statuses(repo, commit).get(name) is state:
            return
        call = Call(f"set a status of `{repo}`", f"{_API}, of a user with the role Developer")
        path = f"{self._api.path(repo)}/statuses/{commit}"
        body = {"state": _NAMES[state], "name": name}
        answer = self._api.send("POST", path, call, json=body, fine=(_INVALID,))
        if not answer.ok and "Cannot transition status" not in answer.words:
            raise self._api.refused(answer, call)

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
        """See Forge."""
        call = Call(f"{'archive' if archived else 'take up again'} the repo `{repo}`", _OWNER)
        verb = "archive" if archived else "unarchive"
        self._api.send("POST", f"{self._api.path(repo)}/{verb}", call)

    def _requests(self, repo: str) -> GitlabRequests:
        return GitlabRequests(self._api, repo)

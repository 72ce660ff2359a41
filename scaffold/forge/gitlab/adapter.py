"""A group of a GitLab instance, by python-gitlab.

Written against the REST API v4 as https://docs.gitlab.com/api/rest/ tells it, of GitLab 15 and
later.
"""

from collections.abc import Mapping, Sequence

from gitlab.exceptions import GitlabError

from scaffold.config.forge import GitlabForge
from scaffold.forge.api import Access, FoundRepo, MergeRequest, Proposal, StatusState
from scaffold.forge.credentials import Credentials
from scaffold.forge.gitlab.access import check_rights, protect_main, share_with_groups
from scaffold.forge.gitlab.client import INVALID, found, open_gitlab
from scaffold.forge.gitlab.requests import GitlabRequests
from scaffold.forge.http import sent_once
from scaffold.forge.making import keep_one
from scaffold.forge.rest import Call
from scaffold.forge.sense import tells_nonsense

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
_NAMES = {
    StatusState.PENDING: "pending",
    StatusState.SUCCESS: "success",
    StatusState.FAILURE: "failed",
}


@tells_nonsense("GitLab")
class GitlabGroupForge:
    """A forge in a group; a repo's name may have groups below it in front, as in `a/b`."""

    def __init__(self, settings: GitlabForge, credentials: Credentials) -> None:
        self._settings = settings
        self._api = open_gitlab(settings, credentials)

    def url(self, repo: str) -> str:
        """See Forge."""
        return self._settings.repo_url(repo)

    def find(self, repo: str) -> FoundRepo | None:
        """See Forge. GitLab redirects from a repo's old path."""
        with self._api.asking(Call(f"look for the repo `{repo}`", _READ)):
            told = found(lambda: self._api.client.projects.get(self._api.path(repo)))
        if told is None:
            return None
        return FoundRepo(
            self._name(told.path_with_namespace),
            archived=told.archived,
            default_branch=told.default_branch or "main",  # none while it is empty
        )

    def repos(self) -> tuple[str, ...]:
        """See Forge. Those that wait for their deletion are left out."""
        group = self._api.client.groups.get(self._api.group, lazy=True)
        with self._api.asking(Call(f"list the repos of `{self._api.group}`", _READ)):
            paths = [
                one.path_with_namespace
                for one in group.projects.list(
                    iterator=True, include_subgroups=True, with_shared=False
                )
                if not one.attributes.get("marked_for_deletion_on")
            ]
        return tuple(sorted(self._name(path) for path in paths))

    def check(self) -> tuple[str, ...]:
        """See Forge."""
        return check_rights(self._api, self._settings.bot)

    def create(self, repo: str, *, description: str, topics: Sequence[str] = ()) -> bool:
        """See Forge. The default branch is the first that is pushed."""
        above, _, name = self._api.path(repo).rpartition("/")
        needs = f"{_API}, of a user who may create projects in `{above}`"
        with self._api.asking(Call(f"create the repo `{repo}`", needs)):
            asked = {
                "name": name,
                "path": name,
                "namespace_id": self._api.client.groups.get(above, with_projects=False).id,
                "description": description,
                "visibility": str(self._settings.visibility),
                "topics": list(topics),
            }
            try:
                self._api.client.projects.create(asked)
            except GitlabError as error:
                if error.response_code != INVALID or "already been taken" not in str(error):
                    raise
                return False
            finally:
                # Also where it was there: the answer to an earlier try may have been lost.
                self._api.take_for_fresh(repo)
        return True

    def delete(self, repo: str) -> None:
        """See Forge. An instance may keep it for some days, under another name."""
        self._api.fresh.forget(repo)
        with self._api.asking(Call(f"delete the repo `{repo}`", _OWNER)), sent_once():
            found(self._api.project(repo).delete)

    def grant(self, repo: str, access: Access) -> None:
        """See Forge. Groups are named by their full path; none is made."""
        share_with_groups(self._api, repo, access)

    def protect(self, repo: str) -> None:
        """See Forge. Admins are those with the role Maintainer or higher."""
        protect_main(self._api, repo, self._settings.bot)

    def may_push(self, repo: str, branch: str) -> bool | None:
        """See Forge."""
        branches = self._api.project(repo).branches
        with self._api.asking(Call(f"ask who may push to `{repo}`", _READ)):
            told = found(lambda: branches.get(branch))
            return None if told is None else bool(told.can_push)

    def webhook(self, repo: str, url: str, secret: str) -> None:
        """See Forge. What is there for that URL gets the secret anew, since none can be read."""
        needs = f"{_MAINTAINER}, and an address that the instance may call"
        hooks = self._api.project(repo).hooks
        asked = {"url": url, "token": secret, **dict.fromkeys(_EVENTS, True)}
        with self._api.asking(Call(f"set the webhook of `{repo}`", needs)):
            keep_one(
                lambda: [one.id for one in hooks.list(iterator=True) if one.url == url],
                add=lambda: int(hooks.create(asked).id),
                change=lambda number: hooks.update(number, asked),
                remove=lambda number: found(lambda: hooks.delete(number)),
            )

    def open_merge_request(self, repo: str, branch: str, proposal: Proposal) -> MergeRequest:
        """See Forge. GitLab knows users as reviewers only; without a licence, one of them."""
        requests = self._requests(repo)
        opened = requests.open(branch, proposal)
        if proposal.auto_merge and not proposal.draft:
            requests.merge_once_green(opened.number)
        return opened

    def close_merge_request(self, repo: str, number: int) -> None:
        """See Forge."""
        self._requests(repo).close(number)

    def merge(self, repo: str, number: int) -> None:
        """See Forge."""
        self._requests(repo).merge(number)

    def merges_itself(self, repo: str, number: int) -> bool:
        """See Forge."""
        return self._requests(repo).merges_itself(number)

    def merge_requests(self, repo: str, branch: str = "") -> tuple[MergeRequest, ...]:
        """See Forge."""
        return self._requests(repo).all(branch)

    def statuses(self, repo: str, commit: str) -> Mapping[str, StatusState]:
        """See Forge. A job of a pipeline is a status; one that was skipped says nothing."""
        there = self._api.project(repo).commits.get(commit, lazy=True)
        with self._api.asking(Call(f"read the statuses of `{repo}`", _READ)):
            told = found(lambda: list(there.statuses.list(iterator=True))) or []
        states: dict[str, StatusState] = {}
        for one in sorted(told, key=lambda one: int(one.id)):
            if one.status != _NOT_RUN:
                states[_JOBS.get(one.name, one.name)] = _STATES.get(one.status, StatusState.PENDING)
        return states

    def set_status(self, repo: str, commit: str, name: str, state: StatusState) -> None:
        """See Forge. GitLab refuses to set what is so already."""
        if self.statuses(repo, commit).get(name) is state:
            return
        there = self._api.project(repo).commits.get(commit, lazy=True)
        needs = f"{_API}, of a user with the role Developer"
        with self._api.asking(Call(f"set a status of `{repo}`", needs)):
            try:
                there.statuses.create({"state": _NAMES[state], "name": name})
            except GitlabError as error:
                if "Cannot transition status" not in str(error):
                    raise

    def archive(self, repo: str, *, archived: bool) -> None:
        """See Forge."""
        doing = "archive" if archived else "take up again"
        project = self._api.project(repo)
        with self._api.asking(Call(f"{doing} the repo `{repo}`", _OWNER)):
            if archived:
                project.archive()
            else:
                project.unarchive()

    def lock_folder(self) -> None:
        """See Forge."""

    def _requests(self, repo: str) -> GitlabRequests:
        return GitlabRequests(self._api, repo)

    def _name(self, path: str) -> str:
        """A repo's name below the group; its full path where it is somewhere else."""
        prefix = f"{self._api.group}/"
        # GitLab finds paths in any case, and tells them in their own.
        return path[len(prefix) :] if path.lower().startswith(prefix.lower()) else path

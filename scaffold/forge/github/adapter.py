"""An organisation on GitHub, by PyGithub.

Written against the REST API of version 2022-11-28, which https://docs.github.com/en/rest tells and
GitHub publishes an OpenAPI description of; of GitHub Enterprise Server 3.14 and later.
"""

import re
from collections.abc import Mapping, Sequence

from github.GithubException import GithubException, IncompletableObject

from scaffold.config.forge import GithubForge
from scaffold.forge.api import Access, FoundRepo, MergeRequest, Proposal, StatusState
from scaffold.forge.credentials import Credentials
from scaffold.forge.github.access import check_rights, give_to_teams, may_push, protect_main
from scaffold.forge.github.client import INVALID, found, open_github, said
from scaffold.forge.github.requests import GithubRequests
from scaffold.forge.github.statuses import read_statuses, write_status
from scaffold.forge.http import sent_once
from scaffold.forge.rest import Call
from scaffold.forge.sense import tells_nonsense

_REPO = "a token with the scope repo"
_READ = f"{_REPO}, of a user who sees the repo"
_ADMIN = f"{_REPO}, of a user who administers the repo"
_EVENTS = ["push", "pull_request", "status", "check_run"]
_NOT_IN_TOPICS = re.compile(r"[^a-z0-9-]+")
_LONGEST_TOPIC, _MOST_TOPICS = 50, 20


@tells_nonsense("GitHub", IncompletableObject)
class GithubOrganisationForge:
    """A forge in an organisation."""

    def __init__(self, settings: GithubForge, credentials: Credentials) -> None:
        self._settings = settings
        self._api = open_github(settings, credentials)

    def url(self, repo: str) -> str:
        """See Forge."""
        return self._settings.repo_url(repo)

    def find(self, repo: str) -> FoundRepo | None:
        """See Forge. GitHub redirects from a repo's old name."""
        with self._api.asking(Call(f"look for the repo `{repo}`", _READ)):
            told = found(lambda: self._api.send("GET", self._api.path(repo)))
        if told is None:
            return None
        group, _, name = told["full_name"].partition("/")
        return FoundRepo(
            name if group.lower() == self._api.group.lower() else told["full_name"],
            archived=told["archived"],
            default_branch=told["default_branch"],
        )

    def repos(self) -> tuple[str, ...]:
        """See Forge."""
        with self._api.asking(Call(f"list the repos of `{self._api.group}`", _READ)):
            told = list(self._api.pages(f"/orgs/{self._api.group}/repos", type="all"))
        return tuple(sorted(one["name"] for one in told))

    def check(self) -> tuple[str, ...]:
        """See Forge."""
        return check_rights(self._api, self._settings.bot)

    def create(self, repo: str, *, description: str, topics: Sequence[str] = ()) -> bool:
        """See Forge. The default branch is the first that is pushed."""
        group = self._api.client.get_organization(self._api.group)
        needs = f"{_REPO}, of a user who may create repos in `{self._api.group}`"
        made = True
        with self._api.asking(Call(f"create the repo `{repo}`", needs)):
            try:
                group.create_repo(
                    repo,
                    description=description,
                    visibility=str(self._settings.visibility),
                    auto_init=False,
                    allow_auto_merge=True,
                )
            except GithubException as error:
                if error.status != INVALID or "already exists" not in said(error):
                    raise
                made = False
            # Also where it was there: the answer to an earlier try may have been lost.
            self._api.take_for_fresh(repo)
            if names := _topics(topics):
                self._api.repo(repo).replace_topics(names)
        return made

    def delete(self, repo: str) -> None:
        """See Forge."""
        self._api.fresh.forget(repo)
        needs = f"{_ADMIN}, and the scope delete_repo"
        with self._api.asking(Call(f"delete the repo `{repo}`", needs)), sent_once():
            found(self._api.repo(repo).delete)

    def grant(self, repo: str, access: Access) -> None:
        """See Forge. A group is a team of the organisation, made where it is not there."""
        give_to_teams(self._api, repo, access)

    def protect(self, repo: str) -> None:
        """See Forge. By a ruleset of our own, so that what others set up stays."""
        protect_main(self._api, repo, self._settings.bot)

    def may_push(self, repo: str, branch: str) -> bool | None:
        """See Forge. Rulesets and branch protections count, of the organisation, too."""
        return may_push(self._api, repo, branch)

    def webhook(self, repo: str, url: str, secret: str) -> None:
        """See Forge. What is there for that URL gets the secret anew, since none can be read."""
        hooks = f"{self._api.path(repo)}/hooks"
        config = {"url": url, "content_type": "json", "secret": secret}
        asked = {"config": config, "events": _EVENTS, "active": True}
        with self._api.asking(Call(f"set the webhook of `{repo}`", _ADMIN)):
            number = self._hook(hooks, url)
            if number is None:
                try:
                    self._api.send("POST", hooks, {"name": "web", **asked})
                except GithubException as error:
                    # GitHub takes one of an address only: the answer to an earlier try was lost.
                    if error.status != INVALID or "already exists" not in said(error):
                        raise
            else:
                self._api.send("PATCH", f"{hooks}/{number}", asked)

    def open_merge_request(self, repo: str, branch: str, proposal: Proposal) -> MergeRequest:
        """See Forge. Of a team's name what follows the last slash counts."""
        requests = self._requests(repo)
        opened = requests.open(branch, proposal)
        requests.add_labels(opened, proposal.labels)
        requests.ask(opened, proposal.reviewers)
        if proposal.auto_merge and not proposal.draft:
            requests.merge_once_green(opened)
        return requests.seen(opened)

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
        """See Forge. Check runs, as of Actions, count as well as statuses."""
        return read_statuses(self._api, repo, commit)

    def set_status(self, repo: str, commit: str, name: str, state: StatusState) -> None:
        """See Forge."""
        write_status(self._api, repo, commit, name, state)

    def archive(self, repo: str, *, archived: bool) -> None:
        """See Forge."""
        doing = "archive" if archived else "take up again"
        with self._api.asking(Call(f"{doing} the repo `{repo}`", _ADMIN)):
            self._api.send("PATCH", self._api.path(repo), {"archived": archived})

    def lock_folder(self) -> None:
        """See Forge."""

    def _hook(self, hooks: str, url: str) -> int | None:
        told = self._api.pages(hooks)
        return next((one["id"] for one in told if one["config"].get("url") == url), None)

    def _requests(self, repo: str) -> GithubRequests:
        return GithubRequests(self._api, repo)


def _topics(names: Sequence[str]) -> list[str]:
    """Topics as GitHub takes them: lower case, digits and hyphens, 20 of at most 50 characters."""
    plain = (_NOT_IN_TOPICS.sub("-", name.lower()).strip("-")[:_LONGEST_TOPIC] for name in names)
    return list(dict.fromkeys(name for name in plain if name))[:_MOST_TOPICS]

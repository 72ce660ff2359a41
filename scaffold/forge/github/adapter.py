"""An organisation on GitHub.

Written against the REST API of version 2022-11-28, which https://docs.github.com/en/rest tells and
GitHub publishes an OpenAPI description of; of GitHub Enterprise Server 3.14 and later.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from typing import ClassVar

from scaffold.config.forges.github import GithubForge
from scaffold.forge.api import Access, CiValue, Held, StatusState
from scaffold.forge.credentials import Credentials
from scaffold.forge.github.access import check_rights, give_to_teams, may_push, protect_main
from scaffold.forge.github.ci_names import read_ci_names
from scaffold.forge.github.ci_values import set_above, set_of_repo
from scaffold.forge.github.client import GithubApi
from scaffold.forge.github.held import read_held, take_from_teams
from scaffold.forge.github.requests import GithubRequests
from scaffold.forge.github.required import require_statuses
from scaffold.forge.github.statuses import read_statuses, write_status
from scaffold.forge.http import sent_once
from scaffold.forge.rest import INVALID, NOT_FOUND, Call
from scaffold.forge.sense import tells_nonsense
from scaffold.forge.server import OnServer

_REPO = "a token with the scope repo"
_READ = f"{_REPO}, of a user who sees the repo"
_ADMIN = f"{_REPO}, of a user who administers the repo"
_EVENTS = ["push", "pull_request", "status", "check_run"]
_NOT_IN_TOPICS = re.compile(r"[^a-z0-9-]+")
_LONGEST_TOPIC, _MOST_TOPICS = 50, 20


@tells_nonsense("GitHub")
class GithubOrganisationForge(OnServer[GithubApi]):
    """A forge in an organisation."""

    reads: ClassVar[str] = _READ

    def _reach(self, settings: GithubForge, credentials: Credentials) -> GithubApi:
        return GithubApi.open(settings, credentials)

    def repos(self) -> tuple[str, ...]:
        """See Forge."""
        call = Call(f"list the repos of `{self._api.group}`", _READ)
        repos = self._api.pages(f"/orgs/{self._api.group}/repos", call, {"type": "all"})
        return tuple(sorted(repo["name"] for repo in repos))

    def check(self) -> tuple[str, ...]:
        """See Forge."""
        return check_rights(self._api, self._settings.bot)

    def create(self, repo: str, *, description: str, topics: Sequence[str] = ()) -> bool:
        """See Forge. The default branch is the first that is pushed."""
        needs = f"{_REPO}, of a user who may create repos in `{self._api.group}`"
        call = Call(f"create the repo `{repo}`", needs)
        body = {
            "name": repo,
            "description": description,
            "visibility": str(self._settings.visibility),
            "auto_init": False,
            "allow_auto_merge": True,
        }
        path = f"/orgs/{self._api.group}/repos"
        made = self._api.send("POST", path, call, json=body, fine=(INVALID,))
        if not made.ok and "already exists" not in made.words:
            raise self._api.refused(made, call)
        # Also where it was there: the answer to an earlier try may have been lost.
        self._api.take_for_fresh(repo)
        if names := _topics(topics):
            self._api.send("PUT", f"{self._api.path(repo)}/topics", call, json={"names": names})
        return made.ok

    def delete(self, repo: str) -> None:
        """See Forge."""
        self._api.fresh.forget(repo)
        call = Call(f"delete the repo `{repo}`", f"{_ADMIN}, and the scope delete_repo")
        with sent_once():
            self._api.send("DELETE", self._api.path(repo), call, fine=(NOT_FOUND,))

    def grant(self, repo: str, access: Access) -> None:
        """See Forge. A group is a team of the organisation, made where it is not there."""
        give_to_teams(self._api, repo, access)

    def revoke(self, repo: str, groups: Sequence[str]) -> None:
        """See Forge."""
        take_from_teams(self._api, repo, groups)

    def held(self, repo: str, groups: Sequence[str]) -> Held:
        """See Forge."""
        return read_held(self._api, repo, groups)

    def protect(
        self, repo: str, statuses: Collection[str] = (), *, former: Collection[str] = ()
    ) -> None:
        """See Forge. By a ruleset of our own, so that what others set up stays."""
        protect_main(self._api, repo, self._settings.bot)
        require_statuses(self._api, repo, statuses, former)

    def may_push(self, repo: str, branch: str) -> bool | None:
        """See Forge. Rulesets and branch protections count, of the organisation, too."""
        return may_push(self._api, repo, branch)

    def webhook(self, repo: str, url: str, secret: str) -> None:
        """See Forge. What is there for that URL gets the secret anew, since none can be read."""
        hooks = f"{self._api.path(repo)}/hooks"
        config = {"url": url, "content_type": "json", "secret": secret}
        body = {"config": config, "events": _EVENTS, "active": True}
        call = Call(f"set the webhook of `{repo}`", _ADMIN)
        known = self._api.pages(hooks, call)
        number = next((hook["id"] for hook in known if hook["config"].get("url") == url), None)
        if number is not None:
            self._api.send("PATCH", f"{hooks}/{number}", call, json=body)
            return
        new = {"name": "web", **body}
        made = self._api.send("POST", hooks, call, json=new, fine=(INVALID,))
        # GitHub takes one of an address only: the answer to an earlier try was lost.
        if not made.ok and "already exists" not in made.words:
            raise self._api.refused(made, call)

    def remove_webhooks(self, repo: str, urls: Collection[str]) -> None:
        """See Forge."""
        call, path = Call(f"remove a webhook of `{repo}`", _ADMIN), f"{self._api.path(repo)}/hooks"
        for hook in list(self._api.pages(path, call)):
            if hook["config"].get("url") in urls:
                self._api.send("DELETE", f"{path}/{hook['id']}", call, fine=(NOT_FOUND,))

    def statuses(self, repo: str, commit: str) -> Mapping[str, StatusState]:
        """See Forge. Check runs, as of Actions, count as well as statuses."""
        return read_statuses(self._api, repo, commit)

    def set_status(self, repo: str, commit: str, name: str, state: StatusState) -> None:
        """See Forge."""
        write_status(self._api, repo, commit, name, state)

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
        call = Call(f"{'archive' if archived else 'take up again'} the repo `{repo}`", _ADMIN)
        self._api.send("PATCH", self._api.path(repo), call, json={"archived": archived})

    def _requests(self, repo: str) -> GithubRequests:
        return GithubRequests(self._api, repo)


def _topics(names: Sequence[str]) -> list[str]:
    """Topics as GitHub takes them: lower case, digits and hyphens, 20 of at most 50 characters."""
    plain = (_NOT_IN_TOPICS.sub("-", name.lower()).strip("-")[:_LONGEST_TOPIC] for name in names)
    return list(dict.fromkeys(name for name in plain if name))[:_MOST_TOPICS]

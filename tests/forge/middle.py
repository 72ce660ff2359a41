"""A real Gitea, and a server in front of it that fails as the fakes of other servers do."""

import threading
from pathlib import Path
from typing import Any
from urllib.parse import quote

import requests

from scaffold.config.forges.gitea import GiteaForge
from scaffold.forge.credentials import Credentials
from scaffold.forge.gitea.adapter import GiteaOrganisationForge
from tests.forge.commits import Commits
from tests.forge.fake_http import TOKEN, Answer, Asked, FakeForge
from tests.forge.life import Life
from tests.gitea import BOT, Gitea

_CHECK = "validate"  # what the protected main waits for, so that nothing merges before


class GiteaBehind(FakeForge):
    """The server; the organisation behind it is its own."""

    root = "/api/v1"
    powerless = "developer"  # is in no team, at first

    def __init__(self, gitea: Gitea, folder: Path) -> None:
        super().__init__()
        self._gitea = gitea
        self.group = gitea.new_organisation()
        self._commits = commits = Commits(folder / f"{self.group}.git")
        self.main, self.work, self.other = commits.main, commits.work, commits.other
        self.user = BOT
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.verify = str(gitea.ca_file)
        gitea.forge(self.group)  # and git has its token

    def connect(self, **more: Any) -> Life:
        """The forge in the organisation, as another process would have it."""
        told = {"kind": "gitea", "url": self.url, "group": self.group, "bot": BOT, **more}
        settings = GiteaForge.model_validate(told)
        forge = GiteaOrganisationForge(settings, Credentials(TOKEN, "the test"))
        names = ("viewers", "makers", "chiefs")
        page = f"{self._gitea.url}/{self.group}/shop/pulls/1"
        return Life(forge, self, *names, page, self.main, self.work, self.other)

    def answer(self, asked: Asked) -> Answer:
        """See FakeForge. What Gitea answers to the same."""
        told = self._told(asked)
        while "try again later" in told.text:  # it is working out whether a request merges
            threading.Event().wait(0.1)
            told = self._told(asked)
        headers = {
            name: told.headers[name] for name in ("Link", "Location") if name in told.headers
        }
        return Answer(told.status_code, told.json() if told.content else None, headers)

    def _told(self, asked: Asked) -> requests.Response:
        return self._session.request(
            asked.method,
            f"{self._gitea.url}/api/v1{asked.path}",
            params=asked.query,
            json=asked.body,
            allow_redirects=asked.method == "GET",
            headers={"Authorization": f"token {self._gitea.tokens[self.user]}"},
        )

    def push(self, repo: str, branch: str, commit: str) -> None:
        """Move a branch, past this server; main's rule and its check are made along the way."""
        url = f"{self._gitea.url}/{self.group}/{repo}.git"
        self._commits.push(url, branch, commit)
        # It learns of a push a little later.
        seen = f"/repos/{self.group}/{repo}/branches/{quote(branch, safe='')}"
        self._gitea.wait_for(lambda: self._gitea.call("GET", seen).ok)
        if branch == "scaffold/python":
            rule = {"enable_status_check": True, "status_check_contexts": [_CHECK]}
            self._must("PATCH", f"/{repo}/branch_protections/main", rule)
        if commit == self.other:
            self._must(
                "POST", f"/{repo}/statuses/{commit}", {"context": _CHECK, "state": "success"}
            )

    def drop(self, repo: str, branch: str) -> None:
        """Delete a branch."""
        self._must("DELETE", f"/{repo}/branches/{quote(branch, safe='')}", None)

    def demote(self) -> None:
        """See FakeForge."""
        self._gitea.add_to_team(self.group, "makers", "developer")
        self.user = "developer"

    def members(self, team: str) -> list[str]:
        """See FakeForge."""
        teams = self._gitea.get(f"/orgs/{self.group}/teams")
        number = next(one["id"] for one in teams if one["name"] == team)
        return _names(self._gitea.get(f"/teams/{number}/members"))

    def drop_auto_merge(self, repo: str, number: int) -> None:
        """See FakeForge."""
        self._must("DELETE", f"/{repo}/pulls/{number}/merge", None)

    def rename(self, repo: str, name: str) -> None:
        """See FakeForge."""
        self._must("PATCH", f"/{repo}", {"name": name})

    def only_squash(self, repo: str) -> None:
        """See FakeForge."""
        ways = ("merge_commits", "rebase", "rebase_explicit", "fast_forward_only_merge")
        told = {f"allow_{way}": False for way in ways}
        self._must("PATCH", f"/{repo}", {**told, "default_merge_style": "squash"})

    def effect(self) -> Any:
        """See FakeForge. What the API tells of repo and teams, but for times and numbers."""
        get, shop = self._gitea.get, f"/repos/{self.group}/shop"
        if not self._gitea.call("GET", shop).ok:
            return None
        repo, rules = get(shop), get(f"{shop}/branch_protections")
        teams = {one["name"]: one["id"] for one in get(f"/orgs/{self.group}/teams")}
        return {
            "repo": {name: repo[name] for name in ("description", "archived", "private")},
            "topics": get(f"{shop}/topics"),
            "teams": {one["name"]: one["permission"] for one in get(f"{shop}/teams")},
            "members": {name: _names(get(f"/teams/{one}/members")) for name, one in teams.items()},
            "rules": [{key: rule[key] for key in rule if key[-3:] != "_at"} for rule in rules],
            "hooks": [
                (one["config"]["url"], sorted(one["events"])) for one in get(f"{shop}/hooks")
            ],
            "labels": sorted(one["name"] for one in get(f"{shop}/labels")),
            "requests": [_request(one) for one in get(f"{shop}/pulls?state=all")],
            "statuses": [self._statuses(shop, commit) for commit in (self.main, self.work)],
        }

    def _statuses(self, shop: str, commit: str) -> dict[str, str]:
        """The newest of each name."""
        if not self._gitea.call("GET", f"{shop}/git/commits/{commit}").ok:
            return {}
        told = self._gitea.get(f"{shop}/commits/{commit}/status")["statuses"] or ()
        return {one["context"]: one["status"] for one in told}

    def _must(self, method: str, path: str, body: Any) -> None:
        answer = self._gitea.call(method, f"/repos/{self.group}{path}", json=body)
        assert answer.ok, answer.text


def _names(users: Any) -> list[str]:
    return sorted(one["login"] for one in users)


def _request(told: Any) -> Any:
    labels = sorted(one["name"] for one in told["labels"])
    kept = ("title", "body", "state", "draft", "merged")
    return {name: told[name] for name in kept}, labels, _names(told["requested_reviewers"] or ())

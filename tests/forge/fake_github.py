"""GitHub's REST API, as much of it as the adapter uses, in memory, and three GraphQL mutations.

Every call and every answer is held to the OpenAPI description that GitHub publishes (see openapi).
What that does not tell - which answer comes when, and the words of refusals - is taken from
https://docs.github.com/en/rest (pages repos, teams, pulls, repos/rules, repos/webhooks, checks/runs
and commits/statuses) and, of the mutations, from
https://docs.github.com/en/graphql/reference/mutations .
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.forge.fake_http import Answer, Asked, FakeForge, paged
from tests.forge.openapi import Description

TIME = "2026-01-02T03:04:05Z"
_GRAPHQL = "/api/graphql"
_PERMISSIONS = ("pull", "triage", "push", "maintain", "admin")


@dataclass
class Repo:
    """A repo of the fake, as much as it keeps of one."""

    id: int
    name: str
    told: dict[str, Any]
    branches: dict[str, str] = field(default_factory=dict)
    topics: list[str] = field(default_factory=list)
    teams: dict[str, str] = field(default_factory=dict)
    rulesets: list[dict[str, Any]] = field(default_factory=list)
    hooks: list[dict[str, Any]] = field(default_factory=list)
    pulls: list[dict[str, Any]] = field(default_factory=list)
    statuses: list[dict[str, Any]] = field(default_factory=list)
    runs: list[dict[str, Any]] = field(default_factory=list)
    reviews: dict[int, list[str]] = field(default_factory=dict)
    hidden: int = 0  # for how many calls it is not to be found yet

    def shown(self) -> dict[str, Any]:
        """As GET /repos/:owner/:repo has it."""
        return {"id": self.id, "name": self.name, "full_name": f"acme/{self.name}", **self.told}


class FakeGithub(FakeForge):
    """The server and what it holds."""

    root = "/api/v3"
    kept = ("held_repos", "teams")

    def __init__(self, description: Description) -> None:
        super().__init__()
        self.description = description
        self.users = {"platform": 1, "bot": 2, "ada": 3, "bob": 4}
        self.scopes: str | None = "repo, workflow, admin:org, delete_repo"
        self.user: str | None = "platform"
        self.membership: dict[str, str] | int = {"role": "admin", "state": "active"}
        self.organisation: dict[str, Any] | None = {"login": "acme"}
        self.refusals: dict[tuple[str, str], Answer] = {}  # (method, end of path) -> answer
        self.free_plan = False
        self.described = True  # whether answers are all as the description has them
        self.auto_merge_allowed = True
        self.methods: tuple[str, ...] = ("merge", "squash", "rebase")  # that repos allow
        self.mergeable_state = "blocked"  # of new pull requests: they wait for a required check
        self.checking = 0  # for how many looks a pull request is being checked
        self.lag = 0
        self.held_repos: list[Repo] = []
        self.teams: dict[str, str] = {"readers": "Readers", "admins": "admins"}  # slug -> name
        self.moved: dict[str, str] = {}
        self._add_routes()

    def _add_routes(self) -> None:
        repo = "/repos/acme/:repo"
        pull = f"{repo}/pulls/:number"
        for method, pattern, answers in (
            ("GET", "/user", self._user),
            ("GET", "/user/memberships/orgs/acme", self._membership),
            ("GET", "/users/:name", self._someone),
            ("GET", "/apps/:slug", lambda _, slug: Answer(200, {"id": 77, "slug": slug})),
            ("GET", "/orgs/acme", self._organisation),
            ("GET", "/orgs/acme/repos", self._repos),
            ("POST", "/orgs/acme/repos", self._create),
            ("POST", "/orgs/acme/teams", self._make_team),
            ("GET", "/orgs/acme/teams/:slug", self._team),
            ("PUT", "/orgs/acme/teams/:slug/repos/acme/:repo", self._give),
            ("GET", repo, self._show),
            ("GET", "/repositories/:id", self._by_id),
            ("PATCH", repo, self._edit),
            ("DELETE", repo, self._delete),
            ("PUT", f"{repo}/topics", self._topics),
            ("GET", f"{repo}/teams", self._repo_teams),
            ("GET", f"{repo}/rulesets", self._rulesets),
            ("POST", f"{repo}/rulesets", self._add_ruleset),
            ("GET", f"{repo}/rulesets/:id", self._ruleset),
            ("PUT", f"{repo}/rulesets/:id", self._change_ruleset),
            ("GET", f"{repo}/hooks", self._hooks),
            ("POST", f"{repo}/hooks", self._add_hook),
            ("PATCH", f"{repo}/hooks/:id", self._change_hook),
            ("GET", f"{repo}/pulls", self._pulls),
            ("POST", f"{repo}/pulls", self._open_pull),
            ("GET", pull, self._show_pull),
            ("PATCH", pull, self._change_pull),
            ("PUT", f"{pull}/merge", self._merge),
            ("GET", f"{pull}/reviews", self._reviews),
            ("POST", f"{pull}/requested_reviewers", self._ask),
            ("POST", f"{repo}/issues/:number/labels", self._label),
            ("GET", f"{repo}/commits/:sha/statuses", self._statuses),
            ("GET", f"{repo}/commits/:sha/check-runs", self._runs),
            ("POST", f"{repo}/statuses/:sha", self._set_status),
            ("POST", _GRAPHQL, self._graphql),
        ):
            self.route(method, pattern, answers)

    # What tests do beside the API.

    def push(self, repo: str, branch: str, commit: str) -> None:
        """What a git push does; the first one makes the default branch."""
        there = self.repo(repo)
        if not there.branches:
            there.told["default_branch"] = branch
        there.branches[branch] = commit

    def repo(self, name: str) -> Repo:
        """A repo of the organisation."""
        return next(one for one in self.held_repos if one.name == name)

    def add(self, name: str, **told: Any) -> Repo:
        """Put a repo there."""
        kept = {"archived": False, "default_branch": "main", **told}
        self.held_repos.append(Repo(100 + len(self.held_repos), name, kept))
        return self.held_repos[-1]

    def effect(self) -> Any:
        """Of statuses only the newest of a name counts, however often it was set."""
        held = self.held()
        for repo in held["held_repos"]:
            repo.statuses = {(one["sha"], one["context"]): one["state"] for one in repo.statuses}
        return held

    # Answers.

    def unauthorized(self) -> Answer:
        """See FakeForge."""
        return Answer(401, {"message": "Bad credentials"})

    def answer(self, asked: Asked) -> Answer:
        """See FakeForge. Held to the description, but for GraphQL, which that does not tell."""
        assert asked.headers["x-github-api-version"] == "2022-11-28"
        described = asked.path != _GRAPHQL and not asked.path.startswith("/repositories/")
        if described:
            self.description.check_request(asked.method, asked.path, asked.query, asked.body)
        for (method, end), answer in self.refusals.items():
            if asked.method == method and asked.path.endswith(end):
                return answer
        try:
            answer = super().answer(asked)
        except _Refused as refused:
            answer = refused.answer
        if described and self.described and answer.status not in {301, 307}:
            self.description.check_answer(asked.method, asked.path, answer.status, answer.body)
        return answer

    def _repo(self, asked: Asked, name: str) -> Repo:
        if name in self.moved:
            there = self.repo(self.moved[name])
            status = 301 if asked.method == "GET" else 307
            where = f"{self.base}/repositories/{there.id}"
            raise _Refused(Answer(status, {"message": "Moved", "url": where}, {"Location": where}))
        found = next((one for one in self.held_repos if one.name == name), None)
        if found is None or found.hidden:
            if found is not None:
                found.hidden -= 1
            raise _refuse(404, "Not Found")
        return found

    def _user(self, _: Asked) -> Answer:
        if self.user is None:
            return _no(403, "Resource not accessible by integration")
        headers = {} if self.scopes is None else {"X-OAuth-Scopes": self.scopes}
        told = {"id": 1, "login": self.user, "user_view_type": "private"}
        return Answer(200, told, headers)

    def _membership(self, _: Asked) -> Answer:
        if isinstance(self.membership, int):
            return _no(self.membership, "Not here")
        return Answer(200, self.membership)

    def _someone(self, _: Asked, name: str) -> Answer:
        if name not in self.users:
            return _no(404, "Not Found")
        return Answer(200, {**_someone(self.users, name), "user_view_type": "public"})

    def _organisation(self, _: Asked) -> Answer:
        if self.organisation is None:
            return _no(404, "Not Found")
        return Answer(200, self.organisation)

    def _repos(self, asked: Asked) -> Answer:
        minimal = [
            {key: value for key, value in one.shown().items() if key != "allow_auto_merge"}
            for one in self.held_repos
        ]
        return paged(asked, self.base, minimal)

    def _create(self, asked: Asked) -> Answer:
        told = dict(asked.body)
        if any(one.name == told["name"] for one in self.held_repos):
            problem = {
                "resource": "Repository",
                "code": "custom",
                "field": "name",
                "message": "name already exists on this account",
            }
            return _no(422, "Repository creation failed.", [problem])
        kept = ("description", "visibility", "allow_auto_merge")
        made = self.add(told["name"], **{key: told[key] for key in kept})
        made.hidden = self.lag
        return Answer(201, made.shown())

    def _make_team(self, asked: Asked) -> Answer:
        name = asked.body["name"]
        slug = re.sub("[^a-z0-9_-]+", "-", name.lower())
        if slug in self.teams:
            return _no(422, "Validation Failed", ["Name must be unique for this org"])
        self.teams[slug] = name
        return Answer(201, {"id": len(self.teams), "slug": slug, "name": name})

    def _team(self, _: Asked, slug: str) -> Answer:
        if slug not in self.teams:
            return _no(404, "Not Found")
        return Answer(200, {"slug": slug, "name": self.teams[slug]})

    def _give(self, asked: Asked, slug: str, repo: str) -> Answer:
        assert slug in self.teams
        assert asked.body["permission"] in _PERMISSIONS
        self._repo(asked, repo).teams[slug] = asked.body["permission"]
        return Answer(204)

    def _show(self, asked: Asked, name: str) -> Answer:
        return Answer(200, self._repo(asked, name).shown())

    def _by_id(self, _: Asked, number: str) -> Answer:
        return Answer(200, next(one for one in self.held_repos if one.id == int(number)).shown())

    def _edit(self, asked: Asked, name: str) -> Answer:
        repo = self._repo(asked, name)
        repo.told |= asked.body
        return Answer(200, repo.shown())

    def _delete(self, asked: Asked, name: str) -> Answer:
        self.held_repos.remove(self._repo(asked, name))
        return Answer(204)

    def _topics(self, asked: Asked, name: str) -> Answer:
        for topic in asked.body["names"]:
            if not re.fullmatch("[a-z0-9][a-z0-9-]{0,49}", topic):
                return _no(422, "Validation Failed", ["Topics must start with a lowercase letter"])
        self._repo(asked, name).topics = asked.body["names"]
        return Answer(200, {"names": asked.body["names"]})

    def _repo_teams(self, asked: Asked, name: str) -> Answer:
        teams = self._repo(asked, name).teams
        found = [{"slug": one, "permission": permission} for one, permission in teams.items()]
        return paged(asked, self.base, found)

    def _rulesets(self, asked: Asked, name: str) -> Answer:
        if self.free_plan:
            said = "Upgrade to GitHub Pro or make this repository public to enable this feature."
            raise _Refused(Answer(403, {"message": said}))
        rulesets = self._repo(asked, name).rulesets
        shown = [{key: one[key] for key in ("id", "name", "enforcement")} for one in rulesets]
        return paged(asked, self.base, shown)

    def _add_ruleset(self, asked: Asked, name: str) -> Answer:
        rulesets = self._repo(asked, name).rulesets
        if any(one["name"] == asked.body["name"] for one in rulesets):
            return _no(422, "Validation Failed", ["Name must be unique"])
        rulesets.append({"id": len(rulesets) + 1, **asked.body})
        return Answer(201, rulesets[-1])

    def _ruleset(self, asked: Asked, name: str, number: str) -> Answer:
        found = [one for one in self._repo(asked, name).rulesets if one["id"] == int(number)]
        return Answer(200, found[0])

    def _change_ruleset(self, asked: Asked, name: str, number: str) -> Answer:
        ruleset = self._ruleset(asked, name, number).body
        ruleset |= asked.body
        return Answer(200, ruleset)

    def _hooks(self, asked: Asked, name: str) -> Answer:
        shown = [
            {**one, "config": {**one["config"], "secret": "********"}}
            for one in self._repo(asked, name).hooks
        ]
        return paged(asked, self.base, shown)

    def _add_hook(self, asked: Asked, name: str) -> Answer:
        hooks = self._repo(asked, name).hooks
        if any(one["config"]["url"] == asked.body["config"]["url"] for one in hooks):
            return _no(
                422, "Validation Failed", [{"message": "Hook already exists on this repository"}]
            )
        made = {"id": len(hooks) + 1, "type": "Repository", **asked.body}
        made["url"] = f"{self.base}/repos/acme/{name}/hooks/{made['id']}"
        hooks.append(made)
        return Answer(201, made)

    def _change_hook(self, asked: Asked, name: str, number: str) -> Answer:
        hook = next(one for one in self._repo(asked, name).hooks if one["id"] == int(number))
        hook |= {key: value for key, value in asked.body.items() if key != "name"}
        return Answer(200, hook)

    def _pulls(self, asked: Asked, name: str) -> Answer:
        found = self._repo(asked, name).pulls
        if (state := asked.one("state")) != "all":
            found = [one for one in found if one["state"] == state]
        if head := asked.one("head"):
            found = [one for one in found if one["head"]["label"] == head]
        if base := asked.one("base"):
            found = [one for one in found if one["base"]["ref"] == base]
        simple = [{key: one[key] for key in one if key not in _NOT_LISTED} for one in found]
        return paged(asked, self.base, simple)

    def _open_pull(self, asked: Asked, name: str) -> Answer:
        repo, told = self._repo(asked, name), asked.body
        branch = told["head"]
        if branch not in repo.branches:
            problem = {"resource": "PullRequest", "field": "head", "code": "invalid"}
            return _no(422, "Validation Failed", [problem])
        if any(one["head"]["ref"] == branch and one["state"] == "open" for one in repo.pulls):
            said = f"A pull request already exists for acme:{branch}."
            return _no(422, "Validation Failed", [{"resource": "PullRequest", "message": said}])
        if told["draft"] and self.free_plan:
            return _no(422, "Draft pull requests are not supported in this repository.")
        number = len(repo.pulls) + 1
        path = f"{self.base}/repos/acme/{name}"
        owned = {"id": repo.id, "name": name, "full_name": f"acme/{name}"}
        made = {
            "id": 1000 + number,
            "node_id": f"{name}/{number}",
            "number": number,
            "url": f"{path}/pulls/{number}",
            "issue_url": f"{path}/issues/{number}",
            "html_url": f"https://github.example.com/acme/{name}/pull/{number}",
            "state": "open",
            "title": told["title"],
            "body": told["body"],
            "draft": told["draft"],
            "head": {
                "label": f"acme:{branch}",
                "ref": branch,
                "sha": repo.branches[branch],
                "repo": owned,
            },
            "base": {"label": f"acme:{told['base']}", "ref": told["base"], "repo": owned},
            "labels": [],
            "requested_reviewers": [],
            "requested_teams": [],
            "auto_merge": None,
            "merged_at": None,
            "mergeable": True,
            "mergeable_state": self.mergeable_state,
        }
        repo.pulls.append(made)
        return Answer(201, made)

    def _pull(self, asked: Asked, name: str, number: str) -> dict[str, Any]:
        for one in self._repo(asked, name).pulls:
            if one["number"] == int(number):
                return one
        raise _refuse(404, "Not Found")

    def _show_pull(self, asked: Asked, name: str, number: str) -> Answer:
        shown = self._pull(asked, name, number)
        if self.checking:
            self.checking -= 1
            return Answer(200, {**shown, "mergeable": None})
        return Answer(200, shown)

    def _change_pull(self, asked: Asked, name: str, number: str) -> Answer:
        pull = self._pull(asked, name, number)
        pull |= asked.body
        return Answer(200, pull)

    def _merge(self, asked: Asked, name: str, number: str) -> Answer:
        pull, method = self._pull(asked, name, number), asked.body["merge_method"]
        if method not in self.methods:
            said = {"merge": "Merge commits", "squash": "Squash merges"}[method]
            return _no(405, f"{said} are not allowed on this repository.")
        if pull["state"] != "open" or not pull["mergeable"]:
            return _no(405, "Pull Request is not mergeable")
        if asked.body["sha"] != pull["head"]["sha"]:
            return _no(409, "Head branch was modified. Review and try the merge again.")
        pull |= {"state": "closed", "merged_at": TIME}
        return Answer(200, {"merged": True, "sha": "9" * 40, "message": "Merged"})

    def _reviews(self, asked: Asked, name: str, number: str) -> Answer:
        names = self._repo(asked, name).reviews.get(int(number), [])
        found = [{"id": self.users[one], "user": _someone(self.users, one)} for one in names]
        return paged(asked, self.base, found)

    def _ask(self, asked: Asked, name: str, number: str) -> Answer:
        pull = self._pull(asked, name, number)
        for one in asked.body.get("reviewers", []):
            if one not in self.users:
                return _no(422, "Reviews may only be requested from collaborators.")
            _add(pull["requested_reviewers"], _someone(self.users, one))
        for one in asked.body.get("team_reviewers", []):
            if one not in self.teams:
                return _no(422, "Could not resolve to a node with the global id of ''.")
            _add(pull["requested_teams"], {"id": 9, "slug": one, "name": self.teams[one]})
        return Answer(201, {})

    def _label(self, asked: Asked, name: str, number: str) -> Answer:
        labels = self._pull(asked, name, number)["labels"]
        has = {one["name"] for one in labels}
        labels += [{"id": 1, "name": one} for one in asked.body["labels"] if one not in has]
        return Answer(200, labels)

    def _statuses(self, asked: Asked, name: str, sha: str) -> Answer:
        repo = self._repo(asked, name)
        self._need_commit(repo, sha)
        found = [one for one in repo.statuses[::-1] if one["sha"] == sha]
        shown = [{key: one[key] for key in one if key != "sha"} for one in found]
        return paged(asked, self.base, shown)

    def _runs(self, asked: Asked, name: str, sha: str) -> Answer:
        assert asked.one("filter") == "latest"
        repo = self._repo(asked, name)
        self._need_commit(repo, sha)
        page = paged(asked, self.base, [one for one in repo.runs if one["head_sha"] == sha])
        return Answer(200, {"total_count": len(repo.runs), "check_runs": page.body}, page.headers)

    def _set_status(self, asked: Asked, name: str, sha: str) -> Answer:
        repo = self._repo(asked, name)
        self._need_commit(repo, sha)
        made = {**asked.body, "id": len(repo.statuses) + 1, "updated_at": TIME}
        repo.statuses.append({**made, "sha": sha})
        return Answer(201, made)

    def _need_commit(self, repo: Repo, sha: str) -> None:
        if sha not in repo.branches.values():
            raise _refuse(422, f"No commit found for SHA: {sha}")

    def _graphql(self, asked: Asked) -> Answer:
        """The mutations of drafts and of auto-merge."""
        query, told = asked.body["query"], asked.body["variables"]["input"]
        name, _, number = told["pullRequestId"].partition("/")
        pull = next(one for one in self.repo(name).pulls if one["number"] == int(number))
        mutation = query.partition("{ ")[2].partition("(")[0]
        if mutation == "enablePullRequestAutoMerge":
            if said := self._no_auto_merge(pull):
                error = {"type": "UNPROCESSABLE", "path": [mutation], "message": said}
                return Answer(200, {"data": {mutation: None}, "errors": [error]})
            pull["auto_merge"] = {"merge_method": told["mergeMethod"].lower()}
        else:
            drafts = {"convertPullRequestToDraft": True, "markPullRequestReadyForReview": False}
            pull["draft"] = drafts[mutation]
        done = {"clientMutationId": None, "pullRequest": {"isDraft": pull["draft"]}, "actor": None}
        return Answer(200, {"data": {mutation: done}})

    def _no_auto_merge(self, pull: Mapping[str, Any]) -> str:
        if not self.auto_merge_allowed:
            return "Pull request Auto merge is not allowed for this repository"
        if (state := pull["mergeable_state"]) in {"clean", "unstable"}:
            return f"Pull request Pull request is in {state} status"
        return ""


_NOT_LISTED = frozenset({"mergeable", "mergeable_state"})


class _Refused(Exception):  # noqa: N818 - an answer on its way
    def __init__(self, answer: Answer) -> None:
        super().__init__()
        self.answer = answer


def _refuse(status: int, said: str) -> _Refused:
    return _Refused(Answer(status, {"message": said}))


def _no(status: int, said: str, errors: Any = None) -> Answer:
    return Answer(status, {"message": said} | ({"errors": errors} if errors else {}))


def _someone(users: Mapping[str, int], name: str) -> dict[str, Any]:
    return {"id": users[name], "login": name}


def _add(items: list[Any], one: Any) -> None:
    if one not in items:
        items.append(one)

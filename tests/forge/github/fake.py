"""GitHub's REST API, as much of it as the adapter uses, in memory; see held."""

import re

from tests.forge.fake_http import Answer, Asked, paged
from tests.forge.github.fake_access import AccessPart
from tests.forge.github.fake_ci import CiPart
from tests.forge.github.fake_requests import RequestsPart
from tests.forge.github.held import GRAPHQL, TIME, Repo, no, refuse
from tests.forge.openapi import Description


class FakeGithub(AccessPart, CiPart, RequestsPart):
    """The server and what it holds."""

    def __init__(self, description: Description) -> None:
        super().__init__(description)
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
            ("DELETE", "/orgs/acme/teams/:slug/memberships/:user", self._leave_team),
            ("PUT", "/orgs/acme/teams/:slug/repos/acme/:repo", self._give),
            ("DELETE", "/orgs/acme/teams/:slug/repos/acme/:repo", self._take),
            ("GET", f"{repo}/collaborators/:user/permission", self._rights),
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
            ("GET", f"{repo}/rules/branches/:branch", self._rules),
            ("GET", f"{repo}/branches/:branch", self._branch),
            ("GET", f"{repo}/hooks", self._hooks),
            ("POST", f"{repo}/hooks", self._add_hook),
            ("PATCH", f"{repo}/hooks/:id", self._change_hook),
            ("DELETE", f"{repo}/hooks/:id", self._delete_hook),
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
            ("POST", GRAPHQL, self._graphql),
        ):
            self.route(method, pattern, answers)
        self._add_ci_routes()

    def demote(self) -> None:
        """See FakeForge."""
        self.bypass = "never"

    def members(self, team: str) -> list[str]:
        """See FakeForge."""
        return self.member_lists[team]

    def drop_auto_merge(self, repo: str, number: int) -> None:
        """See FakeForge."""
        self.repo(repo).pulls[number - 1]["auto_merge"] = None

    def rename(self, repo: str, name: str) -> None:
        """See FakeForge."""
        self.repo(repo).name = name
        self.moved[repo] = name

    def only_squash(self, repo: str) -> None:  # noqa: ARG002 - all are alike
        """See FakeForge. Of all repos."""
        self.methods = ("squash",)

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
            return no(422, "Repository creation failed.", [problem])
        kept = ("description", "visibility", "allow_auto_merge")
        made = self.add(told["name"], **{key: told[key] for key in kept})
        made.hidden = self.lag
        return Answer(201, made.shown())

    def _show(self, asked: Asked, name: str) -> Answer:
        ways = {"merge": "merge_commit", "squash": "squash_merge", "rebase": "rebase_merge"}
        allowed = {f"allow_{key}": one in self.methods for one, key in ways.items()}
        return Answer(200, {**self._repo(asked, name).shown(), **allowed})

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
                return no(422, "Validation Failed", ["Topics must start with a lowercase letter"])
        self._repo(asked, name).topics = asked.body["names"]
        return Answer(200, {"names": asked.body["names"]})

    def _hooks(self, asked: Asked, name: str) -> Answer:
        shown = [
            {**one, "config": {**one["config"], "secret": "********"}}
            for one in self._repo(asked, name).hooks
        ]
        return paged(asked, self.base, shown)

    def _add_hook(self, asked: Asked, name: str) -> Answer:
        hooks = self._repo(asked, name).hooks
        if any(one["config"]["url"] == asked.body["config"]["url"] for one in hooks):
            return no(
                422, "Validation Failed", [{"message": "Hook already exists on this repository"}]
            )
        made = {"id": len(hooks) + 1, "type": "Repository", **asked.body}
        made["url"] = f"{self.base}/repos/acme/{name}/hooks/{made['id']}"
        hooks.append(made)
        return Answer(201, made)

    def _delete_hook(self, asked: Asked, name: str, number: str) -> Answer:
        hooks = self._repo(asked, name).hooks
        hooks.remove(next(one for one in hooks if one["id"] == int(number)))
        return Answer(204)

    def _change_hook(self, asked: Asked, name: str, number: str) -> Answer:
        hook = next(one for one in self._repo(asked, name).hooks if one["id"] == int(number))
        hook |= {key: value for key, value in asked.body.items() if key != "name"}
        return Answer(200, hook)

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
            raise refuse(422, f"No commit found for SHA: {sha}")

"""The fake of GitHub: pull requests, and the mutations of drafts and of auto-merge."""

from collections.abc import Mapping
from typing import Any

from tests.forge.fake_http import Answer, Asked, paged
from tests.forge.github.held import TIME, HeldRepos, as_user, no, refuse

# How GitHub names a way to merge that a repo does not allow.
_GERUNDS = {
    "MERGE": "merge commits are not",
    "SQUASH": "squash merging is not",
    "REBASE": "rebase merging is not",
}
_NOT_LISTED = frozenset({"mergeable", "mergeable_state"})


class RequestsPart(HeldRepos):
    """Pull requests."""

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
            return no(422, "Validation Failed", [problem])
        if any(one["head"]["ref"] == branch and one["state"] == "open" for one in repo.pulls):
            said = f"A pull request already exists for acme:{branch}."
            return no(422, "Validation Failed", [{"resource": "PullRequest", "message": said}])
        if told["draft"] and self.free_plan:
            return no(422, "Draft pull requests are not supported in this repository.")
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
            "created_at": TIME,
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
        raise refuse(404, "Not Found")

    def _show_pull(self, asked: Asked, name: str, number: str) -> Answer:
        shown = self._pull(asked, name, number)
        if self.checking:
            self.checking -= 1
            return Answer(200, {**shown, "mergeable": None})
        return Answer(200, shown)

    def _branch(self, asked: Asked, name: str, branch: str) -> Answer:
        if branch not in self._repo(asked, name).branches:
            return no(404, "Branch not found")
        return Answer(200, {"name": branch, "protected": False})

    def _change_pull(self, asked: Asked, name: str, number: str) -> Answer:
        pull = self._pull(asked, name, number)
        pull |= asked.body
        return Answer(200, pull)

    def _merge(self, asked: Asked, name: str, number: str) -> Answer:
        pull, method = self._pull(asked, name, number), asked.body["merge_method"]
        if method not in self._ways(name):
            said = {"merge": "Merge commits", "squash": "Squash merges"}[method]
            return no(405, f"{said} are not allowed on this repository.")
        if pull["state"] != "open" or not pull["mergeable"]:
            return no(405, "Pull Request is not mergeable")
        if asked.body["sha"] != pull["head"]["sha"]:
            return no(409, "Head branch was modified. Review and try the merge again.")
        pull |= {"state": "closed", "merged_at": TIME}
        return Answer(200, {"merged": True, "sha": "9" * 40, "message": "Merged"})

    def _ways(self, name: str) -> set[str]:
        """The ways to merge that the repo allows, and every ruleset."""
        rules = [rule for one in self.repo(name).rulesets for rule in one["rules"]]
        named = [rule.get("parameters", {}).get("allowed_merge_methods") for rule in rules]
        return set(self.methods).intersection(*(one for one in named if one))

    def _reviews(self, asked: Asked, name: str, number: str) -> Answer:
        names = self._repo(asked, name).reviews.get(int(number), [])
        found = [{"id": self.users[one], "user": as_user(self.users, one)} for one in names]
        return paged(asked, self.base, found)

    def _ask(self, asked: Asked, name: str, number: str) -> Answer:
        pull = self._pull(asked, name, number)
        for one in asked.body.get("reviewers", []):
            if one not in self.users:
                return no(422, "Reviews may only be requested from collaborators.")
            _add_new(pull["requested_reviewers"], as_user(self.users, one))
        for one in asked.body.get("team_reviewers", []):
            if one not in self.teams:
                return no(422, "Could not resolve to a node with the global id of ''.")
            _add_new(pull["requested_teams"], {"id": 9, "slug": one, "name": self.teams[one]})
        return Answer(201, {})

    def _label(self, asked: Asked, name: str, number: str) -> Answer:
        labels = self._pull(asked, name, number)["labels"]
        has = {one["name"] for one in labels}
        labels += [{"id": 1, "name": one} for one in asked.body["labels"] if one not in has]
        return Answer(200, labels)

    def _graphql(self, asked: Asked) -> Answer:
        """The mutations of drafts and of auto-merge, and what a branch protection lets one do."""
        query, variables = asked.body["query"], asked.body["variables"]
        if "refUpdateRule" in query:
            return self._protection(variables)
        told = variables["input"]
        name, _, number = told["pullRequestId"].partition("/")
        pull = next(one for one in self.repo(name).pulls if one["number"] == int(number))
        mutation = query.partition("{ ")[2].partition("(")[0]
        if mutation == "enablePullRequestAutoMerge":
            if said := self._no_auto_merge(name, pull, told["mergeMethod"]):
                error = {"type": "UNPROCESSABLE", "path": [mutation], "message": said}
                return Answer(200, {"data": {mutation: None}, "errors": [error]})
            pull["auto_merge"] = {"merge_method": told["mergeMethod"].lower()}
        else:
            drafts = {"convertPullRequestToDraft": True, "markPullRequestReadyForReview": False}
            pull["draft"] = drafts[mutation]
        done = {"clientMutationId": None, "pullRequest": {"isDraft": pull["draft"]}, "actor": None}
        return Answer(200, {"data": {mutation: done}})

    def _protection(self, told: Mapping[str, str]) -> Answer:
        repo = self.repo(told["name"])
        there = told["ref"].removeprefix("refs/heads/") in repo.branches
        lets = repo.protection
        rule = None if lets is None else {"viewerCanPush": lets}
        ref = {"refUpdateRule": rule} if there else None
        return Answer(200, {"data": {"repository": {"ref": ref}}})

    def _no_auto_merge(self, name: str, pull: Mapping[str, Any], method: str) -> str:
        if not self.auto_merge_allowed:
            return "Pull request Auto merge is not allowed for this repository"
        if method.lower() not in self._ways(name):
            return f"Merge method {_GERUNDS[method]} allowed on this repository"
        if (state := pull["mergeable_state"]) in {"clean", "unstable"}:
            return f"Pull request Pull request is in {state} status"
        return ""


def _add_new(items: list[Any], one: Any) -> None:
    if one not in items:
        items.append(one)

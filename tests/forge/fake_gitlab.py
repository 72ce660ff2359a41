"""GitLab's REST API v4, as much of it as the adapter uses, in memory.

Paths, parameters, status codes and shapes are taken from the reference at
https://docs.gitlab.com/api/ : pages projects, project_sharing (share), groups, group_members and
project_members, users, personal_access_tokens, protected_branches, project_webhooks,
merge_requests, commits; the wording of refusals from what GitLab answers, which those pages or
GitLab's own specs quote. Parameters that a page does not have are refused, which GitLab would
not do: that finds slips of ours.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from tests.forge.fake_http import Answer, Asked, FakeForge, paged

ME = {"id": 1, "username": "platform", "state": "active"}
_TEXT, _NUMBER, _FLAG, _LIST = str, int, bool, list
# What each call takes: name -> type. Required ones end with `!`.
_TAKES: Mapping[str, Mapping[str, type]] = {
    "create a project": {
        "name!": _TEXT,
        "path": _TEXT,
        "namespace_id": _NUMBER,
        "description": _TEXT,
        "visibility": _TEXT,
        "topics": _LIST,
    },
    "edit a project": {"default_branch": _TEXT},
    "share a project": {"group_id!": _NUMBER, "group_access!": _NUMBER, "expires_at": type(None)},
    "protect a branch": {
        "name!": _TEXT,
        "push_access_level": _NUMBER,
        "merge_access_level": _NUMBER,
        "allow_force_push": _FLAG,
        "allowed_to_push": _LIST,
    },
    "change a protected branch": {"allow_force_push": _FLAG, "allowed_to_push": _LIST},
    "hook": {
        "url!": _TEXT,
        "token": _TEXT,
        "push_events": _FLAG,
        "merge_requests_events": _FLAG,
        "pipeline_events": _FLAG,
        "job_events": _FLAG,
    },
    "create a merge request": {
        "source_branch!": _TEXT,
        "target_branch!": _TEXT,
        "title!": _TEXT,
        "description": _TEXT,
        "labels": _TEXT,
        "reviewer_ids": _LIST,
    },
    "change a merge request": {
        "title": _TEXT,
        "description": _TEXT,
        "add_labels": _TEXT,
        "reviewer_ids": _LIST,
        "state_event": _TEXT,
    },
    "merge": {"merge_when_pipeline_succeeds": _FLAG, "auto_merge": _FLAG, "sha": _TEXT},
    "set a status": {"state!": _TEXT, "name": _TEXT},
}


@dataclass
class Project:
    """A project of the fake, as much as it keeps of one."""

    id: int
    path: str
    told: dict[str, Any]
    branches: dict[str, str] = field(default_factory=dict)
    shares: dict[int, int] = field(default_factory=dict)
    rules: dict[str, dict[str, Any]] = field(default_factory=dict)
    hooks: list[dict[str, Any]] = field(default_factory=list)
    requests: list[dict[str, Any]] = field(default_factory=list)
    statuses: list[dict[str, Any]] = field(default_factory=list)
    hidden: int = 0  # for how many calls it is not to be found yet

    def shown(self, groups: Mapping[int, str]) -> dict[str, Any]:
        """As GET /projects/:id has it."""
        return {
            **self.told,
            "id": self.id,
            "path_with_namespace": self.path,
            "default_branch": self.told.get("default_branch"),
            "shared_with_groups": [
                {"group_id": group, "group_full_path": groups[group], "group_access_level": level}
                for group, level in self.shares.items()
            ],
        }


class FakeGitlab(FakeForge):
    """The server and what it holds."""

    root = "/api/v4"
    kept = ("projects",)

    def __init__(self) -> None:
        super().__init__()
        self.groups = {10: "acme", 11: "acme/shop", 20: "acme/readers", 21: "acme/devs"}
        self.groups |= {22: "acme/admins", 30: "elsewhere"}
        self.users = {"platform": 1, "bot": 2, "ada": 3, "bob": 4}
        self.levels = {1: 50, 2: 40}  # user -> role in all of the groups
        self.scopes: list[str] | None = ["api"]
        self.group_settings: dict[str, Any] = {}
        self.premium = False
        self.default_protection: int | None = 40  # who may push to a new main, if it is protected
        self.lag = 0  # for how many calls a new project is not to be found
        self.checking = 0  # for how many looks a merge request is being checked
        self.pipelines = False  # whether merge requests have a pipeline that runs
        self.group = "acme/shop"  # where `push` and `project` look
        self.projects: list[Project] = []
        self.moved: dict[str, str] = {}
        self._add_routes()

    def _add_routes(self) -> None:
        project = "/projects/:id"
        request = f"{project}/merge_requests"
        for method, pattern, answers in (
            ("GET", "/user", self._user),
            ("GET", "/users", self._users),
            ("GET", "/personal_access_tokens/self", self._token),
            ("GET", "/groups/:id", self._group),
            ("GET", "/groups/:id/members/all", self._members),
            ("GET", "/groups/:id/projects", self._group_projects),
            ("POST", "/projects", self._create),
            ("GET", project, self._show),
            ("PUT", project, self._edit),
            ("DELETE", project, self._delete),
            ("POST", f"{project}/archive", lambda asked, at: self._archive(asked, at, True)),
            ("POST", f"{project}/unarchive", lambda asked, at: self._archive(asked, at, False)),
            ("POST", f"{project}/share", self._share),
            ("DELETE", f"{project}/share/:group", self._unshare),
            ("GET", f"{project}/members/all", self._members),
            ("GET", f"{project}/protected_branches", self._rules),
            ("POST", f"{project}/protected_branches", self._protect),
            ("PATCH", f"{project}/protected_branches/:name", self._change_rule),
            ("DELETE", f"{project}/protected_branches/:name", self._unprotect),
            ("GET", f"{project}/hooks", self._hooks),
            ("POST", f"{project}/hooks", self._add_hook),
            ("PUT", f"{project}/hooks/:hook", self._change_hook),
            ("DELETE", f"{project}/hooks/:hook", self._delete_hook),
            ("GET", request, self._requests),
            ("POST", request, self._open_request),
            ("GET", f"{request}/:iid", self._show_request),
            ("PUT", f"{request}/:iid", self._change_request),
            ("PUT", f"{request}/:iid/merge", self._merge),
            ("GET", f"{project}/repository/commits/:sha/statuses", self._statuses),
            ("POST", f"{project}/statuses/:sha", self._set_status),
        ):
            self.route(method, pattern, answers)

    # What tests do beside the API.

    def push(self, repo: str, branch: str, commit: str) -> None:
        """What a git push does; the first one makes the default branch, which gets protected."""
        project = self.project(repo)
        if not project.branches:
            project.told["default_branch"] = branch
            if self.default_protection is not None:
                project.rules[branch] = _rule(branch, self.default_protection, 40, [])
        project.branches[branch] = commit

    def project(self, repo: str) -> Project:
        """A project of the group."""
        return next(one for one in self.projects if one.path == f"{self.group}/{repo}")

    def add(self, path: str, **told: Any) -> Project:
        """Put a project there."""
        made = Project(100 + len(self.projects), path, {"archived": False, **told})
        self.projects.append(made)
        return made

    def effect(self) -> Any:
        """Of statuses only the newest of a name counts, however often it was set."""
        held: list[Project] = self.held()["projects"]
        newest = [{(s["sha"], s["name"]): s["status"] for s in one.statuses} for one in held]
        return [replace(one, statuses=[]) for one in held], newest

    # Answers.

    def unauthorized(self) -> Answer:
        """See FakeForge."""
        return Answer(401, {"message": "401 Unauthorized"})

    def answer(self, asked: Asked) -> Answer:
        """See FakeForge."""
        try:
            return super().answer(asked)
        except _Refused as refused:
            return refused.answer

    def _project(self, asked: Asked, at: str) -> Project:
        if at in self.moved:
            if asked.method != "GET":
                raise _refuse(405, "Non GET methods are not allowed for moved projects")
            there = next(one for one in self.projects if one.path == self.moved[at])
            raise _Refused(Answer(301, None, {"Location": f"{self.base}/projects/{there.id}"}))
        found = next((one for one in self.projects if at in {one.path, str(one.id)}), None)
        if found is None or found.hidden:
            if found is not None:
                found.hidden -= 1
            raise _refuse(404, "404 Project Not Found")
        return found

    def _user(self, _: Asked) -> Answer:
        return Answer(200, ME)

    def _users(self, asked: Asked) -> Answer:
        name = asked.one("username")
        found = [{"id": self.users[name], "username": name}] if name in self.users else []
        return paged(asked, self.base, found)

    def _token(self, _: Asked) -> Answer:
        if self.scopes is None:  # an OAuth token
            return _no("404 Not Found", 404)
        return Answer(200, {"id": 5, "scopes": self.scopes, "active": True})

    def _group(self, _: Asked, at: str) -> Answer:
        return Answer(200, {"id": self._group_id(at), "full_path": at, **self.group_settings})

    def _group_id(self, at: str) -> int:
        for number, path in self.groups.items():
            if at in {path, str(number)}:
                return number
        raise _refuse(404, "404 Group Not Found")

    def _members(self, asked: Asked, _: str) -> Answer:
        wanted = {int(one) for one in asked.query["user_ids[]"]}
        found = [{"id": user, "access_level": self.levels[user]} for user in self.levels]
        return paged(asked, self.base, [one for one in found if one["id"] in wanted])

    def _group_projects(self, asked: Asked, at: str) -> Answer:
        self._group_id(at)
        assert asked.one("include_subgroups").lower() == "true"
        found = [one for one in self.projects if one.path.startswith(f"{at}/")]
        return paged(asked, self.base, [one.shown(self.groups) for one in found])

    def _create(self, asked: Asked) -> Answer:
        told = _taken("create a project", asked)
        path = f"{self.groups[told['namespace_id']]}/{told['path']}"
        if any(one.path == path for one in self.projects):
            taken = ["has already been taken"]
            return _no({"project_namespace.name": taken, "name": taken, "path": taken})
        assert told["visibility"] in {"private", "internal", "public"}
        kept = {key: told[key] for key in ("name", "description", "visibility", "topics")}
        made = self.add(path, **kept)
        made.hidden = self.lag
        return Answer(201, made.shown(self.groups))

    def _show(self, asked: Asked, at: str) -> Answer:
        return Answer(200, self._project(asked, at).shown(self.groups))

    def _edit(self, asked: Asked, at: str) -> Answer:
        project = self._project(asked, at)
        project.told |= _taken("edit a project", asked)
        return Answer(200, project.shown(self.groups))

    def _delete(self, asked: Asked, at: str) -> Answer:
        self.projects.remove(self._project(asked, at))
        return Answer(202, {"message": "202 Accepted"})

    def _archive(self, asked: Asked, at: str, archived: bool) -> Answer:
        project = self._project(asked, at)
        project.told["archived"] = archived
        return Answer(201, project.shown(self.groups))

    def _share(self, asked: Asked, at: str) -> Answer:
        project, told = self._project(asked, at), _taken("share a project", asked)
        if f"{project.path}/".startswith(f"{self.groups[told['group_id']]}/"):
            said = "Project cannot be shared with the group it is in or one of its ancestors."
            return _no(said, 409)
        if told["group_id"] in project.shares:
            return _no("Group already shared with this group", 409)
        project.shares[told["group_id"]] = told["group_access"]
        return Answer(201, {"id": 1, "project_id": project.id, **told})

    def _unshare(self, asked: Asked, at: str, group: str) -> Answer:
        if self._project(asked, at).shares.pop(int(group), None) is None:
            return _no("404 Not Found", 404)
        return Answer(204)

    def _rules(self, asked: Asked, at: str) -> Answer:
        return paged(asked, self.base, list(self._project(asked, at).rules.values()))

    def _protect(self, asked: Asked, at: str) -> Answer:
        project, told = self._project(asked, at), _taken("protect a branch", asked)
        if told["name"] in project.rules:
            return _no(f"Protected branch '{told['name']}' already exists", 409)
        users = [one["user_id"] for one in told.get("allowed_to_push", []) if self.premium]
        project.rules[told["name"]] = _rule(
            told["name"],
            told.get("push_access_level", 40),
            told.get("merge_access_level", 40),
            users,
        )
        return Answer(201, project.rules[told["name"]])

    def _change_rule(self, asked: Asked, at: str, name: str) -> Answer:
        rule = self._project(asked, at).rules[name]
        told = _taken("change a protected branch", asked)
        if self.premium:
            for one in told.get("allowed_to_push", []):
                rule["push_access_levels"].append({"access_level": 40, **one})
        return Answer(200, rule)

    def _unprotect(self, asked: Asked, at: str, name: str) -> Answer:
        if self._project(asked, at).rules.pop(name, None) is None:
            return _no("404 Not Found", 404)
        return Answer(204)

    def _hooks(self, asked: Asked, at: str) -> Answer:
        hooks = self._project(asked, at).hooks
        shown = [{key: one[key] for key in one if key != "token"} for one in hooks]
        return paged(asked, self.base, shown)

    def _add_hook(self, asked: Asked, at: str) -> Answer:
        hooks, told = self._project(asked, at).hooks, _taken("hook", asked)
        if told["url"].startswith("http://192.168."):
            return _no("Invalid url given", 422)
        hooks.append({"id": max((one["id"] for one in hooks), default=0) + 1, **told})
        return Answer(201, hooks[-1])

    def _change_hook(self, asked: Asked, at: str, number: str) -> Answer:
        hook = next(one for one in self._project(asked, at).hooks if one["id"] == int(number))
        hook |= _taken("hook", asked)
        return Answer(200, hook)

    def _delete_hook(self, asked: Asked, at: str, number: str) -> Answer:
        hooks = self._project(asked, at).hooks
        there = [one for one in hooks if one["id"] == int(number)]
        if not there:
            return _no("404 Not found", 404)
        hooks.remove(there[0])
        return Answer(204)

    def _requests(self, asked: Asked, at: str) -> Answer:
        found = self._project(asked, at).requests
        for key in ("source_branch", "target_branch", "state"):
            if (wanted := asked.one(key, "all")) != "all":
                found = [one for one in found if one[key] == wanted]
        return paged(asked, self.base, found)

    def _open_request(self, asked: Asked, at: str) -> Answer:
        project, told = self._project(asked, at), _taken("create a merge request", asked)
        branch = told["source_branch"]
        for one in project.requests:
            if (one["source_branch"], one["state"]) == (branch, "opened"):
                said = "Another open merge request already exists for this source branch"
                return _no([f"{said}: !{one['iid']}"], 409)
        if branch not in project.branches:
            return _no([f'Source branch "{branch}" does not exist'])
        number = len(project.requests) + 1
        made = {
            "iid": number,
            "state": "opened",
            "source_branch": branch,
            "target_branch": told["target_branch"],
            "source_project_id": project.id,
            "target_project_id": project.id,
            "sha": project.branches[branch],
            "web_url": f"https://gitlab.example.com/{project.path}/-/merge_requests/{number}",
            "merge_when_pipeline_succeeds": False,
            "detailed_merge_status": "mergeable",
            "labels": [one for one in told["labels"].split(",") if one],
            "reviewers": self._reviewers(told["reviewer_ids"]),
            "description": told["description"],
            **_title(told["title"]),
        }
        project.requests.append(made)
        return Answer(201, made)

    def _reviewers(self, ids: list[int]) -> list[dict[str, Any]]:
        names = {number: name for name, number in self.users.items()}
        return [{"id": one, "username": names[one]} for one in ids[: None if self.premium else 1]]

    def _request(self, asked: Asked, at: str, iid: str) -> dict[str, Any]:
        for one in self._project(asked, at).requests:
            if one["iid"] == int(iid):
                return one
        raise _refuse(404, "404 Not found")

    def _show_request(self, asked: Asked, at: str, iid: str) -> Answer:
        shown = self._request(asked, at, iid)
        if self.checking:
            self.checking -= 1
            return Answer(200, {**shown, "detailed_merge_status": "checking"})
        return Answer(200, shown)

    def _change_request(self, asked: Asked, at: str, iid: str) -> Answer:
        request, told = self._request(asked, at, iid), _taken("change a merge request", asked)
        if "title" in told:
            request |= _title(told["title"])
        if "description" in told:
            request["description"] = told["description"]
        if "reviewer_ids" in told:
            request["reviewers"] = self._reviewers(told["reviewer_ids"])
        if "add_labels" in told:
            names = told["add_labels"].split(",")
            request["labels"] += [one for one in names if one not in request["labels"]]
        if told.get("state_event") == "close":
            request["state"] = "closed"
        return Answer(200, request)

    def _merge(self, asked: Asked, at: str, iid: str) -> Answer:
        """Merge as lib/api/merge_requests.rb decides it: now, once green, or not at all."""
        request, told = self._request(asked, at, iid), _taken("merge", asked)
        auto = told.get("auto_merge") or told.get("merge_when_pipeline_succeeds")
        if self.levels.get(1, 0) < 30:
            return _no("401 Unauthorized", 401)
        if request["state"] != "opened" or request["draft"]:
            return _no("405 Method Not Allowed", 405)
        if request["detailed_merge_status"] != "mergeable" or (auto and not self.pipelines):
            return _no("405 Method Not Allowed", 405)
        if told.get("sha") != request["sha"]:
            return _no("SHA does not match HEAD of source branch: " + request["sha"], 409)
        if auto:
            request["merge_when_pipeline_succeeds"] = True
        else:
            request["state"] = "merged"
        return Answer(200, request)

    def _statuses(self, asked: Asked, at: str, sha: str) -> Answer:
        statuses = self._project(asked, at).statuses
        found = [one for one in statuses if one["sha"] == sha]
        if not found and sha not in self._project(asked, at).branches.values():
            return _no("404 Commit Not Found", 404)
        return paged(asked, self.base, found[::-1])

    def _set_status(self, asked: Asked, at: str, sha: str) -> Answer:
        project, told = self._project(asked, at), _taken("set a status", asked)
        assert told["state"] in {"pending", "running", "success", "failed", "canceled", "skipped"}
        if sha not in project.branches.values():
            return _no("404 Commit Not Found", 404)
        unfinished = [
            one
            for one in project.statuses
            if (one["sha"], one["name"]) == (sha, told["name"])
            and one["status"] in {"pending", "running"}
        ]
        if unfinished and told["state"] == "pending":
            return _no(f"Cannot transition status via :enqueue from :{unfinished[0]['status']}")
        if unfinished:
            unfinished[0]["status"] = told["state"]
            return Answer(201, unfinished[0])
        made = {"id": len(project.statuses) + 1, "sha": sha, "name": told["name"]}
        project.statuses.append({**made, "status": told["state"]})
        return Answer(201, project.statuses[-1])


class _Refused(Exception):  # noqa: N818 - an answer on its way
    def __init__(self, answer: Answer) -> None:
        super().__init__()
        self.answer = answer


def _refuse(status: int, said: str) -> _Refused:
    return _Refused(Answer(status, {"message": said}))


def _no(said: Any, status: int = 400) -> Answer:
    return Answer(status, {"message": said})


def _taken(call: str, asked: Asked) -> dict[str, Any]:
    """The body, of which each parameter is known and of the right type."""
    takes = _TAKES[call]
    told = dict(asked.body)
    types = {name.removesuffix("!"): kind for name, kind in takes.items()}
    missing = [name for name in takes if name.endswith("!") and name[:-1] not in told]
    assert not missing, f"{call}: {missing} is missing"
    for name, value in told.items():
        assert name in types, f"{call}: GitLab knows no parameter {name}"
        assert isinstance(value, types[name]), f"{call}: {name} is no {types[name].__name__}"
    return told


def _rule(name: str, push: int, merge: int, users: list[int]) -> dict[str, Any]:
    pushes: list[dict[str, Any]] = [{"access_level": push}]
    return {
        "name": name,
        "push_access_levels": pushes + [{"access_level": 40, "user_id": one} for one in users],
        "merge_access_levels": [{"access_level": merge}],
        "allow_force_push": False,
    }


def _title(title: str) -> dict[str, Any]:
    return {"title": title, "draft": title.startswith("Draft: ")}

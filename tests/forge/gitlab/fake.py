"""GitLab's REST API v4, as much of it as the adapter uses, in memory; see shapes."""

import re
from collections.abc import Mapping
from typing import Any

from tests.forge.fake_http import Answer, Asked, paged
from tests.forge.gitlab.fake_access import AccessPart
from tests.forge.gitlab.fake_requests import RequestsPart
from tests.forge.gitlab.shapes import no

_VARIABLE = {"variable_type": "env_var", "masked": False, "environment_scope": "*"}


class FakeGitlab(AccessPart, RequestsPart):
    """The server and what it holds."""

    def __init__(self) -> None:
        super().__init__()
        self.ci: dict[str, list[tuple[str, str]]] = {}
        """Names of variables with their scopes, by the paths of projects and groups."""
        self.values: dict[tuple[str, str, str], Any] = {}
        """What was set, by path, name and scope."""
        self.owner = True  # whether the token's user may see and set those of groups
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
            ("GET", f"{project}/repository/branches/:branch", self._branch),
            ("GET", f"{project}/variables", self._variables),
            ("POST", f"{project}/variables", self._add_variable),
            ("PUT", f"{project}/variables/:key", self._change_variable),
            ("GET", "/groups/:id/variables", self._group_variables),
            ("POST", "/groups/:id/variables", self._add_group_variable),
            ("PUT", "/groups/:id/variables/:key", self._change_group_variable),
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

    def demote(self) -> None:
        """See FakeForge."""
        self.levels[1] = 30

    def drop_auto_merge(self, repo: str, number: int) -> None:
        """See FakeForge."""
        self.project(repo).requests[number - 1]["merge_when_pipeline_succeeds"] = False

    def rename(self, repo: str, name: str) -> None:
        """See FakeForge."""
        project = self.project(repo)
        old, project.path = project.path, project.path.removesuffix(repo) + name
        self.moved[old] = project.path

    def only_squash(self, repo: str) -> None:
        """Do nothing: what a project is set to, GitLab does by itself."""

    def _create(self, asked: Asked) -> Answer:
        told = asked.body
        path = f"{self.groups[told['namespace_id']]}/{told['path']}"
        if any(one.path == path for one in self.projects):
            problem = ["has already been taken"]
            return no({"project_namespace.name": problem, "name": problem, "path": problem})
        assert told["visibility"] in {"private", "internal", "public"}
        kept = {key: told[key] for key in ("name", "description", "visibility", "topics")}
        made = self.add(path, **kept)
        made.hidden = self.lag
        return Answer(201, made.shown(self.groups))

    def _show(self, asked: Asked, at: str) -> Answer:
        return Answer(200, self._project(asked, at).shown(self.groups))

    def _edit(self, asked: Asked, at: str) -> Answer:
        project = self._project(asked, at)
        project.told |= asked.body
        return Answer(200, project.shown(self.groups))

    def _delete(self, asked: Asked, at: str) -> Answer:
        self.projects.remove(self._project(asked, at))
        return Answer(202, {"message": "202 Accepted"})

    def _archive(self, asked: Asked, at: str, archived: bool) -> Answer:
        project = self._project(asked, at)
        project.told["archived"] = archived
        return Answer(201, project.shown(self.groups))

    def _variables(self, asked: Asked, at: str) -> Answer:
        return self._ci_of(asked, self._project(asked, at).path)

    def _add_variable(self, asked: Asked, at: str) -> Answer:
        return self._keep(asked, self._project(asked, at).path)

    def _change_variable(self, asked: Asked, at: str, key: str) -> Answer:
        return self._keep(asked, self._project(asked, at).path, key)

    def _group_variables(self, asked: Asked, at: str) -> Answer:
        return self._refused_by_group(at) or self._ci_of(asked, at)

    def _add_group_variable(self, asked: Asked, at: str) -> Answer:
        assert "environment_scope" not in asked.body, "that takes Premium"
        return self._refused_by_group(at) or self._keep(asked, at)

    def _change_group_variable(self, asked: Asked, at: str, key: str) -> Answer:
        return self._refused_by_group(at) or self._keep(asked, at, key)

    def _refused_by_group(self, at: str) -> Answer | None:
        """The variables of a group are its owners'."""
        self._group_id(at)
        return None if self.owner else no("403 Forbidden", 403)

    def _keep(self, asked: Asked, path: str, key: str = "") -> Answer:
        """One variable that is to be new or, by its name, was there."""
        told = {**_VARIABLE, **asked.body}
        if key:
            told |= {"key": key, "environment_scope": asked.one("filter[environment_scope]")}
        names, one = self.ci.setdefault(path, []), (told["key"], told["environment_scope"])
        if (one in names) is not bool(key):
            taken = no({"key": [f"({one[0]}) has already been taken"]})
            return no("404 Variable Not Found", 404) if key else taken
        if told["masked"] and not re.fullmatch(r"\S{8,}", told["value"]):
            return no({"value": ["is invalid"]})
        names += [] if key else [one]
        self.values[path, *one] = told
        return Answer(200 if key else 201, told)

    def _ci_of(self, asked: Asked, path: str) -> Answer:
        shown = [
            {"key": name, "value": "...", "environment_scope": scope}
            for name, scope in self.ci.get(path, ())
        ]
        return paged(asked, self.base, shown)

    def _hooks(self, asked: Asked, at: str) -> Answer:
        hooks = self._project(asked, at).hooks
        return paged(asked, self.base, [_shown(one) for one in hooks])

    def _add_hook(self, asked: Asked, at: str) -> Answer:
        hooks, told = self._project(asked, at).hooks, asked.body
        if told["url"].startswith("http://192.168."):
            return no("Invalid url given", 422)
        hooks.append({"id": max((one["id"] for one in hooks), default=0) + 1, **told})
        return Answer(201, _shown(hooks[-1]))

    def _change_hook(self, asked: Asked, at: str, number: str) -> Answer:
        hook = next(one for one in self._project(asked, at).hooks if one["id"] == int(number))
        hook |= asked.body
        return Answer(200, _shown(hook))

    def _delete_hook(self, asked: Asked, at: str, number: str) -> Answer:
        hooks = self._project(asked, at).hooks
        there = [one for one in hooks if one["id"] == int(number)]
        if not there:
            return no("404 Not found", 404)
        hooks.remove(there[0])
        return Answer(204)


def _shown(hook: Mapping[str, Any]) -> dict[str, Any]:
    """A webhook as others see it: nobody can read its token again."""
    return {key: hook[key] for key in hook if key != "token"}

"""What the fake of GitLab holds. Each call and each answer is held to the table in api.yml."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from tests.forge.fake_http import Answer, Asked, FakeForge
from tests.forge.gitlab.described import description
from tests.forge.gitlab.shapes import Refused, make_rule, refuse

_MOVED = 301


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
            "only_allow_merge_if_pipeline_succeeds": False,
            **self.told,
            "id": self.id,
            "path_with_namespace": self.path,
            "default_branch": self.told.get("default_branch"),
            "shared_with_groups": [
                {"group_id": group, "group_full_path": groups[group], "group_access_level": level}
                for group, level in self.shares.items()
            ],
        }


class HeldProjects(FakeForge):
    """The projects, users and groups, and what a test does beside the API."""

    root = "/api/v4"
    kept = ("projects",)
    powerless = "ada"

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
        self.checking = 0  # for how many looks a merge request is being checked
        self.pipelines = False  # whether merge requests have a pipeline that runs
        self.group = "acme/shop"  # where `push` and `project` look
        self.projects: list[Project] = []
        self.moved: dict[str, str] = {}

    def push(self, repo: str, branch: str, commit: str) -> None:
        """What a git push does; the first one makes the default branch, which gets protected."""
        project = self.project(repo)
        if not project.branches:
            project.told["default_branch"] = branch
            if self.default_protection is not None:
                project.rules[branch] = make_rule(branch, self.default_protection, 40, [])
        project.branches[branch] = commit

    def drop(self, repo: str, branch: str) -> None:
        """What deleting a branch does."""
        del self.project(repo).branches[branch]

    def pushed(self, repo: str, heads: Mapping[str, str]) -> None:
        """See FakeForge."""
        for branch, commit in heads.items():
            self.push(repo.removeprefix(f"{self.group}/"), branch, commit)

    def has(self, repo: str) -> bool:
        """See FakeForge."""
        return any(one.path == repo for one in self.projects)

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

    def unauthorized(self) -> Answer:
        """See FakeForge."""
        return Answer(401, {"message": "401 Unauthorized"})

    def answer(self, asked: Asked) -> Answer:
        """See FakeForge."""
        description().check_request(asked.method, asked.path, asked.query, asked.body)
        try:
            answer = super().answer(asked)
        except Refused as refused:
            answer = refused.answer
        if answer.status != _MOVED:
            description().check_answer(asked.method, asked.path, answer.status, answer.body)
        return answer

    def _project(self, asked: Asked, at: str) -> Project:
        if at in self.moved:
            if asked.method != "GET":
                raise refuse(405, "Non GET methods are not allowed for moved projects")
            there = next(one for one in self.projects if one.path == self.moved[at])
            raise Refused(Answer(_MOVED, None, {"Location": f"{self.base}/projects/{there.id}"}))
        at = at.lower()
        found = next((one for one in self.projects if at in {one.path, str(one.id)}), None)
        if found is None or found.hidden:
            if found is not None:
                found.hidden -= 1
            raise refuse(404, "404 Project Not Found")
        return found

"""What the fake of GitHub holds, and how it refuses.

Every call and every answer is held to the OpenAPI description that GitHub publishes (see openapi).
What that does not tell - which answer comes when, and the words of refusals - is taken from
https://docs.github.com/en/rest (pages repos, teams, pulls, repos/rules, repos/webhooks, checks/runs
and commits/statuses) and, of the mutations, from
https://docs.github.com/en/graphql/reference/mutations .
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.forge.fake_http import Answer, Asked, FakeForge
from tests.forge.openapi import Description

TIME = "2026-01-02T03:04:05Z"
GRAPHQL = "/api/graphql"


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
    # What the token's user may do.
    rights: dict[str, bool] = field(
        default_factory=lambda: {"admin": True, "push": True, "pull": True}
    )
    protection: bool | None = None  # whether an older branch protection of main lets them push

    def shown(self) -> dict[str, Any]:
        """As GET /repos/:owner/:repo has it."""
        named = {"id": self.id, "name": self.name, "full_name": f"acme/{self.name}"}
        return {**named, "permissions": dict(self.rights), **self.told}


class HeldRepos(FakeForge):
    """The repos, users and teams, and what a test does beside the API."""

    root = "/api/v3"
    powerless = "ada"
    kept = ("held_repos", "teams", "member_lists", "made_teams")

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
        self.bypass = "always"  # whether the token's user gets past rulesets
        self.checking = 0  # for how many looks a pull request is being checked
        self.held_repos: list[Repo] = []
        self.teams: dict[str, str] = {"readers": "Readers", "admins": "admins"}  # slug -> name
        self.member_lists: dict[str, list[str]] = {}  # slug -> maintainers and members
        self.made_teams: dict[str, str] = {}  # slug -> description, of those made by the API
        self.rights = {"platform": "admin", "bot": "write"}  # user -> permission on all repos
        self.moved: dict[str, str] = {}

    def push(self, repo: str, branch: str, commit: str) -> None:
        """What a git push does; the first one makes the default branch."""
        there = self.repo(repo)
        if not there.branches:
            there.told["default_branch"] = branch
        there.branches[branch] = commit

    def drop(self, repo: str, branch: str) -> None:
        """What deleting a branch does."""
        del self.repo(repo).branches[branch]

    def pushed(self, repo: str, heads: Mapping[str, str]) -> None:
        """See FakeForge."""
        for branch, commit in heads.items():
            self.push(repo.removeprefix("acme/"), branch, commit)

    def has(self, repo: str) -> bool:
        """See FakeForge."""
        return any(f"acme/{one.name}" == repo for one in self.held_repos)

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
            for one in (*repo.hooks, *repo.pulls):  # wherever the server is
                del one["url"]
                one.pop("issue_url", None)
        return held

    def unauthorized(self) -> Answer:
        """See FakeForge."""
        return Answer(401, {"message": "Bad credentials"})

    def answer(self, asked: Asked) -> Answer:
        """See FakeForge. Held to the description, but for GraphQL, which that does not tell."""
        assert asked.headers["x-github-api-version"] == "2022-11-28"
        described = asked.path != GRAPHQL and not asked.path.startswith("/repositories/")
        if described:
            self.description.check_request(asked.method, asked.path, asked.query, asked.body)
        for (method, end), answer in self.refusals.items():
            if asked.method == method and asked.path.endswith(end):
                return answer
        try:
            answer = super().answer(asked)
        except Refused as refused:
            answer = refused.answer
        if described and self.described and answer.status not in {301, 307}:
            self.description.check_answer(asked.method, asked.path, answer.status, answer.body)
        return answer

    def _repo(self, asked: Asked, name: str) -> Repo:
        if name in self.moved:
            there = self.repo(self.moved[name])
            status = 301 if asked.method == "GET" else 307
            where = f"{self.base}/repositories/{there.id}"
            raise Refused(Answer(status, {"message": "Moved", "url": where}, {"Location": where}))
        found = next((one for one in self.held_repos if one.name == name), None)
        if found is None or found.hidden:
            if found is not None:
                found.hidden -= 1
            raise refuse(404, "Not Found")
        return found


class Refused(Exception):  # noqa: N818 - an answer on its way
    """An answer that ends what was being done."""

    def __init__(self, answer: Answer) -> None:
        super().__init__()
        self.answer = answer


def refuse(status: int, said: str) -> Refused:
    """A refusal, to be raised."""
    return Refused(Answer(status, {"message": said}))


def no(status: int, said: str, errors: Any = None) -> Answer:
    """A refusal, with the problems that it lists."""
    return Answer(status, {"message": said} | ({"errors": errors} if errors else {}))


def as_user(users: Mapping[str, int], name: str) -> dict[str, Any]:
    """A user as others see them."""
    return {"id": users[name], "login": name}

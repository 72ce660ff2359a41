"""The fake of GitLab: merge requests and statuses."""

from typing import Any

from tests.forge.fake_http import Answer, Asked, paged
from tests.forge.gitlab.held import HeldProjects
from tests.forge.gitlab.shapes import no, refuse, titled


class RequestsPart(HeldProjects):
    """Merge requests and the statuses of commits."""

    def _requests(self, asked: Asked, at: str) -> Answer:
        found = self._project(asked, at).requests
        for key in ("source_branch", "target_branch", "state"):
            if (wanted := asked.one(key, "all")) != "all":
                found = [one for one in found if one[key] == wanted]
        return paged(asked, self.base, found)

    def _open_request(self, asked: Asked, at: str) -> Answer:
        project, told = self._project(asked, at), asked.body
        branch = told["source_branch"]
        for one in project.requests:
            if (one["source_branch"], one["state"]) == (branch, "opened"):
                said = "Another open merge request already exists for this source branch"
                return no([f"{said}: !{one['iid']}"], 409)
        if branch not in project.branches:
            return no([f'Source branch "{branch}" does not exist'])
        number = len(project.requests) + 1
        made = {
            "iid": number,
            "state": "opened",
            "created_at": "2026-01-02T03:04:05.678Z",
            "source_branch": branch,
            "target_branch": told["target_branch"],
            "source_project_id": project.id,
            "target_project_id": project.id,
            "sha": project.branches[branch],
            "web_url": f"https://gitlab.example.com/{project.path}/-/merge_requests/{number}",
            "merge_when_pipeline_succeeds": False,
            "detailed_merge_status": "mergeable",
            "labels": list(told["labels"]),
            "reviewers": self._reviewers(told["reviewer_ids"]),
            "description": told["description"],
            **titled(told["title"]),
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
        raise refuse(404, "404 Not found")

    def _show_request(self, asked: Asked, at: str, iid: str) -> Answer:
        shown = self._request(asked, at, iid)
        if self.checking:
            self.checking -= 1
            return Answer(200, {**shown, "detailed_merge_status": "checking"})
        return Answer(200, shown)

    def _change_request(self, asked: Asked, at: str, iid: str) -> Answer:
        request, told = self._request(asked, at, iid), asked.body
        if "title" in told:
            request |= titled(told["title"])
        if "description" in told:
            request["description"] = told["description"]
        if "reviewer_ids" in told:
            request["reviewers"] = self._reviewers(told["reviewer_ids"])
        if "add_labels" in told:
            new = [one for one in told["add_labels"] if one not in request["labels"]]
            request["labels"] += new
        if told.get("state_event") == "close":
            request["state"] = "closed"
        if told.get("state_event") == "reopen":
            request["state"] = "opened"
        return Answer(200, request)

    def _merge(self, asked: Asked, at: str, iid: str) -> Answer:
        """Merge as lib/api/merge_requests.rb decides it: now, once green, or not at all."""
        request, told = self._request(asked, at, iid), asked.body
        auto = told.get("auto_merge") or told.get("merge_when_pipeline_succeeds")
        if self.levels.get(1, 0) < 30:
            return no("401 Unauthorized", 401)
        if request["state"] != "opened" or request["draft"]:
            return no("405 Method Not Allowed", 405)
        if request["detailed_merge_status"] != "mergeable" or (auto and not self.pipelines):
            return no("405 Method Not Allowed", 405)
        if told.get("sha") != request["sha"]:
            return no("SHA does not match HEAD of source branch: " + request["sha"], 409)
        if auto:
            request["merge_when_pipeline_succeeds"] = True
        else:
            request["state"] = "merged"
        return Answer(200, request)

    def _statuses(self, asked: Asked, at: str, sha: str) -> Answer:
        statuses = self._project(asked, at).statuses
        found = [one for one in statuses if one["sha"] == sha]
        if not found and sha not in self._project(asked, at).branches.values():
            return no("404 Commit Not Found", 404)
        return paged(asked, self.base, found[::-1])

    def _set_status(self, asked: Asked, at: str, sha: str) -> Answer:
        project, told = self._project(asked, at), asked.body
        assert told["state"] in {"pending", "running", "success", "failed", "canceled", "skipped"}
        if sha not in project.branches.values():
            return no("404 Commit Not Found", 404)
        unfinished = [
            one
            for one in project.statuses
            if (one["sha"], one["name"]) == (sha, told["name"])
            and one["status"] in {"pending", "running"}
        ]
        if unfinished and told["state"] == "pending":
            return no(f"Cannot transition status via :enqueue from :{unfinished[0]['status']}")
        if unfinished:
            unfinished[0]["status"] = told["state"]
            return Answer(201, unfinished[0])
        made = {"id": len(project.statuses) + 1, "sha": sha, "name": told["name"]}
        project.statuses.append({**made, "status": told["state"]})
        return Answer(201, project.statuses[-1])

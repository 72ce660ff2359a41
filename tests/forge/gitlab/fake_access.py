"""The fake of GitLab: who may do what."""

from tests.forge.fake_http import Answer, Asked, paged
from tests.forge.gitlab.held import HeldProjects
from tests.forge.gitlab.shapes import make_rule, no, refuse

ME = {"id": 1, "username": "platform", "state": "active"}


class AccessPart(HeldProjects):
    """Users, groups, shares and protected branches."""

    def _user(self, _: Asked) -> Answer:
        return Answer(200, ME)

    def _users(self, asked: Asked) -> Answer:
        name = asked.one("username")
        found = [{"id": self.users[name], "username": name}] if name in self.users else []
        return paged(asked, self.base, found)

    def _token(self, _: Asked) -> Answer:
        if self.scopes is None:  # an OAuth token
            return no("404 Not Found", 404)
        return Answer(200, {"id": 5, "scopes": self.scopes, "active": True})

    def _group(self, _: Asked, at: str) -> Answer:
        return Answer(200, {"id": self._group_id(at), "full_path": at, **self.group_settings})

    def _group_id(self, at: str) -> int:
        for number, path in self.groups.items():
            if at in {path, str(number)}:
                return number
        raise refuse(404, "404 Group Not Found")

    def _members(self, asked: Asked, _: str) -> Answer:
        wanted = {int(one) for one in asked.one("user_ids").split(",")}
        found = [{"id": user, "access_level": self.levels[user]} for user in self.levels]
        return paged(asked, self.base, [one for one in found if one["id"] in wanted])

    def _group_projects(self, asked: Asked, at: str) -> Answer:
        self._group_id(at)
        assert asked.one("include_subgroups").lower() == "true"
        found = [one for one in self.projects if one.path.startswith(f"{at}/")]
        return paged(asked, self.base, [one.shown(self.groups) for one in found])

    def _share(self, asked: Asked, at: str) -> Answer:
        project, told = self._project(asked, at), asked.body
        if f"{project.path}/".startswith(f"{self.groups[told['group_id']]}/"):
            said = "Project cannot be shared with the group it is in or one of its ancestors."
            return no(said, 409)
        if told["group_id"] in project.shares:
            return no("Group already shared with this group", 409)
        project.shares[told["group_id"]] = told["group_access"]
        return Answer(201, {"id": 1, "project_id": project.id, **told})

    def _unshare(self, asked: Asked, at: str, group: str) -> Answer:
        if self._project(asked, at).shares.pop(int(group), None) is None:
            return no("404 Not Found", 404)
        return Answer(204)

    def _rules(self, asked: Asked, at: str) -> Answer:
        return paged(asked, self.base, list(self._project(asked, at).rules.values()))

    def _protect(self, asked: Asked, at: str) -> Answer:
        project, told = self._project(asked, at), asked.body
        if told["name"] in project.rules:
            return no(f"Protected branch '{told['name']}' already exists", 409)
        users = [one["user_id"] for one in told.get("allowed_to_push", []) if self.premium]
        project.rules[told["name"]] = make_rule(
            told["name"],
            told.get("push_access_level", 40),
            told.get("merge_access_level", 40),
            users,
        )
        return Answer(201, project.rules[told["name"]])

    def _change_rule(self, asked: Asked, at: str, name: str) -> Answer:
        rule = self._project(asked, at).rules[name]
        told = asked.body
        if self.premium:
            for one in told.get("allowed_to_push", []):
                rule["push_access_levels"].append({"access_level": 40, **one})
        return Answer(200, rule)

    def _unprotect(self, asked: Asked, at: str, name: str) -> Answer:
        if self._project(asked, at).rules.pop(name, None) is None:
            return no("404 Not Found", 404)
        return Answer(204)

    def _branch(self, asked: Asked, at: str, branch: str) -> Answer:
        """Of which `can_push` is about who asks: https://docs.gitlab.com/api/branches/ ."""
        project = self._project(asked, at)
        if branch not in project.branches:
            return no("404 Branch Not Found", 404)
        rule = project.rules.get(branch)
        needed = rule["push_access_levels"][0]["access_level"] if rule else 30
        can_push = self.levels.get(1, 0) >= needed
        return Answer(200, {"name": branch, "protected": rule is not None, "can_push": can_push})

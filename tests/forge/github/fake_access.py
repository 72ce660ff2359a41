"""The fake of GitHub: who may do what."""

import re
from typing import Any

from tests.forge.fake_http import Answer, Asked, paged
from tests.forge.github.held import HeldRepos, Refused, as_user, no

PERMISSIONS = ("pull", "triage", "push", "maintain", "admin")


class AccessPart(HeldRepos):
    """Users, the organisation, teams and rulesets."""

    def _user(self, _: Asked) -> Answer:
        if self.user is None:
            return no(403, "Resource not accessible by integration")
        headers = {} if self.scopes is None else {"X-OAuth-Scopes": self.scopes}
        told = {"id": 1, "login": self.user, "user_view_type": "private"}
        return Answer(200, told, headers)

    def _membership(self, _: Asked) -> Answer:
        if isinstance(self.membership, int):
            return no(self.membership, "Not here")
        return Answer(200, self.membership)

    def _someone(self, _: Asked, name: str) -> Answer:
        if name not in self.users:
            return no(404, "Not Found")
        return Answer(200, {**as_user(self.users, name), "user_view_type": "public"})

    def _organisation(self, _: Asked) -> Answer:
        if self.organisation is None:
            return no(404, "Not Found")
        return Answer(200, self.organisation)

    def _make_team(self, asked: Asked) -> Answer:
        name = asked.body["name"]
        slug = re.sub("[^a-z0-9_-]+", "-", name.lower())
        if slug in self.teams:
            return no(422, "Validation Failed", ["Name must be unique for this org"])
        self.teams[slug] = name
        self.made_teams[slug] = asked.body.get("description", "")
        self.member_lists[slug] = [self.user] if self.user else []  # who becomes its maintainer
        return Answer(201, self._shown_team(slug))

    def _shown_team(self, slug: str) -> dict[str, Any]:
        given = sum(slug in repo.teams for repo in self.held_repos)
        told = {"id": list(self.teams).index(slug) + 1, "slug": slug, "name": self.teams[slug]}
        return {**told, "description": self.made_teams.get(slug), "repos_count": given}

    def _leave_team(self, _: Asked, slug: str, user: str) -> Answer:
        if user not in self.member_lists.get(slug, []):
            return no(404, "Not Found")
        self.member_lists[slug].remove(user)
        return Answer(204)

    def _rights(self, asked: Asked, name: str, user: str) -> Answer:
        self._repo(asked, name)
        if user not in self.users:
            return no(404, f"{user} is not a user")
        told = self.rights.get(user, "none")
        shown = {"permission": told, "role_name": told, "user": as_user(self.users, user)}
        return Answer(200, shown)

    def _team(self, _: Asked, slug: str) -> Answer:
        if slug not in self.teams:
            return no(404, "Not Found")
        return Answer(200, self._shown_team(slug))

    def _give(self, asked: Asked, slug: str, repo: str) -> Answer:
        assert slug in self.teams
        assert asked.body["permission"] in PERMISSIONS
        self._repo(asked, repo).teams[slug] = asked.body["permission"]
        return Answer(204)

    def _take(self, asked: Asked, slug: str, repo: str) -> Answer:
        self._repo(asked, repo).teams.pop(slug, None)
        return Answer(204)

    def _repo_teams(self, asked: Asked, name: str) -> Answer:
        teams = self._repo(asked, name).teams
        found = [{"slug": one, "permission": permission} for one, permission in teams.items()]
        return paged(asked, self.base, found)

    def _rulesets(self, asked: Asked, name: str) -> Answer:
        if self.free_plan:
            said = "Upgrade to GitHub Pro or make this repository public to enable this feature."
            raise Refused(Answer(403, {"message": said}))
        rulesets = self._repo(asked, name).rulesets
        shown = [{key: one[key] for key in ("id", "name", "enforcement")} for one in rulesets]
        return paged(asked, self.base, shown)

    def _add_ruleset(self, asked: Asked, name: str) -> Answer:
        rulesets = self._repo(asked, name).rulesets
        if any(one["name"] == asked.body["name"] for one in rulesets):
            return no(422, "Validation Failed", ["Name must be unique"])
        rulesets.append({"id": len(rulesets) + 1, **asked.body})
        return Answer(201, rulesets[-1])

    def _ruleset(self, asked: Asked, name: str, number: str) -> Answer:
        found = [one for one in self._repo(asked, name).rulesets if one["id"] == int(number)]
        return Answer(200, {**found[0], "current_user_can_bypass": self.bypass})

    def _change_ruleset(self, asked: Asked, name: str, number: str) -> Answer:
        rulesets = self._repo(asked, name).rulesets
        ruleset = next(one for one in rulesets if one["id"] == int(number))
        ruleset |= asked.body
        return Answer(200, ruleset)

    def _rules(self, asked: Asked, name: str, branch: str) -> Answer:
        found = [
            {
                **rule,
                "ruleset_id": one["id"],
                "ruleset_source": f"acme/{name}",
                "ruleset_source_type": "Repository",
            }
            for one in self._repo(asked, name).rulesets
            if f"refs/heads/{branch}" in one["conditions"]["ref_name"]["include"]
            for rule in one["rules"]
        ]
        return paged(asked, self.base, found)

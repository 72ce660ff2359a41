"""The fake of GitHub: who may do what."""

import re

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
        return Answer(201, {"id": len(self.teams), "slug": slug, "name": name})

    def _team(self, _: Asked, slug: str) -> Answer:
        if slug not in self.teams:
            return no(404, "Not Found")
        return Answer(200, {"slug": slug, "name": self.teams[slug]})

    def _give(self, asked: Asked, slug: str, repo: str) -> Answer:
        assert slug in self.teams
        assert asked.body["permission"] in PERMISSIONS
        self._repo(asked, repo).teams[slug] = asked.body["permission"]
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
        return Answer(200, found[0])

    def _change_ruleset(self, asked: Asked, name: str, number: str) -> Answer:
        ruleset = self._ruleset(asked, name, number).body
        ruleset |= asked.body
        return Answer(200, ruleset)

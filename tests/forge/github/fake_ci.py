"""The fake of GitHub: secrets and variables of Actions, which it decrypts with a key of its own."""

from typing import Any

from nacl.encoding import Base64Encoder
from nacl.public import PrivateKey, SealedBox

from tests.forge.fake_http import Answer, Asked, paged
from tests.forge.github.held import TIME, HeldRepos, no
from tests.forge.openapi import Description

_PLACES = ("/repos/acme/:repo/actions", "/repos/acme/:repo/environments/:env", "/orgs/acme/actions")
_KEY_ID = "568250167242549743"


class CiPart(HeldRepos):
    """What jobs are given, by the paths of the API; `ci` are the names, `values` what was set."""

    def __init__(self, description: Description) -> None:
        super().__init__(description)
        self.ci: dict[str, list[str]] = {}
        self.values: dict[str, Any] = {}
        self.owner = True  # whether the token's user may set those of the organisation
        self._key = PrivateKey.generate()

    def _add_ci_routes(self) -> None:
        repo = "/repos/acme/:repo"
        for place in ("actions/", "actions/organization-", "environments/:env/"):
            for kind in ("secrets", "variables"):
                self.route("GET", f"{repo}/{place}{kind}", self._ci_names)
        self.route("GET", f"{repo}/environments", self._environments)
        self.route("PUT", f"{repo}/environments/:env", self._make_environment)
        for place in _PLACES:
            self.route("GET", f"{place}/secrets/public-key", self._public_key)
            self.route("PUT", f"{place}/secrets/:name", self._set_secret)
            self.route("POST", f"{place}/variables", self._add_variable)
            self.route("PATCH", f"{place}/variables/:name", self._change_variable)
        for kind in ("secrets", "variables"):
            self.route("GET", f"/orgs/acme/actions/{kind}/:name", self._of_organisation)
            self.route("GET", f"/orgs/acme/actions/{kind}/:name/repositories", self._selected)

    def _ci_names(self, asked: Asked, name: str, *_: str) -> Answer:
        """Values are of variables alone; of an environment that is not there nothing is."""
        repo = self._repo(asked, name)
        kind = asked.path.rpartition("/")[2].removeprefix("organization-")
        if "environments" in asked.path and asked.path not in self.ci:
            return no(404, "Not Found")
        times = {"created_at": TIME, "updated_at": TIME}
        value = {"value": "..."} if kind == "variables" else {}
        names = self.ci.get(asked.path, [])
        if "organization-" in asked.path:
            names = [
                one
                for one in self.ci.get(f"/orgs/acme/{kind}", [])
                if repo.id in self._selected_by(kind, one, repo.id)
            ]
        page = paged(asked, self.base, [{"name": one, **value, **times} for one in names])
        return Answer(200, {"total_count": len(names), kind: page.body}, page.headers)

    def _selected_by(self, kind: str, name: str, otherwise: int) -> list[int]:
        """The repos that the organisation gives it to; one that a test put there goes to all."""
        told = self.values.get(f"/orgs/acme/actions/{kind}/{name}", {})
        return list(told.get("selected_repository_ids", [otherwise]))

    def _environments(self, asked: Asked, name: str) -> Answer:
        self._repo(asked, name)
        above = f"/repos/acme/{name}/environments/"
        names = {path.removeprefix(above).split("/")[0] for path in self.ci if above in path}
        shown = [{"name": one, "created_at": TIME, "updated_at": TIME} for one in sorted(names)]
        page = paged(asked, self.base, shown)
        return Answer(200, {"total_count": len(shown), "environments": page.body}, page.headers)

    def _make_environment(self, asked: Asked, name: str, environment: str) -> Answer:
        self._repo(asked, name)
        for kind in ("secrets", "variables"):
            self.ci.setdefault(f"{asked.path}/{kind}", [])
        return Answer(200, {"name": environment, "created_at": TIME, "updated_at": TIME})

    def _refused(self, asked: Asked, at: tuple[str, ...]) -> Answer | None:
        """Why a call about a repo's, an environment's or the organisation's fails, if it does."""
        if asked.path.startswith("/orgs/"):
            return None if self.owner else no(403, "Must have admin rights to Repository.")
        self._repo(asked, at[0])
        place = asked.path.split("/secrets")[0].split("/variables")[0]
        missing = "environments" in asked.path and f"{place}/secrets" not in self.ci
        return no(404, "Not Found") if missing else None

    def _public_key(self, asked: Asked, *at: str) -> Answer:
        key = self._key.public_key.encode(Base64Encoder).decode()
        return self._refused(asked, at) or Answer(200, {"key_id": _KEY_ID, "key": key})

    def _set_secret(self, asked: Asked, *at: str) -> Answer:
        if refused := self._refused(asked, at):
            return refused
        told = dict(asked.body)
        assert told.pop("key_id") == _KEY_ID
        sealed = told.pop("encrypted_value").encode()
        told["value"] = SealedBox(self._key).decrypt(sealed, Base64Encoder).decode()
        created = self._keep(asked.path, told)
        return Answer(201 if created else 204, {} if created else None)

    def _add_variable(self, asked: Asked, *at: str) -> Answer:
        if refused := self._refused(asked, at):
            return refused
        if asked.body["name"] in self.ci.get(_listed(asked.path), []):
            return no(409, "Already exists - Variable already exists")
        self._keep(f"{asked.path}/{asked.body['name']}", dict(asked.body))
        return Answer(201, {})

    def _change_variable(self, asked: Asked, *at: str) -> Answer:
        if refused := self._refused(asked, at):
            return refused
        self._keep(asked.path, dict(asked.body))
        return Answer(204)

    def _keep(self, path: str, told: dict[str, Any]) -> bool:
        """Keep what was set; whether it was not there before."""
        place, _, name = path.rpartition("/")
        names = self.ci.setdefault(_listed(place), [])
        created = name not in names
        names += [name] if created else []
        self.values[path] = {key: one for key, one in told.items() if key != "name"}
        return created

    def _of_organisation(self, asked: Asked, name: str) -> Answer:
        kind = asked.path.split("/")[4]
        if refused := self._refused(asked, ()):
            return refused
        if name not in self.ci.get(f"/orgs/acme/{kind}", []):
            return no(404, "Not Found")
        seen = self.values.get(asked.path, {}).get("visibility", "all")
        shown = {"name": name, "visibility": seen, "created_at": TIME, "updated_at": TIME}
        return Answer(200, shown | ({"value": "..."} if kind == "variables" else {}))

    def _selected(self, asked: Asked, name: str) -> Answer:
        kind = asked.path.split("/")[4]
        ids = self._selected_by(kind, name, 0)
        shown = [{"id": one.id, "name": one.name} for one in self.held_repos if one.id in ids]
        return Answer(200, {"total_count": len(shown), "repositories": shown})


def _listed(path: str) -> str:
    """Where the names are kept; those of the organisation are listed below each repo."""
    return path.replace("/orgs/acme/actions/", "/orgs/acme/")

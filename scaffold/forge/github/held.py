"""Who holds what for a repo on GitHub, and how it is taken from teams."""

from collections.abc import Sequence

from scaffold.config.team import Role
from scaffold.forge.api import Held
from scaffold.forge.github.access import our_ruleset, slug_of
from scaffold.forge.github.client import GithubApi
from scaffold.forge.github.required import required
from scaffold.forge.rest import NOT_FOUND, Call

_ROLES = {"pull": Role.READ_ONLY, "push": Role.DEVELOPER, "admin": Role.ADMIN}
_ADMIN = "a token with the scope repo, of a user who administers the repo"
_ORG = "a token with the scopes repo and admin:org, of a user who administers the repo"


def read_held(api: GithubApi, repo: str, groups: Sequence[str]) -> Held:
    """See `Forge.held`. Raises ForgeError."""
    path, call = api.path(repo), Call(f"read the rights to `{repo}`", _ADMIN)
    has = _permissions(api, repo, call)
    ruleset = our_ruleset(api, repo, call)
    hooks = api.pages(f"{path}/hooks", call)
    return Held(
        {group: _ROLES.get(has[slug_of(group)]) for group in groups if slug_of(group) in has},
        ruleset is not None and ruleset["enforcement"] == "active",
        frozenset() if ruleset is None else required(ruleset),
        frozenset(hook["config"].get("url", "") for hook in hooks if hook["active"]),
    )


def take_from_teams(api: GithubApi, repo: str, groups: Sequence[str]) -> None:
    """See `Forge.revoke`. Raises ForgeError."""
    has = _permissions(api, repo, Call(f"read the teams of `{repo}`", _ADMIN))
    for group in groups:
        if (slug := slug_of(group)) in has:
            call = Call(f"take the repo `{repo}` from the team `{group}`", _ORG)
            path = f"/orgs/{api.group}/teams/{slug}{api.path(repo)}"
            api.send("DELETE", path, call, fine=(NOT_FOUND,))


def _permissions(api: GithubApi, repo: str, call: Call) -> dict[str, str]:
    """What each team that has the repo may do, by the team's name in addresses."""
    return {team["slug"]: team["permission"] for team in api.pages(f"{api.path(repo)}/teams", call)}

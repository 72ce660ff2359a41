"""What the jobs of a repo are given on GitHub: the names of secrets and variables."""

from collections.abc import Collection, Iterator, Mapping
from urllib.parse import quote

from scaffold.forge.github.client import GithubApi
from scaffold.forge.rest import NOT_FOUND, Call

_NEEDS = "a token with the scope repo, of a user who may write to the repo"
# How many a page has at most: https://docs.github.com/en/rest/actions
_KINDS = {"secrets": 100, "variables": 30}


def read_ci_names(
    api: GithubApi, repo: str, environments: Collection[str]
) -> Mapping[str, frozenset[str]]:
    """See `Forge.ci_names`. Raises ForgeError."""
    call, path = Call(f"list the secrets and variables of `{repo}`", _NEEDS), api.path(repo)
    places = (f"{path}/actions/organization-", f"{path}/actions/")
    everywhere = frozenset(name for place in places for name in _names(api, place, call))
    found = {"": everywhere}
    for environment in environments:
        place = f"{path}/environments/{quote(environment, safe='')}/"
        found[environment] = everywhere | frozenset(_names(api, place, call))
    return found


def _names(api: GithubApi, place: str, call: Call) -> Iterator[str]:
    """Those of one place; an environment that no job ran in yet has none."""
    for kind, most in _KINDS.items():
        items = api.pages(f"{place}{kind}", call, {"per_page": most}, items=kind, fine=(NOT_FOUND,))
        yield from (str(item["name"]) for item in items)

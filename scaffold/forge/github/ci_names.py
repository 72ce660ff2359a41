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
    found = dict.fromkeys(("", *environments), everywhere)
    for environment in environments_of(api, repo, call).intersection(environments):
        place = f"{path}/environments/{quote(environment, safe='')}/"
        found[environment] = everywhere | frozenset(_names(api, place, call))
    return found


def environments_of(api: GithubApi, repo: str, call: Call) -> frozenset[str]:
    """The environments that are there: those that somebody made, or a job asked for.

    They are listed, since a 404 for one would be taken for that of a repo which is just made.
    """
    place = f"{api.path(repo)}/environments"
    items = api.pages(place, call, items="environments", fine=(NOT_FOUND,))
    return frozenset(one["name"] for one in items)


def _names(api: GithubApi, place: str, call: Call) -> Iterator[str]:
    """Those of one place."""
    for kind, most in _KINDS.items():
        items = api.pages(f"{place}{kind}", call, {"per_page": most}, items=kind, fine=(NOT_FOUND,))
        yield from (str(item["name"]) for item in items)

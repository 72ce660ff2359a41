"""What the jobs of a repo are given on Gitea: the names of secrets and variables."""

from collections.abc import Collection, Iterator, Mapping

from scaffold.forge.gitea.client import GiteaApi
from scaffold.forge.rest import Call

_NEEDS = "a token with the scopes write:repository and read:organization, of an owner of both"


def read_ci_names(
    api: GiteaApi, repo: str, environments: Collection[str]
) -> Mapping[str, frozenset[str]]:
    """See `Forge.ci_names`. It has no environments, so all jobs get the same. Raises ForgeError."""
    return dict.fromkeys(("", *environments), frozenset(_names(api, repo)))


def _names(api: GiteaApi, repo: str) -> Iterator[str]:
    call = Call(f"list the secrets and variables of `{repo}`", _NEEDS)
    for place in (api.path(repo), f"/orgs/{api.group}"):
        for kind in ("secrets", "variables"):
            yield from (str(one["name"]) for one in api.pages(f"{place}/actions/{kind}", call))

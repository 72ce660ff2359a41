"""What the jobs of a repo are given on GitLab: the names of CI/CD variables."""

from collections.abc import Collection, Iterator, Mapping
from fnmatch import fnmatchcase

from scaffold.forge.gitlab.client import GitlabApi
from scaffold.forge.rest import Call

_NEEDS = "a token with the scope api, of a user with the role Owner in the groups above the repo"


def read_ci_names(
    api: GitlabApi, repo: str, environments: Collection[str]
) -> Mapping[str, frozenset[str]]:
    """See `Forge.ci_names`. Those of the instance are not told. Raises ForgeError."""
    scopes = list(_variables(api, repo))
    return {
        environment: frozenset(name for name, scope in scopes if _is_in(environment, scope))
        for environment in ("", *environments)
    }


def _variables(api: GitlabApi, repo: str) -> Iterator[tuple[str, str]]:
    """Name and scope of the variables of the project and of each group above it."""
    call = Call(f"list the variables of `{repo}`", _NEEDS)
    parts = api.full_path(repo).split("/")[:-1]
    groups = ("/".join(parts[:end]) for end in range(1, len(parts) + 1))
    for place in (api.path(repo), *map(api.group_path, groups)):
        for variable in api.pages(f"{place}/variables", call):
            yield variable["key"], variable["environment_scope"]


def _is_in(environment: str, scope: str) -> bool:
    """Whether a job sees a variable: https://docs.gitlab.com/ci/environments/ (scopes)."""
    return scope == "*" or (environment != "" and fnmatchcase(environment, scope))

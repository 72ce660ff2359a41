"""What has to be green before something is merged on GitLab: the pipeline, whatever is in it."""

from collections.abc import Collection
from typing import Any

from scaffold.config.forges.gitlab import PIPELINE
from scaffold.forge.gitlab.client import GitlabApi
from scaffold.forge.rest import Call

_ADMIN = "a token with the scope api, of a user with the role Maintainer"
_FLAG = "only_allow_merge_if_pipeline_succeeds"


def require_statuses(
    api: GitlabApi, repo: str, statuses: Collection[str], former: Collection[str]
) -> None:
    """See `Forge.protect`. Raises ForgeError."""
    if PIPELINE not in {*statuses, *former}:
        return
    call = Call(f"say whether pipelines of `{repo}` must succeed", _ADMIN)
    wanted = PIPELINE in statuses
    if api.send("GET", api.path(repo), call).data[_FLAG] != wanted:
        api.send("PUT", api.path(repo), call, json={_FLAG: wanted})


def required(project: Any) -> frozenset[str]:
    """What is asked for, by what GitLab tells of a project."""
    return frozenset({PIPELINE} if project[_FLAG] else ())

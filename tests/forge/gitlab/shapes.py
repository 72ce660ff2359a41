"""What GitLab takes and how it refuses, with what the fake is taken from.

Paths, parameters, status codes and shapes are taken from the reference at
https://docs.gitlab.com/api/ : pages projects, project_sharing (share), groups, group_members and
project_members, users, personal_access_tokens, protected_branches, project_webhooks,
merge_requests, commits; the wording of refusals from what GitLab answers, which those pages or
GitLab's own specs quote. Parameters that a page does not have are refused, which GitLab would
not do: that finds slips of ours.
"""

from collections.abc import Mapping
from typing import Any

from tests.forge.fake_http import Answer, Asked

_TEXT, _NUMBER, _FLAG, _LIST = str, int, bool, list
# What each call takes: name -> type. Required ones end with `!`.
TAKES: Mapping[str, Mapping[str, type]] = {
    "create a project": {
        "name!": _TEXT,
        "path": _TEXT,
        "namespace_id": _NUMBER,
        "description": _TEXT,
        "visibility": _TEXT,
        "topics": _LIST,
    },
    "edit a project": {"default_branch": _TEXT, "only_allow_merge_if_pipeline_succeeds": _FLAG},
    "share a project": {"group_id!": _NUMBER, "group_access!": _NUMBER, "expires_at": type(None)},
    "protect a branch": {
        "name!": _TEXT,
        "push_access_level": _NUMBER,
        "merge_access_level": _NUMBER,
        "allow_force_push": _FLAG,
        "allowed_to_push": _LIST,
    },
    "change a protected branch": {"allow_force_push": _FLAG, "allowed_to_push": _LIST},
    "hook": {
        "url!": _TEXT,
        "token": _TEXT,
        "push_events": _FLAG,
        "merge_requests_events": _FLAG,
        "pipeline_events": _FLAG,
        "job_events": _FLAG,
    },
    "create a merge request": {
        "source_branch!": _TEXT,
        "target_branch!": _TEXT,
        "title!": _TEXT,
        "description": _TEXT,
        "labels": _TEXT,
        "reviewer_ids": _LIST,
    },
    "change a merge request": {
        "title": _TEXT,
        "description": _TEXT,
        "add_labels": _TEXT,
        "reviewer_ids": _LIST,
        "state_event": _TEXT,
    },
    "merge": {"merge_when_pipeline_succeeds": _FLAG, "auto_merge": _FLAG, "sha": _TEXT},
    "set a status": {"state!": _TEXT, "name": _TEXT},
}


class Refused(Exception):  # noqa: N818 - an answer on its way
    """An answer that ends what was being done."""

    def __init__(self, answer: Answer) -> None:
        super().__init__()
        self.answer = answer


def refuse(status: int, said: str) -> Refused:
    """A refusal, to be raised."""
    return Refused(Answer(status, {"message": said}))


def no(said: Any, status: int = 400) -> Answer:
    """A refusal."""
    return Answer(status, {"message": said})


def taken(call: str, asked: Asked) -> dict[str, Any]:
    """The body, of which each parameter is known and of the right type."""
    takes = TAKES[call]
    told = dict(asked.body)
    types = {name.removesuffix("!"): kind for name, kind in takes.items()}
    missing = [name for name in takes if name.endswith("!") and name[:-1] not in told]
    assert not missing, f"{call}: {missing} is missing"
    for name, value in told.items():
        assert name in types, f"{call}: GitLab knows no parameter {name}"
        assert isinstance(value, types[name]), f"{call}: {name} is no {types[name].__name__}"
    return told


def make_rule(name: str, push: int, merge: int, users: list[int]) -> dict[str, Any]:
    """A protected branch, by who may push to it and merge into it."""
    pushes: list[dict[str, Any]] = [{"access_level": push}]
    return {
        "name": name,
        "push_access_levels": pushes + [{"access_level": 40, "user_id": one} for one in users],
        "merge_access_levels": [{"access_level": merge}],
        "allow_force_push": False,
    }


def titled(title: str) -> dict[str, Any]:
    """What follows from a merge request's title."""
    return {"title": title, "draft": title.startswith("Draft: ")}

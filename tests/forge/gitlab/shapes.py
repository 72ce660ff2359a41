"""How GitLab refuses, and what things of it look like.

What a call takes and what it answers with is in api.yml, which the fake is held to. The rest, which
answer comes when and the wording of refusals, is from the reference at https://docs.gitlab.com/api/
(pages projects, project_sharing, groups, group_members, users, protected_branches,
project_webhooks, merge_requests, commits) and what those pages or GitLab's own specs quote.
"""

from typing import Any

from tests.forge.fake_http import Answer


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

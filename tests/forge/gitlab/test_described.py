"""The table of GitLab's API, and what it refuses of calls and answers."""

from collections.abc import Mapping
from typing import Any

import pytest
import yaml

from tests.forge.gitlab.described import TABLE, description
from tests.forge.gitlab.fake import FakeGitlab

CALLS = yaml.safe_load(TABLE.read_text(encoding="utf-8"))["calls"]
WEB = "/projects/acme%2Fshop%2Fweb"
REQUEST = {"title": "Up", "source_branch": "a", "target_branch": "main"}


def test_the_fake_has_each_call_of_the_table_and_no_other() -> None:
    """So that nothing is described that nobody calls, and nothing served that was not looked up."""
    routes = FakeGitlab().routes
    for call in CALLS:
        method, path = call.split()
        there = [one for one in routes if one[0] == method and one[1].match(path)]
        assert there, f"the fake has no {call}"
    assert len(CALLS) == len(routes)


def test_each_row_says_where_it_was_read() -> None:
    """In which description, or on which page."""
    table = yaml.safe_load(TABLE.read_text(encoding="utf-8"))
    for name, row in (table["calls"] | table["things"]).items():
        read = row["read"]
        assert read in {"v2", "v3"} or read.startswith("https://docs.gitlab.com/"), name


@pytest.mark.parametrize(
    ("method", "path", "query", "body", "said"),
    [
        ("GET", "/projects", {}, None, "the server knows no GET /projects"),
        ("PATCH", WEB, {}, {}, f"the server knows no PATCH {WEB}"),
        ("GET", "/users", {"name": ["ada"]}, None, "knows no {'name'}"),
        ("GET", "/users", {"per_page": ["200"]}, None, "per_page"),
        ("GET", f"{WEB}/merge_requests", {"state": ["merge"]}, None, "state"),
        ("GET", f"{WEB}/members/all", {"user_ids": ["1,bot"]}, None, "user_ids"),
        ("GET", "/groups/acme", {"with_projects": ["no"]}, None, "with_projects"),
        ("GET", f"{WEB}/merge_requests/first", {}, None, "merge_request_iid"),
        ("GET", "/user", {}, {"name": "ada"}, "takes no body"),
        ("POST", f"{WEB}/merge_requests", {}, None, "no body"),
        ("POST", f"{WEB}/merge_requests", {}, {"title": "Up"}, "'source_branch' is a required"),
        ("POST", f"{WEB}/merge_requests", {}, {**REQUEST, "labels": "a,b"}, "labels"),
        ("POST", f"{WEB}/merge_requests", {}, {**REQUEST, "squash": True}, "squash"),
        ("POST", f"{WEB}/share", {}, {"group_id": 1, "group_access": 35}, "group_access"),
    ],
)
def test_a_call_that_gitlab_does_not_know(
    method: str, path: str, query: Mapping[str, list[str]], body: Any, said: str
) -> None:
    """Its method, path, and each parameter."""
    with pytest.raises(AssertionError) as caught:
        description().check_request(method, path, query, body)
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("method", "path", "status", "body", "said"),
    [
        ("GET", WEB, 201, {"id": 1}, "never answers 201"),
        ("GET", WEB, 200, {"id": "1"}, "$.id"),
        ("GET", WEB, 200, {"id": None}, "$.id"),
        ("GET", WEB, 200, {"names": ["web"]}, "names"),
        ("GET", WEB, 200, {"shared_with_groups": [{"level": 1}]}, "$.shared_with_groups[0]"),
        ("GET", f"{WEB}/hooks", 200, {"id": 1}, "not of type 'array'"),
        ("GET", f"{WEB}/hooks", 200, [{"id": 1}, {"token": "x"}], "$[1]"),
    ],
)
def test_an_answer_that_gitlab_does_not_give(
    method: str, path: str, status: int, body: Any, said: str
) -> None:
    """Its status, and each field with its type, however deep."""
    with pytest.raises(AssertionError) as caught:
        description().check_answer(method, path, status, body)
    assert said in str(caught.value)


def test_what_gitlab_knows_passes() -> None:
    """Null where the table says so, and any part of the fields."""
    description().check_request("POST", f"{WEB}/merge_requests", {}, {**REQUEST, "labels": ["a"]})
    description().check_request("GET", f"{WEB}/members/all", {"user_ids": ["1,2"]}, None)
    description().check_answer("GET", WEB, 200, {"id": 1, "default_branch": None})
    description().check_answer("DELETE", f"{WEB}/hooks/1", 204, None)

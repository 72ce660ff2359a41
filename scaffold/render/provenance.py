"""The template's version in the trailers of the commits of `new` and `upgrade`."""

import re
from dataclasses import dataclass

import pygit2
from pygit2.enums import SortMode

from scaffold.git.tree import message_of, trailers
from scaffold.redaction import redacted

TEMPLATE, VERSION, COMMIT = "Scaffold-Template", "Scaffold-Version", "Scaffold-Commit"
ANSWERS, TREE = "Scaffold-Answers", "Scaffold-Tree"
# commits; for older ones the version's name has to do
_FARTHEST = 2000
_RECORD = re.compile(
    rf"^[ ]*{TEMPLATE}: (?P<template>.+?)[ ]*\r?\n[ ]*{VERSION}: (?P<version>\S+)[ ]*\r?\n"
    rf"[ ]*{COMMIT}: (?P<commit>[0-9a-f]{{40,64}})[ ]*\r?$",
    re.M,
)


def template_trailers(template: str, version: str, commit: str) -> str:
    """The trailers that record a template's version with its exact commit."""
    return f"{TEMPLATE}: {redacted(template)}\n{VERSION}: {version}\n{COMMIT}: {commit}\n"


def recorded_commit(store: pygit2.Repository, head: str, template: str, version: str) -> str | None:
    """The template's commit in the newest matching trailers, or None.

    The whole message is searched: a squash merge joins the messages of several commits.
    """
    walk = store.walk(pygit2.Oid(hex=head), SortMode.NONE)  # as `git log --topo-order`
    for _, commit in zip(range(_FARTHEST), walk, strict=False):
        for match in reversed(list(_RECORD.finditer(message_of(commit)))):
            if (match["template"], match["version"]) == (redacted(template), version):
                return match["commit"]
    return None


@dataclass(frozen=True)
class BranchHead:
    """The head of an upgrade branch; `untouched` if only scaffold has pushed to it."""

    commit: str
    parent: str
    version: str
    answers: str
    untouched: bool


def read_branch(store: pygit2.Repository, commit: str) -> BranchHead:
    """The data in the trailers of an upgrade branch's head."""
    commit_object = store[commit].peel(pygit2.Commit)
    trailer_lines = trailers(message_of(commit_object))
    return BranchHead(
        commit=commit,
        parent=str(commit_object.parent_ids[0]) if commit_object.parent_ids else "",
        version=trailer_lines.get(COMMIT, ""),
        answers=trailer_lines.get(ANSWERS, ""),
        untouched=trailer_lines.get(TREE) == str(commit_object.tree_id),
    )

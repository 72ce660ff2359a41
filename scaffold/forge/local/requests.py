"""Merge requests of the local forge, which has no server to keep them.

One is a ref `refs/scaffold/mr/<n>` to a commit whose tree has `merge-request.yml` (title, branch,
when it was opened, draft, closed, and the head of the branch) and `body.md`. It is merged once that
head is in main, however it got there.
"""

import re
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path

import pygit2
from pydantic import AwareDatetime, Field

from scaffold.config.documents import Document, dump_yaml, parse_document
from scaffold.errors import ConfigError, ForgeError
from scaffold.forge.api import MergeRequest, RequestState
from scaffold.forge.local.lock import alone
from scaffold.forge.making import not_reopened
from scaffold.git import program
from scaffold.git.disk import writing
from scaffold.git.markers import marked_files
from scaffold.git.tree import CommitTree, Entry, make_commit, open_repo
from scaffold.git.verified import verified_tree

_REFS = "refs/scaffold/mr/"
_TEXT = "merge-request.yml"
_BODY = "body.md"
_MAIN = "refs/heads/main"
# What is no number there is nobody's merge request.
_REF = re.compile(rf"{_REFS}([1-9][0-9]{{0,8}})")


@dataclass(frozen=True)
class RequestText:
    """What is stored of one merge request."""

    title: str
    branch: str
    body: str
    opened: datetime
    draft: bool = False
    closed: bool = False
    head: str = ""


class _RequestFile(Document):
    """`merge-request.yml`."""

    title: str
    branch: str
    opened: AwareDatetime
    draft: bool
    closed: bool
    head: str = Field(pattern=r"^[0-9a-f]{40}([0-9a-f]{24})?$")


class MergeRequests:
    """The merge requests of one repo."""

    def __init__(self, name: str, folder: Path, url: str) -> None:
        self._name = name
        self._folder = folder
        self._url = url
        self._repo = open_repo(folder)

    def all(self, branch: str, *, open_only: bool) -> tuple[MergeRequest, ...]:
        """Those of a branch, or without one all of them, oldest first."""
        texts = ((number, self._read(number)) for number in self._numbers())
        requests = (
            self._seen(number, text) for number, text in texts if branch in ("", text.branch)
        )
        return tuple(one for one in requests if not open_only or one.state is RequestState.OPEN)

    def open(self, text: RequestText) -> MergeRequest:
        """Open one, or bring the open one of that branch up to date."""
        with self._alone():
            text = replace(text, head=self._head(text.branch))
            numbers = self._numbers()
            for number in numbers:
                existing = self._read(number)
                if existing.branch == text.branch and self._state(existing) is RequestState.OPEN:
                    text = replace(text, opened=existing.opened)
                    if existing != text:
                        self._write(number, text, f"Update: {text.title}")
                    return self._seen(number, text)
            number = max(numbers, default=0) + 1
            self._write(number, text, f"Open: {text.title}", new=True)
            return self._seen(number, text)

    def close(self, number: int) -> None:
        """Turn one down. Raises ForgeError where it is not open."""
        with self._alone():
            text = self._need(number, RequestState.OPEN)
            self._write(number, replace(text, closed=True), f"Close: {text.title}")

    def reopen(self, number: int) -> None:
        """Take a closed one up again, as its branch is now. Raises ForgeError; see Forge."""
        with self._alone():
            text = self._need(number, RequestState.CLOSED)
            if f"refs/heads/{text.branch}" not in self._repo.references:
                raise not_reopened(number, f"its branch {text.branch} is gone", self._url)
            if others := self.all(text.branch, open_only=True):
                why = f"merge request {others[0].number} of the same branch is open"
                raise not_reopened(number, why, self._url)
            text = replace(text, closed=False, head=self._head(text.branch))
            if self._state(text) is not RequestState.OPEN:
                raise not_reopened(number, "main has its branch already", self._url)
            self._write(number, text, f"Reopen: {text.title}")

    def merge(self, number: int) -> None:
        """Merge one into main by a merge commit.

        Raises ForgeError on conflicts with main, and for a draft that nobody has pushed to or that
        still has conflict markers.
        """
        with self._alone():
            self._merge(number)

    def _merge(self, number: int) -> None:
        text = self._need(number, RequestState.OPEN)
        head, main = self._head(text.branch), str(self._repo.references[_MAIN].target)
        settle = f"Settle its conflicts on the branch {text.branch} and push that first."
        if text.draft and head == text.head:
            raise ForgeError(f"merge request {number} is a draft", where=self._url, hint=settle)
        for commit in (main, head):
            verified_tree(self._repo, commit, self._url)
        index = self._repo.merge_commits(pygit2.Oid(hex=main), pygit2.Oid(hex=head))
        if index.conflicts:
            raise ForgeError(
                f"merge request {number} is in conflict with main",
                where=self._url,
                hint=f"Merge main into {text.branch} and push that first.",
            )
        with writing(self._folder):
            tree = index.write_tree(self._repo)
        # A push to the branch need not have settled anything.
        before = self._repo[main].peel(pygit2.Tree).id
        if text.draft and (marked := tuple(marked_files(self._repo, before, tree))):
            raise ForgeError(
                f"merge request {number} is a draft with conflict markers",
                where=self._url,
                hint=settle,
                details=marked,
            )
        author = program.identity()
        commit = make_commit(self._repo, str(tree), f"Merge: {text.title}\n", author, [main, head])
        self._write(number, replace(text, head=head), f"Merge: {text.title}")
        program.git("update-ref", _MAIN, commit, main, cwd=self._folder)

    def _alone(self) -> AbstractContextManager[None]:
        return alone(self._folder, "merge-requests")

    def _need(self, number: int, wanted: RequestState) -> RequestText:
        if number not in self._numbers():
            raise ForgeError(f"there is no merge request {number}", where=self._url)
        text = self._read(number)
        state = self._state(text)
        if state is not wanted:
            raise ForgeError(f"merge request {number} is {state} already", where=self._url)
        return text

    def _numbers(self) -> list[int]:
        matches = (_REF.fullmatch(name) for name in self._repo.references)
        return sorted(int(match[1]) for match in matches if match)

    def _read(self, number: int) -> RequestText:
        """What is stored of one. Raises ForgeError where somebody wrote something else there."""
        ref = f"{_REFS}{number}"
        try:
            commit = self._repo.references[ref].peel(pygit2.Commit)
            tree = CommitTree(self._repo, str(commit.id))
            fields = parse_document(_RequestFile, tree[_TEXT].data, source=_TEXT, printable=False)
            body = tree[_BODY].data.decode("utf-8", "replace")
            pygit2.Oid(hex=fields.head)
        except ConfigError as error:
            raise self._broken(ref, str(error), error.details) from error
        except (pygit2.GitError, pygit2.InvalidSpecError, KeyError) as error:
            raise self._broken(ref, f"it has no {_TEXT}, or is damaged: {error}") from error
        return RequestText(**dict(fields), body=body)

    def _broken(self, ref: str, why: str, details: Sequence[str] = ()) -> ForgeError:
        return ForgeError(
            f"the merge request {ref} can't be read: {why}",
            where=self._url,
            hint=f"Remove it: git update-ref -d {ref}",
            details=details,
        )

    def _write(self, number: int, text: RequestText, message: str, *, new: bool = False) -> None:
        fields = asdict(text)
        tree = {_BODY: Entry.file(fields.pop("body").encode())}
        data = dump_yaml(fields)
        tree[_TEXT] = Entry.file(data)
        ref = f"{_REFS}{number}"
        parents = [text.head] if new else [str(self._repo.references[ref].target)]
        try:
            with writing(self._folder):
                commit = make_commit(self._repo, tree, message, program.identity(), parents)
                self._repo.references.create(ref, pygit2.Oid(hex=commit), force=not new)
        except pygit2.GitError as error:
            raise ForgeError(
                f"can't write a merge request: {error}",
                where=self._url,
                hint=f"Look at the refs below {_REFS}, at the folder's rights and at the disk.",
            ) from error

    def _head(self, branch: str) -> str:
        ref = f"refs/heads/{branch}"
        if ref not in self._repo.references:
            raise ForgeError(f"there is no branch `{branch}`", where=self._url)
        return str(self._repo.references[ref].target)

    def _state(self, text: RequestText) -> RequestState:
        if text.closed:
            return RequestState.CLOSED
        if _MAIN not in self._repo.references:
            return RequestState.OPEN
        main, head = self._repo.references[_MAIN].target, pygit2.Oid(hex=text.head)
        if main == head or self._repo.descendant_of(main, head):
            return RequestState.MERGED
        return RequestState.OPEN

    def _seen(self, number: int, text: RequestText) -> MergeRequest:
        return MergeRequest(
            repo=self._name,
            number=number,
            title=text.title,
            body=text.body,
            branch=text.branch,
            state=self._state(text),
            url=f"{self._url} {_REFS}{number}",
            opened=text.opened,
            draft=text.draft,
        )

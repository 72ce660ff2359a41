"""The embedded default: bare repos in a folder, no server, no account.

A merge request is a ref `refs/scaffold/mr/<n>` to a commit whose tree has `merge-request.yml`
(title, branch, state, body) and whose parent is the head of the branch when it was opened.
"""

import fcntl
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pygit2
import yaml

from scaffold.errors import ForgeError
from scaffold.forge import MergeRequest
from scaffold.git.transport import identity
from scaffold.git.tree import Entry, init_bare, make_commit, open_repo, read_tree

_MERGE_REQUESTS = "refs/scaffold/mr/"
_TEXT = "merge-request.yml"
_HIDDEN = ".scaffold"


class LocalFolderForge:
    """A forge in a folder."""

    def __init__(self, path: str) -> None:
        self._root = Path(path)

    def _folder(self, repo: str) -> Path:
        return self._root / f"{repo}.git"

    def url(self, repo: str) -> str:
        """See Forge."""
        return f"file://{str(self._folder(repo)).replace('%', '%25')}"

    def exists(self, repo: str) -> bool:
        """See Forge."""
        return self._folder(repo).is_dir()

    def create(self, repo: str, *, description: str) -> None:
        """See Forge. The repo appears in one step, by a rename, so a kill leaves no half of one."""
        folder = self._folder(repo)
        try:
            hidden = self._hidden_folder()
            folder.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(dir=hidden) as staging:
                made = Path(staging) / folder.name
                init_bare(made)
                (made / "description").write_text(f"{description}\n", encoding="utf-8")
                made.rename(folder)
        except OSError as error:
            raise self._unwritable(f"can't create the repo `{repo}`", error) from error

    def delete(self, repo: str) -> None:
        """See Forge."""
        with tempfile.TemporaryDirectory(dir=self._hidden_folder()) as bin_folder:
            self._folder(repo).rename(Path(bin_folder) / "deleted.git")

    def open_merge_request(self, repo: str, branch: str, *, title: str, body: str) -> MergeRequest:
        """See Forge. Whoever loses a race for a number reads again what is there by then."""
        while True:
            try:
                return self._open_merge_request(repo, branch, title, body)
            except pygit2.AlreadyExistsError:
                continue

    def _open_merge_request(self, repo: str, branch: str, title: str, body: str) -> MergeRequest:
        known = self.merge_requests(repo)
        for request in known:
            if request.branch == branch and request.state == "open":
                return request
        number = max((request.number for request in known), default=0) + 1
        text = {"title": title, "branch": branch, "state": "open", "body": body}
        store = open_repo(self._folder(repo))
        head = str(store.references[f"refs/heads/{branch}"].target)
        tree = {_TEXT: Entry.file(yaml.safe_dump(text, sort_keys=False).encode())}
        try:
            commit = make_commit(store, tree, f"Open: {title}", identity(), [head])
            store.references.create(f"{_MERGE_REQUESTS}{number}", pygit2.Oid(hex=commit))
        except pygit2.AlreadyExistsError:
            raise
        except (OSError, pygit2.GitError) as error:
            raise ForgeError(f"can't open a merge request: {error}", where=repo) from error
        return self._request(repo, number, text)

    def merge_requests(self, repo: str) -> tuple[MergeRequest, ...]:
        """See Forge."""
        store = open_repo(self._folder(repo))
        numbers = sorted(
            int(name.removeprefix(_MERGE_REQUESTS))
            for name in store.references
            if name.startswith(_MERGE_REQUESTS)
        )
        found = []
        for number in numbers:
            commit = str(store.references[f"{_MERGE_REQUESTS}{number}"].target)
            text = yaml.safe_load(read_tree(store, commit)[_TEXT].data)
            found.append(self._request(repo, number, text))
        return tuple(found)

    def _request(self, repo: str, number: int, text: dict[str, str]) -> MergeRequest:
        return MergeRequest(
            number=number,
            title=text["title"],
            body=text["body"],
            branch=text["branch"],
            state=text["state"],
            url=f"{self.url(repo)} {_MERGE_REQUESTS}{number}",
        )

    @contextmanager
    def lock(self, name: str) -> Iterator[None]:
        """See Forge. The kernel lets the lock go when its holder dies, however that happens."""
        try:
            descriptor = os.open(self._hidden_folder() / f"{name}.lock", os.O_CREAT | os.O_RDWR)
        except OSError as error:
            raise self._unwritable("can't write to the forge", error) from error
        try:
            self._take(descriptor, name)
            yield
        finally:
            os.close(descriptor)

    def _take(self, descriptor: int, name: str) -> None:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise ForgeError(
                f"somebody else is creating `{name}` right now",
                where=str(self._root),
                hint="Wait until that has ended, then look with `scaffold status`.",
            ) from error

    def _unwritable(self, what: str, error: OSError) -> ForgeError:
        return ForgeError(
            f"{what}: {error.strerror}",
            where=str(self._root),
            hint="See that the folder is there, that you may write to it and it has room.",
        )

    def _hidden_folder(self) -> Path:
        """The forge's own files, on the same file system, so that a rename is one step."""
        hidden = self._root / _HIDDEN
        hidden.mkdir(parents=True, exist_ok=True)
        return hidden

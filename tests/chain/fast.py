"""The outside programs of a pass, done in this process, with a chance to be killed at each step."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import pygit2
import pytest

from scaffold.chain import moves, rendering
from scaffold.checks import kustomize
from scaffold.checks.release import digest
from scaffold.errors import StalePushError
from scaffold.forge.local.requests import MergeRequests
from scaffold.git import branches, program
from scaffold.git.tree import Tree, open_repo
from tests.chain.world import BOT


class KilledError(BaseException):
    """What a kill is to a program: nothing catches it, nothing is tidied up."""


class Steps:
    """Counts what changes a forge, and kills at one; `before_push` hears of each push."""

    def __init__(self) -> None:
        self.left = 0
        self.before_push: Callable[[str], object] = lambda _: None

    def step(self) -> None:
        """Be killed, if it is time."""
        self.left -= 1
        if self.left == 0:
            raise KilledError

    def push(
        self, folder: Path, url: str, commit: str, branch: str, *, expect: str | None, **_: Any
    ) -> None:
        """Move a branch if it is where it was seen, as git does on a forge in a folder."""
        assert commit in open_repo(folder)
        self.before_push(Path(url).stem)
        self.step()
        store = open_repo(Path(url.removeprefix("file://")))
        ref = f"refs/heads/{branch}"
        there = str(store.references[ref].target) if ref in store.references else None
        if there != expect:
            raise StalePushError(f"`{branch}` moved while this was prepared", where=url)
        store.references.create(ref, pygit2.Oid(hex=commit), force=True)
        self.step()

    def drop(self, _: Path, url: str, branch: str, *, expect: str) -> None:
        """Delete a branch if it is where it was seen."""
        self.step()
        store = open_repo(Path(url.removeprefix("file://")))
        ref = f"refs/heads/{branch}"
        if ref in store.references:
            if str(store.references[ref].target) != expect:
                raise StalePushError(f"`{branch}` moved while this was prepared", where=url)
            store.references.delete(ref)
        self.step()

    def wrap(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """A function with a chance to be killed before and after it."""

        def wrapped(*arguments: Any, **keywords: Any) -> Any:
            self.step()
            result = function(*arguments, **keywords)
            self.step()
            return result

        return wrapped


def render_in_process(patch: pytest.MonkeyPatch) -> None:
    """Let a release be one object that tells of all that it was made from, kustomize or not."""

    def build(tree: Tree) -> str:
        parts = [path for path in sorted(tree) if path.startswith(("base/", "image/"))]
        told = digest(b"".join(path.encode() + tree[path].data for path in parts))
        return (
            f"apiVersion: v1\ndata:\n  of: {told!r}\nkind: ConfigMap\n"
            f"metadata:\n  name: settings-{told[:8]}\n"
        )

    patch.setattr(rendering, "build_base", build)
    patch.setattr(kustomize, "renderer", lambda: "a stand-in of the tests")


def set_clock(patch: pytest.MonkeyPatch, now: Callable[[], datetime]) -> None:
    """Let commits be made at the time of the tests' clock."""
    real = pygit2.Signature

    def signature(name: str, email: str) -> pygit2.Signature:
        return real(name, email, int(now().timestamp()), 0)

    patch.setattr(pygit2, "Signature", signature)


@contextmanager
def in_process() -> Iterator[Steps]:
    """No pass starts a program meanwhile."""
    steps = Steps()

    def remote_head(url: str, branch: str = "main") -> str | None:
        store = open_repo(Path(url.removeprefix("file://")))
        ref = f"refs/heads/{branch}"
        return str(store.references[ref].target) if ref in store.references else None

    def no_program(*arguments: Any, **_: Any) -> Any:
        raise AssertionError(f"a program was started: {arguments}")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(MergeRequests, "_write", steps.wrap(MergeRequests._write))
        patch.setattr(branches, "push", steps.push)
        patch.setattr(branches, "drop", steps.drop)
        patch.setattr(branches, "remote_head", remote_head)
        patch.setattr(program, "identity", lambda: BOT)
        patch.setattr(program, "run", no_program)
        patch.setattr(moves, "digest_in_registry", lambda _: None)
        render_in_process(patch)
        yield steps

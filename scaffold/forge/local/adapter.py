"""The embedded default: bare repos in a folder, no server, no account."""

import os
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from scaffold.config.forges.local import LocalForge
from scaffold.errors import ForgeError
from scaffold.forge.api import Access, CiValue, FoundRepo, MergeRequest, Proposal, StatusState
from scaffold.forge.local.requests import MergeRequests, RequestText
from scaffold.forge.local.statuses import read_statuses, write_status
from scaffold.git.tree import init_bare
from scaffold.staging import staging_folder

_ARCHIVED = "#!/bin/sh\necho 'This repo is archived.' >&2\nexit 1\n"
_HIDDEN = ".scaffold"


class LocalFolderForge:
    """A forge in a folder."""

    def __init__(self, path: str) -> None:
        self._root = Path(path)

    @classmethod
    def open(cls, settings: LocalForge) -> Self:
        """The forge that platform.yml names."""
        return cls(settings.path)

    def _folder(self, repo: str) -> Path:
        return self._root / f"{repo}.git"

    def _there(self, repo: str) -> Path:
        """The folder of a repo. Raises ForgeError where there is none."""
        folder = self._folder(repo)
        if not folder.is_dir():
            raise ForgeError(
                f"there is no repo `{repo}`",
                where=str(self._root),
                hint="Was it deleted or renamed? Name the one that is meant in the catalog.",
            )
        return folder

    def url(self, repo: str) -> str:
        """See Forge."""
        return f"file://{str(self._folder(repo)).replace('%', '%25')}"

    def find(self, repo: str) -> FoundRepo | None:
        """See Forge."""
        if not self._folder(repo).is_dir():
            return None
        return FoundRepo(repo, archived=_is_archived(self._hook(repo)))

    def repos(self) -> tuple[str, ...]:
        """See Forge."""
        folders = (folder.parent for folder in self._root.glob("**/*.git/HEAD"))
        names = (folder.relative_to(self._root).as_posix() for folder in folders)
        return tuple(sorted(name.removesuffix(".git") for name in names if name[0] != "."))

    def check(self) -> tuple[str, ...]:
        """See Forge."""
        existing = next(path for path in (self._root, *self._root.parents) if path.exists())
        return () if os.access(existing, os.W_OK) else (f"write to {existing}",)

    def create(
        self,
        repo: str,
        *,
        description: str,
        topics: Sequence[str] = (),  # noqa: ARG002 - a folder has none
    ) -> bool:
        """See Forge. The repo appears in one step, by a rename, so a kill leaves no half of one."""
        folder = self._folder(repo)
        if folder.is_dir():
            return False
        try:
            hidden = self._hidden_folder()
            folder.parent.mkdir(parents=True, exist_ok=True)
            with staging_folder(hidden) as staging:
                made = staging / folder.name
                init_bare(made)
                (made / "description").write_text(f"{description}\n", encoding="utf-8")
                made.rename(folder)
        except OSError as error:
            if folder.is_dir():  # another run was quicker
                return False
            raise self._unwritable(f"can't create the repo `{repo}`", error) from error
        return True

    def delete(self, repo: str) -> None:
        """See Forge. It is gone in one step, by a rename; one that is not there is deleted."""
        try:
            with staging_folder(self._hidden_folder()) as staging:
                self._folder(repo).rename(staging / "deleted.git")
        except FileNotFoundError:
            return
        except OSError as error:
            raise self._unwritable(f"can't delete the repo `{repo}`", error) from error

    def grant(self, repo: str, access: Access) -> None:
        """Do nothing: the folder's own rights decide who may do what."""

    def revoke(self, repo: str, groups: Sequence[str]) -> None:
        """Do nothing, as above."""

    def held(self, repo: str, groups: Sequence[str]) -> None:
        """See Forge. A folder knows no roles, no rules and no webhooks."""

    def protect(
        self, repo: str, statuses: Collection[str] = (), *, former: Collection[str] = ()
    ) -> None:
        """Do nothing: whoever may write to the folder may push."""

    def may_push(self, repo: str, branch: str) -> None:
        """See Forge. The rights and the hooks of the folder decide when there is a push."""

    def webhook(self, repo: str, url: str, secret: str) -> None:
        """Do nothing: there is no server that would tell anybody; the bot polls."""

    def remove_webhooks(self, repo: str, urls: Collection[str]) -> None:
        """Do nothing: there are none."""

    def open_merge_request(self, repo: str, branch: str, proposal: Proposal) -> MergeRequest:
        """See Forge. All go to main, without labels and reviewers, and nothing merges by itself."""
        now = datetime.now(UTC).replace(microsecond=0)
        text = RequestText(proposal.title, branch, proposal.body, now, draft=proposal.draft)
        return self._requests(repo).open(text)

    def merge_requests(
        self, repo: str, branch: str = "", *, open_only: bool = False
    ) -> tuple[MergeRequest, ...]:
        """See Forge."""
        return self._requests(repo).all(branch, open_only=open_only)

    def close_merge_request(self, repo: str, number: int) -> None:
        """See Forge."""
        self._requests(repo).close(number)

    def reopen_merge_request(self, repo: str, number: int) -> None:
        """See Forge."""
        self._requests(repo).reopen(number)

    def merge(self, repo: str, number: int) -> None:
        """See Forge."""
        self._requests(repo).merge(number)

    def merges_itself(self, repo: str, number: int) -> None:
        """See Forge. There is no server that would merge."""

    def statuses(self, repo: str, commit: str) -> Mapping[str, StatusState]:
        """See Forge."""
        return read_statuses(self._there(repo), commit)

    def set_status(self, repo: str, commit: str, name: str, state: StatusState) -> None:
        """See Forge."""
        write_status(self._there(repo), commit, name, state)

    def ci_names(self, repo: str, environments: Collection[str] = ()) -> None:
        """See Forge. It runs no jobs."""

    def set_ci_value(self, repo: str, value: CiValue) -> None:
        """Do nothing: it runs no jobs."""

    def set_ci_value_above(
        self,
        *,
        repos: Sequence[str],  # noqa: ARG002 - it runs no jobs
        value: CiValue,  # noqa: ARG002
    ) -> bool:
        """See Forge. There is no group, either."""
        return False

    def archive(self, repo: str, *, archived: bool) -> None:
        """See Forge. A hook refuses every push to an archived one."""
        hook = self._hook(repo)
        try:
            if archived:
                hook.parent.mkdir(exist_ok=True)
                hook.write_text(_ARCHIVED, encoding="utf-8")
                hook.chmod(0o755)
            elif _is_archived(hook):
                hook.unlink()
        except OSError as error:
            raise self._unwritable(f"can't archive the repo `{repo}`", error) from error

    def _hook(self, repo: str) -> Path:
        return self._there(repo) / "hooks" / "pre-receive"

    def _requests(self, repo: str) -> MergeRequests:
        return MergeRequests(repo, self._there(repo), self.url(repo))

    def lock_folder(self) -> Path:
        """See Forge."""
        return self._root / _HIDDEN

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


def _is_archived(hook: Path) -> bool:
    return hook.exists() and hook.read_text(encoding="utf-8") == _ARCHIVED

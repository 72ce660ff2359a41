"""Versions of a template, as answers files record them: tags, plain commits, what is gone."""

import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pygit2
from copier._vcs import get_repo

from scaffold.blueprint.source import TemplateVersion, newest, parse_version, versions
from scaffold.errors import BlueprintNotFoundError, VersionGoneError
from scaffold.git import transport
from scaffold.git.tree import open_repo, read_tree, write_folder

_DESCRIBED = re.compile(r".+-\d+-g(?P<commit>[0-9a-f]{4,64})")
_CHANGELOG = "CHANGELOG.md"
_COMMIT = re.compile(r"[0-9a-f]{4,64}")


@dataclass(frozen=True)
class Ref:
    """One version of a template: what answers files call it, and its commit."""

    name: str
    commit: str


class TemplateRepo:
    """A template's git repo, with all its versions; those in use are laid out in `scratch`."""

    def __init__(self, url: str, scratch: Path) -> None:
        """Open the repo at a URL, a path or one of copier's short forms.

        Raises BlueprintNotFoundError where there is none.
        """
        self.url = url
        self._scratch = scratch
        address = get_repo(url)
        if address is None:
            raise BlueprintNotFoundError("there is no git repo here", where=url)
        folder = transport.local_folder(str(address))
        if folder is None:
            folder = scratch / "mirrors" / re.sub(r"\W+", "-", url)
            if not folder.exists():
                folder.parent.mkdir(parents=True, exist_ok=True)
                transport.git("clone", "--quiet", "--mirror", "--", str(address), str(folder))
        try:
            self._repo = open_repo(folder)
        except pygit2.GitError as error:
            raise BlueprintNotFoundError("there is no git repo here", where=url) from error

    @cached_property
    def tags(self) -> dict[str, str]:
        """The released versions: tag -> commit."""
        return versions(self._repo)

    def newest(self) -> Ref:
        """The newest release; without any, the head of the default branch, as copier has it."""
        if self.tags:
            name = newest(self.tags)
            return Ref(name, self.tags[name])
        return self.resolve(str(self._repo.revparse_single("HEAD").id))

    def resolve(self, recorded: str) -> Ref:
        """What a recorded version is: a tag first, whatever it looks like, else a commit.

        Raises VersionGoneError.
        """
        if recorded in self.tags:
            return Ref(recorded, self.tags[recorded])
        described = _DESCRIBED.fullmatch(recorded)
        name = described["commit"] if described else recorded
        if name.startswith("refs/") or f"refs/tags/{name}" in self._repo.references:
            return Ref(
                recorded, self._commit(f"refs/tags/{name.removeprefix('refs/tags/')}", recorded)
            )
        if not _COMMIT.fullmatch(name):
            raise self._gone(recorded)
        commit = self._commit(name, recorded)
        return Ref(self._describe(commit), commit)

    def is_newer(self, one: Ref, other: Ref) -> bool:
        """Whether `one` comes after `other`: by version where both have one, else by ancestry."""
        first, second = parse_version(one.name), parse_version(other.name)
        if first is not None and second is not None and {one.name, other.name} <= self.tags.keys():
            return first > second
        if one.commit == other.commit:
            return False
        return self._repo.descendant_of(pygit2.Oid(hex=one.commit), pygit2.Oid(hex=other.commit))

    def lay_out(self, ref: Ref) -> TemplateVersion:
        """The files of a version in a folder; done once a run."""
        folder = self._scratch / "templates" / ref.commit
        if not folder.exists():
            half = folder.with_name(f".{ref.commit}")
            write_folder(read_tree(self._repo, ref.commit), half)
            half.rename(folder)
        return TemplateVersion(self.url, ref.name, ref.commit, folder)

    def changelog(self, old: Ref, new: Ref) -> str:
        """What CHANGELOG.md of the new version has that the old one's has not."""
        before = set((self._file(old, _CHANGELOG) or "").splitlines())
        after = (self._file(new, _CHANGELOG) or "").splitlines()
        return "\n".join(line for line in after if line not in before or not line).strip()

    def _file(self, ref: Ref, path: str) -> str | None:
        tree = self._repo[ref.commit].peel(pygit2.Tree)
        if path not in tree:
            return None
        item = tree[path]
        return item.data.decode("utf-8", "replace") if isinstance(item, pygit2.Blob) else None

    def _commit(self, name: str, recorded: str) -> str:
        try:
            return str(self._repo.revparse_single(f"{name}^{{commit}}").id)
        except (KeyError, ValueError, pygit2.GitError) as error:
            raise self._gone(recorded) from error

    def _describe(self, commit: str) -> str:
        """The name of a commit in answers files, which is copier's: `git describe --tags`."""
        folder = Path(self._repo.path)
        return transport.git("describe", "--tags", "--always", commit, cwd=folder).text.strip()

    def _gone(self, recorded: str) -> VersionGoneError:
        return VersionGoneError(
            f"the template has no version `{recorded}`, which the repo was made from",
            where=self.url,
            hint="Bring the tag or commit back, or link the repo afresh with `scaffold adopt`.",
        )

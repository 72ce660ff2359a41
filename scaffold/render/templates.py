"""Versions of a template, as answers files record them: tags, commits, versions that are gone."""

import json
import re
import tempfile
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pygit2
from packaging.version import Version

from scaffold.config.urls import local_folder, problem_with_address
from scaffold.errors import BlueprintNotFoundError, ForgeError, VersionGoneError
from scaffold.git import program
from scaffold.git.folders import write_closed
from scaffold.git.store import give_name
from scaffold.git.tree import Tree, find_ref, message_of
from scaffold.git.verified import verified_tree
from scaffold.render.changelog import CHANGELOG_FILE, between
from scaffold.render.offer import RELEASES, Offer
from scaffold.render.source import (
    TemplateVersion,
    open_copy_of_template,
    parse_version,
    tagged_commit,
    versions,
)
from scaffold.render.submodules import read_with_submodules

CHECKOUT = "Checkout: "
"""What the message of a commit that nobody has released ends with, before the path as JSON."""

_SHORT = {"gh:": "https://github.com/", "gl:": "https://gitlab.com/"}
_REMOTE = re.compile(r"[a-z][a-z0-9+.-]*://|[^/]+:", re.I)
_DESCRIBED = re.compile(r".+-\d+-g(?P<commit>[0-9a-f]{4,64})")
_COMMIT = re.compile(r"[0-9a-f]{4,64}")
_FULL = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")


@dataclass(frozen=True)
class Ref:
    """One version of a template: its name in answers files, and its commit."""

    name: str
    commit: str


def git_address(url: str) -> str:
    """The address for git, with copier's short forms expanded."""
    for short, whole in _SHORT.items():
        if url.startswith(short):
            url = whole + url.removeprefix(short).lstrip("/")
    if url.startswith("git+"):
        return url.removeprefix("git+")
    if url.startswith(tuple(_SHORT.values())):
        return url.removesuffix(".git") + ".git"
    return str(Path(url).expanduser()) if url.startswith("~/") else url


class TemplateRepo:
    """A template's git repo, with all its versions; those in use are laid out in `scratch`."""

    def __init__(self, url: str, scratch: Path, place: Path | None = None) -> None:
        """Open the repo at a URL, a path or one of copier's short forms.

        `place` is a folder with a git repo to read instead of the one at the URL. Raises
        BlueprintNotFoundError where there is none.
        """
        self.url = url
        self._scratch = scratch
        self._stands_in = place is not None
        self._resolved: dict[str, Ref] = {}
        address = git_address(url) if place is None else str(place)
        self._repo = self._opened(address)

    def _opened(self, address: str) -> pygit2.Repository:
        if not (_REMOTE.match(address) or address.startswith(("/", "-", "~"))):
            raise BlueprintNotFoundError(
                "is a relative path, which says nothing without the place that it starts from",
                where=self.url,
                hint="Put the template's URL or whole path into `_src_path`.",
            )
        if problem := problem_with_address(address):
            raise BlueprintNotFoundError(f"is no address of a repo: it {problem}", where=self.url)
        try:
            return open_copy_of_template(address, self._scratch, self.url)
        except ForgeError as error:
            folder = local_folder(address)
            if folder is not None and folder.is_dir():  # nothing was cloned
                raise
            raise BlueprintNotFoundError(
                "can't be cloned",
                where=self.url,
                hint="Is the address right, and may you read it?",
                details=error.details,
            ) from error

    @property
    def store(self) -> pygit2.Repository:
        """The repo."""
        return self._repo

    @cached_property
    def tags(self) -> dict[str, str]:
        """The released versions: tag -> commit."""
        return versions(self._repo)

    def newest(self, offer: Offer = RELEASES) -> Ref | None:
        """The newest release; without any, the head of the default branch, as in copier.

        None where there are some, and all are held back.
        """
        if self.tags:
            name = offer.newest(self.tags)
            return Ref(name, self.tags[name]) if name else None
        try:
            head = str(self._repo.revparse_single("HEAD").id)
        except (KeyError, pygit2.GitError) as error:
            raise BlueprintNotFoundError("has no version and no commit", where=self.url) from error
        return Ref(self._describe(head), head)

    def resolve(self, recorded: str) -> Ref:
        """The version of a recorded name: a tag if there is one of that name, else a commit.

        Raises VersionGoneError.
        """
        if recorded not in self._resolved:
            self._resolved[recorded] = self._resolve(recorded)
        return self._resolved[recorded]

    def _resolve(self, recorded: str) -> Ref:
        if released := self._released(recorded):
            return released
        if not self._commit_id(recorded):
            raise self._gone(recorded)
        commit = self._commit(recorded)
        if commit is None:
            raise self._gone(recorded)
        return Ref(self._describe(commit) if _FULL.fullmatch(recorded) else recorded, commit)

    def target(self, wanted: str) -> Ref:
        """The version that a person names: a tag, a commit, a branch or HEAD.

        Raises BlueprintNotFoundError.
        """
        if released := self._released(wanted):
            return Ref(released.name.removeprefix("refs/tags/"), released.commit)
        if wanted == "HEAD" and not self._repo.head_is_unborn:
            head = str(self._repo.head.peel(pygit2.Commit).id)
            return Ref(self._describe(head), head)
        branch = find_ref(self._repo, f"refs/heads/{wanted}")
        commit = str(branch.peel(pygit2.Commit).id) if branch else self._commit(wanted)
        if commit is None:
            known = ", ".join(sorted(self.tags, key=lambda tag: str(parse_version(tag))))
            raise BlueprintNotFoundError(
                f"has no version `{wanted}`", where=self.url, hint=f"It has: {known or 'none'}"
            )
        return Ref(self._describe(commit), commit)

    def first_release(self, commit: str, file: str) -> Ref | None:
        """The oldest release that has a commit in its history, and a file."""
        wanted = pygit2.Oid(hex=commit)
        for name in sorted(self.tags, key=lambda tag: parse_version(tag) or Version("0")):
            ref = Ref(name, self.tags[name])
            has_commit = ref.commit == commit or self._repo.descendant_of(
                pygit2.Oid(hex=ref.commit), wanted
            )
            if has_commit and self._file(ref, file) is not None:
                return ref
        return None

    def is_newer(self, ref: Ref, other: Ref) -> bool:
        """Whether `ref` comes after `other`: by version where both have one, else by ancestry."""
        version, other_version = parse_version(ref.name), parse_version(other.name)
        released = {ref.name, other.name} <= self.tags.keys()
        if released and version is not None and other_version is not None:
            return version > other_version
        if ref.commit == other.commit:
            return False
        return self._repo.descendant_of(pygit2.Oid(hex=ref.commit), pygit2.Oid(hex=other.commit))

    def lay_out(self, ref: Ref) -> TemplateVersion:
        """The files of a version in a folder; done once a run. Raises UnsafeTreeError."""
        folder = self._scratch / "templates" / ref.commit
        if not folder.exists():
            folder.parent.mkdir(parents=True, exist_ok=True)
            half = Path(tempfile.mkdtemp(dir=folder.parent))
            where = f"{self.url}@{ref.name}"
            write_closed(self._read(ref.commit, where), half, where=where)
            give_name(half, folder)
        checkout = self._checkout(ref.commit) if self._stands_in else None
        return TemplateVersion(self.url, ref.name, ref.commit, folder, checkout=checkout)

    def _read(self, commit: str, where: str) -> Tree:
        return read_with_submodules(
            self._repo,
            commit,
            git_address(self.url),
            lambda url: TemplateRepo(url, self._scratch).store,
            where=where,
        )

    def _checkout(self, commit: str) -> Path | None:
        """The author's checkout, for a commit that is not released."""
        checkout = message_of(self._repo[commit].peel(pygit2.Commit)).partition(CHECKOUT)[2]
        return Path(json.loads(checkout)) if checkout else None

    def changelog(self, old: Ref, new: Ref) -> str:
        """What the new version's CHANGELOG.md tells of the way from the old one."""
        before, after = (self._file(ref, CHANGELOG_FILE) or "" for ref in (old, new))
        return between(before, after, *map(self._version_of, (old, new)))

    def _version_of(self, ref: Ref) -> Version | None:
        """The version of a tag; None of a commit, whose name may look like one."""
        return None if ref.commit.startswith(ref.name) else parse_version(ref.name)

    def _file(self, ref: Ref, path: str) -> str | None:
        tree = verified_tree(self._repo, ref.commit, where=f"{self.url}@{ref.name}")
        if path not in tree:
            return None
        item = tree[path]
        return item.data.decode("utf-8", "replace") if isinstance(item, pygit2.Blob) else None

    def _released(self, name: str) -> Ref | None:
        """A tag of that name, or the one tag that is the same version (`1.2.0` is `v1.2.0`)."""
        tag = name.removeprefix("refs/tags/")
        if commit := tagged_commit(self._repo, tag):
            return Ref(name, commit)
        version = parse_version(name) if "." in name else None
        same = [
            known_tag for known_tag in self.tags if version and parse_version(known_tag) == version
        ]
        return Ref(same[0], self.tags[same[0]]) if same else None

    def _commit_id(self, name: str) -> str | None:
        """The commit id, whole or short, in a name made by `git describe`."""
        match = _DESCRIBED.fullmatch(name)
        commit_id = match["commit"] if match else name
        return commit_id if _COMMIT.fullmatch(commit_id) else None

    def _commit(self, name: str) -> str | None:
        """The commit with an id that starts so; branches of that name do not count."""
        prefix = self._commit_id(name)
        if prefix is None:
            return None
        folder = Path(self._repo.path)
        done = program.git("rev-parse", f"--disambiguate={prefix}", cwd=folder, check=False)
        objects = [self._repo[oid] for oid in done.text.split()]
        commits = [str(item.id) for item in objects if item.type_str == "commit"]
        return commits[0] if len(commits) == 1 else None

    def _describe(self, commit: str) -> str:
        """The name of a commit in answers files, as copier makes it: `git describe --tags`."""
        folder = Path(self._repo.path)
        return program.git("describe", "--tags", "--always", commit, cwd=folder).text.strip()

    def _gone(self, recorded: str) -> VersionGoneError:
        if find_ref(self._repo, f"refs/heads/{recorded}") is not None:
            return VersionGoneError(
                f"`{recorded}` is a branch, which does not tell what the repo was made from",
                where=self.url,
                hint="Put the tag or the commit that it was made from into `_commit`.",
            )
        return VersionGoneError(
            f"the template has no version `{recorded}`, which the repo was made from",
            where=self.url,
            hint="Bring the tag or commit back, or link the repo afresh with `scaffold adopt`.",
        )

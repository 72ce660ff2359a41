"""A blueprint's working tree as an unreleased version: the target of a preview."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pygit2
from packaging.version import Version

from scaffold.config.blueprint import BLUEPRINT_FILE, Blueprint
from scaffold.config.documents import parse_document, read_file
from scaffold.errors import UsageError
from scaffold.git import clones, program
from scaffold.git.folders import read_entry, write_closed
from scaffold.git.store import open_mirror
from scaffold.git.tree import Identity, Tree, make_commit, open_repo
from scaffold.render.source import TemplateVersion, newest, parse_version, versions
from scaffold.render.templates import CHECKOUT

_NOBODY = Identity("scaffold", "scaffold@localhost")


@dataclass(frozen=True)
class Candidate:
    """A version that is tagged only in a copy of the blueprint's repo.

    `folder` is that copy, `base` the newest release, or None where there is none.
    """

    folder: Path
    version: str
    base: str | None


def read_working_tree(checkout: Path) -> Tree:
    """All files of a checkout, or of a folder in one, that git does not ignore.

    Raises UsageError where it is in no git repo.
    """
    # Two calls: git lists what is in submodules and what is untracked, but not both at once.
    kinds = (("--cached", "--recurse-submodules"), ("--others", "--exclude-standard"))
    listed = [program.git("ls-files", "-z", *kind, cwd=checkout, check=False) for kind in kinds]
    if any(listing.status != 0 for listing in listed):
        raise UsageError(
            "is in no git repo", where=str(checkout), hint="Name a checkout of a blueprint."
        )
    tree: Tree = {}
    for path in "".join(listing.text for listing in listed).split("\0"):
        file = checkout / path
        if path and not path.endswith("/") and file.is_dir() and not file.is_symlink():
            raise UsageError(
                f"its submodule `{path}` is not checked out",
                where=str(checkout),
                hint="Run: git submodule update --init --recursive",
            )
        if path and (file.is_symlink() or file.is_file()):
            tree[path] = read_entry(file)
    return tree


def blueprint_of(checkout: Path) -> Blueprint:
    """What blueprint.yml of a checkout says. Raises UsageError, ConfigError."""
    file = checkout / BLUEPRINT_FILE
    if not file.is_file():
        raise UsageError(
            f"there is no {BLUEPRINT_FILE} here",
            where=str(checkout),
            hint="Name a checkout of a blueprint.",
        )
    return parse_document(Blueprint, read_file(file), source=str(file))


def make_candidate(
    checkout: Path,
    url: str,
    scratch: Path,
    next_version: Callable[[str | None], Version | None] = lambda _: None,
) -> Candidate:
    """Copy the blueprint's repo at `url`, and tag the checkout's files there as the next version.

    `next_version` may name the version that follows a release; otherwise it is a minor step. Raises
    UsageError, BlueprintNotFoundError, and RenderError where copier.yml is broken.
    """
    tree = read_working_tree(checkout)
    source, _ = open_mirror(url)
    folder = scratch / "candidate.git"
    clones.clone_bare(str(source), folder)
    store = open_repo(folder)
    released = versions(store)
    base = newest(released) if released else None
    parents = [released[base]] if base else []
    message = f"Not released\n\n{CHECKOUT}{json.dumps(str(checkout))}\n"
    commit = make_commit(store, tree, message, _NOBODY, parents)
    files = scratch / "candidate"
    write_closed(tree, files, where=str(checkout))
    template = TemplateVersion(url, "working tree", commit, files, checkout=checkout)
    version = f"v{_late_enough(next_version(base) or _minor_step(base), template)}"
    store.references.create(f"refs/tags/{version}", pygit2.Oid(hex=commit), force=True)
    return Candidate(folder, version, base)


def _minor_step(base: str | None) -> Version:
    last = parse_version(base) if base else None
    return Version(f"{last.major}.{last.minor + 1}.0") if last else Version("0.1.0")


def _late_enough(version: Version, template: TemplateVersion) -> Version:
    """The version, or a later one if a migration needs that to run."""
    from scaffold.render.commands import migration_versions

    return max([version, *migration_versions(template)])

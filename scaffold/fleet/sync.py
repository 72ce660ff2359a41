"""Bring the platform repo's generated files in step with platform.yml and the catalog."""

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from scaffold.config.branches import PLATFORM_SYNC
from scaffold.config.grant import GRANTS_FOLDER
from scaffold.config.places import GENERATED_FOLDERS
from scaffold.config.platform import PLATFORM_FILE
from scaffold.errors import ForgeError, UnsafeTreeError
from scaffold.fleet.generated import Change, Difference, differences, with_differences
from scaffold.fleet.platform import PlatformRepo
from scaffold.fleet.proposals import change_platform
from scaffold.forge.api import MergeRequest, Proposal
from scaffold.git.folders import read_entry, read_folder
from scaffold.git.tree import Entry, Tree

_TARGET = "Scaffold-Target"
_LISTED = 100  # files that a merge request and a commit name; forges limit the length


def read_checkout(folder: Path) -> Tree:
    """What generated files are made of, and they themselves, as they lie in a checkout."""
    tree = {PLATFORM_FILE: read_entry(folder / PLATFORM_FILE)}
    for name in ("services", GRANTS_FOLDER, *GENERATED_FOLDERS):
        below = read_folder(folder / name) if (folder / name).is_dir() else {}
        tree |= {f"{name}/{path}": entry for path, entry in below.items()}
    return tree


def write_checkout(folder: Path, found: Iterable[Difference]) -> None:
    """Make these files of a checkout what they should be; nothing is committed.

    Raises UnsafeTreeError, before anything is written, where a folder is a link out of it.
    """
    files = {folder / one.path: one for one in found}
    for file in files:
        if not file.parent.resolve().is_relative_to(folder.resolve()):
            raise UnsafeTreeError(
                "a folder above it is a link that leads out of the checkout; nothing was written",
                where=str(file),
                hint="Put a folder in place of the link.",
            )
    for file, one in files.items():
        file.unlink(missing_ok=True)  # also a link, which is not followed
        if one.after is not None:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(one.after)


def sync_platform(platform: PlatformRepo, shown: Iterable[Difference]) -> MergeRequest | None:
    """Bring main in step, in one commit; returns the merge request where it takes no push.

    `shown` is what somebody agreed to. Raises ForgeError where main moved since, and other files
    would go; ConfigError as `differences` does.
    """
    agreed = set(removed(shown))

    def change(tree: Mapping[str, Entry]) -> Tree:
        found = differences(tree)
        if more := [path for path in removed(found) if path not in agreed]:
            raise ForgeError(
                "main moved, and more files would be removed now; nothing was changed",
                where=platform.url,
                details=more,
                hint="Run it again, which shows them.",
            )
        return with_differences(tree, found)

    return change_platform(platform, change, PLATFORM_SYNC, sync_proposal(shown))


def sync_proposal(found: Iterable[Difference]) -> Proposal:
    """The words for what brings these files in step; `proposed_target` finds them again."""
    known = tuple(found)
    body = "\n".join(
        [
            f"It is made of {PLATFORM_FILE} and the catalog.",
            "",
            *summary(known, most=_LISTED),
            "",
            f"{_TARGET}: {target_of(known)}",
        ]
    )
    return Proposal("Bring what is generated in step", body)


def target_of(found: Iterable[Difference]) -> str:
    """What these files are to become, as a short digest."""
    digest = hashlib.sha256()
    for one in found:
        after = b"removed" if one.after is None else hashlib.sha256(one.after).digest()
        digest.update(one.path.encode() + b"\0" + after)
    return digest.hexdigest()[:16]


def proposed_target(request: MergeRequest) -> str:
    """The target that a merge request of `sync_proposal` has, or nothing."""
    found = re.findall(rf"^{_TARGET}: ([0-9a-f]+)$", request.body, re.MULTILINE)
    return str(found[-1]) if found else ""


def removed(found: Iterable[Difference]) -> list[str]:
    """The paths of those that would go."""
    return [one.path for one in found if one.change is Change.REMOVED]


def summary(found: Sequence[Difference], *, most: int | None = None) -> list[str]:
    """A line for each file, with what it follows from; those past `most` are counted."""
    lines = [f"{one.change:<8} {one.path}  ({one.why})" for one in found[:most]]
    if more := len(found) - len(lines):
        lines.append(f"and {more:,} more")
    return lines

"""Bring the platform repo's generated files in step with platform.yml and the catalog."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from scaffold.config.branches import PLATFORM_SYNC
from scaffold.config.places import ACCESS_FOLDER, DEPLOY_FOLDER
from scaffold.config.platform import PLATFORM_FILE
from scaffold.errors import ForgeError, UnsafeTreeError
from scaffold.fleet.generated import Change, Difference, differences, with_differences
from scaffold.fleet.platform import PlatformRepo, change_platform
from scaffold.forge.api import MergeRequest
from scaffold.git.folders import read_entry, read_folder
from scaffold.git.tree import Entry, Tree


def read_checkout(folder: Path) -> Tree:
    """What generated files are made of, and they themselves, as they lie in a checkout."""
    tree = {PLATFORM_FILE: read_entry(folder / PLATFORM_FILE)}
    for name in ("services", ACCESS_FOLDER, DEPLOY_FOLDER):
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

    return change_platform(
        platform,
        change,
        branch=PLATFORM_SYNC,
        message="Bring what is generated in step",
        body=f"It is made of {PLATFORM_FILE} and the catalog.\n\n" + "\n".join(summary(shown)),
    )


def removed(found: Iterable[Difference]) -> list[str]:
    """The paths of those that would go."""
    return [one.path for one in found if one.change is Change.REMOVED]


def summary(found: Iterable[Difference]) -> list[str]:
    """A line for each file, with what it follows from."""
    return [f"{one.change:<8} {one.path}  ({one.why})" for one in found]

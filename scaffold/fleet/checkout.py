"""The checkout of the platform repo, after what a command pushed: as git's own push leaves it."""

from pathlib import Path

from scaffold.git import program

_MAIN = "refs/heads/main"
_SEEN = "refs/remotes/origin/main"


def follow(folder: Path, commit: str) -> None:
    """Have `origin/main` name a commit that was pushed, and main go on to it where it can.

    Another branch that is checked out, commits of the user's own and changes in the way are left
    as they are; see `behind`.
    """
    program.git("update-ref", _SEEN, commit, cwd=folder)
    if _branch(folder) == _MAIN:
        program.git("merge", "--quiet", "--ff-only", commit, cwd=folder, check=False)


def behind(folder: Path) -> str:
    """What to say of a checkout whose main lacks what `origin/main` has; else nothing."""
    counts = program.git(
        "rev-list", "--left-right", "--count", f"{_MAIN}...{_SEEN}", cwd=folder, check=False
    )
    if counts.status != 0:  # it has no main, or was never fetched
        return ""
    own, missing = map(int, counts.text.split())
    if not missing:
        return ""
    commits = f"{missing} commit{'s' if missing > 1 else ''}"
    advice = "git pull --rebase" if own else "git pull"
    if _branch(folder) != _MAIN:
        advice = f"git switch main && {advice}"
    return f"main in {folder} lacks {commits} of the platform's: {advice}"


def _branch(folder: Path) -> str:
    """The branch that is checked out, or nothing where there is none."""
    return program.git("symbolic-ref", "--quiet", "HEAD", cwd=folder, check=False).text.strip()

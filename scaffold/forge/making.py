"""What all servers need to be done once, and what keeps a bot from main on any of them."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from scaffold.errors import ForgeError

_Made = TypeVar("_Made")


def make_once(find: Callable[[], _Made | None], make: Callable[[], _Made]) -> _Made:
    """What there is, or what is made.

    A server that refuses with a ForgeError is looked at again: another run was quicker, or an
    earlier try came through whose answer was lost. How it says so is no matter.
    Raises what `make` raised where there is nothing, either.
    """
    if (existing := find()) is not None:
        return existing
    try:
        return make()
    except ForgeError:
        if (existing := find()) is None:
            raise
        return existing


def keep_one(
    find: Callable[[], Sequence[int]],
    *,
    add: Callable[[], int],
    remove: Callable[[int], object],
    change: Callable[[int], object] = lambda _: None,
) -> int:
    """Change what is there, or add it, on a server that takes any number of the same; its id.

    `find` tells the ids of what is there, `add` that of what it made. Then there is one of it, not
    several. `remove` takes one that is gone already for done, since another run may have been
    quicker.
    """
    numbers = sorted(find())
    if numbers:
        change(numbers[0])
    else:
        added = add()
        # A try of that whose answer was lost has made one, too.
        numbers = sorted({*find(), added})
    for more in numbers[1:]:
        remove(more)
    return numbers[0]


def there_and_not(branch: str, where: str) -> ForgeError:
    """What to say where a forge tells of a merge request in the way, and then shows none."""
    return ForgeError(
        f"a merge request of the branch `{branch}` is there and is not",
        where=where,
        hint="Look at its merge requests, then run this again.",
    )


def not_reopened(number: int, why: str, where: str, details: Sequence[str] = ()) -> ForgeError:
    """What to say of a closed merge request that can't be taken up again."""
    return ForgeError(
        f"merge request {number} can't be reopened: {why}",
        where=where,
        hint="Propose it anew in its place; for an upgrade: scaffold upgrade SERVICE --reopen",
        details=details,
    )


def no_bot(bot: str, where: str) -> ForgeError:
    """What to say of a bot that the forge does not know."""
    return ForgeError(
        f"there is no user `{bot}`",
        where=where,
        hint="Make the bot's account, or name another one as `forge.bot` in platform.yml.",
    )


def bot_kept_out(bot: str, repo: str, where: str, hint: str = "") -> ForgeError:
    """What to say of a bot that can't push to main, though its rule lets it."""
    return ForgeError(
        f"the bot `{bot}` can't be let push to main of `{repo}`",
        where=where,
        hint=hint
        or "It may not write to the repo: put it into a group that has the role developer, then run"
        " this again.",
    )

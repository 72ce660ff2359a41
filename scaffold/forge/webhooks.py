"""One webhook for an address, on a forge that takes any number of them."""

from collections.abc import Callable, Sequence


def keep_one(
    find: Callable[[], Sequence[int]],
    *,
    add: Callable[[], object],
    change: Callable[[int], object],
    remove: Callable[[int], object],
) -> None:
    """Bring the webhook that is there up to date, or add one; then there is one, not several.

    `find` tells the ids of those for the address. `remove` takes one that is gone already for done,
    since another run may have been quicker.
    """
    there = sorted(find())
    if there:
        change(there[0])
    else:
        add()
        # A try of that whose answer was lost has made one, too.
        there = sorted(find())
    for more in there[1:]:
        remove(more)

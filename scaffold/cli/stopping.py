"""What Ctrl-C leaves behind, told by whoever knows it."""

from collections.abc import Iterator
from contextlib import contextmanager

from scaffold.errors import StoppedError


@contextmanager
def stopped_means(what: str, hint: str = "") -> Iterator[None]:
    """Tell of a Ctrl-C meanwhile as an error that says what was done until then, or was not."""
    try:
        yield
    except KeyboardInterrupt:
        raise StoppedError(what, hint=hint) from None

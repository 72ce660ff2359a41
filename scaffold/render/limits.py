"""The limits of a render, so that no template exhausts a machine's memory or runs for ever."""

from collections.abc import Iterator
from contextlib import contextmanager

from scaffold.limits import OverTimeError, limited

_SECONDS = 60.0  # CPU time
_MEMORY = 2**30  # bytes


class OverLimitError(Exception):
    """A render exceeds a limit; the traceback shows where."""


@contextmanager
def within_limits() -> Iterator[None]:
    """Keep a render within its limits. Raises OverLimitError, which names the limit."""
    try:
        with limited(seconds=_SECONDS, memory=_MEMORY):
            yield
    except OverTimeError as error:
        raise _over(f"takes more than {_SECONDS:g} s of processor time", error) from None
    except MemoryError as error:
        raise _over(f"needs more than {_MEMORY / 2**30:g} GiB of memory", error) from None
    except RecursionError as error:
        raise _over("calls itself without end, or is nested too deep", error) from None


def _over(what: str, error: BaseException) -> OverLimitError:
    return OverLimitError(what).with_traceback(error.__traceback__)

"""What a person is told whose merge request is not merged, on any server."""

from scaffold.errors import ForgeError


def is_a_draft(number: int, *, where: str, branch: str) -> ForgeError:
    """A draft is not merged as it is."""
    return ForgeError(
        f"merge request {number} is a draft",
        where=where,
        hint=f"Settle its conflicts on the branch {branch} and push that first.",
    )


def not_merged(number: int, *, where: str, branch: str, waits_for: str, said: str) -> ForgeError:
    """The server refused; `waits_for` is what else than a conflict keeps one, on that server."""
    return ForgeError(
        f"merge request {number} can't be merged",
        where=where,
        hint=f"See whether {branch} is in conflict with main, or waits for {waits_for}.",
        details=[said],
    )

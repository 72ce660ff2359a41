"""What the consumer needs of a queue, whichever program keeps it."""

from dataclasses import dataclass
from typing import Protocol


class QueueUnavailableError(Exception):
    """The queue can't be reached at the moment."""


@dataclass(frozen=True)
class Message:
    """One delivery of a message; `attempt` is 1 at the first."""

    id: str
    body: bytes
    attempt: int


class Queue(Protocol):
    """Delivers each message at least once. All methods raise QueueUnavailableError."""

    def receive(self) -> list[Message]:
        """The next messages, or none after a while; those that nobody finished come again."""
        ...

    def done(self, message: Message) -> None:
        """Never deliver this message again."""
        ...

    def reject(self, message: Message, reason: str) -> None:
        """Put this message aside, where people can look at it."""
        ...

    def lag(self) -> int:
        """How many messages are not done."""
        ...

"""The queue as a Redis stream with one consumer group.

Redis remembers who took which message. What is taken and not done for a while, because a consumer
crashed or its handler raised, is taken over by whoever asks next.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError, ResponseError, TimeoutError
from redis.retry import Retry

from .queue import Message, QueueUnavailableError
from .settings import Settings

# The field of a stream's entry that holds the message, as JSON.
BODY = b"body"


def connect(settings: Settings) -> Any:
    """A client; it connects when it is first used.

    redis-py types each answer as that of the blocking or of the asyncio client, hence `Any`.
    """
    # A lost connection is told at once: the consumer decides when to try again.
    return Redis.from_url(
        settings.redis_url,
        protocol=2,  # the answers of the other one are of another shape
        socket_connect_timeout=5,
        socket_timeout=settings.wait_seconds + 10,
        retry=Retry(NoBackoff(), 0),
    )


def dead_letters(stream: str) -> str:
    """The stream of the messages that were put aside."""
    return f"{stream}:dead"


@contextmanager
def _reachable() -> Iterator[None]:
    try:
        yield
    except (ConnectionError, TimeoutError) as error:
        raise QueueUnavailableError(str(error)) from error


class RedisQueue:
    """One consumer of the group."""

    def __init__(self, client: Any, settings: Settings) -> None:
        self._client = client
        self._settings = settings
        self._stream = settings.stream
        self._group = settings.group

    def receive(self) -> list[Message]:
        """A message that was left behind, or else new ones; waits for `wait_seconds` at most."""
        with _reachable():
            try:
                return self._left_behind() or self._new()
            except ResponseError as error:
                if not str(error).startswith("NOGROUP"):
                    raise
                self._make_group()
                return []

    def done(self, message: Message) -> None:
        """Take the message out of the stream."""
        with _reachable(), self._client.pipeline() as pipe:
            pipe.xack(self._stream, self._group, message.id)
            pipe.xdel(self._stream, message.id)
            pipe.execute()

    def reject(self, message: Message, reason: str) -> None:
        """Move the message to the dead letters."""
        entry = {BODY: message.body, b"reason": reason.encode(), b"id": message.id.encode()}
        with _reachable(), self._client.pipeline() as pipe:
            pipe.xadd(dead_letters(self._stream), entry)
            pipe.xack(self._stream, self._group, message.id)
            pipe.xdel(self._stream, message.id)
            pipe.execute()

    def lag(self) -> int:
        """The length of the stream: what is done is taken out of it."""
        with _reachable():
            return int(self._client.xlen(self._stream))

    def _left_behind(self) -> list[Message]:
        idle = int(self._settings.retry_seconds * 1000)
        consumer = self._settings.consumer
        claimed = self._client.xautoclaim(self._stream, self._group, consumer, idle, count=1)[1]
        return [self._message(*entry, attempt=self._attempt(entry[0])) for entry in claimed]

    def _new(self) -> list[Message]:
        found = self._client.xreadgroup(
            self._group,
            self._settings.consumer,
            {self._stream: ">"},
            count=1,
            block=int(self._settings.wait_seconds * 1000),
        )
        return [self._message(*entry, attempt=1) for _, entries in found for entry in entries]

    def _attempt(self, id: bytes) -> int:
        known = self._client.xpending_range(self._stream, self._group, id, id, 1)
        return int(known[0]["times_delivered"]) if known else 1

    def _message(self, id: bytes, fields: dict[bytes, bytes], *, attempt: int) -> Message:
        return Message(id.decode(), fields.get(BODY, b""), attempt)

    def _make_group(self) -> None:
        try:
            self._client.xgroup_create(self._stream, self._group, id="0", mkstream=True)
        except ResponseError as error:
            if not str(error).startswith("BUSYGROUP"):  # another consumer was quicker
                raise

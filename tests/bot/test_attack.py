"""The real server under clients that mean it harm: signed webhooks are answered, passes go on.

The numbers of clients and of webhooks are bounded, and nothing here leaves the machine.
"""

import asyncio
import json
import resource
import socket
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests.bot.process import SECRET, Running, serving, wait_for
from tests.chain.world import AUTOMATIC, World
from tests.cli.test_chain import install, make_platform_in_step

FILES = 512  # that the bot may have open: fewer than its clients would need
WEBHOOKS = 10
HEAD = b"POST /webhook HTTP/1.1\r\nHost: bot\r\n"
Attack = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@pytest.fixture
def world(tmp_path: Path) -> World:
    """Two services, whose changes come to dev by themselves."""
    world = make_platform_in_step(tmp_path)
    world.settings = {"environments": [AUTOMATIC[0]]}
    install(world)
    return world


@pytest.fixture
def bot(world: World) -> Iterator[Running]:
    """A bot that has room for few files."""
    with serving(world.root, files=FILES) as bot:
        yield bot


async def idle(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
    """Say nothing."""
    await reader.read()


async def slow_headers(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Send one header a second, and never the last one."""
    writer.write(HEAD)
    while not reader.at_eof():
        writer.write(b"X-More: x\r\n")
        await writer.drain()
        await asyncio.sleep(1)


async def endless_body(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Send chunk after chunk."""
    writer.write(HEAD + b"Transfer-Encoding: chunked\r\n\r\n")
    while not reader.at_eof():
        writer.write(b"10000\r\n" + b"x" * 65536 + b"\r\n")
        await writer.drain()
        await asyncio.sleep(0.05)


async def slow_body(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Announce a body that is allowed, send nearly all of it, and then a byte a second."""
    writer.write(HEAD + b"Content-Length: 1900000\r\n\r\n" + b"x" * 1_800_000)
    while not reader.at_eof():
        writer.write(b"x")
        await writer.drain()
        await asyncio.sleep(1)


async def negative_length(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Announce a length that reading would never come to."""
    writer.write(HEAD + b"Content-Length: -1\r\n\r\n")
    while not reader.at_eof():
        writer.write(b"x" * 65536)
        await writer.drain()
        await asyncio.sleep(0.05)


@pytest.mark.parametrize(
    ("attack", "clients"),
    [(idle, 600), (slow_headers, 500), (endless_body, 20), (slow_body, 50), (negative_length, 20)],
)
def test_clients_that_come_again_and_again(
    world: World, bot: Running, attack: Attack, clients: int
) -> None:
    """Each webhook is answered while they do, and what it tells of is done."""
    asyncio.run(under(attack, clients, bot.port, event(world)))
    after(world, bot)


def test_two_thousand_idle_connections(world: World, bot: Running) -> None:
    """As many as there may be files in this process, at the least a thousand; most are ended."""
    with open_connections(bot.port, 2000) as connections:
        asyncio.run(webhooks(bot.port, event(world), WEBHOOKS))
        after(world, bot)
        wait_for(lambda: sum(map(is_open, connections)) <= FILES // 4, bot)
        open_files = len(list(Path(f"/proc/{bot.process.pid}/fd").iterdir()))

    assert open_files < FILES * 3 // 4


def after(world: World, bot: Running) -> None:
    """A change is brought forward, by a webhook; no pass failed, nothing was logged as a fault."""
    code = world.commit("code", {"app.py": "two\n"})
    asyncio.run(webhooks(bot.port, event(world), 1))
    wait_for(lambda: code in world.text("docker", "upstream.yml"), bot)
    assert 200 == bot.get("/healthz")[0]
    assert 'result="aborted"' not in bot.get("/metrics")[1]
    assert [] == [line for line in bot.lines() if line["level"] in {"error", "critical"}]


async def under(attack: Attack, clients: int, port: int, body: bytes) -> None:
    """Webhooks while so many clients do harm, each again as soon as it is thrown out."""
    begun = 0

    async def harm() -> None:
        nonlocal begun
        while True:
            with suppress(OSError):
                reader, writer = await asyncio.open_connection("127.0.0.1", port)
                begun += 1
                try:
                    await attack(reader, writer)
                finally:
                    writer.close()
            await asyncio.sleep(1)

    tasks = [asyncio.create_task(harm()) for _ in range(clients)]
    while begun < clients // 2:
        await asyncio.sleep(0.01)
    await webhooks(port, body, WEBHOOKS)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def event(world: World) -> bytes:
    """What a forge tells of a push to the code of the service `shop`."""
    return json.dumps({"project": {"git_http_url": world.url("shop-code")}}).encode()


async def webhooks(port: int, body: bytes, number: int) -> None:
    """Send so many signed ones; each is taken."""
    head = f"X-Gitlab-Token: {SECRET}\r\nContent-Length: {len(body)}\r\n\r\n".encode()
    for _ in range(number):
        async with asyncio.timeout(30):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(HEAD + head + body)
            assert b"HTTP/1.1 202" == (await reader.readline())[:12]
            writer.close()


@contextmanager
def open_connections(port: int, number: int) -> Iterator[list[socket.socket]]:
    """So many connections that say nothing."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    room = number + 200 if hard == resource.RLIM_INFINITY else min(number + 200, hard)
    assert room > 1200, f"this process may open {hard} files: ulimit -Hn"
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, room), hard))
    connections: list[socket.socket] = []
    try:
        place = ("127.0.0.1", port)
        connections += (socket.create_connection(place, 30) for _ in range(min(number, room - 200)))
        yield connections
    finally:
        for one in connections:
            one.close()
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def is_open(connection: socket.socket) -> bool:
    """Whether the other side has not ended it."""
    connection.setblocking(False)
    try:
        return connection.recv(1) != b""
    except BlockingIOError:
        return True
    except OSError:
        return False

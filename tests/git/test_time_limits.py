"""A git that talks to a server waits as long as something comes, and no longer."""

import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from scaffold.deadline import within
from scaffold.errors import ForgeError, TimeUpError
from scaffold.git import access, branches, transport
from scaffold.git.access import Access, use_access
from scaffold.git.store import open_mirror
from scaffold.git.tree import Entry, Identity, init_bare, make_commit, open_repo, read_tree
from scaffold.process import Silence
from tests.forge.fake_http import TOKEN
from tests.git.server import git_server
from tests.silent import Silent, silent_server

STEP = 20_000  # bytes


@pytest.fixture
def silent(monkeypatch: pytest.MonkeyPatch) -> Iterator[Silent]:
    """A silent server, and a git that is patient for a second alone."""
    monkeypatch.setattr(transport, "_SILENCE", Silence(1.0, 1.0))
    with silent_server() as server:
        yield server


@pytest.mark.parametrize("scheme", ["http", "https", "ssh"])
def test_a_server_that_says_nothing(silent: Silent, scheme: str) -> None:
    """It is told what is silent, and no helper of git is left behind that holds the connection."""
    url = f"{scheme}://127.0.0.1:{silent.port}/shop.git"

    with pytest.raises(ForgeError, match="gives no answer") as caught:
        branches.remote_head(url)

    assert (url, ("`git` said nothing for 1 s",)) == (caught.value.where, caught.value.details)
    assert "Is the server up" in caught.value.hint
    assert (True, 1) == (silent.wait_until_all_are_gone(), silent.taken)


def test_curl_knows_of_silence_itself(silent: Silent, monkeypatch: pytest.MonkeyPatch) -> None:
    """A git that outlives us, because we were killed, does not wait for ever, either."""
    monkeypatch.setattr(transport, "_SILENCE", Silence(600.0, 600.0))
    monkeypatch.setattr(transport, "_SLOW", (*transport._SLOW[:3], "http.lowSpeedTime=1"))
    silent.says = b"HTTP/1.1 200 OK\r\n"

    with pytest.raises(ForgeError, match="gives no answer") as caught:
        branches.remote_head(f"http://127.0.0.1:{silent.port}/shop.git")

    assert "Operation too slow" in "".join(caught.value.details)


def test_a_push_that_gets_no_answer(silent: Silent, tmp_path: Path) -> None:
    """What came of it is not known, and nothing is said to have been pushed."""
    store = init_bare(tmp_path / "store.git")
    commit = make_commit(store, {"file": Entry.file(b"x")}, "Add", Identity("Dev", "dev@e.com"))
    url = f"http://127.0.0.1:{silent.port}/shop.git"

    with pytest.raises(ForgeError, match="gives no answer"):
        branches.push(tmp_path / "store.git", url, commit, "main", expect=None)

    assert silent.wait_until_all_are_gone()


def test_the_time_of_the_work_counts_over_all_calls(
    silent: Silent, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is told which server was asked when the time was up."""
    monkeypatch.setattr(transport, "_SILENCE", Silence(600.0, 600.0))
    url = f"http://127.0.0.1:{silent.port}/shop.git"

    with pytest.raises(TimeUpError) as caught, within(1, "the service `shop`"):
        branches.remote_head(url)

    assert (
        f"{url}: the time of the service `shop` is up: 1 s for all that it waits for",
        True,
    ) == (str(caught.value), silent.wait_until_all_are_gone())


@pytest.mark.parametrize(
    ("silence", "more"),
    [(Silence(4.0, 600.0), ()), (Silence(4.0, 4.0), ("-c", "fetch.unpackLimit=1"))],
    ids=["one large file", "a pack"],
)
def test_a_slow_network_is_waited_for(
    silence: Silence, more: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A transfer that takes longer than a server may be silent comes to its end.

    A pack of many objects tells of each second; of few objects git tells when it has them.
    """
    monkeypatch.setattr(transport, "_SILENCE", silence)
    monkeypatch.setattr(transport, "_SLOW", more)
    monkeypatch.setattr(access, "_accesses", {})
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    file = Entry.file(os.urandom(26 * STEP))
    began = time.monotonic()

    with git_server(tmp_path) as server, slowed_down(server.url) as url:
        use_access(Access(url, "bob", TOKEN))
        store = open_repo(server.git.make("shop"))
        commit = make_commit(store, {"file": file}, "Add", Identity("Dev", "dev@e.com"))
        store.references.create("refs/heads/main", commit)
        _, mirror = open_mirror(f"{url}/shop.git")

    assert {"file": file} == read_tree(mirror, commit)
    assert time.monotonic() - began > 4


@contextmanager
def slowed_down(url: str) -> Iterator[str]:
    """The same server, on a network that lets some bytes through each fifth of a second."""
    threads: list[threading.Thread] = []
    port = int(url.rpartition(":")[2])

    def serve(client: socket.socket) -> None:
        with client, socket.create_connection(("127.0.0.1", port)) as server:
            up = threading.Thread(target=copy, args=(client, server))
            up.start()
            copy(server, client, pause=0.2)
            up.join()

    def accept(listener: socket.socket) -> None:
        with suppress(OSError):
            while True:
                connection, _ = listener.accept()
                threads.append(threading.Thread(target=serve, args=(connection,)))
                threads[-1].start()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threads.append(threading.Thread(target=accept, args=(listener,)))
        threads[0].start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        listener.shutdown(socket.SHUT_RDWR)
        for thread in threads:
            thread.join()


def copy(source: socket.socket, to: socket.socket, pause: float = 0) -> None:
    """Hand on what one says to the other until one of them goes."""
    with suppress(OSError):
        while data := source.recv(STEP):
            to.sendall(data)
            time.sleep(pause)
    for one in (source, to):
        with suppress(OSError):
            one.shutdown(socket.SHUT_RDWR)

"""The git side of a fake forge: real git over HTTP, by `git http-backend`."""

import base64
import os
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from scaffold.git.tree import init_bare
from tests.builders import git
from tests.forge.fake_http import TOKEN

Reply = tuple[int, Mapping[str, str], bytes]


@dataclass(frozen=True)
class Rejection:
    """How a server turns a push to a branch down: the reason that it gives, and what it says."""

    reason: str
    words: str = ""

    def report(self, refs: list[str]) -> bytes:
        """The answer on the wire: https://git-scm.com/docs/gitprotocol-pack#_report_status ."""
        told = ["unpack ok\n", *(f"ng {ref} {self.reason}\n" for ref in refs)]
        status = b"".join(_packet(line.encode()) for line in told) + b"0000"
        words = _packet(b"\x02" + self.words.encode()) if self.words else b""
        return words + _packet(b"\x01" + status) + b"0000"


class GitSide:
    """Bare repos in a folder, which whoever has the token may read and push to.

    `rejects` has the repos and refs that take no push.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.users: set[str] = set()
        self.rejects: dict[tuple[str, str], Rejection] = {}

    def make(self, repo: str) -> Path:
        """The folder of a repo, named by its full path; made where it is missing."""
        folder = self.root / f"{repo}.git"
        if not folder.is_dir():
            folder.parent.mkdir(parents=True, exist_ok=True)
            init_bare(folder)
        return folder

    def heads(self, repo: str) -> dict[str, str]:
        """Branches and where they are."""
        told = git("for-each-ref", "--format=%(refname:lstrip=2) %(objectname)", "refs/heads",
                   cwd=self.make(repo))  # fmt: skip
        return dict(line.split() for line in told.splitlines())

    def answer(
        self, method: str, path: str, query: str, headers: Mapping[str, str], sent: bytes
    ) -> Reply:
        """What a request of git gets."""
        user = self._user(headers.get("authorization", ""))
        if user is None:
            return 401, {"WWW-Authenticate": 'Basic realm="git"'}, b""
        self.users.add(user)
        if path.endswith("/git-receive-pack"):
            repo, refs = path.partition(".git/")[0].strip("/"), list(_pushed(sent))
            if turned := [self.rejects[repo, ref] for ref in refs if (repo, ref) in self.rejects]:
                told = {"Content-Type": "application/x-git-receive-pack-result"}
                return 200, told, turned[0].report(refs)
        environment = {
            "PATH": os.environ["PATH"],
            "GIT_PROJECT_ROOT": str(self.root),
            "GIT_HTTP_EXPORT_ALL": "1",
            "GIT_PROTOCOL": headers.get("git-protocol", ""),
            "HTTP_CONTENT_ENCODING": headers.get("content-encoding", ""),
            "CONTENT_TYPE": headers.get("content-type", ""),
            "CONTENT_LENGTH": str(len(sent)),
            "REQUEST_METHOD": method,
            "QUERY_STRING": query,
            "PATH_INFO": path,
            "REMOTE_USER": user,
        }
        command = ["git", "http-backend"]
        done = subprocess.run(command, input=sent, env=environment, capture_output=True, check=True)
        head, _, body = done.stdout.partition(b"\r\n\r\n")
        told = dict(line.split(": ", 1) for line in head.decode().splitlines())
        return int(told.pop("Status", "200").split()[0]), told, body

    def _user(self, authorization: str) -> str | None:
        scheme, _, given = authorization.partition(" ")
        if scheme != "Basic":
            return None
        name, _, password = base64.b64decode(given).decode().partition(":")
        return name if password == TOKEN else None


def _packet(data: bytes) -> bytes:
    return f"{len(data) + 4:04x}".encode() + data


def _pushed(sent: bytes) -> Iterator[str]:
    """The refs that a push would change."""
    while (length := int(sent[:4] or b"0", 16)) > 0:
        line = sent[4:length].partition(b"\0")[0].decode()
        yield line.split()[2]
        sent = sent[length:]

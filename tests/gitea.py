"""A real Gitea on loopback: HTTPS with a CA of the tests' own, SQLite, an organisation, users."""

import os
import re
import secrets
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from scaffold.config.forges.gitea import GiteaForge
from scaffold.forge.credentials import Credentials, give_to_git
from scaffold.forge.gitea.adapter import GiteaOrganisationForge
from scaffold.process import find_program, run
from tests.tokens import noted

TOOLS = Path(__file__).parents[1] / ".tools"
ROLES = ("read-only", "developer", "admin")
BOT = "robot"
_START = 60.0
_INI = """\
RUN_MODE = prod
RUN_USER = {user}
I_AM_BEING_UNSAFE_RUNNING_AS_ROOT = true
WORK_PATH = {folder}/work
[server]
PROTOCOL = https
HTTP_ADDR = 127.0.0.1
HTTP_PORT = {port}
ROOT_URL = https://localhost:{port}/
CERT_FILE = {folder}/server.pem
KEY_FILE = {folder}/server.key
STATIC_ROOT_PATH = {static}
DISABLE_SSH = true
OFFLINE_MODE = true
LFS_START_SERVER = false
[database]
DB_TYPE = sqlite3
PATH = {folder}/gitea.db
[repository]
ROOT = {folder}/repos
DEFAULT_BRANCH = main
[security]
INSTALL_LOCK = true
SECRET_KEY = {secret}
PASSWORD_HASH_ALGO = pbkdf2$1000$50
[webhook]
ALLOWED_HOST_LIST = loopback
[log]
LEVEL = Warn
[service]
DISABLE_REGISTRATION = true
[actions]
ENABLED = false
"""


@dataclass(frozen=True)
class Gitea:
    """A running server, with an organisation's worth of API for tests to look by themselves."""

    url: str
    ca_file: Path
    folder: Path
    tokens: dict[str, str]

    def call(self, method: str, path: str, *, user: str = BOT, **more: Any) -> requests.Response:
        """Ask the API as a user, apart from the code under test."""
        session = requests.Session()
        session.trust_env = False
        headers = {"Authorization": f"token {self.tokens[user]}"}
        return session.request(
            method, f"{self.url}/api/v1{path}", headers=headers, verify=str(self.ca_file), **more
        )

    def get(self, path: str, **more: Any) -> Any:
        """What there is, which there must be."""
        answer = self.call("GET", path, **more)
        assert answer.ok, answer.text
        return answer.json()

    def wait_for(self, done: Callable[[], bool], seconds: float = 30) -> None:
        """Wait for what the server does by and by."""
        end = time.monotonic() + seconds
        while not done():
            assert time.monotonic() < end
            time.sleep(0.2)

    def limited_token(self, *scopes: str) -> str:
        """A token of the bot's that may do less than the bot."""
        name, password = secrets.token_hex(6), secrets.token_urlsafe(12) + "aA1!"
        answer = self.call(
            "PATCH",
            f"/admin/users/{BOT}",
            json={"login_name": BOT, "source_id": 0, "password": password},
        )
        assert answer.ok, answer.text
        answer = requests.post(
            f"{self.url}/api/v1/users/{BOT}/tokens",
            auth=(BOT, password),
            json={"name": name, "scopes": list(scopes)},
            verify=str(self.ca_file),
            timeout=30,
        )
        assert answer.ok, answer.text
        return noted(str(answer.json()["sha1"]))

    def new_organisation(self) -> str:
        """An organisation of a test's own, which the bot owns."""
        name = f"acme-{secrets.token_hex(4)}"
        answer = self.call("POST", "/orgs", json={"username": name, "visibility": "private"})
        assert answer.ok, answer.text
        return name

    def settings(self, group: str, **more: Any) -> GiteaForge:
        """What platform.yml would say."""
        told = {"kind": "gitea", "url": self.url, "group": group, "ca_file": str(self.ca_file)}
        return GiteaForge.model_validate({**told, "bot": BOT, **more})

    def forge(self, group: str, *, user: str = BOT, **more: Any) -> GiteaOrganisationForge:
        """The forge as a user has it, and git with the same token."""
        settings = self.settings(group, **more)
        credentials = Credentials(self.tokens[user], "a test", user)
        give_to_git(settings, credentials)
        return GiteaOrganisationForge(settings, credentials)

    def add_to_team(self, group: str, team: str, user: str) -> None:
        """Make a user a member of a team."""
        number = next(one["id"] for one in self.get(f"/orgs/{group}/teams") if one["name"] == team)
        assert self.call("PUT", f"/teams/{number}/members/{user}").ok


@contextmanager
def running_gitea(folder: Path) -> Iterator[Gitea]:
    """Start a new server in `folder`, and stop it at the end."""
    server = new_gitea(folder)
    with serving(server):
        yield server


def new_gitea(folder: Path) -> Gitea:
    """What a server starts with: its settings, an empty database, users and their tokens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    make_certificates(folder)
    told = {"folder": folder, "port": port, "secret": secrets.token_hex(8)}
    user = run(["id", "-un"]).text.strip()
    text = _INI.format(**told, static=TOOLS / "share/gitea", user=user)
    (folder / "app.ini").write_text(text, encoding="utf-8")

    def gitea(*arguments: str) -> str:
        done = run(_gitea(folder, *arguments), env=_environment(folder), timeout=120)
        assert done.status == 0, done.last_lines
        return done.text

    gitea("migrate")
    tokens = {BOT: _new_user(gitea, BOT, "--admin")}
    for role in ROLES:
        tokens[role] = _new_user(gitea, role)
    return Gitea(f"https://localhost:{port}", folder / "ca.pem", folder, tokens)


@contextmanager
def serving(server: Gitea) -> Iterator[None]:
    """Let a server run, and stop it at the end; all it knows stays in its folder."""
    folder = server.folder
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            _gitea(folder, "web"), env=_environment(folder), stdout=log, stderr=log
        )
    try:
        _wait(server, folder / "log")
        yield
    finally:
        process.terminate()
        process.wait(timeout=30)


def _gitea(folder: Path, *arguments: str) -> list[str]:
    program = find_program("gitea")
    assert program
    return [program, "--config", str(folder / "app.ini"), *arguments]


def _environment(folder: Path) -> dict[str, str]:
    """Without what a test tells git: Gitea calls `git config --global`, which replaces the file.

    Root's would put one in the place of /dev/null.
    """
    own = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    return {**own, "HOME": str(folder), "GITEA_WORK_DIR": str(folder / "work")}


def make_certificates(folder: Path) -> None:
    """A CA (`ca.pem`), and a certificate for localhost (`server.pem`, `server.key`) by it."""
    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    (folder / "names").write_text("subjectAltName=DNS:localhost,IP:127.0.0.1\n", encoding="utf-8")
    ca = ["-subj", "/CN=The tests' CA", "-keyout", "ca.key", "-out", "ca.pem"]
    request = ["-subj", "/CN=localhost", "-keyout", "server.key", "-out", "server.csr"]
    signer = ["-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-extfile", "names"]
    for command in (
        ["req", "-x509", *key, "-days", "2", *ca],
        ["req", *key, *request],
        ["x509", "-req", "-in", "server.csr", "-days", "2", *signer, "-out", "server.pem"],
    ):
        done = run(["openssl", *command], cwd=folder)
        assert done.status == 0, done.last_lines


def _new_user(gitea: Any, name: str, *more: str) -> str:
    """Make a user; return a token that may do what the user may."""
    command = ["admin", "user", "create", "--username", name, "--email", f"{name}@example.com"]
    password = ["--password", secrets.token_urlsafe(12) + "aA1!", "--must-change-password=false"]
    token = ["--access-token", "--access-token-scopes", "all"]
    found = re.search(r"\b[0-9a-f]{40}\b", gitea(*command, *password, *token, *more))
    assert found
    return noted(found[0])


def _wait(server: Gitea, log: Path) -> None:
    end = time.monotonic() + _START
    while time.monotonic() < end:
        try:
            if server.call("GET", "/version").ok:
                return
        except requests.ConnectionError:
            time.sleep(0.1)
    raise AssertionError(f"Gitea did not start: {log.read_text(encoding='utf-8')[-2000:]}")

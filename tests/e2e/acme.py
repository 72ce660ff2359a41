"""A platform on a real Gitea, and what people do to it."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml

from scaffold.chain.release import read_release
from scaffold.config.places import release_path
from scaffold.forge.gitea.adapter import GiteaOrganisationForge
from scaffold.git import branches
from scaffold.git.store import open_mirror
from scaffold.git.tree import Entry, Identity, change_tree, make_commit, read_tree
from tests.gitea import BOT, Gitea
from tests.service.run import Done, scaffold
from tests.tokens import noted

PASSWORD = noted("pass-77ab-word")
DEV = Identity("Dev", "dev@example.com")
SECRET = "signs webhooks"  # noqa: S105 - it guards nothing


class Acme:
    """A platform on the server, and what people do to it."""

    def __init__(self, gitea: Gitea, root: Path) -> None:
        self.gitea = gitea
        self.root = root
        self.group = gitea.new_organisation()
        self.forge: GiteaOrganisationForge = gitea.forge(self.group)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = int(free.getsockname()[1])

    def environment(self, user: str = BOT) -> dict[str, str]:
        """What a user's commands find in their environment."""
        cache = {"XDG_CACHE_HOME": str(self.root / "cache"), "HOME": str(self.root)}
        return {
            "SCAFFOLD_TOKEN": self.gitea.tokens[user],
            "SCAFFOLD_WEBHOOK_SECRET": SECRET,
            "SCAFFOLD_CI_REGISTRY_USERNAME": "robot",
            "SCAFFOLD_CI_REGISTRY_PASSWORD": PASSWORD,
            **cache,
        }

    def scaffold(self, *arguments: str, user: str = BOT) -> Done:
        """Run the program as a user; nothing that it says has the token."""
        done = scaffold(*arguments, cwd=self.root, env=self.environment(user))
        assert self.gitea.tokens[user] not in done.stdout + done.stderr
        return done

    def must(self, *arguments: str, user: str = BOT) -> Any:
        """Run the program, which must not fail; return its document."""
        done = self.scaffold(*arguments, "--output", "json", user=user)
        assert 0 == done.returncode, done.stderr
        return json.loads(done.stdout)

    def files(self, repo: str) -> Mapping[str, Entry]:
        """What is at the head of main."""
        _, store = open_mirror(self.forge.url(repo))
        return read_tree(store, str(store.references["refs/heads/main"].target))

    def head(self, repo: str) -> str:
        """Where main is."""
        return str(branches.remote_head(self.forge.url(repo)))

    def commit(self, repo: str, branch: str, files: Mapping[str, str], base: str = "") -> str:
        """What a developer does: a commit on top of a branch, pushed."""
        url = self.forge.url(repo)
        folder, store = open_mirror(url)
        parent = str(branches.remote_head(url, base or branch))
        changed = {path: Entry.file(text.encode()) for path, text in files.items()}
        tree = change_tree(store, parent, changed)
        commit = make_commit(store, tree, "Change it\n", DEV, [parent])
        there = branches.remote_head(url, branch)
        branches.push(folder, url, commit, branch, expect=there)
        return commit

    def released(self, environment: str) -> str | None:
        """The manifest commit that an environment has."""
        path = release_path(environment)
        found = read_release(self.files("payments-env")[path].data.decode(), source=path)
        return found.upstream.commit if found else None

    @contextmanager
    def bot(self) -> Iterator[None]:
        """`scaffold bot serve`, stopped at the end."""
        log = self.root / "bot.log"
        command = [sys.executable, "-m", "scaffold", "bot", "serve", "--port", str(self.port)]
        environment = {**os.environ, **self.environment()}
        with log.open("wb") as out:
            process = subprocess.Popen(
                [*command, "--interval", "3600"], cwd=self.root, env=environment,
                stdout=out, stderr=out,
            )  # fmt: skip
        try:
            self.gitea.wait_for(self._listens)
            yield
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=60)

    def _listens(self) -> bool:
        with socket.socket() as one:
            return one.connect_ex(("127.0.0.1", self.port)) == 0


def new_platform(gitea: Gitea, root: Path, *, engine: str = "pipeline") -> Acme:
    """A platform on the server, where staging follows by itself and no status is waited for."""
    acme = Acme(gitea, root)
    settings = {
        "url": gitea.url,
        "group": acme.group,
        "ca_file": str(gitea.ca_file),
        "bot": BOT,
        "webhook": f"http://127.0.0.1:{acme.port}/webhook",
        "engine": engine,
    }
    data = [f"--data={key}={value}" for key, value in settings.items()]
    acme.must("init", "acme", "--forge", "gitea", "--defaults", *data)
    for team, user in (("viewers", "read-only"), ("developers", "developer"), ("admins", "admin")):
        gitea.add_to_team(acme.group, f"acme-platform-{team}", user)
    told = yaml.safe_load(acme.files("platform")["platform.yml"].data)
    told["propagation"] = {"require": "none"}
    told["environments"][1]["promotion"] = "automatic"
    told["ci"]["values"] = [{"name": "REGISTRY_USERNAME"}, {"name": "REGISTRY_PASSWORD"}]
    acme.commit("platform", "main", {"platform.yml": yaml.safe_dump(told, sort_keys=False)})
    (root / "platform").symlink_to(root / "acme/platform")
    return acme

"""The whole life of a service on a real Gitea, over HTTPS: made, moved, upgraded, retired."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml

from scaffold.chain.pins import read_upstream
from scaffold.chain.release import read_release
from scaffold.config.places import release_path
from scaffold.forge.api import RequestState
from scaffold.forge.gitea.adapter import GiteaOrganisationForge
from scaffold.git import branches, transport
from scaffold.git.store import open_mirror
from scaffold.git.tree import Entry, Identity, change_tree, make_commit, read_tree
from tests.builders import need_programs
from tests.gitea import BOT, Gitea
from tests.service.run import Done, scaffold

pytestmark = pytest.mark.xdist_group("gitea")
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


@pytest.fixture
def acme(gitea: Gitea, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Acme:
    """A platform on the server with the service `payments`, whose statuses nobody waits for."""
    need_programs(monkeypatch, "kustomize")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    acme = Acme(gitea, tmp_path)
    settings = {
        "url": gitea.url,
        "group": acme.group,
        "ca_file": str(gitea.ca_file),
        "bot": BOT,
        "webhook": f"http://127.0.0.1:{acme.port}/webhook",
    }
    data = [f"--data={key}={value}" for key, value in settings.items()]
    acme.must("init", "acme", "--forge", "gitea", "--defaults", *data)
    for team, user in (("viewers", "read-only"), ("developers", "developer"), ("admins", "admin")):
        gitea.add_to_team(acme.group, f"acme-platform-{team}", user)
    told = yaml.safe_load(acme.files("platform")["platform.yml"].data)
    told["propagation"] = {"require": "none"}
    told["environments"][1]["promotion"] = "automatic"
    acme.commit("platform", "main", {"platform.yml": yaml.safe_dump(told, sort_keys=False)})
    (tmp_path / "platform").symlink_to(tmp_path / "acme/platform")
    return acme


def test_from_new_to_retired(acme: Acme) -> None:
    """New service, a commit that a webhook tells of, an upgrade, a promotion, the end."""
    preview = acme.must("new", "service", "payments", "--defaults", "--dry-run")
    assert acme.forge.find("payments-code") is None
    made = acme.must("new", "service", "payments", "--defaults")
    assert [4, 23] == [len(made["repos"]), len(preview["calls"])]
    assert "grant payments-code to read-only: acme-platform-viewers" in "\n".join(preview["calls"])
    first = acme.released("dev")

    with acme.bot():
        code = acme.commit("payments-code", "main", {"src/new.py": "NEW = 1\n"})
        acme.gitea.wait_for(lambda: acme.released("staging") not in {None, first}, seconds=120)
    pin = acme.files("payments-docker")["upstream.yml"].data.decode()
    assert code == read_upstream(pin).commit
    assert None is acme.released("prod")

    for user, said in (
        ("read-only", "the platform takes no branch `scaffold/new-other` from you"),
        ("developer", "can't create the repo `other-code`: status 403"),
    ):
        refused = acme.scaffold("new", "service", "other", "--defaults", user=user)
        assert (1, True) == (refused.returncode, said in refused.stderr), refused.stderr
    platform = acme.forge.url("platform")
    assert {"main"} == branches.remote_heads(platform).keys()
    promoted = acme.must("promote", "payments", "--to", "prod", "--force", user="developer")
    (request,) = acme.forge.merge_requests("payments-env")
    assert (promoted["merge_request"], RequestState.OPEN) == (request.url, request.state)
    acme.forge.merge("payments-env", request.number)
    assert acme.released("staging") == acme.released("prod")

    propose(acme)
    upgrade(acme)
    retire(acme)


def propose(acme: Acme) -> None:
    """The next release is proposed to prod, and a reviewer reads what is in it."""
    code = acme.commit("payments-code", "main", {"src/new.py": "NEW = 2\n"})
    path = release_path("prod")
    before = read_release(acme.files("payments-env")[path].data, source=path)
    for _ in range(4):
        acme.must("bot", "run", "--once")
    (request,) = [
        one for one in acme.forge.merge_requests("payments-env") if one.state is RequestState.OPEN
    ]
    path = release_path("staging")
    after = read_release(acme.files("payments-env")[path].data, source=path)

    assert before is not None
    assert after is not None
    body = acme.gitea.get(f"/repos/{acme.group}/payments-env/pulls/{request.number}")["body"]
    page = f"{acme.gitea.url}/{acme.group}/payments-code/commit/{code}"
    assert f"- [`{code[:12]}`]({page}) `Change it` by `Dev`\n" in body
    assert f"**image** `{before.image}` -> `{after.image}`\n" in body
    assert f"-        image: {before.image}\n" in body
    assert f"+        image: {after.image}\n" in body
    acme.forge.merge("payments-env", request.number)


def titled(text: str, title: str) -> str:
    """The same under another title."""
    return re.sub(r"(?m)^# .*$", f"# {title}", text, count=1)


def upgrade(acme: Acme) -> None:
    """A new version that changes what the owner changed is a draft, and a second run is quiet."""
    readme = acme.files("payments-code")["README.md"].data.decode()
    acme.commit("payments-code", "main", {"README.md": titled(readme, "Ours")})
    blueprint = "blueprint-python-service"
    files = acme.files(blueprint)
    path = next(one for one in files if one.startswith("code/README.md"))
    text = titled(files[path].data.decode(), "Theirs")
    commit = acme.commit(blueprint, "main", {path: text})
    url = acme.forge.url(blueprint)
    folder, _ = open_mirror(url)
    transport.reach(url, "push", operands=[f"{commit}:refs/tags/v1.1.0"], cwd=folder)

    seen = []
    for _ in range(2):
        done = acme.scaffold("upgrade", "payments", "--output", "json", "--jobs", "2")
        assert 1 == done.returncode, done.stderr
        results = {one["repo"]: one["result"] for one in json.loads(done.stdout)["repos"]}
        assert "conflicts" == results["payments-code"], done.stdout
        (request,) = acme.forge.merge_requests("payments-code")
        seen.append(
            (request, branches.remote_head(acme.forge.url("payments-code"), request.branch))
        )
    assert seen[0] == seen[1]
    assert (True, RequestState.OPEN) == (request.draft, request.state)
    told = acme.gitea.get(f"/repos/{acme.group}/payments-code/pulls/{request.number}")
    assert ["scaffold-upgrade"] == [one["name"] for one in told["labels"]]


def retire(acme: Acme) -> None:
    """Its environments are emptied by a merge request; then it is archived, and out."""
    assert "proposed" == acme.must("retire", "payments")["stage"]
    (request,) = [
        one for one in acme.forge.merge_requests("payments-env") if one.branch == "scaffold/retire"
    ]
    acme.forge.merge("payments-env", request.number)

    assert "retired" == acme.must("retire", "payments")["stage"]
    found = [acme.forge.find(f"payments-{part}") for part in ("code", "docker", "manifest", "env")]
    assert [True] * 4 == [one.archived for one in found if one]
    assert "retired" == acme.must("retire", "payments")["stage"]

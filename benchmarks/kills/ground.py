"""Where a round takes place: a workspace with its forge, whose state can be brought back."""

import json
import os
import shutil
import subprocess
import sys
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from benchmarks.kills.blueprint import FIRST, NAME
from benchmarks.timing import IDENTITY
from scaffold.forge.api import Forge
from scaffold.forge.local.adapter import LocalFolderForge
from tests.builders import Files, make_blueprint, write_files
from tests.gitea import BOT, Gitea, new_gitea, serving

Done = subprocess.CompletedProcess[str]
_BLUEPRINT = f"blueprint-{NAME}"
_SETTINGS = {
    "propagation": {"require": "none"},
    "environments": [
        {"name": "dev", "promotion": "automatic"},
        {"name": "staging", "after": "dev", "promotion": "automatic"},
        {"name": "prod", "after": "staging", "promotion": "merge-request"},
    ],
}
_ATTEMPTS = 20
NOTES = "notes/"  # the folder of the files that a person pushes; nothing renders them


class Ground(ABC):
    """A workspace: `acme/platform` (a checkout), what processes leave in `tmp` and `cache`."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "ground"
        self._kept = folder / "kept"
        for name in ("tmp", "cache", "home"):
            (self.root / name).mkdir(parents=True)

    @property
    @abstractmethod
    def forge(self) -> Forge:
        """The forge, asked by this process."""

    @abstractmethod
    def bare(self, repo: str) -> Path:
        """The folder of a repo of the forge."""

    @abstractmethod
    def settings(self, repo: str) -> Any:
        """How the forge has set a repo up."""

    @abstractmethod
    def standing(self) -> Any:
        """A context in which the forge stands still and can be copied."""

    @property
    def environment(self) -> dict[str, str]:
        """What a process finds in its environment."""
        return {
            **os.environ,
            **IDENTITY,
            "TMPDIR": str(self.root / "tmp"),
            "HOME": str(self.root / "home"),
            "XDG_CACHE_HOME": str(self.root / "cache"),
            "SCAFFOLD_PLATFORM": str(self.root / "acme/platform"),
        }

    def keep(self, name: str) -> None:
        """Note how everything is now."""
        with self.standing():
            shutil.copytree(self.root, self._kept / name, symlinks=True)

    def bring_back(self, name: str) -> None:
        """Make everything as it was when it was noted."""
        with self.standing():
            shutil.rmtree(self.root)
            shutil.copytree(self._kept / name, self.root, symlinks=True)

    def scaffold(self, *words: str) -> Done:
        """Run a command to its end, as somebody in the workspace does."""
        command = [sys.executable, "-m", "scaffold", *words]
        return subprocess.run(
            command, cwd=self.root, env=self.environment, stdin=subprocess.DEVNULL,
            capture_output=True, text=True, check=False,
        )  # fmt: skip

    def must(self, *words: str) -> Any:
        """Run a command that must not fail; return its document."""
        done = self.scaffold(*words, "--output", "json")
        if done.returncode:
            raise SystemExit(f"scaffold {' '.join(words)}: {done.stderr}")
        return json.loads(done.stdout)

    @property
    def person(self) -> dict[str, str]:
        """What a person's git finds in its environment."""
        return self.environment

    def git(self, *words: str, cwd: Path) -> Done:
        """Run git as a person."""
        return subprocess.run(
            ["git", *words], cwd=cwd, env=self.person, capture_output=True, text=True, check=False
        )

    def push(self, repo: str, files: Files, message: str) -> None:
        """What a person does: a commit on top of main, tried again until it is there."""
        folder = self.root / "people" / repo
        if not folder.exists():
            self._must_git("clone", "-q", self.forge.url(repo), str(folder), cwd=self.root)
        write_files(folder, files)
        self._must_git("add", "-A", cwd=folder)
        self._must_git("commit", "-q", "-m", message, cwd=folder)
        for _ in range(_ATTEMPTS):
            self._must_git("pull", "-q", "--rebase", "origin", "main", cwd=folder)
            if not self.git("push", "-q", "origin", "HEAD:main", cwd=folder).returncode:
                return
        raise SystemExit(f"{repo} took no push in {_ATTEMPTS} attempts")

    def release(self, version: str, files: Files) -> None:
        """Release a version of the small blueprint."""
        folder = self.root / f"{NAME}.git"
        make_blueprint(folder, files, tag=version)
        self._must_git("push", "-q", self.forge.url(_BLUEPRINT), "main", version, cwd=folder)

    def begin(self, *init: str) -> None:
        """Make a platform with the services `payments` and `accounts`, which are in step."""
        self.must("init", "acme", "--defaults", *init)
        self.forge.create(_BLUEPRINT, description="Four small repos")
        self.release("v1.0.0", FIRST)
        file = self.root / "acme/platform/platform.yml"
        told = yaml.safe_load(file.read_text()) | _SETTINGS
        told["blueprints"] = [{"name": NAME, "url": self.forge.url(_BLUEPRINT)}]
        self.push("platform", {"platform.yml": yaml.safe_dump(told, sort_keys=False)}, "Begin")
        for service in ("payments", "accounts"):
            self.must("new", "service", service, "--defaults")
        self.rest()

    def rest(self) -> list[str]:
        """Let the bot work until it has nothing to do; return what it said of failures."""
        for _ in range(8):
            done = self.scaffold("bot", "run", "--once", "--output", "json")
            if done.returncode:
                return [f"the bot: {done.stderr.strip() or done.stdout.strip()}"]
            events = json.loads(done.stdout)["events"]
            if not any(one["commit"] for one in events):
                return []
        return ["the bot does not come to rest"]

    def _must_git(self, *words: str, cwd: Path) -> None:
        done = self.git(*words, cwd=cwd)
        if done.returncode:
            raise SystemExit(f"git {' '.join(words)}: {done.stderr}")


class LocalGround(Ground):
    """The forge in a folder."""

    @property
    def forge(self) -> Forge:
        """See Ground."""
        return LocalFolderForge(str(self.root / "acme/forge"))

    def bare(self, repo: str) -> Path:
        """See Ground."""
        return self.root / "acme/forge" / f"{repo}.git"

    def settings(self, repo: str) -> Any:
        """See Ground."""
        return {"description": (self.bare(repo) / "description").read_text()}

    @contextmanager
    def standing(self) -> Iterator[None]:
        """See Ground."""
        yield


class GiteaGround(Ground):
    """An organisation on a real Gitea, whose own folder is a part of the workspace."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        super().__init__(folder)
        (self.root / "server").mkdir()
        self.gitea: Gitea = new_gitea(self.root / "server")
        self._running = ExitStack()
        stack.callback(lambda: self._running.close())
        self._running.enter_context(serving(self.gitea))
        self.group = self.gitea.new_organisation()

    @cached_property
    def forge(self) -> Forge:
        """See Ground."""
        return self.gitea.forge(self.group)

    @property
    def environment(self) -> dict[str, str]:
        """See Ground."""
        return {
            **super().environment,
            "SCAFFOLD_TOKEN": self.gitea.tokens[BOT],
            "SCAFFOLD_WEBHOOK_SECRET": "signs webhooks",
        }

    @property
    def person(self) -> dict[str, str]:
        """See Ground; the token is in git's configuration."""
        return {
            **super().environment,
            "GIT_SSL_CAINFO": str(self.gitea.ca_file),
            "GIT_CONFIG_COUNT": "1",
            "GIT_CONFIG_KEY_0": "http.extraHeader",
            "GIT_CONFIG_VALUE_0": f"Authorization: token {self.gitea.tokens[BOT]}",
        }

    def begin(self, *init: str) -> None:
        """See Ground."""
        told: Mapping[str, str] = {
            "url": self.gitea.url,
            "group": self.group,
            "ca_file": str(self.gitea.ca_file),
            "bot": BOT,
            "webhook": "http://127.0.0.1:9/webhook",
        }
        data = [f"--data={name}={value}" for name, value in told.items()]
        super().begin(*init, "--forge", "gitea", *data)

    def bare(self, repo: str) -> Path:
        """See Ground."""
        return self.gitea.folder / "repos" / self.group / f"{repo}.git"

    def settings(self, repo: str) -> Any:
        """See Ground."""
        path = f"/repos/{self.group}/{repo}"
        about = self.gitea.get(path)
        kept = ("archived", "default_branch", "description", "has_issues", "private", "topics")
        return {
            **{name: about.get(name) for name in kept},
            "hooks": [
                (one["config"], sorted(one["events"]), one["active"])
                for one in self.gitea.get(f"{path}/hooks")
            ],
            "protections": [
                {key: value for key, value in one.items() if not key.endswith("_at")}
                for one in self.gitea.get(f"{path}/branch_protections")
            ],
            "teams": sorted((one["name"], one["permission"]) for one in self._teams(path)),
            "labels": sorted(one["name"] for one in self.gitea.get(f"{path}/labels")),
        }

    def _teams(self, path: str) -> Any:
        return self.gitea.get(f"{path}/teams")

    @contextmanager
    def standing(self) -> Iterator[None]:
        """See Ground."""
        self._running.close()
        try:
            yield
        finally:
            self._running = ExitStack()
            self._running.enter_context(serving(self.gitea))

"""A platform repo on a local forge, with two services in its catalog, as the bot reads it."""

import shutil
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from scaffold.bot.platform import Events, PlatformSync
from scaffold.fleet.platform import PlatformRepo, open_platform
from scaffold.forge.local.adapter import LocalFolderForge
from tests.builders import git, write_files
from tests.service.run import refuse_pushes

BRANCH = "scaffold/platform-sync"


@dataclass
class Acme:
    """platform.yml and the entries of the catalog as values, and the repo that has them."""

    root: Path
    sync: PlatformSync = field(default_factory=PlatformSync)
    settings: dict[str, Any] = field(default_factory=dict)
    services: dict[str, dict[str, Any]] = field(default_factory=dict)

    @classmethod
    def in_step(cls, root: Path, monkeypatch: pytest.MonkeyPatch, **settings: Any) -> "Acme":
        """A platform at which there is nothing to do."""
        for who in ("AUTHOR", "COMMITTER"):
            monkeypatch.setenv(f"GIT_{who}_NAME", "Bot")
            monkeypatch.setenv(f"GIT_{who}_EMAIL", "bot@example.com")
        root.mkdir(exist_ok=True)
        acme = cls(root)
        acme.settings = {
            "name": "acme",
            "forge": {"kind": "local", "path": str(root / "forge")},
            "registry": "registry.example.com",
            "ci": {"image": "ci:1"},
            "blueprints": [{"name": "small", "url": f"file://{root}/small.git"}],
            "environments": [{"name": "dev"}, {"name": "prod", "after": "dev"}],
            "teams": [{"name": name, "groups": {"admin": [f"{name}-admins"]}} for name in "ab"],
        }
        acme.services = {name: acme.entry(name) for name in ("cart", "shop")}
        acme.forge.create("platform", description="")
        acme.push("Begin")
        git("clone", "-q", acme.forge.url("platform"), str(root / "platform"), cwd=root)
        acme.run()
        acme.settings |= settings
        if settings:
            acme.push("Set a policy")
        assert () == acme.run()
        return acme

    @classmethod
    def at(cls, root: Path) -> "Acme":
        """The platform that `in_step` made there."""
        writer = root / "writer"
        acme = cls(root, settings=yaml.safe_load((writer / "platform.yml").read_text()))
        acme.services = {
            file.stem: yaml.safe_load(file.read_text()) for file in (writer / "services").iterdir()
        }
        return acme

    @property
    def forge(self) -> LocalFolderForge:
        """Where the platform repo is."""
        return LocalFolderForge(str(self.root / "forge"))

    def entry(self, name: str) -> dict[str, Any]:
        """A service of team `a`."""
        repos = {"code": {"name": f"{name}-code", "url": self.forge.url(f"{name}-code")}}
        return {"name": name, "owner": "a", "summary": "", "blueprint": "small", "repos": repos}

    def push(self, subject: str) -> None:
        """Write the values to main, as a person does, and leave the rest of it."""
        writer = self.root / "writer"
        if writer.is_dir():
            git("fetch", "-q", self.forge.url("platform"), "main", cwd=writer)
            git("reset", "-q", "--hard", "FETCH_HEAD", cwd=writer)
            shutil.rmtree(writer / "services")
        else:
            writer.mkdir()
            git("init", "-q", "-b", "main", cwd=writer)
        entries = {f"services/{name}.yml": one for name, one in self.services.items()}
        said = {"platform.yml": self.settings, **entries}
        write_files(writer, {path: yaml.safe_dump(one) for path, one in said.items()})
        git("add", "-A", cwd=writer)
        git("commit", "-q", "-m", subject, cwd=writer)
        git("push", "-q", self.forge.url("platform"), "main", cwd=writer)

    def protect(self) -> None:
        """Let main take no push any more."""
        refuse_pushes(self.root, "platform")

    def open(self) -> PlatformRepo:
        """The platform as it is now."""
        return open_platform(self.root / "platform")

    def run(self, now: datetime | None = None) -> Events:
        """What one pass does about the platform repo, now or at another time."""
        return self.sync.run(self.open(), now or datetime.now(UTC))

    def refs(self) -> str:
        """All branches, with their commits, and what the forge keeps of merge requests."""
        return git("for-each-ref", cwd=self.root / "forge/platform.git")

    def head(self, branch: str = "main") -> str:
        """The commit of a branch."""
        return git("rev-parse", branch, cwd=self.root / "forge/platform.git").strip()

    def changed(self, old: str, new: str = "main") -> list[str]:
        """The paths that differ."""
        bare = self.root / "forge/platform.git"
        return git("diff", "--name-only", old, new, cwd=bare).splitlines()

    def text(self, path: str, commit: str = "main") -> str:
        """A file of a commit."""
        return git("show", f"{commit}:{path}", cwd=self.root / "forge/platform.git")

"""A platform with a few services of a small blueprint, and what their repos look like."""

import json
import subprocess
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pygit2
import yaml

from scaffold.fleet.platform import open_platform
from scaffold.git import program
from scaffold.git.scratch import scratch_folder
from scaffold.git.tree import open_repo, read_tree
from scaffold.service.create import create_service
from scaffold.service.init import init_platform
from scaffold.service.plan import assemble_service, pick_blueprint
from scaffold.service.start import PlatformStart
from tests.builders import ANSWERS_NAME, ANSWERS_TEXT, Files, commit_files, git, make_blueprint
from tests.service.run import scaffold

QUESTIONS = """\
_subdirectory: "{{ repo }}"
repo: {type: str, choices: [code, docker], default: code, ask: false}
service: {type: str, default: shop}
owner: {type: str, default: platform}
registry: {type: str, default: none, ask: false}
greeting: {type: str, default: hello}
"""
REPOFILE = """\
service: {{ service }}
owner: {{ owner }}
repo: {{ repo }}
kubernetes: "1.34"
"""
FIRST: Files = {
    "copier.yml": QUESTIONS,
    **{f"{repo}/{ANSWERS_NAME}": ANSWERS_TEXT for repo in ("code", "docker")},
    **{f"{repo}/.scaffold.yml.jinja": REPOFILE for repo in ("code", "docker")},
    "code/README.md.jinja": "# {{ service }}\n\none\ntwo\nthree\nfour\nfive\n",
    "docker/image.txt.jinja": "{{ registry }}/{{ service }}\n",
}
SECOND: Files = {
    **FIRST,
    "code/README.md.jinja": "# {{ service }}\n\nONE\ntwo\nthree\nfour\nfive\n",
}


@dataclass
class Fleet:
    """The workspace of a platform: `platform/` and `forge/`."""

    root: Path

    @property
    def platform(self) -> Path:
        """The checkout of the platform repo."""
        return self.root / "platform"

    def bare(self, repo: str) -> Path:
        """A repo of the forge."""
        return self.root / "forge" / f"{repo}.git"

    def release(self, tag: str, files: Files) -> None:
        """Release a version of the small blueprint."""
        make_blueprint(self.root / "small.git", files, tag=tag)

    def edit(self, repo: str, files: Files, *, branch: str = "main") -> str:
        """Push a commit that makes `files` the content of some paths; return its id."""
        folder = self.root / "checkouts" / repo
        if not folder.exists():
            git("clone", "-q", f"file://{self.bare(repo)}", str(folder), cwd=self.root)
        git("fetch", "-q", "origin", cwd=folder)
        git("checkout", "-q", "-B", branch, f"origin/{branch}", cwd=folder)
        there = {
            name: (folder / name).read_bytes() for name in git("ls-files", cwd=folder).splitlines()
        }
        commit = commit_files(folder, {**there, **files}, message="Edit")
        git("push", "-q", "origin", branch, cwd=folder)
        return commit

    def change_platform(self, **settings: Any) -> None:
        """Change keys of platform.yml on main."""
        file = self.platform / "platform.yml"
        text = yaml.safe_load(file.read_text()) | settings
        file.write_text(yaml.safe_dump(text, sort_keys=False))
        git("commit", "-q", "-am", "Change the platform", cwd=self.platform)
        git("push", "-q", "origin", "main", cwd=self.platform)

    def change_entry(self, service: str, old: str, new: str) -> None:
        """Change a line of a service's file in the catalog."""
        file = self.platform / "services" / f"{service}.yml"
        text = file.read_text()
        assert old in text
        file.write_text(text.replace(old, new, 1))
        git("commit", "-q", "-am", f"Change {service}", cwd=self.platform)
        git("push", "-q", "origin", "main", cwd=self.platform)

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run `scaffold upgrade` to its end."""
        return scaffold("upgrade", *arguments, cwd=self.root)

    def results(self, *arguments: str) -> dict[str, str]:
        """What an upgrade says about each repo."""
        done = self.run(*arguments, "--output", "json")
        assert done.stdout, done.stderr
        return {one["repo"]: one["result"] for one in json.loads(done.stdout)["repos"]}

    def requests(self, repo: str) -> list[tuple[int, str, bool, str]]:
        """Number, state, draft and title of each merge request."""
        forge = open_platform(self.platform).forge
        return [
            (one.number, one.state.value, one.draft, one.title)
            for one in forge.merge_requests(repo)
        ]

    def state(self, *repos: str) -> dict[str, Any]:
        """What a run leaves on the forge: the trees of all branches, and the merge requests."""
        found: dict[str, Any] = {}
        for repo in repos:
            store = open_repo(self.bare(repo))
            heads = {
                name: str(store.references[name].peel(pygit2.Commit).tree_id)
                for name in store.references
                if name.startswith("refs/heads/")
            }
            found[repo] = (heads, self.requests(repo))
        return found

    def file(self, repo: str, path: str, branch: str = "scaffold/small") -> str:
        """The text of a file on a branch."""
        tree = read_tree(open_repo(self.bare(repo)), f"refs/heads/{branch}")
        return tree[path].data.decode()


FleetOf = Callable[..., Fleet]
"""What the fixture `fleet_of` is: a function of the services' names."""


def make_fleet(root: Path, *services: str) -> Fleet:
    """A platform with services at v1.0.0 of the small blueprint, where versions are recorded."""
    fleet = Fleet(root)
    init_platform(root, PlatformStart("acme", "registry.example.com/acme"))
    fleet.release("v1.0.0", FIRST)
    fleet.change_platform(
        blueprints=[{"name": "small", "url": f"{root}/small.git"}], record_versions=True
    )
    for name in services:
        platform = open_platform(fleet.platform)
        with scratch_folder() as scratch:
            picked = pick_blueprint(platform, "small", None, scratch)
            plan = assemble_service(
                platform, picked, {"service": name}, wanted_version=None, prompt=None,
                author=program.identity(), scratch=scratch, busy=lambda _: nullcontext(),
            )  # fmt: skip
            with create_service(platform, plan):
                pass
    return fleet

"""The plan for one template of one repo, as a value: what would happen to each file, and why."""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

import pygit2

from scaffold.git.tree import CommitTree, Entry
from scaffold.merge.trees import Merged
from scaffold.render.answers_file import DEFAULT_NAME
from scaffold.render.offer import RELEASES, Offer
from scaffold.render.replay import AnswerNote
from scaffold.render.templates import Ref
from scaffold.upgrade.state import UpgradeState

# Makes machine-owned files (pins), from the answers and the existing files.
MachineFiles = Callable[[Mapping[str, Any], Mapping[str, Entry]], Mapping[str, Entry]]


@dataclass(frozen=True)
class Want:
    """The settings of one upgrade.

    `version` is the target, by default the newest of what is on `offer` of a template (by its URL);
    `given` are answers that override the recorded ones; so do those `supplied` by the platform, for
    questions that nobody is asked (and `owner`); `trusted` tells whether code of a template may
    run, `allowed` whether a template may be used at all. Without `record_version`, a change of only
    the recorded version is no upgrade: the next one that changes more records it.
    """

    version: str | None = None
    given: Mapping[str, Any] = field(default_factory=dict)
    supplied: Mapping[str, Any] = field(default_factory=dict)
    trusted: Callable[[str], bool] = lambda _: False
    allowed: Callable[[str], bool] = lambda _: True
    offer: Callable[[str], Offer] = lambda _: RELEASES
    machine_files: MachineFiles = lambda _answers, _files: {}
    record_version: bool = True


@dataclass(frozen=True)
class Project:
    """One template's part of a repo: the whole, or a folder of it.

    `deepened` fetches older commits that are missing, and returns None where none are.
    """

    store: pygit2.Repository
    head: str
    name: str
    folder: str = ""
    answers_path: str = DEFAULT_NAME
    branch: str = "main"
    deepened: Callable[[], pygit2.Repository | None] = lambda: None

    @property
    def files(self) -> CommitTree:
        """Its files at the head."""
        return CommitTree(self.store, self.head, self.folder)

    def histories(self) -> Iterator[pygit2.Repository]:
        """Repos to search for an older commit: what was fetched, and then the whole history."""
        yield self.store
        if (whole := self.deepened()) is not None:
            yield whole


@dataclass(frozen=True)
class UpgradePlan:
    """What would happen to one project.

    A plan that `heals` brings files back to what the version renders that the repo is at.
    """

    project: Project
    template: str
    old: Ref
    new: Ref
    state: UpgradeState
    notes: tuple[AnswerNote, ...] = ()
    merged: Merged = field(default_factory=lambda: Merged({}, (), ()))
    base: Mapping[str, Entry] = field(default_factory=dict)
    theirs: Mapping[str, Entry] = field(default_factory=dict)
    answers_digest: str = ""
    changelog: str = ""
    heals: bool = False

    @property
    def title(self) -> str:
        """A title, such as that of a merge request."""
        name = template_name(self.template)
        if self.heals:
            return f"Bring back what {name} {self.new.name} renders"
        if not self.old.commit:
            return f"Adopt {name} {self.new.name}"
        if self.old.commit == self.new.commit and self.old.name == self.new.name:
            return f"Bring {name} {self.new.name} new answers"
        return f"Upgrade {name} from {self.old.name} to {self.new.name}"


def template_name(url: str) -> str:
    """The name of a template, from its URL, which may name the `.git` folder of a checkout."""
    return PurePosixPath(url.rstrip("/").removesuffix("/.git")).name.removesuffix(".git")


def planned(merged: Merged) -> UpgradeState:
    """The state that a merge results in."""
    if merged.conflicts:
        return UpgradeState.WOULD_CONFLICT
    return UpgradeState.WOULD_CHANGE if merged.changes else UpgradeState.CURRENT


def digest(answers: Mapping[str, Any]) -> str:
    """A digest of answers, to compare upgrades without revealing the answers."""
    text = json.dumps(answers, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]

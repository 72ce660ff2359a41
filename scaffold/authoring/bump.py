"""How big a step from one version of a blueprint to the next is, by its change and CHANGELOG."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum

from packaging.version import Version

from scaffold.git.folders import read_folder
from scaffold.git.tree import Tree
from scaffold.lint.history import breaks
from scaffold.render.commands import migration_versions
from scaffold.render.copying import make_worker
from scaffold.render.preparation import questions_of
from scaffold.render.render import rendering
from scaffold.render.source import BlueprintVersion

_BREAKING = re.compile(r"\bBREAKING\b|\*\*Breaking")
_HEADING = re.compile(r"###\s+(?P<kind>\w+)")


class Bump(IntEnum):
    """Which part of the version goes up; the greater the value, the bigger the step."""

    PATCH = 1
    MINOR = 2
    MAJOR = 3

    @property
    def word(self) -> str:
        """As people say it."""
        return self.name.lower()

    def after(self, last: Version) -> Version:
        """The version that follows."""
        major, minor, patch = last.major, last.minor, last.micro
        steps = {
            Bump.MAJOR: (major + 1, 0, 0),
            Bump.MINOR: (major, minor + 1, 0),
            Bump.PATCH: (major, minor, patch + 1),
        }
        return Version(".".join(map(str, steps[self])))


# What a kind of entry of keepachangelog.com is at least.
_KINDS = {
    "Added": Bump.MINOR,
    "Changed": Bump.MINOR,
    "Deprecated": Bump.MINOR,
    "Removed": Bump.MAJOR,
    "Fixed": Bump.PATCH,
    "Security": Bump.PATCH,
}


@dataclass(frozen=True)
class Reason:
    """One part of a change, and how big a step it asks for; whether it adds or takes away."""

    bump: Bump
    what: str
    adds: bool = False


def told_bump(entries: str) -> Bump:
    """How big a step the entries of a CHANGELOG's section speak of.

    `Removed`, or the word BREAKING, is a major one; only `Fixed` and `Security` a patch.
    """
    if _BREAKING.search(entries):
        return Bump.MAJOR
    kinds = [found["kind"] for line in entries.split("\n") if (found := _HEADING.match(line))]
    return max((_KINDS.get(kind, Bump.MINOR) for kind in kinds), default=Bump.MINOR)


def reasons(last: BlueprintVersion, coming: BlueprintVersion) -> tuple[Reason, ...]:
    """What changed from one version to the other that asks for more than a patch.

    Raises RenderError where copier.yml of one of them is broken.
    """
    return (*_of_repos(last, coming), *_of_questions(last, coming), *_of_files(last, coming))


def _of_repos(last: BlueprintVersion, coming: BlueprintVersion) -> Iterator[Reason]:
    before, now = last.model.repos, coming.model.repos
    for repo, part in before.items():
        if repo not in now:
            yield Reason(Bump.MAJOR, f"the repo `{repo}` is gone")
        elif (part.follows, part.pin) != (now[repo].follows, now[repo].pin):
            yield Reason(Bump.MAJOR, f"the repo `{repo}` follows or pins otherwise")
    for repo in now.keys() - before.keys():
        yield Reason(Bump.MINOR, f"the repo `{repo}` is new", adds=True)


def _of_questions(last: BlueprintVersion, coming: BlueprintVersion) -> Iterator[Reason]:
    before, now = questions_of(last), questions_of(coming)
    # A migration carries answers over, so that nobody has to do anything.
    carried = any(one > Version(last.version) for one in migration_versions(coming))
    for _, message in breaks(before, now):
        yield Reason(Bump.MINOR if carried else Bump.MAJOR, message.strip(" ,"))
    for name in now.keys() - before.keys():
        if now[name].get("when") is not False:
            yield Reason(Bump.MINOR, f"the question `{name}` is new", adds=True)


def _of_files(last: BlueprintVersion, coming: BlueprintVersion) -> Iterator[Reason]:
    before, now = _rendered(last), _rendered(coming)
    for path in sorted(now.keys() - before.keys()):
        yield Reason(Bump.MINOR, f"`{path}` is new", adds=True)
    for path in sorted(before.keys() - now.keys()):
        yield Reason(Bump.MINOR, f"`{path}` is gone")


def _rendered(version: BlueprintVersion) -> Tree:
    """The files that services are made from, not the blueprint's own tests and pages."""
    worker = make_worker(version, {}, version.folder / "nothing")
    with rendering(version):
        where = worker.jinja_env.from_string(worker.template.subdirectory)
        roots = tuple(f"{where.render(repo=repo).strip('/')}/" for repo in version.model.repos)
    tree = read_folder(version.folder)
    if "/" in roots:  # the template has no folder of its own
        return tree
    return {path: entry for path, entry in tree.items() if path.startswith(roots)}

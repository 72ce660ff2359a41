"""A blueprint as it lies in a folder, committed or not, beside the versions released of it."""

from dataclasses import dataclass
from pathlib import Path

from packaging.version import Version

from scaffold.blueprint.source import BlueprintVersion, newest, parse_version, versions
from scaffold.blueprint.templates import Ref, TemplateRepo
from scaffold.errors import BlueprintNotFoundError
from scaffold.git import transport
from scaffold.git.tree import Identity, init_bare, make_commit, open_repo
from scaffold.git.worktree import read_worktree
from scaffold.model.blueprint import BLUEPRINT_FILE, Blueprint
from scaffold.model.documents import check_mapping, load_yaml, parse_document

QUESTIONS_FILES = ("copier.yml", "copier.yaml")
# Who makes the commits of a test: nobody sees them, and a CI job may have no name.
TESTER = Identity("scaffold", "scaffold@localhost")
_FIRST = "v0.1.0"


@dataclass(frozen=True)
class Stored:
    """A folder's content as a commit, in a bare repo that has the releases (newest first) too.

    All are called by one `url`, the same on every machine.
    """

    folder: Path
    store: Path
    url: str
    ref: Ref
    releases: tuple[str, ...]


@dataclass(frozen=True)
class Candidate:
    """What would be released next, laid out in a folder of this run; `templates` has all else."""

    folder: Path
    current: BlueprintVersion
    templates: TemplateRepo
    releases: tuple[str, ...]

    def release(self, version: str) -> BlueprintVersion:
        """A released version. Raises BlueprintNotFoundError, ConfigError."""
        if version not in self.releases:
            known = ", ".join(self.releases) or "none"
            raise BlueprintNotFoundError(
                f"has no released version `{version}`",
                where=str(self.folder),
                hint=f"It has: {known}. In CI, fetch the tags and the whole history.",
            )
        return _opened(self.templates, self.templates.resolve(version))


def store_candidate(folder: Path, scratch: Path) -> Stored:
    """Keep what lies in `folder` now. Raises BlueprintNotFoundError, ConfigError."""
    model = read_model(folder)
    store = scratch / "blueprint.git"
    init_bare(store)
    parents = _fetch_releases(folder.resolve(), store)
    git = open_repo(store)
    tags = versions(git)
    releases = tuple(sorted(tags, key=Version, reverse=True))
    tree = read_worktree(folder)
    commit = make_commit(git, tree, "What lies in the folder\n", TESTER, parents)
    name = _next_version(tags, folder)
    git.references.create(f"refs/tags/{name}", commit)
    url = f"https://git.example.com/blueprints/{model.name}.git"
    return Stored(folder, store, url, Ref(name, commit), releases)


def open_candidate(stored: Stored, scratch: Path) -> Candidate:
    """Lay out what was stored. Raises ConfigError."""
    templates = TemplateRepo(str(stored.store), scratch)
    templates.url = stored.url
    current = _opened(templates, stored.ref)
    return Candidate(stored.folder, current, templates, stored.releases)


def _fetch_releases(folder: Path, store: Path) -> tuple[str, ...]:
    """Bring a blueprint's own history and tags; return its head, if it has one.

    A folder inside another repo has no versions of its own: that repo's tags are not its.
    """
    if transport.top_folder(folder) != folder:
        return ()
    head = transport.git("rev-parse", "--verify", "HEAD", cwd=folder, check=False)
    if head.status != 0:
        return ()
    what = ("+HEAD:refs/heads/main", "+refs/tags/*:refs/tags/*")
    options = ("--quiet", "--no-tags", "--update-shallow")
    transport.git("fetch", *options, f"file://{folder}", *what, cwd=store)
    return (head.text.strip(),)


def read_model(folder: Path) -> Blueprint:
    """What blueprint.yml in a folder says. Raises BlueprintNotFoundError, ConfigError."""
    file = folder / BLUEPRINT_FILE
    questions = next((folder / name for name in QUESTIONS_FILES if (folder / name).is_file()), None)
    if questions is None or not file.is_file():
        raise BlueprintNotFoundError(
            f"there is no {BLUEPRINT_FILE if questions else QUESTIONS_FILES[0]} here",
            where=str(folder),
            hint="Name a blueprint's folder, or make one: scaffold blueprint new NAME",
        )
    check_mapping(questions.read_text(encoding="utf-8"), source=str(questions))
    return parse_document(Blueprint, file.read_text(encoding="utf-8"), source=str(file))


def _opened(templates: TemplateRepo, ref: Ref) -> BlueprintVersion:
    version = templates.lay_out(ref)
    file = version.folder / BLUEPRINT_FILE
    if not file.is_file():
        raise BlueprintNotFoundError(f"has no {BLUEPRINT_FILE} in version {ref.name}")
    source = f"{ref.name}:{BLUEPRINT_FILE}"
    model = parse_document(Blueprint, file.read_text(encoding="utf-8"), source=source)
    return BlueprintVersion(version.url, version.version, version.commit, version.folder, model)


def _next_version(tags: dict[str, str], folder: Path) -> str:
    """A version above all releases, and not below one that a migration is meant for."""
    if not tags:
        return _FIRST
    last = parse_version(newest(tags)) or Version("0")
    wanted = [Version(f"{last.major}.{last.minor + 1}.0"), *_migrations(folder)]
    return f"v{max(wanted)}"


def _migrations(folder: Path) -> list[Version]:
    found = []
    for name in QUESTIONS_FILES:
        if (folder / name).is_file():
            settings = load_yaml((folder / name).read_bytes())
            for one in settings.get("_migrations") or ():
                version = str(one.get("version", "")) if isinstance(one, dict) else ""
                if (parsed := parse_version(version)) is not None:
                    found.append(parsed)
    return found

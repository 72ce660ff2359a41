"""The versions of a blueprint: what lies in its folder, committed or not, and what was released."""

from dataclasses import dataclass
from pathlib import Path

import pygit2
from packaging.version import Version

from scaffold.config.blueprint import BLUEPRINT_FILE, Blueprint
from scaffold.config.documents import parse_document, read_file
from scaffold.errors import BlueprintNotFoundError
from scaffold.git import program
from scaffold.git.tree import Identity, init_bare, open_repo
from scaffold.render.candidate import blueprint_of, make_candidate
from scaffold.render.source import BlueprintVersion, versions
from scaffold.render.templates import Ref, TemplateRepo

# Who makes the commits of a test: nobody sees them, and a CI job may have no name.
TESTER = Identity("scaffold", "scaffold@localhost")


@dataclass(frozen=True)
class Copied:
    """A folder's content as a `version`, in a bare repo that has the releases (newest first) too.

    What was tagged before the template became a blueprint is none: no service was made from it.
    All are called by one `url`, the same on every machine.
    """

    folder: Path
    store: Path
    url: str
    version: str
    releases: tuple[str, ...]


@dataclass(frozen=True)
class Versions:
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


def copy_versions(folder: Path, scratch: Path) -> Copied:
    """Keep what lies in `folder` now. Raises UsageError, ConfigError, RenderError."""
    model = blueprint_of(folder)
    source = folder.resolve()
    if program.top_folder(folder) != source:  # a folder of another repo, whose tags are not its
        source = scratch / "no-releases.git"
        init_bare(source)
    made = make_candidate(folder, str(source), scratch)
    git = open_repo(made.folder)
    tags = [tag for tag, commit in versions(git).items()
            if tag != made.version and BLUEPRINT_FILE in git[commit].peel(pygit2.Tree)]  # fmt: skip
    releases = tuple(sorted(tags, key=Version, reverse=True))
    url = f"https://git.example.com/blueprints/{model.name}.git"
    return Copied(folder, made.folder, url, made.version, releases)


def open_versions(copied: Copied, scratch: Path) -> Versions:
    """Lay out what was copied. Raises ConfigError."""
    templates = TemplateRepo(copied.url, scratch, copied.store)
    current = _opened(templates, templates.resolve(copied.version))
    return Versions(copied.folder, current, templates, copied.releases)


def _opened(templates: TemplateRepo, ref: Ref) -> BlueprintVersion:
    version = templates.lay_out(ref)
    file = version.folder / BLUEPRINT_FILE
    if not file.is_file():
        raise BlueprintNotFoundError(f"has no {BLUEPRINT_FILE} in version {ref.name}")
    source = f"{ref.name}:{BLUEPRINT_FILE}"
    model: Blueprint = parse_document(Blueprint, read_file(file), source=source)
    return BlueprintVersion(
        version.url,
        version.version,
        version.commit,
        version.folder,
        model,
        checkout=version.checkout,
    )

"""What a repo has that its recorded version and answers do not render to, and why.

An upgrade replays only what changed between two versions, so a file that slipped away from its
template stays so, and the repo looks up to date. Here the repo is compared with the whole render.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Any

from scaffold.chain.commits import CommitNote
from scaffold.chain.release import is_release
from scaffold.checks.release import edited
from scaffold.config.owned import OwnedPaths, read_owned
from scaffold.config.repofile import REPOFILE
from scaffold.errors import ScaffoldError
from scaffold.git.tree import CommitTree, Entry, Tree
from scaffold.merge.renames import find_renames
from scaffold.render.answers_file import AnswersFile
from scaffold.render.render import Destination, Rendered
from scaffold.render.source import TemplateVersion
from scaffold.render.templates import Ref, TemplateRepo
from scaffold.status.drift_kind import DriftKind
from scaffold.status.rendered import whole_render
from scaffold.status.touched import Touched, touched
from scaffold.status.uneven import uneven
from scaffold.upgrade.given import news
from scaffold.upgrade.places import need_files_here, need_home
from scaffold.upgrade.plan import Project, Want
from scaffold.upgrade.planning import made_from
from scaffold.upgrade.sides import bots_own, converted, ignored_paths


@dataclass(frozen=True)
class FileDrift:
    """One path that is not as it is rendered.

    `rendered` is what it would be, None for a file that would not be there; `last` the commit that
    changed it last, where the history tells.
    """

    path: str
    kind: DriftKind
    detail: str = ""
    rendered: Entry | None = None
    last: CommitNote | None = None


@dataclass(frozen=True)
class DriftFound:
    """The drift of one project; `not_compared` are older versions that could not be rendered."""

    template: str
    version: Ref
    files: tuple[FileDrift, ...]
    not_compared: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Look:
    """One project, and what it was made from."""

    project: Project
    answers: AnswersFile
    template: TemplateRepo
    version: Ref
    ours: CommitTree
    scratch: Path
    trust: bool

    @property
    def laid_out(self) -> TemplateVersion:
        return self.template.lay_out(self.version)

    def rendered(self, version: TemplateVersion, recorded: Mapping[str, Any]) -> Rendered:
        """What a version renders to, without the answers file and the bot's own files."""
        folder = self.project.folder
        name = PurePosixPath(folder).name or self.project.name
        place = Destination(
            name, answers_file=self.answers.path, files=self.ours, operation="update"
        )
        made = whole_render(version, recorded, place, trust=self.trust, scratch=self.scratch)
        owned = bots_own(version, recorded)
        kept = {
            path: entry
            for path, entry in made.tree.items()
            if path != self.answers.path and not owned(path)
        }
        return replace(made, tree=kept)


def find_drift(
    project: Project, templates: Callable[[str], TemplateRepo], want: Want, scratch: Path
) -> DriftFound:
    """Compare a project with what its version renders to.

    Of `want` counts what it says of templates and the platform's answers. Raises AnswersFileError,
    VersionGoneError, RenderError, UntrustedError, ConfigError, ...
    """
    answers, template, version = made_from(project, templates, want.allowed)
    trust = want.trusted(answers.template)
    look = _Look(project, answers, template, version, project.files, scratch, trust)
    if project.folder or "/" in answers.path:
        need_home(project, look.laid_out, answers)
    made = look.rendered(look.laid_out, answers.recorded)
    if project.folder or "/" in answers.path:
        need_files_here(project, made.tree, answers)
    different = _different(look, made)
    seen = _seen(look, different)
    stale, not_compared = _stale(look, made, different, seen)
    repofile = look.ours.get(REPOFILE)
    owned = read_owned(repofile.data, source=REPOFILE) if repofile else ()
    found = [
        *_files(look, different, seen, stale),
        *_pins(look.ours),
        *_answers(look, want),
        *_uneven(look.ours, made.tree, owned),
    ]
    files = sorted(
        (_unless_owned(one, owned) for one in found), key=lambda one: (one.path, one.detail)
    )
    return DriftFound(answers.template, version, tuple(files), not_compared)


def _different(look: _Look, made: Rendered) -> Tree:
    """The rendered files that the repo does not have, or has otherwise.

    Those that copier leaves alone once they are there, that git keeps in another form or that
    `.gitignore` names are none.
    """
    ours = look.ours
    different = {
        path: entry
        for path, entry in made.tree.items()
        if ours.get(path) != entry and not (path in ours and made.owned_once(path))
    }
    whole = CommitTree(look.project.store, look.project.head)
    folder = look.project.folder
    other_form = converted({}, different, whole, folder)
    new = {path for path in different if path not in ours}
    left_out = ignored_paths(new, {}, ours, whole, folder, look.scratch) if new else frozenset()
    return {
        path: entry
        for path, entry in different.items()
        if path not in other_form and path not in left_out
    }


def _seen(look: _Look, different: Tree) -> Touched:
    """The history of what is different; older commits are fetched if that is of one not there."""
    project, path = look.project, look.answers.path
    seen = Touched()
    for store in project.histories():
        seen = touched(store, project.head, different, path, project.folder)
        unknown = [one for one in different if one not in look.ours and one not in seen.had]
        if seen.whole or not unknown:
            break
    return seen


def _stale(
    look: _Look, made: Rendered, different: Tree, seen: Touched
) -> tuple[dict[str, str], tuple[str, ...]]:
    """The paths that are as an older version rendered them, with its name.

    The versions that the repo was at count first, with the answers of then, and also for files that
    are rendered no more; then all older releases. What could not be rendered is named, too.
    """
    stale: dict[str, str] = {}
    not_compared: list[str] = []
    here = {path for path in different if path in look.ours}
    at = [one for one in seen.recorded if one.template == look.answers.template]
    older = [(one.version, one.recorded, True) for one in at]
    older += [(tag, look.answers.recorded, False) for tag in _older_tags(look)]
    for name, recorded, was_here in older:
        if not (was_here or here - stale.keys()):
            break
        try:
            then = look.rendered(look.template.lay_out(look.template.resolve(name)), recorded)
        except ScaffoldError as error:
            not_compared.append(f"{name}: {error.what}")
            continue
        for path, entry in then.tree.items():
            gone = was_here and path not in made.tree and not made.excluded(path)
            counts = path in here or (gone and not then.owned_once(path))
            if counts and path not in stale and look.ours.get(path) == entry:
                stale[path] = name
    return stale, tuple(dict.fromkeys(not_compared))


def _older_tags(look: _Look) -> list[str]:
    """The releases before the recorded one, newest first."""
    tags = [Ref(name, commit) for name, commit in look.template.tags.items()]
    older = [one for one in tags if look.template.is_newer(look.version, one)]
    return [one.name for one in reversed(older)]


def _files(
    look: _Look, different: Tree, seen: Touched, stale: Mapping[str, str]
) -> Iterator[FileDrift]:
    gone = {path: different[path] for path in different if path not in look.ours}
    moved = find_renames(gone, look.ours) if gone else {}
    for path, entry in different.items():
        kind, detail = _why(look, path, seen, stale, moved)
        yield FileDrift(path, kind, detail, entry, seen.last.get(path))
    for path, version in stale.items():
        if path not in different:
            detail = f"as {version} rendered it; {look.version.name} has it no more"
            yield FileDrift(path, DriftKind.STALE, detail)


def _why(
    look: _Look,
    path: str,
    seen: Touched,
    stale: Mapping[str, str],
    moved: Mapping[str, str],
) -> tuple[DriftKind, str]:
    if path in stale:
        return DriftKind.STALE, f"as {stale[path]} rendered it"
    if path in look.ours:
        return DriftKind.EDITED, ""
    if path in moved:
        return DriftKind.MOVED, f"to {moved[path]}"
    if path in seen.had:
        return DriftKind.DELETED, ""
    return DriftKind.MISSING, f"{look.version.name} renders it, and it never was here"


def _pins(ours: CommitTree) -> Iterator[FileDrift]:
    """The files of releases that are not as the release says they were written."""
    for pin in [path for path in ours if is_release(path)]:
        folder = f"{PurePosixPath(pin).parent}/"
        files = {
            path.removeprefix(folder): ours[path].data for path in ours if path.startswith(folder)
        }
        for edit in edited(files, source=pin):
            name, _, what = edit.partition(" ")
            yield FileDrift(f"{folder}{name}", DriftKind.PIN, f"{what} by hand")


def _answers(look: _Look, want: Want) -> Iterator[FileDrift]:
    """The recorded answers that the platform gives another value of now."""
    version, recorded = look.laid_out, look.answers.recorded
    for name, value in news({}, want.supplied, version, version, look.answers).items():
        if name in recorded:
            changed = "" if isinstance(value, list | dict) else f" ({recorded[name]} -> {value})"
            detail = f"`{name}` is not what the platform says now{changed}: an upgrade brings it"
            yield FileDrift(look.answers.path, DriftKind.ANSWER, detail)


def _uneven(ours: CommitTree, made: Tree, owned: tuple[OwnedPaths, ...]) -> Iterator[FileDrift]:
    """What one environment has and another has not, unless somebody said why."""
    for path, why in uneven(ours, made):
        if not any(mine.has(path) for mine in owned):
            yield FileDrift(path, DriftKind.UNEVEN, why)


def _unless_owned(one: FileDrift, owned: tuple[OwnedPaths, ...]) -> FileDrift:
    reason = next((mine.reason for mine in owned if mine.has(one.path)), None)
    if reason is None or not one.kind.healed:
        return one
    return replace(one, kind=DriftKind.OWNED, detail=reason)

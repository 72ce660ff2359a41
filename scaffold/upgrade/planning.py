"""Makes the plan for one template of one repo: two renders and a merge of three trees.

It changes nothing but the object store that the merge is done in.
"""

from collections.abc import Callable, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from scaffold.errors import AnswersFileError, ProcessFailedError, UntrustedError, VersionGoneError
from scaffold.git.tree import CommitTree, Entry, Tree
from scaffold.merge.attributes import merge_driver
from scaffold.merge.decisions import Decision, Kind
from scaffold.merge.text import Labels
from scaffold.merge.trees import Merged, Rules
from scaffold.render.answers_file import AnswersFile, read_answers_file
from scaffold.render.provenance import recorded_commit
from scaffold.render.render import Destination
from scaffold.render.replay import AnswerChange, Replay, replay
from scaffold.render.source import TemplateVersion
from scaffold.render.tasks import run_on_render
from scaffold.render.templates import Ref, TemplateRepo
from scaffold.upgrade.given import changes, news
from scaffold.upgrade.migrations import migrate
from scaffold.upgrade.places import need_files_here, need_home
from scaffold.upgrade.plan import Project, UpgradePlan, Want, digest, planned, template_name
from scaffold.upgrade.sides import bots_own, merge_sides, without_bots
from scaffold.upgrade.state import UpgradeState


def plan_upgrade(
    project: Project, templates: Callable[[str], TemplateRepo], want: Want, scratch: Path
) -> UpgradePlan:
    """Say what an upgrade would do. Raises AnswersFileError, VersionGoneError, RenderError, ..."""
    files = project.files
    answers, template, old = made_from(project, templates, want.allowed)
    offer = want.offer(answers.template)
    new = template.target(want.version) if want.version else template.newest(offer) or old
    if template.is_newer(old, new):
        return UpgradePlan(project, answers.template, old, new, UpgradeState.AHEAD)
    versions = template.lay_out(old), template.lay_out(new)
    if project.folder or "/" in answers.path:
        need_home(project, versions[0], answers)
    given = news(want.given, want.supplied, *versions, answers)
    # A release candidate and the release may be the same commit; then the release is recorded.
    same = old.commit == new.commit and (old.name == new.name or new.name not in template.tags)
    if same and not changes(answers.recorded, given):
        return UpgradePlan(project, answers.template, old, new, UpgradeState.CURRENT)
    return _merge(project, template, answers, old, new, given, want, files, scratch)


def made_from(
    project: Project,
    templates: Callable[[str], TemplateRepo],
    allowed: Callable[[str], bool],
) -> tuple[AnswersFile, TemplateRepo, Ref]:
    """What a project was made from: its answers file, the template, and the version of that.

    Raises AnswersFileError, UntrustedError for a template that is not allowed, VersionGoneError.
    """
    answers = read_answers_file(project.answers_path, project.files[project.answers_path])
    if not allowed(answers.template):
        raise UntrustedError(
            f"was made from {answers.template}, which platform.yml does not name",
            where=project.answers_path,
            hint="Name it under `blueprints` in platform.yml, or set `_src_path` right.",
        )
    template = templates(answers.template)
    return answers, template, _base(project, template, answers)


def _base(project: Project, template: TemplateRepo, answers: AnswersFile) -> Ref:
    """The version that the repo was made from, as the commit that it was then.

    The commit that the repo's history records counts, so that a moved tag does not make a wrong
    base.
    """
    commits = (
        recorded_commit(store, project.head, answers.template, answers.version)
        for store in project.histories()
    )
    known = next(filter(None, commits), None)
    if known is None:
        return template.resolve(answers.version)
    try:
        return Ref(answers.version, template.resolve(known).commit)
    except VersionGoneError as error:
        raise VersionGoneError(
            f"the tag `{answers.version}` was moved: the repo was made from {known[:12]}, "
            "which the template has no more",
            where=answers.template,
            hint="Bring that commit back, or link the repo afresh with `scaffold adopt`.",
        ) from error


def _merge(
    project: Project,
    template: TemplateRepo,
    answers: AnswersFile,
    old: Ref,
    new: Ref,
    given: Mapping[str, Any],
    want: Want,
    files: CommitTree,
    scratch: Path,
) -> UpgradePlan:
    trust = want.trusted(answers.template)
    name = PurePosixPath(project.folder).name or project.name
    versions = template.lay_out(old), template.lay_out(new)
    nothing = Merged({}, (), ())
    early = migrate(
        "before",
        files,
        name,
        nothing,
        versions,
        {**answers.recorded, **given},
        trust=trust,
        scratch=scratch,
    )
    early = without_bots(early, bots_own(versions[0], answers.recorded))
    here = early.applied_to(files) if early.changes else files
    renders = replay(
        *versions,
        answers.recorded,
        given,
        Destination(name, answers_file=answers.path, files=here, operation="update"),
        scratch=scratch,
        trust=trust,
        migrated=_migrated(answers, early),
    )
    if answers.path not in renders.next.tree:
        raise AnswersFileError(
            f"{new.name} of the template renders no {answers.path}, so its version would be lost",
            where=answers.template,
            hint="This is a fault of the blueprint: it needs an answers file.",
        )
    if project.folder or "/" in answers.path:
        need_files_here(project, renders.base, answers)
    base, theirs = _after_tasks(versions, renders, answers, name, trust=trust, scratch=scratch)
    early = _without_returns(early, theirs, renders)
    here = early.applied_to(files) if early.changes else files
    base = {path: entry for path, entry in base.items() if not _is_made_anew(path, early, renders)}
    rules = _rules(project, answers, renders, (old, new))
    owned = bots_own(versions[1], renders.next.answers)
    whole = CommitTree(project.store, project.head)
    merged, base, theirs = merge_sides(
        base, theirs, here, rules, owned, whole=whole, folder=project.folder, scratch=scratch
    )
    merged = migrate(
        "after", files, name, merged.after(early, files), versions, renders.next.answers,
        trust=trust, scratch=scratch,
    )  # fmt: skip
    merged = _with_more(without_bots(merged, owned), renders, want, files)
    return UpgradePlan(
        project,
        answers.template,
        old,
        new,
        _state(merged, answers, want),
        renders.notes,
        merged,
        base,
        theirs,
        digest(
            {note.question: note.new for note in renders.notes if note.change is AnswerChange.GIVEN}
        ),
        template.changelog(old, new),
    )


def _after_tasks(
    versions: tuple[TemplateVersion, TemplateVersion],
    renders: Replay,
    answers: AnswersFile,
    name: str,
    *,
    trust: bool,
    scratch: Path,
) -> tuple[Tree, Tree]:
    """Both renders after the tasks of their own version, which is what copier makes.

    So the output of a task is the blueprint's, and the owner's changes to it are the owner's.
    """
    old, new = versions
    theirs = run_on_render(
        new, renders.next.tree, name, renders.next.answers,
        operation="update", trust=trust, scratch=scratch,
    )  # fmt: skip
    known = {**renders.next.answers, **answers.recorded}
    try:
        base = run_on_render(
            old, renders.base, name, known, operation="update", trust=trust, scratch=scratch
        )
    except ProcessFailedError as error:
        raise ProcessFailedError(
            f"{error.what} (of {old.version}, which the repo was made from)",
            where=error.where,
            hint="A task that can't run a second time has no place in an upgrade: make it one that"
            " can, or link the repo afresh with `scaffold adopt`.",
            details=error.details,
        ) from error
    return base, theirs


def _without_returns(early: Merged, theirs: Tree, renders: Replay) -> Merged:
    """The changes of early migrations without removals of files that the new version has, too.

    Such a file is merged as if it had not been removed, which is what copier does.
    """
    back = {
        path
        for path, entry in early.changes.items()
        if entry is None and path in theirs and not renders.next.owned_once(path)
    }
    changes = {path: entry for path, entry in early.changes.items() if path not in back}
    decisions = tuple(one for one in early.decisions if one.path not in back)
    return Merged(changes, decisions, early.conflicts)


def _is_made_anew(path: str, early: Merged, renders: Replay) -> bool:
    """Whether early migrations removed a file that is made once: it is new again.

    In the base it would be one that its owner deleted, and stay away for good.
    """
    removed = path in early.changes and early.changes[path] is None
    return removed and renders.next.owned_once(path)


def _migrated(answers: AnswersFile, early: Merged) -> Mapping[str, Any] | None:
    """The recorded answers after migrations, or None where these did not change them.

    Raises AnswersFileError where a migration left an invalid file.
    """
    entry = early.changes.get(answers.path)
    return None if entry is None else read_answers_file(answers.path, entry).recorded


def _rules(
    project: Project, answers: AnswersFile, renders: Replay, versions: tuple[Ref, Ref]
) -> Rules:
    old, new = versions
    name = template_name(answers.template)
    after = new.name if new.name != old.name else f"{new.name} with new answers"
    return Rules(
        Labels(f"yours: {project.branch}", f"{name} {old.name}", f"{name} {after}"),
        owned_once=renders.next.owned_once,
        whole=frozenset({answers.path}),
        driver=lambda path: merge_driver(project.store, project.head, project.folder, path),
    )


def _with_more(merged: Merged, renders: Replay, want: Want, files: Mapping[str, Entry]) -> Merged:
    """Add what is not merged: machine-owned files, and those that the template disowned."""
    machine = want.machine_files(renders.next.answers, files)
    left = tuple(
        Decision(path, Kind.LEFT_ALONE, "the blueprint excludes it now")
        for path in renders.left_alone
        if path in files
    )
    added = tuple(Decision(path, Kind.ADDED, "scaffold's own file") for path in machine)
    return Merged(
        {**merged.changes, **machine}, (*merged.decisions, *left, *added), merged.conflicts
    )


def _state(merged: Merged, answers: AnswersFile, want: Want) -> UpgradeState:
    """The state that a merge results in; a change of only the version may not count."""
    entry = merged.changes.get(answers.path)
    if want.record_version or entry is None or len(merged.changes) > 1 or merged.conflicts:
        return planned(merged)
    then = read_answers_file(answers.path, entry)
    same = (then.template, then.recorded) == (answers.template, answers.recorded)
    return UpgradeState.CURRENT_IN_CONTENT if same else planned(merged)

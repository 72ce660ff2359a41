"""Link a repo that was made by hand to a blueprint: an upgrade from an empty base.

Files that are equal stay, files that the repo does not have are added, files that differ are
conflicts; all as a draft or a merge request. From then on `scaffold upgrade --repo` works on it.

The base of a repo that cruft made is what its template rendered then: see `cruft`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from scaffold.config.blueprint import BLUEPRINT_FILE, Blueprint
from scaffold.errors import AnswerError, UsageError
from scaffold.fleet.platform import PlatformRepo
from scaffold.git.tree import CommitTree, Tree
from scaffold.merge.attributes import merge_driver
from scaffold.merge.text import Labels
from scaffold.merge.trees import Rules
from scaffold.render.candidate import blueprint_of
from scaffold.render.questions import Prompt, gather_answers
from scaffold.render.render import Destination, Rendered, render_template
from scaffold.render.source import BlueprintVersion, TemplateVersion
from scaffold.render.tasks import run_on_render
from scaffold.render.templates import Ref
from scaffold.service.answers import service_answers
from scaffold.service.names import repo_names
from scaffold.similar import did_you_mean
from scaffold.upgrade.cruft import CRUFT_FILE, Origin
from scaffold.upgrade.plan import Project, UpgradePlan, digest, planned, template_name
from scaffold.upgrade.sides import bots_own, merge_sides

_NOTHING = Ref("nothing", "")


@dataclass(frozen=True)
class Unknown:
    """The answers that identify a repo and have no default: its kind, and its service.

    `repos` are the possible kinds, empty if that is known.
    """

    repos: tuple[str, ...] = ()
    service: bool = False


def refuse_linked(project: Project) -> None:
    """Raise UsageError where a project has an answers file."""
    if project.answers_path in project.files:
        raise _linked(project.name, project.answers_path)


def _linked(name: str, path: str) -> UsageError:
    return UsageError(
        f"has a {path} already",
        where=name,
        hint="It is linked to a template: use `scaffold upgrade`.",
    )


def unknown_identity(version: TemplateVersion, given: Mapping[str, Any]) -> Unknown:
    """The identifying answers that `given` lacks.

    Raises AnswerError for a repo that the blueprint does not have, RenderError, ConfigError.
    """
    from scaffold.render.preparation import questions_of

    model = _model(version)
    repos = tuple(model.repos) if model is not None and len(model.repos) > 1 else ()
    if repos and "repo" in given and given["repo"] not in repos:
        raise AnswerError(
            f"the blueprint has no repo `{given['repo']}`",
            where="--as",
            hint=did_you_mean(str(given["repo"]), repos, f"It has: {', '.join(repos)}."),
        )
    asked = questions_of(version).get("service")
    # A template may compute the name from other answers, and so not ask for it.
    is_asked = (
        asked is not None and asked.get("ask") is not False and asked.get("when") is not False
    )
    return Unknown(() if "repo" in given else repos, is_asked and "service" not in given)


def adoption_answers(
    version: TemplateVersion,
    given: Mapping[str, Any],
    platform: PlatformRepo | None,
    *,
    prompt: Prompt | None,
    scratch: Path,
) -> dict[str, Any]:
    """The answers for a repo; of a blueprint on a platform as for `new service`.

    Raises AnswerError.
    """
    model = _model(version)
    if platform is None or model is None or "service" not in given:
        return gather_answers(version, given, supplied={}, prompt=prompt, scratch=scratch)
    blueprint = BlueprintVersion(
        version.url, version.version, version.commit, version.folder, model
    )
    names = repo_names(blueprint, str(given["service"]))
    siblings = {repo: (name, platform.forge.url(name)) for repo, name in names.items()}
    return service_answers(platform.model, version, given, siblings, prompt=prompt, scratch=scratch)


def _model(version: TemplateVersion) -> Blueprint | None:
    """The blueprint.yml of a version; None for an ordinary copier template."""
    there = (version.folder / BLUEPRINT_FILE).is_file()
    return blueprint_of(version.folder) if there else None


def plan_adoption(
    project: Project,
    version: TemplateVersion,
    answers: Mapping[str, Any],
    scratch: Path,
    *,
    origin: Origin | None = None,
    trust: bool = False,
) -> UpgradePlan:
    """Say what linking a project would do.

    `origin` is what cruft made it from. Raises UsageError, RenderError, UntrustedError without
    `trust` for a template that runs code.
    """
    files = project.files
    folder_name = PurePosixPath(project.folder).name or project.name
    place = Destination(folder_name, files=files)

    def run(of: TemplateVersion, known: Mapping[str, Any]) -> tuple[Rendered, Tree]:
        made = render_template(of, known, place, scratch=scratch, trust=trust)
        return made, run_on_render(
            of, made.tree, folder_name, made.answers,
            operation="copy", trust=trust, scratch=scratch,
        )  # fmt: skip

    rendered, theirs = run(version, answers)
    base: Tree = {}
    if origin is not None:
        # Cruft's own file goes: from now on another one records what the repo was made from.
        base = {**run(origin.template, origin.answers)[1], CRUFT_FILE: files[CRUFT_FILE]}
    if rendered.answers_file not in theirs:
        raise UsageError(
            "renders no answers file, so no upgrade could follow",
            where=f"{version.url}@{version.version}",
            hint="Add one to the template, as copier's documentation has it.",
        )
    if rendered.answers_file in files:
        raise _linked(project.name, rendered.answers_file)
    name = template_name(version.url)
    old = Ref(origin.commit[:12], "") if origin else _NOTHING
    before = f"{name} {old.name}" if origin else old.name
    labels = Labels(f"yours: {project.branch}", before, f"{name} {version.version}")
    rules = Rules(
        labels,
        owned_once=rendered.owned_once,
        whole=frozenset({rendered.answers_file}),
        driver=lambda path: merge_driver(project.store, project.head, project.folder, path),
    )
    merged, base, theirs = merge_sides(
        base, theirs, files, rules, bots_own(version, rendered.answers),
        whole=CommitTree(project.store, project.head), folder=project.folder, scratch=scratch,
    )  # fmt: skip
    return UpgradePlan(
        project,
        version.url,
        old,
        Ref(version.version, version.commit),
        planned(merged),
        merged=merged,
        base=base,
        theirs=theirs,
        answers_digest=digest(answers),
    )

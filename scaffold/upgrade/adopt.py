"""Link a repo that was made by hand to a blueprint: an upgrade from an empty base.

What is equal passes, what the repo has not is added, what differs is a conflict to look at; all of
it as a draft or a merge request. From then on the repo gets upgrades like any other.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from scaffold.blueprint.questions import gather_answers
from scaffold.blueprint.render import Destination, render_template
from scaffold.blueprint.templates import Ref, TemplateRepo
from scaffold.errors import UsageError
from scaffold.upgrade.attributes import merge_driver
from scaffold.upgrade.merge import Rules, merge_trees
from scaffold.upgrade.plan import Project, State, UpgradePlan, digest, template_name
from scaffold.upgrade.text import Labels

_NOTHING = Ref("nothing", "")


@dataclass(frozen=True)
class Adoption:
    """What to link a project to: which version, as which of its repos, with which answers."""

    template: TemplateRepo
    version: str | None
    answers: Mapping[str, Any]


def plan_adoption(project: Project, adoption: Adoption, scratch: Path) -> UpgradePlan:
    """Say what linking a project would do.

    Raises UsageError where it is linked already, AnswerError, RenderError.
    """
    files = project.files
    if project.answers_path in files:
        raise UsageError(
            f"has a {project.answers_path} already",
            where=project.name,
            hint="It is linked to a template: use `scaffold upgrade`.",
        )
    template = adoption.template
    new = template.target(adoption.version) if adoption.version else template.newest()
    version = template.lay_out(new)
    answers = gather_answers(version, adoption.answers, supplied={}, prompt=None, scratch=scratch)
    folder_name = PurePosixPath(project.folder).name or project.name
    place = Destination(folder_name, files=files)
    rendered = render_template(version, answers, place, scratch=scratch)
    if rendered.answers_file not in rendered.tree:
        raise UsageError(
            "renders no answers file, so no upgrade could follow",
            where=f"{template.url}@{new.name}",
            hint="Add one to the template, as copier's documentation has it.",
        )
    labels = Labels(
        f"yours: {project.branch}", "nothing", f"{template_name(template.url)} {new.name}"
    )
    rules = Rules(
        labels,
        owned_once=rendered.owned_once,
        whole=frozenset({rendered.answers_file}),
        driver=lambda path: merge_driver(project.store, project.head, project.folder, path),
    )
    merged = merge_trees({}, rendered.tree, files, rules)
    return UpgradePlan(
        project,
        template.url,
        _NOTHING,
        new,
        State.CONFLICTS if merged.conflicts else State.CHANGES,
        merged=merged,
        theirs=rendered.tree,
        answers_digest=digest(()),
    )

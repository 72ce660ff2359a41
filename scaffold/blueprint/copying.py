"""The one place that knows copier's inside.

copier renders, asks and decides here as it does on its own; scaffold only hands it a template
that is laid out on disk already, so that rendering four repos clones nothing. That needs copier's
internal classes, hence the narrow version range in pyproject.toml.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from copier._main import Worker
from copier._settings import SettingsModel
from copier._template import Template
from copier._types import MISSING
from copier._user_data import AnswersMap, Question

from scaffold.blueprint.source import BlueprintVersion, parse_version

__all__ = ["MISSING", "AnswersMap", "Question", "make_question", "make_worker"]


class _FolderWorker(Worker):
    """A copier run into a plain folder."""

    def _sync_git_index_executable_bit(self, dst_relpath: Path, src_mode: int) -> None:
        """Do nothing: there is no git index to bring up to date, and asking git takes its time."""


def make_worker(
    blueprint: BlueprintVersion, answers: Mapping[str, Any], destination: Path
) -> Worker:
    """A copier run of this version, with the user's own copier settings left out."""
    worker = _FolderWorker(
        src_path=blueprint.url,
        vcs_ref=blueprint.version,
        dst_path=destination,
        data=dict(answers),
        settings=SettingsModel(),
        defaults=True,
        overwrite=True,
        quiet=True,
        skip_tasks=True,
    )
    worker.__dict__["template"] = _template(blueprint)
    return worker


def make_question(worker: Worker, name: str, details: Mapping[str, Any]) -> Question:
    """One question of the blueprint, over the answers so far."""
    return Question(
        answers=worker.answers,
        context=worker._render_context(),  # noqa: SLF001 - see the module's docstring
        jinja_env=worker.jinja_env,
        settings=worker.settings,
        var_name=name,
        **details,
    )


def _template(blueprint: BlueprintVersion) -> Template:
    template = Template(url=blueprint.url, ref=blueprint.version)
    template.__dict__.update(
        vcs="git",
        local_abspath=blueprint.folder.resolve(),
        commit=blueprint.version,
        commit_hash=blueprint.commit,
        version=parse_version(blueprint.version),
        git_index_modes={},  # the folder has the modes: copier reads them off the files then
    )
    return template

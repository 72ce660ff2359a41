"""What the platform repo tells the engines, against the schemas of their kinds.

The schemas are made from the engines' own modules when the tools are installed, so a platform is
checked against the versions that scaffold was tested with.
"""

from pathlib import Path, PurePosixPath

from scaffold.checks.kubeconform import NAME, check_objects
from scaffold.checks.registry import Subject
from scaffold.checks.report import Result, not_run
from scaffold.config.documents import read_file
from scaffold.config.places import ENGINE_ROOT
from scaffold.config.platform import PLATFORM_REPO
from scaffold.process import find_program

SCHEMAS_HINT = (
    "the schemas of Flux's and Argo CD's kinds are not installed: in a clone of scaffold,"
    " ci/schemas/build FOLDER, where kubeconform is in FOLDER/bin"
)


def check_engine_files(subject: Subject, target: str) -> list[Result]:
    """All that an environment's engine is told, of which `target` is the file that it starts at.

    A file that is not of an environment is checked by itself.
    """
    path = PurePosixPath(target)
    folder = path.parent if path.name == ENGINE_ROOT else None
    shown = f"{PLATFORM_REPO}/{folder or path}"
    program = find_program("kubeconform")
    schemas = engine_schemas(Path(program)) if program else subject.schemas  # it tells that itself
    if not schemas.is_dir() and program:
        return [not_run(NAME, shown, SCHEMAS_HINT)]
    files = sorted((subject.path / folder).rglob("*.yaml")) if folder else [subject.path / path]
    text = "".join(f"---\n{read_file(file).decode()}\n" for file in files)
    return [check_objects(text, shown, kubernetes=subject.kubernetes, schemas=schemas)]


def engine_schemas(kubeconform: Path) -> Path:
    """Where the schemas lie: in `share` beside the `bin` that the program is in."""
    return kubeconform.absolute().parent.parent / "share/scaffold/schemas"

"""The answers files of a repo, and the folder that each belongs to.

A template may put its answers file anywhere, and so may whoever copies it. An upgrade in another
folder than the one that the template was copied to would bring only a part of the change, but
record the version as if it had brought everything.
"""

from collections.abc import Callable, Mapping
from pathlib import Path, PurePosixPath

from scaffold.errors import AnswersFileError, ScaffoldError
from scaffold.git.folders import read_entry
from scaffold.git.tree import CommitTree, Entry
from scaffold.render.answers_file import (
    AnswersFile,
    find_answers_files,
    find_elsewhere,
    no_answers_file,
    read_answers_file,
)
from scaffold.render.source import TemplateVersion
from scaffold.render.templates import TemplateRepo
from scaffold.upgrade.plan import Project


def answers_paths(
    files: Mapping[str, Entry],
    templates: Callable[[str], TemplateRepo],
    wanted: str | None = None,
    checkout: Path | None = None,
) -> tuple[str, ...]:
    """The answers files of a project: the one that is `wanted`, or all.

    `checkout` is the project's folder, if it is on this machine. Raises AnswersFileError where
    there is none; it names one that is there, but not in git.
    """
    if wanted is not None:
        if wanted not in files:
            raise _not_there(wanted, files, checkout)
        return (wanted,)
    elsewhere: tuple[str, ...] = ()
    try:
        return find_answers_files(files)
    except AnswersFileError:
        elsewhere = find_elsewhere(files)
    moved = tuple(path for path in elsewhere if _is_put_there(path, files, templates))
    if moved:
        return moved
    if not elsewhere and checkout is not None and (lying := _uncommitted(checkout)):
        raise _not_in_git(lying)
    raise no_answers_file(elsewhere)


def _not_there(wanted: str, files: Mapping[str, Entry], checkout: Path | None) -> AnswersFileError:
    if checkout is not None and (checkout / wanted).is_file():
        return _not_in_git(wanted)
    there = ", ".join(find_elsewhere(files))
    return AnswersFileError(
        f"there is no answers file `{wanted}` at the head of the default branch",
        hint=f"There is: {there}" if there else "There is no other one, either.",
    )


def _not_in_git(path: str) -> AnswersFileError:
    return AnswersFileError(
        f"has an answers file, {path}, that is not committed to the default branch",
        hint=f"Commit it: git add --force {path} (without --force, where .gitignore names it,"
        " git leaves it out).",
    )


def _uncommitted(checkout: Path) -> str | None:
    """An answers file in a folder on disk, or in one of its folders that begin with a dot."""
    lying = (file for file in (*checkout.glob("*"), *checkout.glob(".*/*")) if file.is_file())
    files = {
        file.relative_to(checkout).as_posix(): file for file in lying if ".git/" not in str(file)
    }
    try:
        return find_answers_files(_Lying(files))[0]
    except AnswersFileError:
        return None


class _Lying(dict[str, Entry]):
    """Files of a folder, read on access."""

    def __init__(self, files: Mapping[str, Path]) -> None:
        super().__init__(dict.fromkeys(files, Entry.file(b"")))
        self._files = files

    def __getitem__(self, path: str) -> Entry:
        return read_entry(self._files[path])


def _is_put_there(
    path: str, files: Mapping[str, Entry], templates: Callable[[str], TemplateRepo]
) -> bool:
    """Whether the template of an answers file puts it there, relative to the top."""
    try:
        answers = read_answers_file(path, files[path])
        template = templates(answers.template)
        version = template.lay_out(template.resolve(answers.version))
        return _declared(version, answers) == path
    except ScaffoldError:
        return False  # which is told of the repo that is named for it


def _declared(version: TemplateVersion, answers: AnswersFile) -> str:
    from scaffold.render.copying import answers_path_of

    return answers_path_of(version, answers.recorded)


def need_home(project: Project, version: TemplateVersion, answers: AnswersFile) -> None:
    """Raise AnswersFileError where the template puts its answers file into a subfolder."""
    declared = _declared(version, answers)
    whole = _join(project.folder, answers.path)
    if "/" in declared and f"/{whole}".endswith(f"/{declared}"):
        home = whole.removesuffix(declared).rstrip("/")
        if home != project.folder:
            raise _other_home(whole, home)


def need_files_here(project: Project, base: Mapping[str, Entry], answers: AnswersFile) -> None:
    """Raise AnswersFileError where the template's files are in a folder further up.

    `copier copy --answers-file` can put an answers file into a folder, and does not record that.
    """
    whole = _join(project.folder, answers.path)
    everything = CommitTree(project.store, project.head)

    def fits(folder: str) -> tuple[int, int]:
        """The number of files that are equal, and that exist at all, at these paths."""
        places = {_join(folder, path): base[path] for path in base if path != answers.path}
        there = [path for path in places if path in everything]
        return sum(everything[path] == places[path] for path in there), len(there)

    folders = [str(parent) if str(parent) != "." else "" for parent in PurePosixPath(whole).parents]
    best = max([project.folder, *folders], key=fits)
    if best != project.folder and fits(best) > fits(project.folder):
        raise _other_home(whole, best)


def _other_home(path: str, home: str) -> AnswersFileError:
    named = f"the folder {home}" if home else "the repo itself"
    inside = path.removeprefix(f"{home}/") if home else path
    return AnswersFileError(
        f"is of {named}, which is where the files of its template are",
        where=path,
        hint=f"Give --repo {named}, and --answers-file {inside}.",
    )


def _join(folder: str, path: str) -> str:
    return f"{folder}/{path}" if folder else path

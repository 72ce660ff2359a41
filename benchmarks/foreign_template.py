"""Upgrades repos of a foreign template, and compares the result with that of `copier update`.

    python -m benchmarks.foreign_template TEMPLATE [--pairs N] [--data K=V]... [--skip-tasks]

TEMPLATE is the path of a git repo with a copier template that has versions. For N pairs of those
that copier can make here, a repo is made by copier at the older one; it is left alone, edited as an
owner would, or has lines of many files changed at random; and it is brought to the newer one both
by our plan and by `copier update` on a clone. Submodules of a template are fetched from where it
says, by the settings of git. An answer is given to those versions alone that ask for it and have it
among their choices; of several to one question, the first that a version takes. Both sides run the
template's tasks, as trusted, unless they are skipped. What differs is printed file by file. A file
that is a conflict on either side has markers in it, which each side writes in its own way, so that
only the lists of conflicts are compared. Nothing is sent anywhere; every repo is temporary.
"""

import argparse
import contextlib
import difflib
import io
import random
import shutil
import subprocess
import tempfile
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from unittest import mock

import copier

from benchmarks.foreign_versions import Setting, answers, released, version_pairs
from benchmarks.timing import machine
from scaffold.errors import ScaffoldError
from scaffold.git.folders import read_folder
from scaffold.git.tree import CommitTree, Entry, open_repo
from scaffold.merge.decisions import ConflictKind, Kind
from scaffold.render.answers_file import find_answers_files
from scaffold.render.templates import TemplateRepo
from scaffold.upgrade.plan import Project, Want
from scaffold.upgrade.planning import plan_upgrade

_MARKS = (b"<<<<<<< before updating", b">>>>>>> after updating")
_HEAD = 12  # lines of a diff that are printed


@dataclass(frozen=True)
class Outcome:
    """What one side made of an upgrade: its files, the kinds of conflicts, what our plan lists."""

    tree: Mapping[str, Entry] = field(default_factory=dict)
    conflicts: Mapping[str, str] = field(default_factory=dict)
    decisions: Mapping[str, str] = field(default_factory=dict)
    error: str = ""


def _git(*words: str, cwd: Path) -> str:
    """Run git, as somebody."""
    who = ("-c", "user.name=Owner", "-c", "user.email=owner@example.com")
    done = subprocess.run(["git", *who, *words], cwd=cwd, capture_output=True, check=True)
    return done.stdout.decode("utf-8", "replace").strip()


def _commit(folder: Path) -> None:
    _git("add", "--all", "--force", cwd=folder)
    _git("commit", "-q", "--no-verify", "--allow-empty", "-m", "Commit", cwd=folder)


@contextlib.contextmanager
def _silent() -> Iterator[None]:
    """Copier says what it does, and warns about what is old in a template."""
    with (
        warnings.catch_warnings(),
        contextlib.redirect_stdout(io.StringIO()),
        contextlib.redirect_stderr(io.StringIO()),
    ):
        warnings.simplefilter("ignore")
        yield


def generate(setting: Setting, tag: str, folder: Path) -> None:
    """Make a repo by copier that it can update, and commit it."""
    with _silent():
        copier.run_copy(
            str(setting.template), folder, data=setting.answers(tag), vcs_ref=tag, defaults=True,
            quiet=True, unsafe=True, skip_tasks=setting.skip_tasks,
        )  # fmt: skip
    _answers_file(read_folder(folder))  # raises where there is none
    _git("init", "-q", "-b", "main", cwd=folder)
    _commit(folder)


def _answers_file(tree: Mapping[str, Entry]) -> str:
    return find_answers_files(tree)[0]


def edit(folder: Path) -> None:
    """Change the repo as an owner would: README, CI, a config; one file less and one more."""
    tree = read_folder(folder)
    paths = sorted(path for path in tree if path != _answers_file(tree))
    readme = next((path for path in paths if path.upper().startswith("README")), paths[0])
    ci = [path for path in paths if ".github/workflows/" in path or path.endswith("travis.yml")]
    configs = [p for p in paths if p.endswith((".yml", ".yaml", ".toml", ".cfg")) and p not in ci]
    others = [path for path in paths if path not in {readme, *ci[:1], *configs[:1]}]
    for path in (readme, *ci[:1]):
        with (folder / path).open("ab") as file:
            file.write(b"# a line of the owner\n")
    for path in configs[:1]:
        lines = (folder / path).read_text(encoding="utf-8").splitlines(keepends=True)
        lines.insert(len(lines) // 2, "# a comment of the owner\n")
        (folder / path).write_text("".join(lines), encoding="utf-8")
    deleted = others[len(others) // 2]
    (folder / deleted).unlink()
    (folder / "OWN.md").write_text("the owner's own\n", encoding="utf-8")
    _commit(folder)


def scribble(folder: Path, seed: str) -> None:
    """Change a line in one of two files, so that some of it meets what the new version changed."""
    rng = random.Random(seed)  # noqa: S311 - nothing here is secret
    tree = read_folder(folder)
    answers_path = _answers_file(tree)
    for path, entry in sorted(tree.items()):
        if path == answers_path or b"\0" in entry.data or not entry.data or rng.random() < 0.5:
            continue
        lines = entry.data.splitlines(keepends=True)
        lines[rng.randrange(len(lines))] = b"# a line of the owner\n"
        (folder / path).write_bytes(b"".join(lines))
    _commit(folder)


def ours(setting: Setting, folder: Path, new: str, scratch: Path) -> Outcome:
    """What our plan makes of it."""
    store = open_repo(folder)
    head = _git("rev-parse", "HEAD", cwd=folder)
    answers_path = _answers_file(read_folder(folder))
    project = Project(store, head, folder.name, answers_path=answers_path)
    want = Want(version=new, given=setting.answers(new), trusted=lambda _: True)
    skipped = contextlib.ExitStack()
    if setting.skip_tasks:
        skipped.enter_context(
            mock.patch("scaffold.upgrade.plan.run_on_render", lambda _, tree, *__, **___: tree)
        )
        skipped.enter_context(
            mock.patch("scaffold.upgrade.plan.migrate", lambda *told, **_: told[3])
        )
    try:
        with skipped:
            plan = plan_upgrade(project, lambda url: TemplateRepo(url, scratch), want, scratch)
    except ScaffoldError as error:
        return Outcome(error=str(error))
    tree = dict(project.files)
    for path, entry in plan.merged.changes.items():
        if entry is None:
            tree.pop(path, None)
        else:
            tree[path] = entry
    return Outcome(
        tree,
        {one.path: one.kind for one in plan.merged.conflicts},
        {one.path: one.kind for one in plan.merged.decisions},
    )


def copiers(setting: Setting, folder: Path, new: str, clone: Path) -> Outcome:
    """What `copier update` makes of a clone."""
    _git("clone", "-q", str(folder), str(clone), cwd=folder)
    try:
        with _silent():
            copier.run_update(
                clone, data=setting.answers(new), vcs_ref=new, defaults=True, overwrite=True,
                quiet=True, unsafe=True, skip_tasks=setting.skip_tasks,
                answers_file=_answers_file(read_folder(clone)),
            )  # fmt: skip
    except Exception as error:  # noqa: BLE001 - whatever copier raises is its result
        return Outcome(error=f"{type(error).__name__}: {error}")
    _commit(clone)  # what git stores counts, as `.gitattributes` may give it other line ends
    tree = dict(CommitTree(open_repo(clone), _git("rev-parse", "HEAD", cwd=clone)))
    marked = [path for path, entry in tree.items() if any(m in entry.data for m in _MARKS)]
    return Outcome(tree, dict.fromkeys(marked, "content"))


def difference(mine: Outcome, theirs: Outcome) -> list[str]:
    """The files that differ, with the head of each diff, and conflicts of one side alone."""
    lines = [f"error, {name}: {one.error}" for name, one in (("ours", mine), ("copier", theirs))
             if one.error]  # fmt: skip
    if lines:
        return lines
    lines += [*_alone("ours", mine, theirs), *_alone("copier", theirs, mine)]
    for path in sorted({*mine.tree, *theirs.tree}):
        one, other = mine.tree.get(path), theirs.tree.get(path)
        if one != other and path not in {*mine.conflicts, *theirs.conflicts}:
            listed = mine.decisions.get(path, "not in the plan")
            lines += [f"differs: {path}, {listed}", *_diff(path, one, other)]
    return lines


def _kept(mine: Outcome, line: str) -> bool:
    """Whether a line is of a file that the template moved or removed: copier drops its edits."""
    path, _, word = line.partition(": ")[2].rpartition(", ")
    moved = Kind.MOVED in (word, mine.decisions.get(path))
    return moved or (
        line.startswith("conflict in ours") and word == ConflictKind.REMOVED_BY_BLUEPRINT
    )


def _alone(side: str, one: Outcome, other: Outcome) -> list[str]:
    return [
        f"conflict in {side} alone: {path}, {kind}"
        for path, kind in sorted(one.conflicts.items())
        if path not in other.conflicts
    ]


def _diff(path: str, one: Entry | None, other: Entry | None) -> list[str]:
    mine, theirs = (
        entry.data.decode("utf-8", "replace").splitlines() if entry else []
        for entry in (one, other)
    )
    diff = difflib.unified_diff(theirs, mine, f"copier/{path}", f"ours/{path}", lineterm="", n=1)
    found = [f"    {line}" for line in diff]
    return found[:_HEAD] or [f"    mode or presence: {one and one.mode} {other and other.mode}"]


def make_all(setting: Setting, tags: list[str], into: Path) -> dict[str, Path]:
    """A repo of each version that copier makes here; of the others their reason is printed."""
    made = {}
    for tag in tags:
        try:
            generate(setting, tag, into / tag)
        except Exception as error:  # noqa: BLE001 - whatever an old version raises
            print(f"{tag} can't be made: {type(error).__name__}: {error}", flush=True)
        else:
            made[tag] = into / tag
    return made


def verdict(mine: Outcome, theirs: Outcome, lines: list[str]) -> str:
    """The row of the table that a case counts in; kept is what copier removes with its edits."""
    if mine.error or theirs.error:
        return "error on both" if mine.error and theirs.error else "error"
    if not lines:
        return "conflict on both" if mine.conflicts else "equal"
    kept = all(_kept(mine, line) for line in lines if not line.startswith(" "))
    return "kept by ours" if kept else "differs"


def compare(setting: Setting, made: Path, new: str, how: str) -> tuple[str, list[str]]:
    """A repo of the older version brought to the newer one: the verdict, and what differs."""
    with tempfile.TemporaryDirectory(prefix="scaffold-foreign-") as name:
        root = Path(name)
        (root / "scratch").mkdir()
        folder = root / "repo"
        shutil.copytree(made, folder, symlinks=True)
        if how == "edited":
            edit(folder)
        elif how == "scribbled":
            scribble(folder, f"{made.name} {new}")
        theirs = copiers(setting, folder, new, root / "clone" / "repo")
        mine = ours(setting, folder, new, root / "scratch")
    lines = difference(mine, theirs)
    return verdict(mine, theirs, lines), lines


def main() -> None:
    """Run it and print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("template", type=Path)
    parser.add_argument("--pairs", type=int, default=20)
    parser.add_argument("--data", action="append", default=[], metavar="K=V")
    parser.add_argument("--skip-tasks", action="store_true")
    arguments = parser.parse_args()
    setting = Setting(arguments.template.resolve(), answers(arguments.data), arguments.skip_tasks)
    counts: dict[str, int] = {}
    with tempfile.TemporaryDirectory(prefix="scaffold-foreign-") as name:
        tags = released(_git("tag", cwd=setting.template).split())
        made = make_all(setting, tags, Path(name))
        for old, new in version_pairs(list(made), arguments.pairs):
            for how in ("as made", "edited", "scribbled"):
                word, lines = compare(setting, made[old], new, how)
                counts[f"{how}: {word}"] = counts.get(f"{how}: {word}", 0) + 1
                print(f"{old} -> {new}, {how}: {word}", flush=True)
                for line in lines:
                    print(f"    {line}")
    print(machine())
    for key, count in sorted(counts.items()):
        print(f"{count:4} {key}")


if __name__ == "__main__":
    main()

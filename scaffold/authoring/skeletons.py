"""What a new blueprint consists of: its own files, and a folder for each of its repos.

In `skeletons/`, `blueprint` has the files of the blueprint itself (`with_app` more of them, where a
repo is an `APP`), and `repos` a folder for each `Part`. All are templates for this one time, with
square brackets, as what they make are templates with curly ones. What is Python among them has
brackets in strings alone: whoever installs the package may compile it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from jinja2 import Environment, StrictUndefined

from scaffold.authoring.wanted_repos import Skeleton, WantedRepo
from scaffold.git.folders import read_folder
from scaffold.git.tree import Entry, Tree

_ROOT = Path(__file__).parent / "skeletons"
_LEFT_BY_TESTS = ("__pycache__", ".pytest_cache")
_TEMPLATES = Environment(
    variable_start_string="[[",
    variable_end_string="]]",
    block_start_string="[%",
    block_end_string="%]",
    comment_start_string="[#",
    comment_end_string="#]",
    trim_blocks=True,
    keep_trailing_newline=True,
    undefined=StrictUndefined,
    autoescape=False,  # noqa: S701 - no HTML comes of it
)


class Part(StrEnum):
    """What a repo begins with: a folder, laid over that of `PLAIN`, which all have."""

    PLAIN = "plain"
    APP = "app"
    DEPLOY = "deploy"
    LIBRARY = "library"


HOLDS: Mapping[Part, str] = {
    Part.PLAIN: "a README and a pipeline",
    Part.APP: "the service, its tests and its image",
    Part.DEPLOY: "the Kubernetes objects, and what runs where",
    Part.LIBRARY: "a package in Python, and its tests",
}


@dataclass(frozen=True)
class Shape:
    """What a skeleton is for, which repos it has where nobody asks for others, and their parts.

    The first repo that follows none is `head`, the first that follows this one `next`; all others
    are plain.
    """

    summary: str
    repos: tuple[WantedRepo, ...]
    head: Part = Part.PLAIN
    next: Part = Part.PLAIN


SHAPES: Mapping[Skeleton, Shape] = {
    Skeleton.KUBERNETES: Shape(
        "A service that runs on Kubernetes",
        (WantedRepo("app"), WantedRepo("deploy", "app")),
        head=Part.APP,
        next=Part.DEPLOY,
    ),
    Skeleton.LIBRARY: Shape(
        "A library in Python, with its tests", (WantedRepo("library"),), head=Part.LIBRARY
    ),
    Skeleton.MINIMAL: Shape("Repos with what every repo has", (WantedRepo("app"),)),
}


def parts(skeleton: Skeleton, repos: Sequence[WantedRepo]) -> dict[str, Part]:
    """What each of the repos begins with, by its name; `repos` are as `read_repos` gives them."""
    shape = SHAPES[skeleton]
    head = _head(repos)
    after = next((one.name for one in repos if one.follows == head), None)
    special = {head: shape.head, after: shape.next}
    return {one.name: special.get(one.name, Part.PLAIN) for one in repos}


def repo_lines(skeleton: Skeleton, repos: Sequence[WantedRepo]) -> Iterator[str]:
    """A line for each repo: what is in it, and what it follows."""
    width = max(len(one.name) for one in repos)
    for one in repos:
        follows = f" (follows {one.follows})" if one.follows else ""
        yield f"{one.name:{width}}  {HOLDS[parts(skeleton, repos)[one.name]]}{follows}"


def make_skeleton(
    name: str, ci_image: str, skeleton: Skeleton, repos: Sequence[WantedRepo]
) -> Tree:
    """All files of the blueprint but its schema and its snapshots.

    `repos` are as `read_repos` gives them: with other chains, what is made is no blueprint.
    """
    by_repo = parts(skeleton, repos)
    app = _repo_with(Part.APP, by_repo)
    tree = _layer("blueprint") | (_layer("with_app") if app else {})
    for repo, part in by_repo.items():
        tree |= _layer(f"repos/{Part.PLAIN}", f"{repo}/") | _layer(f"repos/{part}", f"{repo}/")
    words = {
        "name": name,
        "summary": SHAPES[skeleton].summary,
        "ci_image": ci_image,
        "repos": [_words(one, by_repo[one.name]) for one in repos],
        "head": _head(repos),
        "app": app,
        "deploy": _repo_with(Part.DEPLOY, by_repo),
    }
    return {
        path: Entry(entry.mode, _TEMPLATES.from_string(entry.data.decode()).render(words).encode())
        for path, entry in tree.items()
    }


def _head(repos: Sequence[WantedRepo]) -> str:
    return next(one.name for one in repos if one.follows is None)


def _words(one: WantedRepo, part: Part) -> dict[str, str]:
    return {
        "name": one.name,
        "follows": one.follows or "",
        "pin": "image-and-release" if part is Part.DEPLOY else "upstream",
        "holds": HOLDS[part],
    }


def _repo_with(wanted: Part, by_repo: Mapping[str, Part]) -> str | None:
    return next((repo for repo, part in by_repo.items() if part is wanted), None)


def _layer(folder: str, prefix: str = "") -> Tree:
    return {
        prefix + path: entry
        for path, entry in read_folder(_ROOT / folder).items()
        if not any(one in path for one in _LEFT_BY_TESTS)
    }

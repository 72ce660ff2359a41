"""What a new blueprint is to be: its skeleton, and its repos in one line."""

import questionary

from scaffold.authoring.skeletons import SHAPES, repo_lines
from scaffold.authoring.wanted_repos import Skeleton, WantedRepo, read_repos
from scaffold.cli.prompts import ask, checked, pick
from scaffold.errors import UsageError


def ask_skeleton() -> Skeleton:
    """One of the skeletons, which say what they are for."""
    about = {str(one): shape.summary for one, shape in SHAPES.items()}
    return Skeleton(pick("What does it begin with?", list(about), about))


def ask_repos(skeleton: Skeleton) -> tuple[WantedRepo, ...]:
    """The repos that were answered; what each of them begins with is shown below meanwhile."""

    def problem(text: str) -> str | None:
        try:
            read_repos(text.split())
        except UsageError as error:
            return f"{error.what[:1].upper()}{error.what[1:]}. {error.hint}"
        return None

    def preview(text: str) -> str:
        return "" if problem(text) else "\n".join(repo_lines(skeleton, read_repos(text.split())))

    line = " ".join(map(str, SHAPES[skeleton].repos))
    asked = questionary.text(
        "Which repos does it have? (NAME or NAME:FOLLOWS)",
        default=line,
        **checked(problem, preview),
    )
    return read_repos(str(ask(asked)).split())

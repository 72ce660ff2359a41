"""Questions to a person, by questionary; answers are checked as they are typed."""

from typing import TYPE_CHECKING, Any

import questionary
import typer

from scaffold.errors import StoppedError

if TYPE_CHECKING:
    from scaffold.blueprint.copying import Question
    from scaffold.blueprint.questions import Prompt
    from scaffold.blueprint.source import BlueprintVersion
    from scaffold.service.platform import PlatformRepo

_STOPPED = "nothing was created"


def ask_name(platform: "PlatformRepo", blueprint: "BlueprintVersion") -> str:
    """Ask for a name that is still free, and show the names of the repos it gives."""
    from scaffold.service.new import problem_with_new_name, repo_names

    def validate(text: str) -> bool | str:
        problem = problem_with_new_name(platform, text)
        return f"The name {problem}." if problem else True

    try:
        name = questionary.text("What is the service called?", validate=validate).unsafe_ask()
    except KeyboardInterrupt:
        raise StoppedError(_STOPPED) from None
    for repo in repo_names(blueprint, name).values():
        typer.echo(f"    {repo}")
    return str(name)


def make_prompt(platform: "PlatformRepo") -> "Prompt":
    """Ask the blueprint's questions; the owner is picked from the platform's teams."""

    def prompt(question: "Question") -> Any:
        structure = question.get_questionary_structure()
        if question.var_name == "owner":
            structure.update(type="select", choices=[team.name for team in platform.model.teams])
            structure.pop("validate", None)
            structure.pop("default", None)
        structure["qmark"] = "?"
        structure.pop("mouse_support", None)
        try:
            answers = questionary.unsafe_prompt([structure])
        except KeyboardInterrupt:
            raise StoppedError(_STOPPED) from None
        return answers[question.var_name]

    return prompt

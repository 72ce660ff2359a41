"""Questions to a person, by questionary; answers are checked as they are typed."""

import shutil
import sys
import termios
import textwrap
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import questionary
from prompt_toolkit.application import get_app
from prompt_toolkit.application.current import get_app_session
from prompt_toolkit.filters import Condition
from prompt_toolkit.input.typeahead import clear_typeahead
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from questionary import Question as Asked

from scaffold.cli.stopping import stopped_means
from scaffold.config.names import problem_with_service_name
from scaffold.errors import AnswerError, StoppedError
from scaffold.render.questions import problem_with_answer

if TYPE_CHECKING:
    from scaffold.fleet.platform import PlatformRepo
    from scaffold.render.copier_api import Question
    from scaffold.render.questions import Prompt
    from scaffold.render.source import BlueprintVersion

_STOPPED = "nothing was created"
# What the catalog says of a service. Whoever is asked knows better than any default, which serves
# those who are not asked.
_SUMMARY = "summary"
# The types of prompts that take a toolbar below them.
_WITH_TOOLBAR = frozenset({"input", "password", "path"})
_OF_A_LINE = ("bottom_toolbar", "style", "placeholder", "key_bindings")  # and of nothing else
_STYLE = questionary.Style(
    [("bottom-toolbar", "noreverse"), ("hint", "ansibrightblack")]  # it is empty most of the time
)
# Gives a sentence about what is wrong with a text, or None.
Problem = Callable[[str], str | None]


def ask(question: Asked) -> Any:
    """The answer; Ctrl-C stops the command, before anything was created."""
    with stopped_means(_STOPPED):
        return question.unsafe_ask()


def ask_text(message: str, *, default: str, problem: Problem) -> str:
    """A line of text that `problem` has nothing against."""
    return str(ask(questionary.text(message, **checked(problem), **_hint(default))))


def confirm(message: str) -> bool:
    """Yes or no; what was typed before the question was there is no answer to it."""
    clear_typeahead(get_app_session().input)  # read, but of no use to an earlier question
    if sys.stdin.isatty():
        termios.tcflush(sys.stdin, termios.TCIFLUSH)
    return bool(ask(questionary.confirm(message, default=True)))


def decide(message: str) -> bool:
    """Yes or no to what goes past policy: who only presses Return has not decided for it."""
    clear_typeahead(get_app_session().input)
    termios.tcflush(sys.stdin, termios.TCIFLUSH)
    with stopped_means("nothing was changed"):
        return bool(questionary.confirm(message, default=False).unsafe_ask())


def pick(message: str, choices: Sequence[str], about: Mapping[str, str] | None = None) -> str:
    """One of several, with what is said `about` it; nobody is asked where there is but one."""
    if len(choices) == 1:
        return choices[0]
    width = max(map(len, choices))
    left = shutil.get_terminal_size().columns - width - 6
    shown = []
    for one in choices:
        said = textwrap.shorten((about or {}).get(one, ""), max(left, 3), placeholder="...")
        shown.append(questionary.Choice(f"{one:{width}}  {said}".rstrip(), value=one))
    return str(ask(questionary.select(message, choices=shown)))


def offer_platform() -> Path:
    """Offer to make a platform, and ask where. Raises StoppedError where that is not wanted."""
    sys.stderr.write("There is no platform here: no platform.yml in this folder or above.\n")
    if not confirm("Make one now, with a forge in a folder of this machine?"):
        raise StoppedError(_STOPPED)

    def problem(text: str) -> str | None:
        folder = Path(text).expanduser()
        if not text.strip():
            return "Name a folder."
        taken = [name for name in ("platform", "forge") if (folder / name).exists()]
        return f"{folder / taken[0]} is there already." if taken else None

    return Path(ask_text("In which folder?", default="acme", problem=problem)).expanduser()


def pick_blueprint(summaries: Mapping[str, str]) -> str:
    """One of the platform's blueprints, which say what they are for."""
    return pick("Which blueprint?", list(summaries), summaries)


def ask_name(platform: "PlatformRepo", blueprint: "BlueprintVersion") -> str:
    """Ask for a name that is still free; the names of the repos it gives are shown meanwhile."""
    from scaffold.service.names import problem_with_new_name, repo_names

    def problem(text: str) -> str | None:
        if found := problem_with_new_name(platform, text):
            return f"The name {found}."
        try:
            repo_names(blueprint, text)
        except AnswerError as error:
            return f"Not that name: {error}."
        return None

    def preview(text: str) -> str:
        return "" if problem(text) else "  ".join(repo_names(blueprint, text).values())

    return str(ask(questionary.text("What is the service called?", **checked(problem, preview))))


def ask_which_repo(repos: tuple[str, ...]) -> str:
    """Which of the paired repos a repo is that was made by hand."""
    return pick("Which of the paired repos is it?", repos)


def ask_service() -> str:
    """Of which service a repo is that was made by hand."""

    def problem(text: str) -> str | None:
        found = problem_with_service_name(text)
        return f"The name {found}." if found else None

    return ask_text("Of which service is it?", default="", problem=problem)


def make_prompt(platform: "PlatformRepo | None", *, asking: bool) -> "Prompt":
    """Ask the blueprint's questions; the owner is picked from the teams of a platform.

    Where there is nobody to ask, a question that has no answer is an error.
    """

    def prompt(question: "Question") -> Any:
        name = question.var_name
        if not asking:
            raise AnswerError(
                f"the question `{name}` has no answer, and there is no terminal to ask on",
                hint=f"Give --data {name}=..., or --defaults for the defaults of all questions.",
            )
        structure = _plain(question)
        if name == "owner" and platform is not None:
            structure.update(type="select", choices=[team.name for team in platform.model.teams])
            for key in ("validate", "default", *_OF_A_LINE):
                structure.pop(key, None)
        with stopped_means(_STOPPED):
            return questionary.unsafe_prompt([structure])[name]

    return prompt


def _plain(question: "Question") -> dict[str, Any]:
    """What copier would have questionary ask, on one line and in plain words."""
    structure = question.get_questionary_structure()
    structure.update(qmark="?", message=structure["message"].strip())
    structure.pop("mouse_support", None)
    if "validate" in structure:

        def problem(given: Any) -> str | None:
            return problem_with_answer(question, given)

        told = structure["type"] in _WITH_TOOLBAR
        structure |= checked(problem) if told else {"validate": _validator(problem)}
    if structure["type"] == "input" and structure.get("default") and not question.get_multiline():
        hint = _example if question.var_name == _SUMMARY else _hint
        structure |= hint(structure.pop("default"))
    return structure


def _example(default: str) -> dict[str, Any]:
    """Options of a line of text that show what an answer may look like; Enter does not take it."""
    return {"placeholder": [("class:hint", f"e.g. {default}")]}


def _hint(default: str) -> dict[str, Any]:
    """Options of a line of text that show what Enter takes where nothing was typed.

    Tab takes it into the line, to be edited; Backspace takes it away, for an answer that is empty.
    """
    keys = KeyBindings()
    hint = [("class:hint", default)]

    @Condition
    def is_shown() -> bool:
        return bool(hint) and not get_app().current_buffer.text

    @keys.add("tab", filter=is_shown)
    def _(event: KeyPressEvent) -> None:
        event.current_buffer.insert_text(default)

    @keys.add("enter", filter=is_shown)
    def _(event: KeyPressEvent) -> None:
        event.current_buffer.insert_text(default)
        event.current_buffer.validate_and_handle()

    @keys.add("backspace", filter=is_shown)
    @keys.add("delete", filter=is_shown)
    def _(_: KeyPressEvent) -> None:
        hint.clear()

    return {"placeholder": lambda: hint, "key_bindings": keys}


def checked(problem: Problem, shown: Callable[[str], str] = lambda _: "") -> dict[str, Any]:
    """Options of a line of text that say what is wrong with it, else below it what `shown` gives.

    The toolbar that tells of a problem has one line; the others go into the one below it.
    """

    def validate(text: str) -> bool | str:
        found = problem(text)
        return _fitted(found)[0] if found else True

    def below() -> list[tuple[str, str]]:
        buffer = get_app().current_buffer
        if buffer.validation_error is None:
            return [("", shown(buffer.text))]
        more = _fitted(problem(buffer.text) or "")[1:]
        return [("class:validation-toolbar", "\n".join(more))]

    return {"validate": validate, "bottom_toolbar": below, "style": _STYLE}


def _fitted(message: str) -> list[str]:
    """The lines of a message, as wide as the terminal."""
    return textwrap.wrap(message, get_app().output.get_size().columns) or [""]


def _validator(problem: Callable[[Any], str | None]) -> Callable[[Any], bool | str]:
    return lambda given: problem(given) or True

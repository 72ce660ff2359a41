"""`scaffold init` on a server: what is asked, what is shown, and the go-ahead."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer
from pydantic import ValidationError

from scaffold.cli.answers import parse_pairs
from scaffold.cli.start import ask_start
from scaffold.config.engine import Engine
from scaffold.config.forge import kind_of
from scaffold.config.forges.server import Remotes, ServerForge
from scaffold.errors import StoppedError, UsageError
from scaffold.service.init_server import make_on_server, plan_server_init

if TYPE_CHECKING:
    from scaffold.service.init import Initialised


def make_on_forge(
    folder: Path, kind: str, model: type[ServerForge], pairs: list[str], *, asking: bool
) -> "Initialised":
    """Make a platform in a group of a server. Raises UsageError, ForgeError, StoppedError."""
    said = parse_pairs(pairs)
    engine = _engine(said.pop("engine", None))
    given = {**said, "kind": kind}
    settings = _settings(model, _ask(model, given) if asking else given)
    start = ask_start(folder, asking=asking, ci=kind_of(settings.kind).ci, engine=engine)
    plan = plan_server_init(folder, start, settings)
    typer.echo("\n".join(["This will:", *(f"  {call}" for call in plan.calls)]), err=True)
    if asking:
        from scaffold.cli.prompts import confirm

        if not confirm("Go ahead?"):
            raise StoppedError("nothing was created")
    return make_on_server(plan)


def _engine(said: str | None) -> Engine | None:
    """The engine that --data names, or None. Raises UsageError."""
    if said is None or said in list(Engine):
        return None if said is None else Engine(said)
    raise UsageError(f"there is no engine `{said}`", hint=f"There are: {', '.join(Engine)}")


def _ask(model: type[ServerForge], given: dict[str, Any]) -> dict[str, Any]:
    """Ask for what was not given."""
    from scaffold.cli.prompts import ask_text, pick

    def text(message: str, default: str, *, needed: bool = True) -> str:
        def problem(said: str) -> str | None:
            return "Say something." if needed and not said.strip() else None

        return ask_text(message, default=default, problem=problem).strip()

    url = model.model_fields["url"]
    visible = [str(visibility) for visibility in model.visibilities]
    questions: dict[str, Callable[[], str]] = {
        "url": lambda: text("What is the address of the server?", url.default or ""),
        "group": lambda: text("In which group or organisation?", ""),
        "visibility": lambda: pick("Who sees new repos?", visible),
        "remotes": lambda: pick("How does git reach them?", [str(way) for way in Remotes]),
        "bot": lambda: text("What is the bot's user name, if it has one?", "", needed=False),
    }
    return given | {key: ask() for key, ask in questions.items() if key not in given}


def _settings(model: type[ServerForge], given: dict[str, Any]) -> ServerForge:
    try:
        return model.model_validate(given)
    except ValidationError as error:
        lines = [f"{problem['loc'][-1]}: {problem['msg']}" for problem in error.errors()]
        raise UsageError(
            "these are no settings of a server",
            details=lines,
            hint="Give each as --data KEY=VALUE, for example --data group=acme",
        ) from error

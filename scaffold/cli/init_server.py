"""`scaffold init` on a server: what is asked, what is shown, and the go-ahead."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer
from pydantic import TypeAdapter, ValidationError

from scaffold.cli.answers import parse_pairs
from scaffold.cli.start import ask_start
from scaffold.config.forge import ForgeSettings, GitlabForge, Remotes, Visibility
from scaffold.errors import StoppedError, UsageError
from scaffold.service.init_server import ServerSettings, make_on_server, plan_server_init
from scaffold.service.start import Ci

if TYPE_CHECKING:
    from scaffold.service.init import Initialised

_URLS = {"gitlab": "https://gitlab.com", "github": "https://github.com", "gitea": ""}


def make_on_forge(folder: Path, kind: str, pairs: list[str], *, asking: bool) -> "Initialised":
    """Make a platform in a group of a server. Raises UsageError, ForgeError, StoppedError."""
    given = parse_pairs(pairs)
    settings = _settings(kind, _ask(kind, given) if asking else given)
    ci = Ci.GITLAB if isinstance(settings, GitlabForge) else Ci.GITHUB
    start = ask_start(folder, asking=asking, ci=ci)
    plan = plan_server_init(folder, start, settings)
    typer.echo("\n".join(["This will:", *(f"  {call}" for call in plan.calls)]), err=True)
    if asking:
        from scaffold.cli.prompts import confirm

        if not confirm("Go ahead?"):
            raise StoppedError("nothing was created")
    return make_on_server(plan)


def _ask(kind: str, given: dict[str, Any]) -> dict[str, Any]:
    """Ask for what was not given."""
    from scaffold.cli.prompts import ask_text, pick

    def text(message: str, default: str, *, needed: bool = True) -> str:
        def problem(said: str) -> str | None:
            return "Say something." if needed and not said.strip() else None

        return ask_text(message, default=default, problem=problem).strip()

    visible = [one.value for one in Visibility if kind != "gitea" or one.value != "internal"]
    questions: dict[str, Callable[[], str]] = {
        "url": lambda: text("What is the address of the server?", _URLS[kind]),
        "group": lambda: text("In which group or organisation?", ""),
        "visibility": lambda: pick("Who sees new repos?", visible),
        "remotes": lambda: pick("How does git reach them?", [one.value for one in Remotes]),
        "bot": lambda: text("What is the bot's user name, if it has one?", "", needed=False),
    }
    return given | {key: ask() for key, ask in questions.items() if key not in given}


def _settings(kind: str, told: dict[str, Any]) -> ServerSettings:
    adapter: TypeAdapter[Any] = TypeAdapter(ForgeSettings)
    try:
        settings: ServerSettings = adapter.validate_python({**told, "kind": kind})
    except ValidationError as error:
        lines = [f"{one['loc'][-1]}: {one['msg']}" for one in error.errors()]
        raise UsageError(
            "these are no settings of a server",
            details=lines,
            hint="Give each as --data KEY=VALUE, for example --data group=acme",
        ) from error
    return settings

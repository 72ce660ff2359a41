"""The command `scaffold`, and the one place that turns an error into output."""

import os
import sys
import traceback
from typing import Annotated, Any

import typer

from scaffold import __version__
from scaffold.cli.commands import COMMANDS
from scaffold.cli.groups import LazyGroup
from scaffold.cli.stopping import stopped_means
from scaffold.errors import ScaffoldError, not_written


class _Commands(LazyGroup):
    """All commands; typer itself ends without a word on Ctrl-C."""

    group = COMMANDS

    def invoke(self, ctx: Any) -> Any:
        """Run one. Raises StoppedError where it does not say itself what Ctrl-C left behind."""
        with stopped_means(
            "the command was stopped", "Run it again: it goes on from what is there."
        ):
            return super().invoke(ctx)


app = typer.Typer(
    cls=_Commands,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help=COMMANDS.summary,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"scaffold {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks.")] = False,
    version: Annotated[  # noqa: ARG001 - typer calls back
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    if debug:
        os.environ["SCAFFOLD_DEBUG"] = "1"


def main() -> None:
    """Run the command line; an error is printed as what, where, what to do."""
    try:
        app(prog_name="scaffold")
    except Exception as error:
        if os.environ.get("SCAFFOLD_DEBUG"):
            raise
        shown = _shown(error)
        sys.stderr.write(_text(shown))
        raise SystemExit(shown.exit_code) from None


def _shown(error: Exception) -> ScaffoldError:
    from scaffold.git.faults import explained

    if isinstance(error, OSError) and _is_of_output(error):
        # What is left would be tried once more at the end, which has a status of its own:
        # https://docs.python.org/3/library/signal.html#note-on-sigpipe
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return not_written(error, "standard output")
    return explained(error)


def _is_of_output(error: OSError) -> bool:
    """Whether it is what is printed that can't be written: all of it is printed in one way."""
    frames = traceback.walk_tb(error.__traceback__)
    return any(frame.f_code is typer.echo.__code__ for frame, _ in frames)


def _text(error: ScaffoldError) -> str:
    first, *rest = error.lines
    return "\n  ".join([f"error [{error.reference}]: {first}", *rest]) + "\n"

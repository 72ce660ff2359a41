"""Makes commands of the table: each is loaded when it is called, none for a list of them."""

from importlib import import_module
from typing import Any

import typer
from typer.core import TyperArgument, TyperGroup

from scaffold.cli.commands import Command, Group
from scaffold.errors import UsageError
from scaffold.similar import close_match


class LazyGroup(TyperGroup):
    """A group of the table of commands."""

    group: Group

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Put the default command first, where the group has one and no other one is called."""
        known = {*self.group.commands, *ctx.help_option_names}
        if self.group.default and not known.intersection(args[:1]):
            args = [self.group.default, *args]
        return super().parse_args(ctx, args)

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002 - typer's own signature
        """The names, in the order of the table."""
        return list(self.group.commands)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002 - likewise
        """Load one command; None where there is none of that name."""
        entry = self.group.commands.get(cmd_name)
        return None if entry is None else load(cmd_name, entry)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """What the first word calls. Raises UsageError, with what may have been meant."""
        word = args[0]
        if word in self.group.commands or word.startswith("-") or ctx.resilient_parsing:
            return super().resolve_command(ctx, args)
        raise UsageError(
            f"there is no command `{ctx.command_path} {word}`", hint=_advice(ctx, self.group, word)
        )

    def format_commands(self, ctx: Any, formatter: Any) -> None:  # noqa: ARG002 - likewise
        """Write the list of commands, whose summaries are in the table."""
        with formatter.section("Commands"):
            formatter.write_dl(
                [(name, entry.summary) for name, entry in self.group.commands.items()]
            )


def load(name: str, entry: Command | Group) -> Any:
    """The command or group of an entry of the table."""
    if isinstance(entry, Group):
        made = LazyGroup(
            name=name,
            help=entry.summary,
            no_args_is_help=not entry.default,
            rich_markup_mode=None,
        )
        made.group = entry
        return made
    module, _, function = entry.target.partition(":")
    app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)
    app.command(name)(getattr(import_module(module), function))
    command = typer.main.get_command(app)
    for parameter in command.params:
        if isinstance(parameter, TyperArgument):
            # Else the help has `SERVICE <list[str]>`: Python's types, which a user never types.
            parameter.display_type_rich = lambda ctx: None  # type: ignore[method-assign]  # noqa: ARG005
    return command


def _advice(ctx: Any, group: Group, word: str) -> str:
    if word in group.guesses:
        return group.guesses[word]
    path = ctx.command_path
    if close := close_match(word, group.commands):
        return f"Did you mean `{path} {close}`?"
    if len(group.commands) == 1:  # `new payments`
        return f"Did you mean `{path} {next(iter(group.commands))} {word}`?"
    return f"`{path} --help` lists the commands."

"""The reference pages, generated from the code at each build, so that they can't fall behind it.

`reference_pages` is pure but for reading the published schemas; `on_files` hands its pages to
mkdocs.
"""

import inspect
import json
import pkgutil
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import typer
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from pydantic import BaseModel
from typer.core import TyperArgument, TyperCommand, TyperGroup, TyperOption

import scaffold
from docs_hooks.lint_rules import lint_rules_page
from scaffold import errors
from scaffold.cli.main import app
from scaffold.config.accepted import AcceptedFindings
from scaffold.config.blueprint import Blueprint
from scaffold.config.grant import Grant
from scaffold.config.platform import Platform
from scaffold.config.repofile import RepoFile
from scaffold.config.service import Service
from scaffold.config.smokefile import SmokeFile
from scaffold.errors import ScaffoldError

Json = Mapping[str, Any]
Command = TyperCommand | TyperGroup

# Each file that people or blueprints write: page, title, model, and what it is for.
FILES: tuple[tuple[str, str, type[BaseModel], str], ...] = (
    (
        "platform-yml", "platform.yml", Platform,
        ("The platform team writes it, at the top of the platform repo. "
        "What counts is what is at the head of `main` on the forge, not what lies in a checkout."),
    ),
    (
        "blueprint-yml", "blueprint.yml", Blueprint,
        ("The author of a blueprint writes it, beside `copier.yml`. "
        "An editor that knows YAML schemas completes and checks it by its first line, "
        "`# yaml-language-server: $schema=.schema/blueprint.json`. `scaffold blueprint new` writes "
        "both; elsewhere put [the schema](../schemas/blueprint.json) there. "
        "[Blueprint patterns](../explanation/blueprint-patterns.md) has examples."),
    ),
    (
        "catalog-entry", "services/NAME.yml", Service,
        ("The catalog lies in the platform repo, one file a service. "
        "`scaffold new service` writes an entry."),
    ),
    (
        "grant", "grants/NAME.yml", Grant,
        ("It lies in the platform repo, one file for a role that somebody has "
        "[for a while](../how-to/give-access-for-a-while.md). `scaffold access grant` writes it."),
    ),
    (
        "scaffold-yml", ".scaffold.yml", RepoFile,
        ("A blueprint renders it at the top of each paired repo, so that the pipeline steps need "
        "neither the blueprint nor the platform repo."),
    ),
    (
        "smoke-yml", "smoke.yml", SmokeFile,
        ("The owner writes it into an env repo, as `environments/smoke.yml` for all environments "
        "or `environments/NAME/smoke.yml` for one, to say "
        "[what is asked after a deploy](../how-to/smoke.md)."),
    ),
    (
        "accepted-findings-yml", "accepted-findings.yml", AcceptedFindings,
        ("The owner writes it beside the Dockerfile, to say which known vulnerabilities "
        "[the scan of the image](../how-to/scan-and-sign-images.md) lets pass for a while."),
    ),
)  # fmt: skip
EXIT_MEANINGS: Mapping[str, str] = {
    "EXIT_DONE": "It is done. For a check: nothing failed. See below for a check that did not run.",
    "EXIT_FAILED": "Something failed, or a check did.",
    "EXIT_USAGE": "Wrong use: an unknown option, an answer that is not valid, no platform here.",
    "EXIT_STOPPED": "You stopped it, with Ctrl-C or by answering no.",
}
_CODE = re.compile(r"(`[^`]*`)")
_NULL = {"type": "null"}
_GENERATED = "<!-- Generated from the code by docs_hooks/reference.py. -->\n\n"


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the generated pages; mkdocs calls this once it has collected the written ones."""
    for name, text in reference_pages(Path(config.docs_dir) / "schemas").items():
        files.append(File.generated(config, f"reference/{name}.md", content=text))
    return files


def reference_pages(schemas: Path) -> dict[str, str]:
    """Each generated page by its name; `schemas` is the folder of the published JSON Schemas."""
    pages = {
        "command-line": command_line_page(),
        "errors": errors_page(),
        "exit-statuses": exit_statuses_page(),
        "lint-rules": lint_rules_page(),
        "schemas": schemas_page(schemas),
    }
    for name, title, model, purpose in FILES:
        pages[name] = model_page(title, model, purpose)
    return {name: f"{_GENERATED}{text.strip()}\n" for name, text in pages.items()}


# --- The command line ------------------------------------------------------------------------


def command_line_page() -> str:
    """Every command with its usage, help, arguments, options and defaults."""
    parts = [
        "# Command line",
        (
            "Results go to standard output, errors to standard error. "
            "An error says what, where and what to do; [its reference](errors.md) is in brackets. "
            "Where a command ends with which status: [exit statuses](exit-statuses.md). "
            "What `--output json` prints: [JSON Schemas](schemas.md)."
        ),
    ]
    for context in walk_commands():
        parts += _command(context)
    return "\n\n".join(parts)


def walk_commands() -> Iterator[typer.Context]:
    """A context for each command and command group, parents first."""
    yield from _walk(typer.Context(_click_command(), info_name="scaffold"))


def _click_command() -> Command:
    command = typer.main.get_command(app)
    if not isinstance(command, Command):
        raise TypeError(f"the program is no command of typer: {command!r}")
    return command


def _walk(context: typer.Context) -> Iterator[typer.Context]:
    yield context
    if isinstance(context.command, TyperGroup):
        for name in context.command.list_commands(context):
            if (command := context.command.get_command(context, name)) is not None:
                yield from _walk(typer.Context(command, info_name=name, parent=context))


def _command(context: typer.Context) -> Iterator[str]:
    command = context.command
    yield f"## `{context.command_path}`"
    yield inspect.cleandoc(command.help or "")
    yield f"```text\n{command.get_usage(context).removeprefix('Usage: ')}\n```"
    shown = [one for one in command.get_params(context) if one.get_help_record(context)]
    for kind, heading in ((TyperArgument, "Argument"), (TyperOption, "Option")):
        rows = [_parameter(context, one) for one in shown if isinstance(one, kind)]
        if rows:
            yield _table((heading, "Meaning", "Default"), rows)


def _parameter(context: typer.Context, one: TyperArgument | TyperOption) -> tuple[str, ...]:
    """The names, the meaning and the default; typer has them in one text, as its help prints it."""
    names, said = one.get_help_record(context) or ("", "")
    meaning = one.help or ""
    extras = said.removeprefix(meaning).strip().removeprefix("[").removesuffix("]")
    default, notes = "", []
    for extra in filter(None, extras.split("; ")):
        if extra.startswith("default: "):
            value = extra.removeprefix("default: ")
            told = value.startswith("(")  # in words, not as it is typed
            default = value.strip("()") if told else f"`{value}`"
        elif extra == "required":
            default = "required"
        else:
            notes.append(extra)
    if notes:
        meaning += f" ({'; '.join(notes)})"
    return f"`{names}`", meaning, default


# --- Errors and exit statuses ----------------------------------------------------------------


def errors_page() -> str:
    """A section for each kind of error, whose anchor is the error's reference."""
    parts = [
        "# Errors",
        (
            "An error is printed as `error [REFERENCE]: what`, then what was found, then what to "
            "do. The references are the headings here. With `--debug` the traceback is shown, too."
        ),
    ]
    kinds = error_kinds()
    for kind in kinds:
        parts += [
            f"## {kind.reference} {{ #{kind.reference} }}",
            inspect.getdoc(kind) or "",
            f"Exit status: [{kind.exit_code}](exit-statuses.md).",
        ]
        above = kind.__base__
        if above is not ScaffoldError and above in kinds:
            parts.append(f"It is a kind of [{above.reference}](#{above.reference}).")
    return "\n\n".join(parts)


def error_kinds() -> list[type[ScaffoldError]]:
    """The kinds of error that have a reference of their own, by reference."""
    for module in pkgutil.walk_packages(scaffold.__path__, "scaffold."):
        if not module.name.endswith("__main__") and "._" not in module.name:
            import_module(module.name)
    found = {kind for kind in _below(ScaffoldError) if "reference" in vars(kind)}
    return sorted(found, key=lambda kind: kind.reference)


def _below(kind: type[ScaffoldError]) -> Iterator[type[ScaffoldError]]:
    yield kind
    for one in kind.__subclasses__():
        yield from _below(one)


def exit_statuses_page() -> str:
    """Each exit status, what it means and which errors end with it."""
    rows = []
    for name, status in exit_statuses().items():
        kinds = [kind.reference for kind in error_kinds() if kind.exit_code == status]
        links = ", ".join(f"[{reference}](errors.md#{reference})" for reference in kinds)
        rows.append((f"`{status}`", EXIT_MEANINGS[name], links))
    return "\n\n".join(
        [
            "# Exit statuses",
            _table(("Status", "Meaning", "Errors"), rows),
            (
                "A check that could not run is no failed check: `scaffold check` ends with `0` "
                "and says how many could not run. `scaffold pipeline validate` ends with `1` then, "
                "since in a pipeline nobody reads what was left out."
            ),
        ]
    )


def exit_statuses() -> dict[str, int]:
    """The named exit statuses, lowest first."""
    found = {name: value for name, value in vars(errors).items() if name.startswith("EXIT_")}
    return dict(sorted(found.items(), key=lambda item: item[1]))


# --- Files -----------------------------------------------------------------------------------


def model_page(title: str, model: type[BaseModel], purpose: str) -> str:
    """The keys of a file: type, default and meaning, one table for each mapping in it."""
    schema = model.model_json_schema(by_alias=True)
    parts = [f"# {title}", purpose, "A key that is not listed here is an error."]
    parts += _mapping(schema, schema)
    for name, part in schema.get("$defs", {}).items():
        if "properties" in part:
            parts += [f"## {name}", _text(part), *_mapping(part, schema)]
    return "\n\n".join(parts)


def _mapping(part: Json, schema: Json) -> Iterator[str]:
    rows = [
        (
            f"`{key}`",
            _type(value, schema),
            _default(key, value, part),
            _meaning(value, schema),
        )
        for key, value in part["properties"].items()
    ]
    yield _table(("Key", "Type", "Default", "Meaning"), rows)


def _type(value: Json, schema: Json) -> str:
    if "$ref" in value:
        return _reference(value["$ref"], schema)
    if "anyOf" in value:
        return " or ".join(_type(one, schema) for one in value["anyOf"] if one != _NULL)
    if "const" in value:
        return f"`{json.dumps(value['const'])}`"
    kind = str(value.get("type", "anything"))
    if kind == "array":
        return f"list of {_type(value['items'], schema)}"
    if kind == "object":
        inner = value.get("additionalProperties", True)
        return f"mapping to {_type(inner, schema)}" if isinstance(inner, dict) else "mapping"
    return kind


def _reference(reference: str, schema: Json) -> str:
    name = reference.rpartition("/")[2]
    part = schema["$defs"][name]
    if "enum" in part:
        return ", ".join(f"`{one}`" for one in part["enum"])
    return f"[{name}](#{name.lower()})"


def _default(key: str, value: Json, part: Json) -> str:
    if key in part.get("required", ()):
        return "required"
    default = value.get("default", {} if value.get("type") == "object" else None)
    return "none" if default is None else f"`{json.dumps(default)}`"


def _meaning(value: Json, schema: Json) -> str:
    """The key's own description, else that of what it refers to; then the limits."""
    said = _text(value)
    inner = value.get("items", value)
    if not said and "$ref" in inner:
        said = _text(schema["$defs"][inner["$ref"].rpartition("/")[2]])
    limits = [
        f"{words} {value[limit]}"
        for limit, words in (
            ("minimum", "at least"),
            ("maximum", "at most"),
            ("minItems", "number of items at least"),
            ("minProperties", "number of keys at least"),
        )
        if limit in value
    ]
    return " ".join(filter(None, [said, f"({', '.join(limits)})" if limits else ""]))


def _text(part: Json) -> str:
    return str(part.get("description", "")).replace("\n", " ")


# --- JSON Schemas ----------------------------------------------------------------------------


def schemas_page(folder: Path) -> str:
    """The published JSON Schemas, whichever there are."""
    rows = []
    for file in sorted(folder.glob("*.json")):
        schema = json.loads(file.read_text(encoding="utf-8"))
        rows.append((f"[{file.name}](../schemas/{file.name})", _text(schema)))
    return "\n\n".join(
        [
            "# JSON Schemas",
            (
                "Of the files that people write, and of what the commands print with "
                "`--output json` (those that begin with `output-`). "
                "A key may be added to an output; none is removed or given another meaning while "
                "`version` stays the same."
            ),
            _table(("Schema", "Of"), rows),
            (
                "`scaffold init` also writes the schema of `platform.yml` into the platform repo, "
                "as `.schema/platform.json`, so that an editor can check the file as you type."
            ),
        ]
    )


def _cell(text: str) -> str:
    """A cell of a table; within code a bar ends no cell, and a backslash would be seen."""
    parts = _CODE.split(text.replace("\n", " "))
    return "".join(part if _CODE.match(part) else part.replace("|", "\\|") for part in parts)


def _table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [headings, ["---"] * len(headings), *rows]
    cells = [[_cell(cell) for cell in line] for line in lines]
    return "\n".join(f"| {' | '.join(line)} |" for line in cells)

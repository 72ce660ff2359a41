"""Reads YAML files into models; each problem has the file, line, key and fix."""

from collections.abc import Sequence
from pathlib import Path
from types import NoneType
from typing import Annotated, Any, TypeVar, get_args, get_origin

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails

from scaffold.config.yaml_as_copier import INCLUDE
from scaffold.config.yaml_bounds import short
from scaffold.config.yaml_reader import compose_documents, read_yaml
from scaffold.errors import ConfigError
from scaffold.similar import close_match

# libyaml is many times as fast; PyYAML may be built without it, and then writes the same.
FAST_DUMPER: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
Loc = tuple[int | str, ...]
_KIND = "kind"  # the key that picks one of a union of models
_OF_A_KEY = "[key]"  # pydantic's mark for an invalid key
_LONGEST_TEXT = 4096
_MOST_PROBLEMS = 20


class Document(BaseModel):
    """The base of all models of files: unknown keys are errors, and models are immutable."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        populate_by_name=True,
        str_max_length=_LONGEST_TEXT,
        allow_inf_nan=False,
    )


D = TypeVar("D", bound=Document)


def read_file(file: Path, *, hint: str = "May you read it?") -> bytes:
    """The bytes of a file that people write. Raises ConfigError, with `hint`, where it can't be."""
    try:
        return file.read_bytes()
    except OSError as error:
        raise ConfigError(f"can't be read: {error.strerror}", where=str(file), hint=hint) from error


def parse_document(model: type[D], data: str | bytes, *, source: str, printable: bool = True) -> D:
    """Read a file as a `model`; `source` is the file's name for the errors.

    With `printable`, texts must not have control characters. Raises ConfigError with one line a
    problem: file:line, key, what is wrong, what to do.
    """
    values = read_yaml(data, source=source, printable=printable)
    if not isinstance(values, dict):
        what = "is empty" if values is None else "is not a mapping of keys to values"
        raise ConfigError(what, where=source, hint="It has keys with values, as in `name: shop`.")
    try:
        return model.model_validate(values)
    except ValidationError as error:
        raise _not_valid(model, data, source, error) from error


def _not_valid(
    model: type[Document], data: str | bytes, source: str, error: ValidationError
) -> ConfigError:
    (tree,) = compose_documents(data, source=source)
    causes = _causes(error)
    problems = [_describe(model, tree, source, cause) for cause in causes[:_MOST_PROBLEMS]]
    if len(causes) == 1:
        ((where, what),) = problems
        return ConfigError(what, where=where, hint="Mend that and run the command again.")
    details = [f"{where}: {what}" for where, what in problems]
    if len(causes) > _MOST_PROBLEMS:
        details.append(f"{source}: and {len(causes) - _MOST_PROBLEMS} more")
    return ConfigError(
        f"{len(causes)} problems found",
        where=source,
        details=details,
        hint="Mend the lines named above and run the command again.",
    )


def place_of(data: bytes, key: Loc, *, source: str) -> str:
    """The file and line of a key, or of what is above it where that is not there."""
    return places_of(data, [key], source=source)[0]


def places_of(data: bytes, keys: Sequence[Loc], *, source: str) -> tuple[str, ...]:
    """The file and line of each key, as `place_of` has it."""
    (tree,) = compose_documents(data, source=source)
    return tuple(f"{source}:{_line_of(tree, key)}" for key in keys)


def dump_yaml(value: Any) -> bytes:
    """Write plain data as YAML, keys in the order that they have."""
    text: str = yaml.dump(value, Dumper=FAST_DUMPER, sort_keys=False, allow_unicode=True)
    return text.encode()


def check_mappings(data: bytes, *, source: str) -> None:
    """Raise ConfigError, with the line, where a document is not YAML or not a mapping.

    A document may also be an `!include`, as in a copier.yml.
    """
    trees = compose_documents(data, source=source)
    if not trees:
        raise ConfigError("is empty", where=source)
    for tree in trees:
        if not isinstance(tree, yaml.MappingNode) and tree.tag != INCLUDE:
            line = tree.start_mark.line + 1
            raise ConfigError("is not a mapping of keys to values", where=f"{source}:{line}")


def _causes(error: ValidationError) -> list[ErrorDetails]:
    """The errors, without those that only follow from another one.

    pydantic also reports a list as too short if its only item is not valid.
    """
    errors = error.errors()
    locs = [error["loc"] for error in errors]
    return [
        error
        for error in errors
        if error["type"] != "too_short"
        or not any(
            len(loc) > len(error["loc"]) and loc[: len(error["loc"])] == error["loc"]
            for loc in locs
        )
    ]


def _describe(
    model: type[Document], tree: yaml.Node, source: str, error: ErrorDetails
) -> tuple[str, str]:
    """A problem and its place."""
    loc = error["loc"]
    written = _as_written(tree, loc)
    line = _line_of(tree, written)
    key = ".".join(short(str(part)) for part in written) or "(the whole file)"
    return f"{source}:{line}", f"`{key}`: {_message(model, loc, error)}"


def _as_written(tree: yaml.Node, loc: Loc) -> Loc:
    """`loc` with only the keys of the file, without pydantic's marks and the tags of unions."""
    written: list[int | str] = []
    node: yaml.Node | None = tree
    for part in loc:
        if part == _OF_A_KEY or (_below(node, part) is None and _is_kind(node, part)):
            continue
        written.append(part)
        node = _below(node, part)
    return tuple(written)


def _is_kind(node: yaml.Node | None, part: int | str) -> bool:
    """Whether a part of `loc` is the tag of a union (the key `kind`)."""
    kind = _below(node, _KIND)
    return isinstance(kind, yaml.ScalarNode) and kind.value == part


def _below(node: yaml.Node | None, part: int | str) -> yaml.Node | None:
    """The value of a key of a mapping, or an item of a list; None where there is none."""
    if isinstance(node, yaml.MappingNode):
        return next((value for key, value in node.value if key.value == str(part)), None)
    if isinstance(node, yaml.SequenceNode) and isinstance(part, int):
        item: yaml.Node = node.value[part]
        return item
    return None


def _message(model: type[Document], loc: Loc, error: ErrorDetails) -> str:
    if error["type"] == "missing":
        return f"is missing; add `{loc[-1]}:`"
    if error["type"] in {"union_tag_invalid", "union_tag_not_found"}:
        tags = error.get("ctx", {}).get("expected_tags")
        return f"needs a `{_KIND}`" if tags is None else f"`{_KIND}` must be one of {tags}"
    if error["type"] == "extra_forbidden":
        known = sorted(_fields_at(model, loc[:-1]))
        close = close_match(str(loc[-1]), known)
        advice = f"did you mean `{close}`?" if close else f"known keys: {', '.join(known)}"
        return f"is not a known key; {advice}"
    message = error["msg"].removeprefix("Value error, ")
    given = error["input"]
    if isinstance(given, (str, int, float, bool)):
        return f"{message} (it is {short(repr(given))})"
    return message


def _fields_at(annotation: Any, loc: Loc) -> Sequence[str]:
    """The keys that the mapping at `loc` may have; empty where no model is known."""
    for part in loc:
        annotation = _without_wrapping(annotation)
        if _is_model(annotation):
            field = annotation.model_fields.get(str(part))
            annotation = field.annotation if field else None
        else:  # one of a union, an item of tuple[X, ...] or a value of dict[K, X]
            items = [argument for argument in get_args(annotation) if argument is not Ellipsis]
            tagged = [item for item in items if _is_model(item) and _is_tagged(item, part)]
            annotation = [*items, *tagged][-1] if items else None
    annotation = _without_wrapping(annotation)
    if not _is_model(annotation):
        return []
    return [field.alias or name for name, field in annotation.model_fields.items()]


def _is_tagged(model: type[BaseModel], tag: int | str) -> bool:
    """Whether `tag` selects this model of a union."""
    field = model.model_fields.get(_KIND)
    return field is not None and tag in get_args(field.annotation)


def _is_model(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


def _without_wrapping(annotation: Any) -> Any:
    """`X` out of `X | None` and `Annotated[X, ...]`."""
    if get_origin(annotation) is Annotated:
        return _without_wrapping(get_args(annotation)[0])
    arguments = [argument for argument in get_args(annotation) if argument is not NoneType]
    if NoneType in get_args(annotation) and len(arguments) == 1:
        return _without_wrapping(arguments[0])
    return annotation


def _line_of(tree: yaml.Node, loc: Loc) -> int:
    """The line (from 1) of the innermost part of `loc` that is in the file."""
    node: yaml.Node | None = tree
    line = tree.start_mark.line
    for part in loc:
        below = _below(node, part)
        if below is None:
            break
        line = _start(node, part, below)
        node = below
    return int(line) + 1


def _start(node: yaml.Node | None, part: int | str, below: yaml.Node) -> int:
    """The line, from 0, at which an item begins, or the key of a value."""
    pairs = node.value if isinstance(node, yaml.MappingNode) else []
    marked = next((key for key, value in pairs if value is below and key.value == str(part)), below)
    return int(marked.start_mark.line)

"""Turns YAML that people write into models; every problem names file, line, key and the fix."""

import difflib
from collections.abc import Callable, Iterator, Sequence
from types import NoneType
from typing import Annotated, Any, TypeVar, get_args, get_origin

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails

from scaffold.errors import ConfigError

# The safe loader and dumper in C, ten times as fast; not every machine has them.
_FAST: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_FAST_DUMPER: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
# The tag of copier's for a document that is another file's.
_INCLUDE = "!include"
Loc = tuple[int | str, ...]
_TAG = "kind"  # the key that picks one of a union of models


class Document(BaseModel):
    """The base of all models of files: unknown keys are errors, values don't change."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


D = TypeVar("D", bound=Document)


def parse_document(model: type[D], text: str, *, source: str) -> D:
    """Read `text` as a `model`; `source` is the file's name for the errors.

    Raises ConfigError with one line a problem: file:line, key, what is wrong, what to do.
    """
    tree = _compose(text, source)
    if not isinstance(tree, yaml.MappingNode):
        raise ConfigError("is not a mapping of keys to values", where=source)
    problems = [f"{source}:{line}: `{key}` is there twice" for line, key in _duplicates(tree)]
    if not problems:
        try:
            return model.model_validate(yaml.SafeLoader("").construct_document(tree))
        except ValidationError as error:
            problems = [_describe(model, tree, source, one) for one in _causes(error)]
    raise ConfigError(
        f"{len(problems)} problem{'s' if len(problems) > 1 else ''} found",
        where=source,
        details=problems,
        hint="Mend the lines named above and run the command again.",
    )


def load_yaml(text: str | bytes) -> Any:
    """Read plain YAML data. Raises YAMLError."""
    return yaml.load(text, Loader=_FAST)  # noqa: S506 - the safe one, in C


def dump_yaml(value: Any) -> bytes:
    """Write plain data as YAML, keys in the order that they have."""
    text: str = yaml.dump(value, Dumper=_FAST_DUMPER, sort_keys=False, allow_unicode=True)
    return text.encode()


def check_mappings(text: str, *, source: str) -> None:
    """Raise ConfigError, with the line, where a document of `text` is not YAML or no mapping.

    A document may also be an `!include`, as in a copier.yml.
    """

    def compose_all(text: str, Loader: Any) -> list[yaml.Node]:  # noqa: N803 - PyYAML's own name
        return list(yaml.compose_all(text, Loader=Loader))

    for tree in _compose(text, source, compose_all):
        if not isinstance(tree, yaml.MappingNode) and tree.tag != _INCLUDE:
            line = tree.start_mark.line + 1
            raise ConfigError("is not a mapping of keys to values", where=f"{source}:{line}")


def _compose(text: str, source: str, compose: Callable[..., Any] = yaml.compose) -> Any:
    """What `compose` makes of `text`, which is not empty. Raises ConfigError."""
    try:
        try:
            found = compose(text, Loader=_FAST)
        except yaml.YAMLError:  # the loader in Python has the better words for what is wrong
            found = compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        where, problem = yaml_problem(error, source)
        raise ConfigError(
            f"is not valid YAML: {problem}",
            where=where,
            hint="Often a missing quote, or a tab where spaces belong.",
        ) from error
    if not found:
        raise ConfigError("is empty", where=source)
    return found


def yaml_problem(error: Exception, source: str) -> tuple[str, str]:
    """Where in a file a YAML error is, and what is wrong there, in one line."""
    mark = getattr(error, "problem_mark", None)
    where = f"{source}:{mark.line + 1}" if mark else source
    return where, getattr(error, "problem", None) or str(error).split("\n")[0]


def _duplicates(node: yaml.Node) -> Iterator[tuple[int, str]]:
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            if key.value in seen:
                yield key.start_mark.line + 1, key.value
            seen.add(key.value)
            yield from _duplicates(value)
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from _duplicates(item)


def _causes(error: ValidationError) -> list[ErrorDetails]:
    """The errors without those that merely follow from another one.

    A list whose only item is not valid is also reported as too short.
    """
    found = error.errors()
    locs = [one["loc"] for one in found]
    return [
        one
        for one in found
        if one["type"] != "too_short"
        or not any(
            len(loc) > len(one["loc"]) and loc[: len(one["loc"])] == one["loc"] for loc in locs
        )
    ]


def _describe(model: type[Document], tree: yaml.Node, source: str, error: ErrorDetails) -> str:
    loc = error["loc"]
    written = _as_written(tree, loc)
    line = _line_of(tree, written)
    key = ".".join(str(part) for part in written) or "(the whole file)"
    return f"{source}:{line}: `{key}`: {_message(model, loc, error)}"


def _as_written(tree: yaml.Node, loc: Loc) -> Loc:
    """`loc` without the tags of unions, which are values of a key (`kind`) and no keys."""
    written: list[int | str] = []
    node: yaml.Node | None = tree
    for part in loc:
        pairs = node.value if isinstance(node, yaml.MappingNode) else []
        here = next((value for key, value in pairs if key.value == str(part)), None)
        if here is None and any(key.value == _TAG and value.value == part for key, value in pairs):
            continue
        written.append(part)
        node = node.value[part] if isinstance(node, yaml.SequenceNode) else here
    return tuple(written)


def _message(model: type[Document], loc: Loc, error: ErrorDetails) -> str:
    if error["type"] == "missing":
        return f"is missing; add `{loc[-1]}:`"
    if error["type"] in {"union_tag_invalid", "union_tag_not_found"}:
        tags = error.get("ctx", {}).get("expected_tags")
        return f"needs a `{_TAG}`" if tags is None else f"`{_TAG}` must be one of {tags}"
    if error["type"] == "extra_forbidden":
        known = sorted(_fields_at(model, loc[:-1]))
        close = difflib.get_close_matches(str(loc[-1]), known, n=1)
        advice = f"did you mean `{close[0]}`?" if close else f"known keys: {', '.join(known)}"
        return f"is not a known key; {advice}"
    message = error["msg"].removeprefix("Value error, ")
    given = error["input"]
    if isinstance(given, (str, int, float, bool)):
        return f"{message} (it is {given!r})"
    return message


def _fields_at(annotation: Any, loc: Loc) -> Sequence[str]:
    """The keys that the mapping at `loc` may have, where a model says so."""
    for part in loc:
        annotation = _without_wrapping(annotation)
        if _is_model(annotation):
            field = annotation.model_fields.get(str(part))
            annotation = field.annotation if field else None
        else:  # one of a union, an item of tuple[X, ...] or a value of dict[K, X]
            items = [argument for argument in get_args(annotation) if argument is not Ellipsis]
            tagged = [one for one in items if _is_model(one) and _is_tagged(one, part)]
            annotation = [*items, *tagged][-1] if items else None
    annotation = _without_wrapping(annotation)
    if not _is_model(annotation):
        return []
    return [field.alias or name for name, field in annotation.model_fields.items()]


def _is_tagged(model: type[BaseModel], tag: int | str) -> bool:
    """Whether a model is the one of a union that `tag` picks."""
    field = model.model_fields.get(_TAG)
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
    """The line (from 1) of the innermost part of `loc` that the file has."""
    node, line = tree, tree.start_mark.line + 1
    for part in loc:
        if isinstance(node, yaml.MappingNode):
            pair = next((p for p in node.value if p[0].value == str(part)), None)
            if pair is None:
                return line
            line, node = pair[0].start_mark.line + 1, pair[1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int):
            node = node.value[part]
            line = node.start_mark.line + 1
    return line

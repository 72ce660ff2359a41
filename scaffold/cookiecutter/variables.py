"""The variables of a cookiecutter.json as questions of copier's, and its settings as settings."""

import json
import keyword
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rich.errors import MarkupError
from rich.text import Text

from scaffold.cookiecutter.rewrite import COOKIECUTTERS_OWN, Rewriter, Seen
from scaffold.cookiecutter.syntax import CONTEXT, Syntax
from scaffold.errors import ConfigError, UsageError

CONTEXT_FILE = "cookiecutter.json"
QUESTIONS_FILE = "copier.yml"
# Variables that are settings of cookiecutter's.
_SETTINGS = {"_copy_without_render", "_extensions", "_jinja2_env_vars", "_new_lines", "__prompts__"}
# Names that scaffold or copier gives values of their own, or jinja a meaning.
_TAKEN = frozenset(
    {
        "ci_image", "environments", "owner", "registry", "repo", "service", "siblings",
        "make_secret", "now", "pathjoin", "range", "dict", "lipsum", "cycler", "joiner",
        "namespace", "loop", "self", "super", "caller", "varargs", "kwargs", "true", "false",
        "none", "recursive", CONTEXT,
    }
)  # fmt: skip


@dataclass(frozen=True)
class Context:
    """A cookiecutter.json."""

    variables: Mapping[str, Any]

    def setting(self, name: str, kind: type, otherwise: Any) -> Any:
        """One of cookiecutter's settings. Raises ConfigError where it is of another type."""
        value = self.variables.get(name, otherwise)
        if not isinstance(value, kind):
            raise ConfigError(f"`{name}` is no {kind.__name__}", where=CONTEXT_FILE)
        return value

    @property
    def asked(self) -> dict[str, Any]:
        """The variables that people are asked for, in cookiecutter's order: dictionaries last."""
        public = {key: value for key, value in self.variables.items() if not key.startswith("_")}
        return dict(sorted(public.items(), key=lambda one: isinstance(one[1], dict)))

    @property
    def private(self) -> dict[str, Any]:
        """The variables that nobody is asked for, without those that are settings."""
        return {
            key: value
            for key, value in self.variables.items()
            if key.startswith("_") and key not in _SETTINGS
        }


def read_context(data: bytes, where: str) -> Context:
    """Read a cookiecutter.json. Raises ConfigError; UsageError where it is of several templates."""
    try:
        variables = json.loads(data)
    except ValueError as error:
        raise ConfigError(f"is not JSON: {error}", where=CONTEXT_FILE) from error
    if not isinstance(variables, dict):
        raise ConfigError("is not a mapping of names to values", where=CONTEXT_FILE)
    if several := variables.keys() & {"template", "templates"}:
        raise UsageError(
            f"has several templates, which `{min(several)}` in {CONTEXT_FILE} lists",
            where=where,
            hint="Put the one that you want into a repo of its own, and import that.",
        )
    return Context(variables)


def copiers_names(context: Context, seen: Seen) -> dict[str, str]:
    """What each variable is called as a question; private ones that nothing uses have no name."""
    names: dict[str, str] = {}
    used = [one for one in context.private if seen.whole or one in seen.variables]
    for variable in [*context.asked, *used]:
        name = "".join(c if c.isalnum() else "_" for c in variable.lstrip("_")) or "value"
        if name in _TAKEN or keyword.iskeyword(name) or not name.isidentifier():
            name = f"project_{name}"
        while name in names.values() or (name != variable and name in context.variables):
            name += "_"
        names[variable] = name
    return names


def questions(
    context: Context, names: Mapping[str, str], rewrite: Rewriter, lines: Mapping[str, int]
) -> dict[str, Any]:
    """Copier's questions. `lines` are where they will be, by their names."""
    make = _Questions(rewrite, context.setting("__prompts__", dict, {}))
    simple = {key: raw for key, raw in context.variables.items() if key in names}
    ordered = sorted(simple.items(), key=lambda one: isinstance(one[1], dict))
    return {names[key]: make(key, raw, lines.get(names[key], 1)) for key, raw in ordered}


def whole_context(names: Mapping[str, str], syntax: Syntax) -> dict[str, Any]:
    """A computed question with the dictionary `cookiecutter`.

    What cookiecutter itself adds, about the machine that it ran on, is empty.
    """
    pairs = [f"{key!r}: {name}" for key, name in names.items()]
    pairs += [f"{name!r}: ''" for name in COOKIECUTTERS_OWN]
    body = "{" + ", ".join(pairs) + "} | to_json"
    return {"type": "json", "default": syntax.variable(body), "when": False}


class _Questions:
    """Makes a question of a variable."""

    def __init__(self, rewrite: Rewriter, prompts: Mapping[str, Any]) -> None:
        self._syntax = rewrite.syntax
        self._rewrite = rewrite
        self._prompts = prompts
        self._line = 1

    def __call__(self, key: str, raw: Any, line: int) -> dict[str, Any]:
        self._line = line
        if key.startswith("__"):
            return {**self._rendered(raw), "when": False}
        if key.startswith("_"):
            constant = raw if isinstance(raw, str) else json.dumps(raw, ensure_ascii=False)
            kind = "str" if isinstance(raw, str) else "json"
            return {"type": kind, "default": self._syntax.raw(constant), "when": False}
        prompt = self._prompts.get(key)
        text = prompt.get("__prompt__", "") if isinstance(prompt, dict) else prompt
        told = {"help": self._syntax.raw(_plain(str(text)))} if text else {}
        if isinstance(raw, list):
            labels = prompt if isinstance(prompt, dict) else {}
            return {**told, **self._choices(key, raw, labels)}
        return {**told, **self._rendered(raw)}

    def _text(self, raw: Any) -> str:
        return self._rewrite(str(raw), QUESTIONS_FILE, self._line)

    def _rendered(self, raw: Any) -> dict[str, Any]:
        """The type and default of a value whose texts are rendered."""
        if isinstance(raw, bool):
            return {"type": "bool", "default": raw}
        if raw is None:
            return {"type": "yaml", "default": None}
        if isinstance(raw, (list, dict)):
            return {"type": "json", "default": self._json(raw)}
        return {"type": "str", "default": self._text(raw)}

    def _json(self, raw: Any) -> str:
        """A text that renders to a value, whose texts are rendered, as JSON."""
        if isinstance(raw, dict):
            pairs = (f"{self._json(str(key))}: {self._json(value)}" for key, value in raw.items())
            return "{" + ", ".join(pairs) + "}"
        if isinstance(raw, list):
            return "[" + ", ".join(self._json(value) for value in raw) + "]"
        if raw is None or isinstance(raw, bool):
            return json.dumps(raw)
        text = self._text(raw)
        if not self._syntax.is_template(text):
            return json.dumps(text, ensure_ascii=False)
        return self._syntax.filtered(text, "to_json")

    def _choices(self, key: str, raw: list[Any], labels: Mapping[str, Any]) -> dict[str, Any]:
        if not raw:
            raise ConfigError(f"`{key}` has no choices", where=CONTEXT_FILE)
        if not all(isinstance(one, (str, int, float)) and not _is_bool(one) for one in raw):
            return self._choices_of_values(raw)
        values = [self._text(one) for one in raw]
        offered: Any = values
        if any(str(one) in labels for one in raw):
            offered = [
                [self._syntax.raw(_plain(str(labels.get(str(one), one)))), value]
                for one, value in zip(raw, values, strict=True)
            ]
        return {"type": "str", "choices": offered, "default": values[0]}

    def _choices_of_values(self, raw: list[Any]) -> dict[str, Any]:
        """Choices that are not all texts, as JSON; named by the text, or by the first key."""
        values = [self._json(one) for one in raw]
        offered = [
            [self._syntax.raw(_label(one)), {"value": value}]
            for one, value in zip(raw, values, strict=True)
        ]
        return {"type": "json", "choices": offered, "default": values[0]}


def _is_bool(value: Any) -> bool:
    return isinstance(value, bool)


def _label(value: Any) -> str:
    if isinstance(value, dict) and len(value) == 1:
        return str(next(iter(value)))
    return value if isinstance(value, str) else json.dumps(value)


def _plain(text: str) -> str:
    """A prompt without the marks for its colours."""
    try:
        return Text.from_markup(text).plain
    except MarkupError:
        return text

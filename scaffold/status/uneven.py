"""What one environment of a repo has and another has not, though it is no patch. Pure.

Environments are to differ in their settings and in patches of one release alone: what else only
prod has was tried nowhere before it. What a blueprint itself renders differently does not count.
"""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath

from scaffold.config.places import environment_folder, kustomization_path, retire_marker
from scaffold.config.yaml_reader import read_yaml
from scaffold.errors import ConfigError
from scaffold.git.tree import Entry

Facts = Mapping[str, str]
"""The things that an environment is built from, each with its text, or with "" for a name alone."""

_KUSTOMIZATION = re.compile(kustomization_path("([^/]+)").replace(".", r"\."))
# What environments are meant to differ in: https://kubectl.docs.kubernetes.io/references/kustomize/
_PATCHES = frozenset({
    "patches", "patchesJson6902", "patchesStrategicMerge", "replicas", "namespace",
    "configMapGenerator", "secretGenerator",
})  # fmt: skip
_ABSENT = object()


def uneven(ours: Mapping[str, Entry], rendered: Mapping[str, Entry]) -> Iterator[tuple[str, str]]:
    """The path of each such thing, and where it is and is not.

    Environments that are retired, or that kustomize can't read, are left out.
    """
    names = [match[1] for path in rendered if (match := _KUSTOMIZATION.fullmatch(path))]
    there = {name: _facts(ours, name) for name in names if retire_marker(name) not in ours}
    here = {name: facts for name, facts in there.items() if facts is not None}
    made = {name: _facts(rendered, name) or {} for name in here}
    for thing in sorted({thing for facts in [*here.values(), *made.values()] for thing in facts}):
        changed = {
            name: here[name].get(thing, _ABSENT)
            for name in here
            if here[name].get(thing, _ABSENT) != made[name].get(thing, _ABSENT)
        }
        if changed and (len(changed) < len(here) or len(set(changed.values())) > 1):
            yield kustomization_path(next(iter(changed))), _told(thing, here)


def _told(thing: str, here: Mapping[str, Facts]) -> str:
    has = [name for name, facts in here.items() if thing in facts]
    has_not = [name for name in here if name not in has]
    if has_not and has:
        return f"`{thing}` is in {', '.join(has)}, and not in {', '.join(has_not)}"
    return f"`{thing}` is not the same in {', '.join(here)}"


def _facts(tree: Mapping[str, Entry], environment: str) -> Facts | None:
    """What an environment is built from but its patches; None where that can't be told."""
    path = kustomization_path(environment)
    if path not in tree:
        return None
    try:
        read = read_yaml(tree[path].data, source=path)
    except ConfigError:
        return None
    if not isinstance(read, dict):
        return None
    fields = {str(key): value for key, value in read.items() if key not in _PATCHES}
    return dict(_things(tree, environment, fields))


def _things(
    tree: Mapping[str, Entry], environment: str, fields: Mapping[str, object]
) -> Iterator[tuple[str, str]]:
    for field, value in fields.items():
        for item in value if isinstance(value, list) else [value]:
            text = item if isinstance(item, str) else json.dumps(item, sort_keys=True)
            file = str(PurePosixPath(environment_folder(environment), text))
            content = tree[file].data.decode("utf-8", "replace") if file in tree else ""
            yield f"{field}: {_common(text, environment)}", _common(content, environment)


def _common(text: str, environment: str) -> str:
    """A text without the name of its environment."""
    return re.sub(rf"\b{re.escape(environment)}\b", "ENVIRONMENT", text)

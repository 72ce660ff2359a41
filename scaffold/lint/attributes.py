"""The rule about attributes of what scaffold supplies, whose shape is known."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from jinja2 import TemplateSyntaxError, nodes

from scaffold.lint.rule import Rule, Spot
from scaffold.lint.source import Source
from scaffold.similar import did_you_mean

# What an answer has: the parts by their names; None where the shape is not known.
Shape = Mapping[str, Any]
ENVIRONMENT: Shape = {
    "name": None,
    "namespace": None,
    "context": None,
    "replicas": {"min": None, "max": None},
    "api_server": {"url": None, "ca": None, "audience": None},
    "engine": None,
    "smoke": None,
}
_YIELDED = re.compile(r"\{%-?\s*yield\s+(?P<name>\w+)\s+from\s+environments\b")


def wrong_attribute(source: Source) -> Iterator[Spot]:
    """An attribute that `siblings` or an environment has not got renders to nothing.

    `siblings` has each of the paired repos of blueprint.yml, with `name`, `url` and `page`. An
    environment has `name`, `namespace`, `context`, `replicas.min`, `replicas.max` and, with some
    platforms, `api_server` (`url`, `ca`, `audience`), `engine` and `smoke`. Other attributes are
    looked at by `scaffold blueprint test`. One that the template asks `is defined` for, or gives a
    `default`, may be missing.
    """
    sibling: Shape = {"name": None, "url": None, "page": None}
    siblings: Shape = dict.fromkeys(source.model.repos, sibling)
    for path, parsed in source.templates.items():
        if isinstance(parsed, TemplateSyntaxError):
            continue
        tree = source.environment.parse(source.texts[path])
        known = {"siblings": siblings} | dict.fromkeys(_environments(tree, path), ENVIRONMENT)
        granted = {id(node) for node in _granted(tree)}
        for node in (*tree.find_all(nodes.Getattr), *tree.find_all(nodes.Getitem)):
            name, shape = _name_of(node), _shape(node.node, known)
            if name is None or shape is None or name in shape or id(node) in granted:
                continue
            if not hasattr(dict, name):
                hint = did_you_mean(name, shape, f"It has: {', '.join(shape)}.")
                yield Spot(path, node.lineno, f"there is no attribute `{name}` there", hint)


def _environments(tree: nodes.Template, path: str) -> Iterator[str]:
    """The names that always are an environment: variables of loops over all of them."""
    yield from (match["name"] for match in _YIELDED.finditer(path))
    loops = [loop for loop in tree.find_all(nodes.For) if isinstance(loop.target, nodes.Name)]
    over = {loop.target.name for loop in loops if _is_all(loop.iter)}  # type: ignore[attr-defined]
    bound = [name.name for name in tree.find_all(nodes.Name) if name.ctx != "load"]
    targets = [loop.target.name for loop in loops if _is_all(loop.iter)]  # type: ignore[attr-defined]
    yield from (name for name in over if bound.count(name) == targets.count(name))


def _is_all(node: nodes.Node) -> bool:
    return isinstance(node, nodes.Name) and node.name == "environments"


def _granted(tree: nodes.Template) -> Iterator[nodes.Node]:
    for test in tree.find_all(nodes.Test):
        if test.name in ("defined", "undefined"):
            yield test.node
    for used in tree.find_all(nodes.Filter):
        if used.name in ("default", "d") and used.node is not None:
            yield used.node


def _name_of(node: nodes.Node) -> str | None:
    if isinstance(node, nodes.Getattr):
        return node.attr
    if isinstance(node, nodes.Getitem) and isinstance(node.arg, nodes.Const):
        return node.arg.value if isinstance(node.arg.value, str) else None
    return None


def _shape(node: nodes.Node, known: Mapping[str, Shape]) -> Shape | None:
    """What the value of an expression has; None where that is not known."""
    if isinstance(node, nodes.Name):
        return known.get(node.name)
    name = _name_of(node)
    if name is None or not isinstance(node, nodes.Getattr | nodes.Getitem):
        return None
    return (_shape(node.node, known) or {}).get(name)


RULES = (
    Rule("BP205", "Attribute that is not there", "Mend the name.", wrong_attribute),
)  # fmt: skip

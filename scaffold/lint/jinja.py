"""The names, includes and expressions of a template, read from its syntax tree."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from jinja2 import TemplateSyntaxError, nodes
from jinja2.meta import find_undeclared_variables

from scaffold.render.environment import is_text
from scaffold.render.limits import OverLimitError, within_limits

# Variables that jinja itself defines in some scopes.
_JINJAS_OWN = frozenset({"caller", "kwargs", "loop", "self", "super", "varargs"})


@dataclass(frozen=True)
class Reference:
    """A template that another one includes or imports; `target` is None if it is computed."""

    target: str | None
    line: int
    sees_context: bool


@dataclass(frozen=True)
class Parsed:
    """A template: the variables that it needs, with lines, and binds, and what it includes.

    `sets` are those of `binds` that are visible after the tag, though perhaps only in one branch.
    `asked` are those that it tests for being defined; `yielded` those that a path is repeated for;
    `taken` the answers that it reads by name from all answers.
    """

    needs: Mapping[str, int]
    binds: frozenset[str]
    sets: frozenset[str]
    asked: frozenset[str]
    yielded: frozenset[str]
    taken: frozenset[str]
    references: tuple[Reference, ...]

    @property
    def granted(self) -> frozenset[str]:
        """Variables that need not be defined outside of the template."""
        return self.asked | self.sets


_NOTHING = Parsed({}, frozenset(), frozenset(), frozenset(), frozenset(), frozenset(), ())


def parse(environment: Any, text: str) -> Parsed | TemplateSyntaxError:
    """Parse a template, or return its error; exceeding the limits of a render is one."""
    try:
        with within_limits():  # jinja evaluates constants to find the variables
            return _parsed(environment, environment.parse(text))
    except TemplateSyntaxError as error:
        return error
    except OverLimitError as error:
        return TemplateSyntaxError(str(error), 1)


def _parsed(environment: Any, tree: nodes.Template) -> Parsed:
    loops = _yielded(tree)
    sets = frozenset(_sets(tree))
    return Parsed(
        needs=_needs(environment, tree, loops),
        binds=sets | {name.name for name in tree.find_all(nodes.Name) if name.ctx != "load"},
        sets=sets,
        asked=frozenset(_asked(tree)),
        yielded=loops,
        taken=frozenset(_taken(tree)),
        references=tuple(_references(tree)),
    )


def parse_string(environment: Any, text: str) -> Parsed | TemplateSyntaxError:
    """Parse a string, which mostly has no template syntax."""
    return _NOTHING if is_text(environment, text) else parse(environment, text)


def expressions(environment: Any, text: str) -> Iterator[tuple[int, nodes.Node]]:
    """Each `{{ ... }}` of a template, with its line."""
    for output in environment.parse(text).find_all(nodes.Output):
        for part in output.nodes:
            if not isinstance(part, nodes.TemplateData):
                yield part.lineno, part


def names_of(node: nodes.Node) -> set[str]:
    """All variables of an expression."""
    names = {name_node.name for name_node in node.find_all(nodes.Name)}
    return names | {node.name} if isinstance(node, nodes.Name) else names


def root_name(node: nodes.Node) -> str | None:
    """The variable that an expression starts from, e.g. `x` of `x.y[0] | trim`."""
    while True:
        inner = getattr(node, "node", None)
        if isinstance(node, nodes.Name):
            return node.name
        if not isinstance(inner, nodes.Node):
            return None
        node = inner


def filters_of(node: nodes.Node) -> Iterator[str]:
    """The filters of an expression, the last one first."""
    while isinstance(node, nodes.Filter):
        yield node.name
        if node.node is None:
            return
        node = node.node


def _needs(environment: Any, tree: nodes.Template, loops: frozenset[str]) -> dict[str, int]:
    wanted = find_undeclared_variables(tree) - environment.globals.keys() - loops - _JINJAS_OWN
    lines: dict[str, int] = {}
    for name in tree.find_all(nodes.Name):
        if name.ctx == "load" and name.name in wanted:
            lines[name.name] = min(name.lineno, lines.get(name.name, name.lineno))
    return lines


def _sets(tree: nodes.Template) -> Iterator[str]:
    for kind in (nodes.Assign, nodes.AssignBlock):
        for statement in tree.find_all(kind):
            target: Any = statement
            yield from (name.name for name in target.target.find_all(nodes.Name))
            if isinstance(target.target, nodes.Name):
                yield target.target.name
    for macro in tree.find_all(nodes.Macro):
        yield macro.name
    for module in tree.find_all(nodes.Import):
        yield module.target
    for names in tree.find_all(nodes.FromImport):
        for imported in names.names:
            yield imported if isinstance(imported, str) else imported[1]


def _asked(tree: nodes.Template) -> Iterator[str]:
    """Variables that are tested with `is defined` or have a `default`: they may be undefined."""
    for test in tree.find_all(nodes.Test):
        if test.name in ("defined", "undefined") and isinstance(test.node, nodes.Name):
            yield test.node.name
    for filter_node in tree.find_all(nodes.Filter):
        if filter_node.name in ("default", "d") and isinstance(filter_node.node, nodes.Name):
            yield filter_node.node.name


def _yielded(tree: nodes.Template) -> frozenset[str]:
    """The names of copier's `yield` tags."""
    names = set()
    for block in tree.find_all(nodes.CallBlock):
        method = block.call.node
        if isinstance(method, nodes.ExtensionAttribute) and method.name == "_yield_support":
            name = block.call.args[0]
            if isinstance(name, nodes.Const):
                names.add(str(name.value))
    return frozenset(names)


def _taken(tree: nodes.Template) -> Iterator[str]:
    """Names of answers: `x` of `_copier_answers.x` and of `_copier_answers["x"]`."""
    for attribute in tree.find_all(nodes.Getattr):
        if root_name(attribute) == "_copier_answers":
            yield attribute.attr
    for item in tree.find_all(nodes.Getitem):
        if root_name(item) == "_copier_answers" and isinstance(item.arg, nodes.Const):
            yield str(item.arg.value)


def _references(tree: nodes.Template) -> Iterator[Reference]:
    """Included and imported templates; an import sees no variables without `with context`."""
    for kind in (nodes.Include, nodes.Extends, nodes.Import, nodes.FromImport):
        for statement in tree.find_all(kind):
            place: Any = statement
            for target in _targets(place.template):
                yield Reference(
                    target, statement.lineno, bool(getattr(statement, "with_context", True))
                )


def _targets(node: nodes.Expr) -> Iterator[str | None]:
    if isinstance(node, (nodes.List, nodes.Tuple)):
        for item in node.items:
            yield from _targets(item)
    elif isinstance(node, nodes.Const):
        yield str(node.value)
    else:
        yield _joined(node)


def _joined(node: nodes.Expr) -> str | None:
    """The path that a call of copier's `pathjoin` results in, if its arguments are strings."""
    if not (isinstance(node, nodes.Call) and isinstance(node.node, nodes.Name)):
        return None
    parts = [part.value for part in node.args if isinstance(part, nodes.Const)]
    whole = len(parts) == len(node.args) and not node.kwargs
    return "/".join(parts) if node.node.name == "pathjoin" and whole else None

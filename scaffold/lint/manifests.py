"""Rendered Kubernetes manifests: their objects, and the images of containers."""

import re
from collections.abc import Iterator
from functools import lru_cache

import yaml

from scaffold.config.platform_kinds import PLATFORM_KINDS
from scaffold.config.yaml_reader import compose_documents
from scaffold.errors import ConfigError
from scaffold.lint.ci import Value, text_at
from scaffold.lint.source import Run
from scaffold.lint.trace import RenderedFile

_ENDINGS = (".yaml", ".yml", ".json")
_CONTAINERS = frozenset({"containers", "initContainers", "ephemeralContainers"})
# A quick test, as most files have none of these and need not be parsed.
_WORDS = ("containers", "initContainers", "images", *PLATFORM_KINDS)
_WORTH_READING = re.compile(rf"\b(?:{'|'.join(_WORDS)})\b")


def objects(run: Run) -> Iterator[tuple[RenderedFile, yaml.MappingNode]]:
    """Each Kubernetes object of a render, with Lists split up."""
    for file in run.files:
        if file.path.endswith(_ENDINGS) and file.text and _WORTH_READING.search(file.text):
            for node in _documents(file.text):
                yield from ((file, object_node) for object_node in _flat(node))


def container_images(run: Run) -> Iterator[tuple[RenderedFile, Value]]:
    """The image of each container, at any depth of an object."""
    for file, node in objects(run):
        for container in _containers(node):
            image = text_at(container, "image")
            if image is not None:
                yield file, Value(image, _line_of(container, "image"))


def replaced_images(run: Run) -> Iterator[str]:
    """The images that a kustomization gives a tag or a digest."""
    for _, node in objects(run):
        for name, value in _items(node):
            if name == "images" and isinstance(value, yaml.SequenceNode):
                for item in value.value:
                    image = text_at(item, "name")
                    if image and (text_at(item, "newTag") or text_at(item, "digest")):
                        yield image


@lru_cache(maxsize=512)
def _documents(text: str) -> tuple[yaml.Node, ...]:
    try:
        return tuple(compose_documents(text, source=""))
    except ConfigError:
        return ()


def _flat(node: yaml.Node) -> Iterator[yaml.MappingNode]:
    if not isinstance(node, yaml.MappingNode) or text_at(node, "kind") is None:
        return
    items = next((value for name, value in _items(node) if name == "items"), None)
    if isinstance(items, yaml.SequenceNode):
        for item in items.value:
            yield from _flat(item)
    else:
        yield node


def _containers(node: yaml.Node) -> Iterator[yaml.Node]:
    if isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from _containers(item)
    for name, value in _items(node):
        if name in _CONTAINERS and isinstance(value, yaml.SequenceNode):
            yield from value.value
        else:
            yield from _containers(value)


def _items(node: yaml.Node) -> list[tuple[str, yaml.Node]]:
    if not isinstance(node, yaml.MappingNode):
        return []
    return [(str(key.value), value) for key, value in node.value]


def _line_of(node: yaml.Node, key: str) -> int:
    value_node = next(value for name, value in _items(node) if name == key)
    line: int = value_node.start_mark.line + 1
    return line

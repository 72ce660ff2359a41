"""Rendered CI configuration: its jobs, their shell, the images and actions that it uses.

For GitLab, and for GitHub and those that read its format (Gitea and Forgejo).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache

import yaml

from scaffold.config.yaml_reader import compose_documents
from scaffold.errors import ConfigError
from scaffold.lint.source import Source
from scaffold.lint.trace import RenderedFile

_GITLAB = re.compile(r"(.+/)?[^/]*\.gitlab-ci\.ya?ml|\.gitlab/.+\.ya?ml")
_WORKFLOW = re.compile(r"\.(github|gitea|forgejo)/workflows/[^/]+\.ya?ml")
_ACTION = re.compile(r"(\.(github|gitea|forgejo)/actions/.+/)?action\.ya?ml")
_GITLAB_NO_JOBS = frozenset({"include", "spec", "stages", "variables", "workflow"})
_REFERENCE = "!reference"  # a reference to another job's script, which is checked there
_SCRIPTS = ("before_script", "script", "after_script")


@dataclass(frozen=True)
class Value:
    """A string in a rendered file, and its line, from 1."""

    text: str
    line: int


@dataclass(frozen=True)
class Job:
    """One job: its name, and the lines of shell that it runs, without comments."""

    name: str
    shell: tuple[Value, ...]


@dataclass(frozen=True)
class Pipeline:
    """One file of CI configuration."""

    file: RenderedFile

    @property
    def is_gitlab(self) -> bool:
        """Whether it is GitLab's."""
        return _GITLAB.fullmatch(self.file.path) is not None

    @cached_property
    def root(self) -> yaml.Node | None:
        """The file's content."""
        return compose(self.file.text or "")

    @cached_property
    def jobs(self) -> tuple[Job, ...]:
        """All jobs that run shell; GitLab's `default` counts as one."""
        make = _gitlab_jobs if self.is_gitlab else _github_jobs
        return tuple(job for job in make(self.root) if job.shell)

    def images(self) -> Iterator[Value]:
        """The images that jobs and their services run in."""
        yield from (_gitlab_images if self.is_gitlab else _github_images)(self.root)

    def actions(self) -> Iterator[Value]:
        """The actions that GitHub's `uses` names."""
        if not self.is_gitlab:
            yield from (_value(node) for node in _all(self.root, "uses"))

    def includes(self) -> Iterator[yaml.MappingNode]:
        """The files of other projects that GitLab's pipeline includes."""
        given = _get(self.root, "include") if self.is_gitlab else None
        for item in given.value if isinstance(given, yaml.SequenceNode) else [given]:
            if isinstance(item, yaml.MappingNode):
                yield item


def is_ci(file: RenderedFile) -> bool:
    """Whether a rendered file is CI configuration."""
    return any(pattern.fullmatch(file.path) for pattern in (_GITLAB, _WORKFLOW, _ACTION))


def pipelines(source: Source) -> Iterator[Pipeline]:
    """All rendered CI configuration."""
    for run in source.runs:
        for file in run.files:
            if is_ci(file):
                yield Pipeline(file)


@lru_cache(maxsize=512)
def compose(text: str) -> yaml.Node | None:
    """The nodes of a YAML document, or None where it is not YAML."""
    try:
        documents = compose_documents(text, source="")
    except ConfigError:
        return None
    return documents[0] if len(documents) == 1 else None


def _gitlab_jobs(root: yaml.Node | None) -> Iterator[Job]:
    for name, job in _items(root):
        if name not in _GITLAB_NO_JOBS and isinstance(job, yaml.MappingNode):
            lines = [line for key in _SCRIPTS for line in _shell(_get(job, key))]
            yield Job(name, tuple(lines))
    for key in _SCRIPTS:
        yield Job(key, tuple(_shell(_get(root, key))))


def _github_jobs(root: yaml.Node | None) -> Iterator[Job]:
    jobs = [*_items(_get(root, "jobs")), ("the action", _get(root, "runs"))]
    for name, job in jobs:
        steps = _get(job, "steps")
        lines = [
            line
            for step in (steps.value if isinstance(steps, yaml.SequenceNode) else [])
            for line in _shell(_get(step, "run"))
        ]
        yield Job(name, tuple(lines))


def _gitlab_images(root: yaml.Node | None) -> Iterator[Value]:
    places = [root, *(job for name, job in _items(root) if name not in _GITLAB_NO_JOBS)]
    for place in places:
        services = _get(place, "services")
        listed = services.value if isinstance(services, yaml.SequenceNode) else []
        for image in (_get(place, "image"), *listed):
            name = _get(image, "name") if isinstance(image, yaml.MappingNode) else image
            if isinstance(name, yaml.ScalarNode):
                yield _value(name)


def _github_images(root: yaml.Node | None) -> Iterator[Value]:
    for _, job in _items(_get(root, "jobs")):
        services = [service for _, service in _items(_get(job, "services"))]
        for image in (_get(job, "container"), *services):
            name = _get(image, "image") if isinstance(image, yaml.MappingNode) else image
            if isinstance(name, yaml.ScalarNode):
                yield _value(name)


def _shell(node: yaml.Node | None) -> Iterator[Value]:
    """The commands of a script: its lines, with continued lines joined."""
    if isinstance(node, yaml.SequenceNode) and node.tag != _REFERENCE:
        for item in node.value:
            yield from _shell(item)
    elif isinstance(node, yaml.ScalarNode):
        first = node.start_mark.line + (2 if node.style in ("|", ">") else 1)
        before, start = "", 0
        for number, line in enumerate(node.value.split("\n")):
            start = start if before else number
            if line.endswith("\\"):
                before += line.removesuffix("\\")
                continue
            command = (before + line).strip()
            before = ""
            if command and not command.startswith("#"):
                yield Value(command, first + (start if node.style == "|" else 0))


def _all(node: yaml.Node | None, wanted: str) -> Iterator[yaml.ScalarNode]:
    """Every string under that key, at any depth."""
    if isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from _all(item, wanted)
    for key, value in _items(node):
        if key == wanted and isinstance(value, yaml.ScalarNode):
            yield value
        yield from _all(value, wanted)


def _items(node: yaml.Node | None) -> list[tuple[str, yaml.Node]]:
    if not isinstance(node, yaml.MappingNode):
        return []
    return [(str(key.value), value) for key, value in node.value]


def _get(node: yaml.Node | None, key: str) -> yaml.Node | None:
    return next((value for name, value in _items(node) if name == key), None)


def _value(node: yaml.ScalarNode) -> Value:
    return Value(node.value, node.start_mark.line + 1)


def text_at(node: yaml.Node | None, key: str) -> str | None:
    """A string of a mapping, or None."""
    value_node = _get(node, key)
    return value_node.value if isinstance(value_node, yaml.ScalarNode) else None

"""Rules about images, actions and included pipelines that may change by themselves."""

import re
from collections.abc import Iterator

import yaml

from scaffold.config.places import IMAGE_PLACEHOLDER
from scaffold.lint.ci import Value, pipelines, text_at
from scaffold.lint.dockerfile import dockerfiles
from scaffold.lint.manifests import container_images, replaced_images
from scaffold.lint.rule import Rule, Spot
from scaffold.lint.source import Source
from scaffold.lint.trace import RenderedFile

# Tags that are moved regularly: they name a channel, not a version.
_CHANNELS = frozenset(
    {
        "canary", "current", "dev", "develop", "devel", "edge", "head", "latest", "lts", "main",
        "master", "nightly", "rolling", "stable", "testing", "unstable",
    }
)  # fmt: skip
_COMMIT = re.compile(r"[0-9a-f]{40}([0-9a-f]{24})?")
_FULL_VERSION = re.compile(r"v?[0-9]+\.[0-9]+\.[0-9]+([-+.].+)?")
_DOCKER = "docker://"


def unpinned_image(source: Source) -> Iterator[Spot]:
    """An image without a tag, or with the tag of a channel (`latest`, `stable`, ...), changes.

    Then a build or a deploy fails, or does another thing, though nobody changed the repo. Looked
    at are the images of CI jobs and their services, of Dockerfiles, and of the containers in
    manifests. An image that a kustomization gives a tag is pinned, and so is `app`, the name that
    a manifest repo's pin replaces. What is a variable (`$CI_IMAGE`) is not looked at.
    """
    for file, image in _images(source):
        if problem := _problem_with(image.text):
            yield Spot(*file.origin(image.line), f"the image `{image.text}` {problem}")


def _images(source: Source) -> Iterator[tuple[RenderedFile, Value]]:
    for pipeline in pipelines(source):
        for image in pipeline.images():
            yield pipeline.file, image
        for action in pipeline.actions():
            if action.text.startswith(_DOCKER):
                yield pipeline.file, Value(action.text.removeprefix(_DOCKER), action.line)
    for dockerfile in dockerfiles(source):
        for image in dockerfile.images():
            yield dockerfile.file, image
    yield from _images_of_containers(source)


def _images_of_containers(source: Source) -> Iterator[tuple[RenderedFile, Value]]:
    """The container images that no kustomization of the blueprint gives a tag."""
    replaced = {IMAGE_PLACEHOLDER}
    for run in source.runs:
        replaced.update(replaced_images(run))
    for run in source.runs:
        for file, image in container_images(run):
            if image.text not in replaced:
                yield file, image


def _problem_with(image: str) -> str | None:
    """The problem with an image's tag, or None."""
    if "$" in image or "@" in image:
        return None
    _, colon, tag = image.rpartition("/")[2].partition(":")
    if not colon:
        return "has no tag"
    return f"has the tag `{tag}`, which moves" if tag.lower() in _CHANNELS else None


def unpinned_action(source: Source) -> Iterator[Spot]:
    """An action at a branch or at a major version (`@v4`) is whatever its owner pushes next.

    It runs with the job's token. A commit can't be moved; a full version (`v4.2.2`) is the least.
    Actions of the same repo (`./...`) need none.
    """
    for pipeline in pipelines(source):
        for action in pipeline.actions():
            name, at, ref = action.text.partition("@")
            if name.startswith(("./", "../", _DOCKER)) or "${{" in ref:
                continue
            if not at:
                yield Spot(
                    *pipeline.file.origin(action.line), f"the action `{name}` has no version"
                )
            elif not (_COMMIT.fullmatch(ref) or _FULL_VERSION.fullmatch(ref)):
                message = f"the action `{name}` is at `{ref}`, which moves"
                yield Spot(*pipeline.file.origin(action.line), message)


def unpinned_include(source: Source) -> Iterator[Spot]:
    """A pipeline that GitLab includes from another project, at no version, changes by itself.

    A project needs a `ref:` that is a tag or a commit, a component a version. Templates that come
    with GitLab, and files of the same repo, need none.
    """
    for pipeline in pipelines(source):
        for include in pipeline.includes():
            if message := _problem_with_include(include):
                yield Spot(*pipeline.file.origin(include.start_mark.line + 1), message)


def _problem_with_include(include: yaml.MappingNode) -> str | None:
    if project := text_at(include, "project"):
        ref = text_at(include, "ref")
        if ref is None:
            return f"the project `{project}` is included without a `ref`"
        return f"`{project}` is included at `{ref}`, which moves" if _moves(ref) else None
    if component := text_at(include, "component"):
        version = component.rpartition("@")[2]
        return f"the component `{component}` moves" if _moves(version) else None
    return None


def _moves(ref: str) -> bool:
    return ref.lower().removeprefix("~") in _CHANNELS


RULES = (
    Rule(
        "BP401", "Unpinned image", "Give it the tag of a version, or a digest.", unpinned_image
    ),
    Rule(
        "BP402", "Unpinned action", "Give its commit, with the version in a comment.",
        unpinned_action,
    ),
    Rule(
        "BP403", "Unpinned include", "Give a tag or a commit.", unpinned_include,
    ),
)  # fmt: skip

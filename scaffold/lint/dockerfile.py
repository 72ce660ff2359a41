"""Rendered Dockerfiles: their base images, and their shell."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from scaffold.lint.ci import Value
from scaffold.lint.source import Source
from scaffold.lint.trace import RenderedFile

_NAME = re.compile(r"(.+/)?((Docker|Container)file(\..+)?|[^/]+\.[Dd]ockerfile)")
_FLAGS = re.compile(r"^(--\S+\s+)+")
_STAGE = re.compile(r"(?P<image>\S+)(\s+AS\s+(?P<name>\S+))?\s*", re.IGNORECASE)
_FROM_FLAG = re.compile(r"--from=(\S+)")
_VARIABLE = re.compile(r"\$(?:\{(?P<braced>\w+)(?::-(?P<default>[^}]*))?\}|(?P<plain>\w+))")


@dataclass(frozen=True)
class Instruction:
    """One instruction, with its continued lines joined."""

    word: str
    rest: str
    line: int


@dataclass(frozen=True)
class Dockerfile:
    """One Dockerfile."""

    file: RenderedFile

    @cached_property
    def instructions(self) -> tuple[Instruction, ...]:
        """All instructions, in their order."""
        return tuple(_instructions(self.file.text or ""))

    def shell(self) -> Iterator[Value]:
        """The commands of `RUN`."""
        for instruction in self.instructions:
            if instruction.word == "RUN":
                yield Value(_FLAGS.sub("", instruction.rest), instruction.line)

    def images(self) -> Iterator[Value]:
        """The images from outside that it uses, with the defaults of arguments filled in.

        An image whose argument has no default depends on the caller, and is left out.
        """
        defaults: dict[str, str] = {}
        stages = {"scratch"}
        for number, instruction in enumerate(self.instructions):
            if instruction.word == "ARG" and not any(
                i.word == "FROM" for i in self.instructions[:number]
            ):
                name, given, default = instruction.rest.partition("=")
                if given:
                    defaults[name] = default.strip("\"'")
            for name in _images_of(instruction):
                image = _filled_in(name, defaults)
                if "$" not in image and image.lower() not in stages and not image.isdigit():
                    yield Value(image, instruction.line)
            if instruction.word == "FROM" and (stage := _stage(instruction)) and stage["name"]:
                stages.add(stage["name"].lower())


def dockerfiles(source: Source) -> Iterator[Dockerfile]:
    """All Dockerfiles that are rendered."""
    for run in source.runs:
        for file in run.files:
            if _NAME.fullmatch(file.path) and file.text:
                yield Dockerfile(file)


def _instructions(text: str) -> Iterator[Instruction]:
    before, start = "", 0
    for number, line in enumerate(text.split("\n"), 1):
        if line.lstrip().startswith("#") or (before and not line.strip()):
            continue
        start = start if before else number
        if line.rstrip().endswith("\\"):
            before += line.rstrip().removesuffix("\\") + " "
            continue
        word, _, rest = (before + line).strip().partition(" ")
        before = ""
        if word:
            yield Instruction(word.upper(), rest.strip(), start)


def _stage(instruction: Instruction) -> re.Match[str] | None:
    return _STAGE.fullmatch(_FLAGS.sub("", instruction.rest))


def _images_of(instruction: Instruction) -> Iterator[str]:
    if instruction.word == "FROM" and (stage := _stage(instruction)):
        yield stage["image"]
    if instruction.word in ("COPY", "ADD") and (flag := _FROM_FLAG.search(instruction.rest)):
        yield flag[1]


def _filled_in(name: str, defaults: dict[str, str]) -> str:
    def value(match: re.Match[str]) -> str:
        known = defaults.get(match["braced"] or match["plain"], match["default"])
        return match[0] if known is None else known

    return _VARIABLE.sub(value, name)

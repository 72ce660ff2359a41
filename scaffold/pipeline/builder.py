"""The outside program that builds images: buildah, docker or podman."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from scaffold.errors import ProcessFailedError, ToolMissingError, UsageError
from scaffold.git.scratch import scratch_folder
from scaffold.process import find_program, run, stream
from scaffold.programs import IMAGES, environment

BUILDERS = ("buildah", "docker", "podman")  # the first one needs no daemon
# Names the builder to use where there are several, by name.
CHOICE = "SCAFFOLD_BUILDER"

# The settings that name an index or a proxy of one's own: for the build, not for the image.
_SECRETS = {"PIP_CONFIG_FILE": "pip.conf", "GOENV": "go.env"}


@dataclass(frozen=True)
class Builder:
    """One of the builders; they share a command line, except for where the digest is told.

    `login` are variables that lead to the registry's log-in.
    """

    name: str
    program: str
    login: Mapping[str, str] = field(default_factory=dict)

    def build(
        self,
        dockerfile: Path,
        context: Path,
        reference: str,
        *,
        arguments: Mapping[str, str],
        labels: Mapping[str, str],
    ) -> None:
        """Build `reference` from a folder; the builder's words go straight to the CI log."""
        options = [f"--build-arg={name}={value}" for name, value in arguments.items()]
        options += [f"--label={name}={value}" for name, value in labels.items()]
        for variable, secret in _SECRETS.items():
            if file := os.environ.get(variable):
                options.append(f"--secret=id={secret},src={file}")
        self._stream(
            "build", f"--file={dockerfile}", f"--tag={reference}", *options, ".", cwd=context
        )

    def push(self, reference: str) -> str | None:
        """Push an image and return the digest that the registry has it under."""
        if self.name == "docker":
            self._stream("push", "--", reference, cwd=Path.cwd())
            return self._docker_digest(reference)
        with scratch_folder() as scratch:
            file = scratch / "digest"
            self._stream("push", f"--digestfile={file}", "--", reference, cwd=Path.cwd())
            return file.read_text(encoding="utf-8").strip() or None

    def _docker_digest(self, reference: str) -> str | None:
        repository = reference.rpartition(":")[0]
        template = '{{join .RepoDigests "\\n"}}'
        command = [self.program, "image", "inspect", f"--format={template}", "--", reference]
        for line in run(command, env=environment(IMAGES, self.login)).text.split():
            name, _, digest = line.partition("@")
            if name == repository:
                return digest
        return None

    def _stream(self, verb: str, *arguments: str, cwd: Path) -> None:
        command = [self.program, verb, *arguments]
        if status := stream(command, cwd=cwd, env=environment(IMAGES, self.login)):
            raise ProcessFailedError(
                f"`{self.name} {verb}` ended with status {status}",
                hint="What failed is in the log above."
                if verb == "build"
                else "What failed is in the log above; the log-in is REGISTRY_USERNAME and "
                "REGISTRY_PASSWORD, or a file of the builder's own.",
            )


def find_builder(login: Mapping[str, str]) -> Builder:
    """The builder that SCAFFOLD_BUILDER names, else the first that is installed.

    `login` are variables that lead to the registry's log-in.
    """
    choice = os.environ.get(CHOICE, "")
    if choice and choice not in BUILDERS:
        raise UsageError(
            f"{CHOICE} is `{choice}`", hint=f"It can be one of: {', '.join(BUILDERS)}."
        )
    for name in (choice,) if choice else BUILDERS:
        if program := find_program(name):
            return Builder(name, program, login)
    raise ToolMissingError(
        f"no program to build images with: {choice or ', '.join(BUILDERS)}",
        hint="Install buildah, which needs no daemon; the CI image has it.",
    )

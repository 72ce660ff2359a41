"""The platform that a blueprint is tested on: that of `scaffold init`, with no service yet."""

from pathlib import Path

from scaffold.config.ci_values import CiSettings
from scaffold.config.documents import parse_document
from scaffold.config.platform import PLATFORM_FILE, PLATFORM_REPO, Platform
from scaffold.fleet.platform import PlatformRepo
from scaffold.forge.local.adapter import LocalFolderForge
from scaffold.render.source import BlueprintVersion
from scaffold.service.start import PlatformStart, platform_tree

_CI_IMAGE = "registry.example.com/acme/scaffold-ci:1.0.0"


class _Forge(LocalFolderForge):
    """A forge whose URLs are the same on every machine, since repos record them."""

    def url(self, repo: str) -> str:
        """See Forge."""
        return f"https://git.example.com/acme/{repo}.git"


def stand_in_platform(scratch: Path, blueprint: BlueprintVersion) -> PlatformRepo:
    """A platform whose only blueprint is this one; nothing of it is made but an empty repo."""
    root = scratch / "forge"
    start = PlatformStart("acme", "registry.example.com/acme")
    settings = {"kind": "local", "path": str(root)}
    tree = platform_tree(start, settings, {blueprint.model.name: blueprint.url})
    model = parse_document(Platform, tree[PLATFORM_FILE].data, source=PLATFORM_FILE)
    # Not that of this version of scaffold: snapshots of what is rendered would not outlive it.
    model = model.model_copy(update={"ci": CiSettings(image=_CI_IMAGE)})
    forge = _Forge(str(root))
    forge.create(PLATFORM_REPO, description="")
    return PlatformRepo(scratch, forge.url(PLATFORM_REPO), "", model, {}, forge)

"""The adapter of the made-up forge: the class that would be in scaffold/forge/codeyard/."""

from scaffold.forge.api import Forge
from scaffold.forge.credentials import log_in
from scaffold.forge.local.adapter import LocalFolderForge
from tests.forge.made_up.kind import CodeyardForge


class Codeyard:
    """It logs in as to a server, and has its repos in a folder, as the local forge has."""

    @classmethod
    def open(cls, settings: CodeyardForge) -> Forge:
        """What the registry calls."""
        log_in(settings)
        return LocalFolderForge(settings.disk)

"""Opens the forge that platform.yml names."""

from importlib import import_module

from scaffold.config.forge import ForgeSettings, kind_of
from scaffold.forge.api import Forge


def open_forge(settings: ForgeSettings) -> Forge:
    """The forge that platform.yml names; git reaches its repos with the same token from now on.

    Only its own adapter is loaded. Raises ForgeError where there is no token for a server.
    """
    module, _, name = kind_of(settings.kind).adapter.partition(":")
    forge: Forge = getattr(import_module(module), name).open(settings)
    return forge

"""Opens the forge that platform.yml names."""

from scaffold.config.forge import ForgeSettings, GiteaForge, GithubForge, GitlabForge, LocalForge
from scaffold.forge.api import Forge


def open_forge(settings: ForgeSettings) -> Forge:
    """The forge that platform.yml names; git reaches its repos with the same token from now on.

    Raises ForgeError where there is no token for a server.
    """
    if isinstance(settings, LocalForge):
        from scaffold.forge.local.adapter import LocalFolderForge

        return LocalFolderForge(settings.path)
    return _open_server(settings)


def _open_server(settings: GitlabForge | GithubForge | GiteaForge) -> Forge:
    from scaffold.forge.credentials import find_credentials, give_to_git

    credentials = find_credentials(settings)
    give_to_git(settings, credentials)
    if isinstance(settings, GiteaForge):
        from scaffold.forge.gitea.adapter import GiteaOrganisationForge

        return GiteaOrganisationForge(settings, credentials)
    if isinstance(settings, GitlabForge):
        from scaffold.forge.gitlab.adapter import GitlabGroupForge

        return GitlabGroupForge(settings, credentials)
    from scaffold.forge.github.adapter import GithubOrganisationForge

    return GithubOrganisationForge(settings, credentials)

"""Gitea and Forgejo."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any, ClassVar, Literal
from urllib.parse import urlsplit

from pydantic import Field, field_validator

from scaffold.config.forges.kind import (
    Ci,
    ForgeKind,
    Job,
    Login,
    StatusApi,
    Webhook,
    hmac_sha256,
    mapping,
)
from scaffold.config.forges.server import (
    ForgeWithRequiredStatuses,
    InstanceUrl,
    OneGroup,
    Visibility,
)


class GiteaForge(ForgeWithRequiredStatuses):
    """An organisation of a Gitea or Forgejo instance."""

    visibilities: ClassVar[tuple[Visibility, ...]] = (Visibility.PRIVATE, Visibility.PUBLIC)

    kind: Literal["gitea"] = Field(description="Which kind of forge.")
    url: InstanceUrl = Field(description="The instance.")
    group: OneGroup = Field(description="The organisation.")

    @field_validator("visibility")
    @classmethod
    def _known(cls, visibility: Visibility) -> Visibility:
        if visibility not in cls.visibilities:
            raise ValueError(
                "Gitea has no internal repos; what is `public` in a limited organisation is that"
            )
        return visibility


def _tokens(config: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    logins = config.get("logins")
    for entry in logins if isinstance(logins, list) else []:
        login = mapping(entry)
        with suppress(ValueError):  # brackets that hold no address
            yield urlsplit(str(login.get("url", ""))).netloc, login.get("token")


GITEA = ForgeKind(
    "gitea",
    GiteaForge,
    "scaffold.forge.gitea.adapter:GiteaOrganisationForge",
    login=Login(
        variables=("GITEA_TOKEN",),
        command="tea login add",
        file="tea/config.yml",
        tokens=_tokens,
    ),
    # https://docs.gitea.com/usage/webhooks
    webhook=Webhook(
        header="x-gitea-signature",
        signature=hmac_sha256,
        repo="repository",
        urls=("clone_url", "ssh_url", "html_url"),
    ),
    # https://docs.gitea.com/api/ (repoCreateStatus)
    statuses=StatusApi(
        flux="gitea",
        path="/api/v1",
        header=("Authorization", "token {token}"),
        statuses="repos/{repo}/statuses",
    ),
    ci=Ci.GITHUB,
    # https://docs.gitea.com/usage/actions/actions-variables: all that GitHub sets, and one more
    job=Job(
        marks=frozenset({"GITHUB_ACTIONS", "GITEA_ACTIONS"}),
        url="GITHUB_SERVER_URL",
        repo="GITHUB_REPOSITORY",
    ),
    commit_page="/commit/{commit}",
    main_page="/src/branch/main/",
    folder=".gitea",
)

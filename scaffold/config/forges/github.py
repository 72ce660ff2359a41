"""GitHub, on github.com or an Enterprise Server."""

from collections.abc import Iterator, Mapping
from typing import Any, Literal

from pydantic import Field

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
from scaffold.config.forges.server import ForgeWithRequiredStatuses, InstanceUrl, OneGroup


class GithubForge(ForgeWithRequiredStatuses):
    """An organisation on GitHub or on a GitHub Enterprise Server."""

    kind: Literal["github"] = Field(description="Which kind of forge.")
    url: InstanceUrl = Field("https://github.com", description="The instance.")
    group: OneGroup = Field(description="The organisation.")


def _tokens(config: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for host, login in config.items():
        yield str(host), mapping(login).get("oauth_token")


GITHUB = ForgeKind(
    "github",
    GithubForge,
    "scaffold.forge.github.adapter:GithubOrganisationForge",
    login=Login(
        variables=("GH_TOKEN", "GITHUB_TOKEN"),
        command="gh auth login",
        file="gh/hosts.yml",
        folder_variable="GH_CONFIG_DIR",
        tokens=_tokens,
    ),
    # https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries
    webhook=Webhook(
        header="x-hub-signature-256",
        signature=lambda body, secret: f"sha256={hmac_sha256(body, secret)}",
        repo="repository",
        urls=("clone_url", "ssh_url", "html_url"),
    ),
    # https://docs.github.com/en/rest/commits/statuses
    statuses=StatusApi(
        flux="github",
        path="/api/v3",
        hosted=("https://github.com", "https://api.github.com"),
        header=("Authorization", "Bearer {token}"),
        statuses="repos/{repo}/statuses",
    ),
    ci=Ci.GITHUB,
    # https://docs.github.com/en/actions/reference/workflows-and-actions/variables
    job=Job(
        marks=frozenset({"GITHUB_ACTIONS"}),
        url="GITHUB_SERVER_URL",
        repo="GITHUB_REPOSITORY",
        id_tokens=True,
    ),
    commit_page="/commit/{commit}",
    main_page="/tree/main/",
    folder=".github",
)

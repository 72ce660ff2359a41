"""What the made-up forge registers: the module that would be in scaffold/config/forges/."""

from collections.abc import Iterator, Mapping
from typing import Any, Literal

from pydantic import Field

from scaffold.config.forges.kind import Ci, ForgeKind, Login, Webhook, hmac_sha256, mapping
from scaffold.config.forges.server import InstanceUrl, OneGroup, ServerForge


class CodeyardForge(ServerForge):
    """A yard of a Codeyard instance, whose disk is this machine's."""

    kind: Literal["codeyard"] = Field(description="Which kind of forge.")
    url: InstanceUrl = Field("https://codeyard.example.com", description="The instance.")
    group: OneGroup = Field(description="The yard.")
    disk: str = Field(description="Where its repos are.")


def _tokens(config: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for host, login in config.items():
        yield str(host), mapping(login).get("key")


CODEYARD = ForgeKind(
    "codeyard",
    CodeyardForge,
    "tests.forge.made_up.adapter:Codeyard",
    login=Login(
        variables=("CODEYARD_TOKEN",),
        command="yard log-in",
        file="yard/keys.yml",
        folder_variable="YARD_HOME",
        tokens=_tokens,
    ),
    webhook=Webhook(
        header="x-codeyard-signature",
        signature=lambda body, secret: f"v1,{hmac_sha256(body, secret)}",
        repo="place",
        urls=("address",),
    ),
    ci=Ci.GITHUB,
    commit_page="/changes/{commit}",
    folder=".codeyard",
)

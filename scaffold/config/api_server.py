"""The `api_server` of an environment: a cluster that jobs log in to by a token of the forge's."""

import re
from typing import Annotated, Any, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, model_validator

from scaffold.config.documents import Document

_PEM = re.compile(
    r"\s*(-----BEGIN CERTIFICATE-----\s[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----\s*)+"
)


def _https(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme != "https" or not parts.hostname or parts.port == 0:
        raise ValueError("must be a URL, as in https://cluster.example.com:6443")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise ValueError("must be the bare address: no user, password, query or fragment")
    return url.rstrip("/")


def _certificates(text: str) -> str:
    if text and not _PEM.fullmatch(text):
        raise ValueError("must be certificates in PEM: -----BEGIN CERTIFICATE----- and so on")
    return text


class ApiServer(Document):
    """A Kubernetes API server that trusts the forge, so that jobs need no kubeconfig."""

    url: Annotated[str, AfterValidator(_https)] = Field(
        description="Its address, as in a kubeconfig."
    )
    ca: Annotated[str, AfterValidator(_certificates)] = Field(
        "", description="The certificates of its CA, in PEM; empty: the system's."
    )
    audience: str = Field(
        "", description="The audience for which it takes tokens; empty: its address."
    )

    @model_validator(mode="after")
    def _has_an_audience(self) -> Self:
        if not (self.audience.isprintable() and self.audience == self.audience.strip()):
            raise ValueError("`audience` must be a name on one line")
        return self

    @property
    def wanted_audience(self) -> str:
        """The audience that a job asks for."""
        return self.audience or self.url

    @property
    def answer(self) -> dict[str, Any]:
        """It as blueprints see it."""
        certificates = {"ca": self.ca} if self.ca else {}
        return {"url": self.url, **certificates, "audience": self.wanted_audience}

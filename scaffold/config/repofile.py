"""`.scaffold.yml`: settings of a repo for the pipeline steps and `scaffold check`.

A blueprint renders it at the root of each paired repo, so that CI needs neither the blueprint nor
the platform repo.
"""

from enum import StrEnum

from pydantic import Field

from scaffold.config.api_server import ApiServer
from scaffold.config.documents import Document
from scaffold.config.owned import OwnedPaths
from scaffold.config.values import Registry

REPOFILE = ".scaffold.yml"


class CodePlace(StrEnum):
    """The location of the code that a repo's image is built from."""

    PINNED = "pinned"
    HERE = "here"


class Severity(StrEnum):
    """How bad a known vulnerability is, the least first."""

    NEGLIGIBLE = "negligible"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


class Signature(StrEnum):
    """What an image is signed by."""

    NONE = "none"
    KEY = "key"
    KEYLESS = "keyless"


class SupplyChain(Document):
    """What is done with an image once it is pushed, beside being scanned."""

    fails_at: Severity = Field(
        Severity.HIGH,
        description="The least severity of a known vulnerability that fails the step.",
    )
    signature: Signature = Field(
        Signature.NONE,
        description="`key`: the one in the variable COSIGN_PRIVATE_KEY. `keyless`: the identity "
        "that the forge gives the job. A signed image has the list of what is in it attached.",
    )


class DeployTarget(Document):
    """The cluster and namespace of one environment of a service."""

    namespace: str = Field(description="The namespace that the overlay puts everything into.")
    context: str = Field("", description="The kubeconfig context; empty means the current one.")
    api_server: ApiServer | None = Field(
        None, description="A cluster to which jobs log in by a token of the forge's."
    )


class RepoFile(Document):
    """The settings of one paired repo."""

    service: str = Field(description="The service's name.")
    owner: str = Field(description="The team that owns the service.")
    repo: str = Field(description="Which of the paired repos this is, e.g. `manifest`.")
    kubernetes: str = Field(
        pattern=r"^1\.[0-9]{1,3}$",
        description="The Kubernetes version to check against, e.g. 1.34.",
    )
    image: Registry | None = Field(None, description="The image's name, without a tag.")
    code: CodePlace = Field(
        CodePlace.PINNED,
        description="Where the code of the image lies: in the repo that `upstream.yml` pins, or "
        "`here`, in this one.",
    )
    supply_chain: SupplyChain | None = Field(
        None,
        description="The image is scanned for known vulnerabilities, and may be signed; without "
        "this it is pushed and no more.",
    )
    environments: dict[str, DeployTarget] = Field(
        default_factory=dict, description="Where each environment of an env repo is deployed to."
    )
    owned: tuple[OwnedPaths, ...] = Field(
        (),
        description="What the owner has taken for good of what the blueprint renders: "
        "`scaffold drift` does not tell it as drift any more.",
    )

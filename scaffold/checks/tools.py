"""The outside programs of the checks: what each checks, and how to get it. The one table of them.

A check says how to get the program that it lacks, and `scaffold doctor` looks at all of them.
"""

from dataclasses import dataclass

CHECKS_EXTRA = "pip install 'scaffold-blueprints[checks]'"


@dataclass(frozen=True)
class Tool:
    """A program, which the command `get` brings; a Go program has built `releases`, too.

    `version` is what it is asked its version with.
    """

    name: str
    checks: str
    get: str
    version: tuple[str, ...] = ("--version",)
    releases: str = ""

    @property
    def missing(self) -> str:
        """What to say of a check that can't run without it."""
        return f"{self.name} is not installed: {self.get}"

    @property
    def how(self) -> str:
        """All ways to get it."""
        return f"{self.get}, or a built one: {self.releases}" if self.releases else self.get


KUSTOMIZE = Tool(
    "kustomize",
    "that each environment builds, and the bot needs it; kubectl has one, too",
    "go install sigs.k8s.io/kustomize/kustomize/v5@v5.7.1",
    ("version",),
    "https://github.com/kubernetes-sigs/kustomize/releases",
)
KUBECONFORM = Tool(
    "kubeconform",
    "Kubernetes objects against their schemas",
    "go install github.com/yannh/kubeconform/cmd/kubeconform@v0.7.0",
    ("-v",),
    "https://github.com/yannh/kubeconform/releases",
)
HADOLINT = Tool("hadolint", "Dockerfiles", CHECKS_EXTRA)
CHECK_JSONSCHEMA = Tool(
    "check-jsonschema", "GitLab and GitHub pipelines against their schemas", CHECKS_EXTRA
)
ACTIONLINT = Tool(
    "actionlint",
    "GitHub workflows",
    "go install github.com/rhysd/actionlint/cmd/actionlint@v1.7.7",
    ("-version",),
    "https://github.com/rhysd/actionlint/releases",
)
# Its module can't be installed by `go install`: it replaces others.
PROMTOOL = Tool(
    "promtool",
    "alerts against their tests",
    "apt install prometheus, which brings it",
    releases="https://github.com/prometheus/prometheus/releases",
)
SYFT = Tool(
    "syft",
    "what is in an image, where `supply_chain` is on",
    "go install github.com/anchore/syft/cmd/syft@v1.57.1",
    ("version",),
    "https://github.com/anchore/syft/releases",
)
GRYPE = Tool(
    "grype",
    "images for known vulnerabilities, where `supply_chain` is on",
    "go install github.com/anchore/grype/cmd/grype@v0.121.3",
    ("version",),
    "https://github.com/anchore/grype/releases",
)
COSIGN = Tool(
    "cosign",
    "nothing itself: it signs images, where `supply_chain` says so",
    "go install github.com/sigstore/cosign/v3/cmd/cosign@v3.1.3",
    ("version",),
    "https://github.com/sigstore/cosign/releases",
)
# A machine needs these where a repo of an image asks for them.
IMAGE_TOOLS = (SYFT, GRYPE, COSIGN)
TOOLS = (KUSTOMIZE, KUBECONFORM, HADOLINT, CHECK_JSONSCHEMA, ACTIONLINT, PROMTOOL)

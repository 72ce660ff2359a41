"""Which program gets which variable of the caller's environment: the one table.

A program gets what it can't do its work without. docs/explanation/security.md shows the table, as
docs_hooks/programs.py writes it.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass

BASICS = frozenset(
    {
        "HOME", "LANG", "LC_ALL", "LC_CTYPE", "LOGNAME", "PATH", "SYSTEMROOT", "TEMP", "TERM",
        "TMP", "TMPDIR", "TZ", "USER", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_RUNTIME_DIR",
    }
)  # fmt: skip
NETWORK = frozenset(
    {
        "HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY", "SSL_CERT_DIR", "SSL_CERT_FILE", "http_proxy",
        "https_proxy", "no_proxy",
    }
)  # fmt: skip
# Secrets of scaffold's own that no program has any business with.
_OURS = frozenset(
    {
        "COSIGN_PASSWORD", "COSIGN_PRIVATE_KEY", "REGISTRY_PASSWORD", "SCAFFOLD_CI_*",
        "SCAFFOLD_ID_TOKEN", "SCAFFOLD_KUBECONFIG", "SCAFFOLD_SLACK_WEBHOOK*",
        "SCAFFOLD_WEBHOOK_SECRET",
    }
)  # fmt: skip
_FORGE_TOKENS = frozenset(
    {"GH_TOKEN", "GITEA_TOKEN", "GITHUB_TOKEN", "GITLAB_TOKEN", "SCAFFOLD_TOKEN"}
)
# What `git rev-parse --local-env-vars` lists: the repo of a hook that called us is not meant.
_OF_A_REPO = frozenset(
    {
        "GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_COMMON_DIR", "GIT_CONFIG", "GIT_DIR",
        "GIT_GRAFT_FILE", "GIT_IMPLICIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_NAMESPACE",
        "GIT_NO_REPLACE_OBJECTS", "GIT_OBJECT_DIRECTORY", "GIT_PREFIX", "GIT_QUARANTINE_PATH",
        "GIT_REPLACE_REF_BASE", "GIT_SHALLOW_FILE", "GIT_WORK_TREE",
    }
)  # fmt: skip
# They have git print what it sends, which may be a token, among what is read of its output.
_TRACES = frozenset({"GIT_CURL_VERBOSE", "GIT_TRACE*"})


@dataclass(frozen=True)
class Kind:
    """Programs that are started for one purpose, and the variables that they get.

    Of the caller's environment these are the basics, with `network` those of proxies and
    certificates, and the `named` ones; with `everything` all but the `withheld`. scaffold itself
    `sets` some more. A `*` at a name's end stands for any end.
    """

    programs: str
    purpose: str
    network: bool = False
    named: frozenset[str] = frozenset()
    everything: bool = False
    withheld: frozenset[str] = frozenset()
    sets: frozenset[str] = frozenset()

    def takes(self, name: str) -> bool:
        """Whether a variable of the caller's environment is handed on."""
        if self.everything:
            return not _among(name, self.withheld)
        passed = BASICS | self.named | (NETWORK if self.network else frozenset())
        return _among(name, passed)

    def may_have(self, name: str) -> bool:
        """Whether such a program may be started with a variable of this name."""
        return self.takes(name) or _among(name, self.sets)


def _among(name: str, patterns: frozenset[str]) -> bool:
    return name in patterns or any(
        name.startswith(one[:-1]) for one in patterns if one.endswith("*")
    )


GIT = Kind(
    "git",
    "all that it does on this machine, with the repos of a local forge, too",
    named=frozenset(
        {
            "EMAIL", "GIT_AUTHOR_*", "GIT_CEILING_DIRECTORIES", "GIT_COMMITTER_*", "GIT_CONFIG_*",
            "GIT_EXEC_PATH",
        }
    ),
    sets=frozenset(
        {
            "GIT_ALLOW_PROTOCOL", "GIT_ATTR_NOSYSTEM", "GIT_DEFAULT_HASH",
            "GIT_DEFAULT_REF_FORMAT", "GIT_TERMINAL_PROMPT",
        }
    ),
)  # fmt: skip
GIT_REMOTE = Kind(
    "git (clone, credential, fetch, ls-remote, push)",
    "to reach other repos: credential helpers and ssh need variables that nobody can list",
    everything=True,
    withheld=_OURS | _OF_A_REPO | _TRACES,
    sets=GIT.sets
    | {"GIT_CONFIG_*", "GIT_TRACE_PACKET", "SCAFFOLD_GIT_TOKEN_*", "SCAFFOLD_GIT_USERNAME_*"},
)
KUSTOMIZE = Kind(
    "kustomize, kubectl kustomize",
    "to build manifests, from files alone; what it is given keeps it off every network",
    sets=frozenset(
        {"GIT_ALLOW_PROTOCOL", "HTTPS_PROXY", "HTTP_PROXY", "https_proxy", "http_proxy"}
    ),
)
CHECKS = Kind(
    "actionlint, bash, check-jsonschema, hadolint, kubeconform, promtool",
    "static checks, from files alone",
)
TESTS = Kind(
    "make",
    "the tests of a service's repo, which are the service's code",
    network=True,
    # The servers that CI starts for them, with passwords that are good for nothing else.
    named=frozenset({"CI", "TEST_AMQP_URL", "TEST_DATABASE_URL"}),
    sets=frozenset({"CI"}),
)
BLUEPRINT_TESTS = Kind(
    "python -m pytest",
    "the tests of a blueprint, which are its author's code",
    network=True,
    sets=frozenset({"NO_COLOR", "PYTHONDONTWRITEBYTECODE", "PYTHONPATH"}),
)
TASKS = Kind(
    "a template's tasks and migrations",
    "with trust only; they commit as nobody, without your git configuration",
    network=True,
    sets=frozenset(
        {
            "GIT_AUTHOR_*", "GIT_COMMITTER_*", "GIT_CONFIG_GLOBAL", "GIT_CONFIG_NOSYSTEM",
            "COPIER_OPERATION", "GIT_TERMINAL_PROMPT", "OPERATION", "STAGE", "VERSION_*",
        }
    ),
)  # fmt: skip
IMAGES = Kind(
    "buildah, docker, podman, skopeo",
    "to build and push images; these variables say how, and where the registry's log-in lies",
    network=True,
    named=frozenset(
        {
            "BUILDAH_FORMAT", "BUILDAH_ISOLATION", "BUILDKIT_HOST", "BUILDKIT_PROGRESS",
            "CONTAINERS_CONF", "CONTAINERS_REGISTRIES_CONF", "CONTAINERS_STORAGE_CONF",
            "CONTAINER_HOST", "DOCKER_BUILDKIT", "DOCKER_CERT_PATH", "DOCKER_CONFIG",
            "DOCKER_CONTEXT", "DOCKER_HOST", "DOCKER_TLS_VERIFY", "REGISTRY_AUTH_FILE",
            "STORAGE_DRIVER", "STORAGE_OPTS",
        }
    ),
)  # fmt: skip
_OF_REGISTRIES = frozenset({"DOCKER_CONFIG", "REGISTRY_AUTH_FILE"})
SCANNERS = Kind(
    "grype, syft",
    "to list what is in an image, and to look for known vulnerabilities of that",
    network=True,
    named=_OF_REGISTRIES | {"GRYPE_*", "SYFT_*"},
)
SIGNING = Kind(
    "cosign",
    "to sign an image: with a key, or as the pipeline that a job can prove to be",
    network=True,
    named=_OF_REGISTRIES
    | {"ACTIONS_ID_TOKEN_REQUEST_*", "COSIGN_*", "SIGSTORE_*", "TUF_MIRROR", "TUF_ROOT*"},
)
KUBECTL = Kind(
    "kubectl",
    "the cluster: a kubeconfig names programs that log in, by variables that nobody can list",
    everything=True,
    withheld=_OURS | _FORGE_TOKENS,
    sets=frozenset({"KUBECONFIG", "LC_ALL"}),
)
KINDS = (
    GIT,
    GIT_REMOTE,
    KUSTOMIZE,
    CHECKS,
    TESTS,
    BLUEPRINT_TESTS,
    TASKS,
    IMAGES,
    SCANNERS,
    SIGNING,
    KUBECTL,
)


def environment(kind: Kind, given: Mapping[str, str] | None = None) -> dict[str, str]:
    """The whole environment of a program: what it takes of the caller's, and what it is `given`."""
    taken = {name: value for name, value in os.environ.items() if kind.takes(name)}
    return {**taken, **(given or {})}

"""Which program gets which variable: the one table, and what it comes to."""

from pathlib import Path

import pytest

from docs_hooks.programs import programs_table
from scaffold.programs import (
    CHECKS,
    GIT,
    GIT_REMOTE,
    IMAGES,
    KINDS,
    KUBECTL,
    KUSTOMIZE,
    SCANNERS,
    SIGNING,
    TESTS,
    Kind,
    environment,
)

SECURITY = Path(__file__).parents[1] / "docs/explanation/security.md"
TOKENS = ("GH_TOKEN", "GITEA_TOKEN", "GITHUB_TOKEN", "GITLAB_TOKEN", "SCAFFOLD_TOKEN")
OURS = (
    "REGISTRY_PASSWORD", "SCAFFOLD_KUBECONFIG", "SCAFFOLD_SLACK_WEBHOOK",
    "SCAFFOLD_SLACK_WEBHOOK_TEAM_A", "SCAFFOLD_WEBHOOK_SECRET",
)  # fmt: skip


def test_the_docs_have_the_table() -> None:
    """As it is in the code: `docs_hooks.programs.programs_table()` writes it."""
    assert programs_table() in SECURITY.read_text(encoding="utf-8")


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.programs)
def test_no_program_gets_what_only_scaffold_uses(kind: Kind) -> None:
    """The secret of webhooks, and the address of a chat."""
    assert [] == [name for name in OURS if kind.may_have(name)]


@pytest.mark.parametrize("name", [*TOKENS, "AWS_SECRET_ACCESS_KEY", "CI_JOB_TOKEN", "NETRC"])
def test_who_gets_a_secret(name: str) -> None:
    """The git that reaches the forge; kubectl those of the cloud, by which a kubeconfig logs in."""
    expected = [GIT_REMOTE] if name in TOKENS else [GIT_REMOTE, KUBECTL]

    assert expected == [kind for kind in KINDS if kind.takes(name)]


@pytest.mark.parametrize(
    ("kind", "name", "takes"),
    [
        (GIT, "GIT_AUTHOR_NAME", True),
        (GIT, "GIT_CONFIG_GLOBAL", True),
        (GIT, "GIT_DIR", False),
        (GIT, "GIT_SSH_COMMAND", False),
        (GIT, "SSH_AUTH_SOCK", False),
        (GIT_REMOTE, "GIT_SSH_COMMAND", True),
        (GIT_REMOTE, "SSH_AUTH_SOCK", True),
        (GIT_REMOTE, "GIT_WORK_TREE", False),
        (GIT_REMOTE, "GIT_TRACE", False),
        (GIT_REMOTE, "GIT_TRACE_CURL", False),
        (GIT_REMOTE, "GIT_TRACE2_EVENT", False),
        (GIT_REMOTE, "GIT_CURL_VERBOSE", False),
        (KUSTOMIZE, "HTTPS_PROXY", False),
        (KUSTOMIZE, "SSH_AUTH_SOCK", False),
        (CHECKS, "HTTPS_PROXY", False),
        (TESTS, "HTTPS_PROXY", True),
        (TESTS, "CI", True),
        (IMAGES, "REGISTRY_AUTH_FILE", True),
        (KUBECTL, "KUBECONFIG", True),
        (SCANNERS, "GRYPE_DB_UPDATE_URL", True),
        (SIGNING, "COSIGN_PRIVATE_KEY", True),
        (SIGNING, "SIGSTORE_ID_TOKEN", True),
        (SIGNING, "ACTIONS_ID_TOKEN_REQUEST_URL", True),
        (SCANNERS, "COSIGN_PRIVATE_KEY", False),
        (IMAGES, "COSIGN_PRIVATE_KEY", False),
        (KUBECTL, "COSIGN_PRIVATE_KEY", False),
        (GIT_REMOTE, "COSIGN_PASSWORD", False),
    ],
)
def test_some_variables(kind: Kind, name: str, takes: bool) -> None:
    """What each can't do without, and what would have it do something else."""
    assert takes is kind.takes(name)


def test_what_is_given_counts_more(monkeypatch: pytest.MonkeyPatch) -> None:
    """The caller's value of the same variable does not."""
    monkeypatch.setenv("CI", "false")
    monkeypatch.setenv("DEPLOY_TOKEN", "secret")

    found = environment(TESTS, {"CI": "true"})

    assert ("true", None) == (found["CI"], found.get("DEPLOY_TOKEN"))

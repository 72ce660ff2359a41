"""What pipelines need of the forge: those of shipped blueprints, and what people write."""

import re
from pathlib import Path

import pytest
from copier import run_copy

from scaffold.config.forges.kind import Ci
from scaffold.service.ci_needs import Need, needs_of
from scaffold.service.start import PlatformStart, platform_tree

BLUEPRINTS = Path(__file__).parents[2] / "blueprints"
PLACE = {"namespace": "pay", "context": "", "replicas": {"min": 1, "max": 2}}
ENVIRONMENTS = [
    {"name": "dev", **PLACE},
    {"name": "live", **PLACE, "engine": "flux"},
    {"name": "far", **PLACE, "engine": "flux", "smoke": False},
    {"name": "open", **PLACE, "api_server": {"url": "https://c.example.com", "audience": "c"}},
]
REGISTRY = Need("the log-in of the registry", (("REGISTRY_USERNAME", "REGISTRY_PASSWORD"),))
CODE = "reading the repo of the code"
APP = ("SCAFFOLD_APP_CLIENT_ID", "SCAFFOLD_APP_PRIVATE_KEY")
TOKEN = ("SCAFFOLD_TOKEN",)
SIGNING = Need("signing the image", (("COSIGN_PRIVATE_KEY", "COSIGN_PASSWORD"),))
CLUSTERS = [Need("the cluster", (("KUBECONFIG",),), name) for name in ("dev", "live")]
STATUSES = Need("reading statuses", (TOKEN,))
# On GitHub the image that jobs run in is pulled with the same log-in.
EXPECTED = {
    ("code", Ci.GITHUB): [REGISTRY],
    ("docker", Ci.GITHUB): [REGISTRY, Need(CODE, (APP, TOKEN)), SIGNING],
    ("manifest", Ci.GITHUB): [REGISTRY],
    ("env", Ci.GITHUB): [REGISTRY, *CLUSTERS],
    ("app", Ci.GITHUB): [REGISTRY, SIGNING],
    ("deploy", Ci.GITHUB): [REGISTRY, *CLUSTERS],
    ("code", Ci.GITLAB): [],
    ("docker", Ci.GITLAB): [REGISTRY, Need(CODE, (TOKEN,)), SIGNING],
    ("manifest", Ci.GITLAB): [],
    ("env", Ci.GITLAB): [*CLUSTERS, STATUSES],
    ("app", Ci.GITLAB): [REGISTRY, SIGNING],
    ("deploy", Ci.GITLAB): [*CLUSTERS, STATUSES],
}
REPOS = {"python-service": ("code", "docker", "manifest", "env"), "worker": ("app", "deploy")}


def rendered(folder: Path, blueprint: str, repo: str, ci: Ci) -> dict[str, str]:
    """The files of a repo as a blueprint renders it, with the pin that scaffold adds."""
    run_copy(
        str(BLUEPRINTS / blueprint), folder, defaults=True, quiet=True,
        data={
            "service": "pay", "owner": "team-a", "repo": repo, "ci": str(ci),
            "environments": ENVIRONMENTS, "supply_chain": "key",
        },
    )  # fmt: skip
    pin = {"upstream.yml": ""} if repo == "docker" else {}
    paths = [path for path in folder.rglob("*") if path.is_file()]
    return {str(path.relative_to(folder)): path.read_text() for path in paths} | pin


@pytest.mark.parametrize("ci", Ci)
@pytest.mark.parametrize("blueprint", REPOS)
def test_shipped_repos(tmp_path: Path, blueprint: str, ci: Ci) -> None:
    """The README of each repo names the same, which somebody has to set, and no other."""
    for repo in REPOS[blueprint]:
        files = rendered(tmp_path / repo, blueprint, repo, ci)
        needs = needs_of(files, ci)

        assert EXPECTED[repo, ci] == list(needs)
        _, _, told = files["README.md"].partition("## What CI needs\n")
        rows = [line for line in told.partition("\n## ")[0].splitlines() if line[:3] == "| `"]
        names = {name for need in needs for way in need.ways for name in way}
        assert names == {*re.findall(r"`([A-Z_]+)`", "\n".join(rows))}


@pytest.mark.parametrize("ci", Ci)
def test_the_platforms_own_repo(ci: Ci) -> None:
    """Its jobs apply access to each environment's cluster."""
    start = PlatformStart("acme", "registry.example.com", environments=("dev", "live"), ci=ci)
    tree = platform_tree(start, {"kind": "local", "path": "/forge"}, {"b": "file:///b"})
    files = {path: entry.data.decode() for path, entry in tree.items()}

    expected = [*([REGISTRY] if ci is Ci.GITHUB else []), *CLUSTERS]
    assert expected == list(needs_of(files, ci))


def test_jobs_of_the_platforms_own_repo_with_tokens() -> None:
    """They need no kubeconfig; a file that can't be read does not say so."""
    start = PlatformStart("acme", "registry.example.com", environments=("dev", "live"))
    forge = {"kind": "gitlab", "group": "acme"}
    tree = platform_tree(start, forge, {"b": "https://git.example.com/b"})
    files = {path: entry.data.decode() for path, entry in tree.items()}
    told = files["platform.yml"]
    mine = "- name: live\n  api_server: {url: https://live.example.com}\n"
    files["platform.yml"] = told.replace("- name: live\n", mine)

    assert CLUSTERS[:1] == list(needs_of(files, Ci.GITLAB))
    assert CLUSTERS == list(needs_of({**files, "platform.yml": "{"}, Ci.GITLAB))


@pytest.mark.parametrize(
    ("text", "needs"),
    [
        ("- scaffold pipeline image", [REGISTRY]),
        ("- scaffold pipeline image --no-push", []),
        ("    # scaffold pipeline image", []),
        ("run: |\n  set -e\n  scaffold pipeline deploy --environment=dev --path x", CLUSTERS[:1]),
        ("- scaffold pipeline validate\n- scaffold pipeline test", []),
        ("- docker push", []),
    ],
)
def test_what_people_write(text: str, needs: list[Need]) -> None:
    """What another step needs is its author's to know."""
    assert needs == list(needs_of({".gitlab-ci.yml": text, "docs/ci.yml": "scaffold"}, Ci.GITLAB))


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ((), "SCAFFOLD_APP_CLIENT_ID and SCAFFOLD_APP_PRIVATE_KEY, or SCAFFOLD_TOKEN"),
        (APP[:1], "SCAFFOLD_APP_PRIVATE_KEY, or SCAFFOLD_TOKEN"),
        (APP, ""),
        (TOKEN, ""),
    ],
)
def test_one_way_is_enough(given: tuple[str, ...], told: str) -> None:
    """Of several, one has to be there whole."""
    words = Need("x", (APP, TOKEN), "dev").told_missing(given)

    assert words == (f"{told} for the environment dev: x" if told else "")


@pytest.mark.parametrize(
    ("settings", "step", "needs"),
    [
        ("supply_chain: {signature: key}", "image", [REGISTRY, SIGNING]),
        ("supply_chain: {signature: key}", "image --no-push", []),
        ("supply_chain: {signature: keyless}", "image", [REGISTRY]),
        ("supply_chain: {}", "image", [REGISTRY]),
        ("supply_chain: [", "image", [REGISTRY]),
    ],
)
def test_a_key_to_sign_with(settings: str, step: str, needs: list[Need]) -> None:
    """The settings of the repo ask for it; nothing else of them is judged here."""
    about = "service: pay\nowner: a\nrepo: docker\nkubernetes: '1.34'\n"
    files = {".gitlab-ci.yml": f"- scaffold pipeline {step}", ".scaffold.yml": about + settings}

    assert needs == list(needs_of(files, Ci.GITLAB))

"""The way to prod on GitLab, typed against the stand-in; the test plays runners and the button."""

import re
from pathlib import Path

import pytest

from tests.builders import git, need_programs
from tests.docs.pages import DOCS
from tests.docs.reader import follow, make_home
from tests.forge.fake_http import TOKEN
from tests.forge.fake_server import serving
from tests.forge.git_side import GitSide
from tests.forge.gitlab.fake import FakeGitlab
from tests.gitea import make_certificates

PAGE = DOCS / "tutorial/from-nothing-to-prod.md"
ENV = "acme/shop/payments-env"
JOBS = {
    "payments-code": ["test"],
    "payments-docker": ["validate", "build-image"],
    "payments-manifest": ["validate"],
    "payments-env": [
        "validate",
        *(f"{job}/{name}" for name in ("dev", "prod") for job in ("deploy", "smoke")),
    ],
}
CLUSTERS = [("KUBECONFIG", "dev"), ("KUBECONFIG", "prod")]
pytestmark = [
    pytest.mark.filterwarnings("ignore:.*forkpty:DeprecationWarning"),
    pytest.mark.e2e,
]


def run_pipelines(gitlab: FakeGitlab) -> None:
    """Have all jobs of the heads of main be green."""
    for repo, jobs in JOBS.items():
        project = gitlab.project(repo)
        for name in jobs:
            job = {"id": len(project.statuses) + 1, "sha": project.branches["main"], "name": name}
            project.statuses.append({**job, "status": "success"})


def merge(gitlab: FakeGitlab) -> None:
    """What the button of the one merge request does; its branch is on top of main."""
    assert gitlab.git is not None
    (request,) = gitlab.project("payments-env").requests
    branch = request["source_branch"]
    git("update-ref", "refs/heads/main", f"refs/heads/{branch}", cwd=gitlab.git.make(ENV))
    gitlab.pushed(ENV, gitlab.git.heads(ENV))
    request["state"] = "merged"


def on(gitlab: FakeGitlab, folder: Path) -> list[str]:
    """The page as it is for this server, cut where its runners and the button have work."""
    page = PAGE.read_text(encoding="utf-8").replace("the-token", TOKEN)
    page = page.replace(
        "https://gitlab.com/acme/shop/payments-env/-/", f"https://gitlab.example.com/{ENV}/-/"
    )
    page = page.replace("https://gitlab.com", gitlab.url)
    page = page.replace("group=acme/shop", f"group=acme/shop --data ca_file={folder / 'ca.pem'}")
    begin, *rest = re.split(r"^(?=## Go to prod|The merge request has)", page, flags=re.M)
    return [begin, *(f"```console\n$ export SCAFFOLD_TOKEN={TOKEN}\n```\n{part}" for part in rest)]


def test_from_nothing_to_prod(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What dev has is in prod at the end, after one merge request and nothing else."""
    need_programs(monkeypatch, "kubeconform", "kustomize", "hadolint", "actionlint", "promtool")
    gitlab = FakeGitlab()
    roles = ("viewers", "developers", "admins")
    gitlab.groups |= {60 + at: f"acme-platform-{role}" for at, role in enumerate(roles)}
    everywhere = ("REGISTRY_USERNAME", "REGISTRY_PASSWORD", "SCAFFOLD_TOKEN")
    gitlab.ci["acme/shop"] = [*((name, "*") for name in everywhere), *CLUSTERS]
    gitlab.git = GitSide(tmp_path / "server")
    make_certificates(tmp_path)
    home = make_home(tmp_path / "ada")
    with serving(gitlab, tmp_path):
        begin, promote, end = on(gitlab, tmp_path)
        follow(home, begin)
        run_pipelines(gitlab)
        follow(home, promote, home / "acme")
        merge(gitlab)
        run_pipelines(gitlab)
        follow(home, end, home / "acme")

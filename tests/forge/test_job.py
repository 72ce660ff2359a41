"""A CI job knows by its own variables which forge runs it, and for which repo."""

from pathlib import Path
from urllib.parse import urlsplit

import pytest

from scaffold.config.forge import kind_of
from scaffold.errors import ForgeError, UsageError
from scaffold.forge.api import StatusState
from scaffold.forge.job import open_forge_of_job
from scaffold.git import access
from tests.forge.each import Server
from tests.forge.fake_http import TOKEN

GITLAB = {
    "GITLAB_CI": "true",
    "CI_SERVER_URL": "https://gitlab.example.com/gitlab",
    "CI_PROJECT_PATH": "acme/shop/shop-env",
}
GITHUB = {
    "GITHUB_ACTIONS": "true",
    "GITHUB_SERVER_URL": "https://github.com",
    "GITHUB_REPOSITORY": "acme/shop-env",
}
# Its runner sets what GitHub's sets, so that workflows for GitHub run.
GITEA = {**GITHUB, "GITEA_ACTIONS": "true", "GITHUB_SERVER_URL": "https://git.example.com"}


@pytest.fixture(autouse=True)
def _no_job(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The tests may run in a job themselves; nobody is logged in."""
    for name in (*GITLAB, *GITEA, "CI_SERVER_TLS_CA_FILE"):
        monkeypatch.delenv(name, raising=False)
    for name in ("SCAFFOLD_TOKEN", "GITLAB_TOKEN", "GH_TOKEN", "GITHUB_TOKEN", "GITEA_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "gitconfig"))
    monkeypatch.setattr(access, "_accesses", {})


def in_job(monkeypatch: pytest.MonkeyPatch, variables: dict[str, str]) -> None:
    """Set what a runner sets, and the job's token."""
    for name, value in {**variables, "SCAFFOLD_TOKEN": TOKEN}.items():
        monkeypatch.setenv(name, value)


@pytest.mark.parametrize(
    ("variables", "adapter", "url"),
    [
        (GITLAB, "GitlabGroupForge", "https://gitlab.example.com/gitlab/acme/shop/shop-env.git"),
        (GITHUB, "GithubOrganisationForge", "https://github.com/acme/shop-env.git"),
        (GITEA, "GiteaOrganisationForge", "https://git.example.com/acme/shop-env.git"),
    ],
)
def test_which_forge_and_repo(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], adapter: str, url: str
) -> None:
    """The one that runs the job, though Gitea says of itself all that GitHub does."""
    in_job(monkeypatch, variables)

    forge, repo = open_forge_of_job()

    assert (adapter, "shop-env", url) == (type(forge).__name__, repo, forge.url(repo))


def test_it_reads_the_statuses_of_its_repo(
    monkeypatch: pytest.MonkeyPatch, any_server: Server, server_kind: str
) -> None:
    """With the job's token, on each server."""
    with any_server() as (fake, connect):
        life = connect()
        life.forge.create("shop", description="The shop")
        life.server.push("shop", "main", life.main)
        life.forge.set_status("shop", life.main, "deploy/dev", StatusState.SUCCESS)
        path = urlsplit(life.forge.url("shop")).path.strip("/").removesuffix(".git")
        job = kind_of(server_kind).job
        assert job is not None
        variables = {**dict.fromkeys(job.marks, "true"), job.url: fake.url, job.repo: path}
        in_job(monkeypatch, variables)

        forge, repo = open_forge_of_job()

        assert {"deploy/dev": StatusState.SUCCESS} == forge.statuses(repo, life.main)


def test_a_gitlab_with_a_ca_of_its_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The runner tells where its certificates are."""
    file = str(tmp_path / "ca.crt")
    in_job(monkeypatch, {**GITLAB, "CI_SERVER_TLS_CA_FILE": file})

    forge, _ = open_forge_of_job()

    assert file == forge._settings.ca_file  # type: ignore[attr-defined]


def test_outside_of_a_job() -> None:
    """Nothing says whose statuses count: a wrong use, which is told with the way out."""
    with pytest.raises(UsageError) as caught:
        open_forge_of_job()

    assert "this is no job of a forge's CI, so nothing says whose statuses count" == str(
        caught.value
    )
    assert "By hand leave --after out: then the cluster is asked at once." == caught.value.hint


def test_a_job_without_a_token(monkeypatch: pytest.MonkeyPatch) -> None:
    """A job's own token is no log-in on GitLab that may read statuses: one has to be given."""
    in_job(monkeypatch, GITLAB)
    monkeypatch.delenv("SCAFFOLD_TOKEN")

    with pytest.raises(ForgeError, match="there is no token for it") as caught:
        open_forge_of_job()

    assert caught.value.hint.startswith("Set SCAFFOLD_TOKEN or GITLAB_TOKEN")


@pytest.mark.parametrize(
    ("variable", "value", "what"),
    [
        ("CI_PROJECT_PATH", "", "the variable CI_PROJECT_PATH is not set, as it is in each job"),
        (
            "CI_SERVER_URL",
            "http://gitlab.example.com",
            "the job's variables CI_SERVER_URL and CI_PROJECT_PATH name no server or repo to ask",
        ),
    ],
)
def test_variables_that_lead_nowhere(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, what: str
) -> None:
    """Also a server without TLS, to which no token is sent."""
    in_job(monkeypatch, {**GITLAB, variable: value})

    with pytest.raises(UsageError) as caught:
        open_forge_of_job()

    assert what == caught.value.what

"""Jobs log in to a real API server by tokens of an issuer that it trusts, without a kubeconfig."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest
import requests
import yaml

from scaffold.config.repofile import REPOFILE
from scaffold.errors import DeployError
from scaffold.pipeline.deploy import login
from scaffold.pipeline.deploy.step import deploy
from tests.pipeline.issuer import AUDIENCE, BEARER
from tests.pipeline.kube import Kube
from tests.pipeline.trees import EnvRepo, config_map

USER = "ci:acme/shop-env:dev"


@pytest.fixture
def repo(env_repo: EnvRepo, kube: Kube, monkeypatch: pytest.MonkeyPatch) -> EnvRepo:
    """An env repo whose environment names the server, and whose jobs may deploy; in a job."""
    place = ["clusterrolebinding", f"jobs-{env_repo.namespace}", "--clusterrole=cluster-admin"]
    kube.kubectl("create", *place, f"--user={USER}")
    told = yaml.safe_load((env_repo.path / REPOFILE).read_text())
    server = {"url": kube.url, "ca": kube.ca, "audience": AUDIENCE}
    told["environments"]["dev"]["api_server"] = server
    (env_repo.path / REPOFILE).write_text(yaml.safe_dump(told))
    env_repo.write(config_map("settings"))
    monkeypatch.setenv("KUBECONFIG", "/nowhere")
    monkeypatch.setenv("GITLAB_CI", "true")
    return env_repo


def test_by_a_token_that_the_job_has(
    kube: Kube, repo: EnvRepo, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As GitLab gives it. The server knows whose job it is, and the kubeconfig is gone."""
    token = kube.issuer.token()
    monkeypatch.setenv(login.ID_TOKEN, token)

    deploy(repo.path, "dev")

    assert "settings" in kube.names("configmap", repo.namespace)
    seen = json.loads(kube.kubectl("auth", "whoami", f"--token={token}", "--output=json"))
    who = seen["status"]["userInfo"]
    assert (USER, ["ci:acme:dev", "system:authenticated"]) == (who["username"], who["groups"])


@pytest.mark.parametrize(
    ("claims", "said"),
    [
        ({"audience": "https://another.example.com"}, "trusts no token of this job"),
        ({"ref_protected": "false"}, "trusts no token of this job"),
        ({"environment": "prod"}, "cluster account lacks this right"),
        ({"project_path": "mallory/shop-env"}, "cluster account lacks this right"),
    ],
    ids=["audience", "branch", "environment", "project"],
)
def test_a_token_of_another_job(
    kube: Kube, repo: EnvRepo, monkeypatch: pytest.MonkeyPatch, claims: Mapping[str, str], said: str
) -> None:
    """Nobody else's is taken, or may do anything."""
    monkeypatch.setenv(login.ID_TOKEN, kube.issuer.token(**claims))

    with pytest.raises(DeployError) as caught:
        deploy(repo.path, "dev")
    assert said in caught.value.hint
    assert "settings" not in kube.names("configmap", repo.namespace)


def test_by_a_token_that_is_asked_for(
    kube: Kube, repo: EnvRepo, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As GitHub makes it for the audience, once in a minute."""
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(kube.issuer.folder / "ca.pem"))
    monkeypatch.setenv("ACTIONS_ID_TOKEN_REQUEST_URL", f"{kube.issuer.url}/job?api-version=2.0")
    monkeypatch.setenv("ACTIONS_ID_TOKEN_REQUEST_TOKEN", BEARER)
    kube.issuer.asked.clear()

    deploy(repo.path, "dev")

    assert [AUDIENCE] == kube.issuer.asked
    assert "settings" in kube.names("configmap", repo.namespace)
    monkeypatch.setenv("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "none")
    with pytest.raises(DeployError, match="GitHub makes no token for the job") as caught:
        deploy(repo.path, "dev")
    assert (requests.HTTPError.__name__,) == caught.value.details


def test_a_job_without_a_token(repo: EnvRepo) -> None:
    """It is told what it lacks, rather than that no server answers."""
    with pytest.raises(DeployError, match="the job has no token for the cluster") as caught:
        deploy(repo.path, "dev")
    assert f"`id_tokens: {{SCAFFOLD_ID_TOKEN: {{aud: {AUDIENCE}}}}}`" in caught.value.hint


def test_by_a_persons_own_hands(
    kube: Kube, repo: EnvRepo, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Their kubeconfig counts, where this is no job."""
    monkeypatch.delenv("GITLAB_CI")
    monkeypatch.setenv("KUBECONFIG", str(kube.kubeconfig))

    deploy(repo.path, "dev")

    assert "settings" in kube.names("configmap", repo.namespace)
    assert [] == list(tmp_path.glob("**/kubeconfig"))

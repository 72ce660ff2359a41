"""What must be true of the env repo of every HTTP service."""

import os
import shutil
from pathlib import Path
from typing import Any

import pytest
from rendering import Render, build, load, needs_kustomize, settings_of, write

IMAGE = "registry.example.com/payments"
TAG = "0123456789ab-ba9876543210"

ENVIRONMENTS = [
    {"name": "test", "namespace": "pay-test", "context": "eu-1", "replicas": {"min": 1, "max": 3}},
    {"name": "live", "namespace": "pay", "context": "", "replicas": {"min": 4, "max": 12}},
]

SECRETS = {"secrets": ["DATABASE_URL"], "secret_store": "vault"}


def test_scaffold_learns_where_to_deploy(render: Render) -> None:
    """`scaffold pipeline deploy` finds namespace and context of each environment."""
    expected = {
        "service": "payments",
        "owner": "team-a",
        "repo": "env",
        "kubernetes": "1.34",
        "environments": {
            "test": {"namespace": "pay-test", "context": "eu-1"},
            "live": {"namespace": "pay", "context": ""},
        },
    }
    assert expected == load(render("env", environments=ENVIRONMENTS) / ".scaffold.yml")


def test_there_is_one_overlay_for_each_environment(render: Render) -> None:
    """The environments are the platform's, and no others."""
    folder = render("env", environments=ENVIRONMENTS) / "environments"
    assert {"test", "live"} == {path.name for path in folder.iterdir()}
    assert "pay-test" == load(folder / "test/kustomization.yaml")["namespace"]


def test_gitlab_deploys_main_in_order(render: Render) -> None:
    """A stage for each environment, on main, when its folder changed."""
    ci = load(render("env", environments=ENVIRONMENTS) / ".gitlab-ci.yml")
    rule = {"if": "$CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH", "changes": ["environments/live/**/*"]}
    assert ["validate", "test", "live"] == ci["stages"]
    assert [rule] == ci["deploy/live"]["rules"]
    assert ["deploy/live"] == ci["smoke/live"]["needs"]
    report = {"when": "always", "reports": {"junit": "reports/smoke.xml"}}
    assert report == ci["smoke/live"]["artifacts"]


def test_github_deploys_main_in_order(render: Render) -> None:
    """An environment whose folder changed, unless one before it failed; its job asks once."""
    ci = load(render("env", environments=ENVIRONMENTS, ci="github") / ".github/workflows/ci.yml")
    assert {"validate", "deploy-test", "deploy-live"} == ci["jobs"].keys()
    job = ci["jobs"]["deploy-live"]
    assert ["validate", "deploy-test"] == job["needs"]
    assert ("smoke/live", "live", "deploy-live") == (
        job["name"],
        job["environment"],
        job["concurrency"],
    )
    assert (
        "!cancelled() && !failure() && github.ref == 'refs/heads/main'"
        " && (inputs.environment == 'live' || github.event_name == 'push'"
        " && contains(fromJSON(needs.validate.outputs.environments), 'live'))"
    ) == job["if"]
    cluster = {"SCAFFOLD_KUBECONFIG": "${{ secrets.KUBECONFIG }}"}
    deploy = "scaffold pipeline deploy --environment live"
    smoke = "scaffold pipeline smoke --environment live --junit reports/smoke.xml"
    *steps, report = job["steps"][1:]
    assert [{"run": step, "env": cluster} for step in (deploy, smoke)] == steps
    kept = {"name": "smoke-live", "path": "reports/", "if-no-files-found": "ignore"}
    assert kept == report["with"]


def test_github_knows_which_folders_changed(render: Render) -> None:
    """Jobs have no path filter there: a step of `validate` tells, with the history to compare."""
    ci = load(render("env", environments=ENVIRONMENTS, ci="github") / ".github/workflows/ci.yml")
    job = ci["jobs"]["validate"]
    checkout, _, changed = job["steps"]
    assert {"persist-credentials": False, "fetch-depth": 0} == checkout["with"]
    assert {"environments": "${{ steps.changed.outputs.environments }}"} == job["outputs"]
    assert "github.event_name == 'push'" == changed["if"]
    assert {"BEFORE": "${{ github.event.before }}"} == changed["env"]


def test_what_an_engine_deploys_no_job_does(render: Render) -> None:
    """Flux or Argo CD does, and sets the status; the other environments stay CI's."""
    by_engine = [ENVIRONMENTS[0], {**ENVIRONMENTS[1], "engine": "flux"}]
    gitlab = load(render("env", environments=by_engine) / ".gitlab-ci.yml")
    github = load(render("env", environments=by_engine, ci="github") / ".github/workflows/ci.yml")
    jobs = ["deploy/test", "smoke/live", "smoke/test"]
    assert (["validate", "test", "live"], jobs) == (
        gitlab["stages"],
        sorted(name for name in gitlab if "/" in name),
    )
    assert {"validate", "deploy-test", "smoke-live"} == github["jobs"].keys()


def test_a_smoke_test_follows_an_engine(render: Render) -> None:
    """It waits for the engine alone: not for other environments, nor for a deploy job."""
    by_engine = [ENVIRONMENTS[0], {**ENVIRONMENTS[1], "engine": "flux"}]
    gitlab = load(render("env", environments=by_engine) / ".gitlab-ci.yml")["smoke/live"]
    workflow = load(render("env", environments=by_engine, ci="github") / ".github/workflows/ci.yml")
    github = workflow["jobs"]["smoke-live"]
    step = "scaffold pipeline smoke --environment live --after flux --junit reports/smoke.xml"
    changed = ["environments/live/**/*"]
    assert ([step], ["validate"]) == (gitlab["script"], gitlab["needs"])
    assert [changed] == [rule["changes"] for rule in gitlab["rules"]]
    assert ("smoke/live", "validate") == (github["name"], github["needs"])
    assert (
        "github.event_name == 'push'"
        " && contains(fromJSON(needs.validate.outputs.environments), 'live')"
    ) == github["if"]
    assert {"checks": "read", "contents": "read", "statuses": "read"} == github["permissions"]
    given = {
        "SCAFFOLD_KUBECONFIG": "${{ secrets.KUBECONFIG }}",
        "SCAFFOLD_TOKEN": "${{ github.token }}",
    }
    assert {"run": step, "env": given} == github["steps"][-2]


def test_where_no_pipeline_may_reach_the_clusters_only_validate_is_left(render: Render) -> None:
    """Nor is there an environment to choose when the workflow is started by hand."""
    by_engine = [{**one, "engine": "argocd", "smoke": False} for one in ENVIRONMENTS]
    gitlab = load(render("env", environments=by_engine) / ".gitlab-ci.yml")
    workflow = render("env", environments=by_engine, ci="github") / ".github/workflows/ci.yml"
    assert ["validate"] == gitlab["stages"]
    assert {"validate"} == load(workflow)["jobs"].keys()
    assert "workflow_dispatch" not in workflow.read_text()


@pytest.mark.parametrize(("ci", "at"), [("gitlab", "@"), ("github", "@git.example.com/")])
def test_the_last_environment_may_have_an_approver(render: Render, ci: str, at: str) -> None:
    """The platform names another team for what reaches users; without one the owner decides."""
    alone = (render("env", ci=ci) / f".{ci}/CODEOWNERS").read_text()
    apart = (render("env", ci=ci, approver="releases") / f".{ci}/CODEOWNERS").read_text()
    assert f"* {at}team-a\n" == alone
    assert f"* {at}team-a\n/environments/prod/ {at}releases\n" == apart


# --- What kustomize makes of it ------------------------------------------------


def build_environment(
    render: Render, folder: Path, environment: str, *, promoted: bool, **answers: Any
) -> dict[str, Any]:
    """The objects of an environment, by kind, with pins as the bot writes them."""
    env, manifest = folder / "env", folder / "manifest"
    shutil.copytree(render("env", **answers), env)
    shutil.copytree(render("manifest", **answers), manifest)
    image = {"kind": "Component", "apiVersion": "kustomize.config.k8s.io/v1alpha1"}
    write(
        manifest / "image", image | {"images": [{"name": "app", "newName": IMAGE, "newTag": TAG}]}
    )
    release = env / "environments" / environment / "release"
    paths = {
        "resources": [os.path.relpath(manifest / "base", release)],
        "components": [os.path.relpath(manifest / "image", release)],
    }
    write(release, {"kind": "Kustomization"} | (paths if promoted else {"resources": []}))
    return build(release.parent)


@needs_kustomize
def test_an_environment_builds_before_the_first_release(render: Render, tmp_path: Path) -> None:
    """Where nothing was promoted there are settings, and patches that find nothing are fine."""
    objects = build_environment(
        render, tmp_path, "dev", promoted=False, exposure="public", **SECRETS
    )
    assert {"ConfigMap"} == objects.keys()


@needs_kustomize
def test_a_release_brings_every_object(render: Render, tmp_path: Path) -> None:
    """A service with all options consists of these objects."""
    expected = {
        "ConfigMap",
        "Deployment",
        "ExternalSecret",
        "HorizontalPodAutoscaler",
        "Ingress",
        "NetworkPolicy",
        "PodDisruptionBudget",
        "PrometheusRule",
        "Service",
        "ServiceAccount",
        "ServiceMonitor",
    }
    objects = build_environment(
        render, tmp_path, "dev", promoted=True, exposure="public", **SECRETS
    )
    assert expected == objects.keys()
    [secret] = objects["ExternalSecret"]["spec"]["dataFrom"]
    assert "payments/dev" == secret["extract"]["key"]
    assert {"payments-dev"} == {entry["metadata"]["namespace"] for entry in objects.values()}
    assert {"dev"} == {entry["metadata"]["labels"]["environment"] for entry in objects.values()}


@needs_kustomize
@pytest.mark.parametrize(
    ("environment", "host"),
    [("dev", "dev.payments.example.com"), ("prod", "payments.example.com")],
)
def test_each_environment_has_a_route_of_its_own(
    render: Render, tmp_path: Path, environment: str, host: str
) -> None:
    """Where Gateways serve, in place of an Ingress."""
    answers = {"exposure": "public", "gateway_namespace": "gateways"}
    objects = build_environment(render, tmp_path, environment, promoted=True, **answers)
    assert [host] == objects["HTTPRoute"]["spec"]["hostnames"]
    assert "Ingress" not in objects


@needs_kustomize
def test_a_change_of_the_settings_starts_the_pods_anew(render: Render, tmp_path: Path) -> None:
    """The ConfigMap is named after its content, which nothing but comments is at first."""
    before = build_environment(render, tmp_path, "dev", promoted=True, monitoring=False)
    folder = tmp_path / "env/environments/dev"
    (folder / "config.env").write_text("LOG_LEVEL=debug\n")
    after = build(folder)
    names = [one["ConfigMap"]["metadata"]["name"] for one in (before, after)]
    assert names == [settings_of(one["Deployment"]["spec"]) for one in (before, after)]
    assert names[0] != names[1]
    assert (None, {"LOG_LEVEL": "debug"}) == (
        before["ConfigMap"].get("data"),
        after["ConfigMap"]["data"],
    )


def test_the_readme_says_where_settings_go(render: Render) -> None:
    """One example of each kind, and of a secret what has to be there."""
    none = (render("env") / "README.md").read_text()
    own = (render("env", secrets=["API_KEY"]) / "README.md").read_text()
    brought = (render("env", **SECRETS) / "README.md").read_text()
    assert "`environments/<name>/config.env`" in none
    assert "--data 'secrets=[DATABASE_URL]'" in none
    assert "\n- `API_KEY`\n" in own
    assert "create secret generic payments-secrets" in own
    assert "the entry `payments/<environment>` in the store `vault`" in brought


@needs_kustomize
def test_the_released_image_runs(render: Render, tmp_path: Path) -> None:
    """The pin's image takes the place of `app`."""
    container = build_environment(render, tmp_path, "dev", promoted=True)["Deployment"]["spec"][
        "template"
    ]["spec"]["containers"][0]
    assert f"{IMAGE}:{TAG}" == container["image"]


@needs_kustomize
@pytest.mark.parametrize(
    ("environment", "replicas", "host", "requests"),
    [
        ("dev", (1, 2), "dev.payments.example.com", {"cpu": "50m", "memory": "64Mi"}),
        ("staging", (2, 4), "staging.payments.example.com", {"cpu": "100m", "memory": "128Mi"}),
        ("prod", (3, 10), "payments.example.com", {"cpu": "100m", "memory": "128Mi"}),
    ],
)
def test_what_differs_between_environments(
    render: Render,
    tmp_path: Path,
    environment: str,
    replicas: tuple[int, int],
    host: str,
    requests: dict[str, str],
) -> None:
    """Replicas, host and reserved resources are those of the environment."""
    objects = build_environment(render, tmp_path, environment, promoted=True, exposure="public")
    scaler, ingress = objects["HorizontalPodAutoscaler"]["spec"], objects["Ingress"]["spec"]
    container = objects["Deployment"]["spec"]["template"]["spec"]["containers"][0]
    assert replicas == (scaler["minReplicas"], scaler["maxReplicas"])
    assert (host, [host]) == (ingress["rules"][0]["host"], ingress["tls"][0]["hosts"])
    assert requests == container["resources"]["requests"]


@pytest.mark.parametrize("engine", ["", "flux"])
def test_jobs_log_in_by_a_token_of_the_forges(render: Render, engine: str) -> None:
    """For that cluster alone they are given no kubeconfig; each asks for a token for its audience."""
    server = {"url": "https://live.example.com", "audience": "live"}
    live = {**ENVIRONMENTS[1], "api_server": server, **({"engine": engine} if engine else {})}
    places = [ENVIRONMENTS[0], live]
    repos = [render("env", environments=places, ci=ci) for ci in ("gitlab", "github")]
    gitlab, github = load(repos[0] / ".gitlab-ci.yml"), load(repos[1] / ".github/workflows/ci.yml")

    assert server == load(repos[0] / ".scaffold.yml")["environments"]["live"]["api_server"]
    assert "api_server" not in load(repos[0] / ".scaffold.yml")["environments"]["test"]
    asks = {"SCAFFOLD_ID_TOKEN": {"aud": "live"}}
    with_tokens = {name: job["id_tokens"] for name, job in gitlab.items() if "id_tokens" in job}
    jobs = ["smoke/live"] if engine else ["deploy/live", "smoke/live"]
    assert dict.fromkeys(jobs, asks) == with_tokens
    (name,) = [one for one in github["jobs"] if one.endswith("-live")]
    job = github["jobs"][name]
    assert ("read", "write") == (job["permissions"]["contents"], job["permissions"]["id-token"])
    assert "SCAFFOLD_KUBECONFIG" not in str(job)
    assert "SCAFFOLD_KUBECONFIG" in str(github["jobs"]["deploy-test"])
    for repo in repos:
        told = (repo / "README.md").read_text()
        assert "For `live` jobs log in to the cluster by a token" in told
        assert "the cluster of `test`" in told

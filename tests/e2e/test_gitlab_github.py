"""A platform and a service on GitLab and GitHub: fakes of their APIs, real git, over HTTPS."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from scaffold.git.tree import Entry, Identity, change_tree, make_commit, open_repo
from scaffold.render.source import shipped_names
from tests.builders import git, need_programs
from tests.forge.fake_http import TOKEN, Answer, FakeForge
from tests.forge.fake_server import serving
from tests.forge.git_side import GitSide, Rejection
from tests.forge.github.fake import FakeGithub
from tests.forge.gitlab.fake import FakeGitlab
from tests.forge.openapi import Description
from tests.gitea import make_certificates
from tests.service.run import scaffold
from tests.tokens import noted

SECRET = "signs webhooks"  # noqa: S105 - it guards nothing
BLUEPRINTS = [f"blueprint-{name}" for name in shipped_names()]
REPOS = [f"payments-{one}" for one in ("code", "docker", "manifest", "env")]
DEV = Identity("Dev", "dev@example.com")
Must = Callable[..., Any]
PASSWORD, CLUSTER = noted("pass-81f3-word"), "kind: Config # 81f3"
# What platform.yml names; of the second environment nobody has the kubeconfig here.
DEV_SOURCE = "SCAFFOLD_CI_KUBECONFIG_DEV"
VALUES = """\
  values:
  - name: REGISTRY_USERNAME
  - name: REGISTRY_PASSWORD
  - {name: KUBECONFIG, environment: dev}
  - {name: KUBECONFIG, environment: prod}
"""


@pytest.fixture
def start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Must]]:
    """Starts a fake over HTTPS and a platform on it; the result runs the program there."""
    need_programs(monkeypatch, "kustomize")
    environment = {
        "SCAFFOLD_TOKEN": TOKEN,
        "SCAFFOLD_WEBHOOK_SECRET": SECRET,
        "XDG_CACHE_HOME": str(tmp_path / "cache"),
        "HOME": str(tmp_path),
        "SCAFFOLD_CI_REGISTRY_USERNAME": "robot",
        "SCAFFOLD_CI_REGISTRY_PASSWORD": PASSWORD,
        DEV_SOURCE: str(tmp_path / "kubeconfig"),
    }
    (tmp_path / "kubeconfig").write_text(CLUSTER)

    def must(*arguments: str, status: int = 0) -> Any:
        done = scaffold(*arguments, "--output", "json", cwd=tmp_path, env=environment)
        assert status == done.returncode, done.stderr
        told = done.stdout + done.stderr
        assert not any(secret in told for secret in (TOKEN, PASSWORD, CLUSTER))
        return json.loads(done.stdout)

    def begin(fake: FakeForge, kind: str, group: str) -> Must:
        fake.git = GitSide(tmp_path / "server")
        settings = {
            "url": fake.url,
            "group": group,
            "bot": "bot",
            "ca_file": str(tmp_path / "ca.pem"),
            "webhook": "https://bot.example.com/webhook",
        }
        data = [f"--data={key}={value}" for key, value in settings.items()]
        must("init", "acme", "--forge", kind, "--defaults", *data)
        (tmp_path / "platform").symlink_to(tmp_path / "acme/platform")
        return must

    yield begin
    files = [path for path in tmp_path.rglob("*") if path.is_file() and not path.is_symlink()]
    assert files
    assert [] == [path for path in files if TOKEN.encode() in path.read_bytes()]


def commit(fake: FakeForge, repo: str, path: str, text: str, tag: str = "") -> None:
    """What a developer pushes to main of a repo, named by its full path."""
    assert fake.git is not None
    folder = fake.git.make(repo)
    store = open_repo(folder)
    parent = git("rev-parse", "refs/heads/main", cwd=folder)
    tree = change_tree(store, parent, {path: Entry.file(text.encode())})
    made = make_commit(store, tree, "Change it\n", DEV, [parent])
    for ref in filter(None, ("refs/heads/main", tag)):
        git("update-ref", ref, made, cwd=folder)
    fake.pushed(repo, fake.git.heads(repo))


def name_values(fake: FakeForge, group: str) -> None:
    """Have platform.yml name what pipelines are to be given."""
    assert fake.git is not None
    text = git("show", "main:platform.yml", cwd=fake.git.make(f"{group}/platform")) + "\n"
    commit(
        fake,
        f"{group}/platform",
        "platform.yml",
        text.replace("blueprints:\n", f"{VALUES}blueprints:\n"),
    )


def told_of(document: Any) -> list[tuple[str, str, str, str]]:
    """What became of values."""
    return [
        (one["name"], one["environment"], one["where"], one["result"]) for one in document["values"]
    ]


def conflict(fake: FakeForge, group: str, must: Must) -> None:
    """The owner and a new version of the blueprint have changed the same line: an upgrade."""
    commit(fake, f"{group}/payments-code", "README.md", "# Ours\n")
    blueprint = f"{group}/blueprint-python-service"
    commit(fake, blueprint, "code/README.md.jinja", "# Theirs\n", "refs/tags/v1.1.0")
    told = must("upgrade", "payments", status=1)
    assert "conflicts" in [one["result"] for one in told["repos"] if one["repo"] == "payments-code"]


def test_a_service_on_gitlab(tmp_path: Path, start: Callable[..., Must]) -> None:
    """Its repos are shared, protected and have webhooks; an upgrade in conflict is a draft."""
    fake = FakeGitlab()
    roles = ("viewers", "developers", "admins")
    fake.groups |= {60 + one: f"acme-platform-{role}" for one, role in enumerate(roles)}
    make_certificates(tmp_path)
    with serving(fake, tmp_path):
        must = start(fake, "gitlab", "acme/shop")
        name_values(fake, "acme/shop")
        trial = must("new", "service", "payments", "--defaults", "--dry-run")
        assert {} == fake.values
        made = must("new", "service", "payments", "--defaults")
        synced = [must("platform", "sync", *options) for options in (["--dry-run"], [], [])]
        conflict(fake, "acme/shop", must)

    assert REPOS == [one["name"] for one in made["repos"]]
    assert [*BLUEPRINTS, "platform", *REPOS] == [
        one.path.removeprefix("acme/shop/") for one in fake.projects
    ]
    for repo in REPOS:
        project = fake.project(repo)
        assert {60: 20, 61: 30, 62: 40} == project.shares
        assert [{"access_level": 40}] == project.rules["main"]["push_access_levels"]
        assert [SECRET] == [one["token"] for one in project.hooks]
        assert "main" == project.told["default_branch"]
    unless = "unless it is there: payments-env"
    assert (
        f"set the file KUBECONFIG for the environment dev from {DEV_SOURCE}, {unless}"
        in (trial["calls"])
    )
    above, env, lacks = "the group acme/shop", "the repo payments-env", "not-set"
    of_new = [
        ("REGISTRY_USERNAME", "", above, "set"),
        ("REGISTRY_PASSWORD", "", above, "set"),
        ("KUBECONFIG", "dev", env, "set"),
        ("KUBECONFIG", "prod", env, lacks),
    ]
    assert of_new == told_of(made)
    (why,) = {one["why"] for one in made["values"] if one["why"]}
    assert why.startswith("SCAFFOLD_CI_KUBECONFIG_PROD is not set here. ")
    places = [("dev", "the repo platform", "set"), ("dev", env, "set")]
    places += [("prod", "the repo platform", lacks), ("prod", env, lacks)]
    of_all = [*of_new[:2], *(("KUBECONFIG", *one) for one in places)]
    assert [of_all] * 2 == [told_of(one) for one in synced[1:]]
    assert ["to-set"] * 4 == [one[3] for one in told_of(synced[0]) if one[3] != lacks]
    assert {
        ("acme/shop", "REGISTRY_USERNAME", "*"): "robot",
        ("acme/shop", "REGISTRY_PASSWORD", "*"): PASSWORD,
        ("acme/shop/platform", "KUBECONFIG", "dev"): CLUSTER,
        ("acme/shop/payments-env", "KUBECONFIG", "dev"): CLUSTER,
    } == {place: one["value"] for place, one in fake.values.items()}
    (request,) = fake.project("payments-code").requests
    assert ("opened", True) == (request["state"], request["draft"])
    assert fake.git is not None
    assert {"oauth2"} == fake.git.users


def test_a_service_on_github(
    tmp_path: Path, start: Callable[..., Must], github_description: Description
) -> None:
    """Its repos have teams, a protected main and webhooks; an upgrade in conflict is a draft."""
    fake = FakeGithub(github_description)
    make_certificates(tmp_path)
    with serving(fake, tmp_path):
        must = start(fake, "github", "acme")
        made = must("new", "service", "payments", "--defaults")
        given = by_hand(fake, must)
        fake.ci = {"/orgs/acme/variables": ["REGISTRY_USERNAME"]}
        fake.ci |= {"/orgs/acme/secrets": ["REGISTRY_PASSWORD", "SCAFFOLD_TOKEN"]}
        fake.ci["/repos/acme/payments-env/environments/prod/secrets"] = ["KUBECONFIG"]
        lacks = must("check", "--secrets", "platform", status=1)
        fake.ci["/orgs/acme/secrets"].append("KUBECONFIG")
        assert must("check", "--secrets", "platform")["passed"]
        conflict(fake, "acme", must)

    assert REPOS == [one["name"] for one in made["repos"]]
    (refused,) = [one for one in given if one["result"] != "set" and one["environment"] != "prod"]
    assert ("REGISTRY_PASSWORD", "the repo payments-code") == (refused["name"], refused["where"])
    assert refused["why"].endswith("Set it there by hand.")
    for name in ("platform", *REPOS[1:]):
        kept = fake.values[f"/repos/acme/{name}/actions/secrets/REGISTRY_PASSWORD"]
        assert {"value": PASSWORD} == kept
    cluster = "environments/dev/secrets/KUBECONFIG"
    assert [f"/repos/acme/{name}/{cluster}" for name in ("platform", "payments-env")] == [
        place for place, kept in fake.values.items() if kept["value"] == CLUSTER
    ]
    for name in REPOS:
        repo = fake.repo(name)
        assert ["pull", "push", "admin"] == list(repo.teams.values())
        assert ["scaffold: main"] == [one["name"] for one in repo.rulesets]
        assert [SECRET] == [one["config"]["secret"] for one in repo.hooks]
        assert ["payments", "scaffold"] == repo.topics
    login = "REGISTRY_USERNAME and REGISTRY_PASSWORD: the log-in of the registry"
    assert [f"{name}: {login}" for name in REPOS] == [
        one for one in made["missing"] if login in one
    ]
    app = "SCAFFOLD_APP_CLIENT_ID and SCAFFOLD_APP_PRIVATE_KEY, or SCAFFOLD_TOKEN"
    assert f"payments-docker: {app}: reading the repo of the code" in made["missing"]
    clusters = [
        f"KUBECONFIG for the environment {name}: the cluster" for name in ("dev", "staging", "prod")
    ]
    assert [f"payments-env: {one}" for one in clusters] == made["missing"][-3:]
    failed = {one["target"]: one["details"] for one in lacks["checks"] if one["details"]}
    assert {"platform": clusters, "payments-env": clusters[:2]} == failed
    (pull,) = fake.repo("payments-code").pulls
    assert ("open", True) == (pull["state"], pull["draft"])


def by_hand(fake: FakeGithub, must: Must) -> Any:
    """What whoever owns nothing above the repos sets, where one of them is refused: its values."""
    name_values(fake, "acme")
    fake.owner = False
    fake.refusals["PUT", "payments-code/actions/secrets/REGISTRY_PASSWORD"] = Answer(
        422, {"message": f"The value {PASSWORD} is no good"}
    )
    try:
        return must("platform", "sync", status=1)["values"]
    finally:
        fake.refusals.clear()


# What each server says where main takes no push: see tests/git/test_replies.py.
REJECTIONS = {
    "github": Rejection(
        "push declined due to repository rule violations",
        "error: GH013: Repository rule violations found for refs/heads/main.\n",
    ),
    "gitlab": Rejection(
        "pre-receive hook declined",
        "GitLab: You are not allowed to push code to protected branches on this project.\n",
    ),
    "unknown words": Rejection("verboten", "You shall not push\n"),
}


@pytest.mark.parametrize("kind", REJECTIONS)
def test_who_may_not_push_to_the_platform_proposes(
    tmp_path: Path, start: Callable[..., Must], request: pytest.FixtureRequest, kind: str
) -> None:
    """A new service waits for a merge request that registers it, in whatever words main is kept."""
    if kind == "gitlab":
        gitlab = FakeGitlab()
        roles = ("viewers", "developers", "admins")
        gitlab.groups |= {60 + one: f"acme-platform-{role}" for one, role in enumerate(roles)}
        on: tuple[FakeForge, str, str] = (gitlab, "gitlab", "acme/shop")
    else:
        github = FakeGithub(request.getfixturevalue("github_description"))
        on = (github, "github", "acme")
    fake, name, group = on
    make_certificates(tmp_path)
    with serving(fake, tmp_path):
        must = start(fake, name, group)
        assert fake.git is not None
        fake.git.rejects[f"{group}/platform", "refs/heads/main"] = REJECTIONS[kind]
        fake.demote()
        made = must("new", "service", "payments", "--defaults")
        status = must("status")

    assert "pending" == made["registration"]
    assert [("payments", "pending", made["merge_request"])] == [
        (one["service"], one["state"], one["merge_request"]) for one in status["services"]
    ]

"""The whole life of a service on a real Gitea, over HTTPS: made, moved, upgraded, retired."""

import json
import re
from pathlib import Path

import pytest

from scaffold.chain.pins import read_upstream
from scaffold.chain.release import read_release
from scaffold.config.places import release_path
from scaffold.forge.api import RequestState
from scaffold.git import branches, transport
from scaffold.git.store import open_mirror
from tests.builders import need_programs
from tests.e2e.acme import Acme, new_platform
from tests.gitea import Gitea

pytestmark = pytest.mark.xdist_group("gitea")


@pytest.fixture
def acme(gitea: Gitea, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Acme:
    """A platform on the server."""
    need_programs(monkeypatch, "kustomize")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return new_platform(gitea, tmp_path)


def test_from_new_to_retired(acme: Acme) -> None:
    """New service, a commit that a webhook tells of, an upgrade, a promotion, the end."""
    preview = acme.must("new", "service", "payments", "--defaults", "--dry-run")
    assert acme.forge.find("payments-code") is None
    made = acme.must("new", "service", "payments", "--defaults")
    assert [4, 25] == [len(made["repos"]), len(preview["calls"])]
    assert ["set"] * 2 == [one["result"] for one in made["values"]]
    assert [] == [one for one in made["missing"] if "REGISTRY" in one]
    variable = acme.gitea.get(f"/orgs/{acme.group}/actions/variables/REGISTRY_USERNAME")
    assert "robot" == variable["data"]
    assert "grant payments-code to read-only: acme-platform-viewers" in "\n".join(preview["calls"])
    first = acme.released("dev")

    with acme.bot():
        code = acme.commit("payments-code", "main", {"src/new.py": "NEW = 1\n"})
        acme.gitea.wait_for(lambda: acme.released("staging") not in {None, first}, seconds=120)
    pin = acme.files("payments-docker")["upstream.yml"].data.decode()
    assert code == read_upstream(pin).commit
    assert None is acme.released("prod")

    for user, said in (
        ("read-only", "the platform takes no branch `scaffold/new-other` from you"),
        ("developer", "can't create the repo `other-code`: status 403"),
    ):
        refused = acme.scaffold("new", "service", "other", "--defaults", user=user)
        assert (1, True) == (refused.returncode, said in refused.stderr), refused.stderr
    platform = acme.forge.url("platform")
    assert {"main"} == branches.remote_heads(platform).keys()
    promoted = acme.must("promote", "payments", "--to", "prod", "--force", user="developer")
    (request,) = acme.forge.merge_requests("payments-env")
    assert (promoted["merge_request"], RequestState.OPEN) == (request.url, request.state)
    acme.forge.merge("payments-env", request.number)
    assert acme.released("staging") == acme.released("prod")

    propose(acme)
    upgrade(acme)
    retire(acme)


def propose(acme: Acme) -> None:
    """The next release is proposed to prod, and a reviewer reads what is in it."""
    code = acme.commit("payments-code", "main", {"src/new.py": "NEW = 2\n"})
    path = release_path("prod")
    before = read_release(acme.files("payments-env")[path].data, source=path)
    for _ in range(4):
        acme.must("bot", "run", "--once")
    (request,) = [
        one for one in acme.forge.merge_requests("payments-env") if one.state is RequestState.OPEN
    ]
    path = release_path("staging")
    after = read_release(acme.files("payments-env")[path].data, source=path)

    assert before is not None
    assert after is not None
    body = acme.gitea.get(f"/repos/{acme.group}/payments-env/pulls/{request.number}")["body"]
    page = f"{acme.gitea.url}/{acme.group}/payments-code/commit/{code}"
    assert f"- [`{code[:12]}`]({page}) `Change it` by `Dev`\n" in body
    assert f"**image** `{before.image}` -> `{after.image}`\n" in body
    assert f"-        image: {before.image}\n" in body
    assert f"+        image: {after.image}\n" in body
    acme.forge.merge("payments-env", request.number)


def titled(text: str, title: str) -> str:
    """The same under another title."""
    return re.sub(r"(?m)^# .*$", f"# {title}", text, count=1)


def upgrade(acme: Acme) -> None:
    """A new version that changes what the owner changed is a draft, and a second run is quiet."""
    readme = acme.files("payments-code")["README.md"].data.decode()
    acme.commit("payments-code", "main", {"README.md": titled(readme, "Ours")})
    blueprint = "blueprint-python-service"
    files = acme.files(blueprint)
    path = next(one for one in files if one.startswith("code/README.md"))
    text = titled(files[path].data.decode(), "Theirs")
    commit = acme.commit(blueprint, "main", {path: text})
    url = acme.forge.url(blueprint)
    folder, _ = open_mirror(url)
    transport.reach(url, "push", operands=[f"{commit}:refs/tags/v1.1.0"], cwd=folder)

    seen = []
    for _ in range(2):
        done = acme.scaffold("upgrade", "payments", "--output", "json", "--jobs", "2")
        assert 1 == done.returncode, done.stderr
        results = {one["repo"]: one["result"] for one in json.loads(done.stdout)["repos"]}
        assert "conflicts" == results["payments-code"], done.stdout
        (request,) = acme.forge.merge_requests("payments-code")
        seen.append(
            (request, branches.remote_head(acme.forge.url("payments-code"), request.branch))
        )
    assert seen[0] == seen[1]
    assert (True, RequestState.OPEN) == (request.draft, request.state)
    told = acme.gitea.get(f"/repos/{acme.group}/payments-code/pulls/{request.number}")
    assert ["scaffold-upgrade"] == [one["name"] for one in told["labels"]]


def retire(acme: Acme) -> None:
    """Its environments are emptied by a merge request; then it is archived, and out."""
    assert "proposed" == acme.must("retire", "payments")["stage"]
    (request,) = [
        one for one in acme.forge.merge_requests("payments-env") if one.branch == "scaffold/retire"
    ]
    acme.forge.merge("payments-env", request.number)

    assert "retired" == acme.must("retire", "payments")["stage"]
    found = [acme.forge.find(f"payments-{part}") for part in ("code", "docker", "manifest", "env")]
    assert [True] * 4 == [one.archived for one in found if one]
    assert "retired" == acme.must("retire", "payments")["stage"]

"""What an engine is told of a service from its making to its end, on a real Gitea."""

import re
from pathlib import Path

import pytest
import yaml

from scaffold.config.documents import parse_document
from scaffold.config.engine import Engine
from scaffold.config.platform import Platform
from scaffold.config.service import Service
from scaffold.fleet.engines.tree import engine_tree
from scaffold.git.tree import Tree
from tests.builders import need_programs
from tests.e2e.acme import Acme
from tests.fleet.engines import Item, objects
from tests.gitea import BOT, Gitea

pytestmark = pytest.mark.xdist_group("gitea")
ENVIRONMENTS = ("dev", "staging", "prod")


def told(acme: Acme) -> Tree:
    """All files below `deploy/` in the platform repo."""
    return {path: one for path, one in acme.files("platform").items() if path.startswith("deploy/")}


def expected(acme: Acme) -> Tree:
    """What the function makes of the platform repo as it is."""
    tree = acme.files("platform")
    model = parse_document(Platform, tree["platform.yml"].data, source="platform.yml")
    names = [path for path in tree if path.startswith("services/")]
    return engine_tree(
        model, [parse_document(Service, tree[name].data, source=name) for name in names]
    )


def is_automatic(acme: Acme, engine: Engine) -> set[bool]:
    """Whether the engine brings new releases of the service by itself, in each environment."""
    found = objects(told(acme))
    kind = "Kustomization" if engine is Engine.FLUX else "Application"
    specs = [found[f"deploy/{name}/services/payments.yaml: {kind} payments.{name}"]["spec"]
             for name in ENVIRONMENTS]  # fmt: skip
    if engine is Engine.FLUX:
        return {not spec.get("suspend", False) for spec in specs}
    return {bool(spec["syncPolicy"]["automated"]["enabled"]) for spec in specs}


def entry(acme: Acme) -> Item:
    """The service in the catalog."""
    found: Item = yaml.safe_load(acme.files("platform")["services/payments.yml"].data)
    return found


def deployed(acme: Acme) -> None:
    """Do what an engine does after a deploy: it sets the status of what main has come to."""
    commits = acme.gitea.get(f"/repos/{acme.group}/payments-env/commits?limit=8")
    for commit in commits:
        for name in ENVIRONMENTS:
            path = f"/repos/{acme.group}/payments-env/statuses/{commit['sha']}"
            told = {"state": "success", "context": f"deploy/{name}"}
            assert acme.gitea.call("POST", path, json=told).ok


@pytest.mark.parametrize("engine", [Engine.FLUX, Engine.ARGOCD])
def test_a_service_that_an_engine_deploys(
    gitea: Gitea, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, engine: Engine
) -> None:
    """Made, paused, taken up again, retired with its data: the engine is told with each commit."""
    need_programs(monkeypatch, "kustomize")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    acme = Acme(gitea, tmp_path)
    settings = {"url": gitea.url, "group": acme.group, "ca_file": gitea.ca_file, "bot": BOT}
    data = [f"--data={key}={value}" for key, value in {**settings, "engine": engine}.items()]
    acme.must("init", "acme", "--forge", "gitea", "--defaults", *data)
    (tmp_path / "platform").symlink_to(tmp_path / "acme/platform")
    assert expected(acme) == told(acme)

    acme.must("new", "service", "payments", "--defaults")
    assert expected(acme) == told(acme)
    assert {True} == is_automatic(acme, engine)
    workflow = acme.files("payments-env")[".github/workflows/ci.yml"].data.decode()
    smoked = [f"scaffold pipeline smoke --environment {name} --after {engine}"
              for name in ENVIRONMENTS]  # fmt: skip
    assert smoked == re.findall(r"scaffold pipeline smoke --environment \S+ --after \S+", workflow)
    assert "scaffold pipeline deploy" not in workflow

    for arguments, automatic in (([], False), (["--undo"], True)):
        assert 0 == acme.scaffold("pause", "payments", *arguments).returncode
        assert expected(acme) == told(acme)
        assert {automatic} == is_automatic(acme, engine)

    proposed = acme.must("retire", "payments", "--delete-data")
    assert ("proposed", True) == (proposed["stage"], entry(acme)["delete_data"])
    assert expected(acme) == told(acme)
    assert b"holds-data" not in told(acme)["deploy/dev/services/payments.yaml"].data
    (request,) = acme.forge.merge_requests("payments-env")
    acme.forge.merge("payments-env", request.number)
    waits = acme.must("retire", "payments", "--delete-data")
    assert ("deploying", True) == (waits["stage"], "`deploy/dev`" in waits["detail"])
    deployed(acme)
    assert "retired" == acme.must("retire", "payments", "--delete-data")["stage"]
    assert expected(acme) == told(acme)
    assert not [path for path in told(acme) if path.endswith("payments.yaml")]

    acme.scaffold("retire", "payments", "--undo")
    assert expected(acme) == told(acme)
    assert ("active", False) == (entry(acme)["state"], entry(acme)["delete_data"])
    assert {True} == is_automatic(acme, engine)
    assert b"holds-data" in told(acme)["deploy/dev/services/payments.yaml"].data

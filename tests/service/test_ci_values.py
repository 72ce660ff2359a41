"""Values that platform.yml names for pipelines: where they come from, and who is given them."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from scaffold.config.ci_values import CiKind, GivenValue
from scaffold.config.platform import Platform
from scaffold.config.service import PairedRepo, Service
from scaffold.fleet.catalog import Catalog
from scaffold.fleet.platform import PlatformRepo
from scaffold.forge.credentials import Credentials
from scaffold.forge.gitlab.adapter import GitlabGroupForge
from scaffold.service.ci_values import Result, set_values
from tests.builders import commit_files, git
from tests.forge.fake_http import TOKEN
from tests.forge.fake_server import serving
from tests.forge.git_side import GitSide
from tests.forge.gitlab.fake import FakeGitlab
from tests.tokens import noted

PIPELINE = """\
test:
  script: [sonar --token $SONAR_TOKEN, scaffold pipeline deploy --environment dev]
# A comment reads nothing: $COMMENTED
"""


def model(*values: dict[str, Any], url: str = "https://git.example.com") -> Platform:
    """A platform that names these."""
    return Platform.model_validate(
        {
            "name": "acme",
            "forge": {"kind": "gitlab", "url": url, "group": "acme/shop"},
            "registry": "registry.example.com",
            "ci": {"image": "ci:1", "values": values},
            "blueprints": [{"name": "small", "url": "https://git.example.com/small.git"}],
            "environments": [{"name": "dev"}, {"name": "my-prod", "after": "dev"}],
            "teams": [{"name": "a"}],
        }
    )


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ({"name": "REGISTRY_PASSWORD"}, (CiKind.SECRET, "SCAFFOLD_CI_REGISTRY_PASSWORD", True)),
        ({"name": "REGISTRY_USERNAME"}, (CiKind.VARIABLE, "SCAFFOLD_CI_REGISTRY_USERNAME", True)),
        ({"name": "SCAFFOLD_TOKEN"}, (CiKind.SECRET, "SCAFFOLD_CI_SCAFFOLD_TOKEN", False)),
        (
            {"name": "KUBECONFIG", "environment": "my-prod"},
            (CiKind.FILE, "SCAFFOLD_CI_KUBECONFIG_MY_PROD", True),
        ),
        (
            {"name": "LEVEL", "kind": "variable", "protected": False},
            (CiKind.VARIABLE, "SCAFFOLD_CI_LEVEL", False),
        ),
    ],
    ids=lambda told: told.get("name") if isinstance(told, dict) else "",
)
def test_what_a_name_says(told: dict[str, Any], expected: tuple[CiKind, str, bool]) -> None:
    """The kind, the variable that has the value, and whether merge requests are given it."""
    one = GivenValue.model_validate(told)

    assert expected == (one.made, one.source, one.is_protected)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ([{"name": "A"}, {"name": "A"}], "from the same variable: SCAFFOLD_CI_A"),
        ([{"name": "A_DEV"}, {"name": "A", "environment": "dev"}], "variable: SCAFFOLD_CI_A_DEV"),
        ([{"name": "A", "environment": "test"}], "the environments are dev, my-prod"),
        ([{"name": "lower"}], "String should match pattern"),
        ([{"name": "A", "value": "secret"}], "Extra inputs are not permitted"),
    ],
)
def test_what_platform_yml_may_not_say(values: list[dict[str, Any]], said: str) -> None:
    """No two come from one place, and no value stands there."""
    with pytest.raises(ValidationError, match=said):
        model(*values)


def test_who_is_given_what(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who names it in a pipeline; what can't be set is told, and no other waits for it."""
    (tmp_path / "code").mkdir()
    git("init", "-q", "-b", "main", ".", cwd=tmp_path / "code")
    commit_files(tmp_path / "code", {".gitlab-ci.yml": PIPELINE})
    empty = tmp_path / "empty"
    empty.touch()
    token, short = noted("sonar-91d7-token"), "short"
    for name, text in {
        "SONAR_TOKEN": token, "COMMENTED": token, "NOBODYS": token, "KUBECONFIG_DEV": str(empty),
        "KUBECONFIG_MY_PROD": str(empty),
    }.items():  # fmt: skip
        monkeypatch.setenv(f"SCAFFOLD_CI_{name}", text)
    values: list[dict[str, Any]] = [
        {"name": "SONAR_TOKEN"}, {"name": "COMMENTED"}, {"name": "NOBODYS"},
        {"name": "KUBECONFIG", "environment": "dev"},
        {"name": "KUBECONFIG", "environment": "my-prod"},
    ]  # fmt: skip
    fake = FakeGitlab()
    fake.git = GitSide(tmp_path / "server")
    fake.add("acme/shop/code")
    with serving(fake):
        platform = model(*values, url=fake.url)
        forge = GitlabGroupForge(platform.forge, Credentials(TOKEN, "the test"))  # type: ignore[arg-type]
        opened = PlatformRepo(tmp_path, "", "", platform, {}, forge)
        repos = {"code": PairedRepo(name="code", url=f"file://{tmp_path}/code")}
        shop = Service(name="shop", owner="a", summary="", blueprint="small", repos=repos)
        opened.__dict__["catalog"] = Catalog({"shop": shop}, {})

        found = list(set_values(opened))
        monkeypatch.setenv("SCAFFOLD_CI_SONAR_TOKEN", short)
        again = [one for one in set_values(opened) if "platform" not in one.where]

    lost = [one for one in found if one.where == "the repo platform"]
    assert [True] * len(values) == [one.failed for one in lost]  # it is not on this forge
    told = [(one.value.name, one.where, one.result) for one in found if one not in lost]
    assert [
        ("SONAR_TOKEN", "the group acme/shop", Result.SET),
        ("KUBECONFIG", "the repo code", Result.NOT_SET),
    ] == told
    assert "SCAFFOLD_CI_KUBECONFIG_DEV names no file that can be read and has a text." in (
        found[-1].said
    )
    assert again[0].failed
    assert "GitLab could not mask it in logs" in again[0].why
    assert {("acme/shop", "SONAR_TOKEN", "*"): token} == {
        place: one["value"] for place, one in fake.values.items()
    }

"""A forge is one entry of a table: its settings, token, pages, webhooks and adapter."""

import os
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from scaffold.bot.webhook import repo_urls, signed_as
from scaffold.config.forges.kind import ForgeKind, hmac_sha256
from scaffold.config.forges.registered import FORGES
from scaffold.config.forges.server import ServerForge
from scaffold.forge.credentials import find_credentials
from scaffold.forge.pages import commit_page
from scaffold.forge.registry import open_forge
from scaffold.programs import KUBECTL
from tests.builders import write_files
from tests.forge.made_up.kind import CODEYARD, CodeyardForge

ROOT = Path(__file__).parents[2]
SECRET, TOKEN = "s3cret", "t"
SETTINGS = {
    "local": {"path": "/tmp/forge"},  # noqa: S108 - nothing is written
    "gitlab": {"group": "acme"},
    "github": {"group": "acme"},
    "gitea": {"group": "acme", "url": "https://git.example.com"},
}
OPEN = """
import json, sys
from pydantic import TypeAdapter
from scaffold.config.forge import ForgeSettings
from scaffold.forge.registry import open_forge
open_forge(TypeAdapter(ForgeSettings).validate_python(json.loads(sys.argv[1])))
print(*sorted(sys.modules))
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A folder of a name that a platform may have; there is none yet."""
    return tmp_path / "acme"


@pytest.fixture
def codeyard(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[CodeyardForge]:
    """The settings of the made-up forge while it is registered; there is no token for it yet."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    for name in ("SCAFFOLD_TOKEN", "CODEYARD_TOKEN", "YARD_HOME"):
        monkeypatch.delenv(name, raising=False)
    FORGES.append(CODEYARD)
    yield CodeyardForge(kind="codeyard", group="acme", disk=str(tmp_path / "disk"))
    FORGES.remove(CODEYARD)


def made_up(*arguments: str, cwd: Path, token: str = "") -> subprocess.CompletedProcess[str]:
    """Run `scaffold` where the made-up forge is registered."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "HOME": str(cwd), "SCAFFOLD_TOKEN": token}
    for name in ("CODEYARD_TOKEN", "YARD_HOME", "XDG_CONFIG_HOME", "SCAFFOLD_PLATFORM"):
        environment.pop(name, None)
    command = [sys.executable, "-m", "tests.forge.made_up", *arguments]
    return subprocess.run(
        command, cwd=cwd, env=environment, capture_output=True, text=True, check=False
    )


def init(cwd: Path, *settings: str, token: str = "") -> subprocess.CompletedProcess[str]:
    """Make a platform on the made-up forge."""
    data = [word for setting in settings for word in ("--data", setting)]
    cwd.mkdir()
    return made_up("init", "--forge", "codeyard", "--defaults", *data, cwd=cwd, token=token)


def test_an_entry_of_the_table_is_all_that_a_forge_takes(home: Path) -> None:
    """As CONTRIBUTING says: `init` makes a platform there, and other commands read its settings."""
    disk = home / "disk"

    made = init(home, "group=acme", f"disk={disk}", token=TOKEN)
    shown = made_up("status", "--platform", "platform", cwd=home, token=TOKEN)

    assert (0, 0) == (made.returncode, shown.returncode), made.stderr + shown.stderr
    assert [
        "blueprint-go-service.git",
        "blueprint-python-service.git",
        "blueprint-worker.git",
        "platform.git",
    ] == sorted(path.name for path in disk.glob("*.git"))
    text = (home / "platform/platform.yml").read_text()
    assert f"forge:\n  group: acme\n  kind: codeyard\n  disk: {disk}\n" in text


def test_its_settings_are_checked(home: Path) -> None:
    """By its own model, whichever key is missing or not known."""
    refused = init(home, "grp=acme")

    assert (2, ["group: Field required", "disk: Field required"]) == (
        refused.returncode,
        [line.strip() for line in refused.stderr.splitlines() if "required" in line],
    )


def test_a_wrong_key_in_platform_yml_has_the_close_one_named(home: Path) -> None:
    """Of the keys that the kind has."""
    init(home, "group=acme", f"disk={home}/disk", token=TOKEN)
    platform = home / "platform/platform.yml"
    platform.write_text(platform.read_text().replace("  disk:", "  dsik:"))

    checked = made_up("check", "platform", cwd=home, token=TOKEN)

    assert 1 == checked.returncode
    assert "`forge.dsik`: is not a known key; did you mean `disk`?" in checked.stdout


def test_where_its_token_is_looked_for(home: Path) -> None:
    """The error names its variable and its program."""
    refused = init(home, "group=acme", f"disk={home}/disk")

    hint = (
        "  Set SCAFFOLD_TOKEN or CODEYARD_TOKEN, or log in with `yard log-in` or git's credential"
        " helper."
    )
    assert (1, hint) == (refused.returncode, refused.stderr.splitlines()[-1])


def test_its_token(
    codeyard: CodeyardForge, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From what its own program keeps, in either folder; a variable comes before both."""
    write_files(tmp_path, {"yard/keys.yml": "codeyard.example.com: {key: of-the-program}\n"})
    write_files(tmp_path, {"home/keys.yml": "codeyard.example.com: {key: of-another-folder}\n"})
    found = [find_credentials(codeyard).token]
    monkeypatch.setenv("YARD_HOME", str(tmp_path / "home"))
    found.append(find_credentials(codeyard).token)
    monkeypatch.setenv("CODEYARD_TOKEN", "of-the-variable")
    found.append(find_credentials(codeyard).token)

    assert ["of-the-program", "of-another-folder", "of-the-variable"] == found


def test_it_is_opened(codeyard: CodeyardForge, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the class that the entry names."""
    monkeypatch.setenv("CODEYARD_TOKEN", "t")

    assert f"file://{codeyard.disk}/shop.git" == open_forge(codeyard).url("shop")


def test_the_page_of_a_commit(codeyard: CodeyardForge) -> None:
    """Where the entry says."""
    url = "https://codeyard.example.com/acme/shop.git"

    assert "https://codeyard.example.com/acme/shop/changes/abc" == commit_page(
        codeyard.kind, url, "abc"
    )


@pytest.mark.usefixtures("codeyard")
def test_a_webhook() -> None:
    """Signed and read as the entry says."""
    body = b'{"place": {"address": "https://codeyard.example.com/acme/shop"}}'
    headers = {"x-codeyard-signature": f"v1,{hmac_sha256(body, SECRET)}"}

    webhook = signed_as(headers, body, SECRET)

    assert CODEYARD.webhook == webhook
    assert webhook is not None
    event = {"place": {"address": "https://codeyard.example.com/acme/shop"}}
    assert {"codeyard.example.com/acme/shop"} == repo_urls(event, webhook)


@pytest.mark.parametrize("kind", FORGES, ids=lambda kind: kind.name)
def test_one_adapter_is_loaded(kind: ForgeKind) -> None:
    """The one that is opened; without a server no HTTP client, either."""
    settings = f'{{"kind": "{kind.name}", {str(SETTINGS[kind.name])[1:]}'.replace("'", '"')
    done = subprocess.run(
        [sys.executable, "-c", OPEN, settings],
        env={**os.environ, "SCAFFOLD_TOKEN": "t"}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    modules = done.stdout.split()

    assert [kind.adapter.partition(":")[0]] == [
        other.adapter.partition(":")[0]
        for other in FORGES
        if other.adapter.partition(":")[0] in modules
    ]
    assert issubclass(kind.settings, ServerForge) == ("requests" in modules)


def test_every_kind_but_the_local_one_is_a_server() -> None:
    """`init`, reports and policy know these two sorts, and would take another one for local."""
    assert ["local"] == [kind.name for kind in FORGES if not issubclass(kind.settings, ServerForge)]


def test_the_import_contract_keeps_all_kinds_apart() -> None:
    """Their entries, and their adapters."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    apart = {
        module
        for contract in contracts["contracts"]
        if contract["type"] == "independence"
        for module in contract["modules"]
    }

    assert (
        set()
        == {
            name
            for kind in FORGES
            for name in (kind.settings.__module__, kind.adapter.rpartition(".")[0])
        }
        - apart
    )


@pytest.mark.parametrize("kind", FORGES, ids=lambda kind: kind.name)
def test_kubectl_gets_no_token_of_a_forge(kind: ForgeKind) -> None:
    """The programs that a kubeconfig names have no business with it."""
    assert [] == [name for name in kind.login.variables if KUBECTL.takes(name)]

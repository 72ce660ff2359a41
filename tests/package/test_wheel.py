"""The wheel, installed where there is no clone: it is whole, and works from the first command."""

import email
import os
import subprocess
import sys
import sysconfig
from collections.abc import Sequence
from dataclasses import dataclass
from email.message import Message
from pathlib import Path
from zipfile import ZipFile

import pytest

from scaffold import __version__
from tests.builders import git

ROOT = Path(__file__).parents[2]
PYTHONS = ("3.11", "3.12", "3.13", "3.14")


@dataclass(frozen=True)
class Installed:
    """A wheel, and an environment in which it is installed."""

    wheel: Path
    python: Path

    def run(self, *words: str, cwd: Path) -> str:
        """What the installed program prints; it must end well."""
        environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        done = subprocess.run(
            [str(self.python.with_name("scaffold")), *words],
            cwd=cwd, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True,
            check=False,
        )  # fmt: skip
        assert 0 == done.returncode, done.stdout + done.stderr
        return done.stdout

    @property
    def metadata(self) -> Message:
        """What a package index shows."""
        with ZipFile(self.wheel) as files:
            name = next(one for one in files.namelist() if one.endswith(".dist-info/METADATA"))
            return email.message_from_bytes(files.read(name))


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """Built and installed once; what it depends on is that of the tests, the clone is not."""
    folder = tmp_path_factory.mktemp("wheel")

    def run(*command: str | Path) -> None:
        subprocess.run(list(map(str, command)), cwd=folder, check=True, capture_output=True)

    pip: Sequence[str] = (sys.executable, "-m", "pip", "--disable-pip-version-check")
    run(*pip, "wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", folder, ROOT)
    (wheel,) = folder.glob("*.whl")
    run(sys.executable, "-m", "venv", "--without-pip", "venv")
    python = folder / "venv/bin/python"
    run(*pip, "--python", python, "install", "--no-deps", wheel)
    own = sysconfig.get_path("purelib", vars={"base": str(folder / "venv")})
    # A path in a .pth file: the .pth files there, such as that of the clone, count for nothing.
    (Path(own) / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return Installed(wheel, python)


def test_it_is_not_the_clone(installed: Installed, tmp_path: Path) -> None:
    """Else nothing below would be shown."""
    done = subprocess.run(
        [installed.python, "-c", "import scaffold; print(scaffold.__file__)"],
        cwd=tmp_path, capture_output=True, text=True, check=True,
    )  # fmt: skip

    assert str(installed.python.parents[1]) in done.stdout


def test_the_first_commands(installed: Installed, tmp_path: Path) -> None:
    """A platform, a service and a pass of the bot, with the blueprints that are in the wheel."""
    assert f"scaffold {__version__}\n" == installed.run("--version", cwd=tmp_path)
    assert "ok       git" in installed.run("doctor", cwd=tmp_path)
    installed.run("init", "acme", "--defaults", cwd=tmp_path)
    installed.run("new", "service", "shop", "--defaults", cwd=tmp_path / "acme")
    assert "shop" in installed.run("bot", "run", "--once", cwd=tmp_path / "acme")
    assert (tmp_path / "acme/forge/shop-env.git").is_dir()
    installed.run("blueprint", "new", "greeter", cwd=tmp_path / "acme")


def test_metadata(installed: Installed) -> None:
    """The name, the version of the module, the licence, and the Pythons that it was tried on."""
    told = installed.metadata
    classifiers = told.get_all("Classifier") or []

    assert ("scaffold-blueprints", __version__) == (told["Name"], told["Version"])
    assert ("Apache-2.0", ">=3.11") == (told["License-Expression"], told["Requires-Python"])
    assert "Typing :: Typed" in classifiers
    prefix = "Programming Language :: Python :: "
    named = [one.removeprefix(prefix) for one in classifiers if one.startswith(f"{prefix}3.")]
    assert list(PYTHONS) == named
    extras = {"authoring", "bot", "checks", "probe", "secrets"}
    assert extras == set(told.get_all("Provides-Extra") or [])


def test_what_is_in_it(installed: Installed) -> None:
    """Types for those who import it, each blueprint, and nothing that tests left there."""
    with ZipFile(installed.wheel) as files:
        names = set(files.namelist())

    assert "scaffold/py.typed" in names
    shipped = {path.parent.name for path in (ROOT / "blueprints").glob("*/blueprint.yml")}
    assert shipped == {
        name.split("/")[2] for name in names if name.startswith("scaffold/_blueprints/")
        and name.endswith("/blueprint.yml") and name.count("/") == 3
    }  # fmt: skip
    skeletons = "scaffold/authoring/skeletons"
    committed = git("ls-files", "-z", f"{skeletons}/", cwd=ROOT).split("\0")
    assert set(filter(None, committed)) == {
        name for name in names if name.startswith(f"{skeletons}/")
    }
    assert [] == [name for name in names if "__pycache__" in name or "_cache/" in name]
    assert [] == [name for name in names if name.startswith(("tests/", "docs/"))]


def test_the_manual_page(installed: Installed) -> None:
    """Is where `man` looks once the wheel is installed."""
    page = "share/man/man1/scaffold.1"

    assert (ROOT / page).read_text() == (installed.python.parents[1] / page).read_text()

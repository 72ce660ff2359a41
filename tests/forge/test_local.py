"""The embedded forge: bare repos in a folder, and locks that the kernel keeps."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from scaffold.config.forges.local import LocalForge
from scaffold.errors import ForgeError
from scaffold.forge.api import FoundRepo
from scaffold.forge.local.adapter import LocalFolderForge
from scaffold.forge.registry import open_forge
from scaffold.git.branches import remote_head
from tests.builders import git, harmful_git_config

NOBODY = 65534
# As an unprivileged user, once all is imported: root may write anywhere.
UNPRIVILEGED = f"""
import os, sys
from scaffold.errors import ForgeError
from scaffold.forge.local.adapter import LocalFolderForge
if os.getuid() == 0:
    os.setgroups([])
    os.setgid({NOBODY})
    os.setuid({NOBODY})
forge = LocalFolderForge(sys.argv[1])
try:
    forge.create("shop", description="")
except ForgeError as error:
    print(error.what, error.where, error.hint, sep="|")
"""
CREATE_MANY = """
import sys
from scaffold.forge.local.adapter import LocalFolderForge
forge = LocalFolderForge(sys.argv[1])
for number in range(1000):
    forge.create(f"shop-{number}", description="A shop")
"""


@pytest.fixture
def read_only_folder() -> Iterator[Path]:
    """A folder that everybody may read and only root may write to."""
    folder = Path(tempfile.mkdtemp(dir="/tmp"))  # everybody can get there
    folder.chmod(0o555)
    yield folder
    folder.chmod(0o755)
    shutil.rmtree(folder)


def test_platform_yml_names_it(tmp_path: Path) -> None:
    """`forge: {kind: local, path: ...}` is a forge in that folder."""
    forge = open_forge(LocalForge(kind="local", path=str(tmp_path)))

    assert f"file://{tmp_path}/shop.git" == forge.url("shop")


def test_a_new_repo_is_empty(forge: LocalFolderForge) -> None:
    """Its default branch is main, which has no commit; its description is for people to read."""
    forge.create("blueprints/shop", description="Sells gr\u00fcne \u00c4pfel")

    folder = Path(forge.url("blueprints/shop").removeprefix("file://"))
    assert "refs/heads/main" == git("symbolic-ref", "HEAD", cwd=folder)
    assert "true" == git("rev-parse", "--is-bare-repository", cwd=folder)
    assert remote_head(forge.url("blueprints/shop")) is None
    assert "Sells gr\u00fcne \u00c4pfel\n" == (folder / "description").read_text(encoding="utf-8")


def test_a_deleted_repo_is_gone(forge: LocalFolderForge) -> None:
    """Others stay, and the forge keeps nothing of it."""
    forge.create("shop", description="A shop")
    forge.create("other", description="Another one")

    forge.delete("shop")

    assert (None, FoundRepo("other")) == (forge.find("shop"), forge.find("other"))
    root = Path(forge.url("x").removeprefix("file://")).parent
    assert [] == list((root / ".scaffold").iterdir())


def test_a_repo_that_is_there_is_not_replaced(
    forge: LocalFolderForge, branches: dict[str, str]
) -> None:
    """Creating it again makes nothing, says so, and it keeps its commits."""
    assert False is forge.create("shop", description="Again")
    assert branches["a"] == remote_head(forge.url("shop"), "a")


def test_only_one_of_many_creates_it(forge: LocalFolderForge) -> None:
    """Of several at once, one does and the others are told."""

    def create(_: int) -> bool:
        return forge.create("shop", description="A shop")

    with ThreadPoolExecutor(8) as pool:
        created = list(pool.map(create, range(8)))

    assert 1 == created.count(True)


def test_a_killed_create_leaves_no_half_of_a_repo(tmp_path: Path) -> None:
    """Every repo that is there is whole, whenever its maker was killed.

    What that left is gone once another one has been made.
    """
    root = tmp_path / "forge"
    for repos_before_the_kill in (1, 7, 23):
        shutil.rmtree(root, ignore_errors=True)
        with subprocess.Popen([sys.executable, "-c", CREATE_MANY, str(root)]) as process:
            deadline = time.monotonic() + 60
            while len(list(root.glob("*.git"))) < repos_before_the_kill:
                assert time.monotonic() < deadline
            process.kill()
        for folder in root.glob("*.git"):
            assert "A shop\n" == (folder / "description").read_text()
            assert "refs/heads/main" == git("symbolic-ref", "HEAD", cwd=folder)
            assert "" == git("fsck", "--no-dangling", cwd=folder)
        LocalFolderForge(str(root)).create("after", description="")
        assert [] == list((root / ".scaffold").iterdir())


def test_the_users_template_folder_is_not_copied(tmp_path: Path) -> None:
    """Hooks that the user has in every new repo of theirs don't get into the forge's."""
    (tmp_path / "home").mkdir()
    harmful_git_config(tmp_path / "home")
    script = CREATE_MANY.replace("1000", "1")

    subprocess.run(
        [sys.executable, "-c", script, str(tmp_path / "forge")],
        env={**os.environ, "HOME": str(tmp_path / "home")}, check=True,
    )  # fmt: skip

    folder = tmp_path / "forge/shop-0.git"
    assert "refs/heads/main" == git("symbolic-ref", "HEAD", cwd=folder)
    assert [] == [
        path for path in folder.rglob("*") if path.stat().st_mode & 0o111 and path.is_file()
    ]


def test_a_folder_that_can_not_be_written_to(read_only_folder: Path) -> None:
    """The error says which folder and what to look at."""
    done = subprocess.run(
        [sys.executable, "-c", UNPRIVILEGED, str(read_only_folder)],
        capture_output=True, text=True, check=True,
    )  # fmt: skip

    hint = "See that the folder is there, that you may write to it and it has room."
    what = "can't create the repo `shop`: Permission denied"
    assert f"{what}|{read_only_folder}|{hint}\n" == done.stdout


def test_a_file_in_the_folders_place(tmp_path: Path) -> None:
    """It can't be a forge, and the error says so."""
    (tmp_path / "forge").write_text("")

    with pytest.raises(ForgeError, match="can't create the repo `shop`: ") as caught:
        LocalFolderForge(str(tmp_path / "forge")).create("shop", description="")

    assert str(tmp_path / "forge") == caught.value.where


@pytest.mark.parametrize("name", ["with space", "gr\u00fcn", "100%", "a#b", "50%20off"])
def test_git_finds_the_folder_whatever_its_name(tmp_path: Path, name: str) -> None:
    """The URL is one that the git program understands."""
    forge = LocalFolderForge(str(tmp_path / name))
    forge.create("shop", description="A shop")

    assert remote_head(forge.url("shop")) is None

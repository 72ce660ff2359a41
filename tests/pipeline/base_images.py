"""Base images for real builds on a machine that reaches no registry of images.

They stand in for the official ones under their names: a shell, the interpreter or the compiler of
this machine, and the shared libraries that these need.
"""

import os
import re
import shutil
import ssl
import sys
from collections.abc import Iterable
from pathlib import Path

from scaffold.process import find_program, run

_LEFT_OUT = shutil.ignore_patterns("site-packages", "test", "idlelib", "__pycache__", "*.a")


def python_root(folder: Path) -> None:
    """Lay out what the image `python` has: the interpreter that runs the tests, as `python`."""
    own, version = Path(sys.base_prefix), f"python{sys.version_info[0]}.{sys.version_info[1]}"
    there = folder / "usr/local"
    library = there / "lib" / version
    shutil.copytree(own / "lib" / version, library, ignore=_LEFT_OUT, symlinks=True)
    program = there / "bin" / version
    program.parent.mkdir(parents=True)
    shutil.copy2((own / "bin" / version).resolve(), program)
    for name in ("python", "python3"):
        (there / "bin" / name).symlink_to(version)
    _finish(folder, [program, *library.glob("lib-dynload/*.so")])


def go_root(folder: Path) -> None:
    """Lay out what the image `golang` has: this machine's Go, in its place."""
    go = find_program("go")
    assert go
    root = Path(run([go, "env", "GOROOT"], env={**os.environ}).text.strip())
    there = folder / "usr/local/go"
    left_out = shutil.ignore_patterns("test", "testdata", "doc", "api", "misc")
    shutil.copytree(root, there, ignore=left_out, symlinks=True)
    (folder / "usr/local/bin").mkdir(parents=True)
    (folder / "usr/local/bin/go").symlink_to("../go/bin/go")
    _finish(folder, [there / "bin/go"])


def add_git(folder: Path) -> None:
    """Add this machine's git."""
    program = Path(shutil.which("git") or "")
    helpers = Path(run(["git", "--exec-path"]).text.strip())
    there = folder / helpers.relative_to("/")
    shutil.copytree(helpers, there, symlinks=True)
    git = folder / "usr/bin/git"
    git.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy2(program.resolve(), git)
    _finish(folder, [git, *helpers.glob("git-remote-http")])


def add_wheel_libraries(folder: Path) -> None:
    """Add what a wheel may ask any Linux for: https://peps.python.org/pep-0599/."""
    (whole,) = [one for one in _libraries(Path("/bin/sh").resolve()) if one.name == "libc.so.6"]
    for name in (
        "libpthread.so.0", "libdl.so.2", "librt.so.1", "libm.so.6", "libutil.so.1", "libgcc_s.so.1",
        "libstdc++.so.6",
    ):  # fmt: skip
        library = whole.with_name(name)
        place = folder / library.relative_to("/")
        if library.exists() and not place.exists():
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(library.resolve(), place)


def storage_below(folder: Path) -> str:
    """A storage.conf by which buildah keeps all it has below a folder, without overlay mounts."""
    return f'[storage]\ndriver = "vfs"\nrunroot = "{folder}/run"\ngraphroot = "{folder}/graph"\n'


def make_image(buildah: str, name: str, root: Path) -> None:
    """Store an image of that name whose files are those below `root`."""
    environment = {**os.environ}

    def call(*arguments: str) -> str:
        done = run([buildah, *arguments], env=environment, timeout=300)
        assert done.status == 0, done.last_lines
        return done.text.strip()

    container = call("from", "scratch")
    call("add", "--quiet", container, str(root), "/")
    call("config", "--env", "PATH=/usr/local/bin:/usr/bin:/bin", container)
    call("commit", "--quiet", container, name)
    call("rm", container)


def _finish(folder: Path, programs: Iterable[Path]) -> None:
    """Add a shell, who is root, whom to trust, and the libraries of the shell and of `programs`."""
    shell = folder / "bin/sh"
    shell.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy2(Path("/bin/sh").resolve(), shell)
    for name in ("tmp", "root", "etc/ssl/certs"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    (folder / "tmp").chmod(0o1777)
    (folder / "etc/passwd").write_text("root:x:0:0:root:/root:/bin/sh\n")
    (folder / "etc/group").write_text("root:x:0:\n")
    trusted = ssl.get_default_verify_paths().cafile or "/etc/ssl/certs/ca-certificates.crt"
    shutil.copy2(trusted, folder / "etc/ssl/certs/ca-certificates.crt")
    for program in (shell, *programs):
        for library in _libraries(program):
            place = folder / library.relative_to("/")
            if not place.exists():
                place.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(library.resolve(), place)


def _libraries(program: Path) -> list[Path]:
    """The shared libraries that a program needs, where the loader finds them here."""
    told = run(["ldd", str(program)]).text
    return [Path(path) for path in re.findall(r"(?:=> |^\s*)(/\S+) \(0x", told, re.MULTILINE)]

"""The test of locks that a service is made with, on a project whose packages are installed here."""

import runpy
from pathlib import Path

import pytest
from rendering import Render

PROJECT = """\
[build-system]
requires = ["pluggy>=1"]
[project]
name = "one"
dependencies = ["pytest>=8", "colorama; sys_platform == 'win32'"]
[project.optional-dependencies]
dev = ["packaging>=24"]
docs = []
"""
PACKAGES = ("iniconfig", "packaging", "pluggy", "pygments", "pytest")
FOR_WINDOWS = "colorama==0.4 ; sys_platform == 'win32'"
LOCKS = {
    "requirements.lock": PACKAGES,
    "requirements-build.lock": ("pluggy",),
    "requirements-dev.lock": PACKAGES,
}


def check(render: Render, folder: Path, **changes: str) -> None:
    """Run the service's test in a folder whose locks have these lines, too; `-name` takes one away."""
    (folder / "tests").mkdir()
    (folder / "pyproject.toml").write_text(PROJECT)
    for lock, names in LOCKS.items():
        lines = [f"{name}==99" for name in names] + [FOR_WINDOWS]
        change = changes.get(lock.removesuffix(".lock").replace("-", "_"), "")
        lines = [one for one in lines if not change or not one.startswith(change[1:])]
        lines += [change] if change and change[0] != "-" else []
        (folder / lock).write_text("".join(f"{one} \\\n    --hash=sha256:00\n" for one in lines))
    copy = folder / "tests/test_locks.py"
    copy.write_text((render("code") / "tests/test_locks.py").read_text())
    test = runpy.run_path(str(copy))["test_a_lock_has_what_is_needed"]
    [mark] = test.pytestmark
    for arguments in mark.args[1]:
        test(*arguments)


def test_locks_that_fit_are_fine(render: Render, tmp_path: Path) -> None:
    """What is for another system is none of this machine's business."""
    check(render, tmp_path)


@pytest.mark.parametrize("lock", ["requirements", "requirements_build", "requirements_dev"])
@pytest.mark.parametrize("change", ["left-over==1.0", "-pluggy"])
def test_a_package_too_many_or_too_few(
    render: Render, tmp_path: Path, lock: str, change: str
) -> None:
    """Either is an error in each of the locks, and it says what to do."""
    with pytest.raises(AssertionError, match="run make lock, and commit what it writes"):
        check(render, tmp_path, **{lock: change})


def test_a_version_that_is_not_asked_for(render: Render, tmp_path: Path) -> None:
    """A backend of another version than pyproject.toml says builds nothing."""
    with pytest.raises(AssertionError, match="run make lock"):
        check(render, tmp_path, requirements_build="pluggy==0.1")

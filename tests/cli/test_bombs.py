"""Blueprints that would take all memory, or never end, given to each command that reads one.

All run as processes. The limits are told in docs/explanation/security.md; here they are lower, so
that the tests are soon done.
"""

import shutil
from collections.abc import Iterator

import pytest

from tests.builders import BLUEPRINT_YML, Files, git, write_files
from tests.service.run import scaffold
from tests.upgrade.fleet import QUESTIONS, Fleet, make_fleet

LOWER = """\
import resource

from scaffold.render import limits

limits._SECONDS, limits._MEMORY = 1.0, 2**26
# What no limit of ours keeps is ended by this one, and not by the machine.
resource.setrlimit(resource.RLIMIT_DATA, (3 * 2**30, 3 * 2**30))
"""
_ALIASES = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 12)
)
_DEEP = f"deep: {'[' * 5000}{']' * 5000}\n"
BOMBS: dict[str, tuple[Files, str]] = {
    "aliases in copier.yml": ({"copier.yml": QUESTIONS + _ALIASES}, "copier.yml"),
    "aliases in blueprint.yml": ({"blueprint.yml": BLUEPRINT_YML + _ALIASES}, "blueprint.yml"),
    "nesting in copier.yml": ({"copier.yml": QUESTIONS + _DEEP}, "copier.yml"),
    "nesting in blueprint.yml": ({"blueprint.yml": BLUEPRINT_YML + _DEEP}, "blueprint.yml"),
    "nesting in a template": (
        {"code/bomb.txt.jinja": f"{{{{ {'(' * 5000}1{')' * 5000} }}}}\n"},
        "code/bomb.txt.jinja",
    ),
    "a text of 5 GB": ({"code/bomb.txt.jinja": "{{ 'x' * 5000000000 }}\n"}, "code/bomb.txt.jinja"),
    "a loop without an end": (
        {
            "code/bomb.txt.jinja": "{% set l = [1] %}{% for i in l %}{{ l.append(i) or '' }}"
            "{% endfor %}\n"
        },
        "code/bomb.txt.jinja",
    ),
    "a file of 80 MB": ({"code/bomb.bin": b"\0" * 80_000_000}, "code/bomb.bin"),
    "a copier.yml of 20 MB": (
        {"copier.yml": QUESTIONS + "# x\n" * 5_000_000},
        "copier.yml",
    ),
}


COMMANDS = {
    "new": ("new", "service", "till", "--defaults", "--blueprint", "small@v9.0.0"),
    "lint": ("blueprint", "lint", "bomb"),
    "test": ("blueprint", "test", "bomb", "--jobs", "1"),
    "preview": ("blueprint", "preview", "bomb", "--jobs", "1"),
}


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Fleet:
    """A platform with a service, and a module that lowers the limits of every process."""
    made = make_fleet(tmp_path_factory.mktemp("bombs") / "acme", "shop")
    write_files(made.root / "lower", {"sitecustomize.py": LOWER})
    return made


@pytest.fixture(scope="module", params=BOMBS)
def bomb(request: pytest.FixtureRequest, fleet: Fleet) -> Iterator[str]:
    """The name of one that lies in the folder `bomb`, and is released as v9.0.0."""
    files, _ = BOMBS[request.param]
    folder = fleet.root / "bomb"
    git("clone", "-q", str(fleet.root / "small.git"), str(folder), cwd=fleet.root)
    write_files(folder, files)
    git("add", "-A", cwd=folder)
    git("commit", "-q", "-m", "A bomb", cwd=folder)
    git("tag", "v9.0.0", cwd=folder)
    git("push", "-q", "origin", "v9.0.0", cwd=folder)
    git("tag", "-d", "v9.0.0", cwd=folder)
    yield request.param
    git("push", "-q", "origin", ":v9.0.0", cwd=folder)
    shutil.rmtree(folder)


@pytest.mark.parametrize("command", COMMANDS)
def test_it_ends_with_an_error(fleet: Fleet, bomb: str, command: str) -> None:
    """One that says what is too much, and in which file; nothing is made, nothing is left."""
    environment = {"PYTHONPATH": str(fleet.root / "lower")}
    done = scaffold(*COMMANDS[command], cwd=fleet.root, env=environment)
    said = done.stdout + done.stderr

    assert 1 == done.returncode, said
    assert BOMBS[bomb][1] in said
    assert "unexpected" not in said
    assert "fault of scaffold" not in said
    assert not list((fleet.root / "forge").glob("till-*"))

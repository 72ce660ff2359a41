"""Each `--dry-run`: it says what the same command then does, and changes nothing."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from scaffold.git.tree import init_bare, open_repo
from tests.authoring.blueprints import make_author
from tests.builders import commit_files, git
from tests.cli.test_chain import make_platform
from tests.cli.test_contract import OPTIONS
from tests.service.run import release_blueprint, scaffold

# Told of what is made only then: ids, addresses, and that it was done.
ONLY_DONE = {
    "dry_run", "created", "calls", "messages", "commit", "merge_request", "pushed", "next",
    "registration", "merge_request_number", "branch", "since", "until",
}  # fmt: skip
# A word of the dry run, and that of the run.
THEN = {"would-change": "opened", "would-conflict": "conflicts"}
# The pipeline's steps change a cluster: tests/pipeline holds them to the same.
ON_A_CLUSTER = {"pipeline access", "pipeline deploy"}


@dataclass(frozen=True)
class Case:
    """A command, where it is typed, and how it ends."""

    words: tuple[str, ...]
    folder: str = "."
    status: int = 0


def small(root: Path) -> None:
    """A service of four small repos, to which code was pushed."""
    make_platform(root).commit("code", {"app.py": "two\n"})


def retiring(root: Path) -> None:
    """The same, whose environments were emptied."""
    make_platform(root)
    for words in (("retire", "shop"), ("merge-request", "merge", "shop-env", "1")):
        assert 0 == scaffold(*words, cwd=root).returncode


def given(root: Path) -> None:
    """The same small repos, and somebody who was given a role for a while."""
    small(root)
    done = scaffold(*GRANT, cwd=root)
    assert 0 == done.returncode, done.stderr


def shipped(root: Path) -> None:
    """A platform with the shipped blueprints, and a service of an older release."""
    for words in (("init", ".", "--defaults"), ("new", "service", "shop", "--defaults")):
        done = scaffold(*words, cwd=root)
        assert 0 == done.returncode, done.stderr
    release_blueprint(root, "v1.0.1", "code/README.md.jinja", "# {{ service }}\n")


def edited(root: Path) -> None:
    """A platform with the shipped blueprints, and a service one of whose files is another."""
    for words in (("init", ".", "--defaults"), ("new", "service", "shop", "--defaults")):
        done = scaffold(*words, cwd=root)
        assert 0 == done.returncode, done.stderr
    git("clone", "-q", f"file://{root}/forge/shop-code.git", str(root / "shop-code"), cwd=root)
    (root / "shop-code/README.md").write_text("mine\n")
    git("commit", "-q", "-am", "Edit", cwd=root / "shop-code")
    git("push", "-q", cwd=root / "shop-code")


def by_hand(root: Path) -> None:
    """A platform, and a repo that was made by hand, in which one file is another."""
    assert 0 == scaffold("init", ".", "--defaults", cwd=root).returncode
    commit_files(root / "billing", {"README.md": "mine\n"})


def unreleased(root: Path) -> None:
    """A blueprint that was never released, and a repo for it on the forge of a platform."""
    for words in (("init", ".", "--defaults"), ("blueprint", "new", "greeter")):
        done = scaffold(*words, cwd=root)
        assert 0 == done.returncode, done.stderr
    init_bare(root / "forge/blueprints/greeter.git")


def unregistered(root: Path) -> None:
    """A platform, and a blueprint with a version that it does not know."""
    assert 0 == scaffold("init", ".", "--defaults", cwd=root).returncode
    make_author(root).tag("v1.0.0")


GRANT = (
    "access", "grant", "alice@example.com", "--break-glass", "prod", "--for", "2h", "--reason", "x",
)  # fmt: skip
CASES: Mapping[str, tuple[Callable[[Path], None], Case]] = {
    "bot run": (small, Case(("bot", "run"))),
    "promote": (small, Case(("promote", "shop", "--to", "staging", "--force"))),
    "platform sync": (small, Case(("platform", "sync"))),
    "access grant": (small, Case(GRANT)),
    "access revoke": (given, Case(("access", "revoke", "alice@example.com"))),
    "retire": (small, Case(("retire", "shop"))),
    "retire, the last step": (retiring, Case(("retire", "shop"))),
    "retire, taken back": (retiring, Case(("retire", "shop", "--undo"))),
    "new service": (shipped, Case(("new", "service", "cart", "--defaults"))),
    "upgrade": (shipped, Case(("upgrade", "--all"))),
    "drift": (edited, Case(("drift", "shop", "--heal", "README.md"))),
    "adopt": (by_hand, Case(
        ("adopt", "billing", "--blueprint", "python-service", "--as", "code", "--data",
         "service=billing", "--defaults"), status=1)),
    "blueprint register": (unregistered, Case(("blueprint", "register"), "small")),
    "blueprint release": (unreleased, Case(
        ("blueprint", "release", "--push"), "greeter")),
}  # fmt: skip


def test_every_command_that_has_it_is_held_to_it() -> None:
    """A new one needs a case below, or a test beside those of the pipeline's steps."""
    having = {name for name, options in OPTIONS.items() if "--dry-run" in options}

    assert having == {name.partition(",")[0] for name in CASES} | ON_A_CLUSTER


@pytest.mark.parametrize("name", CASES)
def test_it_says_what_is_then_done(name: str, tmp_path: Path) -> None:
    """The same document but for what is made only then; before that, nothing is another."""
    make, case = CASES[name]
    root = tmp_path / "acme"
    root.mkdir()
    make(root)
    before = state(root)

    would = told(root, case, "--dry-run")
    assert before == state(root)
    did = told(root, case, *(["--once"] if name == "bot run" else []))

    assert lasting(did) == lasting(would)
    assert before != state(root)


def told(root: Path, case: Case, *more: str) -> Any:
    """The document that it prints."""
    done = scaffold(*case.words, *more, "--output", "json", cwd=root / case.folder)
    assert case.status == done.returncode, done.stderr
    return json.loads(done.stdout)


def lasting(document: Any) -> Any:
    """A document without what is told only of what was done."""
    if isinstance(document, dict):
        return {
            THEN.get(key, key): lasting(value)
            for key, value in document.items()
            if key not in ONLY_DONE
        }
    if isinstance(document, list):
        return [lasting(one) for one in document]
    return THEN.get(document, document) if isinstance(document, str) else document


def state(root: Path) -> dict[str, object]:
    """Each ref of each repo (merge requests of the forge are refs), and each file of a checkout."""
    repos = [path.parent for path in root.rglob("HEAD") if (path.parent / "objects").is_dir()]
    refs = {
        f"{repo} {ref.name}": str(ref.target)
        for repo in repos
        for ref in open_repo(repo).references.objects
    }
    files = {
        str(path): path.read_bytes()
        for repo in repos
        if repo.name == ".git"
        for path in repo.parent.rglob("*")
        if path.is_file() and ".git" not in path.parts
    }
    return {**refs, **files}

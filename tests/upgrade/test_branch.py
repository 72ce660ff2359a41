"""The branch of an upgrade: what its commit records, and a branch that can't be moved."""

from tests.builders import git
from tests.service.run import scaffold
from tests.upgrade.case import Case

BRANCH = "scaffold/template"


def test_a_conflict_is_recorded_once(case: Case) -> None:
    """By its path, which is the same on all sides unless somebody moved the file."""
    case.release("v1.0.0", {"f": "one\n", "sub/g": "one\n"})
    case.generate("v1.0.0")
    case.edit({"f": "mine\n", "sub/g": "mine\n"})
    case.release("v2.0.0", {"f": "two\n"})

    scaffold("upgrade", "--repo", str(case.repo), cwd=case.root)

    message = git("log", "-1", "--format=%B", BRANCH, cwd=case.repo).splitlines()
    assert [
        'Scaffold-Conflict: ["f"]',
        'Scaffold-Conflict: ["sub/g"]',
    ] == [line for line in message if line.startswith("Scaffold-Conflict")]


def test_a_branch_that_is_checked_out(case: Case) -> None:
    """It is told so, with what to do, and not in git's words; the work tree stays as it is."""
    case.release("v1.0.0", {"f": "one\n"})
    case.generate("v1.0.0")
    case.release("v2.0.0", {"f": "two\n"})
    scaffold("upgrade", "--repo", str(case.repo), cwd=case.root)
    git("checkout", "-q", BRANCH, cwd=case.repo)
    head = git("rev-parse", BRANCH, cwd=case.repo)
    git("checkout", "-q", "main", cwd=case.repo)
    git("worktree", "add", "-q", str(case.root / "tree"), BRANCH, cwd=case.repo)
    case.release("v3.0.0", {"f": "three\n"})

    done = scaffold("upgrade", "--repo", str(case.repo), cwd=case.root)

    assert 1 == done.returncode
    assert f"can't push to `{BRANCH}`: it is checked out there" in done.stdout
    assert "Switch to another branch there" in done.stdout
    assert "receive.denyCurrentBranch" not in done.stdout + done.stderr
    assert head == git("rev-parse", BRANCH, cwd=case.repo)


def test_the_head_of_the_template(case: Case) -> None:
    """`--to HEAD` is the newest commit, by the name that copier records."""
    case.release("v1.0.0", {"f": "one\n"})
    case.generate("v1.0.0")
    case.release_as_it_is("v1.1.0")
    case.release("v1.2.0", {"f": "two\n"})
    git("tag", "-d", "v1.2.0", cwd=case.root / "template.git")

    done = scaffold("upgrade", "--repo", str(case.repo), "--to", "HEAD", cwd=case.root)

    assert 0 == done.returncode, done.stderr
    assert "v1.0.0 -> v1.1.0-1-g" in done.stdout
    assert "two" == git("show", f"{BRANCH}:f", cwd=case.repo)

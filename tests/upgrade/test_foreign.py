"""`scaffold upgrade --repo` and `scaffold adopt`: repos of no platform."""

import json
from pathlib import Path

from tests.builders import git
from tests.service.run import scaffold
from tests.upgrade.case import Case

ONE = "one\ntwo\nthree\n"


def upgraded(case: Case, *arguments: str) -> list[dict[str, str]]:
    """What `scaffold upgrade` says of each template."""
    done = scaffold("upgrade", *arguments, "--output", "json", cwd=case.root)
    assert done.stdout, done.stderr
    found: list[dict[str, str]] = json.loads(done.stdout)["repos"]
    return found


def show(case: Case, branch: str, path: str) -> str:
    """A file of a branch."""
    return git("show", f"{branch}:{path}", cwd=case.repo)


def test_a_repo_that_copier_made_gets_a_branch(case: Case) -> None:
    """No platform and no blueprint.yml are needed; what is checked out stays as it is."""
    case.release("v1.0.0", {"file.txt": ONE})
    case.generate("v1.0.0")
    case.edit({"mine.txt": "mine\n"})
    case.release("v2.0.0", {"file.txt": ONE.replace("two", "TWO")})

    (report,) = upgraded(case, "--repo", str(case.repo))

    assert ("opened", "scaffold/template") == (report["result"], report["branch"])
    assert "one\nTWO\nthree" == show(case, "scaffold/template", "file.txt")
    assert "" == git("status", "--porcelain", cwd=case.repo)


def test_without_a_forge_there_are_branches(case: Case) -> None:
    """Nothing is said of merge requests."""
    case.release("v1.0.0", {"file.txt": ONE})
    case.generate("v1.0.0")
    case.release("v2.0.0", {"file.txt": ONE.replace("two", "TWO")})

    done = scaffold("upgrade", "--repo", "repo", cwd=case.root)

    assert (
        "REPO  VERSION           RESULT  BRANCH\n"
        "repo  v1.0.0 -> v2.0.0  opened  scaffold/template\n"
        "\n"
        "    1 branch opened\n"
        "\n"
        "Look at the branch, and merge it.\n"
    ) == done.stdout


def test_a_bare_repo_by_its_url(case: Case) -> None:
    """As a server has it."""
    case.release("v1.0.0", {"file.txt": ONE})
    case.generate("v1.0.0")
    git("clone", "-q", "--bare", str(case.repo), str(case.root / "bare.git"), cwd=case.root)
    case.release("v2.0.0", {"file.txt": ONE.replace("two", "TWO")})

    (report,) = upgraded(case, "--repo", f"file://{case.root}/bare.git")

    assert "opened" == report["result"]
    shown = git("show", "scaffold/template:file.txt", cwd=case.root / "bare.git")
    assert "one\nTWO\nthree" == shown


def test_a_path_inside_a_repo_is_the_template_there(case: Case) -> None:
    """Merged as at the top (copier-org/copier#671); the rest of the repo is not touched."""
    case.release("v1.0.0", {"file.txt": ONE})
    case.generate("v1.0.0", folder="part")
    case.edit({"part/file.txt": ONE + "mine\n", "file.txt": "not the template's\n"})
    case.release("v2.0.0", {"file.txt": ONE.replace("one", "ONE")})

    (report,) = upgraded(case, "--repo", str(case.repo / "part"))

    branch = "scaffold/template-part"
    assert ("opened", branch, "repo/part") == (report["result"], report["branch"], report["repo"])
    assert "ONE\ntwo\nthree\nmine" == show(case, branch, "part/file.txt")
    assert "not the template's" == show(case, branch, "file.txt")


def test_a_folder_that_has_none_names_those_that_have(case: Case) -> None:
    """The top of a repo whose template is in a folder."""
    case.release("v1.0.0", {"file.txt": ONE})
    case.generate("v1.0.0", folder="part")

    (report,) = upgraded(case, "--repo", str(case.repo))

    assert ("failed", "answers-file-invalid") == (report["result"], report["cause"])
    assert "There is one in part: name that folder." in report["message"]


def test_a_path_in_no_repo_is_wrong_use(tmp_path: Path) -> None:
    """It says where."""
    done = scaffold("upgrade", "--repo", str(tmp_path), cwd=tmp_path)

    assert (2, True) == (done.returncode, f"{tmp_path}: is in no git repo" in done.stderr)


def test_an_unreachable_url_fails(tmp_path: Path) -> None:
    """With what git says."""
    done = scaffold("upgrade", "--repo", "file:///nowhere/x.git", cwd=tmp_path)

    assert (1, True) == (done.returncode, "there is no repo here" in done.stdout)


# --- adopt --------------------------------------------------------------------------


def by_hand(case: Case, files: dict[str, str | bytes | Path | None]) -> None:
    """A repo that no template made."""
    case.repo.mkdir()
    git("init", "-q", "-b", "main", cwd=case.repo)
    case.edit(files)


def adopt(case: Case, *arguments: str) -> tuple[int, dict[str, object]]:
    """Exit status and document of `scaffold adopt`."""
    done = scaffold(
        "adopt", str(case.repo), "--blueprint", case.template, *arguments, "--output", "json",
        cwd=case.root,
    )  # fmt: skip
    assert done.stdout, done.stderr
    return done.returncode, json.loads(done.stdout)


def test_what_is_equal_passes(case: Case) -> None:
    """And what the repo has not is added, the answers file too."""
    case.release("v1.0.0", {"same.txt": "same\n", "new.txt": "new\n"})
    by_hand(case, {"same.txt": "same\n", "mine.txt": "mine\n"})

    status, document = adopt(case)

    assert (0, []) == (status, document["conflicts"])
    assert [{"path": "new.txt", "kind": "added", "detail": ""}] == document["decisions"]
    assert "_commit: v1.0.0" in show(case, "scaffold/template", ".copier-answers.yml")
    assert "mine" == show(case, "scaffold/template", "mine.txt")


def test_what_differs_is_a_conflict(case: Case) -> None:
    """Against an empty base: both sides are there to choose from."""
    case.release("v1.0.0", {"file.txt": "theirs\n"})
    by_hand(case, {"file.txt": "mine\n"})

    status, document = adopt(case)

    assert (1, [{"path": "file.txt", "kind": "both-added", "detail": ""}]) == (
        status,
        document["conflicts"],
    )
    text = show(case, "scaffold/template", "file.txt")
    assert ["mine", "theirs"] == [line for line in text.splitlines() if line in {"mine", "theirs"}]


def test_an_adopted_repo_gets_upgrades(case: Case) -> None:
    """From the version that it was linked to."""
    case.release("v1.0.0", {"file.txt": ONE})
    by_hand(case, {"file.txt": ONE})
    adopt(case)
    git("merge", "-q", "scaffold/template", cwd=case.repo)
    case.edit({"file.txt": ONE + "mine\n"})
    case.release("v2.0.0", {"file.txt": ONE.replace("one", "ONE")})

    (report,) = upgraded(case, "--repo", str(case.repo))

    assert "opened" == report["result"]
    assert "ONE\ntwo\nthree\nmine" == show(case, "scaffold/template", "file.txt")


def test_adopting_twice_is_refused(case: Case) -> None:
    """It is an upgrade then."""
    case.release("v1.0.0", {"file.txt": ONE})
    case.generate("v1.0.0")

    done = scaffold("adopt", str(case.repo), "--blueprint", case.template, cwd=case.root)

    assert (2, True) == (done.returncode, "use `scaffold upgrade`" in done.stderr)

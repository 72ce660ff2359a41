"""`scaffold upgrade` over a fleet: branches and merge requests, never main."""

import json
from pathlib import Path

import pytest

from scaffold.checks.report import Report
from scaffold.fleet.platform import open_platform
from scaffold.git.tree import Identity
from scaffold.upgrade import work
from scaffold.upgrade.job import Order
from scaffold.upgrade.plan import UpgradePlan
from scaffold.upgrade.rollout import roll_out
from scaffold.upgrade.select import catalog_jobs
from scaffold.upgrade.verify import verify
from tests.builders import Files, git
from tests.service.run import scaffold
from tests.upgrade.fleet import FIRST, SECOND, Fleet, FleetOf

REPOS = ("orders-code", "orders-docker", "payments-code", "payments-docker")


@pytest.fixture
def fleet(fleet_of: FleetOf) -> Fleet:
    """Two services at v1.0.0."""
    return fleet_of("orders", "payments")


def test_each_repo_gets_a_merge_request(fleet: Fleet) -> None:
    """Main stays as it is; the branch has the new version."""
    mains = {repo: git("rev-parse", "main", cwd=fleet.bare(repo)) for repo in REPOS}
    fleet.release("v1.1.0", SECOND)

    done = fleet.run("--all")

    assert 0 == done.returncode, done.stderr
    for repo in REPOS:
        assert mains[repo] == git("rev-parse", "main", cwd=fleet.bare(repo))
        assert [(1, "open", False, "Upgrade small from v1.0.0 to v1.1.0")] == fleet.requests(repo)
    assert "ONE\ntwo" in fleet.file("orders-code", "README.md")
    assert "_commit: v1.1.0" in fleet.file("orders-docker", ".copier-answers.yml")


def test_a_file_that_is_only_removed_is_gone_in_the_commit(fleet: Fleet) -> None:
    """A release that does nothing but remove a file makes no empty merge request."""
    fleet.release("v1.0.1", {**FIRST, "code/old.txt": "old\n"})
    fleet.run("--all")
    for number, repo in enumerate(REPOS):
        scaffold("merge-request", "merge", repo, "1", cwd=fleet.root)
        assert (number % 2 == 0) == ("old.txt" in git("ls-tree", "main", cwd=fleet.bare(repo)))
    fleet.release("v1.1.0", FIRST)

    fleet.run("orders")

    changed = git("diff", "--name-status", "main", "scaffold/small", cwd=fleet.bare("orders-code"))
    assert "M\t.copier-answers.yml\nD\told.txt" == changed


def test_without_a_release_there_is_nothing_to_do(fleet: Fleet) -> None:
    """No branch, no merge request."""
    before = fleet.state(*REPOS)

    assert dict.fromkeys(REPOS, "current") == fleet.results("--all")
    assert before == fleet.state(*REPOS)


def test_a_dry_run_changes_nothing(fleet: Fleet) -> None:
    """It says what would be done."""
    fleet.release("v1.1.0", SECOND)
    before = fleet.state(*REPOS)

    assert dict.fromkeys(REPOS, "would-change") == fleet.results("--all", "--dry-run")
    assert before == fleet.state(*REPOS)


def test_a_second_run_changes_nothing(fleet: Fleet) -> None:
    """Not a commit, not a word."""
    fleet.release("v1.1.0", SECOND)
    fleet.run("--all")
    refs = [git("for-each-ref", cwd=fleet.bare(repo)) for repo in REPOS]

    assert dict.fromkeys(REPOS, "unchanged") == fleet.results("--all")
    assert refs == [git("for-each-ref", cwd=fleet.bare(repo)) for repo in REPOS]


def test_what_is_on_the_branch_is_not_checked_again(
    fleet: Fleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was checked before it was pushed."""
    fleet.release("v1.1.0", SECOND)
    checked: list[str] = []

    def seen(plan: UpgradePlan, scratch: Path) -> Report:
        checked.append(plan.project.name)
        return verify(plan, scratch)

    monkeypatch.setattr(work, "verify", seen)
    platform = open_platform(fleet.platform)
    who = Identity("Test", "test@example.com")
    order = Order(who, record_version=True, forge=platform.model.forge)
    for _ in range(2):
        roll_out(catalog_jobs(platform, ["payments"]), order, jobs=1)

    assert ["payments-code", "payments-docker"] == checked


def test_a_dry_run_knows_what_is_open_already(fleet: Fleet) -> None:
    """What a run would do is nothing, once it is done."""
    fleet.release("v1.1.0", SECOND)
    fleet.run("payments")

    assert {"payments-code": "unchanged", "payments-docker": "unchanged"} == fleet.results(
        "payments", "--dry-run"
    )


def test_a_newer_release_updates_the_open_branch(fleet: Fleet) -> None:
    """In place: the same branch, the same merge request."""
    fleet.release("v1.1.0", SECOND)
    fleet.run("payments")
    fleet.release("v1.2.0", {**SECOND, "code/new.txt": "new\n"})

    assert "updated" == fleet.results("payments")["payments-code"]
    assert [(1, "open", False, "Upgrade small from v1.0.0 to v1.2.0")] == fleet.requests(
        "payments-code"
    )
    assert "new\n" == fleet.file("payments-code", "new.txt")


def test_a_branch_follows_main(fleet: Fleet) -> None:
    """What is merged meanwhile is in the branch after the next run."""
    fleet.release("v1.1.0", SECOND)
    fleet.run("payments")
    fleet.edit("payments-code", {"mine.txt": "mine\n"})

    assert "updated" == fleet.results("payments")["payments-code"]
    assert "mine\n" == fleet.file("payments-code", "mine.txt")


def test_a_branch_that_a_human_pushed_to_is_left_alone(fleet: Fleet) -> None:
    """Even if a newer release is there; it is reported, with the merge request."""
    fleet.release("v1.1.0", SECOND)
    fleet.run("payments")
    theirs = fleet.edit("payments-code", {"fix.txt": "fix\n"}, branch="scaffold/small")
    fleet.release("v1.2.0", {**SECOND, "code/new.txt": "new\n"})

    assert "held" == fleet.results("payments")["payments-code"]
    assert theirs == git("rev-parse", "scaffold/small", cwd=fleet.bare("payments-code"))


def test_an_amended_commit_is_a_humans(fleet: Fleet) -> None:
    """The trailers are still there, the tree is another one."""
    fleet.release("v1.1.0", SECOND)
    fleet.run("payments")
    folder = fleet.root / "amended"
    git("clone", "-q", "-b", "scaffold/small", str(fleet.bare("payments-code")), str(folder),
        cwd=fleet.root)  # fmt: skip
    (folder / "README.md").write_text("amended\n")
    git("commit", "-q", "-a", "--amend", "--no-edit", cwd=folder)
    git("push", "-q", "-f", "origin", "HEAD", cwd=folder)

    assert "held" == fleet.results("payments")["payments-code"]


def take_by_hand(fleet: Fleet, **more: str) -> None:
    """Bring what the branch of orders-code has to main, as a person does who copies it."""
    paths = ("README.md", ".copier-answers.yml")
    fleet.edit("orders-code", {path: fleet.file("orders-code", path) for path in paths} | more)


def test_a_merge_request_whose_content_came_to_main_by_hand_is_closed(fleet: Fleet) -> None:
    """It says why, and its branch is gone; those of other repos stay as they are."""
    fleet.release("v1.1.0", SECOND)
    fleet.run("--all")
    take_by_hand(fleet)

    assert ["current", "closed", "current"] == [
        fleet.results("orders", *options)["orders-code"] for options in (["--dry-run"], [], [])
    ]

    request = open_platform(fleet.platform).forge.merge_requests("orders-code")[0]
    commit = git("rev-parse", "main", cwd=fleet.bare("orders-code"))
    assert "closed" == request.state
    assert (
        f"Closed by scaffold: main is at v1.1.0 already, at commit {commit[:12]}, so there is"
        " nothing left of this to merge."
    ) == request.body.strip()
    assert "" == git("branch", "--list", "scaffold/*", cwd=fleet.bare("orders-code"))
    assert [(1, "open", False, "Upgrade small from v1.0.0 to v1.1.0")] == fleet.requests(
        "payments-code"
    )


def test_what_was_closed_so_is_proposed_again_once_main_lost_it(fleet: Fleet) -> None:
    """Nobody has turned it down."""
    before = {
        path: fleet.file("orders-code", path, "main")
        for path in ("README.md", ".copier-answers.yml")
    }
    fleet.release("v1.1.0", SECOND)
    fleet.run("orders")
    take_by_hand(fleet)
    fleet.run("orders")
    fleet.edit("orders-code", before)

    assert "opened" == fleet.results("orders")["orders-code"]
    assert ["closed", "open"] == [state for _, state, _, _ in fleet.requests("orders-code")]


def test_a_branch_that_somebody_pushed_to_is_not_closed(fleet: Fleet) -> None:
    """There is more in it than scaffold knows of."""
    fleet.release("v1.1.0", SECOND)
    fleet.run("orders")
    take_by_hand(fleet)
    fleet.edit("orders-code", {"mine.txt": "mine\n"}, branch="scaffold/small")

    assert "current" == fleet.results("orders")["orders-code"]
    assert ["open"] == [state for _, state, _, _ in fleet.requests("orders-code")]


def test_a_merge_request_for_a_newer_version_is_not_closed(fleet: Fleet) -> None:
    """A repo that is at the version that is asked for may have a later one proposed."""
    fleet.release("v1.1.0", SECOND)
    fleet.run("orders")

    assert "current" == fleet.results("orders", "--to", "v1.0.0")["orders-code"]
    assert ["open"] == [state for _, state, _, _ in fleet.requests("orders-code")]


def test_a_closed_merge_request_mutes_its_version(fleet: Fleet) -> None:
    """The next version is proposed again."""
    fleet.release("v1.1.0", SECOND)
    fleet.run("payments")
    open_platform(fleet.platform).forge.close_merge_request("payments-code", 1)

    assert "muted" == fleet.results("payments")["payments-code"]
    fleet.release("v1.2.0", {**SECOND, "code/new.txt": "new\n"})
    assert "updated" == fleet.results("payments")["payments-code"]
    assert ["closed", "open"] == [state for _, state, _, _ in fleet.requests("payments-code")]


def test_a_merged_one_is_current(fleet: Fleet) -> None:
    """And the next upgrade starts from there."""
    fleet.release("v1.1.0", SECOND)
    fleet.run("payments")
    open_platform(fleet.platform).forge.merge("payments-code", 1)

    assert "current" == fleet.results("payments")["payments-code"]
    fleet.release("v1.2.0", {**SECOND, "code/new.txt": "new\n"})
    assert "opened" == fleet.results("payments")["payments-code"]
    assert (2, "open") == fleet.requests("payments-code")[-1][:2]


def test_a_conflict_is_a_draft_and_no_success(fleet: Fleet) -> None:
    """Exit status 1, markers on the branch, and the report never says done."""
    fleet.edit("payments-code", {"README.md": "# payments\n\nmine\ntwo\nthree\nfour\nfive\n"})
    fleet.release("v1.1.0", SECOND)

    done = fleet.run("payments", "--output", "json")

    document = json.loads(done.stdout)
    assert (1, False) == (done.returncode, document["done"])
    assert [("payments-code", "conflicts"), ("payments-docker", "opened")] == [
        (one["repo"], one["result"]) for one in document["repos"]
    ]
    assert [(1, "open", True, "Upgrade small from v1.0.0 to v1.1.0")] == fleet.requests(
        "payments-code"
    )
    assert "<<<<<<< yours: main\nmine\n||||||| small v1.0.0\none\n=======\nONE\n" in fleet.file(
        "payments-code", "README.md"
    )


def test_a_conflict_stays_one_in_the_next_run(fleet: Fleet) -> None:
    """While nobody has settled it, no run succeeds."""
    fleet.edit("payments-code", {"README.md": "# payments\n\nmine\ntwo\nthree\nfour\nfive\n"})
    fleet.release("v1.1.0", SECOND)
    fleet.run("payments")

    again = fleet.run("payments")

    assert (1, True) == (
        again.returncode,
        "conflict  README.md: both sides changed the same lines" in again.stdout,
    )


def test_one_broken_repo_does_not_stop_the_others(fleet: Fleet) -> None:
    """The report groups by cause, and --failed takes only what failed."""
    fleet.edit("orders-code", {".copier-answers.yml": "<<<<<<< mine\n"})
    fleet.bare("payments-docker").rename(fleet.root / "away.git")
    fleet.release("v1.1.0", SECOND)

    done = fleet.run("--all")

    assert 1 == done.returncode
    assert "answers-file-invalid: 1 failed\n  orders-code: " in done.stdout
    assert "forge-failed: 1 failed\n  payments-docker: " in done.stdout
    assert 1 == len(fleet.requests("payments-code"))


def test_failed_takes_only_what_failed(fleet: Fleet, tmp_path: Path) -> None:
    """From the JSON report of an earlier run."""
    fleet.bare("payments-docker").rename(fleet.root / "away.git")
    fleet.release("v1.1.0", SECOND)
    report = tmp_path / "report.json"
    report.write_text(fleet.run("--all", "--output", "json").stdout)
    (fleet.root / "away.git").rename(fleet.bare("payments-docker"))

    assert {"payments-docker": "opened"} == fleet.results("--failed", str(report))
    report.write_text(fleet.run("--all", "--output", "json").stdout)
    assert {} == fleet.results("--failed", str(report))


def test_repos_that_fail_alike_are_told_together(fleet: Fleet) -> None:
    """What is the same for a whole fleet is said once."""
    done = fleet.run("--all", "--to", "v9.0.0")

    assert 1 == done.returncode
    assert 1 == done.stdout.count("has no version `v9.0.0`"), done.stdout
    assert f"  {', '.join(REPOS)}: " in done.stdout


def test_a_changed_platform_reaches_the_repos(fleet: Fleet) -> None:
    """At the same version: the answers that the platform gives are brought, and told."""
    fleet.change_platform(registry="other.example.com")

    done = fleet.run("payments")

    assert 0 == done.returncode, done.stderr
    assert "other.example.com/payments\n" == fleet.file("payments-docker", "image.txt")
    assert "`registry`: `registry.example.com/acme` becomes `other.example.com`" in done.stdout


def test_answers_and_version_are_told_as_two_steps(fleet: Fleet) -> None:
    """One merge request, in whose text both stand."""
    fleet.change_platform(registry="other.example.com")
    fleet.release("v1.1.0", SECOND)

    done = fleet.run("payments", "--dry-run")

    assert "payments-docker  v1.0.0 -> v1.1.0  would-change" in done.stdout
    assert "`registry`: `registry.example.com/acme` becomes `other.example.com`" in done.stdout


def test_a_source_that_the_platform_does_not_name_is_refused(fleet: Fleet) -> None:
    """An owner can edit `_src_path`, so it can't be trusted by itself."""
    answers = fleet.file("payments-code", ".copier-answers.yml", branch="main")
    fleet.edit("payments-code", {".copier-answers.yml": answers.replace("small.git", "evil.git")})
    fleet.release("v1.1.0", SECOND)

    done = fleet.run("payments")

    assert (1, True) == (done.returncode, "untrusted: 1 failed" in done.stdout)


def test_a_prerelease_is_taken_when_it_is_named(fleet: Fleet) -> None:
    """And never otherwise."""
    fleet.release("v2.0.0rc1", SECOND)

    assert "current" == fleet.results("payments")["payments-code"]
    assert "opened" == fleet.results("payments", "--to", "v2.0.0rc1")["payments-code"]
    fleet.release("v1.1.0", {**FIRST, "code/new.txt": "new\n"})


def test_nothing_chosen_is_wrong_use(fleet: Fleet) -> None:
    """A whole fleet is never upgraded by mistake."""
    done = fleet.run()

    assert (2, True) == (done.returncode, "nothing says which services or repos" in done.stderr)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--owner", "nobody"), "there is no team `nobody`\n  There are: platform."),
        (("--blueprint", "smal"), "there is no blueprint `smal`\n  There are: "),
        (("--all", "payments"), "names services and takes --all"),
        (("--repo", "nowhere"), "nowhere: there is no such folder"),
    ],
)
def test_a_choice_of_nothing_is_wrong_use(
    fleet: Fleet, arguments: tuple[str, ...], said: str
) -> None:
    """Nobody is told that nothing is to be done where a name was misspelt."""
    done = fleet.run(*arguments)

    assert (2, True) == (done.returncode, said in done.stderr), done.stderr


CONFLICT = {"README.md": "# payments\n\nmine\ntwo\nthree\nfour\nfive\n"}
SETTLED = {"README.md": "# payments\n\nboth\ntwo\nthree\nfour\nfive\n"}


def test_what_to_do_next_is_told(fleet: Fleet) -> None:
    """After a run that left a conflict; a dry run leaves none."""
    fleet.edit("payments-code", CONFLICT)
    fleet.release("v1.1.0", SECOND)

    before, done = fleet.run("payments", "--dry-run"), fleet.run("payments")

    told = "git switch scaffold/small && scaffold upgrade --resolve && git mergetool"
    assert (False, True) == (told in before.stdout, told in done.stdout)
    assert "    1 merge request opened\n    1 draft with conflicts" in done.stdout


@pytest.mark.parametrize(
    ("pushed", "status", "conflict"),
    [({"other.txt": "more\n"}, 1, True), (SETTLED, 0, False)],
)
def test_a_conflict_counts_until_it_is_settled(
    fleet: Fleet, pushed: Files, status: int, conflict: bool
) -> None:
    """What somebody has pushed to the branch is looked into, and nothing is done to it."""
    fleet.edit("payments-code", CONFLICT)
    fleet.release("v1.1.0", SECOND)
    fleet.run("payments")
    fleet.edit("payments-code", pushed, branch="scaffold/small")

    done = fleet.run("payments")

    row = next(line for line in done.stdout.splitlines() if line.startswith("payments-code "))
    assert (status, conflict) == (
        done.returncode,
        "conflict  README.md: both sides changed the same lines" in done.stdout,
    )
    assert "  held " in row
    assert row.endswith("scaffold merge-request merge payments-code 1")

"""Tasks run on what each version renders to, in a git repo that has nothing of the user's."""

import json
import re

import pytest

from scaffold.upgrade.plan import UpgradePlan, Want
from tests.builders import git, harmful_git_config
from tests.upgrade.case import Case, conflicts, decided, result, texts

ONE = {"a.txt": "one\ntwo\nthree\nfour\n"}
TWO = {"a.txt": "ONE\ntwo\nthree\nfour\n"}
TRUSTED = Want(trusted=lambda _: True)


def upgraded(case: Case, questions: str, want: Want = TRUSTED) -> UpgradePlan:
    """The plan for a v2 that brings these tasks, over an edit of the owner."""
    case.release("v1.0.0", ONE, re.sub(r"_tasks: .*\n", "", questions))
    case.generate("v1.0.0")
    case.edit({"a.txt": ONE["a.txt"].replace("four", "mine")})
    case.release("v2.0.0", TWO, questions)
    return case.plan(want)


def test_what_they_change_is_merged_as_the_blueprints(case: Case) -> None:
    """The owner's edits are not what they see, and stay."""
    plan = upgraded(case, "_tasks: [\"sed -i 's/two/seen: &/' a.txt\"]\n")

    assert "ONE\nseen: two\nthree\nmine\n" == texts(result(plan))["a.txt"]
    assert [("a.txt", "merged")] == decided(plan)


def test_files_that_they_add_and_remove(case: Case) -> None:
    """All is listed; modes and links are kept."""
    lines = ("mkdir d", "cp /bin/sh d/run", "echo x > d/run", "ln -s d/run link", "rm b.txt")
    case.release("v1.0.0", {**ONE, "b.txt": "b\n"})
    case.generate("v1.0.0")
    case.release("v2.0.0", {**ONE, "b.txt": "b\n"}, f"_tasks: {list(lines)}\n")

    plan = case.plan(TRUSTED)

    tree = result(plan)
    assert (0o100755, b"x\n") == (tree["d/run"].mode, tree["d/run"].data)
    assert (0o120000, b"d/run") == (tree["link"].mode, tree["link"].data)
    assert [("b.txt", "removed"), ("d/run", "added"), ("link", "added")] == decided(plan)


def test_files_that_the_repo_ignores(case: Case) -> None:
    """What a build leaves behind is no part of the upgrade; an ignored file of the owner stays."""
    case.release("v1.0.0", {**ONE, ".gitignore": "build/\n*.log\n"})
    case.generate("v1.0.0")
    case.edit({"kept.log": "mine\n"})
    task = "mkdir build; touch build/x new.log; echo more >> kept.log; touch new.txt"
    case.release("v2.0.0", {**TWO, ".gitignore": "build/\n*.log\n"}, f"_tasks: ['{task}']\n")

    plan = case.plan(TRUSTED)

    assert [("new.txt", "added")] == decided(plan)[1:]
    assert "mine\n" == texts(result(plan))["kept.log"]


def test_each_runs_once_a_version(case: Case) -> None:
    """In their order, and each version has its own: the old one's make the base."""
    out = case.root / "out"
    for number in (1, 2):
        tasks = f"_tasks: ['echo one {number} >> {out}', [sh, -c, 'echo two {number} >> {out}']]\n"
        case.release(f"v{number}.0.0", ONE if number == 1 else TWO, tasks)
        if number == 1:
            case.generate("v1.0.0")

    case.plan(TRUSTED)

    assert "one 2\ntwo 2\none 1\ntwo 1\n" == out.read_text()


def test_they_are_in_a_git_repo(case: Case) -> None:
    """Of its own, clean, with all files in it."""
    task = "git status --porcelain > {out}; git ls-files >> {out}; git log --format=%s >> {out}"
    out = case.root / "out"

    upgraded(case, f"_tasks: ['{task.format(out=out)}']\n")

    assert ".copier-answers.yml\na.txt\nRendered\n" == out.read_text()


def test_they_may_commit(case: Case) -> None:
    """Even remove the git repo: what counts is the files."""
    task = "echo x > b.txt; git add -A; git commit -q -m Task; rm -rf .git; touch c.txt"

    plan = upgraded(case, f"_tasks: ['{task}']\n")

    assert [("b.txt", "added"), ("c.txt", "added")] == decided(plan)[1:]


def test_nothing_of_git_gets_into_the_result(case: Case) -> None:
    """Nor does a git repo that a task makes in a folder of its own."""
    plan = upgraded(case, "_tasks: ['git tag x; git branch y']\n")

    assert not [path for path in result(plan) if ".git" in path]


def test_the_environment_is_scrubbed(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    """No token of the caller is in it, by whatever name; what copier tells tasks is."""
    for name in ("FORGE_TOKEN", "SSH_AUTH_SOCK", "AWS_SECRET_ACCESS_KEY", "X", "GIT_ASKPASS"):
        monkeypatch.setenv(name, "hush-hush")
    out = case.root / "out"

    upgraded(case, f"_tasks: ['env > {out}']\n")

    told = set(out.read_text().splitlines())
    assert not [line for line in told if "hush-hush" in line]
    assert {"STAGE=task", "COPIER_OPERATION=update"} <= told


def test_the_users_git_configuration(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    """Hooks, signing and templates of the user have no part in it, for tasks' own commits, too."""
    case.release("v1.0.0", ONE)
    case.generate("v1.0.0")
    task = "touch b.txt; git add -A; git commit -q -m Task; git checkout -q -b other"
    case.release("v2.0.0", TWO, f"_tasks: ['{task}']\n")
    config = harmful_git_config(case.root / "home")
    monkeypatch.setenv("HOME", str(config.parent))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(config.parent))

    assert [("a.txt", "updated"), ("b.txt", "added")] == decided(case.plan(TRUSTED))


class TestForms:
    """The ways in which a task may be written."""

    def ran(self, case: Case, questions: str) -> str:
        """What the tasks write to `$OUT`, which is not in the repo."""
        out = case.root / "out"
        upgraded(case, questions.replace("OUT", str(out)))
        return out.read_text() if out.exists() else ""

    def test_a_list_is_no_shell(self, case: Case) -> None:
        """Its words are passed as they are."""
        tasks = "_tasks: [[sh, -c, 'echo \"$1\" > OUT', x, '{{ name }}; $(id)']]\nname: shop\n"

        assert "shop; $(id)\n" == self.ran(case, tasks)

    @pytest.mark.parametrize(
        ("when", "runs"),
        [("true", True), ("false", False), ("'{{ wanted }}'", True), ("'{{ not wanted }}'", False),
         ("'{{ _copier_operation == \"update\" }}'", True),
         ("'{{ _copier_operation == \"copy\" }}'", False)],
    )  # fmt: skip
    def test_conditions(self, case: Case, when: str, runs: bool) -> None:
        """An update is what an upgrade is."""
        tasks = f"_tasks: [{{command: 'echo x > OUT', when: {when}}}]\nwanted: true\n"

        assert ("x\n" if runs else "") == self.ran(case, tasks)

    def test_a_folder(self, case: Case) -> None:
        """It may come from an answer."""
        tasks = "_tasks: ['mkdir d', {command: 'pwd > OUT', working_directory: '{{ d }}'}]\nd: d\n"

        assert self.ran(case, tasks).endswith("/repo/d\n")

    def test_the_project_in_a_folder(self, case: Case) -> None:
        """The folder has its name."""
        case.release("v1.0.0", ONE)
        case.generate("v1.0.0", folder="services/cart")
        case.release("v2.0.0", TWO, "_tasks: ['basename $PWD > {{ _folder_name }}.txt']\n")

        assert "cart\n" == texts(result(case.plan(TRUSTED, folder="services/cart")))["cart.txt"]

    def test_answers(self, case: Case) -> None:
        """New ones, and not what a skipped question once had."""
        case.release(
            "v1.0.0", ONE, "more: true\nname: {type: str, default: a, when: '{{ more }}'}\n"
        )
        case.generate("v1.0.0", name="old")
        asks = "more: true\nname: {type: str, default: a, when: '{{ more }}'}\nnew: x\n"
        case.release("v2.0.0", TWO, asks + "_tasks: ['echo {{ name }} {{ new }} > out.txt']\n")

        plan = case.plan(Want(given={"more": False}, trusted=lambda _: True))

        assert "a x\n" == texts(result(plan))["out.txt"]

    def test_where_they_are(self, case: Case) -> None:
        """Paths of the template and of the project are real ones."""
        tasks = (
            "_tasks: ['cat {{ _copier_conf.src_path }}/a.txt > {{ _copier_conf.dst_path }}/b']\n"
        )

        assert TWO["a.txt"] == texts(result(upgraded(case, tasks)))["b"]


def test_conflicts_stay_conflicts(case: Case) -> None:
    """Even where a task rewrites the file."""
    case.release("v1.0.0", ONE)
    case.generate("v1.0.0")
    case.edit({"a.txt": ONE["a.txt"].replace("one", "mine")})
    case.release("v2.0.0", TWO, "_tasks: ['echo end >> a.txt']\n")

    plan = case.plan(TRUSTED)

    assert ("would-conflict", [("a.txt", "content")]) == (plan.state, conflicts(plan))


def test_a_conflict_is_not_removed(case: Case) -> None:
    """A task that tidies up does not take what a person has to look at."""
    case.release("v1.0.0", {**ONE, "old.txt": "old\n"})
    case.generate("v1.0.0")
    case.edit({"old.txt": "old\nmine\n"})
    case.release("v2.0.0", TWO, "_tasks: ['rm -f old.txt']\n")

    plan = case.plan(TRUSTED)

    assert [("old.txt", "removed-by-blueprint")] == conflicts(plan)
    assert "old\nmine\n" == texts(result(plan))["old.txt"]


def test_submodules_of_the_owner(case: Case) -> None:
    """They have no files here, and stay as they are."""
    case.release("v1.0.0", ONE)
    case.generate("v1.0.0")
    commit = case.commit()
    git("update-index", "--add", "--cacheinfo", f"160000,{commit},sub", cwd=case.repo)
    git("commit", "-q", "-m", "Add a submodule", cwd=case.repo)
    case.release("v2.0.0", TWO, "_tasks: ['touch b.txt']\n")

    plan = case.plan(TRUSTED)

    assert [("a.txt", "updated"), ("b.txt", "added")] == decided(plan)


def test_what_they_set_for_the_user(case: Case) -> None:
    """As some do before they commit: it holds for the tasks after it, and is nobody's then."""
    setting = (
        'case $GIT_CONFIG_GLOBAL in /dev/*) exit 3;; esac; git config --global a.b "set by it"'
    )
    tasks = [setting, "git config --global a.b > told.txt"]
    before = git("config", "--global", "--list", cwd=case.root)

    plan = upgraded(case, f"_tasks: {json.dumps(tasks)}\n")

    assert "set by it\n" == texts(result(plan))["told.txt"]
    assert before == git("config", "--global", "--list", cwd=case.root)

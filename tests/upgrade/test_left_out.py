"""What of a template does not reach a repo: what .gitignore names, and the bot's own files."""

from collections.abc import Mapping

import pytest

from scaffold.merge.decisions import Decision, Kind
from scaffold.upgrade.plan import Want
from tests.builders import BLUEPRINT_YML, Files, git
from tests.service.run import scaffold
from tests.upgrade.case import Case, conflicts, decided, result, texts
from tests.upgrade.fleet import FIRST, make_fleet

TRUSTED = Want(trusted=lambda _: True)
QUESTION = "pw: {type: str, secret: true, default: hunter2}\n"
ENV = {".env.jinja": "PASSWORD={{ pw }}\n"}


@pytest.mark.parametrize(
    ("rules", "path"),
    [
        ({".gitignore": ".env\n"}, ".env"),
        ({".gitignore": "*.log\n!kept.log\n"}, "a/b.log"),
        ({".gitignore": "build/\n"}, "build/deep/a.txt"),
        ({".gitignore": "/a/*\n", "a/.gitignore": "!b\n"}, "a/c"),
        ({"conf/.gitignore": "*\n!.gitignore\n"}, "conf/:(top)[x] ä.txt"),
    ],
)
def test_a_new_file_that_gitignore_names(case: Case, rules: Files, path: str) -> None:
    """It is left out and told; copier leaves it in the work tree, and git never gets it."""
    case.release("v1.0.0", rules)
    case.generate("v1.0.0")
    case.release("v2.0.0", {**rules, path: "x\n"})

    plan = case.plan()

    assert (path, [(path, "ignored")]) == (path, decided(plan))
    assert case.ours().keys() == result(plan).keys()
    assert path not in plan.theirs


@pytest.mark.parametrize(
    ("rules", "path"),
    [
        ({".gitignore": "*.log\n!kept.log\n"}, "kept.log"),
        ({".gitignore": "/b\n"}, "a/b"),
        ({"conf/.gitignore": "b\n"}, "b"),
        ({"empty/.gitignore": ""}, "empty/b"),
    ],
)
def test_a_new_file_that_gitignore_does_not_name(case: Case, rules: Files, path: str) -> None:
    """It is added, as git would add it."""
    case.release("v1.0.0", rules)
    case.generate("v1.0.0")
    case.release("v2.0.0", {**rules, path: "x\n"})

    assert [(path, "added")] == decided(case.plan())


def test_the_rules_are_those_of_the_result(case: Case) -> None:
    """A file and the rule that names it may come at once, or the owner's rule may be older."""
    case.release("v1.0.0", {"f": "one\n"})
    case.generate("v1.0.0")
    case.edit({".gitignore": "mine\n"})
    case.release(
        "v2.0.0", {"f": "one\n", "mine": "x\n", "sub/.gitignore": "own\n", "sub/own": "x\n"}
    )

    assert [
        ("mine", "ignored"), ("sub/.gitignore", "added"), ("sub/own", "ignored")
    ] == decided(case.plan())  # fmt: skip


def test_a_rule_further_up_than_the_folder_of_the_template(case: Case) -> None:
    """It counts, too: the repo is one."""
    case.release("v1.0.0", {"f": "one\n"})
    case.generate("v1.0.0", folder="part")
    case.edit({".gitignore": "/part/.env\n"})
    case.release("v2.0.0", {"f": "one\n", ".env": "x\n"})

    assert [(".env", "ignored")] == decided(case.plan(folder="part"))


def test_an_ignored_file_that_the_owner_tracks(case: Case) -> None:
    """It is a file like any other."""
    case.release("v1.0.0", {".gitignore": ".env\n", ".env": "one\n"})
    case.generate("v1.0.0")
    case.release("v2.0.0", {".gitignore": ".env\n", ".env": "two\n"})

    plan = case.plan()

    assert ("two\n", [(".env", "updated")]) == (texts(result(plan))[".env"], decided(plan))


def test_a_file_that_moves_to_where_it_is_ignored(case: Case) -> None:
    """It is gone, as with copier, and its new content is nowhere."""
    lines = "one\ntwo\nthree\nfour\nfive\n"
    case.release("v1.0.0", {".gitignore": ".env\n", "env.example": lines})
    case.generate("v1.0.0")
    case.release("v2.0.0", {".gitignore": ".env\n", ".env.jinja": lines + "{{ pw }}\n"}, QUESTION)

    plan = case.plan()

    assert {".env": "ignored", "env.example": "removed"} == dict(decided(plan))
    assert {".gitignore": ".env\n"} == texts(result(plan))


def test_a_secret_is_in_no_commit_of_a_draft(case: Case) -> None:
    """Nor in the blueprint's side, which whoever settles the conflicts has at hand."""
    case.release("v1.0.0", {".gitignore": ".env\n", "f": "one\n"})
    case.generate("v1.0.0")
    case.edit({"f": "mine\n"})
    case.release("v2.0.0", {".gitignore": ".env\n", "f": "two\n", **ENV}, QUESTION)

    done = scaffold("upgrade", "--repo", str(case.repo), cwd=case.root)

    assert 1 == done.returncode
    assert "  left out  .env: .gitignore names it" in done.stdout
    commits = git("rev-list", "--all", cwd=case.repo).split()
    files = {line for one in commits for line in git("ls-tree", "-r", one, cwd=case.repo).split()}
    assert 4 <= len(commits)
    assert ".env" not in files
    assert "f" in files


def test_a_file_that_the_users_own_git_ignores(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is added: the same for everybody."""
    (case.root / "config").write_text(f"[core]\nexcludesFile = {case.root}/rules\n")
    (case.root / "rules").write_text("f\n")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(case.root / "config"))
    case.release("v1.0.0", {".gitignore": "x\n"})
    case.generate("v1.0.0")
    case.release("v2.0.0", {".gitignore": "x\n", "f": "one\n"})

    assert [("f", "added")] == decided(case.plan())


def test_a_new_service_leaves_it_out_too(case: Case) -> None:
    """`scaffold new` commits what `git add` would, and says what it did not."""
    fleet = make_fleet(case.root / "acme", "orders")
    fleet.release("v1.1.0", {**FIRST, "code/.gitignore": ".env\n", "code/.env": "x\n"})

    done = scaffold("new", "service", "carts", "--defaults", cwd=fleet.root)

    assert 0 == done.returncode, done.stderr
    assert "left out  carts-code/.env: the blueprint's own .gitignore names it" in done.stdout
    assert ".env" not in git("ls-tree", "-r", "--name-only", "main", cwd=fleet.bare("carts-code"))


PINS = [
    ("upstream", "upstream.yml"),
    ("image", "image/kustomization.yaml"),
    ("release", "environments/dev/release/kustomization.yaml"),
    ("release", "environments/dev/release/deployment.yaml"),
    ("image-and-release", "environments/prod/retire.yml"),
]
KEPT = "code: {url: 'https://x.example.com/c.git', commit: '" + "1" * 40 + "'}\n"


def blueprint(pin: str) -> Mapping[str, str]:
    """blueprint.yml with a repo that has a pin of this kind, and is the one that is rendered."""
    return {"blueprint.yml": BLUEPRINT_YML.replace("pin: upstream", f"pin: {pin}")}


ASKS = "_exclude: [copier.yml, blueprint.yml]\nrepo: {type: str, default: docker}\n"


@pytest.mark.parametrize(("pin", "path"), PINS)
def test_a_template_that_renders_a_pin(case: Case, pin: str, path: str) -> None:
    """The pin stays as the bot has written it, without markers, and that is told."""
    case.release("v1.0.0", {**blueprint(pin), path: "one\n"}, ASKS)
    case.generate("v1.0.0")
    case.edit({path: KEPT})
    case.release("v2.0.0", {**blueprint(pin), path: "two\n"}, ASKS)

    plan = case.plan()

    assert (KEPT, []) == (texts(result(plan))[path], conflicts(plan))
    detail = "the bot's own file: no blueprint changes it"
    assert (Decision(path, Kind.PIN, detail),) == plan.merged.decisions


@pytest.mark.parametrize(("pin", "path"), PINS)
def test_a_template_that_renders_it_no_more(case: Case, pin: str, path: str) -> None:
    """The pin stays."""
    case.release("v1.0.0", {**blueprint(pin), path: "one\n"}, ASKS)
    case.generate("v1.0.0")
    case.release("v2.0.0", blueprint(pin), ASKS)

    plan = case.plan()

    assert ("one\n", [(path, "pin")]) == (texts(result(plan))[path], decided(plan))


@pytest.mark.parametrize(("pin", "path"), PINS)
def test_a_task_that_writes_a_pin(case: Case, pin: str, path: str) -> None:
    """It changes nothing, trusted or not, whether it makes the file or edits it."""
    case.release("v1.0.0", blueprint(pin), ASKS)
    case.generate("v1.0.0")
    case.edit({path: KEPT})
    task = f"_tasks: ['mkdir -p $(dirname {path}) && echo two > {path}']\n"
    case.release("v2.0.0", blueprint(pin), ASKS + task)

    plan = case.plan(TRUSTED)

    assert (KEPT, [(path, "pin")]) == (texts(result(plan))[path], decided(plan))


@pytest.mark.parametrize("stage", ["before", "after"])
@pytest.mark.parametrize(("pin", "path"), PINS)
def test_a_migration_that_writes_a_pin(case: Case, pin: str, path: str, stage: str) -> None:
    """It sees the pin, and what it does to it is left out."""
    case.release("v1.0.0", blueprint(pin), ASKS)
    case.generate("v1.0.0")
    case.edit({path: KEPT})
    command = f"{{version: v2.0.0, command: 'cp {path} seen && rm {path}', "
    when = f"when: '{{{{ _stage == \"{stage}\" }}}}'}}"
    case.release("v2.0.0", blueprint(pin), f"{ASKS}_migrations: [{command}{when}]\n")

    plan = case.plan(TRUSTED)

    assert (KEPT, KEPT) == (texts(result(plan))[path], texts(result(plan))["seen"])
    assert {path: "pin", "seen": "task"} == dict(decided(plan))


def test_a_folder_of_pins_that_the_blueprint_renames(case: Case) -> None:
    """The pin does not follow."""
    pin, path = PINS[2]
    case.release("v1.0.0", {**blueprint(pin), "environments/dev/release/README": "one\n",
                            "environments/dev/a": "a\n"}, ASKS)  # fmt: skip
    case.generate("v1.0.0")
    case.edit({path: KEPT})
    case.release("v2.0.0", {**blueprint(pin), "stages/dev/a": "a\n"}, ASKS)

    assert KEPT == texts(result(case.plan()))[path]


def test_a_file_of_that_name_where_there_is_no_pin(case: Case) -> None:
    """A template that is no blueprint may have any file."""
    case.release("v1.0.0", {"upstream.yml": "one\n"})
    case.generate("v1.0.0")
    case.release("v2.0.0", {"upstream.yml": "two\n"})

    assert [("upstream.yml", "updated")] == decided(case.plan())

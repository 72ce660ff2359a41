"""What a repo has that its version and answers do not render to, and why."""

import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scaffold.checks.release import digest
from scaffold.git.tree import open_repo
from scaffold.render.templates import TemplateRepo
from scaffold.status.drift import DriftFound, find_drift
from scaffold.upgrade.plan import Project, Want
from tests.builders import git
from tests.upgrade.case import Case

ONE = {"a.txt": "one\n", "b.txt": "b\n"}
TWO = {"a.txt": "two\n", "b.txt": "b\n"}
THREE = {"a.txt": "three\n", "b.txt": "b\n"}


@pytest.fixture
def case(tmp_path: Path) -> Case:
    """A repo of v1.0.0, before which there was v0.9.0."""
    case = Case(tmp_path)
    case.release("v0.9.0", {**ONE, "a.txt": "zero\n"})
    case.release("v1.0.0", ONE)
    case.generate("v1.0.0")
    return case


def look(case: Case, want: Want | None = None, folder: str = "") -> DriftFound:
    """The drift at the head of the repo."""
    scratch = case.root / "drift"
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir()
    head = git("rev-parse", "HEAD", cwd=case.repo)
    project = Project(open_repo(case.repo), head, "repo", folder)
    return find_drift(project, lambda url: TemplateRepo(url, scratch), want or Want(), scratch)


def drifted(case: Case, want: Want | None = None, folder: str = "") -> list[tuple[str, str]]:
    """Each path, and the kind of its drift."""
    return [(one.path, one.kind.value) for one in look(case, want, folder).files]


def record(case: Case, version: str) -> None:
    """Let the answers file say another version, as a merge does that took nothing else."""
    text = (case.repo / ".copier-answers.yml").read_text()
    before = next(line for line in text.splitlines() if line.startswith("_commit"))
    case.edit({".copier-answers.yml": text.replace(before, f"_commit: {version}")})


def test_what_copier_made_has_not_drifted(case: Case) -> None:
    """Nor have files that the template does not know."""
    case.edit({"mine.txt": "mine\n"})

    assert [] == drifted(case)


def test_what_the_owner_did_is_on_purpose_and_told_with_who(case: Case) -> None:
    """Whoever looks at it sees the last commit of each."""
    case.edit({"a.txt": "mine\n", "b.txt": None})

    found = look(case).files

    assert [("a.txt", "edited", True), ("b.txt", "deleted", True)] == [
        (one.path, one.kind, one.kind.on_purpose) for one in found
    ]
    assert [("Test", "Edit")] * 2 == [
        (one.last.author, one.last.subject) for one in found if one.last
    ]


def test_a_file_that_the_owner_moved(case: Case) -> None:
    """It is told where to."""
    case.edit({"a.txt": None, "docs/a.txt": "one\n"})

    (found,) = look(case).files

    assert ("a.txt", "moved", "to docs/a.txt") == (found.path, found.kind, found.detail)


def test_a_file_that_was_merged_wrongly_two_versions_ago_is_stale(case: Case) -> None:
    """The repo looks up to date, and no upgrade would ever bring it."""
    case.release("v2.0.0", TWO)
    record(case, "v2.0.0")
    case.release("v3.0.0", {**TWO, "b.txt": "c\n"})
    case.edit({"b.txt": "c\n"})
    record(case, "v3.0.0")

    (found,) = look(case).files

    assert ("a.txt", "stale", "as v1.0.0 rendered it") == (found.path, found.kind, found.detail)
    assert found.rendered is not None
    assert b"two\n" == found.rendered.data


def test_a_file_of_a_release_that_the_repo_never_was_at_is_stale_too(case: Case) -> None:
    """Somebody has copied it from elsewhere."""
    case.edit({"a.txt": "zero\n"})

    (found,) = look(case).files

    assert ("a.txt", "stale", "as v0.9.0 rendered it") == (found.path, found.kind, found.detail)


def test_the_answers_of_then_count_for_an_older_version(case: Case) -> None:
    """They are in the history of the answers file."""
    question = "name: {type: str, default: ann}\n"
    for number in (2, 3):
        case.release(f"v{number}.0.0", {"a.txt.jinja": f"{number} {{{{ name }}}}\n"}, question)
    shutil.rmtree(case.repo)
    case.generate("v2.0.0", name="bob")
    text = (case.repo / ".copier-answers.yml").read_text()
    case.edit({".copier-answers.yml": text.replace("bob", "eve").replace("v2.0.0", "v3.0.0")})

    assert [("a.txt", "stale")] == drifted(case)


def test_a_file_that_a_newer_version_has_no_more_is_stale(case: Case) -> None:
    """It would be removed to bring it back to what is rendered."""
    case.release("v2.0.0", {"b.txt": "b\n"})
    record(case, "v2.0.0")

    (found,) = look(case).files

    assert ("a.txt", "stale", None) == (found.path, found.kind, found.rendered)
    assert "as v1.0.0 rendered it; v2.0.0 has it no more" == found.detail


def test_a_file_that_never_arrived_is_missing(case: Case) -> None:
    """Nobody has deleted it."""
    case.release("v2.0.0", {**ONE, "new/c.txt": "c\n"})
    record(case, "v2.0.0")

    assert [("new/c.txt", "missing")] == drifted(case)


@pytest.mark.parametrize(
    ("rendered", "edits"),
    [
        ({".gitignore": "*.env\n", "a.env": "secret\n"}, {"a.env": None}),
        ({".gitattributes": "*.bin filter=lfs\n", "a.bin": "raw\n"}, {"a.bin": "oid 1\n"}),
    ],
    ids=["ignored", "converted"],
)
def test_what_an_upgrade_leaves_out_is_no_drift(
    case: Case, rendered: dict[str, str], edits: dict[str, str | None]
) -> None:
    """By the same rules."""
    case.release("v2.0.0", rendered)
    shutil.rmtree(case.repo)
    case.generate("v2.0.0")
    case.edit(edits)

    assert [] == drifted(case)


def test_what_the_template_leaves_to_the_owner_is_no_drift(case: Case) -> None:
    """By `_skip_if_exists`; a file that is gone is told."""
    case.release("v2.0.0", {"a.txt": "a\n", "b.txt": "b\n"}, "_skip_if_exists: [a.txt, b.txt]\n")
    shutil.rmtree(case.repo)
    case.generate("v2.0.0")
    case.edit({"a.txt": "mine\n", "b.txt": None})

    assert [("b.txt", "deleted")] == drifted(case)


@pytest.mark.parametrize(
    ("text", "questions"),
    [
        ("{{ now().year }}\n", "{}\n"),
        ("{{ 'x' | strftime }}{{ '%Y' | strftime }}\n", "{}\n"),
        ("{{ 99999999999 | ans_random }}\n", "{}\n"),
        ("{{ token }}\n", "token: {type: str, secret: true, default: x}\n"),
    ],
)
def test_what_nobody_can_render_twice_is_not_compared(
    case: Case, text: str, questions: str
) -> None:
    """The time, what is made at random, and secrets, which no answers file has."""
    files = {"a.txt.jinja": text, "b.txt": "b\n"}
    case.release("v2.0.0", files, questions)
    shutil.rmtree(case.repo)
    case.generate("v2.0.0")
    case.edit({"a.txt": "what it was then\n", "b.txt": "mine\n"})

    assert [("b.txt", "edited")] == drifted(case)


def test_what_tasks_make_is_rendered_too(case: Case) -> None:
    """Where they are trusted."""
    case.release("v2.0.0", {"a.txt": "a\n"}, "_tasks: ['sed s/a/b/ a.txt > made.txt']\n")
    shutil.rmtree(case.repo)
    case.generate("v2.0.0", tasks=True)
    trusted = Want(trusted=lambda _: True)

    assert [] == drifted(case, trusted)
    case.edit({"made.txt": "mine\n"})
    assert [("made.txt", "edited")] == drifted(case, trusted)


def test_a_template_in_a_folder(case: Case) -> None:
    """Paths are those below it."""
    shutil.rmtree(case.repo)
    case.generate("v1.0.0", "part")
    case.edit({"part/a.txt": "mine\n", "b.txt": "elsewhere\n"})

    assert [("a.txt", "edited")] == drifted(case, folder="part")


def test_what_the_owner_has_taken_for_good_is_told_as_that(case: Case) -> None:
    """With the reason; in a repo without a platform the file has nothing else."""
    taken = "owned:\n- paths: [/a.txt]\n  reason: we write it ourselves\n"
    case.edit({".scaffold.yml": taken, "a.txt": "mine\n", "b.txt": "mine\n"})

    assert [("a.txt", "owned", "we write it ourselves"), ("b.txt", "edited", "")] == [
        (one.path, one.kind, one.detail) for one in look(case).files
    ]


def test_a_release_that_was_edited_by_hand(case: Case) -> None:
    """The bot's files are compared with what the bot has recorded of them."""
    folder = "environments/dev/release"
    told = f"files:\n  app.yaml: {digest(b'as written')}\n"
    case.edit({f"{folder}/release.yml": told, f"{folder}/app.yaml": "as written"})
    assert [] == drifted(case)

    case.edit({f"{folder}/app.yaml": "by hand"})

    assert [(f"{folder}/app.yaml", "pin")] == drifted(case)


def test_an_older_version_that_can_not_be_rendered_is_named(case: Case) -> None:
    """What is stale since then would count as edited."""
    case.release("v0.9.0", {"a.txt.jinja": "{{ 1 / 0 }}\n"})
    case.edit({"a.txt": "mine\n"})

    (told,) = look(case).not_compared

    assert told.startswith("v0.9.0: can't be rendered")


FILES = st.dictionaries(
    st.sampled_from(["a.txt", "b.txt", "c/d.txt"]), st.sampled_from(["1\n", "2\n"]), max_size=3
)


@given(first=FILES, second=FILES)
@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_after_an_upgrade_of_untouched_files_nothing_has_drifted(
    tmp_path_factory: pytest.TempPathFactory, first: dict[str, str], second: dict[str, str]
) -> None:
    """Law: what is generated, or upgraded without an edit, is what is rendered."""
    case = Case(tmp_path_factory.mktemp("law"))
    case.release("v1.0.0", first)
    case.generate("v1.0.0")
    case.release("v2.0.0", second)
    changes = case.plan().merged.changes
    case.edit({path: None if one is None else one.data for path, one in changes.items()})

    assert [] == drifted(case)


def test_what_one_environment_alone_has(case: Case) -> None:
    """It is told beside the owner's edit, unless `.scaffold.yml` says why it is so."""
    prod = "environments/prod/kustomization.yaml"
    rendered = {"environments/dev/kustomization.yaml": "resources: []\n", prod: "resources: []\n"}
    case.release("v2.0.0", {**ONE, **rendered})
    case.generate("v2.0.0")
    case.edit({prod: "resources: [budget.yaml]\n"})

    assert [(prod, "edited"), (prod, "uneven")] == drifted(case)

    case.edit({".scaffold.yml": "owned:\n  - paths: [environments/]\n    reason: Agreed.\n"})
    assert [(prod, "owned")] == drifted(case)

"""`scaffold blueprint test`, run as an author runs it."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from scaffold.documents.schemas import published_schemas
from tests.authoring.blueprints import Author
from tests.builders import git, need_programs
from tests.service.run import Done, scaffold


@pytest.fixture(autouse=True)
def _tools(monkeypatch: pytest.MonkeyPatch) -> None:
    need_programs(monkeypatch, "kustomize")


def run(author: Author, *words: str, status: int = 0) -> Done:
    """Run the command in the blueprint's folder."""
    done = scaffold("blueprint", "test", *words, cwd=author.folder)
    assert status == done.returncode, done.stdout + done.stderr
    return done


def tried(author: Author, *words: str, status: int = 0) -> list[dict[str, Any]]:
    """What was tried, as JSON that fits its schema."""
    document = json.loads(run(author, "--output", "json", *words, status=status).stdout)
    schema = published_schemas()["output-blueprint-test"]
    jsonschema.Draft202012Validator(schema).validate(document)
    assert (status == 0) == document["passed"]
    found: list[dict[str, Any]] = document["trials"]
    return found


def test_renders_upgrades_and_own_tests_are_tried(author: Author) -> None:
    """One line each on standard error, the count on standard output."""
    author.write({"tests/test_it.py": "def test_it(blueprint):\n    blueprint.render().check()\n"})
    author.tag("v1.0.0")
    author.edit("code/README.md.jinja", "{{ greeting }}", "{{ greeting }}!")
    done = run(author)

    longest = "longest-" + 32 * "x"
    assert [
        "passed   render   service=" + longest, "passed   render   service=shop",
        "passed   tests",
        "passed   upgrade  from v1.0.0 service=" + longest,
        "passed   upgrade  from v1.0.0 service=shop",
    ] == sorted(done.stderr.splitlines())  # fmt: skip
    assert "5 passed, 0 failed\n" == done.stdout


def test_what_is_never_asked_is_varied_where_values_are_listed(author: Author) -> None:
    """Such an answer of the platform changes what is rendered as well."""
    author.ask("tier: {type: str, default: a, ask: false}")
    assert "render   service=shop tier=z" not in run(author).stderr
    author.write(
        {
            "blueprint.yml": (author.folder / "blueprint.yml").read_text()
            + "test: {answers: {tier: [z]}}\n"
        }
    )
    assert "render   service=shop tier=z" in run(author).stderr


def test_a_check_that_fails_comes_with_its_answers(author: Author) -> None:
    """Only the set that brings the fault out fails, and the line to try it again works."""
    author.ask("ci: {type: bool, default: false}")
    name = "code/{% if ci %}.gitlab-ci.yml{% endif %}.jinja"
    author.write({name: "job: {script: 3}\n"})
    done = run(author, status=1)

    assert "  Again: scaffold blueprint test --data service=shop --data ci=true\n" in done.stdout
    assert "failed   gitlab-ci        code/.gitlab-ci.yml" in done.stdout
    assert f"\n    --> {name}:1\n" in done.stdout
    again = tried(author, "--data", "service=shop", "--data", "ci=true", status=1)
    assert [("tests", "not-run"), ("render", "failed")] == [
        (one["what"], one["outcome"]) for one in again
    ]


def test_what_several_sets_of_answers_bring_out_is_said_once(author: Author) -> None:
    """With all of them, and the shortest line that tries it again."""
    author.write({"code/bad.jinja": "{{ service }}\n{{ 1 // 0 }}\n"})
    done = run(author, status=1)

    lines = done.stdout.splitlines()
    longest = "longest-" + 32 * "x"
    assert [f"failed   render   service={longest}", "failed   render   service=shop"] == sorted(
        line for line in lines if line.startswith("failed")
    )
    assert 1 == sum("code/bad.jinja:2: can't be rendered" in line for line in lines)
    assert ["  Again: scaffold blueprint test --data service=shop"] == [
        line for line in lines if line.startswith("  Again")
    ]


def test_a_template_that_breaks_is_said(author: Author) -> None:
    """A render that fails is a failure of the set of answers, not of the command."""
    author.write({"code/bad.jinja": "{{ 1 // 0 }}\n"})

    (first, *_) = [one for one in tried(author, status=1) if one["what"] == "render"]
    assert "failed" == first["outcome"]
    assert "code/bad.jinja" in first["details"][0]


def test_an_upgrade_that_gives_something_else_is_found(author: Author) -> None:
    """An upgraded service has what a new one would have, or the versions drift apart."""
    author.tag("v1.0.0")
    author.edit("copier.yml", "repo:", "_external_data: {there: README.md}\nrepo:")
    author.edit("code/README.md.jinja", "{{ greeting }}", "{{ _external_data.there | length }}")
    failed = [one for one in tried(author, status=1) if one["outcome"] == "failed"]

    assert {("upgrade", "v1.0.0")} == {(one["what"], one["version"]) for one in failed}
    assert [
        "differs from a fresh render:", "--- upgraded/code/README.md", "+++ fresh/code/README.md",
        "@@ -1,3 +1,3 @@", " # shop", " ", "-5", "+0",
    ] == failed[0]["details"]  # fmt: skip


def test_upgrades_start_from_the_last_five_versions(author: Author) -> None:
    """Older ones are no longer looked at."""
    for number in range(7):
        author.write({"code/number.txt": f"{number}\n"})
        author.tag(f"v1.{number}.0")
    found = tried(author, "--data", "service=shop")

    assert ["v1.6.0", "v1.5.0", "v1.4.0", "v1.3.0", "v1.2.0"] == [
        one["version"] for one in found if one["what"] == "upgrade"
    ]


def test_what_validators_refuse_is_no_failure(author: Author) -> None:
    """Not every pair of answers needs to make sense; the defaults do."""
    author.ask(
        "a: {type: bool, default: false}",
        "b: {type: bool, default: false, validator: '{% if a and b %}not both{% endif %}'}",
    )
    outcomes = {
        (one["answers"].get("a"), one["answers"].get("b")): one["outcome"]
        for one in tried(author) if one["what"] == "render"
    }  # fmt: skip

    assert "refused" == outcomes[(True, True)]
    assert {"passed", "refused"} == set(outcomes.values())


def test_an_upgrade_that_gets_no_answer_fails(author: Author) -> None:
    """A new question without a default stops every upgrade: that is no matter of these answers."""
    author.tag("v1.0.0")
    author.ask("tier: {type: str}")
    model = (author.folder / "blueprint.yml").read_text()
    author.write({"blueprint.yml": model + "test: {answers: {tier: [gold]}}\n"})
    done = run(author, status=1)

    assert [("render", "passed"), ("upgrade", "failed")] == sorted(
        {(one["what"], one["outcome"]) for one in tried(author, status=1)} - {("tests", "not-run")}
    )
    assert (
        "  the question `tier` got no answer, and it has no default\n"
        "  A new question needs a default, or a migration that supplies its answer.\n"
    ) in done.stdout
    assert 1 == (done.stdout + done.stderr).count("not-run  tests")
    assert done.stdout.endswith("\n2 passed, 2 failed, 1 could not run\n")


def test_a_question_without_an_answer_names_the_tests_answers(author: Author) -> None:
    """`--data` would mend one run; what is in blueprint.yml, every one, and lint's too."""
    author.ask("tier: {type: str}")

    assert (
        "  the question `tier` has no default and got no answer\n"
        "  Answer it in blueprint.yml, under `test.answers`.\n"
    ) in run(author, status=1).stdout


def test_a_version_that_refuses_all_answers_is_a_failure(author: Author) -> None:
    """Nothing was upgraded from it, so nothing is known of its upgrades."""
    author.ask("tier: {type: str, default: gold, validator: '{% if tier %}no{% endif %}'}")
    author.tag("v1.0.0")
    author.edit("copier.yml", "validator: '{% if tier %}no{% endif %}'", "help: The tier")
    upgrades = [one for one in tried(author, status=1) if one["what"] == "upgrade"]

    assert ["refused", "refused", "failed"] == [one["outcome"] for one in upgrades]
    assert [
        "v1.0.0 refuses all sets of answers, so that no upgrade from it was tried:",
        "the answer to `tier` is not valid: no",
        "List answers that it takes in blueprint.yml, under `test`.",
    ] == upgrades[-1]["details"]


def test_test_answers_of_today_count_for_released_versions(author: Author) -> None:
    """A question of an old version that is without an answer there can be given one here."""
    author.ask("tier: {type: str}")
    author.tag("v1.0.0")
    model = (author.folder / "blueprint.yml").read_text()
    author.write({"blueprint.yml": model + "test: {answers: {tier: [gold]}}\n"})

    assert {"passed"} == {one["outcome"] for one in tried(author) if one["what"] != "tests"}


def test_answers_that_are_given_go_to_the_versions_that_ask_for_them(author: Author) -> None:
    """The line that tries a set again also upgrades from before a question was there."""
    author.tag("v1.0.0")
    author.ask("tier: {type: str, default: gold}")
    found = tried(author, "--data", "service=shop", "--data", "tier=silver")

    assert [{"service": "shop", "tier": "silver"}, {"service": "shop"}] == [
        one["answers"] for one in found if one["what"] != "tests"
    ]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("{{ greetng }}\n", "'greetng' is undefined"),
        ("{% if greetng %}x{% endif %}\n", "'greetng' is undefined"),
        ("{{ siblings.docker.uri }}\n", "'dict object' has no attribute 'uri'"),
        ("{{ siblings['dokcer'].url }}\n", "'dict object' has no attribute 'dokcer'"),
    ],
)
def test_what_is_not_defined_is_a_failure(author: Author, text: str, why: str) -> None:
    """In a service it would render to nothing, and nobody would see it."""
    author.write({"code/more.txt.jinja": f"a\n{text}"})
    (first, *_) = [one for one in tried(author, status=1) if one["what"] == "render"]

    assert "failed" == first["outcome"]
    assert f"code/more.txt.jinja:2: can't be rendered: {why}" in first["details"][0]


def test_what_may_be_undefined_is_said_by_default(author: Author) -> None:
    """So an answer of some platforms alone can be used."""
    author.write({
        "code/more.txt.jinja":
            "{{ greetng | default('hi') }}{% if siblings.docker.uri is defined %}x{% endif %}\n"
    })  # fmt: skip

    assert {"passed"} == {one["outcome"] for one in tried(author) if one["what"] == "render"}


def test_what_a_released_version_left_undefined_is_no_failure(author: Author) -> None:
    """It can't be mended any more; what lies in the folder can."""
    author.write({"code/more.txt.jinja": "{{ greetng }}\n"})
    author.tag("v1.0.0")
    author.edit("code/more.txt.jinja", "greetng", "greeting")

    assert {"passed"} == {one["outcome"] for one in tried(author) if one["what"] != "tests"}


def test_defaults_that_are_refused_are_a_failure(author: Author) -> None:
    """Whoever just presses Enter could make no service."""
    author.ask("a: {type: bool, default: true, validator: '{% if a %}no{% endif %}'}")
    (first, *_) = [one for one in tried(author, status=1) if one["what"] == "render"]

    assert "failed" == first["outcome"]


def test_own_tests_that_fail_are_shown(author: Author) -> None:
    """With what pytest says about them; nothing is left behind in the folder."""
    author.write({"tests/test_it.py": "def test_it():\n    assert 1 == 2\n"})
    author.commit()
    (own, *_) = tried(author, status=1)

    assert ("tests", "failed") == (own["what"], own["outcome"])
    assert any("assert 1 == 2" in line for line in own["details"])
    assert "" == git("status", "--porcelain", "--ignored", cwd=author.folder)


def test_own_tests_get_no_credentials(author: Author, monkeypatch: pytest.MonkeyPatch) -> None:
    """They are code of the blueprint: tokens of whoever runs them are not passed on."""
    monkeypatch.setenv("GITLAB_TOKEN", "secret")
    text = "import os\n\ndef test_it():\n    assert 'GITLAB_TOKEN' not in os.environ\n"
    author.write({"tests/test_it.py": text})

    assert "passed" == tried(author, "--data", "service=shop")[0]["outcome"]


def test_a_folder_without_a_blueprint_is_wrong_use(tmp_path: Path) -> None:
    """The error says what is missing where."""
    done = scaffold("blueprint", "test", cwd=tmp_path)

    assert 2 == done.returncode
    assert f"{tmp_path}: there is no blueprint.yml here" in done.stderr


def test_what_many_sets_of_answers_bring_out_is_said_once(author: Author) -> None:
    """With the shortest of them, and how many more there are."""
    author.ask("size: {type: str, choices: [s, m, l]}")
    author.ask("ci: {type: bool, default: false}")
    author.write({"code/.gitlab-ci.yml": "job: {script: 3}\n"})
    lines = run(author, status=1).stdout.splitlines()

    first = next(n for n, line in enumerate(lines) if line.startswith("failed   render"))
    assert ["failed   render   service=shop size=s", "  and for 5 more sets of answers"] == (
        lines[first : first + 2]
    )
    assert 1 == len([line for line in lines if line.startswith("  Again: ")])


def test_an_extension_that_is_missing_is_no_fault_of_scaffold(author: Author) -> None:
    """It is told with what to install, before anything is tried."""
    questions = (author.folder / "copier.yml").read_text()
    author.write({"copier.yml": f"{questions}_jinja_extensions: [jinja2_time.TimeExtension]\n"})
    done = run(author, status=1)

    assert "not installed: No module named 'jinja2_time'\n  `pip install jinja2-time`, in" in (
        done.stderr
    )
    assert "fault of scaffold" not in done.stderr

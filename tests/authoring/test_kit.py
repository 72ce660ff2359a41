"""The test kit: what an author's own tests are written with."""

import pytest

from scaffold.errors import AnswerError, BlueprintNotFoundError
from tests.authoring.blueprints import Author, text
from tests.builders import git

EXAMPLE = "https://git.example.com/acme"


def test_all_paired_repos_are_rendered_at_once(author: Author) -> None:
    """Each is a folder, with the answers that scaffold supplies and with its pin."""
    repos = author.kit().render(greeting="hi")

    assert "# shop\n\nhi\n" == (repos["code"] / "README.md").read_text()
    assert "registry.example.com/acme/shop\n" == (repos["docker"] / "image.txt").read_text()
    assert f'url: "{EXAMPLE}/shop-code.git"' in (repos["docker"] / "upstream.yml").read_text()
    assert "hi" == repos.answers["greeting"]


def test_a_repo_that_is_not_there_is_said(author: Author) -> None:
    """A misspelt name lists the right ones."""
    with pytest.raises(KeyError, match="there is no repo `cod`, but code, docker"):
        _ = author.kit().render()["cod"]


def test_what_is_not_committed_is_rendered(author: Author) -> None:
    """Tests are about what lies in the folder; what git ignores does not."""
    author.write({".gitignore": "*.log\n", "code/new.txt": "new\n", "code/x.log": "no\n"})
    repos = author.kit().render()

    assert "new\n" == (repos["code"] / "new.txt").read_text()
    assert not (repos["code"] / "x.log").exists()


def test_code_of_the_blueprint_runs(author: Author) -> None:
    """Its author has it on this machine already: tasks, and what extensions bring."""
    author.ask("_tasks: ['echo made > made.txt']", "_jinja_extensions: [jinja2.ext.do]")
    author.write({"code/done.txt.jinja": "{% do [].append(1) %}done\n"})
    repos = author.kit().render()

    assert "made\n" == (repos["code"] / "made.txt").read_text()
    assert "done\n" == (repos["code"] / "done.txt").read_text()


def test_an_answer_that_is_not_valid_is_refused(author: Author) -> None:
    """A validator can be tested, and so can a misspelt question."""
    author.ask("port: {type: int, default: 1, validator: '{% if port > 9 %}too high{% endif %}'}")
    kit = author.kit()

    with pytest.raises(AnswerError, match="too high"):
        kit.render(port=10)
    with pytest.raises(AnswerError, match="asks no question `prot`"):
        kit.render(prot=1)


def test_the_text_is_that_of_all_files(author: Author) -> None:
    """Neither pins nor the version are in it: a snapshot of it outlives commits and releases."""
    author.write({"code/run.sh": "#!/bin/sh\n", "code/open": "no end", "code/logo": b"\xff"})
    before = author.kit().render().text
    author.tag("v1.0.0")

    assert before == author.kit().render().text
    sections = before.split("===== ")[1:]
    assert [
        "code/.copier-answers.yml", "code/.scaffold.yml", "code/NOTES.md", "code/README.md",
        "code/logo", "code/open", "code/run.sh (executable)", "docker/.copier-answers.yml",
        "docker/.scaffold.yml", "docker/image.txt",
    ] == [one.split("\n")[0] for one in sections]  # fmt: skip
    assert "code/open\nno end\n(no end of line)\n" in sections
    assert "code/logo\n(1 bytes that are no text)\n" in sections


def test_static_checks_see_the_assembled_set(author: Author) -> None:
    """What fails is an AssertionError with the tool's words and no path of a temporary folder."""
    author.write({"code/.gitlab-ci.yml": "job: {script: 3}\n"})

    with pytest.raises(AssertionError, match=r"failed +gitlab-ci +code/\.gitlab-ci\.yml") as caught:
        author.kit().render().check()
    assert "shop-code/.gitlab-ci.yml::$.job" in str(caught.value)
    assert str(author.scratch) not in str(caught.value)


def test_an_upgrade_keeps_what_the_owner_changed(author: Author) -> None:
    """The service is made of the released version, edited, and upgraded to what lies there."""
    author.tag("v1.0.0")
    author.edit("docker/image.txt.jinja", "{{ registry }}/", "{{ registry }}/team/")
    upgraded = author.kit().upgrade_from("v1.0.0", edits={"code/README.md": "# Mine\n"})

    assert [] == upgraded.conflicts
    assert "# Mine\n" == text(upgraded.trees["code"], "README.md")
    assert "registry.example.com/acme/team/shop\n" == text(upgraded.trees["docker"], "image.txt")
    assert "docker/image.txt: updated" in upgraded.decisions
    assert "===== docker/image.txt\nregistry.example.com/acme/team/shop\n" in upgraded.text


def test_a_migration_carries_an_answer_over(author: Author) -> None:
    """Migrations run in a test as they will in an upgrade, in the version they are tied to."""
    author.tag("v1.0.0")
    author.edit("copier.yml", "greeting:", "welcome:")
    author.edit("code/README.md.jinja", "greeting", "welcome")
    author.ask(
        "_migrations: [{version: v2.0.0, when: \"{{ _stage == 'before' }}\","
        " command: sed -i s/^greeting:/welcome:/ .copier-answers.yml}]"
    )
    upgraded = author.kit().upgrade_from("v1.0.0", greeting="hi")

    assert "# shop\n\nhi\n" == text(upgraded.trees["code"], "README.md")


def test_a_conflict_is_named_by_its_path(author: Author) -> None:
    """What the owner and the blueprint both changed is left to a person."""
    author.tag("v1.0.0")
    author.edit("code/README.md.jinja", "# {{ service }}", "# The {{ service }}")
    upgraded = author.kit().upgrade_from("v1.0.0", edits={"code/README.md": "# Mine\n"})

    assert ["code/README.md: content"] == upgraded.conflicts


def test_a_deleted_file_stays_deleted(author: Author) -> None:
    """An edit of None deletes."""
    author.tag("v1.0.0")
    author.edit("code/README.md.jinja", "# {{ service }}", "# The {{ service }}")
    upgraded = author.kit().upgrade_from("v1.0.0", edits={"code/README.md": None})

    assert "README.md" not in upgraded.trees["code"]


def test_an_unknown_version_lists_those_there_are(author: Author) -> None:
    """In CI, a shallow checkout has none; the hint says what to do about it."""
    author.tag("v1.0.0")

    with pytest.raises(BlueprintNotFoundError, match=r"no released version `v2\.0\.0`") as caught:
        author.kit().upgrade_from("v2.0.0")
    assert "It has: v1.0.0. In CI, fetch the tags and the whole history." == caught.value.hint


def test_a_question_without_a_default_has_its_test_answer(author: Author) -> None:
    """Else each test would have to give it; one that is given counts."""
    author.ask("tier: {type: str}")
    model = (author.folder / "blueprint.yml").read_text()
    author.write({
        "blueprint.yml": model + "test: {answers: {tier: [gold, iron]}}\n",
        "code/tier.jinja": "{{ tier }}",
    })  # fmt: skip
    kit = author.kit()

    assert ["gold", "iron"] == [
        text(one.trees["code"], "tier") for one in (kit.render(), kit.render(tier="iron"))
    ]


def test_releases_are_newest_first(author: Author) -> None:
    """By PEP 440; tags that are no version are not among them."""
    for tag in ("v1.9.0", "v1.10.0", "v1.10.0rc1", "latest"):
        author.tag(tag)

    assert ("v1.10.0", "v1.10.0rc1", "v1.9.0") == author.kit().releases


def test_a_folder_of_another_repo_has_no_releases(author: Author) -> None:
    """That repo's tags are not the blueprint's."""
    top = author.folder.parent
    (author.folder / ".git").rename(top / ".git")
    git("tag", "v1.0.0", cwd=top)

    assert () == author.kit().releases


def test_upgraded_and_fresh_are_compared(author: Author) -> None:
    """Without edits nothing differs; files that are made only once may."""
    author.tag("v1.0.0")
    author.edit("code/README.md.jinja", "# {{ service }}", "# The {{ service }}")
    author.write({"code/NOTES.md": "Other notes.\n", "code/new.txt": "new\n"})
    author.ask("colour: {type: str, default: red}")
    kit = author.kit()

    assert [] == kit.differences(kit.upgrade_from("v1.0.0"))
    edited = kit.upgrade_from("v1.0.0", edits={"docker/extra.txt": "mine\n"})
    assert [
        "--- upgraded/docker/extra.txt", "+++ fresh/docker/extra.txt", "@@ -1 +0,0 @@", "-mine",
    ] == kit.differences(edited)  # fmt: skip

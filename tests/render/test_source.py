"""Where blueprints come from: which version is the newest, and what is wrong with one."""

import os
from pathlib import Path

import pytest

from scaffold.errors import BlueprintNotFoundError, ConfigError, ScaffoldError
from scaffold.git.folders import read_folder
from scaffold.render.source import open_version, parse_version
from tests.areas import NOT_HERE
from tests.builders import (
    ANSWERS_NAME,
    ANSWERS_TEXT,
    BLUEPRINT_YML,
    COPIER_YML,
    Files,
    commit_files,
    git,
    make_blueprint,
    serve_folder,
    write_files,
)
from tests.render.small import opened, rendered, texts


def blueprint_with(folder: Path, *tags: str) -> str:
    """A blueprint with these tags, each of another commit."""
    for tag in tags:
        make_blueprint(folder, {"code/version": tag}, tag=tag)
    return f"file://{folder}"


@pytest.mark.parametrize(
    ("tags", "newest"),
    [
        (["v1.9.0", "v1.10.0"], "v1.10.0"),
        (["2.0", "1.0"], "2.0"),
        (["v1.0.0", "v2.0.0rc1", "v1.1.dev1"], "v1.0.0"),
        (["v1.0.0a1", "v1.0.0rc1", "v1.0.0b2"], "v1.0.0rc1"),
        (["v1.0.0", "v1.0.0.post1"], "v1.0.0.post1"),
        (["v1.0.0", "latest", "v9-stable", "release/v3.0.0"], "v1.0.0"),
        (["20250101", "20260101"], "20260101"),
        (["v1.0.0", "1!0.1"], "1!0.1"),
    ],
    ids=["numbers", "plain", "stable", "pre", "post", "others", "digits", "epoch"],
)
def test_the_newest_version(tmp_path: Path, tags: list[str], newest: str) -> None:
    """By PEP 440; prereleases count where there is nothing else, other tags never."""
    url = blueprint_with(tmp_path / "blueprint", *tags)

    found = open_version(url, None, tmp_path)

    assert newest == found.version
    assert newest == (found.folder / "code/version").read_text()
    assert git("rev-parse", newest, cwd=tmp_path / "blueprint") == found.commit


def test_a_version_by_its_name(tmp_path: Path) -> None:
    """The files are those of that tag, whatever came later or lies in the work tree."""
    url = blueprint_with(tmp_path / "blueprint", "v1.0.0", "v2.0.0rc1", "v2.0.0")
    write_files(tmp_path / "blueprint", {"code/version": "not committed"})

    versions = [open_version(url, tag, tmp_path).folder for tag in ("v1.0.0", "v2.0.0rc1")]

    assert ["v1.0.0", "v2.0.0rc1"] == [(one / "code/version").read_text() for one in versions]


def test_an_annotated_tag(tmp_path: Path) -> None:
    """It stands for the commit that it is of."""
    url = blueprint_with(tmp_path / "blueprint", "v1.0.0")
    git("tag", "-a", "-m", "Release", "v1.1.0", cwd=tmp_path / "blueprint")

    assert (
        git("rev-parse", "HEAD", cwd=tmp_path / "blueprint")
        == open_version(url, "v1.1.0", tmp_path).commit
    )


def test_all_files_are_laid_out(tmp_path: Path) -> None:
    """As the tag has them, executable bits and links included, and once for all who open it."""
    files: Files = {
        "code/run": "#!/bin/sh\n",
        "code/link": Path("run"),
        "code/leer/\u00e4": b"\0\xff",
    }

    first = opened(tmp_path, files)
    again = open_version(first.url, "v1.0.0", tmp_path / "scratch")

    assert read_folder(tmp_path / "small.git") == read_folder(first.folder)
    assert first.folder == again.folder


def test_what_blueprint_yml_says(tmp_path: Path) -> None:
    """It is read with the version."""
    model = opened(tmp_path).model

    assert ("small", "1.34", ("code", "docker")) == (model.name, model.kubernetes, model.chain())


def test_a_version_of_digits_is_text(tmp_path: Path) -> None:
    """The answers file quotes it, so that no YAML reader takes it for a number."""
    blueprint = opened(tmp_path, {f"code/{ANSWERS_NAME}": ANSWERS_TEXT}, tag="20260101")

    answers = texts(rendered(blueprint, tmp_path))[".copier-answers.yml"]

    assert "_commit: '20260101'" in answers.splitlines()


def test_questions_in_several_documents(tmp_path: Path) -> None:
    """A copier.yml may take questions from other files of the template, as copier has it."""
    files = {
        "copier.yml": f"{COPIER_YML}---\n!include parts/*.yml\n---\nb: {{type: int, default: 2}}\n",
        "parts/a.yml": "a: {type: int, default: 1}\n",
        "code/sum.jinja": "{{ a + b }}",
    }

    assert "3" == texts(rendered(opened(tmp_path, files), tmp_path))["sum"]


def test_a_document_of_questions_that_is_a_list(tmp_path: Path) -> None:
    """The error names the line at which it begins."""
    with pytest.raises(ConfigError) as caught:
        opened(tmp_path, {"copier.yml": f"{COPIER_YML}---\n- a\n"})

    assert "is not a mapping of keys to values" == caught.value.what
    assert caught.value.where.endswith(f"copier.yml:{COPIER_YML.count(chr(10)) + 2}")


@pytest.mark.parametrize(
    ("tag", "version"),
    [("v1.2.0", "1.2.0"), ("1.2", "1.2"), ("latest", None), ("", None), ("v1.x", None)],
)
def test_which_tags_are_versions(tag: str, version: str | None) -> None:
    """A leading `v` makes no difference."""
    assert version == (str(parsed) if (parsed := parse_version(tag)) else None)


SERVER = "https://git.example.com"


class TestNotFound:
    """Errors say where it was looked for, and what there is."""

    @pytest.mark.parametrize("tags", [[], ["latest"]])
    def test_no_version(self, tmp_path: Path, tags: list[str]) -> None:
        """A blueprint without a version can't be used; the hint says how to tag one."""
        commit_files(tmp_path / "blueprint", {"blueprint.yml": BLUEPRINT_YML})
        for tag in tags:
            git("tag", tag, cwd=tmp_path / "blueprint")

        with pytest.raises(BlueprintNotFoundError, match="has no released version") as caught:
            open_version(f"file://{tmp_path}/blueprint", None, tmp_path)

        assert "Tag one, for example: git tag v1.0.0" == caught.value.hint

    def test_an_unknown_version(self, tmp_path: Path) -> None:
        """The hint has the versions that there are, oldest first."""
        url = blueprint_with(tmp_path / "blueprint", "v1.10.0", "v1.2.0", "latest")

        with pytest.raises(BlueprintNotFoundError, match=r"has no version `v3\.0\.0`") as caught:
            open_version(url, "v3.0.0", tmp_path)

        assert (url, "It has: v1.2.0, v1.10.0") == (caught.value.where, caught.value.hint)

    @pytest.mark.parametrize("said", ["v1.2.0", "1.2.0", "1.2", "V1.2.0"])
    def test_a_version_as_people_say_it(self, tmp_path: Path, said: str) -> None:
        """With the `v` of its tag or without."""
        url = blueprint_with(tmp_path / "blueprint", "v1.2.0", "v1.10.0")

        assert "v1.2.0" == open_version(url, said, tmp_path).version

    @pytest.mark.parametrize("url", ["file://{}/none", "{}/none", "{}"])
    def test_no_repo(self, tmp_path: Path, url: str) -> None:
        """A folder that is not there, or is no repo, is named."""
        with pytest.raises(BlueprintNotFoundError, match="there is no git repo here") as caught:
            open_version(url.format(tmp_path), None, tmp_path)

        assert url.format(tmp_path) == caught.value.where

    def test_a_folder_inside_a_repo(self, tmp_path: Path) -> None:
        """The repo around it is not the blueprint that was named."""
        url = blueprint_with(tmp_path / "blueprint", "v1.0.0")

        with pytest.raises(BlueprintNotFoundError, match="there is no git repo here"):
            open_version(f"{url}/code", None, tmp_path)

    def test_no_remote_repo(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """It is told as a repo that is not there; what git said is in the details."""
        serve_folder(monkeypatch, tmp_path, SERVER)

        with pytest.raises(ScaffoldError, match="there is no repo here, or you may") as caught:
            open_version(f"{SERVER}/none", None, tmp_path / "scratch")

        assert any("does not appear to be a git" in line for line in caught.value.details)

    @pytest.mark.skipif(
        os.getuid() != 0, reason=f"{NOT_HERE}only root can give a folder to somebody else"
    )
    def test_a_repo_of_somebody_else(self, tmp_path: Path) -> None:
        """The repo is there, so the error must say why it is not read."""
        url = blueprint_with(tmp_path / "blueprint", "v1.0.0")
        for folder, _, files in os.walk(tmp_path / "blueprint"):
            for path in (folder, *(os.path.join(folder, name) for name in files)):  # noqa: PTH118
                os.chown(path, 65534, 65534)

        with pytest.raises(BlueprintNotFoundError, match="owned"):
            open_version(url, None, tmp_path)


class TestRemote:
    """What is not on this machine is cloned; here, what git alone knows how to find."""

    @pytest.fixture(autouse=True)
    def two_blueprints(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Two blueprints, at URLs that git alone knows the way to."""
        blueprint_with(tmp_path / "one", "v1.0.0", "v2.0.0")
        blueprint_with(tmp_path / "two", "v3.0.0")
        serve_folder(monkeypatch, tmp_path, SERVER)

    def test_it_is_cloned(self, tmp_path: Path) -> None:
        """Its versions are found as those of a local one, and its URL stays what it was."""
        found = open_version(f"{SERVER}/one", None, tmp_path / "scratch")

        assert (f"{SERVER}/one", "v2.0.0") == (found.url, found.version)

    @pytest.mark.parametrize("url", [f"{SERVER}/one", f"{SERVER}/two"])
    def test_a_second_one_in_the_same_run(self, tmp_path: Path, url: str) -> None:
        """Another version, or another blueprint, does not find the first clone in its way."""
        open_version(f"{SERVER}/one", "v1.0.0", tmp_path / "scratch")

        assert url == open_version(url, None, tmp_path / "scratch").url


class TestNotValid:
    """A version whose files are not valid is refused with the line that is wrong."""

    @pytest.mark.parametrize(
        ("right", "wrong", "said"),
        [
            ("summary", "sumary", ":2: `sumary`: is not a known key; did you mean `summary`?"),
            ("follows: code", "follows: coed", ":1: `(the whole file)`: `docker` follows `coed`"),
            ('"1.34"', "1.34", ":3: `kubernetes`: "),
        ],
    )
    def test_a_wrong_key_or_value(self, tmp_path: Path, right: str, wrong: str, said: str) -> None:
        """The error names blueprint, version, file, line and key."""
        with pytest.raises(ConfigError) as caught:
            opened(tmp_path, {"blueprint.yml": BLUEPRINT_YML.replace(right, wrong)})

        place = f"file://{tmp_path}/small.git@v1.0.0:blueprint.yml"
        told = (str(caught.value), *caught.value.details)
        assert any(line.startswith(place + said) for line in told)

    def test_no_blueprint_yml(self, tmp_path: Path) -> None:
        """An ordinary copier template is no blueprint."""
        commit_files(tmp_path / "template", {"copier.yml": "", "README.md": ""})
        git("tag", "v1.0.0", cwd=tmp_path / "template")

        with pytest.raises(BlueprintNotFoundError, match=r"has no blueprint.yml in version v1\.0"):
            open_version(f"file://{tmp_path}/template", None, tmp_path)

    def test_a_blueprint_yml_that_is_no_text(self, tmp_path: Path) -> None:
        """Bytes that are not UTF-8 are an error that names the file."""
        with pytest.raises(ConfigError, match=r"blueprint\.yml"):
            opened(tmp_path, {"blueprint.yml": b"name: \xff\n"})

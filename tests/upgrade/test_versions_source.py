"""Where a template is: every way in which an answers file may name it."""

from pathlib import Path

import pytest

from scaffold.errors import BlueprintNotFoundError, VersionGoneError
from scaffold.render.answers_file import DEFAULT_NAME
from scaffold.render.templates import TemplateRepo, git_address
from tests.builders import commit_files, git, serve_folder
from tests.upgrade.case import Case, decided


def template(folder: Path, *tags: str) -> Path:
    """A template with these tags."""
    for tag in tags:
        commit_files(folder, {"version": tag})
        git("tag", tag, cwd=folder)
    return folder


def tags(url: str, scratch: Path) -> list[str]:
    """The versions that are found at a URL."""
    return sorted(TemplateRepo(url, scratch).tags)


@pytest.mark.parametrize("what", ["v1.0.0:version", "v1.0.0^{tree}"])
@pytest.mark.parametrize("options", [(), ("-a", "-m", "not a release")], ids=["light", "annotated"])
def test_a_tag_of_a_file_or_a_folder_is_no_version(
    tmp_path: Path, what: str, options: tuple[str, ...]
) -> None:
    """However it is called."""
    folder = template(tmp_path / "t", "v1.0.0")
    git("tag", *options, "v2.0.0", git("rev-parse", what, cwd=folder), cwd=folder)

    repo = TemplateRepo(str(folder), tmp_path / "scratch")

    assert ["v1.0.0"] == sorted(repo.tags)
    with pytest.raises(VersionGoneError, match="no version `v2"):
        repo.resolve("v2.0.0")


@pytest.mark.parametrize("name", ["t", "t.git", "with space", "größe.git", "100%.git"])
@pytest.mark.parametrize("form", ["{}", "file://{}", "git+file://{}"])
def test_a_repo_on_this_machine(tmp_path: Path, name: str, form: str) -> None:
    """By path or URL, with `.git` at its end or without."""
    folder = template(tmp_path / name, "v1.0.0")
    quoted = str(folder).replace("%", "%25") if "file:" in form else str(folder)

    assert ["v1.0.0"] == tags(form.format(quoted), tmp_path / "scratch")


def test_a_bare_repo(tmp_path: Path) -> None:
    """That is what a server has."""
    git("clone", "-q", "--bare", str(template(tmp_path / "t", "v1.0.0")), "b.git", cwd=tmp_path)

    assert ["v1.0.0"] == tags(f"{tmp_path}/b.git", tmp_path / "scratch")


def test_a_bundle(tmp_path: Path) -> None:
    """One file that holds a whole repo."""
    folder = template(tmp_path / "t", "v1.0.0")
    git("bundle", "create", "-q", str(tmp_path / "t.bundle"), "--all", cwd=folder)

    assert ["v1.0.0"] == tags(f"{tmp_path}/t.bundle", tmp_path / "scratch")


def test_a_path_in_the_home_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`~` is spelled out."""
    template(tmp_path / "t", "v1.0.0")
    monkeypatch.setenv("HOME", str(tmp_path))

    assert ["v1.0.0"] == tags("~/t", tmp_path / "scratch")


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("gh:acme/shop", "https://github.com/acme/shop.git"),
        ("gh:/acme/shop.git", "https://github.com/acme/shop.git"),
        ("gl:acme/group/shop", "https://gitlab.com/acme/group/shop.git"),
        ("https://github.com/acme/shop", "https://github.com/acme/shop.git"),
        ("https://gitlab.com/acme/shop.git", "https://gitlab.com/acme/shop.git"),
        ("git+https://git.acme.com/shop", "https://git.acme.com/shop"),
        ("git+ssh://git@acme.com/shop", "ssh://git@acme.com/shop"),
        ("https://git.acme.com/shop", "https://git.acme.com/shop"),
        ("git@github.com:acme/shop.git", "git@github.com:acme/shop.git"),
    ],
)
def test_short_forms(url: str, address: str) -> None:
    """They are copier's."""
    assert address == git_address(url)


@pytest.mark.parametrize("url", ["gh:acme/shop", "git@github.com:acme/shop.git"])
def test_a_repo_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    """It is cloned once a run, under the user's own rules for addresses."""
    template(tmp_path / "shop.git", "v1.0.0")
    config = tmp_path / "config"
    config.write_text(
        f'[url "file://{tmp_path}/"]\ninsteadOf = https://github.com/acme/\n'
        "insteadOf = git@github.com:acme/\n"
    )
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(config))
    first = tags(url, tmp_path / "scratch")
    (tmp_path / "shop.git").rename(tmp_path / "away")

    assert ["v1.0.0"] == first == tags(url, tmp_path / "scratch")


def test_two_repos_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """They are two, however alike their addresses are."""
    template(tmp_path / "a-b.git", "v1.0.0")
    template(tmp_path / "a" / "b.git", "v2.0.0")
    serve_folder(monkeypatch, tmp_path, "https://git.acme.com")

    assert ["v1.0.0"] == tags("https://git.acme.com/a-b.git", tmp_path / "scratch")
    assert ["v2.0.0"] == tags("https://git.acme.com/a/b.git", tmp_path / "scratch")


@pytest.mark.parametrize("url", ["templates/t", "../t.git", "t.git", ""])
def test_a_relative_path(tmp_path: Path, url: str) -> None:
    """It would mean another place for everyone."""
    with pytest.raises(BlueprintNotFoundError, match="relative path"):
        TemplateRepo(url, tmp_path)


@pytest.mark.parametrize("name", ["none", "folder", "file.git"])
def test_what_is_no_repo(tmp_path: Path, name: str) -> None:
    """The error names the place."""
    (tmp_path / "folder").mkdir()
    (tmp_path / "file.git").write_text("text\n")

    with pytest.raises(BlueprintNotFoundError) as caught:
        TemplateRepo(f"{tmp_path}/{name}", tmp_path / "scratch")

    assert f"{tmp_path}/{name}" == caught.value.where


def test_an_address_that_does_not_answer(tmp_path: Path) -> None:
    """What git says of it is told, and nothing half stays behind."""
    with pytest.raises(BlueprintNotFoundError, match="can't be cloned") as caught:
        TemplateRepo("https://localhost:1/none.git", tmp_path)

    assert (True, []) == (bool(caught.value.details), list((tmp_path / "copies").iterdir()))


def test_a_repo_without_a_commit(tmp_path: Path) -> None:
    """There is nothing to upgrade to."""
    git("init", "-q", "t", cwd=tmp_path)

    with pytest.raises(BlueprintNotFoundError, match="no version and no commit"):
        TemplateRepo(f"{tmp_path}/t", tmp_path).newest()


@pytest.mark.parametrize("form", ["{}/template.git", "file://{}/template.git"])
def test_the_address_is_recorded_as_it_was(case: Case, form: str) -> None:
    """Whichever of its names the repo knows, it keeps."""
    case.release("v1.0.0", {"a.txt.jinja": "{{ _copier_answers._src_path }}\n"})
    case.generate("v1.0.0")
    url = form.format(case.root)
    text = case.ours()[DEFAULT_NAME].data.decode().replace(case.template, url)
    case.edit({DEFAULT_NAME: text, "a.txt": f"{url}\n"})
    case.release("v2.0.0", {"a.txt.jinja": "{{ _copier_answers._src_path }}\n", "b.txt": "new\n"})

    plan = case.plan()

    assert [("b.txt", "added")] == decided(plan)
    assert f"_src_path: {url}\n".encode() in (plan.merged.changes[DEFAULT_NAME] or b"").data  # type: ignore[union-attr]

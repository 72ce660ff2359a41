"""What a render refuses: faults of the blueprint, and paths that would do harm."""

import gc
from collections.abc import Iterator
from pathlib import Path

import pytest

from scaffold.errors import AnswerError, RenderError, UnsafeTreeError, UntrustedError
from scaffold.render.render import Destination, render, render_name, render_template
from scaffold.render.source import TemplateVersion
from tests.builders import COPIER_YML, Files, write_files
from tests.render.small import opened, rendered

PLACE = "place: {type: str, default: x}\n"
# Copier leaves the folder that it was reading open where a render fails.
pytestmark = pytest.mark.filterwarnings("ignore:unclosed scandir iterator:ResourceWarning")


@pytest.fixture(autouse=True)
def _collect() -> Iterator[None]:
    """Let that come up in the test that it belongs to."""
    yield
    gc.collect()


def refused(folder: Path, files: Files, *, questions: str = "", **answers: str) -> RenderError:
    """The error of a blueprint with these files and answers."""
    blueprint = opened(folder, files, questions=questions)
    with pytest.raises(RenderError) as caught:
        rendered(blueprint, folder, **answers)
    return caught.value


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("one\n{{ service\n", 2, "expected 'end of print statement'"),
        ("one\ntwo\n{% fi %}\n", 3, "Encountered unknown tag 'fi'"),
        ("{{ service | nofilter }}\n", 1, "No filter named 'nofilter'"),
        ("one\n{{ nothing.there }}\n", 2, "'nothing' is undefined"),
        ("one\n{{ 1 / 0 }}\n", 2, "division by zero"),
        ("one\n{{ ''.__class__.__mro__ }}\n", 2, "is unsafe"),
        ("one\n{% include 'gone.jinja' %}\n", 2, "gone.jinja"),
    ],
    ids=["print", "tag", "filter", "undefined", "zero", "unsafe", "include"],
)
def test_a_broken_template(tmp_path: Path, text: str, line: int, said: str) -> None:
    """The error names blueprint, version, file and line, and says what is wrong there."""
    error = refused(tmp_path, {"code/docs/a.txt.jinja": text})

    place = f"file://{tmp_path}/small.git@v1.0.0:code/docs/a.txt.jinja:{line}"
    assert (place, True) == (error.where, said in error.what)


def test_a_broken_template_that_is_included(tmp_path: Path) -> None:
    """The file that is broken is named, and not the one that was rendered."""
    files = {"code/a.jinja": "{% include 'parts/b.jinja' %}\n", "parts/b.jinja": "one\n{% fi %}\n"}

    error = refused(tmp_path, files)

    assert f"file://{tmp_path}/small.git@v1.0.0:parts/b.jinja:2" == error.where


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"code/{{ service": ""}, "{{ service"),
        ({"code/a.jinja": b"\xff\xfe"}, "code/a.jinja"),
        ({"code/dangling": Path("gone")}, "dangling"),
        ({"code/{{ service }}": "", "code/shop/file": ""}, "shop"),
        ({"copier.yml": COPIER_YML + "_min_copier_version: '99'\n"}, ">= 99"),
    ],
    ids=["name", "bytes", "dangling", "file and folder", "copier"],
)
def test_a_broken_blueprint(
    tmp_path: Path, files: Files, said: str, capfd: pytest.CaptureFixture[str]
) -> None:
    """The error names what is broken, and nothing is printed beside it."""
    error = refused(tmp_path, files)

    assert said in f"{error} {' '.join(error.details)}"
    assert ("", "") == capfd.readouterr()


def test_extensions_are_not_loaded(tmp_path: Path) -> None:
    """They are code of the blueprint that would run outside the sandbox."""
    blueprint = opened(tmp_path, {}, questions="_jinja_extensions: [jinja2.ext.debug]\n")

    with pytest.raises(UntrustedError, match="brings extensions of its own"):
        rendered(blueprint, tmp_path)


@pytest.mark.parametrize("place", ["../x", "../../x", "a/../../x", "/tmp/x", "../shop-code-x"])  # noqa: S108
@pytest.mark.parametrize("name", ["code/{{ place }}/file", "code/{{ place }}.txt"])
def test_a_path_that_would_leave_the_tree(tmp_path: Path, name: str, place: str) -> None:
    """An answer can't put a file anywhere else."""
    error = refused(tmp_path, {name: "text\n"}, questions=PLACE, place=place)

    assert "is forbidden" in error.what


@pytest.mark.parametrize(
    ("questions", "line", "said"),
    [
        ("on: {type: bool}\n", 4, "the key `on` is no text"),
        ("a: 1\nday: 2026-13-45\n", 5, "`2026-13-45` is no timestamp"),
        ("a: !!int ''\n", 4, "`` is no int"),
        (f"a: {'1' * 5000}\n", 4, "a number has 5000 digits"),
        ("a: &a [*a]\n", 4, "the alias `*a` is inside of what it stands for"),
        (f"a: {'[' * 3000}\n", 4, "is nested more than 100 levels deep"),
        ("a: !unknown x\n", 4, "has the tag `!unknown`"),
        ("? [a]\n: 1\n", 4, "the key `[ScalarNode("),
        ("<<: 1\n", 4, "expected a mapping or list of mappings for merging"),
        ("---\n- a\n", 5, "is not a mapping of keys to values"),
        ("---\n!include more.yml\n", 1, "`x` is no timestamp"),
        ("---\n!include copier.yml\n", 0, "includes itself"),
    ],
)  # fmt: skip
def test_a_copier_yml_that_can_not_be_read(
    tmp_path: Path, questions: str, line: int, said: str
) -> None:
    """With the file and the line, before copier itself would fail over it, or never end."""
    folder = tmp_path / "laid-out"
    write_files(folder, {"copier.yml": COPIER_YML + questions, "more.yml": "a: !!timestamp x\n"})
    version = TemplateVersion("https://x/small.git", "v1.0.0", "1" * 40, folder)

    with pytest.raises(RenderError) as caught:
        render_template(version, {}, Destination("x"), scratch=tmp_path)

    file = "more.yml" if "more" in questions else "copier.yml"
    place = f"https://x/small.git@v1.0.0:{file}" + (f":{line}" if line else "")
    assert (place, True) == (caught.value.where, said in caught.value.what), str(caught.value)


@pytest.mark.parametrize("place", [".git", "docs/.git", ".GIT", "docs/.Git", "git~1", ".git. "])
def test_a_path_in_gits_own_folder(tmp_path: Path, place: str) -> None:
    """A hook or a configuration there would run on the machine of whoever clones the repo."""
    error = refused(
        tmp_path, {"code/{{ place }}/hooks/post-checkout": "#!/bin/sh\n"},
        questions=PLACE, place=place,
    )  # fmt: skip

    assert place in error.what


@pytest.mark.parametrize("place", ["a\nb", "a\\b", "\x1b[2J"])
def test_a_path_that_may_stand_in_no_tree(tmp_path: Path, place: str) -> None:
    """What reads paths line by line, or shows them on a terminal, must not be led astray."""
    error = refused(tmp_path, {"code/{{ place }}": "text\n"}, questions=PLACE, place=place)

    assert error.what.startswith("what it renders has the path ")


@pytest.mark.parametrize("place", ["x" * 300, "a\0b"])
def test_a_path_that_can_not_be(tmp_path: Path, place: str) -> None:
    """It is an error like any other."""
    error = refused(tmp_path, {"code/{{ place }}": "text\n"}, questions=PLACE, place=place)

    assert error.what.startswith("can't be rendered: ")


def test_a_repo_outside_the_blueprint(tmp_path: Path) -> None:
    """`_subdirectory` can't name a folder elsewhere."""
    files = {"copier.yml": COPIER_YML.replace(", choices: [code, docker]", "")}
    blueprint = opened(tmp_path, files)

    with pytest.raises(RenderError, match="is forbidden"):
        render(blueprint, "../..", {}, folder_name="shop", scratch=tmp_path)


@pytest.mark.parametrize(
    ("files", "questions"),
    [
        ({"code/secret.jinja": "{% include '/etc/passwd' %}"}, ""),
        ({"code/secret.jinja": "{% include '../../../../../../../etc/passwd' %}"}, ""),
        (
            {"code/secret.jinja": "{{ _external_data.host }}"},
            "_external_data: {host: /etc/passwd}\n",
        ),
        ({"code/secret.jinja": "{{ host }}"}, "host: !include /etc/passwd\n"),
    ],
    ids=["absolute", "relative", "data", "question"],
)
def test_files_of_the_machine_can_not_be_read(tmp_path: Path, files: Files, questions: str) -> None:
    """A blueprint gets nothing into a repo that is not its own."""
    error = refused(tmp_path, files, questions=questions)

    assert "root:" not in f"{error} {error.details}"


@pytest.mark.parametrize("target", ["/etc/passwd", "../../../../etc/passwd", "docs/../../x"])
@pytest.mark.parametrize("link", ["code/secret", "not-rendered"])
def test_a_link_out_of_the_blueprint(tmp_path: Path, link: str, target: str) -> None:
    """Whatever reads it, an include for one, would read a file of the machine."""
    with pytest.raises(UnsafeTreeError, match="which leads out of it") as caught:
        opened(tmp_path, {link: Path(target)})

    assert f"file://{tmp_path}/small.git@v1.0.0" == caught.value.where


def test_a_repo_without_a_folder(tmp_path: Path) -> None:
    """The hint says where the blueprint has to have it."""
    blueprint = opened(tmp_path)

    with pytest.raises(RenderError, match="renders nothing for the repo `docker`") as caught:
        render(blueprint, "docker", {}, folder_name="shop-docker", scratch=tmp_path)

    assert f"{blueprint.url}@v1.0.0" == caught.value.where
    assert "`_subdirectory` has to name a folder for each" in caught.value.hint


def test_an_empty_render(tmp_path: Path) -> None:
    """A repo with no file at all is never what was meant."""
    files = {"docker/{% if service == 'x' %}Dockerfile{% endif %}": "FROM scratch\n"}
    blueprint = opened(tmp_path, files)

    with pytest.raises(RenderError, match="renders nothing for the repo `docker`"):
        render(blueprint, "docker", {}, folder_name="shop-docker", scratch=tmp_path)


def test_an_answer_that_is_not_valid(tmp_path: Path) -> None:
    """It is refused here too, since answers files are edited by hand."""
    blueprint = opened(tmp_path, {}, questions="port: {type: int, default: 1}\n")

    with pytest.raises(AnswerError, match=r"`port` is not valid: .*'many'") as caught:
        rendered(blueprint, tmp_path, port="many")

    assert "--data port=" in caught.value.hint


def test_a_failed_render_leaves_nothing_behind(tmp_path: Path) -> None:
    """The folder that it was rendered in is gone."""
    blueprint = opened(tmp_path, {"code/a.jinja": "{{"})
    (tmp_path / "empty").mkdir()

    with pytest.raises(RenderError):
        rendered(blueprint, tmp_path / "empty")

    assert [] == list((tmp_path / "empty").iterdir())


class TestRepoName:
    """A repo's name is a template of blueprint.yml over the answers."""

    def test_it_is_filled_in(self, tmp_path: Path) -> None:
        """With the answers that it names."""
        name = render_name(opened(tmp_path), "{{ service | lower }}-code", {"service": "Shop"})

        assert "shop-code" == name

    @pytest.mark.parametrize(
        "template", ["{{ servcie }}", "{{ service", "{{ ''.__class__.mro() }}", "{{ 1 / 0 }}"]
    )
    def test_one_that_can_not_be(self, tmp_path: Path, template: str) -> None:
        """The error names blueprint, version and file; nothing unknown is left empty."""
        with pytest.raises(RenderError, match="can't fill in the repo name") as caught:
            render_name(opened(tmp_path), template, {"service": "shop"})

        assert f"file://{tmp_path}/small.git@v1.0.0:blueprint.yml" == caught.value.where


def test_unicode_that_is_none(tmp_path: Path) -> None:
    """Half of a character pair, as JSON can have it, is an error and no broken file."""
    error = refused(tmp_path, {"code/a.jinja": "{{ place }}"}, questions=PLACE, place="\udc80")

    assert error.what.startswith("can't be rendered: ")

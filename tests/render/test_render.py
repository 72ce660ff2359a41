"""Render: (blueprint version, answers, destination) -> tree, the same for the same, and no more."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import copier
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pygit2.enums import FileMode

from scaffold.git.folders import read_folder
from scaffold.git.tree import Entry
from scaffold.render.render import render
from scaffold.render.source import BlueprintVersion
from tests.builders import ANSWERS_NAME, ANSWERS_TEXT, Files, harmful_git_config
from tests.render.small import opened, rendered, texts

QUESTIONS = """\
_preserve_symlinks: true
envs: {type: yaml, default: [dev, prod]}
ci: {type: bool, default: false}
token: {type: str, secret: true, default: ""}
package: {type: str, default: "{{ service }}_app", when: false}
"""
FILES: Files = {
    f"code/{ANSWERS_NAME}": ANSWERS_TEXT,
    "code/run.jinja": "#!/bin/sh\necho {{ service }} {{ token }}\n",
    "code/start": Path("run"),
    "code/dangling": Path("not/there"),
    "code/{{ package }}/__init__.py": "",
    "code/{% if ci %}ci.yml{% endif %}.jinja": "ci: {{ service }}\n",
    "code/{% yield env from envs %}{{ env }}{% endyield %}.txt.jinja": "{{ env }} of shop\n",
    "code/gr\u00fc\u00dfe.txt.jinja": "\u4f60\u597d {{ service }}\n",
    "code/picture.bin": b"\x89PNG\r\n\x1a\n\0\xff{{ service }}",
    "docker/Dockerfile": "FROM scratch\n",
}
RENDER_IN_ANOTHER_PROCESS = """
import sys
from pathlib import Path
from scaffold.render.render import render
from scaffold.render.source import open_version
scratch = Path(sys.argv[2])
tree = render(open_version(sys.argv[1], None, scratch), "code", {}, folder_name="shop-code",
              scratch=scratch)
print({path: (int(entry.mode), entry.data) for path, entry in sorted(tree.items())})
"""


@pytest.fixture(scope="module")
def blueprint(tmp_path_factory: pytest.TempPathFactory) -> BlueprintVersion:
    """A blueprint that has one of each."""
    return opened(tmp_path_factory.mktemp("rich"), FILES, questions=QUESTIONS)


def test_the_whole_tree(blueprint: BlueprintVersion, tmp_path: Path) -> None:
    """Every path, mode and byte is as the blueprint and the answers have it."""
    tree = rendered(blueprint, tmp_path, service="cart", token="hush")  # noqa: S106

    answers = f"_commit: v1.0.0\n_src_path: {blueprint.url}\nci: false\nenvs:\n- dev\n- prod\n"
    assert {
        ".copier-answers.yml": Entry.file(f"{answers}repo: code\nservice: cart\n".encode()),
        "README.md": Entry.file(b"words\n"),
        "cart_app/__init__.py": Entry.file(b""),
        "dangling": Entry(FileMode.LINK, b"not/there"),
        "dev.txt": Entry.file(b"dev of shop\n"),
        "gr\u00fc\u00dfe.txt": Entry.file("\u4f60\u597d cart\n".encode()),
        "picture.bin": Entry.file(b"\x89PNG\r\n\x1a\n\0\xff{{ service }}"),
        "prod.txt": Entry.file(b"prod of shop\n"),
        "run": Entry(FileMode.BLOB_EXECUTABLE, b"#!/bin/sh\necho cart hush\n"),
        "start": Entry(FileMode.LINK, b"run"),
    } == tree


def test_another_repo(blueprint: BlueprintVersion, tmp_path: Path) -> None:
    """The one that was asked for, whatever the answers say of it."""
    tree = render(
        blueprint, "docker", {"repo": "code"}, folder_name="shop-docker", scratch=tmp_path
    )

    assert {"Dockerfile": Entry.file(b"FROM scratch\n")} == tree


def test_a_conditional_file(blueprint: BlueprintVersion, tmp_path: Path) -> None:
    """A file is there where its name is not empty."""
    assert "ci: shop\n" == texts(rendered(blueprint, tmp_path, ci=True))["ci.yml"]


def test_a_secret_is_not_recorded(blueprint: BlueprintVersion, tmp_path: Path) -> None:
    """Files that ask for it have it, the answers file has not."""
    tree = texts(rendered(blueprint, tmp_path, token="hush"))  # noqa: S106

    assert "token" not in yaml.safe_load(tree[".copier-answers.yml"])


def test_a_link_that_is_followed(tmp_path: Path) -> None:
    """Without `_preserve_symlinks`, copier's default, the file is there in the link's place."""
    blueprint = opened(tmp_path, {"code/link": Path("README.md")})

    assert "words\n" == texts(rendered(blueprint, tmp_path))["link"]


def test_the_folders_name_can_be_read(tmp_path: Path) -> None:
    """A template may know what its repo is called, and nothing else of where it is rendered."""
    blueprint = opened(tmp_path, {"code/name.jinja": "{{ _copier_conf.dst_path }}"})

    read = texts(rendered(blueprint, tmp_path))["name"]

    assert "shop-code" == Path(read).name


NAMES = st.from_regex(r"[a-z][a-z0-9-]{0,20}", fullmatch=True)


@given(
    st.fixed_dictionaries(
        # It is a part of a path, in which no tree may have a slash or a backslash.
        {"service": st.text(
            st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="/\\{"), max_size=20
        ).filter(lambda text: len(text.encode()) < 200)},
        optional={"envs": st.lists(NAMES, unique=True, max_size=3), "ci": st.booleans(),
                  "token": st.text(st.characters(codec="utf-8"), max_size=20)},
    )
)  # fmt: skip
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_same_answers_same_tree(blueprint: BlueprintVersion, answers: dict[str, object]) -> None:
    """Wherever, whenever and in whatever order of the answers it is rendered."""
    backwards = dict(reversed(answers.items()))
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as two:
        first = rendered(blueprint, Path(one), **answers)

        assert first == rendered(blueprint, Path(two), **backwards)


@pytest.mark.parametrize("answers", [{}, {"service": "cart", "ci": True, "envs": ["qa"]}])
def test_copier_renders_the_same(
    blueprint: BlueprintVersion, tmp_path: Path, answers: dict[str, object]
) -> None:
    """Copier alone, from the same tag with the same answers, gives the same bytes."""
    copier.run_copy(
        blueprint.url, tmp_path / "shop-code", data={**answers, "repo": "code"},
        vcs_ref="v1.0.0", defaults=True, quiet=True,
    )  # fmt: skip

    assert read_folder(tmp_path / "shop-code") == rendered(blueprint, tmp_path, **answers)


def test_nothing_is_left_behind(blueprint: BlueprintVersion, tmp_path: Path) -> None:
    """The tree is a value; the folder that it was rendered in is gone."""
    rendered(blueprint, tmp_path)

    assert [] == list(tmp_path.iterdir())


class TestTheUsersOwn:
    """What is set up on the machine has no influence on what is rendered."""

    def test_copier_settings(
        self, blueprint: BlueprintVersion, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Neither the user's defaults nor whom they trust."""
        before = rendered(blueprint, tmp_path)
        file = tmp_path / "settings.yml"
        file.write_text("defaults: {service: mine, ci: true}\ntrust: ['file:///']\n")
        monkeypatch.setenv("COPIER_SETTINGS_PATH", str(file))

        assert before == rendered(blueprint, tmp_path)

    def test_git_configuration(self, blueprint: BlueprintVersion, tmp_path: Path) -> None:
        """Neither ignored files, nor modes, nor line ends, nor hooks."""
        config = harmful_git_config(tmp_path / "home")
        with config.open("a", encoding="utf-8") as file:
            file.write("[core]\nfileMode = false\nautocrlf = true\nsymlinks = false\n")
        outputs = []
        for home in (tmp_path / "home", tmp_path / "empty"):
            scratch = tmp_path / f"scratch-{home.name}"
            for folder in (home, scratch):
                folder.mkdir(exist_ok=True)
            environment = {**os.environ, "HOME": str(home), "XDG_CONFIG_HOME": str(home)}
            done = subprocess.run(
                [sys.executable, "-c", RENDER_IN_ANOTHER_PROCESS, blueprint.url, str(scratch)],
                env=environment, capture_output=True, text=True, check=False,
            )  # fmt: skip
            assert (0, "") == (done.returncode, done.stderr)
            outputs.append(done.stdout)

        assert outputs[0] == outputs[1]


def test_tasks_are_not_run(tmp_path: Path) -> None:
    """A render runs none of the blueprint's programs, nor does it say that it would have."""
    blueprint = opened(tmp_path, questions=f"_tasks: ['touch {tmp_path}/ran']\n")

    assert {"README.md": "words\n"} == texts(rendered(blueprint, tmp_path))
    assert not (tmp_path / "ran").exists()


def test_messages_are_not_printed(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """The output is that of the command, which may be JSON."""
    rendered(opened(tmp_path, questions="_message_after_copy: done\n"), tmp_path)

    assert ("", "") == capfd.readouterr()

"""The one check of paths: nothing that git's own checkout refuses is taken, and a little more."""

import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scaffold.errors import UnsafeTreeError
from scaffold.git.paths import leads_out, verify_path, verify_paths
from tests.builders import git

IGNORED_BY_HFS = "\u200c\u200d\u200e\u200f\u202a\u202e\u206a\u206f\ufeff"


@pytest.mark.parametrize(
    "path",
    [
        "README.md",
        ".gitignore",
        ".gitattributes",
        ".github/workflows/ci.yml",
        ".gitlab-ci.yml",
        ".gitea/x",
        ".git-blame-ignore-revs",
        "docs/.git_keep",
        "git/config",
        "git~2",
        "...",
        "..a",
        "a..",
        "a b/ c",
        "trailing. ",
        "a:b",
        "con",
        "-x",
        "gr\u00fc\u00dfe/\u4f60\u597d.txt",
        "not utf-8: \udcfc",
        "\u200cgit",
        "~",
        "{{ _copier_conf.answers_file }}.jinja",
        "{% if ci == 'gitlab' %}.gitlab-ci.yml{% endif %}.jinja",
    ],
)
def test_paths_that_are_taken(path: str) -> None:
    """Odd ones too, where they do no harm."""
    verify_path(path)


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("", "has an empty name in it"),
        ("a//b", "has an empty name in it"),
        ("a/", "has an empty name in it"),
        ("/etc/passwd", "is absolute"),
        ("..", "has `..` in it"),
        ("a/../../b", "has `..` in it"),
        ("./a", "has `.` in it"),
        ("a\\b", "has a backslash in it"),
        ("..\\b", "has a backslash in it"),
        ("a\0b", "has a control character in it"),
        ("a\nb", "has a control character in it"),
        ("\x1b[2J", "has a control character in it"),
        ("a\x7f", "has a control character in it"),
        ("\ud800", "can't be written as bytes"),
        (".git", "is in git's own folder"),
        (".git/hooks/post-checkout", "is in git's own folder"),
        ("a/.GIT/config", "is in git's own folder"),
        ("git~1/config", "is in git's own folder"),
        ("GIT~1", "is in git's own folder"),
        (".git.", "is in git's own folder"),
        (".git . .", "is in git's own folder"),
        (".git::$INDEX_ALLOCATION/config", "is in git's own folder"),
        (".git:x", "is in git's own folder"),
        (".g\u200cit/config", "is in git's own folder"),
        ("/".join("a" * 202), "has more than 200 folders"),
    ],
)
def test_paths_that_are_refused(path: str, why: str) -> None:
    """The error names the path, in which nothing can hide, and says why."""
    with pytest.raises(UnsafeTreeError) as caught:
        verify_path(path, where="shop-env")

    assert f"shop-env: has the path {path!r}, which {why}" == str(caught.value)


@given(st.text(st.sampled_from([*".gitGIT~1 :/\\", *IGNORED_BY_HFS]), min_size=1, max_size=12))
@settings(max_examples=300, deadline=None)
def test_what_git_refuses_is_refused(path: str) -> None:
    """Of names that look like git's own, none is taken that git keeps out of its index."""
    if git_takes(path):
        return

    with pytest.raises(UnsafeTreeError):
        verify_path(path)


@pytest.fixture(scope="module", autouse=True)
def _repo(tmp_path_factory: pytest.TempPathFactory) -> None:
    """An index for git to put paths into."""
    global _index
    _index = tmp_path_factory.mktemp("index")
    git("init", "-q", cwd=_index)


_index = Path()


def git_takes(path: str) -> bool:
    """Whether git lets a path into its index, which has to go to a disk of any system."""
    protect = ("-c", "core.protectHFS=true", "-c", "core.protectNTFS=true")
    entry = f"100644,{'1' * 40},{path}"
    command = ["git", *protect, "update-index", "--add", "--cacheinfo", entry]
    done = subprocess.run(command, cwd=_index, capture_output=True, check=False)
    return b"Invalid path" not in done.stderr


@pytest.mark.parametrize(
    "paths", [["a", "a/b"], ["a/b/c", "x", "a/b"], ["a", "a/b/c/d"], ["a b", "a b/c"]]
)
def test_a_file_below_a_file(paths: list[str]) -> None:
    """If the upper one is a link, the lower one would be written elsewhere."""
    with pytest.raises(UnsafeTreeError, match=r"lies below .* which is no folder"):
        verify_paths(paths)


def test_names_that_begin_alike() -> None:
    """They are no files below each other."""
    verify_paths(["a", "a.b", "ab/c", "a-b/c"])


@pytest.mark.parametrize(
    ("path", "target"),
    [
        ("a", "b"),
        ("a", "./b/c"),
        ("a/b", "../c"),
        ("a/b/c", "../../d"),
        ("a/b", ".."),
        ("a", "."),
        ("a", "not/there"),
        ("a/b", ".././c"),
        ("a", "..."),
        ("a", ".gitignore"),
    ],
)
def test_links_that_stay_inside(path: str, target: str) -> None:
    """They lead to another place of the tree, be it there or not."""
    assert not leads_out(path, target.encode())


@pytest.mark.parametrize(
    ("path", "target"),
    [
        ("a", "/etc/passwd"),
        ("a", "//etc"),
        ("a", ".."),
        ("a", "../b"),
        ("a/b", "../../c"),
        ("a/b", "./../../c"),
        ("a", ""),
        ("a", "b\0c"),
        ("a", "x" * 5000),
        ("a", ".git/config"),
        ("a/b", "../.GIT"),
        # `b` may be a link to a folder further up.
        ("a", "b/../c"),
    ],
)
def test_links_that_lead_out(path: str, target: str) -> None:
    """Or into git's own folder; also those of which it can't be told."""
    assert leads_out(path, target.encode())

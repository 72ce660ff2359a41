"""Where a token comes from, in which order, and that it goes nowhere else."""

from pathlib import Path

import pytest

from scaffold.config.forges.gitea import GiteaForge
from scaffold.config.forges.github import GithubForge
from scaffold.config.forges.gitlab import GitlabForge
from scaffold.config.forges.server import ServerForge
from scaffold.errors import ForgeError
from scaffold.forge import credentials
from scaffold.forge.credentials import find_credentials

GITLAB = GitlabForge(kind="gitlab", group="acme", url="https://git.example.com")
GITHUB = GithubForge(kind="github", group="acme")
GITEA = GiteaForge(kind="gitea", group="acme", url="https://git.example.com:3000")
NAMES = ("SCAFFOLD_TOKEN", "GITLAB_TOKEN", "GITHUB_TOKEN", "GH_TOKEN", "GITEA_TOKEN",
         "XDG_CONFIG_HOME", "GLAB_CONFIG_DIR", "GH_CONFIG_DIR")  # fmt: skip
# As `glab auth login` 1.60, `gh auth login` 2.80 and `tea login add` 0.11 write them.
GLAB = "hosts:\n    git.example.com:\n        token: !!null TOKEN\n        api_protocol: https\n"
GH = "github.com:\n    user: ann\n    oauth_token: TOKEN\n    git_protocol: https\n"
TEA = "logins:\n    - name: acme\n      url: https://git.example.com:3000\n      token: TOKEN\n"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user who has told nobody a token."""
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    credentials._from_git.cache_clear()
    return tmp_path


def write(path: Path, text: str) -> None:
    """Write a file in a folder that may not be there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


@pytest.mark.parametrize(
    ("settings", "name"),
    [
        (GITLAB, "GITLAB_TOKEN"),
        (GITHUB, "GH_TOKEN"),
        (GITHUB, "GITHUB_TOKEN"),
        (GITEA, "GITEA_TOKEN"),
    ],
)
def test_from_the_environment(
    settings: ServerForge, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each forge's own variable; ours comes before it."""
    monkeypatch.setenv(name, "theirs")
    first = find_credentials(settings)
    monkeypatch.setenv("SCAFFOLD_TOKEN", "ours")
    second = find_credentials(settings)

    assert [("theirs", name), ("ours", "SCAFFOLD_TOKEN")] == [
        (one.token, one.source) for one in (first, second)
    ]


@pytest.mark.parametrize(
    ("settings", "file", "text"),
    [
        (GITLAB, "glab-cli/config.yml", GLAB),
        (GITHUB, "gh/hosts.yml", GH),
        (GITEA, "tea/config.yml", TEA),
    ],
)
def test_from_the_forges_own_program(
    home: Path, settings: ServerForge, file: str, text: str
) -> None:
    """The token of that very host."""
    write(home / ".config" / file, text.replace("TOKEN", "of-the-program"))

    assert "of-the-program" == find_credentials(settings).token


@pytest.mark.parametrize("text", ["", "[", "hosts: 1\n", "logins: [1]\n", "- x\n", "a: b\n"])
def test_a_broken_file_is_no_token(home: Path, text: str) -> None:
    """The next place is looked at, and at the end it is said how to set one."""
    for file in ("glab-cli/config.yml", "tea/config.yml"):
        write(home / ".config" / file, text)

    for settings in (GITLAB, GITEA):
        with pytest.raises(ForgeError, match="there is no token for it"):
            find_credentials(settings)


def test_from_gits_helper(home: Path) -> None:
    """With the user name that it knows."""
    write(home / ".gitconfig", "[credential]\n\thelper = store\n")
    write(home / ".git-credentials", "https://ann:of-git@git.example.com\n")

    found = find_credentials(GITLAB)

    assert ("of-git", "ann") == (found.token, found.username)


def test_none_at_all() -> None:
    """The error says what to set or where to log in."""
    with pytest.raises(ForgeError) as caught:
        find_credentials(GITLAB)

    assert "https://git.example.com: there is no token for it" == str(caught.value)
    assert (
        "Set SCAFFOLD_TOKEN or GITLAB_TOKEN, or log in with `glab auth login` or git's credential"
        " helper."
    ) == caught.value.hint


@pytest.mark.parametrize("token", ["a b", "a\nb", "tök", "a\x7f"])
def test_what_can_be_no_token(monkeypatch: pytest.MonkeyPatch, token: str) -> None:
    """No header can hold it; and it is not shown, as it may be a part of one."""
    monkeypatch.setenv("SCAFFOLD_TOKEN", token)

    with pytest.raises(ForgeError, match="what SCAFFOLD_TOKEN has is no token") as caught:
        find_credentials(GITLAB)
    assert token not in " ".join(caught.value.lines)


def test_no_repr_has_the_token(monkeypatch: pytest.MonkeyPatch) -> None:
    """A traceback may show one."""
    monkeypatch.setenv("SCAFFOLD_TOKEN", "ours")

    assert "ours" not in repr(find_credentials(GITLAB))

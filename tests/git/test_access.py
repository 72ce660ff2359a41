"""git gets a token by the environment of one child, and nothing else has it."""

import os
import subprocess
from pathlib import Path

import pytest

from scaffold.git import access
from scaffold.git.access import Access, use_access, with_access

URL = "https://git.example.com"


@pytest.fixture(autouse=True)
def nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that knows no server yet."""
    monkeypatch.setattr(access, "_accesses", {})


def git(*arguments: str, env: dict[str, str], stdin: str = "") -> str:
    """What git prints in that environment."""
    done = subprocess.run(["git", *arguments], env=env, input=stdin, capture_output=True, text=True,
                          check=False)  # fmt: skip
    return done.stdout


def fill(host: str, env: dict[str, str]) -> str:
    """What git would log in with."""
    quiet = {**env, "GIT_TERMINAL_PROMPT": "0", "GIT_ASKPASS": "true"}
    return git("credential", "fill", env=quiet, stdin=f"protocol=https\nhost={host}\n\n")


def test_git_logs_in_there_and_nowhere_else() -> None:
    """The token is for one instance."""
    use_access(Access(URL, "ann", "s3$cr't\"x", ""))
    environment = with_access(os.environ)

    assert "username=ann\npassword=s3$cr't\"x\n" in fill("git.example.com", environment)
    assert "s3" not in fill("git.example.org", environment)


def test_no_configuration_has_the_token() -> None:
    """Only a variable that the helper prints."""
    use_access(Access(URL, "ann", "s3cret"))
    environment = with_access({})

    holders = [name for name, value in environment.items() if "s3cret" in value]
    assert ["SCAFFOLD_GIT_TOKEN_0"] == holders


def test_the_users_helpers_are_not_told_the_token(tmp_path: Path) -> None:
    """`credential approve`, which git calls after a login, would have them store it."""
    (tmp_path / ".gitconfig").write_text("[credential]\n\thelper = store\n")
    use_access(Access(URL, "ann", "s3cret"))
    environment = with_access({"HOME": str(tmp_path), "PATH": os.environ["PATH"]})
    told = "protocol=https\nhost=git.example.com\nusername=ann\npassword=s3cret\n\n"

    git("credential", "approve", env=environment, stdin=told)

    assert not (tmp_path / ".git-credentials").exists()


def test_configuration_in_the_environment_is_kept() -> None:
    """Somebody else may have put some there."""
    use_access(Access(URL, "ann", "s3cret", "/etc/ca.pem"))
    others = {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "a.b", "GIT_CONFIG_VALUE_0": "c"}
    environment = with_access({**others, "PATH": os.environ["PATH"]})

    assert "c\n" == git("config", "a.b", env=environment)
    assert "/etc/ca.pem\n" == git(
        "config", "--get-urlmatch", "http.sslCAInfo", f"{URL}/acme/shop.git", env=environment
    )


def test_a_ca_of_all_other_servers_stays_theirs() -> None:
    """GIT_SSL_CAINFO would win over what is set for the instance."""
    use_access(Access(URL, "ann", "s3cret", "/etc/ca.pem"))
    environment = with_access({"GIT_SSL_CAINFO": "/etc/all.pem", "PATH": os.environ["PATH"]})

    def ca(url: str) -> str:
        return git("config", "--get-urlmatch", "http.sslCAInfo", url, env=environment)

    assert ("/etc/ca.pem\n", "/etc/all.pem\n") == (ca(URL), ca("https://other.example.com"))
    assert "GIT_SSL_CAINFO" not in environment


def test_without_a_server_nothing_is_added() -> None:
    """The environment is the caller's."""
    assert {"A": "b"} == with_access({"A": "b"})

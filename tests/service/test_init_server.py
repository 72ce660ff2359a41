"""`scaffold init` on a server, as far as it goes without one; with one see test_gitea.py."""

from pathlib import Path

import pytest

from tests.service.run import scaffold

GROUP = "--data=group=acme"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--data=group=acme"], "--data is for servers"),
        (["--forge=gitea", GROUP], "url: Field required"),
        (["--forge=gitlab"], "group: Field required"),
        (
            ["--forge=gitlab", GROUP, "--data=url=http://git.example.com"],
            "must begin with https://",
        ),
        (["--forge=gitea", "--data=group=a/b", "--data=url=https://x"], "no groups within groups"),
        (
            ["--forge=gitlab", GROUP, "--data=engine=fluxcd"],
            "there is no engine `fluxcd`\n  There are: pipeline, flux, argocd",
        ),
        (["--forge=gitlab", GROUP, "--data=grupp=x"], "grupp: Extra inputs are not permitted"),
    ],
)
def test_settings_that_do_not_fit_are_told(tmp_path: Path, arguments: list[str], said: str) -> None:
    """Before anything is asked of a server; it is wrong use, and nothing is made."""
    done = scaffold("init", "acme", "--defaults", *arguments, cwd=tmp_path)

    assert (2, True) == (done.returncode, said in done.stderr), done.stderr
    assert [] == list(tmp_path.iterdir())


def test_no_token_is_told(tmp_path: Path) -> None:
    """With what to set."""
    env = {"HOME": str(tmp_path / "home"), "XDG_CONFIG_HOME": str(tmp_path / "home")}
    unset = dict.fromkeys(("SCAFFOLD_TOKEN", "GITEA_TOKEN"), "")
    data = ("--data=url=https://git.example.com", GROUP)

    done = scaffold(
        "init", "acme", "--defaults", "--forge=gitea", *data, cwd=tmp_path, env={**env, **unset}
    )

    assert 1 == done.returncode
    assert "https://git.example.com: there is no token for it" in done.stderr
    assert "Set SCAFFOLD_TOKEN or GITEA_TOKEN" in done.stderr

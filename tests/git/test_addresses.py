"""Whatever a file names as a repo's address, git starts no program for it and takes no option."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from scaffold.chain.pins import Upstream, write_upstream
from scaffold.errors import BlueprintNotFoundError, ForgeError, ScaffoldError
from scaffold.git import access
from scaffold.git.access import Access, use_access
from scaffold.git.branches import default_head, push, remote_head
from scaffold.git.clones import checkout, clone, fetch
from scaffold.git.store import open_mirror
from scaffold.git.tree import init_bare
from scaffold.pipeline.image import make_image
from scaffold.render.source import open_version
from scaffold.render.templates import TemplateRepo
from tests.builders import commit_files, git
from tests.forge.fake_http import TOKEN
from tests.git.server import git_server
from tests.stand_ins import StandIns

COMMIT = "0" * 40
# Each of them would make the file; `%s` is its path.
HOSTILE = {
    "an option": "--upload-pack=touch %s;",
    "another option": "--receive-pack=touch %s;",
    "a helper": "ext::sh -c touch% %s",
    "a helper of the user's": "touch::%s",
    "a file descriptor": "fd::17/%s",
    "ssh's options": "ssh://-oProxyCommand=touch${IFS}%s/shop.git",
}
# Each takes an address, and a bare repo to work in.
USES: dict[str, Callable[[str, Path], object]] = {
    "remote_head": lambda url, _: remote_head(url),
    "default_head": lambda url, _: default_head(url),
    "fetch": lambda url, store: fetch(store, url, "refs/heads/main"),
    "push": lambda url, store: push(store, url, COMMIT, "main", expect=None),
    "checkout": lambda url, store: checkout(url, COMMIT, store / "checkout"),
    "clone": lambda url, store: clone(url, store / "clone"),
    "open_mirror": lambda url, _: open_mirror(url),
    "open_version": lambda url, store: open_version(url, None, store),
    "TemplateRepo": TemplateRepo,
}


@pytest.fixture(autouse=True)
def _cautious(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A cache of the test's own, and a user who lets git start any program for a protocol."""
    config = tmp_path / "config"
    config.write_text('[protocol]\n\tallow = always\n[protocol "ext"]\n\tallow = always\n')
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(config))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr("time.sleep", lambda _: None)


@pytest.mark.parametrize("use", USES)
@pytest.mark.parametrize("kind", HOSTILE)
def test_no_address_runs_anything(tmp_path: Path, kind: str, use: str) -> None:
    """It is refused before git sees it."""
    init_bare(tmp_path / "store.git")
    made = tmp_path / "made"

    with pytest.raises(ScaffoldError, match="is no address of a repo"):
        USES[use](HOSTILE[kind].replace("%s", str(made)), tmp_path / "store.git")

    assert not made.exists()


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_pin_runs_nothing(tmp_path: Path, kind: str) -> None:
    """An image is built from the address that the owner of the docker repo can edit."""
    made = tmp_path / "made"
    url = HOSTILE[kind].replace("%s", str(made))
    about = "service: shop\nowner: a\nrepo: docker\nkubernetes: '1.34'\nimage: r.example.com/shop\n"
    pin = write_upstream(Upstream("code", url, COMMIT)).decode()
    files = {".scaffold.yml": about, "Dockerfile": "FROM scratch\n", "upstream.yml": pin}
    commit_files(tmp_path / "docker", files)

    with pytest.raises(ForgeError, match="is no address of a repo"):
        make_image(tmp_path / "docker", push=False)

    assert not made.exists()


def test_nobody_elses_home_is_a_template(tmp_path: Path) -> None:
    """`~user` is expanded by no one."""
    with pytest.raises(BlueprintNotFoundError, match="begins with `~`; name the whole path"):
        TemplateRepo("~root/template.git", tmp_path)


def test_a_rewritten_address_runs_nothing(tmp_path: Path) -> None:
    """The second wall: git itself is told which protocols there are."""
    made = tmp_path / "made"
    with (tmp_path / "config").open("a") as config:
        config.write(f'[url "ext::sh -c touch% {made} %S "]\n\tinsteadOf = https://\n')

    with pytest.raises(ForgeError) as caught:
        remote_head("https://git.example.com/acme/shop.git")

    assert "transport 'ext' not allowed" in "\n".join(caught.value.details)
    assert not made.exists()


def test_a_redirect_to_plain_http_is_not_followed(tmp_path: Path) -> None:
    """Nor is a rewrite: an address over HTTPS stays protected on its way."""
    with (tmp_path / "config").open("a") as config:
        config.write('[url "http://git.example.com/"]\n\tinsteadOf = https://git.example.com/\n')

    with pytest.raises(ForgeError) as caught:
        remote_head("https://git.example.com/acme/shop.git")

    assert "transport 'http' not allowed" in "\n".join(caught.value.details)


class TestCredentialsInAnAddress:
    """As copier records them where a template was named with them."""

    @pytest.fixture(autouse=True)
    def _nobody(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(access, "_accesses", {})

    @pytest.fixture
    def url(self, tmp_path: Path) -> Iterator[str]:
        """The URL of a repo with one commit, on a server that asks for the token in it."""
        with git_server(tmp_path / "server") as server:
            url = server.url.replace("//", f"//bot:{TOKEN}@") + "/shop.git"
            commit_files(tmp_path / "first", {"a": "one\n"})
            git("push", "-q", str(server.git.make("shop")), "main", cwd=tmp_path / "first")
            yield url

    def test_git_logs_in_with_them(self, url: str, tmp_path: Path) -> None:
        """At that instance."""
        assert git("rev-parse", "main", cwd=tmp_path / "first") == remote_head(url)

    def test_they_are_on_no_command_line(
        self, url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Every process of the machine can read that; git has them in its environment."""
        programs = StandIns(tmp_path / "stand-ins")
        monkeypatch.setenv("PATH", programs.path)
        programs.note("git")

        clone(url, tmp_path / "clone")

        cloned = [one for one in programs.started if "clone" in one.arguments]
        assert [TOKEN] == [one.variables["SCAFFOLD_GIT_TOKEN_0"] for one in cloned]
        assert [] == [one for one in programs.started if TOKEN in str(one)]

    def test_a_clone_does_not_keep_them(self, url: str, tmp_path: Path) -> None:
        """The remote of a checkout is a URL that anybody may see."""
        clone(url, tmp_path / "clone")

        kept = [file for file in (tmp_path / "clone").rglob("*") if file.is_file()]
        assert [] == [file for file in kept if TOKEN.encode() in file.read_bytes()]

    def test_no_error_shows_them(self) -> None:
        """Nor does what git printed."""
        with pytest.raises(ForgeError) as caught:
            remote_head("http://bot:t0ken@localhost:1/shop.git")

        error = caught.value
        assert "http://***@localhost:1/shop.git" == error.where
        assert "t0ken" not in "\n".join([str(error), error.hint, *error.details])


def test_the_hooks_of_a_local_forge_get_no_token(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are whoever's the repo is, and run as the one who pushes."""
    monkeypatch.setattr(access, "_accesses", {})
    use_access(Access("https://git.example.com", "ann", "s3cret"))
    monkeypatch.setenv("GITLAB_TOKEN", "s3cret")
    commit = commit_files(tmp_path / "work", {"a": "one\n"})
    init_bare(tmp_path / "forge.git")
    hook = tmp_path / "forge.git/hooks/pre-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\nenv > {tmp_path}/env\n")
    hook.chmod(0o755)

    push(tmp_path / "work", f"file://{tmp_path}/forge.git", commit, "main", expect=None)

    assert "s3cret" not in (tmp_path / "env").read_text()

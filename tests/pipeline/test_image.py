"""`scaffold pipeline image`: real builds by buildah, pushed to a registry on loopback."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from scaffold.chain.pins import Upstream, image_tag, write_upstream
from scaffold.errors import (
    ConfigError,
    ForgeError,
    ProcessFailedError,
    ToolMissingError,
    UsageError,
)
from scaffold.git import access
from scaffold.pipeline.image import make_image
from scaffold.process import find_program, run
from tests.areas import does_not_run, need
from tests.pipeline.base_images import storage_below
from tests.pipeline.registry import Registry, running_registry
from tests.tokens import noted

DOCKERFILE = """\
FROM scratch
ARG REVISION
LABEL revision=${REVISION}
COPY . /app/
"""


def git(folder: Path, *arguments: str) -> str:
    """Run git as a person with a name, whatever the machine's settings."""
    who = ["-c", "user.name=Test", "-c", "user.email=test@example.com"]
    done = run(["git", *who, *arguments], cwd=folder)
    assert done.status == 0, done.last_lines
    return done.text.strip()


def commit(folder: Path, files: dict[str, bytes]) -> str:
    """Commit these files and return the commit's id."""
    folder.mkdir(exist_ok=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)
    git(folder, "init", "--quiet")
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "--message=A commit")
    return git(folder, "rev-parse", "HEAD")


class Repos:
    """A docker repo that pins a code repo."""

    def __init__(self, root: Path, registry: str) -> None:
        self.code, self.docker = root / "code", root / "docker"
        self.image = f"{registry}/team/shop"
        self.code_commit = commit(self.code, {"app.txt": b"hello\n"})
        commit(self.code, {"app.txt": b"later than the pin\n"})
        self.docker_commit = self.commit(DOCKERFILE)

    def commit(self, dockerfile: str) -> str:
        """Commit the docker repo with this Dockerfile."""
        about = {"service": "shop", "owner": "a", "repo": "docker", "kubernetes": "1.34"}
        pin = Upstream("code", f"file://{self.code}", self.code_commit)
        return commit(
            self.docker,
            {
                "Dockerfile": dockerfile.encode(),
                ".scaffold.yml": yaml.safe_dump({**about, "image": self.image}).encode(),
                "upstream.yml": write_upstream(pin),
            },
        )

    @property
    def tag(self) -> str:
        """The tag that the two commits amount to."""
        return image_tag(self.code_commit, self.docker_commit)


@pytest.fixture
def registry(request: pytest.FixtureRequest) -> Iterator[Registry]:
    """A registry on loopback, by the parameter with a log-in."""
    with running_registry(getattr(request, "param", "")) as server:
        yield server


@pytest.fixture
def repos(tmp_path: Path, registry: Registry) -> Repos:
    """A docker repo whose image belongs to the registry."""
    return Repos(tmp_path, registry.address)


@pytest.fixture
def buildah(tmp_path: Path, registry: Registry, monkeypatch: pytest.MonkeyPatch) -> str:
    """The path of buildah, set up with a storage of its own and the registry over plain HTTP."""
    need("buildah", "skopeo")
    program = find_program("buildah")
    assert program
    storage = tmp_path / "storage.conf"
    storage.write_text(storage_below(tmp_path))
    registries = tmp_path / "registries.conf"
    registries.write_text(f'[[registry]]\nlocation = "{registry.address}"\ninsecure = true\n')
    settings = {
        "BUILDAH_ISOLATION": "chroot",
        "CONTAINERS_REGISTRIES_CONF": str(registries),
        "CONTAINERS_STORAGE_CONF": str(storage),
        "SCAFFOLD_BUILDER": "buildah",
    }
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    if run([program, "info"], env={**os.environ}).status:
        does_not_run("buildah", "buildah may not work for this user")
    return program


def inspect(buildah: str, reference: str) -> dict[str, dict[str, str]]:
    """The configuration of a built image."""
    done = run([buildah, "inspect", "--type=image", reference], env={**os.environ})
    config: dict[str, dict[str, str]] = json.loads(done.text)["OCIv1"]["config"]
    return config


def files_in(buildah: str, reference: str) -> dict[str, str]:
    """The files under /app of a built image."""
    environment = {**os.environ}
    container = run([buildah, "from", reference], env=environment).text.strip()
    root = Path(run([buildah, "mount", container], env=environment).text.strip()) / "app"
    return {str(file.relative_to(root)): file.read_text() for file in root.rglob("*")}


def test_an_image_is_built_and_pushed(buildah: str, repos: Repos, registry: Registry) -> None:
    """Its tag must be that of the two commits, its digest the one that the registry has."""
    done = make_image(repos.docker, push=True)

    assert f"{repos.image}:{repos.tag}" == done.reference
    assert registry.digest("team/shop", repos.tag) == done.digest
    assert (True, True) == (done.built, done.pushed)
    labels = inspect(buildah, done.reference)["Labels"]
    assert repos.code_commit == labels["revision"]
    assert repos.code_commit == labels["org.opencontainers.image.revision"]
    assert repos.tag == labels["org.opencontainers.image.version"]


def test_it_is_built_from_the_pinned_commit(buildah: str, repos: Repos) -> None:
    """Neither a later commit nor git's own folder may get into the image."""
    done = make_image(repos.docker, push=False)

    assert {"app.txt": "hello\n"} == files_in(buildah, done.reference)


def test_an_image_of_code_in_the_same_repo(
    buildah: str, tmp_path: Path, registry: Registry
) -> None:
    """Built from the commit that is checked out, and not from what lies about; tagged by it."""
    about = {"service": "shop", "owner": "a", "repo": "app", "kubernetes": "1.34", "code": "here"}
    image = f"{registry.address}/team/shop"
    app = tmp_path / "app"
    files = {
        "Dockerfile": b"FROM scratch\nARG REVISION\nLABEL revision=${REVISION}\nCOPY *.txt /app/\n",
        "app.txt": b"hello\n",
        ".scaffold.yml": yaml.safe_dump({**about, "image": image}).encode(),
    }
    head = commit(app, files)
    (app / "app.txt").write_text("not committed\n")
    (app / "left.txt").write_text("by a job\n")

    done = make_image(app, push=True)

    assert f"{image}:{head[:12]}" == done.reference
    assert registry.digest("team/shop", head[:12]) == done.digest
    assert {"app.txt": "hello\n"} == files_in(buildah, done.reference)
    assert head == inspect(buildah, done.reference)["Labels"]["revision"]


def test_a_link_out_of_the_repo_is_one_in_the_image(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where it leads to is a place in the image, so the builder gets it as it is."""
    about = {"service": "shop", "owner": "a", "repo": "app", "kubernetes": "1.34", "code": "here"}
    text = yaml.safe_dump({**about, "image": "registry.example.com/shop"})
    (tmp_path / "app").mkdir()
    (tmp_path / "app/current").symlink_to("/opt/shop")
    commit(tmp_path / "app", {"Dockerfile": b"FROM scratch\n", ".scaffold.yml": text.encode()})
    builder = tmp_path / "bin/buildah"
    builder.parent.mkdir()
    builder.write_text(f"#!/bin/sh\nreadlink current > {tmp_path}/seen\n")
    builder.chmod(0o755)
    monkeypatch.setenv("PATH", f"{builder.parent}:{os.environ['PATH']}")

    assert make_image(tmp_path / "app", push=False).built

    assert "/opt/shop\n" == (tmp_path / "seen").read_text()


def test_an_image_that_is_there_is_not_built_again(
    buildah: str, repos: Repos, registry: Registry
) -> None:
    """The same two commits amount to the same image, so the second run does nothing."""
    first = make_image(repos.docker, push=True)
    run([buildah, "rmi", "--all", "--force"], env={**os.environ})

    second = make_image(repos.docker, push=True)

    assert (False, False) == (second.built, second.pushed)
    assert (first.reference, first.digest) == (second.reference, second.digest)
    assert registry.digest("team/shop", repos.tag) == second.digest


@pytest.mark.usefixtures("buildah")
def test_without_a_push(repos: Repos, registry: Registry) -> None:
    """A build for a merge request must leave the registry alone."""
    done = make_image(repos.docker, push=False)

    assert (None, True, False) == (done.digest, done.built, done.pushed)
    assert {} == registry.manifests


@pytest.mark.usefixtures("buildah")
def test_a_build_that_fails(repos: Repos, registry: Registry) -> None:
    """Nothing may be pushed, and the step must fail."""
    repos.commit("FROM scratch\nCOPY not-there /\n")

    with pytest.raises(ProcessFailedError, match="`buildah build` ended with status"):
        make_image(repos.docker, push=True)

    assert {} == registry.manifests


@pytest.mark.usefixtures("buildah")
def test_a_registry_that_does_not_answer(repos: Repos) -> None:
    """A push that fails must fail the step, and say how to log in."""
    repos.image = "127.0.0.1:1/team/shop"  # nobody listens on port 1
    repos.docker_commit = repos.commit(DOCKERFILE)

    with pytest.raises(ProcessFailedError, match="ended with status"):
        make_image(repos.docker, push=True)


LOGIN = {"REGISTRY_USERNAME": "robot", "REGISTRY_PASSWORD": noted("pa:ss word")}


@pytest.mark.usefixtures("buildah")
@pytest.mark.parametrize("registry", ["robot:pa:ss word"], indirect=True)
def test_a_registry_with_a_login(
    repos: Repos, registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two variables let the job push, and see that the image is there; no file is left of them."""
    for name, value in LOGIN.items():
        monkeypatch.setenv(name, value)

    first = make_image(repos.docker, push=True)
    second = make_image(repos.docker, push=True)

    assert registry.digest("team/shop", repos.tag) == first.digest == second.digest
    assert (True, False) == (first.built, second.built)


@pytest.mark.usefixtures("buildah")
@pytest.mark.parametrize("registry", ["robot:another"], indirect=True)
def test_a_registry_with_another_login(
    repos: Repos, registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is said which variables are meant."""
    for name, value in LOGIN.items():
        monkeypatch.setenv(name, value)

    with pytest.raises(ProcessFailedError, match="`buildah push` ended with status") as caught:
        make_image(repos.docker, push=True)

    assert "the log-in is REGISTRY_USERNAME and REGISTRY_PASSWORD" in caught.value.hint
    assert {} == registry.manifests


@pytest.mark.parametrize("name", LOGIN)
def test_half_a_login(repos: Repos, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """The other half was forgotten: said before anything is built."""
    monkeypatch.setenv(name, LOGIN[name])

    with pytest.raises(UsageError) as caught:
        make_image(repos.docker, push=True)

    (missing,) = LOGIN.keys() - {name}
    assert f"the variable {missing} is not set, and its twin is" == str(caught.value)


def test_the_code_of_a_private_sibling(repos: Repos, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a job of the forge that has it, git reaches it with the job's token; no other server."""
    monkeypatch.setattr(access, "_accesses", {})
    for name, value in {
        "GITHUB_ACTIONS": "true",
        "GITHUB_SERVER_URL": "https://git.example.com",
        "GITHUB_REPOSITORY": "acme/shop-docker",
        "SCAFFOLD_TOKEN": noted("ghs_sibling"),
        "SCAFFOLD_BUILDER": "buildah",
    }.items():
        monkeypatch.setenv(name, value)
    repos.code_commit = "1" * 40  # nothing is there, so it ends once it has asked
    repos.docker_commit = repos.commit(DOCKERFILE)

    with pytest.raises(ForgeError):
        make_image(repos.docker, push=False)

    (found,) = access.known_accesses()
    assert ("https://git.example.com", "ghs_sibling") == (found.url, found.token)


@pytest.mark.parametrize("name", ["Dockerfile", "upstream.yml", ".scaffold.yml"])
def test_a_file_that_is_not_committed(repos: Repos, name: str) -> None:
    """The tag is derived from commits, so what goes into the image must be committed."""
    file = repos.docker / name
    file.write_bytes(file.read_bytes() + b"# changed\n")

    with pytest.raises(UsageError, match="differs from what HEAD has"):
        make_image(repos.docker, push=False)


@pytest.mark.usefixtures("buildah")
def test_other_files_do_not_matter(repos: Repos) -> None:
    """What a CI job left in the work tree is no reason to refuse."""
    (repos.docker / "cache.tmp").write_text("left by a job")

    assert make_image(repos.docker, push=False).built


def test_no_builder(repos: Repos, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Without a builder the step must say so, and how to get one."""
    git_program = find_program("git")
    assert git_program
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/git").symlink_to(git_program)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))

    with pytest.raises(ToolMissingError) as caught:
        make_image(repos.docker, push=False)

    assert "no program to build images with: buildah, docker, podman" == caught.value.what


def test_a_builder_that_nobody_knows(repos: Repos, monkeypatch: pytest.MonkeyPatch) -> None:
    """A typo must not end in another builder than the one asked for."""
    monkeypatch.setenv("SCAFFOLD_BUILDER", "bulidah")

    with pytest.raises(UsageError) as caught:
        make_image(repos.docker, push=False)

    assert "It can be one of: buildah, docker, podman." == caught.value.hint


def test_a_repo_without_a_pin(repos: Repos) -> None:
    """In a repo of another kind the step must say what is missing."""
    (repos.docker / "upstream.yml").unlink()

    with pytest.raises(ConfigError, match="nothing says which code to build"):
        make_image(repos.docker, push=False)


def test_not_a_git_repo(repos: Repos) -> None:
    """Without commits there is no tag."""
    (repos.docker / ".git").rename(repos.docker / "no-git")

    with pytest.raises(UsageError, match="is not the top folder of a git repo"):
        make_image(repos.docker, push=False)


@pytest.mark.parametrize("image", ["--authfile=/etc/shadow", "-x", "registry/Shop", "a b", ""])
def test_a_name_that_is_none(tmp_path: Path, image: str) -> None:
    """The owner of the repo writes it, and a builder would take some of them for options."""
    about = {"service": "shop", "owner": "a", "repo": "docker", "kubernetes": "1.34"}
    text = yaml.safe_dump({**about, "image": image})
    commit(tmp_path / "docker", {".scaffold.yml": text.encode()})

    with pytest.raises(ConfigError) as caught:
        make_image(tmp_path / "docker", push=False)

    assert "`image`:" in caught.value.what

"""scaffold in the image of `ci/Dockerfile`: built as that says, and run as the bot is deployed.

The base image is this machine's Python and git, since no image can be pulled here; the stages with
the Go programs and with the packages of Debian are left out.
"""

import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests
import yaml

from scaffold import __version__
from scaffold.process import find_program, run
from tests.areas import does_not_run, need
from tests.pipeline.base_images import (
    add_git,
    add_wheel_libraries,
    make_image,
    python_root,
    storage_below,
)
from tests.pipeline.kube import free_ports
from tests.service.run import scaffold

pytestmark = pytest.mark.xdist_group("ci_image")  # it is built once
ROOT = Path(__file__).parents[2]
DOCKERFILE = ROOT / "ci/Dockerfile"
IMAGE = "localhost/scaffold-ci:test"
SCAFFOLD = "/opt/scaffold/bin/scaffold"
DEPLOYMENT = next(yaml.safe_load_all((ROOT / "docs/deploy/bot.yaml").read_text()))
POD = DEPLOYMENT["spec"]["template"]["spec"]
USER = POD["securityContext"]["runAsUser"]


@dataclass(frozen=True)
class Container:
    """One made from the image, which shares this machine's network."""

    buildah: str
    name: str

    def command(self, *words: str, **variables: str) -> list[str]:
        """What runs a program in it as the bot's user, who may write to its home alone."""
        # Debian's OpenSSL knows where they are; that of the stand-in is not at its place.
        variables |= {"SSL_CERT_FILE": "/etc/ssl/certs/ca-certificates.crt"}
        sets = [f"--env={name}={value}" for name, value in variables.items()]
        return [self.buildah, "run", f"--user={USER}:{USER}", *sets, self.name, "--", *words]

    def says(self, *words: str) -> str:
        """What a program prints."""
        done = run(self.command(*words), env={**os.environ}, timeout=120)
        assert done.status == 0, done.last_lines
        return done.text.strip()


@pytest.fixture(scope="module")
def container(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Container]:
    """The stage `scaffold`, built; its packages come from PyPI."""
    need("buildah")
    buildah = find_program("buildah")
    assert buildah
    folder = tmp_path_factory.mktemp("ci-image")
    (folder / "storage.conf").write_text(storage_below(folder))
    pip = folder / "pip.conf"
    pip.write_text("[global]\ncert = /etc/ssl/certs/ca-certificates.crt\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BUILDAH_ISOLATION", "chroot")
        patch.setenv("CONTAINERS_STORAGE_CONF", str(folder / "storage.conf"))
        if run([buildah, "info"], env={**os.environ}).status:
            does_not_run("buildah", "buildah may not work for this user")
        (base,) = re.findall(r"^FROM (\S+) AS scaffold$", DOCKERFILE.read_text(), re.M)
        python_root(folder / "base")
        add_git(folder / "base")
        add_wheel_libraries(folder / "base")
        make_image(buildah, base, folder / "base")
        shutil.rmtree(folder / "base")
        build = (
            "bud", "--file", str(DOCKERFILE), "--target", "scaffold", "--pull=never",
            "--layers=false", f"--volume={pip}:/etc/pip.conf:ro", "--tag", IMAGE, str(ROOT),
        )  # fmt: skip
        done = run([buildah, *build], env={**os.environ}, timeout=600)
        assert done.status == 0, done.last_lines
        made = run([buildah, "from", "--pull-never", IMAGE], env={**os.environ})
        yield Container(buildah, made.text.strip())
    shutil.rmtree(folder, ignore_errors=True)


def test_it_has_the_program_with_all_that_the_bot_needs(container: Container) -> None:
    """For a user who is not root, too."""
    assert f"scaffold {__version__}" == container.says(SCAFFOLD, "--version")
    assert "--pages-port" in container.says(SCAFFOLD, "bot", "serve", "--help")


def test_the_bot_is_healthy_in_it(container: Container, tmp_path: Path) -> None:
    """By the probe of the Deployment, as its user, with its command; and it ends when asked to."""
    made = scaffold("init", "acme", "--defaults", cwd=tmp_path)
    assert made.returncode == 0, made.stderr
    for path in (tmp_path, *tmp_path.rglob("*")):
        os.chown(path, USER, USER, follow_symlinks=False)
    (bot,) = POD["containers"]
    (port,) = free_ports(1)
    placed = {"0.0.0.0": "127.0.0.1", "8080": str(port), "scaffold": SCAFFOLD}  # noqa: S104
    words = [placed.get(word, word) for word in bot["command"]]
    words[words.index("--platform") + 1] = str(tmp_path / "acme/platform")
    variables = {one["name"]: one["value"] for one in bot["env"]} | {"HOME": str(tmp_path)}
    command = container.command(*words, SCAFFOLD_WEBHOOK_SECRET="x" * 32, **variables)
    command.insert(2, f"--volume={tmp_path}:{tmp_path}")
    probe = bot["readinessProbe"]["httpGet"]

    started = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        health = wait_for(f"http://127.0.0.1:{port}{probe['path']}", started)
    finally:
        started.send_signal(signal.SIGTERM)
        told, _ = started.communicate(timeout=60)

    assert (200, "ok") == (health.status_code, health.json()["status"]), told


def wait_for(url: str, started: "subprocess.Popen[str]") -> requests.Response:
    """The first answer that is more than that it starts, within a minute."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and started.poll() is None:
        try:
            found = requests.get(url, timeout=5)
        except requests.ConnectionError:
            found = None
        if found is not None and found.json()["status"] != "starting":
            return found
        time.sleep(0.2)
    pytest.fail(f"no answer; it ended with {started.poll()}")

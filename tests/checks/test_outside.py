"""A kustomization is built from its own repo, and reaches nothing else."""

import json
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import yaml

from scaffold.checks.kustomize import build
from scaffold.errors import ProcessFailedError
from scaffold.process import find_program
from scaffold.programs import KUSTOMIZE
from tests.builders import Files, commit_files, write_files
from tests.forge.fake_http import TOKEN
from tests.stand_ins import StandIns

URL = "https://git.invalid/acme/shop-manifest.git"
CONFIG = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: one}\n"
BASE: Files = {"base/kustomization.yaml": "resources: [one.yaml]\n", "base/one.yaml": CONFIG}
SECRET = CONFIG.replace("one", "of-somebody-else")


@pytest.fixture
def asked() -> Iterator[list[str]]:
    """A web server of this machine alone: first its address, then what it was asked for."""
    told: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            told.append(self.path)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(SECRET.encode())

        def log_message(self, *_: Any) -> None:
            return

    running = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    told.append(f"http://127.0.0.1:{running.server_address[1]}")
    thread = Thread(target=running.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield told
    running.shutdown()
    running.server_close()
    thread.join()


def overlay(folder: Path, *resources: str, **more: Any) -> Path:
    """An env repo with one environment of these resources."""
    text = yaml.safe_dump({"resources": list(resources), **more})
    write_files(folder, {"environments/dev/kustomization.yaml": text})
    return folder / "environments/dev"


def names(text: str) -> list[str]:
    """The names of the objects in a multi-document text."""
    return [document["metadata"]["name"] for document in yaml.safe_load_all(text)]


def test_folders_of_the_same_repo(tmp_path: Path) -> None:
    """By their paths, and nothing is written to what is built."""
    write_files(tmp_path / "env", BASE)
    folder = overlay(tmp_path / "env", "../../base", namePrefix="dev-")
    before = (folder / "kustomization.yaml").read_bytes()

    assert ["dev-one"] == names(build(folder, repo=tmp_path / "env"))

    assert before == (folder / "kustomization.yaml").read_bytes()
    assert ["kustomization.yaml"] == [file.name for file in folder.iterdir()]


def test_a_link_out_of_the_repo(tmp_path: Path) -> None:
    """It is neither read nor written."""
    folder = overlay(tmp_path / "env")
    (folder / "kustomization.yaml").rename(tmp_path / "mine.yaml")
    (folder / "kustomization.yaml").symlink_to(tmp_path / "mine.yaml")
    before = (tmp_path / "mine.yaml").read_bytes()

    with pytest.raises(ProcessFailedError) as caught:
        build(folder, repo=tmp_path / "env")

    assert before == (tmp_path / "mine.yaml").read_bytes()
    assert (
        "environments/dev/kustomization.yaml: is a link that leads out of its repo",
    ) == caught.value.details


def test_kustomize_gets_no_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It starts no git, and nothing that it has tells a token."""
    write_files(tmp_path / "env", BASE)
    monkeypatch.setenv("GITEA_TOKEN", TOKEN)
    monkeypatch.setenv("SSH_AUTH_SOCK", "/run/agent")
    monkeypatch.setenv("HTTPS_PROXY", "http://user:word@proxy.example.com")
    programs = StandIns(tmp_path / "stand-ins")
    monkeypatch.setenv("PATH", programs.path)
    programs.note("kustomize", "git")

    assert ["one"] == names(build(tmp_path / "env/base", repo=tmp_path / "env"))

    (started,) = programs.started
    assert "kustomize" == started.name
    assert [] == [name for name in started.variables if not KUSTOMIZE.may_have(name)]
    assert [] == [name for name, value in started.variables.items() if TOKEN in value]
    assert "SSH_AUTH_SOCK" not in started.variables
    assert "http://127.0.0.1:0" == started.variables["HTTPS_PROXY"]


def generator(**more: Any) -> str:
    """The configuration of kustomize's own generator, as a plugin."""
    meta = {"apiVersion": "builtin", "kind": "ConfigMapGenerator", "metadata": {"name": "a"}}
    return json.dumps({**meta, **more})


# `%s` is the address of a web server; each names something by it, or a repo by other means.
ELSEWHERE: Mapping[str, Mapping[str, Any]] = {
    "a file by its URL": {"resources": ["%s/s.yaml"]},
    "a URL in capitals": {"resources": ["HTTP%s/s.yaml"]},
    "a repo by its URL": {"resources": ["%s/acme/secret//base?ref=main"]},
    "a component": {"components": ["%s/acme/secret.git//base"]},
    "a base": {"bases": ["%s/acme/secret.git//base"]},
    "data": {"configMapGenerator": [{"name": "a", "files": ["%s/latest/meta-data"]}]},
    "data by a name": {"configMapGenerator": [{"name": "a", "files": ["x=%s/meta-data"]}]},
    "a secret": {"secretGenerator": [{"name": "a", "envs": ["%s/env"]}]},
    "a patch": {"patches": [{"path": "%s/patch.yaml"}]},
    "a strategic patch": {"patchesStrategicMerge": ["%s/patch.yaml"]},
    "a JSON patch": {"patchesJson6902": [{"path": "%s/p", "target": {"kind": "x"}}]},
    "a replacement": {"replacements": [{"path": "%s/r.yaml"}]},
    "a schema": {"openapi": {"path": "%s/schema.json"}},
    "a CRD": {"crds": ["%s/crd.json"]},
    "a configuration": {"configurations": ["%s/c.yaml"]},
    "a transformer": {"transformers": ["%s/t.yaml"]},
    "a validator's repo": {"validators": ["git@git.invalid:acme/secret.git//v"]},
    "a plugin in place": {"generators": [f"---\n{generator(files=['x=%s/meta-data'])}\n"]},
    "a plugin's file": {"generators": ["plugin.yaml"]},
    "a kustomization below": {"resources": ["below"]},
    "by ssh": {"resources": ["git@git.invalid:acme/secret.git//base?ref=main"]},
    "by an ssh:// URL": {"resources": ["ssh://git@git.invalid/acme/secret//base"]},
    "on GitHub": {"resources": ["github.com/acme/secret//base?ref=main"]},
    "by a forced protocol": {"resources": ["git::git.invalid/acme/secret.git//base"]},
    "a repo of this machine": {"resources": ["file:///srv/secret.git//base"]},
    "a folder out of the repo": {"resources": ["../../../secret"]},
    "a folder by a link": {"resources": ["link"]},
    "a commit of another repo": {"resources": [f"{URL}//base?ref={'a' * 40}"]},
}


@pytest.mark.parametrize("kind", ELSEWHERE)
def test_what_lies_elsewhere_is_refused(tmp_path: Path, asked: list[str], kind: str) -> None:
    """The error names it, nobody is asked for anything, and nothing of it is in the result."""
    write_files(tmp_path / "secret", {"kustomization.yaml": "resources: [s.yaml]\n"})
    write_files(tmp_path / "secret", {"s.yaml": SECRET})
    text = json.dumps(ELSEWHERE[kind]).replace("HTTP%s", asked[0].replace("http", "HTTP"))
    below = '{"resources": ["%s/s.yaml"]}'
    files = {
        "environments/dev/kustomization.yaml": text,
        "environments/dev/plugin.yaml": generator(files=["x=%s/meta-data"]),
        "environments/dev/below/kustomization.yaml": below,
    }
    filled = {name: one.replace("%s", asked[0]) for name, one in files.items()}
    write_files(tmp_path / "env", {**filled, "environments/dev/link": tmp_path / "secret"})

    with pytest.raises(ProcessFailedError) as caught:
        build(tmp_path / "env/environments/dev", repo=tmp_path / "env")

    assert "which is not in its repo" in caught.value.details[0]
    assert "of-somebody-else" not in "\n".join(caught.value.details)
    assert 1 == len(asked)


def test_urls_in_texts_are_nobodys_business(tmp_path: Path) -> None:
    """Annotations and literals have them; kustomize opens nothing for these."""
    url = "https://docs.example.com/runbook"
    folder = overlay(
        tmp_path / "env",
        commonAnnotations={"runbook": url},
        configMapGenerator=[{"name": "a", "literals": [f"URL={url}"]}],
    )

    (made,) = yaml.safe_load_all(build(folder, repo=tmp_path / "env"))

    assert (url, {"URL": url}) == (made["metadata"]["annotations"]["runbook"], made["data"])


class TestSecondWall:
    """What kustomize itself could do, if a name got past the first one."""

    def test_git_has_no_protocol(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Not even that of this machine's repos."""
        commit_files(tmp_path / "manifest", BASE)
        programs = StandIns(tmp_path / "stand-ins")
        monkeypatch.setenv("PATH", programs.path)
        programs.put(
            "kustomize", f"git ls-remote file://{tmp_path}/manifest || git ls-remote {URL}"
        )

        with pytest.raises(ProcessFailedError) as caught:
            build(overlay(tmp_path / "env"), repo=tmp_path / "env")

        assert (
            "fatal: transport 'file' not allowed",
            "fatal: transport 'https' not allowed",
        ) == caught.value.details

    def test_no_file_comes_from_the_network(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Every address but those of this machine goes by a proxy that is none."""
        folder = overlay(tmp_path / "elsewhere", "http://192.0.2.1/meta-data")
        programs = StandIns(tmp_path / "stand-ins")
        monkeypatch.setenv("PATH", programs.path)
        programs.put("kustomize", f"exec {find_program('kustomize')} build {folder}")

        with pytest.raises(ProcessFailedError) as caught:
            build(overlay(tmp_path / "env"), repo=tmp_path / "env")

        assert "proxyconnect tcp: dial tcp 127.0.0.1:0" in "\n".join(caught.value.details)

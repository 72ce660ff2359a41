"""A kustomization has bases of its own service's repos, and reaches nothing else."""

import json
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import yaml

from scaffold.checks.bases import recorded_bases
from scaffold.checks.kustomize import build
from scaffold.checks.repo import static_checks
from scaffold.checks.report import Outcome, run_checks
from scaffold.errors import ConfigError, ProcessFailedError
from scaffold.git import access
from scaffold.git.access import Access, use_access
from scaffold.process import find_program
from scaffold.programs import KUSTOMIZE
from tests.builders import Files, commit_files, git, write_files
from tests.forge.fake_http import TOKEN
from tests.git.server import GitServer, git_server
from tests.stand_ins import StandIns

URL = "https://git.invalid/acme/shop-manifest.git"
CONFIG = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: one}\n"
BASE: Files = {"base/kustomization.yaml": "resources: [one.yaml]\n", "base/one.yaml": CONFIG}
SECRET = CONFIG.replace("one", "of-somebody-else")


@pytest.fixture(autouse=True)
def _alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that knows no server yet, with a cache of its own."""
    monkeypatch.setattr(access, "_accesses", {})
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.fixture
def manifest(tmp_path: Path) -> Path:
    """The manifest repo of the service, on this machine."""
    commit_files(tmp_path / "manifest", BASE)
    return tmp_path / "manifest"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[GitServer]:
    """A server whose repos take a token."""
    with git_server(tmp_path / "server") as running:
        yield running


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


def head(repo: Path) -> str:
    """The commit at the head of a repo."""
    return git("rev-parse", "HEAD", cwd=repo)


def overlay(folder: Path, *resources: str, **more: Any) -> Path:
    """An env repo with one environment of these resources."""
    text = yaml.safe_dump({"resources": list(resources), **more})
    write_files(folder, {"environments/dev/kustomization.yaml": text})
    return folder / "environments/dev"


def names(text: str) -> list[str]:
    """The names of the objects in a multi-document text."""
    return [document["metadata"]["name"] for document in yaml.safe_load_all(text)]


def on_server(server: GitServer, repo: str, files: Files) -> str:
    """Put a repo on the server; return its commit."""
    folder = server.git.root / f"first-{repo}"
    commit = commit_files(folder, files)
    git("push", "-q", str(server.git.make(repo)), "main", cwd=folder)
    return commit


class TestOfTheSameService:
    """Bases of the repos that are known as the service's."""

    def test_one_is_read_where_it_lies(self, tmp_path: Path, manifest: Path) -> None:
        """A repo that will have a URL soon is built from where it is now, at the commit named."""
        commit = head(manifest)
        commit_files(manifest, {**BASE, "base/one.yaml": CONFIG.replace("one", "later")})
        folder = overlay(tmp_path / "env", f"{URL}//base?ref={commit}", namePrefix="dev-")

        text = build(folder, repo=tmp_path / "env", bases={URL: manifest})

        assert ["dev-one"] == names(text)

    def test_a_component(self, tmp_path: Path, manifest: Path) -> None:
        """As the pin of an environment has the image."""
        component = "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n"
        files = {"image/kustomization.yaml": f"{component}namePrefix: image-\n"}
        commit = commit_files(manifest, {**BASE, **files})
        resource, part = (f"{URL}//{name}?ref={commit}" for name in ("base", "image"))
        folder = overlay(tmp_path / "env", resource, components=[part])

        assert ["image-one"] == names(build(folder, repo=tmp_path / "env", bases={URL: manifest}))

    def test_a_base_of_a_base(self, tmp_path: Path, manifest: Path) -> None:
        """It is found by the same rule."""
        below = f"{URL}//base?ref={head(manifest)}"
        middle = tmp_path / "middle"
        commit = commit_files(middle, {"kustomization.yaml": f"resources: ['{below}']\n"})
        other = "git@git.invalid:acme/shop-middle.git"
        folder = overlay(tmp_path / "env", f"{other}//?ref={commit}")

        text = build(folder, repo=tmp_path / "env", bases={URL: manifest, other: middle})

        assert ["one"] == names(text)

    def test_the_folder_stays_as_it_is(self, tmp_path: Path, manifest: Path) -> None:
        """Nothing is written to what is built."""
        folder = overlay(tmp_path / "env", f"{URL}//base?ref={head(manifest)}")
        before = (folder / "kustomization.yaml").read_bytes()

        build(folder, repo=tmp_path / "env", bases={URL: manifest})

        assert before == (folder / "kustomization.yaml").read_bytes()
        assert ["kustomization.yaml"] == [file.name for file in folder.iterdir()]

    def test_a_link_is_not_written_through(self, tmp_path: Path, manifest: Path) -> None:
        """What it leads to, in the repo, is as it was."""
        folder = overlay(tmp_path / "env", f"{URL}//base?ref={head(manifest)}")
        (folder / "kustomization.yaml").rename(folder / "settings.yaml")
        (folder / "kustomization.yaml").symlink_to("settings.yaml")
        before = (folder / "settings.yaml").read_bytes()

        assert ["one"] == names(build(folder, repo=tmp_path / "env", bases={URL: manifest}))

        assert before == (folder / "settings.yaml").read_bytes()

    def test_a_link_out_of_the_repo(self, tmp_path: Path, manifest: Path) -> None:
        """It is neither read nor written."""
        folder = overlay(tmp_path / "env", f"{URL}//base?ref={head(manifest)}")
        (folder / "kustomization.yaml").rename(tmp_path / "mine.yaml")
        (folder / "kustomization.yaml").symlink_to(tmp_path / "mine.yaml")
        before = (tmp_path / "mine.yaml").read_bytes()

        with pytest.raises(ProcessFailedError) as caught:
            build(folder, repo=tmp_path / "env", bases={URL: manifest})

        assert before == (tmp_path / "mine.yaml").read_bytes()
        assert (
            "environments/dev/kustomization.yaml: is a link that leads out of its repo",
        ) == caught.value.details

    def test_a_submodule_of_a_base_is_not_fetched(self, tmp_path: Path, manifest: Path) -> None:
        """Kustomize would, from wherever the base says."""
        secret = tmp_path / "secret"
        commit_files(secret, {"s.yaml": SECRET})
        allowed = ("-c", "protocol.file.allow=always")
        git(*allowed, "submodule", "add", "-q", f"file://{secret}", "base/sub", cwd=manifest)
        (manifest / "base/kustomization.yaml").write_text("resources: [sub/s.yaml]\n")
        git("commit", "-qam", "Look elsewhere", cwd=manifest)
        folder = overlay(tmp_path / "env", f"{URL}//base?ref={head(manifest)}")

        with pytest.raises(ProcessFailedError) as caught:
            build(folder, repo=tmp_path / "env", bases={URL: manifest})

        assert "sub/s.yaml" in "\n".join(caught.value.details)

    def test_a_commit_that_is_not_there(self, tmp_path: Path, manifest: Path) -> None:
        """The error names the repo."""
        folder = overlay(tmp_path / "env", f"{URL}//base?ref={'a' * 40}")

        with pytest.raises(ProcessFailedError) as caught:
            build(folder, repo=tmp_path / "env", bases={URL: manifest})

        assert (f"{URL}: has no commit aaaaaaaaaaaa on a branch", "Was its branch deleted?") == (
            caught.value.details
        )


class TestOnAServer:
    """A private base: git has the token, kustomize has not."""

    @pytest.fixture
    def url(self, server: GitServer) -> str:
        """Of the manifest repo; the process has the token of its server."""
        use_access(Access(server.url, "bot", TOKEN))
        return f"{server.url}/manifest.git"

    def test_it_is_fetched_by_us(
        self, tmp_path: Path, server: GitServer, url: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Kustomize starts no git, and nothing that it has tells the token."""
        commit = on_server(server, "manifest", BASE)
        folder = overlay(tmp_path / "env", f"{url}//base?ref={commit}")
        monkeypatch.setenv("GITEA_TOKEN", TOKEN)
        monkeypatch.setenv("SSH_AUTH_SOCK", "/run/agent")
        monkeypatch.setenv("HTTPS_PROXY", "http://user:word@proxy.example.com")
        programs = StandIns(tmp_path / "stand-ins")
        monkeypatch.setenv("PATH", programs.path)
        programs.note("kustomize", "git")

        assert ["one"] == names(build(folder, repo=tmp_path / "env", bases={url: None}))

        (started,) = (one for one in programs.started if one.name == "kustomize")
        assert [] == [name for name in started.variables if not KUSTOMIZE.may_have(name)]
        assert [] == [name for name, value in started.variables.items() if TOKEN in value]
        assert "SSH_AUTH_SOCK" not in started.variables
        assert "http://127.0.0.1:0" == started.variables["HTTPS_PROXY"]

    def test_another_repo_of_the_server_is_not(
        self, tmp_path: Path, server: GitServer, url: str
    ) -> None:
        """Our token may see it, whoever wrote the kustomization may not."""
        commit = on_server(server, "secret", {"base/kustomization.yaml": "", "s.yaml": SECRET})
        folder = overlay(tmp_path / "env", f"{server.url}/secret.git//base?ref={commit}")

        with pytest.raises(ProcessFailedError, match="kustomize can't build it") as caught:
            build(folder, repo=tmp_path / "env", bases={url: None})

        assert f"{server.url}/secret.git//base?ref={commit}" in caught.value.details[0]
        assert caught.value.details[0].endswith("`, which is in no repo of its service")
        assert not (tmp_path / "cache").exists()


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
    "a branch of its own": {"resources": [f"{URL}//base?ref=main"]},
}


@pytest.mark.parametrize("kind", ELSEWHERE)
def test_what_lies_elsewhere_is_refused(
    tmp_path: Path, manifest: Path, asked: list[str], kind: str
) -> None:
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
        build(tmp_path / "env/environments/dev", repo=tmp_path / "env", bases={URL: manifest})

    assert "which is in no repo of its service" in caught.value.details[0]
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

    def test_git_has_no_protocol(
        self, tmp_path: Path, manifest: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Not even that of this machine's repos."""
        programs = StandIns(tmp_path / "stand-ins")
        monkeypatch.setenv("PATH", programs.path)
        programs.put("kustomize", f"git ls-remote file://{manifest} || git ls-remote {URL}")

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


class TestRecordedBases:
    """In a checkout, the answers file says which repos are the service's."""

    REPOFILE = "service: shop\nowner: a\nrepo: env\nkubernetes: '1.34'\n"

    def env_repo(self, folder: Path, manifest: Path, siblings: Mapping[str, Any]) -> None:
        """An env repo that builds from the manifest repo."""
        overlay(folder, f"file://{manifest}//base?ref={head(manifest)}")
        answers = yaml.safe_dump({"_src_path": "x", "_commit": "y", "siblings": siblings})
        write_files(folder, {".scaffold.yml": self.REPOFILE, ".copier-answers.yml": answers})

    def test_siblings_are_taken(self, tmp_path: Path, manifest: Path) -> None:
        """Those with an address that git may be told."""
        siblings = {
            "manifest": {"name": "shop-manifest", "url": f"file://{manifest}"},
            "env": {"name": "shop-env", "url": "--upload-pack=x"},
            "code": "odd",
        }
        self.env_repo(tmp_path / "env", manifest, siblings)

        assert {f"file://{manifest}": None} == recorded_bases(tmp_path / "env")
        assert run_checks(static_checks(tmp_path / "env")).ok

    def test_no_answers_are_no_bases(self, tmp_path: Path) -> None:
        """A repo that was written by hand builds from itself."""
        assert {} == recorded_bases(tmp_path)

    def test_answers_that_are_no_yaml(self, tmp_path: Path) -> None:
        """The error says where."""
        write_files(tmp_path, {".copier-answers.yml": "a: [\n"})

        with pytest.raises(ConfigError, match=r"\.copier-answers\.yml:2"):
            recorded_bases(tmp_path)

    def test_what_the_catalog_says_counts_more(self, tmp_path: Path, manifest: Path) -> None:
        """The answers file is its owner's; a fleet's upgrade builds with the fleet's token."""
        siblings = {"manifest": {"name": "m", "url": f"file://{manifest}"}}
        self.env_repo(tmp_path / "env", manifest, siblings)

        report = run_checks(static_checks(tmp_path / "env", {URL: None}))

        (result,) = report.of(Outcome.FAILED)
        assert "which is in no repo of its service" in result.details[0]

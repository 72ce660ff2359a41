"""Every parser of what people, repos and other programs bring, with an input that it takes.

Each is called as the commands call it, and what it returns is used as they use it.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pygit2
import pytest

from scaffold.bot import webhook
from scaffold.chain import pins
from scaffold.chain.edges import Edge, edges
from scaffold.chain.release import Release, empty_release, write_release
from scaffold.checks import kubeconform
from scaffold.checks.repo import read_repofile
from scaffold.cli.answers import answers_in, parse_pairs
from scaffold.cli.upgrade_reports import failed_repos, read_report
from scaffold.config.blueprint import BLUEPRINT_FILE, Blueprint, PinKind
from scaffold.config.documents import parse_document
from scaffold.config.environment import Environment
from scaffold.config.forges.gitea import GITEA
from scaffold.config.forges.github import GITHUB
from scaffold.config.forges.gitlab import GITLAB
from scaffold.config.forges.kind import ForgeKind
from scaffold.config.forges.registered import FORGES
from scaffold.config.forges.server import ServerForge
from scaffold.config.names import problem_with_service_name
from scaffold.config.platform import Platform
from scaffold.config.policy import policy_of
from scaffold.config.repofile import REPOFILE
from scaffold.config.service import Service
from scaffold.config.urls import problem_with_address, problem_with_url
from scaffold.errors import ConfigError
from scaffold.fleet.access import access_tree
from scaffold.fleet.catalog import read_catalog
from scaffold.forge import credentials
from scaffold.forge.local.requests import MergeRequests
from scaffold.forge.local.statuses import read_statuses
from scaffold.git.tree import Entry, init_bare, make_commit
from scaffold.lint import lint_blueprint
from scaffold.lint.ci import Pipeline
from scaffold.lint.dockerfile import Dockerfile
from scaffold.lint.manifests import container_images, replaced_images
from scaffold.lint.source import Run
from scaffold.lint.trace import RenderedFile
from scaffold.merge.conflicts import recorded_conflicts
from scaffold.pipeline.deploy.inventory import Place, read_inventory
from scaffold.pipeline.deploy.kubectl import items_of, parse
from scaffold.pipeline.deploy.objects import as_yaml, holds_data, key_of, owner_of, parse_tree
from scaffold.pipeline.target import read_marker, read_target
from scaffold.process import Finished
from scaffold.render.answers_file import read_answers_file
from scaffold.render.changelog import sections
from scaffold.render.provenance import read_branch, recorded_commit
from scaffold.render.questions import gather_answers
from scaffold.render.render import Destination, render_template
from scaffold.render.source import TemplateVersion, parse_version, read_blueprint
from scaffold.render.templates import TemplateRepo
from scaffold.service.answers import environment_answers, platform_answers
from scaffold.service.leftovers import Leftover, Leftovers, check_same_answers
from scaffold.upgrade.owners import reviewers
from scaffold.upgrade.plan import Project, Want
from scaffold.upgrade.planning import plan_upgrade
from scaffold.upgrade.rollout import parse_shard, parse_wave
from scaffold.upgrade.shards import as_report, merge_reports
from tests.builders import ANSWERS_NAME, ANSWERS_TEXT, write_files
from tests.chain.world import BLUEPRINT, DEV
from tests.malformed.inputs import Format

PARTS = ("code", "docker")
SMALL = """\
name: small
summary: Two repos
kubernetes: "1.34"
repos:
  code: {name: "{{ service }}-code"}
  docker: {name: "{{ service }}-docker", follows: code, pin: upstream}
test: {answers: {port: [1, 2]}}
lint: {ignore: [{code: BP105, path: "code/*", reason: As it is}]}
"""
CODE, DOCKER, MANIFEST = "1" * 40, "2" * 40, "3" * 40
TEMPLATE = """\
_subdirectory: "{{ repo }}"
_exclude: [secret]
repo: {type: str, choices: [code, docker], default: code, ask: false}
service: {type: str, default: shop, help: Its name, validator: "{% if not service %}x{% endif %}"}
port: {type: int, default: 8080}
size: {type: str, choices: {small: s, large: l}, default: s}
flag: {type: bool, default: true, when: "{{ port > 1 }}"}
more: {type: yaml, default: {a: [1]}, multiline: true}
"""
PLATFORM = """\
version: 1
name: acme
forge: {kind: local, path: /forge}
registry: registry.example.com:5000/acme
ci: {image: registry.example.com/ci:1}
blueprints: [{name: small, url: "file:///forge/small.git"}]
trusted: [file:///forge/small.git]
environments:
  - {name: dev, replicas: {min: 1, max: 2}, quota: {cpu: "4", memory: 8Gi, pods: 20}, context: kind}
  - {name: prod, after: dev, promotion: soak, soak_hours: 1.5}
propagation:
  require: status
  push: direct
  freeze: [{from: 2026-12-20T00:00:00Z, until: 2027-01-04T00:00:00Z, environments: [prod]}]
teams: [{name: pay, groups: {read-only: [v], developer: [d], admin: [a]}}]
namespace: "{service}-{environment}"
answers: {docs_base: https://docs.example.com, day: 2026-01-01, list: [1, two]}
"""
SERVER = PLATFORM.replace(
    "{kind: local, path: /forge}",
    "{kind: gitea, url: https://git.example.com, group: acme, visibility: private, ssh_port: 22}",
)
SERVICE = """\
name: shop
owner: pay
summary: Sells
blueprint: small
state: active
paused: false
repos:
  code: {name: shop-code, url: "file:///forge/shop-code.git"}
  docker: {name: shop-docker, url: "https://git.example.com/acme/shop-docker.git"}
"""
REPO = """\
service: shop
owner: pay
repo: env
kubernetes: "1.34"
image: registry.example.com/shop
code: pinned
environments: {dev: {namespace: shop-dev, context: kind}}
"""
ANSWERS = """\
_commit: v1.0.0
_src_path: TEMPLATE
service: shop
port: 9090
size: l
flag: true
more: {a: [1, 2026-01-01]}
"""
MANIFESTS = """\
apiVersion: v1
kind: Namespace
metadata: {name: shop, annotations: {a: b}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: shop, namespace: shop}
spec: {template: {spec: {containers: [{name: shop, image: "shop:1", ports: [{port: 80}]}]}}}
"""
MORE_MANIFESTS = f"""\
{MANIFESTS}---
apiVersion: v1
kind: List
items:
  - {{apiVersion: v1, kind: Pod, metadata: {{name: x}}, spec: {{initContainers: [{{image: a}}]}}}}
---
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
images: [{{name: shop, newTag: "1"}}]
"""
GITLAB_CI = """\
stages: [test]
default: {image: "python:3.11", services: [postgres, {name: redis}]}
include: [{project: a/b, ref: main, file: x.yml}]
test:
  image: {name: "node:22"}
  before_script: [apk add git]
  script:
    - |
      set -e
      make test
    - !reference [.setup, script]
"""
GITHUB_CI = """\
on: push
jobs:
  test:
    runs-on: ubuntu-24.04
    container: {image: python}
    services: {db: {image: postgres}}
    steps: [{uses: actions/checkout@v4}, {run: "make test"}]
"""
INVENTORY = '[{"group":"apps","kind":"Deployment","namespace":"shop","name":"shop","uid":"1"}]'
REPORT = (
    '{"version":1,"kind":"upgrade","done":false,"dry_run":false,"stopped":false,"shard":"1/2",'
    '"counts":{"failed":1},'
    '"left":["a"],"repos":[{"target":"shop","repo":"shop-code","service":"shop","template":"t",'
    '"old":"v1","new":"v2","result":"failed","cause":"x","message":"y","branch":"","merge_request":"",'
    '"notes":[],"decisions":[],"conflicts":[],"not_checked":[],"diff":""}]}'
)
WEBHOOK = (
    '{"project":{"git_http_url":"https://git.example.com/acme/shop.git","git_ssh_url":'
    '"git@git.example.com:acme/shop.git"},"repository":{"clone_url":"https://x/y.git"}}'
)
KUBECTL = '{"kind":"List","items":[{"kind":"Pod","metadata":{"name":"x"}}]}'
KUBECONFORM = (
    '{"resources":[{"kind":"Pod","name":"x","status":"statusInvalid","msg":"bad"}],'
    '"summary":{"valid":1,"invalid":1,"errors":0,"skipped":0}}'
)
COMMIT = (
    "Upgrade\n\nScaffold-Template: https://x/y\nScaffold-Version: v1\n"
    f'Scaffold-Commit: {CODE}\nScaffold-Conflict: ["a", "b", "c"]\nScaffold-Tree: {DOCKER}\n'
)
ENVIRONMENT = Environment(name="dev")


@dataclass(frozen=True)
class Parser:
    """One parser: what it reads, and whether an input that nobody changed passes."""

    name: str
    format: Format
    valid: str
    read: Callable[[bytes], Any]


def parsers(root: Path) -> list[Parser]:
    """All of them; `root` is an empty folder for what they need of a disk."""
    files = root / "files"
    files.mkdir()
    return [
        *_config(files),
        *_pins(),
        *_forge(root),
        *_templates(root),
        *_rendered(),
        *_outputs(files),
        *_texts(root),
        *_words(),
    ]


def _in_file(file: Path, read: Callable[[], Any]) -> Callable[[bytes], Any]:
    """A reader of a file that has the data."""

    def reader(data: bytes) -> Any:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
        return read()

    return reader


def _config(folder: Path) -> list[Parser]:
    repo, dev = folder / REPOFILE, folder / "environments/dev"
    (dev / "release").mkdir(parents=True)
    (dev / "release/release.yml").write_bytes(empty_release()["release.yml"])
    answers = folder / "answers.yml"
    return [
        Parser("platform.yml, a local forge", Format.YAML, PLATFORM, _use_platform),
        Parser("platform.yml, a server", Format.YAML, SERVER, _use_platform),
        Parser("services/<name>.yml", Format.YAML, SERVICE, _use_service),
        Parser("blueprint.yml", Format.YAML, BLUEPRINT, _use_blueprint),
        Parser(
            ".scaffold.yml", Format.YAML, REPO,
            _in_file(repo, lambda: (read_repofile(folder), read_target(folder, "dev"))),
        ),
        Parser(
            "retire.yml", Format.YAML, "delete-data: true\n",
            _in_file(folder / "gone/retire.yml", lambda: read_marker(folder / "gone")),
        ),
        Parser(
            "--data-file", Format.YAML, "port: 8080\nday: 2026-01-01\nmore: {a: [1]}\n",
            _in_file(answers, lambda: answers_in(answers)),
        ),
        *_logins(folder),
    ]  # fmt: skip


def _use_platform(data: bytes) -> None:
    platform = parse_document(Platform, data, source="platform.yml")
    service = Service.model_validate(
        {"name": "shop", "owner": platform.teams[0].name, "summary": "", "blueprint": "small",
         "repos": {"code": {"name": "shop-code", "url": "file:///x"}}}
    )  # fmt: skip
    with suppress(ValueError):  # a namespace's name that does not fit, which callers tell
        access_tree(platform, service.name, service.owner)
        environment_answers(platform, service.name, service.owner)
    platform_answers(platform, service.name, service.owner, {"code": ("a", "b")})
    platform.model_dump_json()
    if isinstance(platform.forge, ServerForge):
        str((platform.forge.host, platform.forge.repo_url("shop")))
    now = datetime.now(UTC)
    for edge in edges(parse_document(Blueprint, BLUEPRINT, source="x"), platform):
        policy_of(platform, service.policy, edge.environment).frozen(now)
        str(now + (edge.environment or ENVIRONMENT).soak)


def _use_service(data: bytes) -> None:
    tree = {"services/shop.yml": Entry.file(data), "services/cart.yml": Entry.file(b"")}
    catalog = read_catalog(tree)
    assert ["cart"] == [name for name in catalog.invalid if name == "cart"]
    service = catalog.need("shop")
    webhook.service_of(frozenset({"x"}), (service,))
    policy_of(
        parse_document(Platform, PLATFORM, source="platform.yml"), service.policy, ENVIRONMENT
    ).frozen(datetime.now(UTC))


def _use_blueprint(data: bytes) -> None:
    blueprint = parse_document(Blueprint, data, source=BLUEPRINT_FILE)
    edges(blueprint, parse_document(Platform, PLATFORM, source="platform.yml"))


def _logins(folder: Path) -> list[Parser]:
    """The configuration of the forges' own programs."""
    found = []
    for kind, text in (
        (GITLAB, "hosts: {git.example.com: {token: !!null x, user: y}}\n"),
        (GITHUB, "git.example.com: {user: ann, oauth_token: x}\n"),
        (GITEA, "logins: [{name: a, url: 'https://git.example.com', token: x}]\n"),
    ):
        path = kind.login.file

        def read(kind: ForgeKind = kind) -> Any:
            with pytest.MonkeyPatch.context() as patch:
                patch.setenv("XDG_CONFIG_HOME", str(folder))
                return credentials._from_program(kind.login, "git.example.com")

        found.append(Parser(path, Format.YAML, text, _in_file(folder / path, read)))
    return found


def _pins() -> list[Parser]:
    up = pins.Upstream("code", "file:///forge/shop-code.git", CODE)
    tag = pins.image_tag(CODE, DOCKER)
    docker = pins.Upstream("docker", "file:///forge/shop-docker.git", DOCKER)
    manifest = pins.Upstream("manifest", "file:///forge/shop-manifest.git", MANIFEST)
    release = Release((manifest, docker, up), f"x:{tag}", "kustomize v5.7.1")
    written = (
        (PinKind.UPSTREAM, "upstream.yml", pins.write_upstream(up)),
        (PinKind.IMAGE, "image/kustomization.yaml", pins.write_image(docker, image="x", tag=tag)),
        (PinKind.RELEASE, "release/release.yml", write_release(release, "")["release.yml"]),
    )
    return [
        Parser(name, Format.YAML, data.decode(), Edge("a", "b", kind, ENVIRONMENT).read)
        for kind, name, data in written
    ]


def _forge(root: Path) -> list[Parser]:
    """What the local forge keeps in refs."""
    store = init_bare(root / "shop.git")
    head = make_commit(store, {"a": Entry.file(b"a")}, "One\n", DEV)
    store.references.create("refs/heads/main", pygit2.Oid(hex=head))

    def request(data: bytes) -> Any:
        tree = {"merge-request.yml": Entry.file(data), "body.md": Entry.file(b"x")}
        commit = pygit2.Oid(hex=make_commit(store, tree, "x\n", DEV, [head]))
        store.references.create("refs/scaffold/mr/1", commit, force=True)
        return MergeRequests("shop", root / "shop.git", "file:///shop.git").all("", open_only=False)

    def note(data: bytes) -> Any:
        commit = pygit2.Oid(hex=make_commit(store, {head: Entry.file(data)}, "x\n", DEV))
        store.references.create("refs/notes/scaffold-status", commit, force=True)
        return read_statuses(root / "shop.git", head)

    opened = "opened: 2026-01-02T03:04:05+00:00\n"
    text = f"title: Move\nbranch: scaffold/x\n{opened}draft: false\nclosed: false\nhead: '{head}'\n"
    return [
        Parser("merge-request.yml", Format.YAML, text, request),
        Parser("a note of statuses", Format.YAML, "image: success\ntest: failure\n", note),
    ]


def _templates(root: Path) -> list[Parser]:
    """What a template's repo brings, and what is recorded of it."""
    template = root / "template.git"
    store = init_bare(template)
    files = {
        "copier.yml": Entry.file(TEMPLATE.encode()),
        BLUEPRINT_FILE: Entry.file(SMALL.encode()),
        **{f"{repo}/{ANSWERS_NAME}": Entry.file(ANSWERS_TEXT.encode()) for repo in PARTS},
        **{
            f"{repo}/a.txt.jinja": Entry.file(b"{{ port }} {{ size }} {{ more }}\n")
            for repo in PARTS
        },
    }
    parents: list[str] = []
    for tag in ("v1.0.0", "v1.1.0"):
        files[f"code/{tag}.txt"] = Entry.file(b"x\n")
        parents = [make_commit(store, files, f"Release {tag}\n", DEV, parents)]
        store.references.create(f"refs/tags/{tag}", pygit2.Oid(hex=parents[0]))
        store.references.create("refs/heads/main", pygit2.Oid(hex=parents[0]), force=True)
    repos = _Repos(root, store, f"file://{template}")
    answers = ANSWERS.replace("TEMPLATE", repos.url)
    return [
        Parser(".copier-answers.yml", Format.YAML, answers, repos.upgraded),
        Parser(".copier-answers.yml of a killed run", Format.YAML, answers, repos.left_over),
        Parser("copier.yml", Format.YAML, TEMPLATE, repos.template),
        Parser("blueprint.yml of a release", Format.YAML, SMALL, repos.blueprint),
        Parser("copier.yml, linted", Format.YAML, TEMPLATE, repos.linted("copier.yml")),
        Parser("blueprint.yml, linted", Format.YAML, SMALL, repos.linted(BLUEPRINT_FILE)),
        Parser("external data", Format.YAML, "host: x\nports: [1, 2]\n", repos.external),
        Parser(
            "a template's file", Format.TEXT, "{% if flag %}{{ port }}{% endif %}\n", repos.file
        ),
    ]


@dataclass
class _Repos:
    """A template with two versions, and what is made of one input after the other."""

    root: Path
    store: pygit2.Repository
    url: str
    count: int = 0

    @property
    def scratch(self) -> Path:
        """A folder of this input alone."""
        self.count += 1
        folder = self.root / f"scratch/{self.count}"
        folder.mkdir(parents=True)
        return folder

    def upgraded(self, data: bytes) -> Any:
        """Plan the upgrade of a repo with this answers file."""
        scratch = self.scratch
        repo = init_bare(scratch / "repo.git")
        tree = {".copier-answers.yml": Entry.file(data), "a.txt": Entry.file(b"mine\n")}
        head = make_commit(repo, tree, "One\n", DEV)
        project = Project(repo, head, "repo", "", ".copier-answers.yml")
        want = Want(supplied={"owner": "pay"}, allowed=lambda url: url == self.url)
        return plan_upgrade(project, lambda url: TemplateRepo(url, scratch), want, scratch)

    def left_over(self, data: bytes) -> Any:
        """Go on with a run that was killed after it made a repo with this answers file."""
        read_answers_file(".copier-answers.yml", Entry.file(data))
        left = Leftovers({"code": Leftover("x", CODE, {".copier-answers.yml": Entry.file(data)})})
        check_same_answers(left, left.answers)

    def version(self, changes: dict[str, bytes]) -> TemplateVersion:
        """A version of the template in which some files are others."""
        folder = self.scratch / "laid-out"
        files = {
            "copier.yml": TEMPLATE.encode(),
            BLUEPRINT_FILE: SMALL.encode(),
            "code/a.txt.jinja": b"{{ port }}\n",
            **{f"{repo}/{ANSWERS_NAME}": ANSWERS_TEXT.encode() for repo in PARTS},
            **changes,
        }
        write_files(folder, files)
        return TemplateVersion(self.url, "v1.0.0", CODE, folder)

    def template(self, data: bytes) -> Any:
        """Ask the questions of a template and render it."""
        version = self.version({"copier.yml": data})
        given = {"service": "shop"}
        gather_answers(version, {}, supplied=given, prompt=None, scratch=self.scratch)
        return render_template(version, {"repo": "code"}, Destination("x"), scratch=self.scratch)

    def file(self, data: bytes) -> Any:
        """Render one file of a template."""
        version = self.version({"code/b.txt.jinja": data})
        return render_template(version, {"repo": "code"}, Destination("x"), scratch=self.scratch)

    def external(self, data: bytes) -> Any:
        """Render with a data file of the repo."""
        asks = f"{TEMPLATE}_external_data: {{up: data.yml}}\n".encode()
        text = b"{{ _external_data.up.host }} {{ _external_data.up }}\n"
        version = self.version({"copier.yml": asks, "code/b.txt.jinja": text})
        place = Destination("x", files={"data.yml": Entry.file(data)})
        return render_template(version, {"repo": "code"}, place, scratch=self.scratch)

    def blueprint(self, data: bytes) -> Any:
        """Read what the newest release says."""
        folder = self.scratch / "other.git"
        store = init_bare(folder)
        commit = make_commit(store, {BLUEPRINT_FILE: Entry.file(data)}, "x\n", DEV)
        store.references.create("refs/tags/v1.0.0", pygit2.Oid(hex=commit))
        return read_blueprint(f"file://{folder}")

    def linted(self, path: str) -> Callable[[bytes], Any]:
        """Lint a blueprint in which one file has the data."""

        def lint(data: bytes) -> Any:
            findings = lint_blueprint(self.version({path: data}).folder)
            if any(one.code == "BP101" for one in findings):
                raise ConfigError(
                    findings[0].message, where=findings[0].where, hint=findings[0].hint
                )
            return findings

        return lint


def _rendered() -> list[Parser]:
    """What a blueprint renders, and kustomize builds."""

    def run(data: bytes, path: str) -> Run:
        return Run("env", {}, (RenderedFile(path, data, path, is_template=False),))

    def deployed(data: bytes) -> Any:
        items = parse_tree(data.decode("utf-8", "replace"), source="the overlay")
        for item in items:
            str((key_of(item), holds_data(item), owner_of(item)))
        return as_yaml(items)

    def linted(data: bytes) -> Any:
        one = run(data, "base/a.yaml")
        return list(container_images(one)), list(replaced_images(one))

    def pipeline(path: str) -> Callable[[bytes], Any]:
        def read(data: bytes) -> Any:
            one = Pipeline(RenderedFile(path, data, path, is_template=False))
            return one.jobs, list(one.images()), list(one.actions()), list(one.includes())

        return read

    def dockerfile(data: bytes) -> Any:
        one = Dockerfile(RenderedFile("Dockerfile", data, "Dockerfile", is_template=False))
        return one.instructions, list(one.images()), list(one.shell())

    return [
        Parser("objects to deploy", Format.YAML, MANIFESTS, deployed),
        Parser("manifests, linted", Format.YAML, MORE_MANIFESTS, linted),
        Parser(".gitlab-ci.yml, linted", Format.YAML, GITLAB_CI, pipeline(".gitlab-ci.yml")),
        Parser("a workflow, linted", Format.YAML, GITHUB_CI, pipeline(".github/workflows/a.yml")),
        Parser(
            "Dockerfile, linted", Format.TEXT,
            "ARG V=1\nFROM python:${V} AS a\nRUN --mount=x make \\\n  b\nCOPY --from=a / /\n",
            dockerfile,
        ),
    ]  # fmt: skip


def _outputs(folder: Path) -> list[Parser]:
    """What programs and servers print or send."""
    report = folder / "report.json"
    place = Place("shop", "dev", "shop", "scaffold-inventory-shop")

    def inventory(data: bytes) -> Any:
        told = {"format": "1", "environment": "dev", "objects": data.decode("utf-8", "replace")}
        return read_inventory(
            place, {"metadata": {"uid": "1", "resourceVersion": "1"}, "data": told}
        )

    def kubectl(data: bytes) -> Any:
        return items_of(parse(Finished(0, data, b"")))

    def conform(data: bytes) -> Any:
        return kubeconform._judge(data.decode("utf-8", "replace"), "x", [])

    def received(data: bytes) -> Any:
        webhook.signed_as({"x-gitea-signature": "é"}, data, "secret")
        event = webhook.read_event(data) or {}
        return [webhook.repo_urls(event, kind.webhook) for kind in FORGES if kind.webhook]

    def merged() -> Any:
        return as_report(merge_reports({str(report): read_report(report)}).document)

    return [
        Parser("--failed", Format.JSON, REPORT, _in_file(report, lambda: failed_repos(report))),
        Parser("--merge-reports", Format.JSON, REPORT, _in_file(report, merged)),
        Parser("a webhook", Format.JSON, WEBHOOK, received),
        Parser("an inventory", Format.JSON, INVENTORY, inventory),
        Parser("what kubectl prints", Format.JSON, KUBECTL, kubectl),
        Parser("what kubeconform prints", Format.JSON, KUBECONFORM, conform),
    ]


def _texts(root: Path) -> list[Parser]:
    """Texts with rules of their own."""
    store = init_bare(root / "messages.git")
    tree = store.TreeBuilder().write()

    def message(data: bytes) -> Any:
        head = f"tree {tree}\nauthor A <a@b> 1 +0000\ncommitter A <a@b> 1 +0000\n\n".encode()
        commit = str(store.write(pygit2.enums.ObjectType.COMMIT, head + data))
        told = read_branch(store, commit)
        recorded_commit(store, commit, "https://x/y", "v1")
        return told, list(recorded_conflicts(data.decode("utf-8", "replace")))

    def owners(data: bytes) -> Any:
        return reviewers({"CODEOWNERS": Entry.file(data)}, ["a/b.txt", "c"])

    def changelog(data: bytes) -> Any:
        return list(sections(data.decode("utf-8", "replace")))

    return [
        Parser("a commit's message", Format.TEXT, COMMIT, message),
        Parser("CODEOWNERS", Format.TEXT, "[Team]\n* @acme/pay\n/docs/ @ann # x\n", owners),
        Parser("CHANGELOG.md", Format.TEXT, "## [Unreleased]\n\n- x\n\n## [1.0.0]\n", changelog),
    ]


def _words() -> list[Parser]:
    """What stands on a command line, or in a variable."""

    def word(read: Callable[[str], Any]) -> Callable[[bytes], Any]:
        return lambda data: read(data.decode("utf-8", "surrogateescape"))

    return [
        Parser("--wave", Format.TEXT, "10%", word(parse_wave)),
        Parser("--shard", Format.TEXT, "1/4", word(parse_shard)),
        Parser("--data", Format.TEXT, "port=8080", word(lambda one: parse_pairs([one]))),
        Parser("a service's name", Format.TEXT, "shop", word(problem_with_service_name)),
        Parser(
            "a repo's URL", Format.TEXT, "https://git.example.com/a/b.git", word(problem_with_url)
        ),
        Parser("a template's URL", Format.TEXT, "gh:a/b", word(problem_with_address)),
        Parser("a version", Format.TEXT, "v1.2.0rc1", word(parse_version)),
    ]

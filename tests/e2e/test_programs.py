"""Every command that starts programs, with each program behind a stand-in that notes its start.

The platform is on a real Gitea, whose token is used, and the caller's environment is full of
secrets. What no test machine has (a builder of images, a cluster) is played by programs that fail,
and what scans and signs an image by ones that find nothing.
"""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from scaffold.cli.commands import COMMANDS, Group
from scaffold.git import clones, transport
from scaffold.git.store import open_mirror
from scaffold.programs import (
    BLUEPRINT_TESTS,
    CHECKS,
    GIT,
    GIT_REMOTE,
    IMAGES,
    KINDS,
    KUBECTL,
    KUSTOMIZE,
    SCANNERS,
    SIGNING,
    TASKS,
    TESTS,
    Kind,
)
from tests.builders import ANSWERS_NAME, ANSWERS_TEXT, commit_files, git, need_programs, write_files
from tests.e2e.acme import Acme
from tests.gitea import BOT, Gitea
from tests.service.run import scaffold
from tests.stand_ins import StandIns, Started

pytestmark = pytest.mark.xdist_group("gitea")
SECRETS = {
    "AWS_SECRET_ACCESS_KEY": "of-the-cloud",
    "CI_JOB_TOKEN": "of-the-job",
    "COSIGN_PRIVATE_KEY": "-----BEGIN of-the-signer",
    "GH_TOKEN": "of-github",
    "GITHUB_TOKEN": "of-the-workflow",
    "GITLAB_TOKEN": "of-gitlab",
    "SCAFFOLD_SLACK_WEBHOOK": "http://127.0.0.1:1/of-slack",
    "SCAFFOLD_WEBHOOK_SECRET": "of-the-webhooks",
}
# They would make git print what it sends.
TRACES = {"GIT_CURL_VERBOSE": "1", "GIT_TRACE": "1", "GIT_TRACE_CURL": "1"}
REMOTE = frozenset({"clone", "credential", "fetch", "ls-remote", "push"})
CHECKERS = ("actionlint", "check-jsonschema", "hadolint", "kubeconform", "promtool")
BUILDERS = ("buildah", "skopeo")
SCANNED = {
    "skopeo": f"echo sha256:{'ab' * 32}",
    "syft": "exit 0",
    "grype": """echo '{"matches": []}'""",
    "cosign": "exit 0",
}
TEMPLATE = {
    "copier.yml": "name: {type: str, default: x}\n_tasks: [of-a-task]\n",
    ANSWERS_NAME: ANSWERS_TEXT,
}
# Neither starts a program that another one does not: its passes are those of `bot run`.
NOT_RUN = {"bot serve"}


class Life:
    """All commands, each once, as the bot's user."""

    def __init__(self, gitea: Gitea, root: Path) -> None:
        self.root = root / "work"
        self.root.mkdir()
        self.token = gitea.tokens[BOT]
        self.acme = Acme(gitea, self.root)
        self.commands: set[str] = set()
        self.output = ""
        self.programs = StandIns(root / "stand-ins")
        self.programs.note("git", "make", "kustomize", *CHECKERS)
        for name in (*BUILDERS, "of-a-task", "of-a-blueprint", "of-a-repo"):
            self.programs.put(name, "exit 0")
        self.programs.put("kubectl", "exit 1")
        self.environment = {
            **self.acme.environment(),
            **SECRETS,
            **TRACES,
            "GITEA_TOKEN": self.token,
            "PATH": self.programs.path,
        }

    def run(self, command: str, *arguments: str, cwd: Path | None = None, status: int = 0) -> None:
        """Run a command of the program; that it ends like this shows that it got to its work."""
        self.commands.add(command)
        done = scaffold(*command.split(), *arguments, cwd=cwd or self.root, env=self.environment)
        self.output += done.stdout + done.stderr
        assert status == done.returncode, f"{command}: {done.stdout}{done.stderr}"

    def of_a_platform(self) -> None:
        """What the platform team and the bot run."""
        settings = {
            "url": self.acme.gitea.url,
            "group": self.acme.group,
            "ca_file": str(self.acme.gitea.ca_file),
            "bot": BOT,
        }
        data = [f"--data={key}={value}" for key, value in settings.items()]
        self.run("init", "acme", "--forge", "gitea", "--defaults", *data)
        told = yaml.safe_load(self.acme.files("platform")["platform.yml"].data)
        told["propagation"] = {"require": "none"}
        self.acme.commit("platform", "main", {"platform.yml": yaml.safe_dump(told)})
        (self.root / "platform").symlink_to(self.root / "acme/platform")
        self.run("doctor")
        self.run("new service", "payments", "--defaults")
        self.acme.commit("payments-code", "main", {"src/new.py": "NEW = 1\n"})
        self.run("bot run", "--once")
        self.run("promote", "payments", "--to", "staging", "--force")
        self.run("status")
        self.run("status", "--html", "site")
        self.run("platform sync")
        for_a_while = ("--break-glass", "prod", "--for", "1h", "--reason", "Try")
        self.run("access grant", "alice@example.com", *for_a_while)
        self.run("access show", "payments")
        self.run("access revoke", "alice@example.com")
        self.run("access log")
        self.run("blueprint list")
        self.release()
        self.run("upgrade", "payments")
        self.run("drift", "payments")
        self.run("pause", "payments")
        self.run("merge-request list")
        for command in ("list", "show", "merge", "close", "reopen"):
            number = () if command == "list" else ("1",)
            done = scaffold(
                "merge-request", command, "payments-code", *number,
                cwd=self.root, env=self.environment,
            )  # fmt: skip
            self.output += done.stdout + done.stderr
            self.commands.add(f"merge-request {command}")  # of the local forge alone

    def release(self) -> None:
        """A version of the blueprint that changes what kustomize and hadolint look at."""
        blueprint = "blueprint-python-service"
        files = self.acme.files(blueprint)
        paths = ("docker/Dockerfile.jinja", "shared/http/manifest/kustomization.yaml.jinja")
        changed = {path: files[path].data.decode() + "\n# New.\n" for path in paths}
        commit = self.acme.commit(blueprint, "main", changed)
        url = self.acme.forge.url(blueprint)
        folder, _ = open_mirror(url)
        operands = [f"{commit}:refs/tags/v1.1.0"]
        transport.reach(url, "push", operands=operands, cwd=folder)

    def of_repos(self) -> None:
        """What pipelines and developers run, in checkouts."""
        for part in ("code", "docker", "env"):
            folder = self.root / part
            clones.clone(self.acme.forge.url(f"payments-{part}"), folder)
        write_files(self.root / "code", {"Makefile": "test:\n\tof-a-repo\n"})
        self.run("check", cwd=self.root / "code")
        self.run("pipeline test", cwd=self.root / "code")
        self.run("pipeline validate", cwd=self.root / "env")
        self.of_images(self.root / "docker")
        self.run("pipeline changed", cwd=self.root / "env")
        for step in ("deploy", "smoke"):
            self.run(f"pipeline {step}", "--environment", "dev", cwd=self.root / "env", status=1)
        self.run("pipeline probe", cwd=self.root / "env", status=1)
        access = self.root / "acme/platform"
        self.run("pipeline access", "--environment", "dev", cwd=access, status=1)
        self.run("retire", "payments")

    def of_images(self, folder: Path) -> None:
        """An image that can't be built, and one that the registry has, to be scanned and signed."""
        self.run("pipeline image", cwd=folder, status=1)
        settings = yaml.safe_load((folder / ".scaffold.yml").read_text())
        settings["supply_chain"] = {"signature": "key"}
        write_files(folder, {".scaffold.yml": yaml.safe_dump(settings)})
        git("commit", "-q", "-a", "-m", "Sign the image", cwd=folder)
        for name, then in SCANNED.items():
            self.programs.put(name, then)
        self.run("pipeline image", cwd=folder)

    def of_templates(self) -> None:
        """What authors of blueprints run, and people with templates of their own."""
        template, repo = self.root / "template.git", self.root / "repo"
        commit_files(template, TEMPLATE)
        git("tag", "v1.0.0", cwd=template)
        commit_files(repo, {"README.md": "mine\n"})
        self.run("adopt", str(repo), "--blueprint", str(template), "--trust", "--defaults")
        git("merge", "-q", "scaffold/template", cwd=repo)
        commit_files(template, {**TEMPLATE, "a.txt": "a\n"})
        git("tag", "v1.1.0", cwd=template)
        self.run("upgrade", "--repo", str(repo), "--trust")
        self.run("blueprint import", str(template), str(self.root / "taken-in"))
        self.run("blueprint new", "mine", str(self.root / "mine"))
        blueprint = self.root / "mine"
        shutil.rmtree(blueprint / "tests")
        test = "import subprocess\n\ndef test_it():\n    subprocess.run(['of-a-blueprint'])\n"
        write_files(blueprint, {"tests/test_it.py": test})
        git("add", "-A", cwd=blueprint)
        git("commit", "-q", "-m", "Test otherwise", cwd=blueprint)
        self.run("blueprint lint", cwd=blueprint)
        self.run("blueprint test", cwd=blueprint)
        self.run("blueprint release", cwd=blueprint)
        self.run("blueprint register", cwd=blueprint)
        python = self.root / "python"
        clones.clone(self.acme.forge.url("blueprint-python-service"), python)
        self.run("blueprint preview", cwd=python)


@pytest.fixture(scope="module")
def life(gitea_server: Gitea, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Life]:
    """All of it, once for the tests below."""
    root = tmp_path_factory.mktemp("programs")
    with pytest.MonkeyPatch.context() as patch:
        need_programs(patch, "kustomize", "make", *CHECKERS)
        patch.setenv("XDG_CACHE_HOME", str(root / "cache"))
        patch.setattr("scaffold.git.access._accesses", {})
        for who in ("AUTHOR", "COMMITTER"):
            patch.setenv(f"GIT_{who}_NAME", "Dev")
            patch.setenv(f"GIT_{who}_EMAIL", "dev@example.com")
        life = Life(gitea_server, root)
        life.of_a_platform()
        life.of_repos()
        life.of_templates()
        yield life


def kind_of(started: Started) -> Kind:
    """The row of the table that a start belongs to."""
    if started.name == "git":
        return GIT_REMOTE if REMOTE.intersection(started.arguments) else GIT
    if started.name == "kubectl" and started.arguments[:1] != ("kustomize",):
        return KUBECTL
    by_name = {
        **dict.fromkeys(("kustomize", "kubectl"), KUSTOMIZE),
        **dict.fromkeys(CHECKERS, CHECKS),
        **dict.fromkeys(BUILDERS, IMAGES),
        **dict.fromkeys(("grype", "syft"), SCANNERS),
        "cosign": SIGNING,
        **dict.fromkeys(("make", "of-a-repo"), TESTS),
        "of-a-blueprint": BLUEPRINT_TESTS,
        "of-a-task": TASKS,
    }
    return by_name[started.name]


def paths(group: Group, prefix: str = "") -> Iterator[str]:
    """All commands of the program."""
    for name, one in group.commands.items():
        path = f"{prefix} {name}".strip()
        if isinstance(one, Group):
            yield from paths(one, path)
        else:
            yield path


def test_no_program_has_a_variable_that_the_table_does_not_give_it(life: Life) -> None:
    """Whichever command started it."""
    # make and pytest tell their own programs of themselves and of the terminal.
    own = {"MAKEFLAGS", "MAKELEVEL", "MAKE_TERMERR", "MAKE_TERMOUT", "MFLAGS"}
    own |= {"COLUMNS", "LINES", "PYTEST_CURRENT_TEST", "PYTEST_VERSION"}
    too_much = {
        (str(one), name)
        for one in life.programs.started
        for name in one.variables
        if not kind_of(one).may_have(name) and name not in own
    }

    assert set() == too_much


def test_the_forges_token_is_gits_alone(life: Life) -> None:
    """By whatever variable."""
    holders = {
        kind_of(one).programs
        for one in life.programs.started
        if any(life.token in value for value in one.variables.values())
    }

    assert {GIT_REMOTE.programs} == holders


@pytest.mark.parametrize("name", SECRETS)
def test_other_secrets_go_where_the_table_says(life: Life, name: str) -> None:
    """To those alone that can't do without the whole environment, if at all."""
    holders = {
        kind_of(one).programs
        for one in life.programs.started
        if any(SECRETS[name] in value for value in one.variables.values())
    }

    assert {one.programs for one in KINDS if one.takes(name)} == holders


def test_no_secret_is_on_a_command_line(life: Life) -> None:
    """Every process of the machine can read those."""
    secrets = (life.token, *SECRETS.values())

    told = [one for one in life.programs.started if any(each in str(one) for each in secrets)]
    assert [] == told


def test_no_secret_is_in_what_is_printed(life: Life) -> None:
    """Though the user's variables have git print what it sends."""
    assert [] == [each for each in (life.token, *SECRETS.values()) if each in life.output]


def test_every_git_is_started_in_the_one_place(life: Life) -> None:
    """A library that starts one by itself would hand it the whole environment."""
    safe = ("-c", "core.hooksPath=/dev/null")
    gits = [one for one in life.programs.started if one.name == "git"]

    assert [] == [str(one) for one in gits if one.arguments[:2] != safe]


def test_every_kind_of_program_was_started(life: Life) -> None:
    """Or the tests above would say nothing about it."""
    assert {one.programs for one in KINDS} == {
        kind_of(one).programs for one in life.programs.started
    }


def test_every_command_was_run(life: Life) -> None:
    """A new one has to come into this file."""
    assert set(paths(COMMANDS)) - NOT_RUN == life.commands

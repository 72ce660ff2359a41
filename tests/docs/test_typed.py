"""The tutorial and the how-tos, typed as they are into a terminal, prompts included."""

import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from docs_hooks.copying import commands
from scaffold.process import find_program
from tests.builders import commit_files, need_programs
from tests.docs.old_repos import made_by_copier, made_by_cruft
from tests.docs.pages import DOCS, console, saved, steps, untold_commands
from tests.docs.reader import follow, make_home

pytestmark = [
    pytest.mark.filterwarnings("ignore:.*forkpty:DeprecationWarning"),
    pytest.mark.xdist_group("typed"),  # they share what the first tutorial leaves
]
PROGRAMS = ("kubeconform", "kustomize", "hadolint", "actionlint", "promtool")


# How many blocks of a page can't be typed here; each says why, in a comment above it.
NOT_TYPED = {
    "how-to/argo-cd.md": 3,
    "how-to/delete-a-service.md": 3,
    "how-to/find-drift.md": 1,
    "how-to/finish-a-run.md": 6,
    "how-to/flux.md": 4,
    "how-to/give-pipelines-their-secrets.md": 2,
    "how-to/import-a-template.md": 1,
    "how-to/install.md": 1,
    "how-to/install-the-checks.md": 2,
    "how-to/log-in-without-a-kubeconfig.md": 1,
    "how-to/monitoring.md": 1,
    "how-to/operations.md": 1,
    "how-to/probe.md": 1,
    "how-to/release-a-blueprint.md": 1,
    "how-to/roll-back.md": 1,
    "how-to/run-the-bot.md": 1,
    "how-to/scan-and-sign-images.md": 2,
    "how-to/see-what-runs-where.md": 1,
    "how-to/set-up-a-platform.md": 7,
    "how-to/settle-a-conflict.md": 2,
    "how-to/smoke.md": 3,
    "how-to/upgrade-a-fleet.md": 1,
    "how-to/upgrade-a-large-fleet.md": 1,
    "how-to/use-gitlab-github-gitea.md": 2,
    "tutorial/from-nothing-to-prod.md": 1,
}
TYPED = {
    "how-to/adopt-a-repo.md",
    "how-to/answer-without-prompts.md",
    "how-to/bring-existing-repos.md",
    "how-to/delete-a-service.md",
    "how-to/find-drift.md",
    "how-to/give-access-for-a-while.md",
    "how-to/install-the-checks.md",
    "how-to/install.md",
    "how-to/lint-a-blueprint.md",
    "how-to/monitoring.md",
    "how-to/operations.md",
    "how-to/preview-a-release.md",
    "how-to/promote.md",
    "how-to/release-a-blueprint.md",
    "how-to/roll-back.md",
    "how-to/run-the-bot.md",
    "how-to/see-what-runs-where.md",
    "how-to/see-who-has-access.md",
    "how-to/test-a-blueprint.md",
    "how-to/upgrade-a-fleet.md",
    "how-to/who-may-not-push.md",
    "tutorial/first-blueprint.md",
    "tutorial/first-service.md",
    "tutorial/from-nothing-to-prod.md",  # in test_to_prod.py
}
PAGES = sorted(
    path.relative_to(DOCS).as_posix()
    for folder in ("tutorial", "how-to")
    for path in (DOCS / folder).glob("*.md")
)


def read(page: str) -> str:
    """The source of a page; that it is typed is said in TYPED."""
    return (DOCS / page).read_text(encoding="utf-8")


def test_no_command_is_left_out_by_accident() -> None:
    """What is not typed says why; what is not in a console block is no command."""
    found = {page: [block for block in console(read(page)) if block.why] for page in PAGES}

    assert NOT_TYPED == {page: len(blocks) for page, blocks in found.items() if blocks}
    assert {page for page in PAGES if steps(read(page))} == TYPED
    assert [] == [line for page in PAGES for line in untold_commands(read(page))]


def test_the_button_copies_what_is_typed() -> None:
    """Each command of each block, with the lines that it goes on in, and nothing else."""
    for block in (one for page in PAGES for one in console(read(page))):
        typed = steps(f"```console\n{block.body}```\n") if "$ " in block.body[:2] else []
        assert commands(block.body) == "\n".join(one.command for one in typed)


@dataclass(frozen=True)
class Home:
    """Where somebody has followed the first tutorial."""

    folder: Path

    def __truediv__(self, path: str) -> Path:
        return self.folder / path

    def follow(self, page: str, where: str = "acme", path: str = "") -> None:
        """Type a page, beginning in a folder."""
        follow(self.folder, read(page), self / where, path)

    def run(self, command: str, where: str = "acme") -> None:
        """Do what a page says was done before."""
        follow(self.folder, f"```console\n$ {command}\n...\n```\n", self / where)


@pytest.fixture(scope="module")
def tutorial(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A home in which the first tutorial was followed, and a copy of what it had then."""
    home = make_home(tmp_path_factory.mktemp("typed") / "ada")
    with pytest.MonkeyPatch.context() as patch:
        need_programs(patch, *PROGRAMS)
        follow(home, read("tutorial/first-service.md"))
    copy = home.with_name("copy")
    shutil.copytree(home, copy, symlinks=True)
    return home, copy


@pytest.fixture
def home(tutorial: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> Home:
    """The same home as it was at the end of the first tutorial."""
    need_programs(monkeypatch, *PROGRAMS)
    folder, copy = tutorial
    shutil.rmtree(folder)
    shutil.copytree(copy, folder, symlinks=True)
    return Home(folder)


def test_the_first_service(home: Home) -> None:
    """It ends with a platform and four repos."""
    assert (home / "acme/payments-env").is_dir()


def test_answers_without_prompts(home: Home) -> None:
    """The file of answers is the one on the page."""
    (home / "acme/receipts.yml").write_text(
        dict(saved(read("how-to/answer-without-prompts.md")))["receipts.yml"]
    )
    home.follow("how-to/answer-without-prompts.md")


def test_who_may_not_push(home: Home) -> None:
    """The hook is the page's own."""
    place = "~/acme/forge/platform.git/hooks/update"
    hook = home / place.removeprefix("~/")
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(dict(saved(read("how-to/who-may-not-push.md")))[place])
    hook.chmod(0o755)
    home.follow("how-to/who-may-not-push.md")


def test_a_missing_check(home: Home, tmp_path: Path) -> None:
    """Without kubeconform, in the env repo."""
    for name in ("git", "kustomize", "bash"):
        (tmp_path / name).symlink_to(find_program(name) or name)
    home.follow("how-to/install-the-checks.md", "acme/payments-env", str(tmp_path))


def test_a_rollback(home: Home) -> None:
    """Of a release that the bot brought."""
    home.run(
        "sed -i 's/revisionHistoryLimit: .*/revisionHistoryLimit: 7/' base/deployment.yaml",
        "acme/payments-manifest",
    )
    home.run("git commit --quiet --all --message 'Keep seven revisions'", "acme/payments-manifest")
    home.run("git push --quiet && scaffold bot run --once", "acme/payments-manifest")
    home.follow("how-to/roll-back.md")


def test_a_promotion(home: Home) -> None:
    """To staging before its time, and to prod past its policy."""
    home.follow("how-to/promote.md")


def test_a_retirement(home: Home) -> None:
    """By the command, taken back, and then by hand."""
    home.follow("how-to/delete-a-service.md")


def test_pages_of_a_command_or_two(home: Home) -> None:
    """They share a platform."""
    for page in (
        "see-what-runs-where", "install", "monitoring", "run-the-bot", "see-who-has-access",
        "give-access-for-a-while",
    ):  # fmt: skip
        home.follow(f"how-to/{page}.md")


def test_an_adoption(home: Home) -> None:
    """Of a repo that was made by hand, and whose files are not those of the blueprint."""
    commit_files(home / "src/billing", {"mine.txt": "mine\n"})
    home.follow("how-to/adopt-a-repo.md")


def test_repos_that_are_there_already(home: Home) -> None:
    """Two that copier made, one of cruft's, and one that was made by hand."""
    made_by_copier(home.folder, "invoices", "reports")
    made_by_cruft(home.folder, "cart")
    commit_files(home / "src/billing", {"README.md": "mine\n"})
    home.follow("how-to/bring-existing-repos.md", "")


def test_operations(home: Home) -> None:
    """A forge is lost and comes back from its mirrors, and then it moves."""
    home.follow("how-to/operations.md")


def test_the_upgrade_of_a_fleet(home: Home) -> None:
    """To a release that changes a line of the manifests."""
    home.run("git clone --quiet ~/acme/forge/blueprints/python-service.git ~/python-service")
    template = "shared/http/manifest/deployment.yaml.jinja"
    home.run(
        f"sed -i 's/revisionHistoryLimit: .*/revisionHistoryLimit: 7/' {template}", "python-service"
    )
    home.run("git commit --quiet --all --message 'Keep seven revisions'", "python-service")
    home.run("git tag v1.0.1 && git push --quiet origin main v1.0.1", "python-service")
    home.follow("how-to/upgrade-a-fleet.md")


def test_drift(home: Home) -> None:
    """Of a service as the tutorial leaves it."""
    home.follow("how-to/find-drift.md")


def test_the_first_blueprint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It begins with nothing, and ends with a blueprint that the platform knows."""
    need_programs(monkeypatch, *PROGRAMS)
    home = make_home(tmp_path / "ada")
    follow(home, read("tutorial/first-blueprint.md"))

    for page in ("test-a-blueprint", "release-a-blueprint", "lint-a-blueprint",
                 "preview-a-release"):  # fmt: skip
        follow(home, read(f"how-to/{page}.md"))
    platform = yaml.safe_load((home / "acme/platform/platform.yml").read_text())
    names = [one["name"] for one in platform["blueprints"]]
    assert ("python-service", "greeter") == (names[0], names[-1])  # the first is the default

"""`scaffold platform sync` and what checks say of a platform that is out of step."""

import json
from pathlib import Path

import pytest

from scaffold.forge.local.adapter import LocalFolderForge
from tests.builders import git, write_files
from tests.service.run import Done, refuse_pushes, scaffold

QUOTA = "access/dev/payments/quota.yaml"


@pytest.fixture
def checkout(workspace: Path) -> Path:
    """The platform's checkout, with a service in the catalog and all in step."""
    folder = workspace / "platform"
    entry = (
        "name: payments\nowner: platform\nsummary: Pays.\nblueprint: http-service\n"
        f"repos: {{code: {{name: payments-code, url: 'file://{workspace}/forge/payments-code'}}}}\n"
    )
    write_files(folder, {"services/payments.yml": entry})
    git("add", "services", cwd=folder)
    git("commit", "-q", "-m", "Add payments", cwd=folder)
    git("push", "-q", "origin", "main", cwd=folder)
    assert 0 == run(folder).returncode
    return folder


def run(folder: Path, *options: str) -> Done:
    """Sync in the platform's checkout."""
    return scaffold("platform", "sync", *options, cwd=folder)


def edit(folder: Path, old: str, new: str) -> None:
    """Change platform.yml in the checkout."""
    text = (folder / "platform.yml").read_text()
    assert old in text
    (folder / "platform.yml").write_text(text.replace(old, new, 1))


def push(folder: Path) -> None:
    """Commit what was edited, and push it to main."""
    git("commit", "-q", "-a", "-m", "Edit", cwd=folder)
    git("push", "-q", "origin", "main", cwd=folder)


def commits(folder: Path) -> list[str]:
    """The subjects of what is on main, the newest first."""
    git("fetch", "-q", cwd=folder)
    return git("log", "--format=%s", "origin/main", cwd=folder).splitlines()


def more_pods(folder: Path) -> None:
    """Push another quota for dev."""
    edit(folder, "- name: dev\n", "- name: dev\n  quota: {pods: 7}\n")
    push(folder)


def test_in_step(checkout: Path) -> None:
    """It says so, and makes no commit."""
    before = commits(checkout)
    assert "All that is generated is in step.\n" == run(checkout).stdout
    assert before == commits(checkout)


def test_a_change_of_platform_yml_is_one_commit(checkout: Path) -> None:
    """The dry run shows what it then does; a second run does nothing."""
    more_pods(checkout)
    line = f"changed  {QUOTA}  (platform.yml: `quota` of the environment `dev`)\n"
    trial = run(checkout, "--dry-run").stdout
    before = commits(checkout)

    assert trial.startswith(f"{line}--- {QUOTA}\n+++ {QUOTA}\n")
    assert "+    pods: '7'\n" in trial
    assert f"{line}main has them now.\n" == run(checkout).stdout
    assert ["Bring what is generated in step", *before] == commits(checkout)
    assert [QUOTA] == git("diff", "--name-only", "HEAD~", "HEAD", cwd=checkout).splitlines()
    assert "All that is generated is in step.\n" == run(checkout).stdout


def test_a_main_that_takes_no_push(checkout: Path) -> None:
    """It becomes a merge request, one however often it is run, with one commit."""
    more_pods(checkout)
    refuse_pushes(checkout.parent, "platform")
    told, commits_of_it = [], set()
    for _ in range(2):
        told.append(json.loads(run(checkout, "--output", "json").stdout))
        branch = git("ls-remote", "origin", "scaffold/platform-sync", cwd=checkout)
        commits_of_it.add(branch)
    assert 1 == len(commits_of_it)

    assert {"platform-sync"} == {one["kind"] for one in told}
    assert [QUOTA] == [one["path"] for one in told[0]["files"]]
    (request,) = LocalFolderForge(str(checkout.parent / "forge")).merge_requests("platform")
    assert {request.url} == {one["merge_request"] for one in told}


def test_files_that_would_go(checkout: Path) -> None:
    """Without a terminal it names them and changes nothing, unless it is forced to."""
    git("rm", "-q", "services/payments.yml", cwd=checkout)
    push(checkout)
    refused = run(checkout)
    assert 2 == refused.returncode
    assert QUOTA in refused.stderr
    assert "Give --force to remove them all the same" in refused.stderr

    assert 0 == run(checkout, "--force").returncode
    assert "" == git("ls-tree", "--name-only", "HEAD", "access/", cwd=checkout)


@pytest.mark.parametrize("command", [("check",), ("pipeline", "validate")])
def test_a_check_of_a_branch_that_is_out_of_step(checkout: Path, command: tuple[str, ...]) -> None:
    """It fails, names the file and the reason, and passes with what --checkout writes."""
    edit(checkout, "- name: dev\n", "- name: dev\n  quota: {pods: 7}\n")
    said = scaffold(*command, cwd=checkout)
    assert 1 == said.returncode
    told = said.stdout + said.stderr
    assert f"changed  {QUOTA}  (platform.yml: `quota` of the environment `dev`)" in told
    assert "Run `scaffold platform sync`" in told

    head = git("rev-parse", "HEAD", cwd=checkout)
    assert 0 == run(checkout, "--checkout").returncode
    assert head == git("rev-parse", "HEAD", cwd=checkout)
    assert "generated" not in "".join(
        line for line in scaffold(*command, cwd=checkout).stdout.splitlines() if "failed" in line
    )


def test_a_checkout_whose_folder_leads_out_of_it(checkout: Path, tmp_path: Path) -> None:
    """Nothing is written through the link."""
    (tmp_path / "away").mkdir()
    git("rm", "-q", "-r", "access/dev", cwd=checkout)
    (checkout / "access/dev").symlink_to(tmp_path / "away")
    refused = run(checkout, "--checkout", "--force")
    assert 1 == refused.returncode
    assert "leads out of the checkout; nothing was written" in refused.stderr
    assert [] == list((tmp_path / "away").iterdir())

"""`scaffold adopt` of a repo that was made by hand, to a blueprint of a platform."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.builders import commit_files, git
from tests.service.run import Done, scaffold

WHO = ("--as", "code", "--data", "service=billing")


@pytest.fixture
def billing(workspace: Path) -> Path:
    """A repo that no template made, beside the platform."""
    folder = workspace / "billing"
    commit_files(folder, {"mine.txt": "mine\n"})
    return folder


def adopt(repo: Path, *arguments: str, blueprint: str = "python-service") -> Done:
    """Run it, with nobody to ask."""
    return scaffold("adopt", str(repo), "--blueprint", blueprint, *arguments, cwd=repo.parent)


def branches(repo: Path) -> list[str]:
    """The branches of the repo."""
    return git("branch", "--format=%(refname:short)", cwd=repo).splitlines()


def answers(repo: Path) -> dict[str, Any]:
    """What is recorded on the branch."""
    text = git("show", "scaffold/python-service:.copier-answers.yml", cwd=repo)
    found: dict[str, Any] = yaml.safe_load(text)
    return found


@pytest.mark.parametrize(
    ("given", "missing"),
    [
        ((), ["--as code|docker|manifest|env", "--data service=NAME"]),
        (WHO[:2], ["--data service=NAME"]),
        (WHO[2:], ["--as code|docker|manifest|env"]),
    ],
    ids=["neither", "no service", "no repo"],
)
@pytest.mark.parametrize("defaults", [(), ("--defaults",)], ids=["plain", "defaults"])
def test_which_repo_it_is_is_never_assumed(
    billing: Path, given: tuple[str, ...], missing: list[str], defaults: tuple[str, ...]
) -> None:
    """A default of the blueprint's, `example`, would be wrong for nearly every repo."""
    done = adopt(billing, *given, *defaults)

    said = [one for one in ("--as code|docker|manifest|env", "--data service=NAME")
            if one in done.stderr]  # fmt: skip
    assert (2, missing) == (done.returncode, said)
    assert ["main"] == branches(billing)


@pytest.mark.parametrize(
    ("said", "hint"),
    [("maniefst", "Did you mean `manifest`?"), ("x", "It has: code, docker, manifest, env.")],
)
def test_a_repo_that_the_blueprint_does_not_have(billing: Path, said: str, hint: str) -> None:
    """The error names the option that said so."""
    done = adopt(billing, "--as", said, "--data", "service=billing", "--defaults")

    assert (
        2,
        f"error [answer-invalid]: --as: the blueprint has no repo `{said}`\n  {hint}\n",
    ) == (done.returncode, done.stderr)


def test_with_nobody_to_ask_defaults_are_asked_for(billing: Path) -> None:
    """As in `new service`: the other questions get theirs with --defaults alone."""
    done = adopt(billing, *WHO)

    assert (2, ["main"]) == (done.returncode, branches(billing))
    assert "--data owner=..." in done.stderr
    assert "--defaults" in done.stderr


def test_what_was_assumed_is_said(billing: Path) -> None:
    """Answers that nobody gave, the platform's own among them; none that was given."""
    more = ("--data", "port=9000", "--defaults")
    text = adopt(billing, *WHO, *more)
    document = json.loads(adopt(billing, *WHO, *more, "--output", "json").stdout)

    assert 0 == text.returncode, text.stderr
    recorded = answers(billing)
    assert ("code", "billing", 9000, "platform") == tuple(
        recorded[name] for name in ("repo", "service", "port", "owner")
    )
    assert not {"repo", "service", "port"} & document["assumed"].keys()
    assert {"3.13", "registry.example.com/acme"} == {
        document["assumed"][name] for name in ("python_version", "registry")
    }
    for name in document["assumed"]:
        assert f"  {name} " in text.stdout


def test_other_answers_make_another_branch(billing: Path) -> None:
    """Who sees by what was assumed that it is wrong can run it again."""
    adopt(billing, *WHO, "--defaults")
    again = adopt(billing, *WHO, "--data", "port=9000", "--defaults")

    assert "updated  scaffold/python-service" in again.stdout
    assert 9000 == answers(billing)["port"]


def test_what_comes_next_is_said(billing: Path) -> None:
    """The catalog does not know the repo, so only `--repo` upgrades it."""
    done = adopt(billing, *WHO, "--defaults")

    assert f"scaffold upgrade --repo {billing}" in done.stdout
    assert "not in the catalog" in done.stdout
    assert "--resolve" not in done.stdout
    git("merge", "-q", "scaffold/python-service", cwd=billing)
    upgrade = scaffold("upgrade", "--repo", str(billing), cwd=billing.parent)
    everything = scaffold("upgrade", "--all", cwd=billing.parent)
    assert (True, False) == ("current" in upgrade.stdout, "billing" in everything.stdout)


def test_conflicts_are_to_be_settled_next(billing: Path) -> None:
    """With the command that opens them."""
    commit_files(billing, {"Makefile": "mine\n"})

    done = adopt(billing, *WHO, "--defaults")

    assert (1, True) == (done.returncode, "scaffold upgrade --resolve" in done.stdout)


def test_a_service_with_all_repos_adopted_can_be_registered(workspace: Path) -> None:
    """By a file in the catalog, as the docs have it; then `--all` takes it."""
    names = {repo: f"billing-{repo}" for repo in ("app", "deploy")}
    urls = {repo: f"file://{workspace}/forge/{name}.git" for repo, name in names.items()}
    for repo, name in names.items():
        commit_files(workspace / name, {"mine.txt": "mine\n"})
        git("clone", "-q", "--bare", name, f"forge/{name}.git", cwd=workspace)
        given = ("--blueprint", "worker", "--as", repo, *WHO[2:], "--defaults")
        assert 0 == scaffold("adopt", urls[repo], *given, cwd=workspace).returncode
        assert 0 == scaffold("merge-request", "merge", name, "1", cwd=workspace).returncode
    entry = {
        "name": "billing", "owner": "platform", "summary": "Bills", "blueprint": "worker",
        "repos": {repo: {"name": name, "url": urls[repo]} for repo, name in names.items()},
    }  # fmt: skip
    platform = workspace / "platform"
    (platform / "services").mkdir()
    (platform / "services/billing.yml").write_text(yaml.safe_dump(entry))
    git("add", "-A", cwd=platform)
    git("commit", "-q", "-m", "Register billing", cwd=platform)
    git("push", "-q", cwd=platform)

    done = scaffold("upgrade", "--all", "--output", "json", cwd=workspace)

    found = [(one["repo"], one["result"]) for one in json.loads(done.stdout)["repos"]]
    assert [("billing-app", "current"), ("billing-deploy", "current")] == found


def test_an_unknown_blueprint_is_told_as_by_new(billing: Path) -> None:
    """The same mistake is the same error, with the same exit status."""
    home = billing.parent
    by_adopt = adopt(billing, *WHO, "--defaults", blueprint="rust-service")
    by_new = scaffold("new", "service", "x", "--blueprint", "rust-service", "--defaults", cwd=home)

    assert "error [blueprint-not-found]: there is no blueprint `rust-service`" in by_new.stderr
    assert (by_new.returncode, by_new.stderr) == (by_adopt.returncode, by_adopt.stderr)


def test_without_a_platform_a_name_says_nothing(billing: Path, tmp_path: Path) -> None:
    """A URL does."""
    done = scaffold(
        "adopt", str(billing), "--blueprint", "python-service", *WHO, cwd=tmp_path.parent
    )

    assert (1, True) == (done.returncode, "as there is no platform here" in done.stderr)

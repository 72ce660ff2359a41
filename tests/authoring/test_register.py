"""`scaffold blueprint register`, run as its author runs it, on a forge that is a folder."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from scaffold.documents.schemas import published_schemas
from tests.authoring.blueprints import CHANGELOG, Author, make_author
from tests.builders import git
from tests.service.run import refuse_pushes, scaffold

NAMED = "python-service"  # the first blueprint of a platform, which stays the default


@pytest.fixture
def home(workspace: Path) -> Path:
    """A platform, and in it the checkout of a blueprint with the version v1.0.0."""
    made = make_author(workspace, {"CHANGELOG.md": CHANGELOG})
    made.tag("v1.0.0")
    return workspace


def author(home: Path) -> Author:
    """Whoever works on the blueprint."""
    return Author(home / "small", home / "scratch")


def register(home: Path, *more: str, status: int = 0) -> Any:
    """What it prints as JSON, which fits its schema; what it says of an error, otherwise."""
    done = scaffold("blueprint", "register", *more, "--output", "json", cwd=home / "small")
    assert status == done.returncode, done.stdout + done.stderr
    if status:
        return done.stderr
    document = json.loads(done.stdout)
    jsonschema.Draft202012Validator(published_schemas()["output-register-blueprint"]).validate(
        document
    )
    return document


def url(home: Path) -> str:
    """Where the forge has it."""
    return f"file://{home}/forge/blueprints/small.git"


def refs(home: Path) -> list[str]:
    """What the forge has of it."""
    found = git("for-each-ref", "--format=%(refname)", cwd=home / "forge/blueprints/small.git")
    return found.splitlines()


def platform_file(home: Path) -> str:
    """platform.yml at the head of the platform's main."""
    return git("show", "main:platform.yml", cwd=home / "forge/platform.git")


def named(home: Path) -> list[tuple[str, str]]:
    """The blueprints that the platform names."""
    told = yaml.safe_load(platform_file(home))["blueprints"]
    return [(one["name"], one["url"]) for one in told]


def test_a_service_can_be_made_from_it_then(home: Path) -> None:
    """It is on the forge with its versions, and the last one that the platform names."""
    done = scaffold("blueprint", "register", cwd=home / "small")

    assert 0 == done.returncode, done.stderr
    assert [
        "created the repo blueprints/small",
        f"pushed main and v1.0.0 to {url(home)}",
        "named small in platform.yml",
        "",
        "Next: scaffold new service --blueprint small",
    ] == done.stdout.splitlines()
    assert ["refs/heads/main", "refs/tags/v1.0.0"] == refs(home)
    assert (NAMED, ("small", url(home))) == (named(home)[0][0], named(home)[-1])
    assert url(home) == git("remote", "get-url", "origin", cwd=home / "small")
    made = scaffold("new", "service", "shop", "--blueprint", "small", "--defaults", cwd=home)
    assert 0 == made.returncode, made.stderr


def test_a_second_run_changes_nothing(home: Path) -> None:
    """And says so."""
    assert register(home)["new"]
    platform = git("rev-parse", "main", cwd=home / "forge/platform.git")
    again = register(home)

    assert ([], False) == (again["calls"], again["new"])
    assert platform == git("rev-parse", "main", cwd=home / "forge/platform.git")
    text = scaffold("blueprint", "register", cwd=home / "small").stdout
    assert text.startswith("small was registered before; nothing was changed.\n")


def test_a_dry_run_only_says_what_it_would_do(home: Path) -> None:
    """The same lines, of what is not done yet."""
    told = register(home, "--dry-run")

    assert [
        "create the repo blueprints/small",
        f"push main and v1.0.0 to {url(home)}",
        "name small in platform.yml",
    ] == told["calls"]
    assert not (home / "forge/blueprints/small.git").exists()
    assert "small" not in dict(named(home))
    assert "" == git("remote", cwd=home / "small")


def test_a_run_that_was_killed_is_finished(home: Path) -> None:
    """By the next one, which does what is left."""
    bare = home / "forge/blueprints/small.git"
    git("init", "-q", "--bare", "-b", "main", str(bare), cwd=home)
    git("push", "-q", str(bare), "main", cwd=home / "small")

    assert [f"push v1.0.0 to {url(home)}", "name small in platform.yml"] == register(home)["calls"]
    assert ("small", url(home)) == named(home)[-1]


def test_where_the_platform_takes_no_push_it_is_proposed(home: Path) -> None:
    """In one merge request, however often it is run; once that is merged it is known."""
    refuse_pushes(home, "platform")
    first, second = register(home), register(home)

    assert first["merge_request"] == second["merge_request"] != ""
    assert "small" not in dict(named(home))
    shown = scaffold("merge-request", "list", "--output", "json", cwd=home).stdout
    (request,) = json.loads(shown)["merge_requests"]
    assert ("platform", "blueprint", "scaffold/blueprint-small", "") == (
        request["repo"], request["purpose"], request["branch"], request["service"],
    )  # fmt: skip
    text = scaffold("blueprint", "register", cwd=home / "small").stdout
    assert "Next, once that is merged: scaffold new service --blueprint small" in text
    (home / "forge/platform.git/hooks/update").unlink()
    assert 0 == scaffold("merge-request", "merge", "platform", "1", cwd=home).returncode
    assert not register(home)["new"]


def test_newer_versions_follow(home: Path) -> None:
    """What the forge lacks is pushed, also where the platform knows it already."""
    register(home)
    author(home).edit("code/README.md.jinja", "# ", "## ")
    author(home).tag("v1.0.1")

    assert [f"push main and v1.0.1 to {url(home)}"] == register(home)["calls"]
    assert ["refs/heads/main", "refs/tags/v1.0.0", "refs/tags/v1.0.1"] == refs(home)


def test_what_others_pushed_since_is_left_there(home: Path) -> None:
    """A checkout that is behind takes nothing back."""
    register(home)
    git("reset", "-q", "--hard", "HEAD~1", cwd=home / "small")

    assert [] == register(home)["calls"]
    assert "Release v1.0.0" == git(
        "log", "-1", "--format=%s", "main", cwd=home / "forge/blueprints/small.git"
    )


BLOCK = "\n  - name: one  # the first\n    url: /srv/one.git  # ours\n"
OF_FLOWS = "\n- {name: one, url: /srv/one.git}\n"
STYLES = [
    (f"{BLOCK}# of the end", f"{BLOCK}  - name: small\n    url: URL\n# of the end"),
    (OF_FLOWS, f"{OF_FLOWS}- name: small\n  url: URL\n"),
    (
        "[{name: one, url: /srv/one.git}]",
        "[{name: one, url: /srv/one.git}, {name: small, url: 'URL'}]",
    ),
]


@pytest.mark.parametrize(("before", "after"), STYLES)
def test_the_rest_of_the_file_stays_as_it_was_written(home: Path, before: str, after: str) -> None:
    """Comments, order and style are the platform team's."""
    text = platform_file(home)
    start, end = text.index("blueprints:"), text.index("environments:")
    there = f"{text[:start]}# Ours.\nblueprints: {before}\n{text[end:]}".replace(": \n", ":\n")
    commit_platform(home, there)

    register(home)
    assert there.replace(before, after.replace("URL", url(home))).rstrip() == platform_file(home)


def commit_platform(home: Path, text: str) -> None:
    """What the platform team does: another platform.yml."""
    (home / "platform/platform.yml").write_text(text + "\n")
    git("commit", "-q", "-am", "Change it", cwd=home / "platform")
    git("push", "-q", "origin", "main", cwd=home / "platform")


def fault_never_released(home: Path) -> None:
    """No tag is a version."""
    git("tag", "-d", "v1.0.0", cwd=home / "small")


def fault_taken(home: Path) -> None:
    """The platform has another one of that name."""
    text = platform_file(home)
    entry = "- {name: small, url: /srv/small.git}\nenvironments:"
    commit_platform(home, text.replace("environments:", entry, 1))


def fault_style(home: Path) -> None:
    """The list is an alias: what is added to it would be added elsewhere, too."""
    text = platform_file(home)
    start, end = text.index("blueprints:"), text.index("environments:")
    listed = "answers: {any: &some [{name: one, url: /srv/one.git}]}\nblueprints: *some\n"
    commit_platform(home, text[:start] + listed + text[end:].replace("answers: {}", ""))


def fault_other_history(home: Path) -> None:
    """The forge has a repo there that this one does not come from."""
    other = home / "other"
    git("init", "-q", "-b", "main", str(other), cwd=home)
    git("commit", "-q", "--allow-empty", "-m", "Other", cwd=other)
    git("clone", "-q", "--bare", str(other), str(home / "forge/blueprints/small.git"), cwd=home)


def fault_other_version(home: Path) -> None:
    """The same version is another commit there."""
    bare = home / "forge/blueprints/small.git"
    git("clone", "-q", "--bare", str(home / "small"), str(bare), cwd=home)
    git("tag", "-f", "v1.0.0", "HEAD~1", cwd=bare)


def fault_other_origin(home: Path) -> None:
    """It is at home somewhere else."""
    git("remote", "add", "origin", "https://git.example.com/small.git", cwd=home / "small")


def fault_no_main(home: Path) -> None:
    """Its branch has another name."""
    git("branch", "-m", "trunk", cwd=home / "small")


def fault_no_blueprint_file(home: Path) -> None:
    """The newest version is an ordinary template."""
    git("rm", "-q", "blueprint.yml", cwd=home / "small")
    author(home).tag("v2.0.0")


@pytest.mark.parametrize(
    ("fault", "status", "kind", "said"),
    [
        (fault_never_released, 1, "blueprint-not-found", "has no released version"),
        (fault_taken, 1, "name-taken", "a blueprint `small` already: /srv/small.git"),
        (fault_style, 1, "config-invalid", "by hand: - {name: small, url: 'file:///"),
        (fault_other_history, 1, "forge-failed", "has commits on main that are not here"),
        (fault_other_version, 1, "forge-failed", "`v1.0.0` is another commit there"),
        (fault_other_origin, 2, "usage", "`origin` is https://git.example.com/small.git"),
        (fault_no_main, 2, "usage", "has no branch `main`"),
        (fault_no_blueprint_file, 1, "blueprint-not-found", "has no blueprint.yml in version v2"),
    ],
)  # fmt: skip
def test_a_fault_is_told_before_anything_is_made(
    home: Path, fault: Any, status: int, kind: str, said: str
) -> None:
    """What is wrong, where, and what to do; the forge and the platform stay as they were."""
    fault(home)
    before = platform_file(home), (home / "forge/blueprints/small.git").exists()
    told = register(home, status=status)

    assert f"error [{kind}]" in told
    assert said in told
    assert before == (platform_file(home), (home / "forge/blueprints/small.git").exists())


def test_it_is_a_repo_of_its_own(home: Path) -> None:
    """A folder inside a repo is none, and neither is a plain one; it takes a platform, too."""
    (home / "small/inner").mkdir()
    (home / "plain").mkdir()
    for folder in ("small/inner", "plain"):
        done = scaffold("blueprint", "register", folder, cwd=home)
        assert (2, True) == (done.returncode, "not the top folder of a git repo" in done.stderr)
    git("clone", "-q", str(home / "small"), str(home.parent / "alone"), cwd=home)
    git("remote", "remove", "origin", cwd=home.parent / "alone")
    done = scaffold("blueprint", "register", "alone", "--platform", "nowhere", cwd=home.parent)
    assert (2, True) == (done.returncode, "error [platform-not-found]" in done.stderr)

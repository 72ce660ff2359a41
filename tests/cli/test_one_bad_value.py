"""One bad value breaks one thing only: whatever one service brings, the others go on.

All that a person, a team or a push can break, under each of the three commands that go over a
whole fleet. What concerns `cart` is told of `cart`, with what to do about it; `shop` is as ever.
"""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pygit2
import pytest
import yaml

from scaffold.config.places import release_path
from scaffold.git.tree import Entry, change_tree, make_commit, open_repo
from tests.chain.world import DEV, PARTS
from tests.cli.fleet_of_two import COMMANDS, Said, Two, make_two
from tests.service.entries import INVALID

ALL = frozenset(COMMANDS)
CHAIN = frozenset({"status", "bot"})
UPGRADE = frozenset({"upgrade"})
REPOS = tuple(f"cart-{part}" for part in PARTS)
MR = "refs/scaffold/mr"
NOTES = "refs/notes/scaffold-status"

# What is fine of `shop`, whatever is done to `cart`.
SHOP = {
    "status": ["docker move", "manifest move", "dev current", "prod request"],
    "bot": ["docker move", "manifest move", "dev move", "prod request"],
    "upgrade": [f"shop-{part} opened" for part in sorted(PARTS)],
}
# A value that YAML can't have, and a file that is none; `KEY` is a key that the file has. The
# reader's own tests have all ways in which a file is not what anybody wrote.
BROKEN = {
    "5,000 digits": b"KEY: " + b"1" * 5000 + b"\n",
    "not UTF-8": b"\xff\xfe",
}


def broken(kind: str, key: str) -> bytes:
    """A file that is broken in that way."""
    return BROKEN[kind].replace(b"KEY", key.encode())


@dataclass(frozen=True)
class Harm:
    """Something done to `cart`; `seen` are the commands that can't go on with it."""

    name: str
    act: Callable[[Two], Any]
    seen: frozenset[str]


def put(repo: str, path: str, data: bytes | None, two: Two) -> None:
    """Make that the content of a file."""
    two.put(repo, path, data)


def in_file(repo: str, path: str, key: str, seen: frozenset[str]) -> list[Harm]:
    """Ways to break one file."""
    return [
        Harm(f"{path}: {kind}", partial(put, repo, path, broken(kind, key)), seen)
        for kind in BROKEN
    ]


def unknown_blueprint(two: Two) -> None:
    """Let the catalog name a blueprint that platform.yml has no more."""
    told = yaml.safe_dump(two.entry() | {"blueprint": "none"})
    two.put("platform", "services/cart.yml", told.encode())


def a_link(two: Two) -> None:
    """Make the catalog's entry a link."""
    two.put("platform", "services/cart.yml", b"../platform.yml", 0o120000)


def long_name(two: Two) -> None:
    """Give a service a name that no namespace has room for."""
    name = "c" * 63
    two.put("platform", "services/cart.yml", None)
    told = yaml.safe_dump(two.entry() | {"name": name})
    two.put("platform", f"services/{name}.yml", told.encode())


def set_ref(two: Two, repo: str, ref: str, content: str | bytes) -> None:
    """Write a ref's file, as nothing but a disk or a person with an editor would."""
    file = two.root / "forge" / f"{repo}.git" / ref
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content if isinstance(content, bytes) else f"{content}\n".encode())


def everywhere(ref: str, content: Callable[[pygit2.Repository], str]) -> Callable[[Two], None]:
    """Set a ref of all repos of cart."""

    def act(two: Two) -> None:
        for repo in REPOS:
            set_ref(two, repo, ref, content(two.bare(repo)))

    return act


def blob(store: pygit2.Repository) -> str:
    """A blob's id."""
    return str(store.create_blob(b"x"))


def main(store: pygit2.Repository) -> str:
    """The head of main."""
    return str(store.references["refs/heads/main"].target)


REFS: dict[str, Callable[[pygit2.Repository], str]] = {
    "a file": blob,
    "a commit": main,
    "nothing that is there": lambda _: "1" * 40,
    "no id": lambda _: "garbage",
    "another ref that is gone": lambda _: "ref: refs/heads/nowhere",
}


def on_a_ref(ref: str, seen: frozenset[str], *, but: str = "") -> list[Harm]:
    """Each thing that a ref can be, but for one that is fine."""
    return [
        Harm(f"{ref} is {kind}", everywhere(ref, content), seen)
        for kind, content in REFS.items()
        if kind != but
    ]


def request(two: Two, repo: str, files: dict[str, bytes]) -> None:
    """Make a commit of files merge request 1."""
    store = two.bare(repo)
    tree = {path: Entry.file(data) for path, data in files.items()}
    set_ref(two, repo, f"{MR}/1", make_commit(store, tree, "x\n", DEV, [main(store)]))


def requests(files: dict[str, bytes], two: Two) -> None:
    """A merge request of each repo of cart with these files."""
    for repo in REPOS:
        request(two, repo, files)


def in_requests(name: str, files: dict[str, bytes]) -> Harm:
    """The same as a harm."""
    return Harm(name, partial(requests, files), ALL)


def text(head: str) -> bytes:
    """A merge-request.yml."""
    return f"title: x\nbranch: y\ndraft: false\nclosed: false\nhead: '{head}'\n".encode()


def note(two: Two, repo: str, data: bytes) -> None:
    """Make a note of statuses at the head of main."""
    store = two.bare(repo)
    files = {main(store): Entry.file(data)}
    set_ref(two, repo, NOTES, make_commit(store, files, "Note\n", DEV))


def require_statuses(two: Two) -> None:
    """Let platform.yml ask for the statuses of commits."""
    head = two.bare("platform").references["refs/heads/main"].peel(pygit2.Tree)
    told = yaml.safe_load(head["platform.yml"].read_raw())
    told["propagation"]["require"] = "status"
    two.put("platform", "platform.yml", yaml.safe_dump(told).encode())


def release(path: str, data: bytes | None, two: Two) -> None:
    """Release a version of cart's blueprint in which one file is another."""
    store = open_repo(two.root / "other.git")
    head = main(store)
    files = {path: None if data is None else Entry.file(data)}
    commit = make_commit(store, change_tree(store, head, files), "Release\n", DEV, [head])
    store.references.create("refs/tags/v1.2.0", pygit2.Oid(hex=commit))


def in_release(path: str, key: str, seen: frozenset[str]) -> list[Harm]:
    """Ways to break one file of the newest version."""
    return [
        Harm(f"{path}: {kind}", partial(release, path, broken(kind, key)), seen) for kind in BROKEN
    ]


def stray_tag(content: str, two: Two) -> None:
    """Put a tag that looks like a version into cart's blueprint."""
    (two.root / "other.git/refs/tags/v9.0.0").write_text(f"{content}\n")


def no_blueprint(two: Two) -> None:
    """Remove the repo of cart's blueprint."""
    shutil.rmtree(two.root / "other.git")


NONE: frozenset[str] = frozenset()
WRITES = frozenset({"bot", "upgrade"})
CATALOG = "services/cart.yml"
HARMS = [
    *in_file("platform", CATALOG, "name", ALL),
    *(
        Harm(f"{CATALOG}: {name}", partial(put, "platform", CATALOG, data), ALL)
        for name, (data, _) in INVALID.items()
    ),
    Harm("a link in the catalog", a_link, ALL),
    Harm("an unknown blueprint", unknown_blueprint, CHAIN),
    Harm("a name for which no namespace has room", long_name, WRITES),
    *in_file("cart-docker", "upstream.yml", "code", CHAIN),
    *in_file("cart-manifest", "image/kustomization.yaml", "metadata", CHAIN),
    *in_file("cart-env", release_path("dev"), "from", CHAIN),
    *in_file("cart-docker", ".scaffold.yml", "service", frozenset({"bot"})),
    *in_file("cart-code", ".copier-answers.yml", "_commit", UPGRADE),
    *(
        in_requests(f"merge-request.yml: {kind}", {"merge-request.yml": broken(kind, "title")})
        for kind in BROKEN
    ),
    in_requests("a merge request without its file", {"body.md": b"x"}),
    in_requests("a merge request without a text", {"merge-request.yml": text("1" * 40)}),
    in_requests(
        "a merge request of no commit", {"merge-request.yml": text("main"), "body.md": b"x"}
    ),
    *on_a_ref(f"{MR}/1", ALL, but="no id"),
    Harm("a merge request's ref is no id", everywhere(f"{MR}/1", REFS["no id"]), WRITES),
    *on_a_ref(f"{MR}/x", NONE),
    *on_a_ref("refs/heads/main", ALL, but="a commit"),
    *on_a_ref("refs/heads/stray", NONE),
    *on_a_ref("refs/tags/v9.9.9", NONE),
    *in_release("blueprint.yml", "name", CHAIN),
    *in_release("copier.yml", "service", UPGRADE),
    Harm("no blueprint.yml", partial(release, "blueprint.yml", None), CHAIN),
    Harm("no copier.yml", partial(release, "copier.yml", None), UPGRADE),
    Harm("a tag that is no commit", partial(stray_tag, "garbage"), NONE),
    Harm("a tag of what is gone", partial(stray_tag, "1" * 40), NONE),
    Harm("a blueprint that is gone", no_blueprint, ALL),
]


@pytest.fixture
def two(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Two:
    """Both services, as they should be."""
    for who in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{who}_NAME", "Dev")
        monkeypatch.setenv(f"GIT_{who}_EMAIL", "dev@example.com")
    return make_two(tmp_path)


def done(command: str, said: Said, service: str) -> list[str]:
    """What a command tells of a service that is fine, a line each."""
    if command == "status":
        line = next(one for one in said.document["services"] if one["service"] == service)
        assert line["error"] is None
        return [f"{pin['place']} {pin['why']}" for pin in line["pins"]]
    if command == "bot":
        events = said.document["events"]
        return [f"{one['place']} {one['why']}" for one in events if one["service"] == service]
    repos = said.document["repos"]
    return [f"{one['repo']} {one['result']}" for one in repos if one["target"] == service]


def failed(command: str, said: Said) -> dict[str, list[str]]:
    """The errors that a command tells, by service."""
    if command == "status":
        lines = said.document["services"]
        return {one["service"]: [one["error"]] for one in lines if one["error"]}
    found: dict[str, list[str]] = {}
    if command == "bot":
        for one in said.document["failures"]:
            found.setdefault(one["service"], []).append(f"{one['cause']}: {one['message']}")
        return found
    for one in said.document["repos"]:
        if one["result"] == "failed":
            found.setdefault(one["target"], []).append(f"{one['cause']}: {one['message']}")
    return found


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("harm", HARMS, ids=[one.name for one in HARMS])
def test_the_other_service_goes_on(
    two: Two, harm: Harm, command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """What is broken is told of its service alone, as what it is, and the exit status is 1."""
    harm.act(two)

    said = two.run(command, capsys)

    errors = failed(command, said)
    assert (1 if command in harm.seen else 0) == said.status, (errors, said.errors)
    assert SHOP[command] == done(command, said, "shop")
    assert (1 if command in harm.seen else 0) == len(errors), errors
    assert "shop" not in errors
    told = [line for lines in errors.values() for line in lines]
    assert not [one for one in told if "unexpected" in one or "fault of scaffold" in one]
    assert not [one for one in told if "\n" not in one], "what to do about it is not said"


@pytest.mark.parametrize("command", CHAIN)
@pytest.mark.parametrize("kind", BROKEN)
def test_statuses_that_can_not_be_read(
    two: Two, command: str, kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where they are asked for: those of cart are broken, those of shop are green."""
    require_statuses(two)
    for part in PARTS:
        note(two, f"shop-{part}", b"test: success\nimage: success\nvalidate: success\n")
        note(two, f"cart-{part}", broken(kind, "test"))

    said = two.run(command, capsys)

    (error,) = failed(command, said)["cart"]
    assert (1, ["cart"]) == (said.status, list(failed(command, said)))
    assert "can't be read" in error
    assert f"git notes --ref={NOTES} remove" in error
    assert "docker move" == done(command, said, "shop")[0]


@pytest.mark.parametrize("kind", ["a file", "nothing that is there"])
@pytest.mark.parametrize("command", COMMANDS)
def test_registrations_that_can_not_be_read(
    two: Two, command: str, kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A merge request of the platform repo hides no service; `status` has a line about it."""
    set_ref(two, "platform", f"{MR}/1", REFS[kind](two.bare("platform")))

    said = two.run(command, capsys)

    assert SHOP[command] == done(command, said, "shop")
    seen = command == "status"
    assert (["platform"] if seen else []) == list(failed(command, said))
    assert (1 if seen else 0) == said.status


@pytest.mark.parametrize("command", COMMANDS)
def test_stray_refs_of_the_platform_repo(
    two: Two, command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """What is no number is nobody's merge request."""
    for ref in (f"{MR}/x", f"{MR}/-1", f"{MR}/1e3", f"{MR}/٣", "refs/heads/stray"):
        set_ref(two, "platform", ref, "garbage")

    said = two.run(command, capsys)

    assert (0, SHOP[command]) == (said.status, done(command, said, "shop"))

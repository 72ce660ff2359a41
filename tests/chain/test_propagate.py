"""One commit moves a pin: what it says, what it holds, and how many pushes it takes."""

import pytest

from scaffold.chain.decide import Why
from scaffold.chain.release import empty_release
from scaffold.config.places import release_folder
from scaffold.git.tree import trailers
from tests.chain.world import AUTOMATIC, BOT, Texts, World, event, make_world


def test_a_commit_to_code_walks_to_dev(world: World) -> None:
    """Docker, manifest and dev follow in one pass; the image is derived from that very commit."""
    code = world.commit("code", {"app.py": "two\n"})

    world.run()

    assert code == world.pin("docker")
    assert world.head("docker") == world.pin("manifest")
    assert world.head("manifest") == world.pin("dev")
    tag = f"{code[:12]}-{world.head('docker')[:12]}"
    assert f'newTag: "{tag}"' in world.text("manifest", "image/kustomization.yaml")


def test_what_the_commit_says(world: World) -> None:
    """Where to, what comes along and who wrote it, and a trailer with the whole id."""
    first = world.head("code")
    two = world.commit("code", {"app.py": "two\n"}, "Say two\n\nBecause.\n")
    code = world.commit("code", {"app.py": "three\n"}, "Say three\n")

    world.run()

    commit = world.commits("docker")[0]
    assert (
        f"Move docker to shop-code {code[:12]}\n\nshop-code {first[:12]} -> {code[:12]}\n"
        f"- {code[:12]} Say three (Dev)\n- {two[:12]} Say two (Dev)\n\n"
        f"Propagated-From: shop-code@{code}\n"
    ) == commit.message
    assert {"Propagated-From": f"shop-code@{code}"} == trailers(commit.message)
    assert (BOT.name, BOT.email) == (commit.author.name, commit.author.email)


def test_several_commits_make_one_propagation(world: World) -> None:
    """The head of main counts, not each commit on the way."""
    for number in range(5):
        world.commit("code", {"app.py": f"{number}\n"})

    world.run()

    assert 2 == len(world.log("docker"))
    assert world.head("code") == world.pin("docker")


def test_a_long_list_of_subjects_is_cut(world: World) -> None:
    """Twenty are told, the newest ones."""
    for number in range(30):
        world.commit("code", {"app.py": f"{number}\n"}, f"Say {number}\n")

    world.run()

    told = [line for line in world.commits("docker")[0].message.splitlines() if line[:1] == "-"]
    assert [
        *(f"Say {n} (Dev)" for n in range(29, 9, -1)), "10 more commits"
    ] == [line.split(maxsplit=2)[2] for line in told]  # fmt: skip


@pytest.mark.parametrize(
    ("message", "told"),
    [("", "(no message)"), ("\n\n", "(no message)"), ("\n  Late\n", "Late"), ("Grün\r\n", "Grün")],
)
def test_whatever_the_upstream_message_is(world: World, message: str, told: str) -> None:
    """None of them keeps a pin from moving."""
    world.commit("code", {"app.py": "two\n"}, message)

    assert () == world.run().failures
    line = f"- {world.head('code')[:12]} {told} (Dev)"
    assert line in world.commits("docker")[0].message.splitlines()


def test_an_upstream_message_that_is_not_utf_8(world: World) -> None:
    """Old repos have them; what can't be read is replaced."""
    repo = world.repo("code")
    head = repo[world.head("code")]
    raw = head.read_raw().replace(b"Create shop-code", b"Gr\xfcn")
    made = repo.odb.write(head.type, raw.replace(b"author", b"parent %s\nauthor"
                          % world.head("code").encode(), 1))  # fmt: skip
    repo.references.create("refs/heads/main", made, force=True)

    world.commit("code", {"app.py": "two\n"})

    assert () == world.run().failures
    assert " Gr�n (Dev)" in world.commits("docker")[0].message


def test_a_subject_that_looks_like_a_trailer(world: World) -> None:
    """It is told as an item, and the commit has the one trailer that is ours."""
    code = world.commit("code", {"app.py": "two\n"}, "Propagated-From: evil@0\n")

    world.run()

    told = trailers(world.commits("docker")[0].message)
    assert {"Propagated-From": f"shop-code@{code}"} == told


def test_only_the_pin_changes(world: World) -> None:
    """The bot owns that file, whole, and no other."""
    world.commit("code", {"app.py": "two\n"})
    world.run()

    commit = world.commits("manifest")[0]
    changed = commit.tree.diff_to_tree(commit.parents[0].tree).deltas
    assert ["image/kustomization.yaml"] == [one.new_file.path for one in changed]


def test_one_push_a_repo(world: World, pushes: list[tuple[str, str]]) -> None:
    """However many pins of it move in a pass."""
    world.settings = {"environments": [*AUTOMATIC, {"name": "qa", "promotion": "automatic"}]}
    empty = empty_release().items()
    files: Texts = {f"{release_folder('qa')}/{name}": data.decode() for name, data in empty}
    world.commit("env", files)
    world.commit("code", {"app.py": "two\n"})

    report = world.run()

    assert [("shop-docker", "main"), ("shop-manifest", "main"), ("shop-env", "main")] == pushes
    moved = {one.verdict.edge.place for one in report.moved}
    assert {"docker", "manifest", "dev", "staging", "qa"} == moved


def test_nothing_new_is_no_push(world: World, pushes: list[tuple[str, str]]) -> None:
    """A pass in which nothing changed changes nothing."""
    report = world.run()

    assert ([], (), True) == (pushes, report.moved, report.quiet)


def test_the_second_pass_is_quiet(world: World, pushes: list[tuple[str, str]]) -> None:
    """Another one finds all as it should be."""
    world.commit("code", {"app.py": "two\n"})
    world.settle()
    pushes.clear()

    assert world.run().quiet
    assert [] == pushes


@pytest.mark.parametrize(
    ("part", "files"),
    [
        ("code", {}),
        ("code", {"README.md": "new\n"}),
        ("docker", {".gitlab-ci.yml": "new\n"}),
        ("manifest", {".copier-answers.yml": "new\n"}),
        ("manifest", {"docs/alerts.md": "new\n"}),
    ],
    ids=["nothing", "a README", "CI", "the version of its blueprint", "docs"],
)
def test_what_changes_no_release_moves_no_pin(world: World, part: str, files: Texts) -> None:
    """A fleet is not rebuilt and deployed again for it, and no soak starts anew."""
    before = [world.pin(place) for place in ("docker", "manifest", "dev")]
    world.commit(part, files)

    assert world.settle().quiet
    assert before == [world.pin(place) for place in ("docker", "manifest", "dev")]


def test_the_next_release_brings_what_moved_no_pin(world: World) -> None:
    """The pin names the newest commit, whatever was on the way."""
    world.commit("manifest", {"README.md": "new\n"})
    newest = world.commit("manifest", {"base/more.yaml": "a: 1\n"})
    world.settle()

    assert newest == world.pin("dev")


def test_an_older_one_never_overtakes_a_newer_one(world: World) -> None:
    """A bot that looked long ago finds a newer pin, and leaves it."""
    stale = world.chain()
    world.commit("code", {"app.py": "two\n"})
    stale.repo("code")
    world.commit("code", {"app.py": "three\n"})
    world.settle()
    newest = world.pin("docker")

    verdict = world.judge().verdict(stale, world.edge("docker"))

    assert (newest, Why.CURRENT) == (world.pin("docker"), verdict.why)


@pytest.mark.parametrize("part", ["code", "docker", "manifest"])
def test_a_force_pushed_upstream_moves_nothing(world: World, part: str) -> None:
    """What is pinned is not in its history any more: the bot says `diverged`."""
    place = {"code": "docker", "docker": "manifest", "manifest": "dev"}[part]
    first = str(world.commits(part)[-1].id)
    world.commit(part, {"Dockerfile": "FROM y\n", "app.py": "two\n", "base/a.yaml": "a\n"})
    world.settle()
    before = world.pin(place)
    world.commit(part, {"other": "line\n"}, on=first)

    report = world.run()

    assert (Why.DIVERGED, before) == (event(report, place).verdict.why, world.pin(place))


def test_an_upstream_that_was_reset_moves_nothing(world: World) -> None:
    """Main went back to an older commit: what is pinned is not there, whatever comes next."""
    first = world.head("code")
    world.commit("code", {"app.py": "two\n"})
    world.settle()
    before = world.pin("docker")
    world.commit("code", {}, on=first)
    repo = world.repo("code")
    repo.references.create("refs/heads/main", first, force=True)

    assert Why.DIVERGED == event(world.run(), "docker").verdict.why
    assert before == world.pin("docker")


def test_a_pin_of_a_commit_that_is_not_there(world: World) -> None:
    """Somebody wrote one that upstream never had."""
    path, there = "upstream.yml", world.pin("docker") or ""
    world.commit("docker", {path: world.text("docker", path).replace(there, "1" * 40)})

    assert Why.DIVERGED == event(world.run(), "docker").verdict.why
    assert "1" * 40 == world.pin("docker")


def test_an_environment_that_the_repo_does_not_have_yet(world: World) -> None:
    """It comes with an upgrade; a pin alone would be half of one."""
    world.settings = {"environments": [*AUTOMATIC, {"name": "qa", "promotion": "automatic"}]}

    report = world.run()

    assert Why.ABSENT == event(report, "qa").verdict.why
    tree = world.commits("env")[0].tree
    assert "environments/dev" in tree
    assert "environments/qa" not in tree


def test_a_repo_that_only_a_newer_blueprint_has(world: World) -> None:
    """A service that was made before goes on without it."""
    world.commit("code", {"app.py": "two\n"})
    bot = world.bot()
    entry = world.entry()
    old = entry.model_copy(update={"repos": {k: v for k, v in entry.repos.items() if k != "env"}})
    report = type(bot)(bot.platform, (old,), bot.forge, bot.author).run_pass(world.now)

    assert () == report.failures
    assert ["docker", "manifest"] == [one.verdict.edge.place for one in report.moved]


def test_only_the_named_services_are_looked_at(tmp_path_factory: pytest.TempPathFactory) -> None:
    """A webhook is about one of them; naming none is not naming all."""
    world = make_world(tmp_path_factory.mktemp("two"), "shop", "cart")

    def looked_at(*names: str) -> set[str]:
        report = world.bot().run_pass(world.now, frozenset(names))
        return {one.service for one in report.events}

    assert {"cart"} == looked_at("cart")
    assert set() == looked_at()
    assert {"shop", "cart"} == {one.service for one in world.run().events}

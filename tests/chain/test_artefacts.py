"""What a commit amounts to: docs and CI files make no new artefact, all else does."""

import pytest

from tests.chain.world import Texts, World


def same(world: World, part: str, files: Texts) -> bool:
    """Whether a commit with these files amounts to the same as the one before it."""
    before = world.head(part)
    after = world.commit(part, files)
    chain = world.chain()
    return chain.artefact(part, before) == chain.artefact(part, after)


@pytest.mark.parametrize(
    "path",
    ["README.md", "CHANGELOG.rst", "docs/index.html", "docs/img/a.png", "src/notes.md",
     ".gitlab-ci.yml", ".github/workflows/ci.yml", ".gitlab/CODEOWNERS", ".gitignore",
     ".copier-answers.yml", ".copier-answers.python-service.yml"],
)  # fmt: skip
@pytest.mark.parametrize("part", ["code", "docker", "manifest"])
def test_docs_and_ci_make_no_new_artefact(world: World, part: str, path: str) -> None:
    """A README fix, or a blueprint upgrade that touches the pipeline alone."""
    assert same(world, part, {path: "new\n"})


@pytest.mark.parametrize(
    ("part", "path"),
    [
        ("code", "app.py"), ("code", "src/docs/a.py"), ("code", "data/.gitignore"),
        ("docker", "Dockerfile"), ("docker", ".scaffold.yml"),
        ("manifest", "base/kustomization.yaml"), ("manifest", "base/new/deployment.yaml"),
    ],
)  # fmt: skip
def test_what_runs_makes_a_new_artefact(world: World, part: str, path: str) -> None:
    """Whatever may get into the image or onto the cluster."""
    assert not same(world, part, {path: "new\n"})


@pytest.mark.parametrize(
    ("patterns", "path", "released"),
    [
        ((), "site/index.html", True),
        (("/site/",), "site/index.html", False),
        (("/site/",), "README.md", False),
        (("!README.md",), "README.md", True),
        (("!/docs/",), "docs/schema.json", True),
        (("*.txt", "!keep.txt"), "keep.txt", True),
    ],
)
def test_a_repo_has_patterns_of_its_own(
    world: World, patterns: tuple[str, ...], path: str, released: bool
) -> None:
    """Blueprint.yml adds to the rule, and takes back from it."""
    world.rule("code", patterns)

    assert released != same(world, "code", {path: "new\n"})


def test_a_removed_file_makes_a_new_artefact(world: World) -> None:
    """As an added one does."""
    assert not same(world, "code", {"app.py": None})


def test_only_base_of_a_manifest_repo_is_rendered(world: World) -> None:
    """Nothing else there gets into an environment."""
    assert same(world, "manifest", {"scripts/lint": "new\n"})


@pytest.mark.parametrize("part", ["docker", "manifest"])
def test_what_is_pinned_counts(world: World, part: str) -> None:
    """Another code is another image is another release."""
    before = world.head(part)
    world.commit("code", {"app.py": "two\n"})
    world.settle()
    chain = world.chain()

    assert before != world.head(part)
    assert chain.artefact(part, before) != chain.artefact(part, world.head(part))


@pytest.mark.parametrize("part", ["docker", "manifest"])
def test_a_pin_of_what_amounts_to_the_same_makes_no_new_artefact(world: World, part: str) -> None:
    """A person pinned a README commit, which changes nothing that runs."""
    before, above = world.head(part), {"docker": "code", "manifest": "docker"}[part]
    readme, pinned = world.commit(above, {"README.md": "# new\n"}), world.pin(part) or ""
    text = world.text(*world.where(part))
    mine = text.replace(pinned, readme).replace(pinned[:12], readme[:12])
    world.commit(part, {world.where(part)[1]: mine})
    chain = world.chain()

    assert before != world.head(part)
    assert chain.artefact(part, before) == chain.artefact(part, world.head(part))


def test_a_change_and_its_revert_amount_to_the_same(world: World) -> None:
    """An artefact is what is there, not how it came there."""
    before = world.head("code")
    world.commit("code", {"app.py": "two\n"})
    after = world.commit("code", {"app.py": "one\n"})
    chain = world.chain()

    assert chain.artefact("code", before) == chain.artefact("code", after)


def test_a_commit_that_is_gone_amounts_to_itself(world: World) -> None:
    """It is no other's artefact."""
    chain = world.chain()

    assert chain.artefact("code", "1" * 40) != chain.artefact("code", "2" * 40)

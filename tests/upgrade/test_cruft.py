"""A repo that cruft made from a cookiecutter template is adopted with what cruft recorded."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.builders import Files, commit_files, git
from tests.service.run import Done, scaffold

PLACE = "{{cookiecutter.slug}}"
README = "# {{ cookiecutter.slug }} by {{ cookiecutter.owner }}\n\nFirst.\n\nMiddle.\n\nLast.\n"
FILES: Files = {
    "cookiecutter.json": '{"slug": "my-shop", "owner": "Jane", "license": ["MIT", "BSD"]}',
    f"{PLACE}/README.md": README,
    f"{PLACE}/LICENSE": "{{ cookiecutter.license }}\n",
}
HOOK = {"hooks/post_gen_project.py": "open('made.txt', 'w').write('{{ cookiecutter.slug }}\\n')\n"}


@dataclass
class Cruft:
    """A folder with a cookiecutter template, a repo of it, and the blueprint that it becomes."""

    root: Path

    @property
    def template(self) -> Path:
        """The cookiecutter template."""
        return self.root / "template"

    @property
    def repo(self) -> Path:
        """What cruft made of it."""
        return self.root / "cart"

    @property
    def blueprint(self) -> Path:
        """The imported template."""
        return self.root / "shop"

    def write(self, files: Files, message: str = "Change") -> str:
        """Make a commit of the template."""
        return commit_files(self.template, files, message=message)

    def create(self, **answers: str) -> None:
        """Run cruft for real, and commit."""
        home = self.root / "home"
        home.mkdir()
        subprocess.run(
            [sys.executable, "-m", "cruft", "create", str(self.template), "--no-input",
             "--extra-context", json.dumps({"slug": "cart", **answers})],
            cwd=self.root, check=True, capture_output=True, env={**os.environ, "HOME": str(home)},
        )  # fmt: skip
        git("init", "-q", "-b", "main", cwd=self.repo)
        self.edit("README.md", "First.", "First.")

    def edit(self, path: str, old: str, new: str) -> None:
        """Change a text of the repo, and commit that."""
        file = self.repo / path
        assert 1 == file.read_text().count(old)
        file.write_text(file.read_text().replace(old, new))
        git("add", "-A", cwd=self.repo)
        git("commit", "-q", "--allow-empty", "-m", "Edit", cwd=self.repo)

    def take_in(self, tag: str = "v1.0.0") -> None:
        """Import the template, and release that."""
        done = scaffold("blueprint", "import", str(self.template), "shop", cwd=self.root)
        assert 0 == done.returncode, done.stderr
        git("tag", tag, cwd=self.blueprint)

    def release(self, tag: str, path: str, old: str, new: str) -> None:
        """Change a file of the blueprint, and release that."""
        file = self.blueprint / "code" / path
        assert 1 == file.read_text().count(old)
        file.write_text(file.read_text().replace(old, new))
        git("commit", "-qam", f"Release {tag}", cwd=self.blueprint)
        git("tag", tag, cwd=self.blueprint)

    def adopt(self, *words: str, status: int = 0) -> Done:
        """Adopt the repo, with its service named."""
        done = scaffold(
            "adopt", str(self.repo), "--blueprint", str(self.blueprint), "--data", "service=cart",
            "--defaults", *words, cwd=self.root,
        )  # fmt: skip
        assert status == done.returncode, done.stdout + done.stderr
        return done

    def branch(self) -> dict[str, str]:
        """The files on the branch."""
        names = git("ls-tree", "-r", "--name-only", "scaffold/shop", cwd=self.repo).splitlines()
        return {name: git("show", f"scaffold/shop:{name}", cwd=self.repo) for name in names}

    def recorded(self) -> dict[str, Any]:
        """What the answers file on the branch has."""
        found: dict[str, Any] = yaml.safe_load(self.branch()[".copier-answers.yml"])
        return found


@pytest.fixture
def cruft(tmp_path: Path) -> Cruft:
    """A template, and a repo with answers of its own that its owner has changed."""
    case = Cruft(tmp_path)
    case.write(FILES)
    case.create(license="BSD", owner="Ann")
    case.edit("README.md", "First.", "Mine.")
    return case


def test_only_what_records_it_changes(cruft: Cruft) -> None:
    """The owner's change is no conflict, and cruft's file gives way to the answers file."""
    cruft.take_in()
    done = cruft.adopt()

    files = cruft.branch()
    assert "# cart by Ann\n\nMine.\n\nMiddle.\n\nLast." == files["README.md"]
    assert {".copier-answers.yml", ".scaffold.yml", "LICENSE", "README.md"} == files.keys()
    assert [
        "removed              .cruft.json",
        "added                .scaffold.yml",
    ] == done.stdout.partition("\n\n")[0].splitlines()


def test_its_answers_are_those_that_cruft_recorded(cruft: Cruft) -> None:
    """By copier's names; none of them is assumed."""
    cruft.take_in()
    done = cruft.adopt()

    assert {
        "_commit": "v1.0.0", "_src_path": str(cruft.blueprint), "slug": "cart",
        "project_owner": "Ann", "license": "BSD", "service": "cart", "owner": "platform",
        "repo": "code",
    } == cruft.recorded()  # fmt: skip
    assumed = done.stdout.partition("Assumed")[2].partition("\n\n")[0].splitlines()[1:]
    assert ["owner", "repo"] == [line.split()[0] for line in assumed]


def test_what_is_said_counts_more(cruft: Cruft) -> None:
    """As where a repo was made by hand."""
    cruft.take_in()
    cruft.adopt("--data", "license=MIT")

    assert ("MIT", "MIT") == (cruft.recorded()["license"], cruft.branch()["LICENSE"])


def test_it_starts_at_the_first_release_with_its_commit(cruft: Cruft) -> None:
    """The newer one is an upgrade's, which keeps what the owner changed."""
    git("tag", "v0.9.0", cwd=cruft.template)
    cruft.take_in()
    cruft.release("v1.1.0", "README.md.jinja", "Last.", "The end.")
    cruft.adopt()
    assert "v1.0.0" == cruft.recorded()["_commit"]

    git("merge", "-q", "scaffold/shop", cwd=cruft.repo)
    done = scaffold("upgrade", "--repo", str(cruft.repo), cwd=cruft.root)
    assert 0 == done.returncode, done.stdout + done.stderr
    assert "v1.1.0" == cruft.recorded()["_commit"]
    assert "# cart by Ann\n\nMine.\n\nMiddle.\n\nThe end." == cruft.branch()["README.md"]


def test_what_the_template_got_since_comes_along(cruft: Cruft) -> None:
    """What it renders now is merged over what it rendered then."""
    cruft.write({**FILES, f"{PLACE}/README.md": README.replace("Last.", "The end.")})
    cruft.take_in()
    cruft.adopt()

    assert "# cart by Ann\n\nMine.\n\nMiddle.\n\nThe end." == cruft.branch()["README.md"]


def test_what_both_changed_is_a_conflict(cruft: Cruft) -> None:
    """With what it was in between."""
    cruft.write({**FILES, f"{PLACE}/README.md": README.replace("First.", "Theirs.")})
    commit = git("rev-parse", "HEAD^", cwd=cruft.template)
    cruft.take_in()
    cruft.adopt(status=1)

    assert f"""\
# cart by Ann

<<<<<<< yours: main
Mine.
||||||| shop {commit[:12]}
First.
=======
Theirs.
>>>>>>> shop v1.0.0

Middle.

Last.""" == cruft.branch()["README.md"]


def test_a_named_version_is_taken(cruft: Cruft) -> None:
    """On a platform, by NAME@VERSION."""
    assert 0 == scaffold("init", "acme", "--defaults", cwd=cruft.root).returncode
    cruft.take_in()
    cruft.release("v1.1.0", "README.md.jinja", "Last.", "The end.")
    bare = cruft.root / "acme/forge/blueprints/shop.git"
    git("clone", "-q", "--bare", str(cruft.blueprint), str(bare), cwd=cruft.root)
    settings = cruft.root / "acme/platform/platform.yml"
    model = yaml.safe_load(settings.read_text())
    model["blueprints"].append({"name": "shop", "url": f"file://{bare}"})
    settings.write_text(yaml.safe_dump(model))
    git("commit", "-qam", "Name it", cwd=settings.parent)
    git("push", "-q", cwd=settings.parent)

    home = ("--platform", "acme/platform")
    cruft.adopt("--blueprint", "shop@v1.1.0", *home)
    assert "v1.1.0" == cruft.recorded()["_commit"]


def test_hooks_run_on_both_sides(tmp_path: Path) -> None:
    """So what a hook makes is not added a second time; without trust nothing is done."""
    cruft = Cruft(tmp_path)
    cruft.write({**FILES, **HOOK})
    cruft.create()
    cruft.edit("made.txt", "cart", "mine")
    cruft.take_in()

    refused = cruft.adopt(status=1)
    assert "the template wants to run a command" in refused.stderr
    assert "Give --trust" in refused.stderr
    cruft.adopt("--trust")
    assert "mine" == cruft.branch()["made.txt"]


def test_what_a_hook_makes_by_chance(tmp_path: Path) -> None:
    """It conflicts, as the import said; with `_skip_if_exists`, as that said, it is the owner's."""
    cruft = Cruft(tmp_path)
    by_chance = "import uuid\nopen('made.txt', 'w').write(str(uuid.uuid4()))\n"
    cruft.write({**FILES, "hooks/post_gen_project.py": by_chance})
    cruft.create()
    cruft.take_in()

    told = cruft.adopt("--trust", status=1).stdout
    assert "conflict             made.txt: both sides changed the same lines" in told
    settings = cruft.blueprint / "copier.yml"
    settings.write_text(f"_skip_if_exists: [made.txt]\n{settings.read_text()}")
    git("commit", "-qam", "Make it once", cwd=cruft.blueprint)
    git("tag", "-f", "v1.0.0", cwd=cruft.blueprint)
    cruft.adopt("--trust")
    assert (cruft.repo / "made.txt").read_text() == cruft.branch()["made.txt"]


def test_a_template_in_a_folder(tmp_path: Path) -> None:
    """Its folder is a repo of its own now, with the whole history."""
    cruft = Cruft(tmp_path)
    commit = cruft.write({f"one/{path}": text for path, text in FILES.items()})
    cruft.write(FILES)
    cruft.create()
    record = cruft.repo / ".cruft.json"
    now = git("rev-parse", "HEAD", cwd=cruft.template)
    text = record.read_text().replace(now, commit)
    record.write_text(text.replace('"directory": null', '"directory": "one"'))
    cruft.edit("README.md", "First.", "Mine.")
    cruft.take_in()
    cruft.adopt()

    assert "# cart by Jane\n\nMine.\n\nMiddle.\n\nLast." == cruft.branch()["README.md"]


def test_another_blueprint_starts_from_nothing(cruft: Cruft) -> None:
    """One that does not have the commit; then what differs is a conflict."""
    other = Cruft(cruft.root / "other")
    other.write({**FILES, "README.md": "Another.\n"})
    other.take_in()
    git("clone", "-q", str(other.blueprint), "shop", cwd=cruft.root)

    told = cruft.adopt(status=1).stdout
    assert "conflict             README.md: both sides added it" in told


def test_no_release_has_the_commit(cruft: Cruft) -> None:
    """It was made of something newer than the blueprint."""
    cruft.take_in()
    before = git("rev-parse", "HEAD", cwd=cruft.template)
    commit = cruft.write({**FILES, "NEWS": "x\n"})
    git("fetch", "-q", "upstream", "main:newer", cwd=cruft.blueprint)
    record = cruft.repo / ".cruft.json"
    record.write_text(record.read_text().replace(before, commit))
    git("commit", "-qam", "Edit", cwd=cruft.repo)

    done = cruft.adopt(status=1)
    assert f"names commit {commit[:12]}, which no release of {cruft.blueprint} has" in done.stderr
    assert "Merge it into the blueprint, and release that." in done.stderr


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "is not cruft's: Invalid JSON"),
        ('{"context": {"cookiecutter": {}}}', "is not cruft's: `commit`: Field required"),
        ('{"commit": "main", "context": {"cookiecutter": {}}}', "is not cruft's: `commit`: String"),
    ],
)
def test_a_wrong_record_is_refused(cruft: Cruft, text: str, said: str) -> None:
    """With the file's name, and what to do."""
    cruft.take_in()
    (cruft.repo / ".cruft.json").write_text(text)
    git("commit", "-qam", "Break", cwd=cruft.repo)

    done = cruft.adopt(status=1)
    assert f".cruft.json: {said}" in done.stderr
    assert "remove it to adopt the repo as one that was made by hand" in done.stderr

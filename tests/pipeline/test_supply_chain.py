"""What `scaffold pipeline image` does with a pushed image: it is listed, scanned and signed.

syft, grype and cosign are stand-ins that note how they are called: they are large Go programs, and
grype's database is on the network. So are buildah and skopeo here, since nothing is built. What the
real ones take was tried by hand; docs/explanation/not-yet-run.md says what, and what was not.
"""

import json
import os
from pathlib import Path
from typing import Any

import pytest
import yaml

from scaffold.errors import (
    ConfigError,
    FindingsError,
    ProcessFailedError,
    ToolMissingError,
    UsageError,
)
from scaffold.pipeline.image import Image, make_image
from tests.builders import git
from tests.pipeline.test_findings import BAD, LINES

DIGEST = f"sha256:{'ab' * 32}"
KEY = "-----BEGIN ENCRYPTED SIGSTORE PRIVATE KEY-----\nof nobody"  # a stand-in writes it down
PROGRAMS = ("buildah", "cosign", "grype", "skopeo", "syft")
STAND_IN = """\
#!/bin/sh
echo "$(basename "$0") $*" >> "{folder}/calls"
env > "{folder}/$(basename "$0").env"
case "$(basename "$0") $*" in
    skopeo*) cat "{folder}/there" 2> /dev/null || exit 1 ;;
    *--digestfile=*) printf %s {digest} > "${{2#*=}}" ;;
    grype*) cat "{folder}/report" ;;
esac
[ ! -e "{folder}/fails-$(basename "$0")" ]
"""


class Stage:
    """An app repo, and programs that note how they are called."""

    def __init__(self, root: Path) -> None:
        self.root, self.app, self.programs = root, root / "app", root / "bin"
        self.programs.mkdir()
        for name in PROGRAMS:
            (self.programs / name).write_text(STAND_IN.format(folder=root, digest=DIGEST))
            (self.programs / name).chmod(0o755)
        self.app.mkdir()
        (self.app / "Dockerfile").write_text("FROM scratch\n")
        git("init", "--quiet", cwd=self.app)
        self.report()

    def report(self, *matches: dict[str, Any]) -> None:
        """What grype finds."""
        (self.root / "report").write_text(json.dumps({"matches": matches}))

    def make(self, *, push: bool = True, accepted: str = "", **settings: str) -> Image:
        """Commit the settings, and run the step."""
        about = {
            "service": "shop",
            "owner": "a",
            "repo": "app",
            "kubernetes": "1.34",
            "code": "here",
        }
        text = {**about, "image": "registry.example.com/shop", "supply_chain": settings}
        (self.app / ".scaffold.yml").write_text(yaml.safe_dump(text))
        if accepted:
            (self.app / "accepted-findings.yml").write_text(accepted)
        git("add", ".", cwd=self.app)
        git("commit", "--quiet", "--allow-empty", "--message=A commit", cwd=self.app)
        return make_image(self.app, push=push)

    @property
    def calls(self) -> list[str]:
        """Program and first word that is no option, in order."""
        words = ([w for w in line.split() if not w.startswith("--")] for line in self.lines)
        return [f"{word[0]} {word[1].partition(':')[0]}" for word in words]

    @property
    def lines(self) -> list[str]:
        """The whole calls."""
        file = self.root / "calls"
        return file.read_text().splitlines() if file.exists() else []


@pytest.fixture
def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Stage:
    """An app repo; the programs come before those of this machine."""
    made = Stage(tmp_path)
    monkeypatch.setenv("PATH", f"{made.programs}{os.pathsep}{os.environ['PATH']}")
    for name in ("SIGSTORE_ID_TOKEN", "ACTIONS_ID_TOKEN_REQUEST_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COSIGN_PRIVATE_KEY", KEY)
    monkeypatch.setenv("SCAFFOLD_BUILDER", "buildah")
    return made


IMAGE = f"registry.example.com/shop@{DIGEST}"
BUILT = ["skopeo inspect", "buildah build", "buildah push"]


def test_in_this_order(stage: Stage) -> None:
    """What is signed is what the registry has, by its digest, once its scan has passed."""
    done = stage.make(signature="key")

    assert [*BUILT, "syft scan", "grype sbom", "cosign attest", "cosign sign"] == stage.calls
    _, _, _, syft, grype, attest, sign = stage.lines
    assert f"registry:{IMAGE}" in syft
    assert grype.partition("sbom:")[2].split()[0] in syft
    assert attest.endswith(f" {IMAGE}")
    assert "--type=spdxjson" in attest
    assert attest.partition("--predicate=")[2].split()[0] in syft
    assert sign.endswith(f" {IMAGE}")
    assert "--key=env://COSIGN_PRIVATE_KEY --signing-config=" in sign
    assert done.examined
    assert ((), "key") == (done.examined.notes, done.examined.signature)


def test_only_cosign_has_the_key(stage: Stage) -> None:
    """No program beside it has any business with it."""
    stage.make(signature="key")

    has = [
        name
        for name in PROGRAMS
        if "COSIGN_PRIVATE_KEY" in (stage.root / f"{name}.env").read_text()
    ]
    assert ["cosign"] == has


def test_a_key_in_a_file(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """GitLab gives a variable of the type file: the variable has its path."""
    monkeypatch.setenv("COSIGN_PRIVATE_KEY", "/builds/key")
    stage.make(signature="key")

    assert "--key=/builds/key " in stage.lines[-1]


@pytest.mark.parametrize("token", ["SIGSTORE_ID_TOKEN", "ACTIONS_ID_TOKEN_REQUEST_TOKEN"])
def test_without_a_key(stage: Stage, monkeypatch: pytest.MonkeyPatch, token: str) -> None:
    """The token of the job, which GitLab or GitHub gives it, gets to cosign."""
    monkeypatch.setenv(token, "a token")
    stage.make(signature="keyless")

    assert f"cosign sign --yes {IMAGE}" == stage.lines[-1]
    assert f"{token}=a token" in (stage.root / "cosign.env").read_text()


def test_a_scan_alone(stage: Stage) -> None:
    """Then cosign need not be there."""
    (stage.programs / "cosign").unlink()
    done = stage.make(fails_at="critical")

    assert "grype sbom" == stage.calls[-1]
    assert done.examined
    assert "none" == done.examined.signature


def test_a_scan_that_fails(stage: Stage) -> None:
    """The step ends with it, so the status that pins wait for is red; nothing is signed."""
    stage.report(BAD)
    with pytest.raises(FindingsError) as caught:
        stage.make(signature="key")

    assert "the scan finds what is `high` or worse" == caught.value.what
    assert IMAGE == caught.value.where
    assert (LINES["bad"],) == tuple(caught.value.details)
    assert "cosign" not in " ".join(stage.calls)


def test_it_is_scanned_again_where_the_registry_has_it(stage: Stage) -> None:
    """A job that is run again after a scan that failed must not be green for that."""
    (stage.root / "there").write_text(DIGEST)
    stage.report(BAD)
    with pytest.raises(FindingsError):
        stage.make()

    assert ["skopeo inspect", "syft scan"] == stage.calls[:2]


def test_the_owner_accepts_what_is_found(stage: Stage) -> None:
    """The file lies beside the Dockerfile; what is accepted is told each time."""
    stage.report(BAD)
    entry = "{id: CVE-2, reason: Nothing is unpacked., until: 2999-01-01}"
    done = stage.make(accepted=f"accepted:\n- {entry}\n")

    assert done.examined
    assert (f"accepted until 2999-01-01: {LINES['bad']}",) == done.examined.notes


def test_what_is_accepted_must_be_committed(stage: Stage) -> None:
    """The tag is derived from commits: the same one must always stand for the same decision."""
    stage.make()
    (stage.app / "accepted-findings.yml").write_text("accepted: []\n")

    with pytest.raises(UsageError, match="differs from what HEAD has"):
        make_image(stage.app, push=True)


@pytest.mark.parametrize("push", [True, False])
def test_what_is_accepted_can_not_be_read(stage: Stage, push: bool) -> None:
    """It is said before anything is built, in a merge request, too."""
    with pytest.raises(ConfigError, match="is missing; add `reason:`"):
        stage.make(push=push, accepted="accepted:\n- {id: CVE-2, until: 2027-01-31}\n")

    assert [] == stage.lines


def test_what_is_not_pushed_is_not_scanned(stage: Stage) -> None:
    """A merge request has no image in the registry, and no key."""
    done = stage.make(push=False, signature="key")

    assert ["buildah build"] == stage.calls
    assert done.examined is None


@pytest.mark.parametrize("program", ["syft", "grype", "cosign"])
def test_a_program_that_fails(stage: Stage, program: str) -> None:
    """The step fails, and says where the image is."""
    (stage.root / f"fails-{program}").touch()
    with pytest.raises(
        ProcessFailedError, match=f"`{program} (scan|sbom|attest)` ended with status 1"
    ) as caught:
        stage.make(signature="key")

    assert caught.value.hint.startswith("The image is in the registry, and not signed.")


@pytest.mark.parametrize("program", ["syft", "grype", "cosign"])
def test_a_program_that_is_missing(
    stage: Stage, program: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is said before anything is built, with how to get it."""
    (stage.programs / program).unlink()
    monkeypatch.setenv("PATH", f"{stage.programs}{os.pathsep}/usr/bin{os.pathsep}/bin")
    with pytest.raises(ToolMissingError, match=f"the program `{program}` is not installed"):
        stage.make(signature="key")

    assert [] == stage.lines


@pytest.mark.parametrize(
    ("signature", "what"),
    [
        ("key", "the variable COSIGN_PRIVATE_KEY is not set, and `signature` is `key`"),
        ("keyless", "the job has no identity to sign by, and `signature` is `keyless`"),
    ],
)
def test_nothing_to_sign_by(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, signature: str, what: str
) -> None:
    """It is said before anything is built."""
    monkeypatch.delenv("COSIGN_PRIVATE_KEY")
    with pytest.raises(UsageError) as caught:
        stage.make(signature=signature)

    assert what == caught.value.what
    assert [] == stage.lines

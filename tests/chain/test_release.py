"""A release: a file an object, and a pin that tells what it was made from."""

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from scaffold.chain.pins import Upstream
from scaffold.chain.release import (
    Release,
    empty_release,
    is_release,
    read_release,
    write_release,
)
from scaffold.checks.release import edited
from scaffold.errors import ConfigError

COMMITS = st.text("0123456789abcdef", min_size=40, max_size=40)
SOURCES = (
    Upstream("manifest", "file:///forge/a-manifest.git", "a" * 40),
    Upstream("code", "file:///forge/a-code.git", "1234567890" * 4),
)
RELEASE = Release(SOURCES, "registry/a:1", "kustomize v5.7.1")
CONFIG = "apiVersion: v1\ndata:\n  text: |\n    one\n    ---\n    two\nkind: ConfigMap\n"
OBJECTS = f"""\
{CONFIG}metadata:
  name: settings
---
apiVersion: v1
kind: Service
metadata:
  name: shop
"""


def pin(files: dict[str, bytes]) -> str:
    """The pin of a release."""
    return files["release.yml"].decode()


@given(COMMITS, COMMITS)
def test_what_was_written_is_read_back(one: str, other: str) -> None:
    """Whatever the commit ids look like."""
    release = Release((Upstream("manifest", "u", one), Upstream("code", "v", other)), "a:1", "k")

    assert release == read_release(pin(write_release(release, OBJECTS)), source="x")


def test_each_object_has_a_file_of_its_own() -> None:
    """As kustomize wrote it; a line in a text that looks like a separator is none."""
    files = write_release(RELEASE, OBJECTS)

    assert [
        "release.yml", "configmap-settings.yaml", "service-shop.yaml", "kustomization.yaml",
    ] == list(files)  # fmt: skip
    assert f"{CONFIG}metadata:\n  name: settings\n".encode() == files["configmap-settings.yaml"]
    listed = yaml.safe_load(files["kustomization.yaml"])["resources"]
    assert ["configmap-settings.yaml", "service-shop.yaml"] == listed


def test_the_order_of_the_objects_does_not_matter() -> None:
    """Or a release that changes nothing would have a difference."""
    first, second = OBJECTS.split("---\napiVersion")
    turned = f"apiVersion{second}---\n{first}"

    assert write_release(RELEASE, OBJECTS) == write_release(RELEASE, turned)


def test_objects_of_one_name_are_told_apart() -> None:
    """Two groups may have one kind, and two namespaces one name."""
    role = "apiVersion: {}\nkind: Role\nmetadata: {{name: a, namespace: {}}}\n"
    objects = "---\n".join(
        [role.format("v1", "one"), role.format("v1", "two"), role.format("other/v1", "one")]
    )

    names = [name for name in write_release(RELEASE, objects) if name.startswith("role-a-")]

    assert 3 == len(set(names))


def test_a_name_that_is_no_file_name() -> None:
    """Kubernetes takes colons in the names of roles."""
    text = "apiVersion: v1\nkind: ClusterRole\nmetadata: {name: 'system:Shop/x'}\n"

    assert "clusterrole-system-shop-x.yaml" in write_release(RELEASE, text)


def test_nothing_promoted_yet() -> None:
    """It names no commit, and builds to nothing."""
    files = empty_release()

    assert read_release(pin(files), source="x") is None
    assert [] == yaml.safe_load(files["kustomization.yaml"])["resources"]
    assert [] == edited(files, source="x")


@pytest.mark.parametrize("text", ["a: 1\n", "- a\n", "kind: A\nmetadata: {name: 1}\n"])
def test_what_is_no_object_is_refused(text: str) -> None:
    """No file could be named after it."""
    with pytest.raises(ConfigError, match="is no Kubernetes object"):
        write_release(RELEASE, text)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("a" * 40, "b" * 40),
        ("registry/a:1", "registry/a:2"),
        ("release.yml", ""),
        ('"settings', '"other'),
        ("digest: ", "told: "),
    ],
    ids=["the commit", "the image", "all of it", "a file", "the digest"],
)
def test_a_pin_that_somebody_edited_is_malformed(old: str, new: str) -> None:
    """Whoever goes back by editing the pin alone is told, and not overwritten."""
    text = pin(write_release(RELEASE, OBJECTS))
    mine = text.replace(old, new) if old in text else ""

    with pytest.raises(ConfigError) as caught:
        read_release(mine or "from: []\n", source="x")
    assert "x" == caught.value.where.partition(":")[0]


def test_what_somebody_edited_is_named() -> None:
    """File by file."""
    files = write_release(RELEASE, OBJECTS)
    assert [] == edited(files, source="x")
    files["service-shop.yaml"] += b"# mine\n"
    files["mine.yaml"] = files.pop("configmap-settings.yaml")

    assert [
        "configmap-settings.yaml was removed",
        "mine.yaml was added",
        "service-shop.yaml was edited",
    ] == edited(files, source="x")


def test_which_path_is_the_pin() -> None:
    """One in each environment."""
    assert is_release("environments/dev/release/release.yml")
    assert not is_release("environments/dev/release/kustomization.yaml")
    assert not is_release("environments/dev/releaseXyml")

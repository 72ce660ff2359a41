"""Pins: what scaffold writes it can read back, whatever the commit id looks like."""

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from scaffold.chain.pins import (
    Upstream,
    image_tag,
    read_release,
    read_upstream,
    write_empty_release,
    write_image,
    write_release,
    write_release_image,
    write_upstream,
)
from scaffold.errors import ConfigError

COMMITS = st.text("0123456789abcdef", min_size=40, max_size=40)
DIGITS = "1234567890" * 4


@given(COMMITS)
def test_a_release_pin_reads_back(commit: str) -> None:
    """What was pinned is what is read, for every commit id."""
    upstream = Upstream("manifest", "file:///forge/a-manifest.git", commit)

    assert read_release(write_release(upstream).decode(), source="x") == upstream


@given(COMMITS)
def test_an_upstream_pin_reads_back(commit: str) -> None:
    """What was pinned is what is read, for every commit id."""
    upstream = Upstream("code", "file:///forge/a-code.git", commit)

    assert read_upstream(write_upstream(upstream).decode()) == upstream


@pytest.mark.parametrize("commit", [DIGITS, "12e34567" + "0" * 32])
def test_a_commit_id_that_looks_like_a_number_is_quoted(commit: str) -> None:
    """An id of digits, or in the form of a float, stays a string in any YAML reader."""
    text = write_upstream(Upstream("code", "u", commit)).decode()

    assert f'commit: "{commit}"' in text


def test_an_unquoted_commit_id_is_refused() -> None:
    """A number where an id belongs is an error, never silently turned into text."""
    with pytest.raises(ConfigError, match="not a quoted commit id"):
        read_upstream(f"code: {{url: u, commit: {DIGITS}}}")


def test_the_image_is_set_by_a_component() -> None:
    """The derived tag is the first twelve digits of the code commit and of the docker commit."""
    tag = image_tag("a" * 40, "b" * 40)
    pin = write_image(Upstream("docker", "u", "b" * 40), image="registry/a", tag=tag)

    assert yaml.safe_load(pin)["images"] == [
        {"name": "app", "newName": "registry/a", "newTag": "aaaaaaaaaaaa-bbbbbbbbbbbb"}
    ]


@given(COMMITS)
def test_a_release_of_an_image_alone_reads_back(commit: str) -> None:
    """What was pinned is what is read, for every commit id."""
    upstream = Upstream("app", "file:///forge/a-app.git", commit)
    pin = write_release_image(upstream, image="registry/a", tag=image_tag(commit))

    assert upstream == read_release(pin.decode(), source="x")


def test_an_image_alone_goes_over_the_base_beside_it() -> None:
    """The environment builds from its own repo's base, with the tag of the one commit."""
    tag = image_tag("c" * 40)
    pin = write_release_image(Upstream("app", "u", "c" * 40), image="registry/a", tag=tag)

    data = yaml.safe_load(pin)
    assert ["../../../base"] == data["resources"]
    assert [{"name": "app", "newName": "registry/a", "newTag": "cccccccccccc"}] == data["images"]


@pytest.mark.parametrize(
    "changed", [f"newTag: {'d' * 12}", "newTag: latest"], ids=["another tag", "no tag of ours"]
)
def test_an_image_that_disagrees_is_malformed(changed: str) -> None:
    """Somebody who went back by editing the tag alone is told, and not overwritten."""
    pin = write_release_image(Upstream("app", "u", "c" * 40), image="a", tag="cccccccccccc")
    text = pin.decode().replace('newTag: "cccccccccccc"', changed)

    with pytest.raises(ConfigError, match="its annotations name cccccccccccc"):
        read_release(text, source="x")


def test_a_base_beside_it_without_an_image_is_malformed() -> None:
    """It would run whatever the placeholder `app` resolves to."""
    pin = write_release_image(Upstream("app", "u", "c" * 40), image="a", tag="cccccccccccc")

    with pytest.raises(ConfigError, match="its annotations name cccccccccccc"):
        read_release(pin.decode().partition("images:")[0], source="x")


def test_an_empty_release_names_no_commit() -> None:
    """An environment that nothing was promoted to has a pin with no upstream."""
    assert read_release(write_empty_release().decode(), source="x") is None

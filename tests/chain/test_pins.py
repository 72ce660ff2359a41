"""Pins: what scaffold writes it can read back, whatever the commit id looks like."""

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from scaffold.chain.pins import (
    Upstream,
    image_tag,
    read_image,
    read_image_reference,
    read_upstream,
    write_image,
    write_upstream,
)
from scaffold.errors import ConfigError

COMMITS = st.text("0123456789abcdef", min_size=40, max_size=40)
DIGITS = "1234567890" * 4


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
def test_an_image_pin_reads_back(commit: str) -> None:
    """What was pinned is what is read, for every commit id."""
    upstream = Upstream("app", "file:///forge/a-app.git", commit)
    pin = write_image(upstream, image="registry/a", tag=image_tag(commit))

    assert upstream == read_image(pin.decode())
    assert f"registry/a:{commit[:12]}" == read_image_reference(pin.decode())


@pytest.mark.parametrize(
    "changed", [f"newTag: {'d' * 12}", "newTag: latest"], ids=["another tag", "no tag of ours"]
)
def test_an_image_that_disagrees_is_malformed(changed: str) -> None:
    """Somebody who went back by editing the tag alone is told, and not overwritten."""
    pin = write_image(Upstream("app", "u", "c" * 40), image="a", tag="cccccccccccc")
    text = pin.decode().replace('newTag: "cccccccccccc"', changed)

    with pytest.raises(ConfigError, match="its annotations name cccccccccccc"):
        read_image(text)


def test_a_component_without_an_image_is_malformed() -> None:
    """What runs would be whatever the placeholder `app` resolves to."""
    pin = write_image(Upstream("app", "u", "c" * 40), image="a", tag="cccccccccccc")

    with pytest.raises(ConfigError, match="its annotations name cccccccccccc"):
        read_image(pin.decode().partition("images:")[0])

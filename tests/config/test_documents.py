"""Files that people write: every problem names file, line, key and the fix."""

import pytest

from scaffold.config.documents import parse_document
from scaffold.config.platform import Platform
from scaffold.errors import ConfigError

VALID = """\
version: 1
name: acme
forge: {kind: local, path: /forge}
registry: registry.example.com
ci: {image: registry.example.com/ci:1}
blueprints: [{name: python-service, url: "file:///forge/blueprints/python-service.git"}]
environments:
  - name: dev
  - {name: prod, after: dev}
teams:
  - name: payments
"""


def problems(text: str) -> tuple[str, ...]:
    """The lines that the error has for `text`."""
    with pytest.raises(ConfigError) as caught:
        parse_document(Platform, text, source="platform.yml")
    return caught.value.details or (str(caught.value),)


def test_a_valid_file_is_read() -> None:
    """A file with only what is needed is valid."""
    platform = parse_document(Platform, VALID, source="platform.yml")

    assert [environment.name for environment in platform.environments] == ["dev", "prod"]


def test_a_misspelt_key_gets_the_close_one() -> None:
    """An unknown key is an error that names the key which was meant."""
    text = VALID.replace("after: dev", "afetr: dev")

    assert problems(text) == (
        "platform.yml:9: `environments.1.afetr`: is not a known key; did you mean `after`?",
    )


def test_a_missing_key_is_named() -> None:
    """A missing key is named with the line of what it belongs to."""
    text = VALID.replace("registry: registry.example.com\n", "")

    assert problems(text) == ("platform.yml:1: `registry`: is missing; add `registry:`",)


def test_a_registry_that_no_image_can_have() -> None:
    """It is the beginning of the name of every image."""
    text = VALID.replace("registry: registry.example.com", "registry: https://x y/")

    (line,) = problems(text)
    assert "platform.yml:4: `registry`: must be HOST[:PORT][/PATH]" in line


def test_a_key_that_is_there_twice_is_an_error() -> None:
    """YAML would silently take the last one."""
    assert problems(VALID + "name: other\n") == ("platform.yml:12: `name` is there twice",)


def test_a_circle_of_environments_is_an_error() -> None:
    """Environments that follow each other in a circle can never be promoted to."""
    text = VALID.replace("- name: dev", "- {name: dev, after: prod}")

    assert problems(text) == ("platform.yml:7: `environments`: `dev` follows itself in a circle",)


FREEZE = """\
propagation:
  freeze:
    - {from: "2026-12-20T00:00:00Z", until: "2027-01-04T00:00:00Z", environments: [prod]}
"""


def test_a_freeze_of_an_unknown_environment_is_an_error() -> None:
    """It would freeze nothing, and nobody would know."""
    assert () == parse_document(Platform, VALID, source="").propagation.freeze
    assert 1 == len(parse_document(Platform, VALID + FREEZE, source="").propagation.freeze)
    assert (
        "platform.yml:12: `propagation`: a freeze names prdo; the environments are dev, prod",
    ) == problems(VALID + FREEZE.replace("[prod]", "[prdo]"))


@pytest.mark.parametrize("until", ["2026-12-20T00:00:00Z", "2026-01-04T00:00:00Z"])
def test_a_freeze_that_ends_before_it_begins_is_an_error(until: str) -> None:
    """It would freeze nothing, either."""
    (problem,) = problems(VALID + FREEZE.replace("2027-01-04T00:00:00Z", until))

    assert "platform.yml:14: `propagation.freeze.0`: `until` must come after `from`" in problem


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "platform.yml: is empty"),
        ("- a\n", "platform.yml: is not a mapping of keys to values"),
        ('a: "b\n', "platform.yml:2: is not valid YAML: found unexpected end of stream"),
    ],
)
def test_what_is_no_mapping_is_an_error(text: str, said: str) -> None:
    """A file that can't be a document at all says so, with the line where YAML knows it."""
    assert problems(text) == (said,)

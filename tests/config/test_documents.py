"""Files that people write: every problem names file, line, key and the fix."""

import pytest

from scaffold.config.documents import parse_document
from scaffold.config.platform import Platform
from scaffold.config.repofile import RepoFile
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


def with_line(line: str) -> str:
    """The valid file with a line more, or another one for `- name: dev`."""
    return VALID.replace("  - name: dev\n", line) if line.startswith("  -") else VALID + line


@pytest.mark.parametrize(
    "template",
    ["{service.__class__}", "{service!r}", "{service:>99999999}", "{service[0]}", "{0}", "{}", "{",
     "}", "{cluster}"],
)  # fmt: skip
def test_a_namespace_that_asks_more_of_a_name(template: str) -> None:
    """A format may reach into what it formats, or make it as long as it likes."""
    (problem,) = problems(VALID + f"namespace: '{template}'\n")

    said = "`namespace`: may hold only {service}, {environment}, {owner}"
    assert f"platform.yml:12: {said} (it is '{template}')" == problem


@pytest.mark.parametrize(
    ("moment", "said"),
    [
        ("2026-12-20", "must be a time with its zone, as in 2026-12-20T00:00:00Z"),
        ("20261220", "must be a time with its zone"),
        ("'1734652800'", "must be a time with its zone"),
        ("2026-12-20T00:00:00", "Input should have timezone info"),
        ("2026-13-45T00:00:00Z", "month value is outside expected range of 1-12"),
        ("[1]", "must be a time with its zone"),
    ],
)
def test_what_is_no_moment(moment: str, said: str) -> None:
    """A day has no begin without a zone, and a number is none at all."""
    (problem,) = problems(VALID + FREEZE.replace('"2026-12-20T00:00:00Z"', moment))

    assert problem.startswith("platform.yml:14: `propagation.freeze.0.from`: ")
    assert said in problem


def test_a_moment_needs_no_quotes() -> None:
    """It is read as the text that it is."""
    text = VALID + FREEZE.replace('"', "")

    (freeze,) = parse_document(Platform, text, source="").propagation.freeze
    assert "2026-12-20T00:00:00+00:00" == freeze.start.isoformat()


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("  - {name: dev, soak_hours: 10001}\n", "less than or equal to 10000"),
        ("  - {name: dev, soak_hours: '24'}\n", "Input should be a valid number"),
        ("  - {name: dev, soak_hours: true}\n", "Input should be a valid number"),
        ("  - {name: dev, soak_hours: -1}\n", "greater than or equal to 0"),
        ("  - {name: dev, soak_hours: .inf}\n", "`.inf` is no finite number"),
        ("  - {name: dev, replicas: {min: 1.5}}\n", "Input should be a valid integer"),
        ("  - {name: dev, replicas: {min: true}}\n", "Input should be a valid integer"),
        ("  - {name: dev, quota: {pods: 1000000}}\n", "less than or equal to 100000"),
        ("  - {name: dev, quota: {cpu: lots}}\n", "must be a quantity, as in 500m, 2 or 8Gi"),
        ("  - {name: dev, quota: {memory: '-1'}}\n", "must be a quantity"),
        (f"  - {{name: dev, context: {'x' * 5000}}}\n", "at most 4096 characters"),
        ('  - {name: dev, context: "a\\0"}\n', "a text has the control character U+0000"),
        ('  - {name: dev, context: "\\e[31m"}\n', "a text has the control character U+001B"),
    ],
)
def test_a_value_without_measure(line: str, said: str) -> None:
    """It is told with its line, and not in full where it is long."""
    (problem,) = problems(with_line(line))

    assert problem.startswith("platform.yml:8: ")
    assert said in problem
    assert len(problem) < 300


@pytest.mark.parametrize("url", ["https://h:99999999", "https://h:0", "https://h:x", "https://["])
def test_a_server_at_an_address_that_there_is_not(url: str) -> None:
    """It would be found out in the middle of something."""
    text = VALID.replace("{kind: local, path: /forge}", f"{{kind: gitea, url: '{url}', group: a}}")

    (problem,) = problems(text)
    assert problem.startswith("platform.yml:3: `forge.url`: ")


def test_many_problems_are_not_all_told() -> None:
    """Twenty are enough to see what is wrong."""
    text = VALID + "".join(f"x{number}: 1\n" for number in range(1000))

    told = problems(text)

    assert (21, "platform.yml: and 980 more") == (len(told), told[-1])


def test_a_key_that_is_no_name() -> None:
    """Its place is that of the key."""
    with pytest.raises(ConfigError) as caught:
        parse_document(RepoFile, f"{REPO}environments:\n  1: {{namespace: a}}\n", source="x")

    assert "x:6: `environments.1`: Input should be a valid string (it is 1)" == str(caught.value)


REPO = 'service: shop\nowner: pay\nrepo: env\nkubernetes: "1.34"\n'

"""What the platform answers, so that nobody is asked."""

import pytest

from scaffold.config.documents import parse_document
from scaffold.config.platform import Platform
from scaffold.errors import ConfigError
from scaffold.service.answers import environment_answers

PLATFORM = """\
name: acme
forge: {{kind: local, path: /forge}}
registry: registry.example.com
ci: {{image: ci}}
blueprints: [{{name: b, url: file:///b}}]
teams: [{{name: platform}}]
environments: [{environments}]
"""


@pytest.mark.parametrize(
    "environments",
    [
        "{name: dev}, {name: staging, after: dev}, {name: prod, after: staging}",
        "{name: prod, after: staging}, {name: staging, after: dev}, {name: dev}",
        "{name: staging, after: dev}, {name: prod, after: staging}, {name: dev}",
    ],
)
def test_environments_come_in_the_order_of_promotion(environments: str) -> None:
    """However platform.yml lists them: blueprints take the first and the last to mean something."""
    text = PLATFORM.format(environments=environments)
    platform = parse_document(Platform, text, source="platform.yml")

    found = environment_answers(platform, "shop", "platform")

    assert ["dev", "staging", "prod"] == [one["name"] for one in found]


def test_who_deploys_an_environment_and_whether_a_pipeline_may_ask_it() -> None:
    """`engine` and `smoke` are there where they say something."""
    environments = (
        "{name: dev}, {name: test, after: dev, deploy: {engine: flux}},"
        " {name: prod, after: test, deploy: {engine: argocd, smoke: false}}"
    )
    text = PLATFORM.format(environments=environments)
    text = text.replace("{kind: local, path: /forge}", "{kind: gitlab, group: acme}")
    platform = parse_document(Platform, text, source="platform.yml")

    found = environment_answers(platform, "shop", "platform")

    assert [
        {},
        {"engine": "flux"},
        {"engine": "argocd", "smoke": False},
    ] == [{key: one[key] for key in ("engine", "smoke") if key in one} for one in found]


def test_a_pipeline_goes_without_no_smoke_test() -> None:
    """Nothing else would say that what it deployed works."""
    text = PLATFORM.format(environments="{name: dev, deploy: {smoke: false}}")

    with pytest.raises(ConfigError, match="only what an engine deploys can go without a smoke"):
        parse_document(Platform, text, source="platform.yml")

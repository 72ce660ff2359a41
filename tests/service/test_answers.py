"""What the platform answers, so that nobody is asked."""

import pytest

from scaffold.config.documents import parse_document
from scaffold.config.platform import Platform
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

"""What the platform answers, so that nobody is asked."""

import pytest

from scaffold.config.documents import parse_document
from scaffold.config.platform import Platform
from scaffold.errors import ConfigError
from scaffold.lint.attributes import ENVIRONMENT
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


CA = "-----BEGIN CERTIFICATE-----\\nMIIB\\n-----END CERTIFICATE-----\\n"


def with_server(
    server: str, forge: str = "{kind: gitlab, group: acme}", more: str = ""
) -> Platform:
    """A platform whose environment names an API server."""
    text = PLATFORM.format(environments=f"{{name: dev, api_server: {server}{more}}}")
    text = text.replace("{kind: local, path: /forge}", forge)
    return parse_document(Platform, text, source="platform.yml")


def test_a_cluster_that_takes_the_forges_tokens() -> None:
    """Its address is the audience, unless another one is said; without a CA of its own none is."""
    url = "https://c.example.com:6443"
    for server, answer in (
        (f"{{url: '{url}/'}}", {"url": url, "audience": url}),
        (f"{{url: '{url}', audience: c}}", {"url": url, "audience": "c"}),
        (
            f'{{url: "{url}", ca: "{CA}"}}',
            {"url": url, "ca": CA.replace("\\n", "\n"), "audience": url},
        ),
    ):
        (found,) = environment_answers(with_server(server), "shop", "platform")
        assert answer == found["api_server"]


def test_the_linter_knows_all_that_an_environment_may_have() -> None:
    """Else it would call a right blueprint wrong."""
    server = f"{{url: 'https://c', ca: \"{CA}\"}}"
    engine = "}, {name: prod, after: dev, deploy: {engine: flux, smoke: false}"
    found = environment_answers(with_server(server, more=engine), "shop", "platform")

    assert set(ENVIRONMENT) == set().union(*found)
    for part in ("api_server", "replicas"):
        assert set(ENVIRONMENT[part]) == set(found[0][part])


@pytest.mark.parametrize(
    ("server", "forge", "more", "said"),
    [
        ("{url: 'http://c'}", "{kind: gitlab, group: acme}", "", "must be a URL, as in https"),
        ("{url: 'https://u:p@c'}", "{kind: gitlab, group: acme}", "", "must be the bare address"),
        ("{url: 'https://c', ca: x}", "{kind: gitlab, group: acme}", "", "certificates in PEM"),
        ("{url: 'https://c'}", "{kind: local, path: /forge}", "", "makes no tokens for jobs"),
        (
            "{url: 'https://c'}",
            "{kind: gitea, url: 'https://g', group: acme}",
            "",
            "`gitea` makes no tokens for jobs: give them a kubeconfig",
        ),
        ("{url: 'https://c'}", "{kind: gitlab, group: acme}", ", context: c", "takes none of"),
    ],
)
def test_a_cluster_that_can_take_none(server: str, forge: str, more: str, said: str) -> None:
    """Each of these is told where platform.yml is read."""
    with pytest.raises(ConfigError) as caught:
        with_server(server, forge, more)
    assert said in "\n".join(caught.value.lines)

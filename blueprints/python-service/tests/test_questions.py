"""What may be answered, and what is recorded."""

import pytest
from rendering import Render, load

NAME = "must start with a letter"
YAML_WORD = "as something other than a name"


@pytest.mark.parametrize("service", ["1st", "Payments", "a_b", "-a", "a-", "a" * 41, "a.b", "a\n"])
def test_a_bad_service_name_is_refused(render: Render, service: str) -> None:
    """Names must be DNS labels of at most 40 characters, and the message says so."""
    with pytest.raises(ValueError, match=NAME):
        render("code", service=service)


@pytest.mark.parametrize("service", ["no", "on", "null"])
def test_a_name_that_yaml_reads_as_a_value_is_refused(render: Render, service: str) -> None:
    """`name: no` would be a boolean in every manifest."""
    with pytest.raises(ValueError, match=YAML_WORD):
        render("code", service=service)


def test_a_bad_owner_is_refused(render: Render) -> None:
    """Teams are named like services."""
    with pytest.raises(ValueError, match=NAME):
        render("code", owner="Team A")


@pytest.mark.parametrize("summary", ["", "  ", "two\nlines", "a\x00b", "a\u2028b", "a\x85b", "a\\", 'a\\"b'])
def test_a_summary_is_one_line_of_text(render: Render, summary: str) -> None:
    """An empty one, a line break, a control character or what ends a quoted string is refused."""
    with pytest.raises(ValueError, match="The summary must"):
        render("code", summary=summary)


@pytest.mark.parametrize("port", [80, 1023, 65536])
def test_a_port_out_of_range_is_refused(render: Render, port: int) -> None:
    """The container may not listen below 1024."""
    with pytest.raises(ValueError, match="between 1024 and 65535"):
        render("code", port=port)


@pytest.mark.parametrize("host", ["payments", "Pay.example.com", "a..b", "https://a.example.com"])
def test_a_bad_host_is_refused(render: Render, host: str) -> None:
    """The host is a full DNS name."""
    with pytest.raises(ValueError, match="full DNS name"):
        render("manifest", exposure="public", host=host)


def test_no_host_is_made_up(render: Render) -> None:
    """It lies in the platform's domain; a platform without one leaves it to the answer."""
    answers = load(render("env", exposure="public", domain="acme.test") / ".copier-answers.yml")
    assert "payments.acme.test" == answers["host"]
    with pytest.raises(ValueError, match="full DNS name"):
        render("env", exposure="public", domain="")


def test_no_host_is_recorded_for_a_service_without_ingress(render: Render) -> None:
    """Where nobody gets in from outside, there is no host to ask for."""
    answers = load(render("env", exposure="none") / ".copier-answers.yml")
    assert set() == {"host", "domain"} & answers.keys()


def test_what_scaffold_supplies_is_recorded(render: Render) -> None:
    """An upgrade needs the answers that nobody was asked for as well."""
    answers = load(render("env") / ".copier-answers.yml")
    assert "env" == answers["repo"]
    assert "https://git.example.com/payments-env.git" == answers["siblings"]["env"]["url"]
    assert ["dev", "staging", "prod"] == [entry["name"] for entry in answers["environments"]]


def test_computed_values_are_not_recorded(render: Render) -> None:
    """What follows from other answers would hold back a new version of the blueprint."""
    answers = load(render("code") / ".copier-answers.yml")
    assert set() == {"distribution", "package", "docs_url", "dashboard_url", "operations_port"} & answers.keys()


@pytest.mark.parametrize("holder", ["", " ", "two\nlines", "a\x00b", "ends with a blank "])
def test_a_holder_of_the_licence_is_a_name(render: Render, holder: str) -> None:
    """It stands on one line of the file; nobody is asked for it where there is no licence."""
    with pytest.raises(ValueError, match="The holder must be a name on one line"):
        render("code", license="MIT", license_holder=holder)
    answers = load(render("code") / ".copier-answers.yml")
    assert ("none", False) == (answers["license"], "license_holder" in answers)

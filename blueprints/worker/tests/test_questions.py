"""What may be answered, and what is recorded."""

import pytest
from rendering import Render, load


@pytest.mark.parametrize("service", ["1st", "Payments", "a_b", "a" * 41])
def test_a_bad_name_is_refused(render: Render, service: str) -> None:
    """Names must be DNS labels of at most 40 characters, and the message says so."""
    with pytest.raises(ValueError, match="must start with a letter"):
        render("app", service=service)


@pytest.mark.parametrize("stream", ["", "a b", ":a", "a:", 'a"', "a{1}", "a" * 101, "a\n"])
def test_a_bad_stream_is_refused(render: Render, stream: str) -> None:
    """The stream's name is pasted into files and commands, so it holds nothing that is special."""
    with pytest.raises(ValueError, match="The stream's name must"):
        render("app", stream=stream)


@pytest.mark.parametrize("schedule", ["", "daily", "* * * *", "@daily", "0 3 * * * *", '0 3 * * "'])
def test_a_bad_schedule_is_refused(render: Render, schedule: str) -> None:
    """A schedule has the five fields of cron."""
    with pytest.raises(ValueError, match="five fields of cron"):
        render("deploy", schedule=schedule)


def test_the_stream_is_named_after_the_worker(render: Render) -> None:
    """Unless another one is answered."""
    assert "payments" == load(render("app") / ".copier-answers.yml")["stream"]


def test_what_scaffold_supplies_is_recorded(render: Render) -> None:
    """An upgrade needs the answers that nobody was asked for as well."""
    answers = load(render("deploy") / ".copier-answers.yml")
    assert "deploy" == answers["repo"]
    assert ["app", "deploy"] == list(answers["siblings"])
    assert "https://git.example.com/payments-deploy.git" == answers["siblings"]["deploy"]["url"]
    assert ["dev", "staging", "prod"] == [entry["name"] for entry in answers["environments"]]


@pytest.mark.parametrize("holder", ["", " ", "two\nlines", "a\x00b", "ends with a blank "])
def test_a_holder_of_the_licence_is_a_name(render: Render, holder: str) -> None:
    """It stands on one line of the file; nobody is asked for it where there is no licence."""
    with pytest.raises(ValueError, match="The holder must be a name on one line"):
        render("app", license="MIT", license_holder=holder)
    answers = load(render("app") / ".copier-answers.yml")
    assert ("none", False) == (answers["license"], "license_holder" in answers)

"""What is shown of a text has no user and no token of a URL in it."""

import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scaffold.bot.logs import JsonFormatter
from scaffold.errors import ForgeError
from scaffold.redaction import redacted

USER = st.text(st.characters(min_codepoint=33, max_codepoint=126, exclude_characters="/?#'\"<>`@"))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("https://bot:t0ken@host/a.git", "https://***@host/a.git"),
        ("https://t0ken@host/a.git", "https://***@host/a.git"),
        ("https://bot:t@ken@host:1/a@b", "https://***@host:1/a@b"),
        ("HTTPS://bot:t0ken@host", "HTTPS://***@host"),
        ("git+https://bot:t0ken@host/a", "git+https://***@host/a"),
        ("at http://u:p@one/ and https://v:q@two/", "at http://***@one/ and https://***@two/"),
        ('{"url": "https://u:p@host/a", "b": 1}', '{"url": "https://***@host/a", "b": 1}'),
        ("proxy http://user:word@proxy.example.com", "proxy http://***@proxy.example.com"),
        ("ssh://git@host/a", "ssh://git@host/a"),
        ("ssh://git:word@host/a", "ssh://***@host/a"),
        ("git@host:acme/a.git", "git@host:acme/a.git"),
        ("ann@example.com wrote https://host/a", "ann@example.com wrote https://host/a"),
        ("https://host/?mail=ann@example.com", "https://host/?mail=ann@example.com"),
        ("", ""),
    ],
)
def test_some_texts(text: str, shown: str) -> None:
    """The user of an ssh address is no secret."""
    assert shown == redacted(text)


@given(USER, USER)
def test_no_token_is_left(user: str, token: str) -> None:
    """Whatever it looks like; and a second time changes nothing."""
    shown = redacted(f"see https://{user}:{token}@git.example.com/a.git")

    assert "see https://***@git.example.com/a.git" == shown
    assert shown == redacted(shown)


class TestErrors:
    """An error is told in many ways, so it has no token from the start."""

    URL = "https://bot:t0ken@host/a.git"
    SHOWN = "https://***@host/a.git"

    def error(self) -> ForgeError:
        """One with the URL in each part."""
        return ForgeError(
            f"no {self.URL}", where=self.URL, hint=f"Mend {self.URL}.", details=[f"x {self.URL}"]
        )

    def test_its_parts(self) -> None:
        """What, where, what to do, and what a program said."""
        error = self.error()

        assert f"{self.SHOWN}: no {self.SHOWN}" == str(error)
        assert (f"Mend {self.SHOWN}.", (f"x {self.SHOWN}",)) == (error.hint, error.details)

    def test_from_another_process(self) -> None:
        """A worker hands it on."""
        copied = pickle.loads(pickle.dumps(self.error()))  # noqa: S301 - our own

        assert "t0ken" not in repr([copied, copied.args, vars(copied)])


def test_a_log_line() -> None:
    """In the message, and in the fields that come with it."""
    from logging import makeLogRecord

    url = "https://bot:t0ken@host/a.git"
    record = makeLogRecord({"msg": "at %s", "args": (url,), "fields": {"url": url}})

    line = JsonFormatter().format(record)

    assert "t0ken" not in line
    assert 2 == line.count("https://***@host/a.git")

"""The default of a line of text is a hint: nothing of it has to be deleted to answer otherwise."""

import pytest
from prompt_toolkit.application import create_app_session
from prompt_toolkit.input import create_pipe_input
from prompt_toolkit.output import DummyOutput

from scaffold.cli.prompts import ask_text


@pytest.mark.parametrize(
    ("keys", "taken"),
    [
        ("\r", "acme"),
        ("shop\r", "shop"),
        ("shop\x15\r", "acme"),
        ("\t-shop\r", "acme-shop"),
        ("\x7f\r", ""),
        ("\x7fshop\r", "shop"),
    ],
    ids=["enter", "another answer", "typed and deleted", "tab to edit it", "backspace for none",
         "backspace, then another answer"],
)  # fmt: skip
def test_a_default_is_a_hint(keys: str, taken: str) -> None:
    """Enter takes it, and what is typed stands alone."""
    with create_pipe_input() as pipe, create_app_session(input=pipe, output=DummyOutput()):
        pipe.send_text(keys)

        assert taken == ask_text("What is it called?", default="acme", problem=lambda _: None)

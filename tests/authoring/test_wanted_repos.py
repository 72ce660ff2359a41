"""Which repos a new blueprint gets, and what follows what."""

import pytest

from scaffold.authoring.wanted_repos import WantedRepo, read_repos
from scaffold.errors import UsageError

LABEL = (
    "may hold only lower-case letters, digits and hyphens, starts with a letter and ends with a "
    "letter or digit"
)


def test_each_word_is_a_repo() -> None:
    """In the order in which they are given, and a follower may come first."""
    repos = read_repos(["deploy:app", "app"])

    assert (WantedRepo("deploy", "app"), WantedRepo("app")) == repos
    assert ["deploy:app", "app"] == [*map(str, repos)]


def test_one_to_six_fit() -> None:
    """A longer chain would be one that nobody can follow."""
    assert 1 == len(read_repos(["a"]))
    assert 6 == len(read_repos(list("abcdef")))


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "0 repos are asked for"),
        (list("abcdefg"), "7 repos are asked for"),
        ([""], "the repo's name `` is empty"),
        ([":app"], "the repo's name `` is empty"),
        (["App"], f"the repo's name `App` {LABEL}"),
        (["on"], "the repo's name `on` is what YAML reads as something other than a name"),
        (["a" * 60], f"the repo's name `{'a' * 60}` has 60 characters; at most 59 fit"),
        (["app:"], "`app:` does not say which repo it follows"),
        (["app", "app"], "`app` is there twice"),
        (["app", "deploy:ap"], "`deploy` follows `ap`, which is none of the repos"),
        (["app:app"], "these repos follow each other in a circle: app"),
        (["x", "c:b", "b:a", "a:b"], "these repos follow each other in a circle: a, b"),
        (["a:b:c", "b"], "`a` follows `b:c`, which is none of the repos"),
        (["tests"], "the blueprint has a folder `tests` of its own"),
    ],
)
def test_what_makes_no_chain_is_refused(words: list[str], said: str) -> None:
    """It names the word, and says what to do."""
    with pytest.raises(UsageError) as refused:
        read_repos(words)

    assert f"--repo: {said}" == str(refused.value)
    assert refused.value.hint

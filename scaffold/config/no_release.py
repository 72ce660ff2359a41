"""The one rule that says which files of a repo make no release when they change. Pure."""

from functools import lru_cache

from pathspec import GitIgnoreSpec

from scaffold.config.forges.registered import FORGES
from scaffold.config.patterns import path_patterns

# In the patterns of .gitignore: docs, the files of CI, git and who keeps them, and the answers.
NO_RELEASE = (
    "*.md",
    "*.rst",
    "/docs/",
    *(f"/{kind.folder}/" for kind in FORGES if kind.folder),
    "/.gitlab-ci.yml",
    "/.editorconfig",
    "/.gitattributes",
    "/.gitignore",
    "/.pre-commit-config.yaml",
    "/renovate.json",
    "/.copier-answers*",
)


@lru_cache(maxsize=65_536)
def makes_no_release(path: str, more: tuple[str, ...] = ()) -> bool:
    """Whether a change of this path changes nothing that runs, by the rule and `more` patterns.

    The last pattern that fits counts; one that begins with `!` takes paths back.
    """
    return _spec(more).match_file(path)


@lru_cache(maxsize=256)
def _spec(more: tuple[str, ...]) -> GitIgnoreSpec:
    """The rule with a repo's own patterns. Raises ValueError for what is no pattern."""
    return path_patterns([*NO_RELEASE, *more])


def problem_with(patterns: tuple[str, ...]) -> str:
    """What is wrong with a repo's own patterns; empty where nothing is."""
    try:
        _spec(patterns)
    except ValueError as error:
        return f"are patterns as in .gitignore: {error}"
    return ""

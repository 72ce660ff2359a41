"""The reviewers of a change, by the repo's CODEOWNERS: for each file, the last matching rule. Pure.

The rules are those of GitHub and GitLab; GitLab's sections are treated as one.
"""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import PurePosixPath

from pathspec import GitIgnoreSpec

from scaffold.config.forges.registered import FORGES
from scaffold.config.patterns import path_patterns
from scaffold.git.tree import Entry

# In the forges' order; each forge looks at some of these.
_PLACES = tuple(
    str(PurePosixPath(folder, "CODEOWNERS"))
    for folder in ("", *(kind.folder for kind in FORGES if kind.folder), "docs")
)
_SECTION = ("[", "^[")


def reviewers(tree: Mapping[str, Entry], changed: Iterable[str]) -> tuple[str, ...]:
    """The names, without the `@`, of the owners of the changed files."""
    place = next((path for path in _PLACES if path in tree), None)
    if place is None:
        return ()
    rules = list(_rules(tree[place].data.decode("utf-8", "replace")))
    names: dict[str, None] = {}
    for path in changed:
        owners = next((who for spec, who in reversed(rules) if spec.match_file(path)), ())
        names |= dict.fromkeys(owners)
    return tuple(names)


def _rules(text: str) -> Iterable[tuple[GitIgnoreSpec, tuple[str, ...]]]:
    for line in text.splitlines():
        pattern, *owners = line.partition(" #")[0].split() or [""]
        if not pattern or pattern.startswith(("#", "!", *_SECTION)):
            continue
        names = tuple(owner.removeprefix("@") for owner in owners if owner[:1] == "@" != owner)
        with suppress(ValueError):  # an invalid pattern, such as a single backslash
            yield path_patterns([pattern]), names

"""The rules for names; the error for a bad name says what to change.

Kubernetes uses a service's name in labels, Services and namespaces, so the rule is that of RFC 1123
labels, starting with a letter as the name of a Service must (RFC 1035).
"""

import re

LONGEST_SERVICE_NAME = 40
LONGEST_LABEL = 63
LONGEST_REPO_NAME = 100  # GitHub's limit, the shortest among the forges
# Names with a special meaning in places where a service's name is used.
RESERVED_SERVICE_NAMES = frozenset(
    {"blueprint", "blueprints", "catalog", "default", "forge", "platform", "scaffold"}
)
# What YAML reads as true, false or nothing, see https://yaml.org/type/bool.html. Blueprints write
# labels into files of YAML, quoted or not.
_NOT_TEXT_IN_YAML = frozenset({"false", "no", "null", "off", "on", "true", "yes"})
LABEL_PATTERN = "^[a-z]([a-z0-9-]*[a-z0-9])?$"
# The rules of image references: https://pkg.go.dev/github.com/distribution/reference
REGISTRY_PATTERN = (
    r"^[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:[0-9]{1,5})?(/[a-z0-9]+((\.|_{1,2}|-+)[a-z0-9]+)*)*$"
)
_REGISTRY = re.compile(REGISTRY_PATTERN.strip("^$"))
_PAGE = re.compile(r"https?://[A-Za-z0-9][A-Za-z0-9.-]*(:[0-9]{1,5})?(/[^\s\"'<>\\^`{|}]*)?")
_LABEL = re.compile(LABEL_PATTERN.strip("^$"))


def problem_with_label(name: str, *, longest: int = LONGEST_LABEL) -> str | None:
    """Say what is wrong with a lower-case label that starts with a letter, or None."""
    if not name:
        return "is empty"
    if len(name) > longest:
        return f"has {len(name)} characters; at most {longest} fit"
    if _LABEL.fullmatch(name) is None:
        return (
            "may hold only lower-case letters, digits and hyphens, "
            "starts with a letter and ends with a letter or digit"
        )
    if name in _NOT_TEXT_IN_YAML:
        return "is what YAML reads as something other than a name"
    return None


def problem_with_service_name(name: str) -> str | None:
    """Say what is wrong with a service's name, or None."""
    if problem := problem_with_label(name, longest=LONGEST_SERVICE_NAME):
        return problem
    if name in RESERVED_SERVICE_NAMES:
        return "is reserved"
    if name.startswith("kube-"):
        return "starts with `kube-`, which Kubernetes keeps for itself"
    return None


def problem_with_registry(text: str) -> str | None:
    """Say what is wrong with where images are pushed to, or None."""
    if not text:
        return "is empty"
    if not _REGISTRY.fullmatch(text):
        return "must be HOST[:PORT][/PATH] in lower case, without https://, spaces or a last slash"
    return None


def problem_with_page(text: str) -> str | None:
    """Say what is wrong with the address of a web site, or None."""
    if not _PAGE.fullmatch(text):
        return "must be as in https://docs.example.com, without spaces"
    return None


def problem_with_repo_name(name: str) -> str | None:
    """Say what is wrong with a repo's name, or None; it must be one harmless path segment."""
    if not re.fullmatch(r"[a-z0-9]([a-z0-9._-]*[a-z0-9])?", name):
        return "may hold only lower-case letters, digits, `.`, `_` and `-`, not first or last"
    if ".." in name or name.endswith(".git"):
        return "may not hold `..` or end in `.git`"
    if len(name) > LONGEST_REPO_NAME:
        return f"has {len(name)} characters; at most {LONGEST_REPO_NAME} fit"
    return None

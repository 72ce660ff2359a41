"""The rule about secrets: known shapes of tokens and private keys, in any file."""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from scaffold.blueprint.lint.rule import Rule, Spot
from scaffold.blueprint.lint.source import Source

# Plugins of detect-secrets that know a token by its shape; those that guess are left out.
_PLUGINS = (
    ("aws", "AWSKeyDetector"),
    ("azure_storage_key", "AzureStorageKeyDetector"),
    ("github_token", "GitHubTokenDetector"),
    ("npm", "NpmDetector"),
    ("private_key", "PrivateKeyDetector"),
    ("sendgrid", "SendGridDetector"),
    ("slack", "SlackDetector"),
    ("stripe", "StripeDetector"),
)
# Tokens by the prefixes that GitLab and PyPI document, which that library does not know.
_PREFIXED = {
    "GitLab Token": re.compile(r"\bgl(?:pat|dt|rt|cbt|ptt|ft|soat|agent)-[0-9A-Za-z_-]{20,}"),
    "PyPI Token": re.compile(r"\bpypi-AgE[0-9A-Za-z_-]{50,}"),
}
# Words that docs put where a secret goes, e.g. AWS's own AKIAIOSFODNN7EXAMPLE.
_MADE_UP = re.compile(r"EXAMPLE|(?i:x{8}|your[-_]?token)|\{\{|\.\.\.")


def secret(source: Source) -> Iterator[Spot]:
    """A secret in a template is in every repo that was made from it, and in their history.

    Found are private keys, and tokens that are known by their shape: of AWS, Azure, GitHub,
    GitLab, npm, PyPI, SendGrid, Slack and Stripe. Passwords, which look like any other word, are
    not. What says that it is an example is none.
    """
    for path, text in source.texts.items():
        for number, line in enumerate(text.split("\n"), 1):
            for kind in _kinds(line):
                yield Spot(path, number, f"looks like a secret: {kind}")


def _kinds(line: str) -> Iterator[str]:
    if not line or _MADE_UP.search(line):
        return
    for kind, shape in _PREFIXED.items():
        if shape.search(line):
            yield kind
    for plugin in _plugins():
        if any(plugin.analyze_string(line)):
            yield plugin.secret_type


@lru_cache(maxsize=1)
def _plugins() -> tuple[Any, ...]:
    from importlib import import_module

    return tuple(
        getattr(import_module(f"detect_secrets.plugins.{module}"), name)()
        for module, name in _PLUGINS
    )


RULES = (
    Rule(
        "BP601", "Secret in a template",
        "Take it out, and have it replaced where it is from: it is known by now.", secret,
    ),
)  # fmt: skip

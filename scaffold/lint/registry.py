"""All rules, in the order of their codes."""

from scaffold.lint import (
    attributes,
    basics,
    formats,
    gitops,
    history,
    ignores,
    images,
    secrets,
    shell,
    variables,
)
from scaffold.lint.rule import Rule

_OF_CONTENT = (
    *basics.RULES,
    *formats.RULES,
    *variables.RULES,
    *attributes.RULES,
    *shell.RULES,
    *images.RULES,
    *gitops.RULES,
    *secrets.RULES,
    *history.RULES,
)
RULES: tuple[Rule, ...] = tuple(
    sorted((*_OF_CONTENT, ignores.rule_over(_OF_CONTENT)), key=lambda rule: rule.code)
)

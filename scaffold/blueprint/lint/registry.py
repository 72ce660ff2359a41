"""All rules, in the order of their codes."""

from scaffold.blueprint.lint import (
    basics,
    gitops,
    history,
    ignores,
    images,
    secrets,
    shell,
    variables,
)
from scaffold.blueprint.lint.rule import Rule

RULES: tuple[Rule, ...] = tuple(
    sorted(
        (
            *basics.RULES,
            *variables.RULES,
            *shell.RULES,
            *images.RULES,
            *gitops.RULES,
            *secrets.RULES,
            *history.RULES,
            *ignores.RULES,
        ),
        key=lambda rule: rule.code,
    )
)

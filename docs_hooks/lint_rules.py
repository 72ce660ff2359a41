"""The page about the rules of `scaffold blueprint lint`, generated from the rules themselves."""

from scaffold.lint import RULES

_INTRODUCTION = """\
What [`scaffold blueprint lint`](command-line.md#scaffold-blueprint-lint) looks for. A code is never
given to another rule.

A finding that is right as it is can be silenced in `blueprint.yml`, with a reason. Without a `path`
the entry counts for all files; a `*` takes in folders, too:

```yaml
lint:
  ignore:
    - code: BP303
      path: docker/*
      reason: The mirror may be away, the build goes on without it.
```"""


def lint_rules_page() -> str:
    """Every rule of `scaffold blueprint lint`: what it is for and what to do."""
    parts = ["# Lint rules", _INTRODUCTION]
    for rule in RULES:
        parts += [f"## {rule.code}: {rule.title} {{#{rule.anchor}}}", rule.text]
        parts.append(f"**What to do.** {rule.hint}")
    return "\n\n".join(parts)

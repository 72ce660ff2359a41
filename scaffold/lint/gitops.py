"""Rules about files that a blueprint must not render."""

from collections.abc import Iterator

from scaffold.config.platform_kinds import is_the_platforms
from scaffold.lint.ci import text_at
from scaffold.lint.manifests import objects
from scaffold.lint.rule import Rule, Spot
from scaffold.lint.source import Source


def renders_pin(source: Source) -> Iterator[Spot]:
    """A pin belongs to the bot, which writes the whole file.

    `scaffold new` writes it beside what is rendered, and no upgrade changes it, so what a template
    renders there reaches no repo. Which file is the pin follows from `pin:` in blueprint.yml:
    `upstream.yml`, `image/kustomization.yaml`, or what is in `environments/*/release/`, with
    `environments/*/retire.yml`.
    """
    for run in source.runs:
        pin = source.model.repos[run.repo].pin
        for file in run.files:
            if pin is not None and pin.owns(file.path):
                yield Spot(file.source, 1, f"renders `{file.path}`, a pin of the repo `{run.repo}`")


def renders_what_is_the_platforms(source: Source) -> Iterator[Spot]:
    """A service's namespaces, quotas and roles are the platform repo's.

    They are Namespace, ResourceQuota, LimitRange, Role, RoleBinding, ClusterRole and
    ClusterRoleBinding. Otherwise whoever may merge to a service's repo could grant themselves
    rights, and pruning the repo would delete the namespace with all that is in it. `scaffold
    pipeline validate` refuses them in a repo.
    """
    for run in source.runs:
        for file, node in objects(run):
            kind = text_at(node, "kind")
            if is_the_platforms(text_at(node, "apiVersion") or "", kind):
                line = node.start_mark.line + 1
                yield Spot(*file.origin(line), f"renders a {kind} in `{file.path}`")


RULES = (
    Rule("BP501", "Template that renders a pin", "Remove the template.", renders_pin),
    Rule(
        "BP502", "Template that renders a Namespace, a quota or a role",
        "Remove it: they are made from `platform.yml` and applied by the platform's pipeline.",
        renders_what_is_the_platforms,
    ),
)  # fmt: skip

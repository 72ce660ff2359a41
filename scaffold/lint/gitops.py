"""Rules about files that a blueprint must not render."""

from collections.abc import Iterator

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


def renders_namespace(source: Source) -> Iterator[Spot]:
    """A service's namespaces, quotas and roles are the platform repo's.

    Otherwise whoever may merge to a service's repo could grant themselves rights, and pruning the
    repo would delete the namespace with all that is in it.
    """
    for run in source.runs:
        for file, node in objects(run):
            if text_at(node, "kind") == "Namespace" and text_at(node, "apiVersion") == "v1":
                line = node.start_mark.line + 1
                yield Spot(*file.origin(line), f"renders a Namespace in `{file.path}`")


RULES = (
    Rule("BP501", "Template that renders a pin", "Remove the template.", renders_pin),
    Rule(
        "BP502", "Template that renders a Namespace",
        "Remove it: `scaffold pipeline access` makes the namespaces.", renders_namespace,
    ),
)  # fmt: skip

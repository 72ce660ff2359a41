"""What the platform answers, so that nobody is asked."""

from collections.abc import Mapping
from typing import Any

from scaffold.model.platform import Platform


def platform_answers(
    platform: Platform, service: str, owner: str, siblings: Mapping[str, tuple[str, str]]
) -> dict[str, Any]:
    """The answers to a blueprint's questions that the platform has, but the environments.

    `siblings` maps each paired repo to its name and URL.
    """
    return {
        **platform.answers,
        "service": service,
        "registry": platform.registry,
        "ci_image": platform.ci.image,
        "siblings": {repo: {"name": name, "url": url} for repo, (name, url) in siblings.items()},
        "owner": owner,
    }


def environment_answers(platform: Platform, service: str, owner: str) -> list[dict[str, Any]]:
    """The environments as blueprints see them, in the order in which a change walks through them.

    Raises ValueError for a namespace whose name does not fit.
    """
    return [
        {
            "name": environment.name,
            "namespace": platform.namespace_of(service, environment.name, owner),
            "context": environment.context,
            "replicas": {"min": environment.replicas.min, "max": environment.replicas.max},
        }
        for environment in platform.chain()
    ]

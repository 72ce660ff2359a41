"""The platform's answers to a blueprint's questions, which nobody is asked."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from scaffold.config.engine import Deploy
from scaffold.config.forge import kind_of
from scaffold.config.platform import PLATFORM_FILE, Platform
from scaffold.errors import AnswerError
from scaffold.fleet.engines.objects import access_name, check_length
from scaffold.forge.pages import main_page
from scaffold.render.questions import Prompt, gather_answers
from scaffold.render.source import TemplateVersion


def platform_answers(
    platform: Platform, service: str, owner: str, siblings: Mapping[str, tuple[str, str]]
) -> dict[str, Any]:
    """The platform's answers, except for the environments.

    `siblings` maps each paired repo to its name and URL. Blueprints see, beside these, the address
    of the page of what its main has; empty where the forge has none. A forge with a CI system
    answers `ci`.
    """
    ci = kind_of(platform.forge.kind).ci
    return {
        **({} if ci is None else {"ci": str(ci)}),
        **platform.answers,
        "service": service,
        "registry": platform.registry,
        "ci_image": platform.ci.image,
        "siblings": {
            repo: {"name": name, "url": url, "page": main_page(platform.forge.kind, url)}
            for repo, (name, url) in siblings.items()
        },
        "owner": owner,
    }


def environment_answers(platform: Platform, service: str, owner: str) -> list[dict[str, Any]]:
    """The environments as blueprints see them, in the order of promotion.

    `api_server` is there where jobs log in to one by the forge's token, `engine` where one deploys,
    and generated CI does not; `smoke`, which then is false, where CI must not ask the cluster
    either.
    Raises ValueError for a namespace, or an object for an engine, whose name does not fit.
    """
    for environment in platform.by_engine:
        check_length(access_name(service, environment.name))
    return [
        {
            "name": environment.name,
            "namespace": platform.namespace_of(service, environment.name, owner),
            "context": environment.context,
            "replicas": {"min": environment.replicas.min, "max": environment.replicas.max},
            **({"api_server": environment.api_server.answer} if environment.api_server else {}),
            **_deployed_by(environment.deploy),
        }
        for environment in platform.chain()
    ]


def _deployed_by(deploy: Deploy) -> dict[str, Any]:
    if not deploy.by_engine:
        return {}
    return {"engine": str(deploy.engine), **({} if deploy.smoke else {"smoke": False})}


def service_answers(
    platform: Platform,
    version: TemplateVersion,
    given: Mapping[str, Any],
    siblings: Mapping[str, tuple[str, str]],
    *,
    prompt: Prompt | None,
    scratch: Path,
) -> dict[str, Any]:
    """All answers of the service that `given` names: given, the platform's, or prompted for.

    Raises AnswerError.
    """
    service = str(given["service"])
    supplied = platform_answers(platform, service, platform.teams[0].name, siblings)
    supplied["environments"] = []
    if prompt is not None:
        supplied.pop("owner")  # the first team is the default only where nobody is asked
    answers = gather_answers(version, given, supplied=supplied, prompt=prompt, scratch=scratch)
    owner = str(answers.get("owner", ""))
    if platform.team(owner) is None:
        teams = ", ".join(team.name for team in platform.teams)
        raise AnswerError(f"there is no team `{owner}`", hint=f"{PLATFORM_FILE} has: {teams}")
    try:
        answers["environments"] = environment_answers(platform, service, owner)
    except ValueError as error:
        raise AnswerError(str(error), hint="Choose a shorter name.") from error
    return answers

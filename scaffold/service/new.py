"""`scaffold new service`: plan first (a value), then create all paired repos, or none."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pygit2
import yaml

from scaffold.blueprint.questions import Prompt, gather_answers
from scaffold.blueprint.render import render, render_name
from scaffold.blueprint.source import BlueprintVersion, open_version
from scaffold.chain import pins
from scaffold.checks.repo import check_repo
from scaffold.checks.report import Outcome, Report, Result
from scaffold.errors import (
    AnswerError,
    BlueprintNotFoundError,
    CheckFailedError,
    ForgeError,
    NameTakenError,
    ScaffoldError,
)
from scaffold.forge import MergeRequest
from scaffold.git import transport
from scaffold.git.tree import (
    Entry,
    Tree,
    init_bare,
    make_commit,
    open_repo,
    read_tree,
    trailers,
    write_folder,
)
from scaffold.model.blueprint import PinKind
from scaffold.model.names import problem_with_repo_name, problem_with_service_name
from scaffold.model.service import PairedRepo, Service, catalog_path
from scaffold.service.access import access_tree
from scaffold.service.platform import PlatformRepo, change_platform

SERVICE_TRAILER = "Scaffold-Service"
ANSWERS_FILE = ".copier-answers.yml"


@dataclass(frozen=True)
class NewRepo:
    """One repo that is to be made, or was left by a run that did not finish."""

    repo: str
    name: str
    url: str
    commit: str
    tree: Tree
    there: bool


@dataclass(frozen=True)
class NewService:
    """A whole service that is to be made; nothing of it exists yet but what `there` says."""

    service: Service
    blueprint: BlueprintVersion
    repos: tuple[NewRepo, ...]
    access: Tree
    report: Report
    store: Path


def pick_blueprint(
    platform: PlatformRepo, name: str | None, version: str | None, scratch: Path
) -> BlueprintVersion:
    """The blueprint of this name, by default the first. Raises BlueprintNotFoundError."""
    sources = {source.name: source.url for source in platform.model.blueprints}
    chosen = name or next(iter(sources))
    if chosen not in sources:
        raise BlueprintNotFoundError(
            f"there is no blueprint `{chosen}`", hint=f"There are: {', '.join(sources)}"
        )
    return open_version(sources[chosen], version, scratch)


def repo_names(blueprint: BlueprintVersion, service: str) -> dict[str, str]:
    """The name of each paired repo. Raises RenderError, AnswerError where a forge refuses it."""
    names = {
        repo: render_name(blueprint, part.name, {"service": service})
        for repo, part in blueprint.model.repos.items()
    }
    for name in names.values():
        if problem := problem_with_repo_name(name):
            raise AnswerError(f"the repo name `{name}` {problem}")
    return names


def problem_with_new_name(platform: PlatformRepo, service: str) -> str | None:
    """Say why a new service can't have this name, or None."""
    if problem := problem_with_service_name(service):
        return problem
    if platform.service(service) is not None:
        return "is taken: the catalog has a service of that name"
    return None


def plan_service(
    platform: PlatformRepo,
    blueprint: BlueprintVersion,
    given: Mapping[str, Any],
    *,
    prompt: Prompt | None,
    scratch: Path,
) -> NewService:
    """Answer, render and check everything, and create nothing.

    Raises AnswerError, NameTakenError, RenderError; the checks' outcome is in the report.
    """
    service = str(given.get("service", ""))
    if problem := problem_with_new_name(platform, service):
        error = AnswerError if problem_with_service_name(service) else NameTakenError
        raise error(f"the service name `{service}` {problem}", hint="Choose another name.")
    names = repo_names(blueprint, service)
    store = scratch / "store.git"
    leftovers = _leftovers(platform, service, names, store)
    supplied = _supplied(platform, service, names)
    if leftovers:
        given = {**_recorded(leftovers), **given}
    elif prompt is not None:
        supplied.pop("owner")  # the first team is only the default of those who are not asked
    answers = gather_answers(
        blueprint, given, supplied=supplied, prompt=None if leftovers else prompt, scratch=scratch
    )
    owner = str(answers.get("owner", ""))
    if platform.model.team(owner) is None:
        teams = ", ".join(team.name for team in platform.model.teams)
        raise AnswerError(f"there is no team `{owner}`", hint=f"platform.yml has: {teams}")
    try:
        answers["environments"] = _environments(platform, service, owner)
        access = access_tree(platform.model, service, owner)
    except ValueError as error:
        raise AnswerError(str(error), hint="Choose a shorter name.") from error
    repos = _build(blueprint, answers, names, leftovers, platform, store, scratch)
    entry = Service(
        name=service,
        owner=owner,
        summary=str(answers.get("summary", "")),
        blueprint=blueprint.model.name,
        repos={one.repo: PairedRepo(name=one.name, url=one.url) for one in repos},
    )
    return NewService(entry, blueprint, repos, access, _check(repos, store, scratch), store)


def _supplied(platform: PlatformRepo, service: str, names: Mapping[str, str]) -> dict[str, Any]:
    """What the platform answers, so that nobody is asked."""
    model = platform.model
    owner = model.teams[0].name
    return {
        **model.answers,
        "service": service,
        "registry": model.registry,
        "ci_image": model.ci.image,
        "siblings": {
            repo: {"name": name, "url": platform.forge.url(name)} for repo, name in names.items()
        },
        "environments": [],
        "owner": owner,
    }


def _environments(platform: PlatformRepo, service: str, owner: str) -> list[dict[str, Any]]:
    return [
        {
            "name": environment.name,
            "namespace": platform.model.namespace_of(service, environment.name, owner),
            "context": environment.context,
            "replicas": {"min": environment.replicas.min, "max": environment.replicas.max},
        }
        for environment in platform.model.environments
    ]


def _leftovers(
    platform: PlatformRepo, service: str, names: Mapping[str, str], folder: Path
) -> dict[str, tuple[str, Tree]]:
    """What an earlier run that was killed has left: repo -> (commit, tree).

    A repo is ours where its main is one commit that bears this service's trailer; an empty repo is
    filled. Raises NameTakenError for any other.
    """
    store = init_bare(folder)
    found = {}
    for repo, name in names.items():
        if not platform.forge.exists(name):
            continue
        url = platform.forge.url(name)
        head = transport.remote_head(url)
        if head is None:
            continue
        transport.fetch(folder, url, "refs/heads/main")
        commit = store[head].peel(pygit2.Commit)
        if commit.parent_ids or trailers(commit.message).get(SERVICE_TRAILER) != service:
            raise NameTakenError(
                f"the forge has a repo `{name}` that scaffold did not make for `{service}`",
                where=url,
                hint="Choose another name, or move that repo away.",
            )
        found[repo] = (head, read_tree(store, head))
    return found


def _recorded(leftovers: Mapping[str, tuple[str, Tree]]) -> dict[str, Any]:
    """The answers of the run that did not finish, so that the set fits together."""
    _, tree = next(iter(leftovers.values()))
    recorded = yaml.safe_load(tree[ANSWERS_FILE].data) or {}
    return {
        key: value
        for key, value in recorded.items()
        if not key.startswith("_") and key not in {"repo", "siblings", "environments"}
    }


def _build(
    blueprint: BlueprintVersion,
    answers: Mapping[str, Any],
    names: Mapping[str, str],
    leftovers: Mapping[str, tuple[str, Tree]],
    platform: PlatformRepo,
    folder: Path,
    scratch: Path,
) -> tuple[NewRepo, ...]:
    """Render and commit each repo after the one it follows, so that each pin is a real commit."""
    author = transport.identity()
    store = open_repo(folder)
    built: dict[str, NewRepo] = {}
    for repo in blueprint.model.chain():
        name, url = names[repo], platform.forge.url(names[repo])
        if repo in leftovers:
            commit, tree = leftovers[repo]
            built[repo] = NewRepo(repo, name, url, commit, tree, there=True)
            continue
        tree = render(blueprint, repo, answers, folder_name=name, scratch=scratch)
        tree |= _pins(blueprint, repo, built, answers, platform)
        message = (
            f"Create {name} from the blueprint {blueprint.model.name} {blueprint.version}\n\n"
            f"{SERVICE_TRAILER}: {answers['service']}\n"
        )
        commit = make_commit(store, tree, message, author)
        built[repo] = NewRepo(repo, name, url, commit, tree, there=False)
    return tuple(built.values())


def _pins(
    blueprint: BlueprintVersion,
    repo: str,
    built: Mapping[str, NewRepo],
    answers: Mapping[str, Any],
    platform: PlatformRepo,
) -> Tree:
    part = blueprint.model.repos[repo]
    if part.follows is None:
        return {}
    above = built[part.follows]
    upstream = pins.Upstream(above.repo, above.url, above.commit)
    if part.pin is PinKind.UPSTREAM:
        return {pins.UPSTREAM_PATH: Entry.file(pins.write_upstream(upstream))}
    if part.pin is PinKind.IMAGE:
        code = pins.read_upstream(above.tree[pins.UPSTREAM_PATH].data.decode())
        image = f"{platform.model.registry}/{answers['service']}"
        tag = pins.image_tag(code.commit, above.commit)
        return {pins.IMAGE_PATH: Entry.file(pins.write_image(upstream, image=image, tag=tag))}
    return {
        pins.release_path(environment.name): Entry.file(
            # The first environment of the chain has the head from the start.
            pins.write_release(upstream)
            if environment.after is None
            else pins.write_empty_release()
        )
        for environment in platform.model.environments
    }


def _check(repos: tuple[NewRepo, ...], store: Path, scratch: Path) -> Report:
    """Check all repos together; bases that are not pushed yet are fetched from this run's store."""
    git = open_repo(store)
    for one in repos:
        git.references.create(f"refs/heads/{one.name}", one.commit, force=True)
    instead_of = {one.url: f"file://{store}" for one in repos}
    results: list[Result] = []
    for one in repos:
        folder = scratch / "assembled" / one.name
        write_folder(one.tree, folder)
        results.extend(check_repo(folder, static_only=True, instead_of=instead_of).results)
    return Report(tuple(results))


def create_service(platform: PlatformRepo, plan: NewService) -> MergeRequest | None:
    """Create, push and register what was planned; on a failure what this run made is removed.

    Returns the merge request where the registration waits for one. Raises CheckFailedError where
    the plan did not pass its checks, ForgeError.
    """
    if not plan.report.ok:
        raise CheckFailedError(
            "what was rendered does not pass its checks, so nothing was created",
            details=[
                f"{result.name} {result.target}: {line}"
                for result in plan.report.of(Outcome.FAILED)
                for line in result.details
            ],
        )
    made: list[str] = []
    with platform.forge.lock(plan.service.name):
        try:
            for one in plan.repos:
                _create_repo(platform, plan, one, made)
            return _register(platform, plan)
        except (ScaffoldError, KeyboardInterrupt):
            for name in reversed(made):
                platform.forge.delete(name)
            raise


def _create_repo(platform: PlatformRepo, plan: NewService, one: NewRepo, made: list[str]) -> None:
    if one.there:
        return
    if not platform.forge.exists(one.name):
        platform.forge.create(one.name, description=f"{plan.service.name}: {one.repo}")
        made.append(one.name)
    elif transport.remote_head(one.url) is not None:
        raise ForgeError(
            f"somebody else has just pushed to `{one.name}`", where=one.url, hint="Run it again."
        )
    transport.push(plan.store, one.url, one.commit, "main", expect=None)


def _register(platform: PlatformRepo, plan: NewService) -> MergeRequest | None:
    service = plan.service
    entry = yaml.safe_dump(service.model_dump(mode="json"), sort_keys=False, allow_unicode=True)
    files = {catalog_path(service.name): Entry.file(entry.encode()), **plan.access}
    repos = "\n".join(f"- {one.name}: {one.url}" for one in plan.repos)
    return change_platform(
        platform,
        files,
        branch=f"scaffold/register-{service.name}",
        message=f"Register the service {service.name}",
        body=f"Owner: {service.owner}\n\n{repos}",
    )

"""The plan of a new service: everything is answered, rendered and checked, and nothing created."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scaffold.checks.repo import static_checks
from scaffold.checks.report import Check, Report, run_checks
from scaffold.config.service import PairedRepo, Service
from scaffold.errors import ScaffoldError
from scaffold.fleet.access import access_tree
from scaffold.fleet.grants import read_grants
from scaffold.fleet.offers import offers_to
from scaffold.fleet.platform import PlatformRepo
from scaffold.git.folders import write_folder
from scaffold.git.ignores import ignored, rule_places
from scaffold.git.tree import Identity, Tree, init_bare, make_commit, open_repo
from scaffold.render.provenance import template_trailers
from scaffold.render.questions import Prompt
from scaffold.render.render import render
from scaffold.render.source import BlueprintVersion, open_version, read_blueprint
from scaffold.render.tasks import run_on_render, tasks_of
from scaffold.service.answers import service_answers
from scaffold.service.first_pins import NewRepo, first_pins, released_everywhere
from scaffold.service.leftovers import (
    SERVICE_TRAILER,
    Leftovers,
    check_same_answers,
    find_leftovers,
    version_to_finish,
)
from scaffold.service.names import check_new_name, check_not_taken, repo_names


@dataclass(frozen=True)
class NewService:
    """A whole new service; nothing of it exists yet, except repos that are `there`.

    `store` is the bare repo with the commits, `access` the files for the platform repo.
    `registered` is whether all of it exists: a run was killed after it had registered the service.
    """

    service: Service
    blueprint: BlueprintVersion
    answers: Mapping[str, Any]
    repos: tuple[NewRepo, ...]
    access: Tree
    report: Report
    store: Path
    registered: bool = False

    @property
    def resumed(self) -> tuple[NewRepo, ...]:
        """The repos that an unfinished run left."""
        return tuple(repo for repo in self.repos if repo.there)


def blueprint_summaries(platform: PlatformRepo) -> dict[str, str]:
    """The platform's blueprints, with their summaries."""
    summaries = {source.name: "" for source in platform.model.blueprints}
    for source in platform.model.blueprints:
        with suppress(ScaffoldError):  # reported once it is picked
            summaries[source.name] = read_blueprint(source.url).summary
    return summaries


def pick_blueprint(
    platform: PlatformRepo, name: str | None, version: str | None, scratch: Path
) -> BlueprintVersion:
    """The blueprint of this name, by default the first. Raises BlueprintNotFoundError.

    Without a version it is the newest that is not held back: who owns the service is not asked yet.
    """
    url = platform.blueprint_url(name or platform.model.blueprints[0].name)
    return open_version(url, version, scratch, offers_to(platform.model, None)[url].newest)


def assemble_service(
    platform: PlatformRepo,
    picked: BlueprintVersion,
    given: Mapping[str, Any],
    *,
    wanted_version: str | None,
    prompt: Prompt | None,
    author: Identity,
    scratch: Path,
    busy: Callable[[str], AbstractContextManager[None]],
    trust: bool = False,
) -> NewService:
    """Answer and render everything, and create nothing; `check_service` makes the report.

    With `trust`, or where platform.yml trusts the blueprint, its extensions may run, and its tasks
    run on the render.

    An unfinished run is continued with its version and its answers. `busy` is called with the name
    of each slow step. Raises AnswerError, NameTakenError, RenderError, UntrustedError,
    ProcessFailedError.
    """
    service = str(given.get("service", ""))
    registered = check_new_name(platform, service)
    names = repo_names(picked, service)
    store = scratch / "store.git"
    init_bare(store)
    leftovers = find_leftovers(platform, service, names, store, registered=registered)
    if (
        registered and leftovers.repos.keys() != names.keys()
    ):  # the owners of the repos do not matter then
        check_not_taken(platform, service)
    blueprint = picked
    if leftovers:
        blueprint = version_to_finish(leftovers, picked, wanted_version, scratch)
        given = {**leftovers.answers, **given}
        prompt = None
    siblings = {repo: (name, platform.forge.url(name)) for repo, name in names.items()}
    answers = service_answers(
        platform.model, blueprint, given, siblings, prompt=prompt, scratch=scratch
    )
    owner = str(answers["owner"])
    access = access_tree(
        platform.model, service, owner, read_grants(platform.model, platform.tree).valid
    )
    if leftovers:
        check_same_answers(leftovers, answers)
    with busy("Rendering"):
        trusted = trust or blueprint.url in platform.model.trusted
        repos = _build(
            blueprint, answers, names, leftovers, platform, store, author, scratch, trust=trusted
        )
    entry = Service(
        name=service,
        owner=owner,
        summary=str(answers.get("summary", "")),
        blueprint=blueprint.model.name,
        repos={repo.repo: PairedRepo(name=repo.name, url=repo.url) for repo in repos},
        env_repo=blueprint.model.env_repo,
    )
    return NewService(entry, blueprint, answers, repos, access, Report(()), store, registered)


def _build(
    blueprint: BlueprintVersion,
    answers: Mapping[str, Any],
    names: Mapping[str, str],
    leftovers: Leftovers,
    platform: PlatformRepo,
    folder: Path,
    author: Identity,
    scratch: Path,
    *,
    trust: bool,
) -> tuple[NewRepo, ...]:
    """Render and commit each repo after the one it follows, so that each pin is a real commit."""
    store = open_repo(folder)
    built: dict[str, NewRepo] = {}
    for repo in blueprint.model.chain():
        name, url = names[repo], platform.forge.url(names[repo])
        if there := leftovers.repos.get(repo):
            built[repo] = NewRepo(repo, name, url, there.commit, there.tree, there=True)
            continue
        tree, not_run = _rendered(blueprint, repo, answers, name, scratch, trust=trust)
        rules = {place: tree[place] for place in rule_places(tree) if place in tree}
        left_out = ignored(tree, rules, scratch)
        tree = {path: entry for path, entry in tree.items() if path not in left_out}
        tree |= first_pins(blueprint.model, repo, built, platform.model, str(answers["service"]))
        template_lines = template_trailers(blueprint.url, blueprint.version, blueprint.commit)
        message = (
            f"Create {name} from the blueprint {blueprint.model.name} {blueprint.version}\n\n"
            f"{SERVICE_TRAILER}: {answers['service']}\n{template_lines}"
        )
        commit = make_commit(store, tree, message, author)
        built[repo] = NewRepo(
            repo,
            name,
            url,
            commit,
            tree,
            there=False,
            left_out=tuple(sorted(left_out)),
            not_run=not_run,
        )
    return tuple(built.values())


def _rendered(
    blueprint: BlueprintVersion,
    repo: str,
    answers: Mapping[str, Any],
    name: str,
    scratch: Path,
    *,
    trust: bool,
) -> tuple[Tree, tuple[str, ...]]:
    """The files of a repo after the blueprint's tasks, and the tasks that are not trusted."""
    tree = render(blueprint, repo, answers, folder_name=name, scratch=scratch, trust=trust)
    known = {**answers, "repo": repo}
    if not trust:
        return tree, tasks_of(blueprint, tree, name, known, scratch=scratch)
    left = run_on_render(
        blueprint, tree, name, known, operation="copy", trust=True, scratch=scratch
    )
    pin = blueprint.model.repos[repo].pin
    return {path: entry for path, entry in left.items() if pin is None or not pin.owns(path)}, ()


def check_service(plan: NewService, scratch: Path) -> Report:
    """Check all repos together, with a release in every environment."""
    checks: list[Check] = []
    built = {repo.repo: repo for repo in plan.repos}
    for repo in plan.repos:
        folder = scratch / "assembled" / repo.name
        write_folder(released_everywhere(plan.blueprint.model, repo.repo, built), folder)
        checks.extend(static_checks(folder))
    return run_checks(checks)

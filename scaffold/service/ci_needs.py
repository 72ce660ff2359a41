"""What the committed pipeline of a repo has to be given by its forge, and what of that is missing.

The steps of `scaffold pipeline` are known here by what they need, so a pipeline that calls them
needs no list of its own: neither one of a foreign blueprint nor one that its owner has changed.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass

from scaffold.chain.repos import ChainRepo, open_chain_repo
from scaffold.checks.report import Report, Result, failed, not_run, passed
from scaffold.config.forge import kind_of
from scaffold.config.forges.kind import Ci, mapping
from scaffold.config.places import UPSTREAM_PATH
from scaffold.config.platform import PLATFORM_FILE, PLATFORM_REPO
from scaffold.config.repofile import REPOFILE
from scaffold.config.yaml_reader import read_yaml
from scaffold.errors import ConfigError, ForgeError
from scaffold.fleet.platform import PlatformRepo
from scaffold.forge.api import Forge
from scaffold.git.tree import Tree
from scaffold.service.plan import NewService

_NAME = "secrets"
_REGISTRY = ("REGISTRY_USERNAME", "REGISTRY_PASSWORD")
_TOKEN = ("SCAFFOLD_TOKEN",)
_APP = ("SCAFFOLD_APP_CLIENT_ID", "SCAFFOLD_APP_PRIVATE_KEY")
_KUBECONFIG = ("KUBECONFIG",)
_SIGNING = ("COSIGN_PRIVATE_KEY", "COSIGN_PASSWORD")
_FILES: Mapping[Ci, re.Pattern[str]] = {
    Ci.GITLAB: re.compile(r"\.gitlab-ci\.yml"),
    Ci.GITHUB: re.compile(r"\.(github|gitea|forgejo)/workflows/[^/]+\.ya?ml"),
}
_FOLDERS = (".github/workflows", ".gitea/workflows", ".forgejo/workflows")
_SETTINGS = (REPOFILE, PLATFORM_FILE)
_NO_JOBS = "This forge runs no pipelines: what a step needs, your own shell has."
_COMMENT = re.compile(r"^\s*#.*$", re.MULTILINE)
_STEP = re.compile(r"\bscaffold pipeline ([a-z]+)([^\n]*)")
_ENVIRONMENT = re.compile(r"--environment[ =]([a-z0-9-]+)")


@dataclass(frozen=True)
class Need:
    """Secrets and variables that jobs need, in one environment or, without its name, in any.

    `ways` are sets of names, of which one has to be there whole.
    """

    what_for: str
    ways: tuple[tuple[str, ...], ...]
    environment: str = ""

    def told_missing(self, given: Collection[str]) -> str:
        """What is missing of these names, in words; nothing where a way is there whole."""
        lacks = [[name for name in way if name not in given] for way in self.ways]
        if not all(lacks):
            return ""
        names = ", or ".join(" and ".join(way) for way in lacks)
        place = f" for the environment {self.environment}" if self.environment else ""
        return f"{names}{place}: {self.what_for}"


def needs_of(files: Mapping[str, str], ci: Ci) -> tuple[Need, ...]:
    """What the pipeline among the files of a repo needs. Pure."""
    texts = [text for path, text in files.items() if _FILES[ci].fullmatch(path)]
    text = _COMMENT.sub("", "\n".join(texts))
    needs = [*_needs(text, ci, _with_tokens(files), has_pin=UPSTREAM_PATH in files)]
    if _pushes(text) and _signs_with_a_key(files):
        needs.append(Need("signing the image", (_SIGNING,)))
    return tuple(dict.fromkeys(needs))


def _pushes(text: str) -> bool:
    steps = ((step[1], step[2]) for step in _STEP.finditer(text))
    return any(step == "image" and "--no-push" not in options for step, options in steps)


def _signs_with_a_key(files: Mapping[str, str]) -> bool:
    """Whether the settings of a repo ask for that; what can't be read asks for nothing."""
    with suppress(ConfigError):
        told = mapping(read_yaml(files.get(REPOFILE, ""), source=REPOFILE))
        return mapping(told.get("supply_chain")).get("signature") == "key"
    return False


def _with_tokens(files: Mapping[str, str]) -> set[str]:
    """The environments to whose clusters jobs log in by a token of the forge's.

    An env repo has them by name, the platform repo in a list. What can't be read has none: the
    checks say what is wrong with it.
    """
    found = set()
    for path in _SETTINGS:
        with suppress(ConfigError):
            told = read_yaml(files.get(path, ""), source=path)
            places = told.get("environments") if isinstance(told, dict) else None
            if isinstance(places, list):
                places = {one.get("name"): one for one in places if isinstance(one, dict)}
            for name, place in mapping(places).items():
                found |= {str(name)} if mapping(place).get("api_server") else set()
    return found


def _needs(text: str, ci: Ci, with_tokens: Collection[str], *, has_pin: bool) -> Iterator[Need]:
    steps = [(step[1], step[2]) for step in _STEP.finditer(text)]
    if "secrets.REGISTRY_PASSWORD" in text or _pushes(text):
        yield Need("the log-in of the registry", (_REGISTRY,))
    for step, options in steps:
        environment = _ENVIRONMENT.search(options)
        if step == "image" and has_pin:
            ways = (_APP, _TOKEN) if "secrets.SCAFFOLD_APP_PRIVATE_KEY" in text else (_TOKEN,)
            yield Need("reading the repo of the code", ways)
        asks_cluster = environment if step in ("access", "deploy", "smoke") else None
        if asks_cluster and asks_cluster[1] not in with_tokens:
            yield Need("the cluster", (_KUBECONFIG,), asks_cluster[1])
        # GitHub and Gitea give a job a token of its own, which may read statuses.
        if step == "smoke" and "--after" in options and ci is Ci.GITLAB:
            yield Need("reading statuses", (_TOKEN,))


def missing(forge: Forge, repo: str, needs: Collection[Need]) -> tuple[str, ...]:
    """What a repo's pipeline needs and the forge does not give, a line each. Raises ForgeError."""
    environments = [one.environment for one in needs if one.environment]
    given = forge.ci_names(repo, tuple(dict.fromkeys(environments)))
    if given is None:  # it runs no jobs
        return ()
    told = (one.told_missing(given[one.environment]) for one in needs)
    return tuple(filter(None, told))


def check_secrets(platform: PlatformRepo, service: str | None) -> Report:
    """Whether the forge has what the pipelines of a service's repos need, on their mains.

    Without a service, those of the platform repo and of all services. A repo that can't be asked
    about fails by itself. Raises UsageError, ConfigError for a service that the catalog has not.
    """
    repos = repos_with_pipelines(platform, service)
    ci = kind_of(platform.model.forge.kind).ci
    if ci is None:
        return Report(tuple(not_run(_NAME, name, _NO_JOBS) for name in repos))
    return Report(tuple(_check(platform.forge, name, url, ci) for name, url in repos.items()))


def repos_with_pipelines(platform: PlatformRepo, service: str | None = None) -> dict[str, str]:
    """The URLs of a service's repos or, without one, of the platform repo and of all services'.

    Raises UsageError, ConfigError for a service that the catalog has not.
    """
    if service is None:
        found = [one for one in platform.catalog.services.values() if not one.is_retired]
        repos = {PLATFORM_REPO: platform.forge.url(PLATFORM_REPO)}
    else:
        found, repos = [platform.catalog.need(service)], {}
    return repos | {repo.name: repo.url for one in found for repo in one.repos.values()}


def _check(forge: Forge, name: str, url: str, ci: Ci) -> Result:
    try:
        found = missing(forge, name, needs_of(pipeline_of(open_chain_repo(name, name, url)), ci))
    except ForgeError as error:
        return failed(_NAME, name, error.lines)
    return failed(_NAME, name, found) if found else passed(_NAME, name)


def pipeline_of(repo: ChainRepo) -> dict[str, str]:
    """The files of a repo that tell what its pipeline needs."""
    below = {
        f"{folder}/{path}": data.decode("utf-8", "replace")
        for folder in _FOLDERS
        for path, data in repo.files_below(folder, repo.head).items()
    }
    single = {path: repo.text(path) for path in (".gitlab-ci.yml", UPSTREAM_PATH, *_SETTINGS)}
    return below | {path: text for path, text in single.items() if text is not None}


def missing_of_new(platform: PlatformRepo, plan: NewService) -> tuple[str, ...]:
    """What the pipelines of a service just made need and the forge does not have, a line each.

    The service is there, so a forge that does not tell is one more line, and no error.
    """
    ci = kind_of(platform.model.forge.kind).ci
    if ci is None:
        return ()
    lines: list[str] = []
    for one in plan.repos:
        try:
            found = missing(platform.forge, one.name, needs_of(pipeline_in(one.tree, ci), ci))
        except ForgeError as error:
            return (*lines, f"{one.name}: not known: {error}")
        lines += [f"{one.name}: {line}" for line in found]
    return tuple(lines)


def pipeline_in(tree: Tree, ci: Ci) -> dict[str, str]:
    """The files of a tree that tell what its pipeline needs."""
    known = {UPSTREAM_PATH, *_SETTINGS}
    wanted = (path for path in tree if path in known or _FILES[ci].fullmatch(path))
    return {path: tree[path].data.decode("utf-8", "replace") for path in wanted}


def reads(files: Mapping[str, str], ci: Ci, name: str, environment: str = "") -> bool:
    """Whether the pipeline among these files reads a value, in an environment where it is told.

    Of what steps need that is known; of all else its name is looked for. Pure.
    """
    known = [one for one in needs_of(files, ci) if any(name in way for way in one.ways)]
    if known:
        return not environment or any(one.environment in ("", environment) for one in known)
    texts = (text for path, text in files.items() if _FILES[ci].fullmatch(path))
    return any(re.search(rf"\b{name}\b", _COMMENT.sub("", text)) for text in texts)

"""`scaffold adopt`."""

import sys
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from scaffold.cli.options import DataOption, Format, OutputOption, PlatformOption, QuietOption
from scaffold.cli.output import Printer, path_notes
from scaffold.cli.upgrade_options import TrustOption
from scaffold.errors import AnswerError, BlueprintNotFoundError, PlatformNotFoundError

if TYPE_CHECKING:
    from scaffold.fleet.platform import PlatformRepo
    from scaffold.render.copier_api import Question
    from scaffold.render.source import TemplateVersion
    from scaffold.render.templates import Ref, TemplateRepo
    from scaffold.upgrade.adopt import Unknown
    from scaffold.upgrade.branch import BranchState
    from scaffold.upgrade.plan import UpgradePlan
    from scaffold.upgrade.remote import Remote


def adopt(
    target: Annotated[
        str, typer.Argument(metavar="PATH_OR_URL", help="A repo, or a folder in one.")
    ],
    blueprint: Annotated[
        str, typer.Option(metavar="B", help="NAME or NAME@VERSION of the platform, or a URL.")
    ],
    as_repo: Annotated[
        str | None,
        typer.Option("--as", metavar="REPO", help="Which of the paired repos it is."),
    ] = None,
    data: DataOption = None,
    defaults: Annotated[
        bool,
        typer.Option(
            "--defaults",
            help="Ask nothing; what is not given gets its default, but for which repo it is"
            " and of which service.",
        ),
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be done; change nothing.")
    ] = False,
    trust: TrustOption = False,
    platform: PlatformOption = None,
    output: OutputOption = Format.TABLE,
    quiet: QuietOption = False,
) -> None:
    """Link a repo that was made by hand, or by cruft, to a blueprint, as a merge request.

    What is equal passes; what differs is a conflict to look at, and the exit status is 1. A repo
    with a .cruft.json starts at the version that has its commit, with the answers recorded there,
    and only what both sides changed is a conflict.
    """
    from scaffold.cli.answers import parse_pairs
    from scaffold.git.program import identity
    from scaffold.git.scratch import scratch_folder
    from scaffold.render.templates import TemplateRepo
    from scaffold.upgrade.adopt import plan_adoption, refuse_linked
    from scaffold.upgrade.branch import apply_upgrade, look
    from scaffold.upgrade.cruft import find_origin
    from scaffold.upgrade.remote import open_remote
    from scaffold.upgrade.select import repo_job

    opened = _platform(platform)
    url, wanted = _source(opened, blueprint)
    given: dict[str, Any] = parse_pairs(data or [])
    if as_repo:
        given["repo"] = as_repo
    repo = repo_job(target).repos[0]
    with scratch_folder() as scratch:
        remote = _on_forge(open_remote(repo, scratch, opened.forge if opened else None), opened)
        project = remote.project(repo.folder)
        refuse_linked(project)
        template = TemplateRepo(url, scratch)
        origin = find_origin(project.files, template, scratch)
        start = origin.version if origin else _newest(template, opened)
        version = template.lay_out(template.target(wanted) if wanted else start)
        recorded = origin.answers_to(version) if origin else {}
        answers, assumed = _answers(
            version, {**recorded, **given}, opened, scratch, defaults=defaults
        )
        trusted = trust or (opened is not None and url in opened.model.trusted)
        plan = plan_adoption(project, version, answers, scratch, origin=origin, trust=trusted)
        done = look(plan, remote)
        if not dry_run:
            done = apply_upgrade(plan, remote, done, identity())
    printer = Printer(output, quiet)
    following = ["Nothing was changed: a dry run."] if dry_run else _next(plan, target)
    document = _document(plan, done, assumed, dry_run=dry_run)
    printer.result(document, [*_text(plan, done, assumed, dry_run=dry_run), *following])
    if plan.merged.conflicts:
        printer.fail(_conflicts(plan))


def _newest(template: "TemplateRepo", platform: "PlatformRepo | None") -> "Ref":
    """The newest version that is held back from nobody. Raises BlueprintNotFoundError."""
    from scaffold.fleet.offers import offers_to
    from scaffold.render.offer import RELEASES
    from scaffold.render.source import all_held_back

    offers = offers_to(platform.model, None) if platform else {}
    newest = template.newest(offers.get(template.url, RELEASES))
    if newest is None:
        raise all_held_back(template.url)
    return newest


def _platform(given: Path | None) -> "PlatformRepo | None":
    """The platform, where there is one; a repo can be adopted without."""
    from scaffold.fleet.platform import find_platform, open_platform

    try:
        return open_platform(find_platform(Path.cwd(), given))
    except PlatformNotFoundError:
        if given is not None:
            raise
        return None


def _source(platform: "PlatformRepo | None", blueprint: str) -> tuple[str, str | None]:
    """The URL of a blueprint, and the version that is asked for."""
    if "/" in blueprint:
        return blueprint, None
    name, _, version = blueprint.partition("@")
    if platform is None:
        raise BlueprintNotFoundError(
            f"there is no blueprint `{name}`, as there is no platform here",
            hint="Name a platform with --platform DIR, or give the URL of a template.",
        )
    return platform.blueprint_url(name), version or None


def _on_forge(remote: "Remote", platform: "PlatformRepo | None") -> "Remote":
    """A repo that is not on the platform's forge gets a branch and no merge request."""
    on_it = platform is not None and platform.forge.url(remote.name) in {
        remote.url,
        f"file://{remote.url}",
    }
    return remote if on_it else replace(remote, forge=None)


def _answers(
    version: "TemplateVersion",
    given: Mapping[str, Any],
    platform: "PlatformRepo | None",
    scratch: Path,
    *,
    defaults: bool,
) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """All answers, and those of them that nobody has given."""
    from scaffold.cli.prompts import make_prompt
    from scaffold.upgrade.adopt import adoption_answers, unknown_identity

    asking = not defaults and sys.stdin.isatty()
    unknown = unknown_identity(version, given)
    told = {**given, **(_ask_identity(unknown) if asking else _refuse_unknown(unknown))}
    known = dict(told)
    ask = make_prompt(platform, asking=asking)

    def prompt(question: "Question") -> Any:
        known[question.var_name] = ask(question)
        return known[question.var_name]

    answers = adoption_answers(
        version, told, platform, prompt=None if defaults else prompt, scratch=scratch
    )
    return answers, {name: answers[name] for name in answers if name not in known}


def _ask_identity(unknown: "Unknown") -> dict[str, str]:
    from scaffold.cli.prompts import ask_service, ask_which_repo

    repo = {"repo": ask_which_repo(unknown.repos)} if unknown.repos else {}
    return {**repo, "service": ask_service()} if unknown.service else repo


def _refuse_unknown(unknown: "Unknown") -> dict[str, str]:
    missing = [f"--as {'|'.join(unknown.repos)}"] if unknown.repos else []
    missing += ["--data service=NAME"] if unknown.service else []
    if missing:
        raise AnswerError(
            "nothing says which repo this is, and of which service",
            hint=f"Give {' and '.join(missing)}: of these no default can know.",
        )
    return {}


def _text(
    plan: "UpgradePlan", done: "BranchState", assumed: Mapping[str, Any], *, dry_run: bool
) -> Iterator[str]:
    from scaffold.forge.pages import request_place

    for decision in plan.merged.decisions:
        yield f"{decision.kind:20} {decision.path}"
    yield from _conflicts(plan)
    if assumed:
        yield "\nAssumed; --data K=V says otherwise:"
        yield from (f"  {name:16} {_shown(value)}" for name, value in assumed.items())
    request = request_place(done.request) if done.request else ""
    would = "would be " if dry_run and done.would.pushes else ""
    yield f"\n{would}{done.would}  {done.branch}  {request}".rstrip()


def _next(plan: "UpgradePlan", target: str) -> Iterator[str]:
    yield "\nNext:"
    if plan.merged.conflicts:
        yield "  settle the conflicts, in a checkout of the branch: scaffold upgrade --resolve"
    yield f"  look at the branch, and merge it into {plan.project.branch}"
    yield f"  for each later version: scaffold upgrade --repo {target}"
    yield "It is not in the catalog, so `scaffold upgrade --all` does not take it."


def _conflicts(plan: "UpgradePlan") -> Iterator[str]:
    for conflict in plan.merged.conflicts:
        yield f"conflict             {conflict.path}: {conflict.kind.words}"


def _shown(value: Any) -> str:
    """A value on one line; of the environments and siblings what they are called, and where."""
    if isinstance(value, list):
        return ", ".join(_shown(one) for one in value)
    if isinstance(value, dict):
        named = value.get("url") or value.get("name")
        return str(named) if named else ", ".join(_shown(one) for one in value.values())
    return str(value)


def _document(
    plan: "UpgradePlan", done: "BranchState", assumed: Mapping[str, Any], *, dry_run: bool
) -> Any:
    from scaffold.documents.outputs import AdoptOutput

    return AdoptOutput(
        repo=plan.project.name,
        template=plan.template,
        new=plan.new.name,
        branch=done.branch,
        dry_run=dry_run,
        merge_request=done.request.url if done.request else "",
        assumed=dict(assumed),
        decisions=path_notes(plan.merged.decisions),
        conflicts=path_notes(plan.merged.conflicts),
    )

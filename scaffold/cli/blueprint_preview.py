"""`scaffold blueprint preview`."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from scaffold.cli.options import (
    JOBS,
    Format,
    JobsOption,
    OutputOption,
    PlatformOption,
    QuietOption,
    find_folder,
)
from scaffold.cli.output import Printer, diff_lines, path_notes, table
from scaffold.cli.progress import job_progress
from scaffold.errors import UsageError, not_written
from scaffold.redaction import redacted

if TYPE_CHECKING:
    from scaffold.documents.preview_output import PreviewedChange, PreviewOutput
    from scaffold.fleet.platform import PlatformRepo
    from scaffold.render.candidate import Candidate
    from scaffold.upgrade.job import Order
    from scaffold.upgrade.preview import Change, Preview

_LONGEST_CLASH = 40  # lines


def preview(
    directory: Annotated[
        Path, typer.Argument(metavar="DIR", help="A checkout of the blueprint.")
    ] = Path(),
    html: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Also write a page, for a browser."),
    ] = None,
    comment: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Also write HTML that a merge request's comment takes."),
    ] = None,
    jobs: JobsOption = JOBS,
    platform: PlatformOption = None,
    output: OutputOption = Format.TABLE,
    quiet: QuietOption = False,
) -> None:
    """Say what releasing a blueprint as it is in DIR would do to the whole fleet.

    Nothing has to be committed, and nothing is changed anywhere. The exit status is 1 where a
    repo would conflict or fail, or a static check would break.
    """
    from scaffold.authoring.next_version import told_version
    from scaffold.fleet.platform import find_platform, open_platform
    from scaffold.git.scratch import scratch_folder
    from scaffold.render.candidate import blueprint_of, make_candidate
    from scaffold.upgrade.preview import preview as look_ahead
    from scaffold.upgrade.select import catalog_jobs

    printer = Printer(output, quiet)
    for file in filter(None, (html, comment)):
        _need_writable(file)
    name = blueprint_of(find_folder(directory)).name
    opened = open_platform(find_platform(Path.cwd(), platform))
    url = _url(opened, name)
    with scratch_folder() as scratch:
        candidate = make_candidate(directory, url, scratch, partial(told_version, directory))
        service_jobs = catalog_jobs(opened, [], blueprint=name)
        with job_progress(printer, "Looking ahead", len(service_jobs)) as seen:
            found = look_ahead(service_jobs, _order(opened, url, candidate), jobs=jobs, seen=seen)
    title = f"Releasing {name} as {candidate.version}, after {candidate.base or 'no release'}"
    printer.result(_document(found, name, candidate), _text(found, title))
    if html is not None:
        from scaffold.upgrade.preview_page import preview_page

        _write(html, preview_page(found, title))
    if comment is not None:
        from scaffold.upgrade.preview_comment import preview_comment

        _write(comment, preview_comment(found, title))
    if not found.ok:
        printer.fail(_errors(found))


def _url(platform: "PlatformRepo", name: str) -> str:
    for one in platform.model.blueprints:
        if one.name == name:
            return one.url
    raise UsageError(
        f"platform.yml names no blueprint `{name}`",
        hint="Add it under `blueprints`; its name is the one in blueprint.yml.",
    )


def _order(platform: "PlatformRepo", url: str, candidate: "Candidate") -> "Order":
    from scaffold.git.program import identity
    from scaffold.upgrade.job import Order

    return Order(
        author=identity(),
        record_version=platform.model.record_versions,
        trusted=frozenset(platform.model.trusted),
        allowed=frozenset(one.url for one in platform.model.blueprints),
        stand_ins=frozenset({(url, candidate.folder)}),
    )


def _need_writable(file: Path) -> None:
    """Raise UsageError before the whole fleet is looked at, not after; leave no empty page."""
    there = file.exists() or file.is_symlink()
    with _writing(file):
        file.open("ab").close()
        if not there:
            file.unlink()


def _write(file: Path, page: str) -> None:
    with _writing(file):
        file.write_text(redacted(page) + "\n", encoding="utf-8")


@contextmanager
def _writing(file: Path) -> Iterator[None]:
    from scaffold.git.disk import OF_WRITING

    try:
        yield
    except OSError as error:
        if error.errno in OF_WRITING:
            raise not_written(error, file) from error
        raise UsageError(f"can't be written: {error.strerror}", where=str(file)) from error


def _document(found: "Preview", name: str, candidate: "Candidate") -> "PreviewOutput":
    from scaffold.documents.preview_output import (
        PreviewedClash,
        PreviewedConflict,
        PreviewedFailure,
        PreviewOutput,
    )

    return PreviewOutput(
        done=found.ok,
        blueprint=name,
        release=candidate.version,
        base=candidate.base,
        services=found.services,
        counts={result.value: number for result, number in found.counts.items()},
        only_version=found.only_version,
        conflicts=tuple(
            PreviewedConflict(
                repo=one.repo, service=one.service, conflicts=path_notes(one.conflicts)
            )
            for one in found.conflicts
        ),
        clashes=tuple(
            PreviewedClash(
                repos=one.repos,
                example=one.example,
                path=one.line.path,
                kind=one.line.kind,
                text="\n".join(one.lines),
            )
            for one in found.clashes
        ),
        failures=tuple(
            PreviewedFailure(
                repo=one.repo, service=one.service, cause=one.cause, message=one.message
            )
            for one in found.failures
        ),
        changes=tuple(map(_change, found.changes)),
        surprising=tuple(found.changes.index(one) for one in found.surprising),
    )


def _change(one: "Change") -> "PreviewedChange":
    from scaffold.documents.preview_output import PreviewedChange

    return PreviewedChange(
        repos=one.repos,
        example=one.example.repo,
        files=one.shape.files,
        added=one.shape.added,
        removed=one.shape.removed,
        checked=one.checked,
        broken=one.broken,
        not_checked=one.not_checked,
        diff=one.example.diff,
    )


def _text(found: "Preview", title: str) -> Iterator[str]:
    from scaffold.upgrade.preview_words import heading, summary_lines, wordless
    from scaffold.upgrade.report import MEANING

    yield title
    yield from summary_lines(found)
    yield ""
    yield from (f"{number:5} {MEANING[result]}" for result, number in found.counts.items())
    yield from _errors(found)
    if found.surprising:
        yield "\nChanges that the fewest repos get:"
    for one in found.surprising:
        yield f"\n{heading(one)}"
        yield from diff_lines(one.diff)
        yield from wordless(one)
    yield from _not_checked(found)


def _errors(found: "Preview") -> Iterator[str]:
    """What would be in conflict, fail, or break a check."""
    from scaffold.upgrade.preview_words import heading

    yield from _conflicts(found)
    for failure in found.failures:
        yield f"\n{failure.repo} fails: {failure.message}"
    for one in found.broken:
        yield f"\nWould break a check: {heading(one)}"
        yield from (f"  {line}" for line in one.broken.splitlines())


def _conflicts(found: "Preview") -> Iterator[str]:
    from scaffold.upgrade.preview_words import clash_heading, why

    if found.conflicts:
        rows = [
            (one.repo, line.path, why(line)) for one in found.conflicts for line in one.conflicts
        ]
        yield ""
        yield from table(("CONFLICT", "FILE", "WHY"), rows)
    for clash in found.clashes:
        if clash.lines:
            yield f"\nConflict: {clash_heading(clash)}"
            yield from (f"  {line}" for line in clash.lines[:_LONGEST_CLASH])
        if len(clash.lines) > _LONGEST_CLASH:
            yield f"  ... {len(clash.lines) - _LONGEST_CLASH} more lines"


def _not_checked(found: "Preview") -> Iterator[str]:
    from scaffold.upgrade.preview_words import unchecked_line

    if line := unchecked_line(found):
        yield f"\n{line}"
    if found.not_run:
        yield "\nChecks that could not run:"
        yield from (f"  {name}" for name in found.not_run)

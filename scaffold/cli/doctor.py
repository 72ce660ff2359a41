"""`scaffold doctor`."""

from pathlib import Path
from typing import TYPE_CHECKING

from scaffold.cli.options import Format, OutputOption, PlatformOption, QuietOption
from scaffold.cli.output import Printer
from scaffold.errors import PlatformNotFoundError

if TYPE_CHECKING:
    from scaffold.doctor.findings import Finding
    from scaffold.documents.doctor_output import DoctorOutput

_NO_FORGE = "No forge was looked at: there is no platform.yml here or above."


def doctor(
    platform: PlatformOption = None,
    output: OutputOption = Format.TABLE,
    quiet: QuietOption = False,
) -> None:
    """Say what is at hand, and how to get or mend what is not.

    It looks at git, the programs of the checks and, in a platform, at the forge: whether it
    answers, the token and its rights, the clock. Nothing is changed. What is missing is no failure,
    since commands do without it and say so; what they can't do without is one.
    """
    from scaffold.doctor.findings import Outcome, summary
    from scaffold.doctor.forge import look_at_forge
    from scaffold.doctor.machine import look_at_machine

    printer = Printer(output, quiet)
    folder = _platform(platform)
    with printer.busy("Looking"):
        of_forge = () if folder is None else tuple(look_at_forge(folder))
        found = (*look_at_machine(images=_scans_images(Path.cwd())), *of_forge)
    lines = [*(line for one in found for line in one.lines), "", summary(found)]
    printer.result(_document(found, folder), lines if folder else [*lines, _NO_FORGE])
    failures = [line for one in found if one.outcome is Outcome.FAILED for line in one.lines]
    if failures:
        printer.fail(failures)


def _scans_images(folder: Path) -> bool:
    """Whether the repo that is here has its image scanned, which takes more programs."""
    from scaffold.checks.repo import read_repofile
    from scaffold.config.repofile import REPOFILE

    return (folder / REPOFILE).is_file() and read_repofile(folder).supply_chain is not None


def _platform(given: Path | None) -> Path | None:
    """The checkout of the platform; None where none was named and none is here."""
    from scaffold.fleet.platform import find_platform

    try:
        return find_platform(Path.cwd(), given)
    except PlatformNotFoundError:
        if given is not None:
            raise
        return None


def _document(found: "tuple[Finding, ...]", folder: Path | None) -> "DoctorOutput":
    from scaffold.doctor.findings import Outcome
    from scaffold.documents.doctor_output import DoctorLine, DoctorOutput

    outcomes = {one.outcome for one in found}
    return DoctorOutput(
        passed=Outcome.FAILED not in outcomes,
        complete=Outcome.MISSING not in outcomes,
        platform=str(folder or ""),
        lines=tuple(
            DoctorLine(name=one.name, outcome=one.outcome.value, found=one.found, fix=one.fix)
            for one in found
        ),
    )

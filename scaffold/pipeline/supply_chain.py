"""What is done with an image once the registry has it: listed, scanned, signed, by its digest.

In this order, so that a signature says all of it: what is signed has passed its scan, and the list
of what is in it lies beside it. The list is attached as a signed attestation: it goes where the
image goes and can be verified, which an artifact of CI can't, and that is gone after some weeks.
"""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from scaffold.checks.tools import COSIGN, GRYPE, SYFT, Tool
from scaffold.config.accepted import ACCEPTED_PATH, AcceptedFindings
from scaffold.config.documents import parse_document, read_file
from scaffold.config.repofile import Signature, SupplyChain
from scaffold.errors import FindingsError, ProcessFailedError, UsageError
from scaffold.git.scratch import scratch_folder
from scaffold.pipeline.findings import judge, read_findings
from scaffold.process import Finished, need_program, run
from scaffold.programs import SCANNERS, SIGNING, Kind, environment

KEY = "COSIGN_PRIVATE_KEY"
# By which a job proves to Sigstore which pipeline it is: GitLab's, GitHub's.
_IDENTITIES = ("SIGSTORE_ID_TOKEN", "ACTIONS_ID_TOKEN_REQUEST_TOKEN")
# No public log hears of what is signed with a key: the names of images are nobody's business.
_NO_LOG = (
    b'{"mediaType":"application/vnd.dev.sigstore.signingconfig.v0.2+json",'
    b'"rekorTlogConfig":{},"tsaConfig":{}}\n'
)


@dataclass(frozen=True)
class Examined:
    """What came of it: notes on the scan, and by what the image is signed."""

    notes: tuple[str, ...]
    signature: Signature


def see_to_needs(settings: SupplyChain, path: Path, *, push: bool) -> None:
    """Before anything is built: raise ToolMissingError, UsageError for what will be missing.

    Without a push, too, raise ConfigError for accepted findings that can't be read: a merge request
    tells of them.
    """
    _accepted(path / ACCEPTED_PATH)
    if not push:
        return
    for tool in (SYFT, GRYPE, *_signers(settings)):
        _program(tool)
    if settings.signature is Signature.KEY and not os.environ.get(KEY):
        raise UsageError(
            f"the variable {KEY} is not set, and `signature` is `key`",
            hint="It has the text of the file that `cosign generate-key-pair` writes, or its path, "
            "and COSIGN_PASSWORD its password; `scaffold check --secrets` says which is missing.",
        )
    if settings.signature is Signature.KEYLESS and not any(map(os.environ.get, _IDENTITIES)):
        raise UsageError(
            "the job has no identity to sign by, and `signature` is `keyless`",
            hint="Give it SIGSTORE_ID_TOKEN by `id_tokens` on GitLab, or the permission "
            "`id-token: write` on GitHub; elsewhere sign with a key.",
        )


def examine(
    repository: str, digest: str, settings: SupplyChain, path: Path, login: Mapping[str, str]
) -> Examined:
    """List, scan and sign the image; the repo's folder may have accepted findings.

    Raises FindingsError where the scan finds what may not be: then nothing is signed.
    """
    accepted = _accepted(path / ACCEPTED_PATH)
    reference = f"{repository}@{digest}"
    with scratch_folder() as folder:
        sbom, listed = folder / "sbom.spdx.json", folder / "syft.json"
        outputs = [f"--output=spdx-json={sbom}", f"--output=syft-json={listed}"]
        _run(SYFT, ["scan", f"registry:{reference}", *outputs], SCANNERS, login)
        scanned = _run(GRYPE, [f"sbom:{listed}", "--output=json"], SCANNERS)
        today = datetime.now(UTC).date()
        verdict = judge(read_findings(scanned.stdout), accepted.accepted, settings.fails_at, today)
        if verdict.failing:
            raise FindingsError(
                f"the scan finds what is `{settings.fails_at}` or worse",
                where=reference,
                details=[*verdict.failing, *verdict.notes],
                hint="Update what has it: the base image, or a dependency. What does no harm here "
                f"can be accepted for a while in {ACCEPTED_PATH}. The image is not signed.",
            )
        _sign(reference, sbom, settings, folder, login)
    return Examined(verdict.notes, settings.signature)


def _accepted(file: Path) -> AcceptedFindings:
    if not file.is_file():
        return AcceptedFindings()
    return parse_document(AcceptedFindings, read_file(file), source=str(file))


def _sign(
    reference: str, sbom: Path, settings: SupplyChain, folder: Path, login: Mapping[str, str]
) -> None:
    """Attach the list, then sign the image: who finds the signature finds the list, too."""
    if settings.signature is Signature.NONE:
        return
    by = ["--yes"]
    if settings.signature is Signature.KEY:
        services = folder / "signing.json"
        services.write_bytes(_NO_LOG)
        given = os.environ[KEY]
        key = f"env://{KEY}" if given.startswith("-----BEGIN") else given
        by += [f"--key={key}", f"--signing-config={services}"]
    attest = ["attest", *by, "--type=spdxjson", f"--predicate={sbom}", reference]
    for arguments in (attest, ["sign", *by, reference]):
        _run(COSIGN, arguments, SIGNING, login)


def _signers(settings: SupplyChain) -> tuple[Tool, ...]:
    return () if settings.signature is Signature.NONE else (COSIGN,)


def _program(tool: Tool) -> str:
    return need_program(tool.name, f"{tool.get}; the CI image has it.")


def _run(
    tool: Tool, arguments: Sequence[str], kind: Kind, login: Mapping[str, str] | None = None
) -> Finished:
    done = run([_program(tool), *arguments], env=environment(kind, login))
    if done.status:
        raise ProcessFailedError(
            f"`{tool.name} {arguments[0].partition(':')[0]}` ended with status {done.status}",
            details=done.last_lines,
            hint="The image is in the registry, and not signed. Run the step again once what it "
            "says is mended.",
        )
    return done

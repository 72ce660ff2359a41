"""Whether a platform's forge can be worked with: by whom, with which rights, at what time."""

import os
import time
from collections.abc import Iterator
from pathlib import Path

from scaffold.checks.engines import SCHEMAS_HINT, engine_schemas
from scaffold.checks.tools import KUBECONFORM
from scaffold.config.documents import parse_document, read_file
from scaffold.config.forges.server import ServerForge
from scaffold.config.platform import PLATFORM_FILE, PLATFORM_REPO, Platform
from scaffold.doctor.findings import Finding, Outcome, failed, missing, well
from scaffold.errors import ForgeError, ScaffoldError
from scaffold.forge.api import Forge
from scaffold.forge.credentials import find_credentials
from scaffold.forge.http import sent_once
from scaffold.forge.reach import server_time
from scaffold.forge.registry import open_forge
from scaffold.git import branches
from scaffold.process import find_program
from scaffold.service.rights import WEBHOOK_SECRET

_CLOCKS_DIFFER = 60  # seconds; soak times and freezes are in hours, certificates in minutes


def look_at_forge(folder: Path) -> Iterator[Finding]:
    """Each thing that work with the forge takes, until one is missing that the next ones need.

    The settings are those of the checkout of the platform repo in `folder`. Nothing is changed,
    and a server that fails is not waited for.
    """
    try:
        data = read_file(folder / PLATFORM_FILE)
        platform = parse_document(Platform, data, source=PLATFORM_FILE)
    except ScaffoldError as error:
        yield failed(PLATFORM_FILE, error)
        return
    yield well(PLATFORM_FILE, str(folder))
    if platform.by_engine:
        yield from _engine_schemas()
    settings = platform.forge
    with sent_once():
        if isinstance(settings, ServerForge):
            server = list(_server(settings))
            yield from server
            if server[-1].outcome is not Outcome.OK:
                return
        forge = open_forge(settings)
        yield _rights(forge) if isinstance(settings, ServerForge) else _folder(forge, settings.path)
        yield _platform_repo(forge)
    if isinstance(settings, ServerForge) and settings.webhook:
        yield _webhooks(settings)


def _server(settings: ServerForge) -> Iterator[Finding]:
    try:
        there = server_time(settings)
    except ForgeError as error:
        yield failed("forge", error)
        return
    yield well("forge", f"{settings.url} answers")
    if there is not None:
        yield _clock(there - time.time())
    try:
        credentials = find_credentials(settings)
    except ForgeError as error:
        yield failed("token", error)
        return
    yield well("token", f"of {credentials.source}")


def _clock(ahead: float) -> Finding:
    """How this machine's clock goes, when the server's is so many seconds `ahead` of it."""
    seconds = round(abs(ahead))
    if seconds <= _CLOCKS_DIFFER:
        return well("clock", "with the forge's")
    way = "behind" if ahead > 0 else "ahead of"
    advice = "Set one of the two by a time server: freezes and soak times are counted by them."
    return Finding("clock", Outcome.FAILED, f"{seconds} s {way} the forge's", (advice,))


def _rights(forge: Forge) -> Finding:
    name = "rights"
    try:
        lacks = forge.check()
    except ForgeError as error:
        return failed(name, error)
    if not lacks:
        return well(name, "the token can do all that scaffold does")
    advice = "Grant what is named above, or set another token."
    what = "the token can't do all that scaffold does"
    return Finding(name, Outcome.FAILED, what, (*lacks, advice))


def _folder(forge: Forge, path: str) -> Finding:
    name = "forge"
    if lacks := forge.check():
        advice = "Have somebody give you the right to write there, or name another folder."
        return Finding(name, Outcome.FAILED, f"you can't {lacks[0]}", (advice,))
    return well(name, path)


def _platform_repo(forge: Forge) -> Finding:
    """Whether git reaches the platform repo, with which commit on its main."""
    name, url = "platform repo", forge.url(PLATFORM_REPO)
    try:
        head = branches.remote_head(url)
        if head is None:
            raise ForgeError(
                "has no branch `main`", where=url, hint="Push the platform's settings."
            )
    except ScaffoldError as error:
        return failed(name, error)
    return well(name, url)


def _webhooks(settings: ServerForge) -> Finding:
    """Whether there is what they are signed with; `platform sync` looks at those of each repo."""
    name = "webhooks"
    if os.environ.get(WEBHOOK_SECRET):
        return well(name, f"told to {settings.webhook}, signed with {WEBHOOK_SECRET}")
    advice = f"Set {WEBHOOK_SECRET} to what the bot has where you make services or run the bot."
    return missing(name, f"{WEBHOOK_SECRET} is not set, by which they are signed", advice)


def _engine_schemas() -> Iterator[Finding]:
    """The schemas of what engines are told, where the program that needs them is there."""
    program = find_program(KUBECONFORM.name)
    if program is None:
        return
    folder = engine_schemas(Path(program))
    if folder.is_dir():
        yield well("engine schemas", str(folder))
    else:
        yield missing("engine schemas", SCHEMAS_HINT)

"""Whether a server can be reached at all, before it is asked anything with a token."""

from email.utils import parsedate_to_datetime

import requests

from scaffold.config.forges.server import ServerForge
from scaffold.forge.http import PatientAdapter, make_session, refusal, unreachable

_DOING = "reach it"
_FAULT = 500


def server_time(settings: ServerForge) -> float | None:
    """What time it is on a server, in seconds since 1970, or None where it does not say.

    It is asked without a token: any answer that is no fault of its own will do. Raises ForgeError.
    """
    session = make_session(PatientAdapter(settings.ca_file))
    try:
        answer = session.get(settings.url, auth=_nobody, allow_redirects=False)
    except requests.RequestException as error:
        raise unreachable(error, _DOING, where=settings.url, token="") from error
    if answer.status_code >= _FAULT:
        raise refusal(
            answer.status_code,
            "",
            _DOING,
            where=settings.url,
            needs="a server that is up",
            token="",
        )
    return _seconds(answer.headers.get("Date", ""))


def _nobody(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Sign nothing; without this, requests would with what ~/.netrc has for the host."""
    return request


def _seconds(header: str) -> float | None:
    try:
        return parsedate_to_datetime(header).timestamp()
    except ValueError:
        return None

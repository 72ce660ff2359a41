"""The HTTP side that all servers share: patience with faults and limits, and refusals in words.

Whatever is sent may be sent again, since every call of ours looks first and takes "exists" for
done; so a POST is retried like a GET.
"""

import logging
import random
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase

from scaffold import __version__
from scaffold.deadline import pause, time_left
from scaffold.errors import ForgeError
from scaffold.forge.cut_off import CutOff, let_cut_off

_CONNECT, _READ = 10.0, 60.0  # seconds
_WHOLE = 120.0  # seconds for one answer, from the request to the end of its body
_FAULT_BUDGET = 60.0  # seconds for a server that fails or is silent
_LIMIT_BUDGET = 900.0  # seconds of waiting because the server asked for it
_SECONDARY_WAIT = 60.0  # seconds; what GitHub asks for where it names no time
_FAULTS = frozenset({500, 502, 503, 504})
_FORBIDDEN, _TOO_MANY, _FAILED = 403, 429, 500
_BROKEN = (
    requests.ConnectionError,
    requests.Timeout,
    requests.exceptions.ChunkedEncodingError,
    requests.exceptions.ContentDecodingError,
)
_LONGEST_ANSWER = 500  # characters of what a server said
_log = logging.getLogger(__name__)


_once: ContextVar[bool] = ContextVar("once", default=False)


@contextmanager
def sent_once() -> Iterator[None]:
    """Have no patience meanwhile: what is asked for again later may do harm by then."""
    token = _once.set(True)
    try:
        yield
    finally:
        _once.reset(token)


class TokenAuth(AuthBase):
    """A token in the Authorization header; having it set keeps ~/.netrc out of the matter."""

    def __init__(self, scheme: str, token: str) -> None:
        self._value = f"{scheme} {token}"

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Sign a request."""
        request.headers["Authorization"] = self._value
        return request


class PatientAdapter(HTTPAdapter):
    """Sends again what met a fault or a limit, within a budget of waiting; each wait is logged.

    `ca_file` is used whatever the environment names, which requests lets win over a session's own
    setting.
    """

    def __init__(self, ca_file: str = "") -> None:
        super().__init__()
        self._ca_file = ca_file

    def init_poolmanager(self, *arguments: Any, **named: Any) -> None:
        """See HTTPAdapter."""
        super().init_poolmanager(*arguments, **named)
        let_cut_off(self.poolmanager)

    def proxy_manager_for(self, *arguments: Any, **named: Any) -> Any:
        """See HTTPAdapter."""
        manager = super().proxy_manager_for(*arguments, **named)
        let_cut_off(manager)
        return manager

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: Any = None,
        verify: bool | str = True,
        cert: Any = None,
        proxies: Mapping[str, str] | None = None,
    ) -> requests.Response:
        """Send, and again as long as there is hope.

        Raises what requests raises for the last; TimeUpError.
        """
        patience = _Patience(request.url or "")
        while True:
            # requests has no time-out of its own.
            times = timeout or tuple(time_left(most, patience.host) for most in (_CONNECT, _READ))
            try:
                with CutOff(time_left(_WHOLE, patience.host)) as cut_off:
                    response = self._sent_once(
                        cut_off, request, stream, times, self._ca_file or verify, cert, proxies
                    )
            except requests.exceptions.SSLError:
                raise
            except _BROKEN as error:
                time_left(_WHOLE, patience.host)  # it may be the work's time that was too short
                if not patience.waits_after_fault(type(error).__name__):
                    raise
            else:
                if not patience.waits_after(response):
                    return response
                response.close()

    def _sent_once(
        self, cut_off: CutOff, request: requests.PreparedRequest, stream: bool, *how: Any
    ) -> requests.Response:
        try:
            response = super().send(request, stream, *how)
            if not stream:
                _ = response.content  # read here, so that a reset on the way counts
        except requests.RequestException as error:
            if cut_off.happened:
                raise _not_whole(request) from error
            raise
        if cut_off.happened:
            raise _not_whole(request)
        return response


def _not_whole(request: requests.PreparedRequest) -> requests.ReadTimeout:
    return requests.ReadTimeout("its answer did not come to its end in time", request=request)


class _Patience:
    """What is left of the waiting that one request may do."""

    def __init__(self, url: str) -> None:
        self.host = url.split("/")[2] if "//" in url else url
        self._began = time.monotonic()
        self._faults = self._limits = 0.0
        self._next = 1.0

    def waits_after(self, response: requests.Response) -> bool:
        """Wait where the answer asks for it or is a fault; False where it is to be taken."""
        if _once.get():
            return False
        wait = _asked_wait(response)
        if wait is not None:
            if self._limits + wait > _LIMIT_BUDGET:
                return False
            self._limits += wait
            self._sleep(wait, "its rate limit is used up")
            return True
        return response.status_code in _FAULTS and self.waits_after_fault(
            f"status {response.status_code}"
        )

    def waits_after_fault(self, why: str) -> bool:
        """Wait, longer each time; False where there is no budget left.

        What a silent server took until it was given up counts, too.
        """
        if _once.get():
            return False
        wait = self._next * random.uniform(0.5, 1.0)  # noqa: S311 - spreads out a fleet's calls
        spent = time.monotonic() - self._began - self._limits
        if max(self._faults, spent) + wait > _FAULT_BUDGET:
            return False
        self._faults += wait
        self._next *= 2
        self._sleep(wait, why)
        return True

    def _sleep(self, seconds: float, why: str) -> None:
        _log.warning("%s: %s; trying again in %.0f s", self.host, why, seconds)
        pause(seconds, self.host)


def _asked_wait(response: requests.Response) -> float | None:
    """The seconds that a limit asks to wait for, or None where the answer is not about one.

    429 and 403 as GitHub documents them for its primary and secondary limits, and as GitLab and
    Gitea (behind a proxy) send 429. A 503 may name a time, too.
    """
    headers, status = response.headers, response.status_code
    if status not in {_TOO_MANY, _FORBIDDEN, 503}:
        return None
    if (wait := _retry_after(headers.get("Retry-After", ""))) is not None:
        return max(wait, 1.0)
    reset = headers.get("x-ratelimit-reset") or headers.get("ratelimit-reset") or ""
    left = headers.get("x-ratelimit-remaining") or headers.get("ratelimit-remaining")
    if left == "0" and _is_number(reset):
        return max(float(reset) - time.time(), 1.0)
    limited = status == _FORBIDDEN and "rate limit" in response.text.lower()
    return _SECONDARY_WAIT if limited or status == _TOO_MANY else None


def _retry_after(header: str) -> float | None:
    """The seconds that a header asks to wait, by their number or until a date; None for neither.

    https://www.rfc-editor.org/rfc/rfc9110#field.retry-after
    """
    if _is_number(header):
        return float(header)
    try:
        until = parsedate_to_datetime(header).replace(tzinfo=UTC)  # a date of HTTP is of no other
    except (ValueError, OverflowError):
        return None
    return until.timestamp() - time.time()


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit()


def make_session(adapter: PatientAdapter, auth: AuthBase | None = None) -> requests.Session:
    """A session for one server; proxies come from the environment."""
    session = requests.Session()
    session.auth = auth
    session.headers["User-Agent"] = f"scaffold/{__version__}"
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    return session


def hidden(text: str, token: str) -> str:
    """A text that shows no token, should a server repeat it."""
    return text.replace(token, "***") if token else text


def refusal(
    status: int, words: str, doing: str, *, where: str, needs: str, token: str
) -> ForgeError:
    """What to tell about an answer that no waiting fixes.

    `doing` is what was tried, as in "create the repo `shop`"; `needs` is the scope, the membership
    or the setting that it takes.
    """
    no_such_values = f"The forge takes no such values; it may be a setting. It takes {needs}."
    advice = {
        400: no_such_values,  # what GitLab says for 422
        401: "The token is not valid (any more), or is another instance's. Set a new one.",
        403: f"The token may not do that. It takes {needs}.",
        404: f"It is not there, or the token may not see it. It takes {needs}.",
        409: "It is in conflict with what is there; look at it, then run this again.",
        422: no_such_values,
        429: "Its rate limit is used up; run this again later.",
    }
    failed = "The server failed; run this again once it is well."
    hint = advice.get(status, failed if status >= _FAILED else f"It takes {needs}.")
    answer = " ".join(hidden(words, token).split())[:_LONGEST_ANSWER]
    return ForgeError(
        f"can't {doing}: status {status}",
        where=where,
        hint=hint,
        details=[answer] if answer else [],
    )


def unreachable(error: Exception, doing: str, *, where: str, token: str) -> ForgeError:
    """What to tell about a server that gave no answer."""
    if isinstance(error, requests.exceptions.SSLError):
        hint = "Is its certificate by a CA of your own? Name that one's file: `forge.ca_file`."
    elif isinstance(error, requests.exceptions.ProxyError):
        hint = "Look at the proxy in HTTPS_PROXY and NO_PROXY."
    elif isinstance(error, requests.ReadTimeout):
        hint = "The server is reached but gives no whole answer. Run this again once it does."
    else:
        hint = "Look at the URL and the network, then run this again."
    words = hidden(str(error), token)
    return ForgeError(f"can't {doing}: no answer", where=where, hint=hint, details=[words])

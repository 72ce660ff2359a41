"""What may be shown of a text: no user and no token in a URL."""

import re

# Up to the last `@` before the path: a password may have one in it that nobody has quoted.
_USERINFO = re.compile(r"(?P<scheme>\b[a-z][a-z0-9+.-]*://)(?P<userinfo>[^\s/?#'\"<>`]*)@", re.I)


def redacted(text: str) -> str:
    """A text in which no URL tells a user or a token; the user of an ssh:// URL is no secret."""
    return _USERINFO.sub(_hidden, text) if "@" in text else text


def _hidden(found: re.Match[str]) -> str:
    is_name = found["scheme"].lower() == "ssh://" and ":" not in found["userinfo"]
    return found[0] if is_name else f"{found['scheme']}***@"

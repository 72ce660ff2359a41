"""The rule about secrets: private keys, and tokens with a known format.

Not by a library: detect-secrets needs an HTTP client to check whether a token is active, and its
formats lack GitLab's and GitHub's newer tokens.
"""

import re
from collections.abc import Iterator

from scaffold.lint.rule import Rule, Spot
from scaffold.lint.source import Source

# The prefixes as documented by each vendor.
_SHAPES = {
    "AWS access key": r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b",
    "Docker Hub token": r"\bdckr_(?:pat|oat)_[0-9A-Za-z_-]{27,}",
    "GitHub token": r"\bgh[oprsu]_[0-9A-Za-z]{36,}|\bgithub_pat_[0-9A-Za-z_]{70,}",
    "GitLab token": r"\bgl(?:agent|cbt|dt|ft|oas|pat|ptt|rt|soat)-[0-9A-Za-z_=.-]{20,}",
    "Google key": r"\bAIza[0-9A-Za-z_-]{35}\b|\bGOCSPX-[0-9A-Za-z_-]{28}\b",
    "npm token": r"\bnpm_[0-9A-Za-z]{36}\b",
    "private key": r"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----"
    # The key: a line of base64, after the headers of OpenPGP and old OpenSSL.
    r"(?:\\n|\s)*(?:[A-Za-z-]+: [^\n]*\n)*\s*[0-9A-Za-z+/=]{40,}",
    "PyPI token": r"\bpypi-AgE[0-9A-Za-z_-]{50,}",
    "SendGrid key": r"\bSG\.[0-9A-Za-z_-]{22}\.[0-9A-Za-z_-]{43}\b",
    "Slack token": r"\bxox[abeoprs](?:\.[a-z]+)?-[0-9A-Za-z-]{20,}|\bxapp-[0-9]-[0-9A-Za-z-]{20,}"
    r"|https://hooks\.slack\.com/services/T[0-9A-Z]+/B[0-9A-Z]+/[0-9A-Za-z]+",
    "Stripe key": r"\b[rs]k_live_[0-9A-Za-z]{24,}",
    "Vault token": r"\bhv[bs]\.[0-9A-Za-z_-]{24,}",
}
_SECRET = re.compile(
    "|".join(f"(?P<k{number}>{shape})" for number, shape in enumerate(_SHAPES.values()))
)
# Placeholders of documentation, such as AWS's own example.
_MADE_UP = re.compile(r"EXAMPLE|(?i:x{8}|0{12}|12345678)")


def secret(source: Source) -> Iterator[Spot]:
    """A secret in a template is in every repo that was made from it, and in their history.

    Found are private keys, and tokens that are known by their shape: of AWS, Docker Hub, GitHub,
    GitLab, Google, npm, PyPI, SendGrid, Slack, Stripe and Vault. Passwords, which look like any
    other word, are not. What is plainly made up (`...EXAMPLE`, `xxxxxxxx`, `12345678`) is none.
    """
    for path, text in source.texts.items():
        for match in _SECRET.finditer(text):
            if not _MADE_UP.search(match[0]):
                line = text.count("\n", 0, match.start()) + 1
                kind = list(_SHAPES)[int(str(match.lastgroup).removeprefix("k"))]
                yield Spot(path, line, f"looks like a secret: {kind}")


RULES = (
    Rule(
        "BP601", "Secret in a template",
        "Take it out, and have it replaced where it is from: it is known by now.", secret,
        shows_line=False,
    ),
)  # fmt: skip

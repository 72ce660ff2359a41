"""BP601: tokens of known shapes, in any file."""

from pathlib import Path

import pytest

from tests.lint.case import found

# Put together here, so that no scanner takes this file for one that has secrets.
KEY = "PRIVATE KEY-----\n"
BODY = "MIIEowIBAAKCAQEAq3f9aVnT0yKzWmB7uXhQeRsLdJcPoGiYtNvMx2Z5w8kD4rFb\n"
RANDOM = "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"
TOKENS = {
    "AWS access key": "AKIA" + "Q3EGPFOWYZ2ZX7LK",
    "Docker Hub token": "dckr_" + f"pat_{RANDOM}",
    "GitHub token": "ghp_" + RANDOM,
    "GitLab token": "glpat-" + "x1Y2z3A4b5C6d7E8f9G0",
    "Google key": "AIza" + RANDOM[:35],
    "npm token": "npm_" + RANDOM,
    "private key": "-----BEGIN RSA " + KEY + BODY,
    "PyPI token": "pypi-AgE" + RANDOM * 2,
    "SendGrid key": "SG." + f"{RANDOM[:22]}.{(RANDOM * 2)[:43]}",
    "Slack token": "xoxb-" + "98765432109-a1B2c3D4e5F6g7H8i9J0k1L2",
    "Stripe key": "sk_live_" + RANDOM,
    "Vault token": "hvs." + RANDOM,
}
OTHERS = {
    "GitHub token": "github_pat_" + RANDOM * 2 + RANDOM[:10],
    "GitLab token": "glrt-" + "t1_x1Y2z3A4b5C6d7E8f9G0",
    "Slack token": "https://hooks.slack.com/services/" + "T0A1B2C3D/B0A1B2C3D/" + RANDOM[:24],
    "private key": "-----BEGIN OPENSSH " + KEY.replace("\n", "\\n") + BODY,
}


@pytest.mark.parametrize(("kind", "token"), OTHERS.items())
def test_bp601_another_shape(tmp_path: Path, kind: str, token: str) -> None:
    """Makers change the shape of their tokens, and people write keys in one line."""
    assert [f"README.md:1 BP601 looks like a secret: {kind}"] == found(
        tmp_path, {"README.md": f"{token}\n"}
    )


@pytest.mark.parametrize(("kind", "token"), TOKENS.items())
@pytest.mark.parametrize("name", ["code/settings.txt.jinja", "tests/test_it.py", "README.md"])
def test_bp601_a_secret(tmp_path: Path, name: str, kind: str, token: str) -> None:
    """In templates and in what is not rendered: it is in the repo's history either way."""
    assert [f"{name}:2 BP601 looks like a secret: {kind}"] == found(
        tmp_path, {name: f"one\ntoken: {token}\n"}
    )


def test_bp601_does_not_repeat_the_secret(tmp_path: Path) -> None:
    """The output of lint ends up in logs."""
    token = TOKENS["GitHub token"]

    assert token not in " ".join(found(tmp_path, {"README.md": f"{token}\n"}))


@pytest.mark.parametrize(
    "line",
    [
        "aws_access_key_id = AKIAIOSFODNN7EXAMPLE",
        "token: ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
        "password: {{ password }}",
        "uses: actions/checkout@08c6903cd8c0fde910a37f88322edcfb5dd907a8",
        "--hash=sha256:" + "0123456789abcdef" * 4,
        "-----BEGIN CERTIFICATE-----\n" + BODY,
        "-----BEGIN PUBLIC " + "KEY-----\n" + BODY,
        "It begins with `-----BEGIN " + "PRIVATE KEY-----`.",
        "-----BEGIN " + KEY + "{{ key }}\n",
        "integrity: sha512-" + RANDOM * 2 + "aaaaaaaaaaaaaa==",
        "password: correct horse battery staple",
    ],
)
def test_bp601_no_secret(tmp_path: Path, line: str) -> None:
    """Examples, placeholders, commits, digests, public keys; and words, which nobody can tell."""
    assert [] == found(tmp_path, {"docs.txt": f"{line}\n"})

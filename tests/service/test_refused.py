"""Bad input to `scaffold new service` gets a clear error, and nothing is created."""

from pathlib import Path

import pytest

from tests.service.run import release_blueprint, scaffold, service_repos

NEW = ("new", "service", "payments", "--defaults")


def test_a_taken_name_is_refused(with_payments: Path) -> None:
    """A second service of the same name is an error that changes nothing."""
    again = scaffold(*NEW, cwd=with_payments)

    assert 1 == again.returncode
    assert again.stderr.startswith("error [name-taken]: the service name `payments` is taken")


@pytest.mark.parametrize(
    "name",
    ["../x", "a/b", ".", "Payments", "1st", "pay_ments", "pay-", "-pay", "zahlung\u00fc", "a\u0430",
     "a" * 41, "platform", "forge", "kube-x", "", " ", "a b", "a\n"],
)  # fmt: skip
def test_a_bad_name_is_refused(workspace: Path, name: str) -> None:
    """A name that can't be a service's is wrong use: RFC 1123, paths, reserved words, unicode."""
    refused = scaffold("new", "service", "--defaults", "--", name, cwd=workspace)

    assert 2 == refused.returncode
    assert f"the service name `{name}`" in refused.stderr
    assert [] == [path.name for path in (workspace / "forge").glob("*-code.git")]


def test_a_missing_name_is_refused(workspace: Path) -> None:
    """Without a terminal nobody can be asked for it."""
    refused = scaffold("new", "service", cwd=workspace)

    assert 2 == refused.returncode
    assert refused.stderr.startswith("error [answer-invalid]: the service has no name")


def test_a_question_that_nobody_can_be_asked_is_refused(workspace: Path) -> None:
    """Without a terminal and without --defaults, each question needs its answer."""
    refused = scaffold("new", "service", "payments", cwd=workspace)

    assert 2 == refused.returncode
    assert "the question `owner` has no answer, and there is no terminal" in refused.stderr


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ("prot=9000", "Did you mean `port`?"),
        ("port=80", "the answer to `port` is not valid"),
        ("port=many", "the answer to `port` is not valid"),
        ("owner=nobody", "there is no team `nobody`"),
        ("exposure=everyone", "the answer to `exposure` is not valid"),
        ("port", "--data port is not K=V"),
    ],
)
def test_a_bad_answer_is_refused(workspace: Path, data: str, said: str) -> None:
    """It names the question and what to do."""
    refused = scaffold(*NEW, "--data", data, cwd=workspace)

    assert (2, True) == (refused.returncode, said in refused.stderr), refused.stderr
    assert [] == service_repos(workspace)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"- a\n- b\n", ": is not a mapping of questions to answers"),
        (b"port: [\n", ":2: is not valid YAML: expected the node content"),
        (b"port: 1\nsize: {a\n", ":3: is not valid YAML: expected ',' or '}'"),
        (b"\xff\xfe\x00", ":1: is not UTF-8 text"),
        (None, ": can't be read: No such file"),
    ],
)
def test_a_bad_answers_file_is_refused(workspace: Path, content: bytes | None, said: str) -> None:
    """It names the file, and the line where there is one."""
    file = workspace / "answers.yml"
    if content is not None:
        file.write_bytes(content)

    refused = scaffold(*NEW, "--data-file", str(file), cwd=workspace)

    assert (2, True) == (refused.returncode, f"{file}{said}" in refused.stderr), refused.stderr
    assert "unicode string" not in refused.stderr


@pytest.mark.parametrize(
    ("blueprint", "said"),
    [
        ("rust-service", "there is no blueprint `rust-service`"),
        ("python-service@v9.0.0", "has no version `v9.0.0`"),
    ],
)
def test_an_unknown_blueprint_or_version_is_refused(
    workspace: Path, blueprint: str, said: str
) -> None:
    """It says which there are."""
    refused = scaffold(*NEW, "--blueprint", blueprint, cwd=workspace)

    assert (1, True) == (refused.returncode, said in refused.stderr), refused.stderr


def test_a_broken_template_is_refused(workspace: Path) -> None:
    """It names the file of the blueprint, and nothing is created."""
    release_blueprint(workspace, "v1.1.0", "manifest/README.md.jinja", "# {{ service | nope }}\n")

    refused = scaffold(*NEW, cwd=workspace)

    assert 1 == refused.returncode
    assert "error [render-failed]:" in refused.stderr
    assert "manifest/README.md.jinja" in refused.stderr
    assert [] == service_repos(workspace)


def test_what_fails_its_checks_is_not_created(workspace: Path) -> None:
    """A blueprint that renders a manifest with a misspelt key makes no service; a dry run fails."""
    path = "manifest/base/service-account.yaml.jinja"
    text = "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: x}\nsecretz: []\n"
    release_blueprint(workspace, "v1.1.0", path, text)

    refused = scaffold(*NEW, cwd=workspace)

    assert 1 == refused.returncode
    assert "error [check-failed]: what was rendered does not pass its checks" in refused.stderr
    assert "'secretz' not allowed" in refused.stderr
    assert [] == service_repos(workspace)

    shown = scaffold(*NEW, "--dry-run", cwd=workspace)
    quiet = scaffold(*NEW, "--dry-run", "--quiet", cwd=workspace)

    assert (1, True, "") == (
        shown.returncode,
        "'secretz' not allowed" in shown.stdout,
        shown.stderr,
    )
    assert (1, "", True) == (
        quiet.returncode,
        quiet.stdout,
        "'secretz' not allowed" in quiet.stderr,
    )


def test_no_platform_is_wrong_use(tmp_path: Path) -> None:
    """It says how to make one, or how to name one."""
    refused = scaffold(*NEW, cwd=tmp_path)

    assert 2 == refused.returncode
    assert "error [platform-not-found]:" in refused.stderr
    assert "scaffold init DIR" in refused.stderr

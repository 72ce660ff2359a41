"""The app repo."""

import re
import tomllib

import pytest
from rendering import Render, load


@pytest.mark.parametrize(
    ("service", "package"),
    [
        ("payments", "payments_worker"),
        ("redis", "redis_worker"),
        ("pika", "pika_worker"),
        ("import", "import_worker"),
        ("mail-worker", "mail_worker"),
    ],
)
def test_the_package_hides_no_other_module(render: Render, service: str, package: str) -> None:
    """Names of keywords and of dependencies are good names for a worker."""
    assert [package] == [path.name for path in (render("app", service=service) / "src").iterdir()]


def test_scaffold_learns_that_the_code_is_here(render: Render) -> None:
    """`scaffold pipeline image` builds the commit that is checked out."""
    expected = {
        "service": "payments",
        "owner": "team-a",
        "repo": "app",
        "kubernetes": "1.34",
        "image": "registry.example.com/payments",
        "code": "here",
    }
    assert expected == load(render("app") / ".scaffold.yml")


def test_the_image_runs_as_a_numeric_user(render: Render) -> None:
    """Kubernetes can verify `runAsNonRoot` for a number only."""
    assert "\nUSER 10001:10001\n" in (render("app") / "Dockerfile").read_text()


def test_one_image_has_both_commands(render: Render) -> None:
    """It consumes unless it is told otherwise, and gets the signals itself."""
    text = (render("app") / "Dockerfile").read_text()
    expected = 'EXPOSE 8080\nENTRYPOINT ["python", "-m", "payments_worker"]\nCMD ["consume"]\n'
    assert text.endswith(expected)


def test_the_stream_is_the_default_of_the_settings(render: Render) -> None:
    """The worker reads the answered stream."""
    settings = render("app", stream="orders") / "src/payments_worker/settings.py"
    assert '    stream: str = "orders"\n' in settings.read_text()


def test_one_kind_of_queue_is_in_the_code(render: Render) -> None:
    """With its client, and nothing of the other one."""
    for queue, module, client, other in (
        ("redis", "redis_queue.py", "redis", "pika"),
        ("rabbitmq", "rabbit_queue.py", "pika", "redis"),
    ):
        folder = render("app", queue=queue)
        found = [path.name for path in (folder / "src/payments_worker").glob("*_queue.py")]
        assert [module] == found
        for lock in ("requirements.lock", "requirements-dev.lock"):
            text = (folder / lock).read_text()
            assert re.search(rf"^{client}==", text, re.MULTILINE)
            assert other not in text
        said = {path: path.read_text().lower() for path in folder.rglob("*.py")}
        said |= {path: path.read_text().lower() for path in folder.rglob("*.md")}
        wrong = {"redis": "rabbit", "rabbitmq": "redis"}[queue]
        assert [] == [path for path, text in said.items() if wrong in text]


def test_the_tests_have_a_rabbitmq(render: Render) -> None:
    """Each CI starts one, and names it to the tests alone; a Redis is in their memory."""
    gitlab = load(render("app", queue="rabbitmq") / ".gitlab-ci.yml")["test"]
    [server] = gitlab["services"]
    jobs = load(render("app", queue="rabbitmq", ci="github") / ".github/workflows/ci.yml")["jobs"]
    assert ["test"] == [name for name, job in jobs.items() if "services" in job]
    assert server["name"] == jobs["test"]["services"]["rabbitmq"]["image"]
    login = gitlab["variables"]
    url = f"amqp://{login['RABBITMQ_DEFAULT_USER']}:{login['RABBITMQ_DEFAULT_PASS']}@{server['alias']}/%2F"
    told = [gitlab["variables"], jobs["test"]["env"]]
    assert [url, url] == [variables["TEST_AMQP_URL"] for variables in told]
    assert "services" not in load(render("app") / ".gitlab-ci.yml")["test"]


def test_docs_link_to_the_paired_repos(render: Render) -> None:
    """The overview leads to each of the two repos."""
    index = (render("app") / "docs/index.md").read_text()
    for repo in ("app", "deploy"):
        assert f"[payments-{repo}](https://git.example.com/payments-{repo}.git)" in index


def test_images_are_built_after_the_tests(render: Render) -> None:
    """An image is built from what passed, and pushed from main only."""
    gitlab = load(render("app") / ".gitlab-ci.yml")
    assert ["test", "image"] == gitlab["stages"]
    assert "image" == gitlab["build-image"]["stage"]
    github = load(render("app", ci="github") / ".github/workflows/ci.yml")
    assert ["validate", "test"] == github["jobs"]["image"]["needs"]
    assert "github.ref == 'refs/heads/main'" == github["jobs"]["image"]["if"]


def test_a_merge_request_tries_the_build(render: Render) -> None:
    """The job has another name than that whose success says that the registry has the image."""
    gitlab = load(render("app") / ".gitlab-ci.yml")["try-image"]
    expected = {
        "stage": "image",
        "rules": [{"if": '$CI_PIPELINE_SOURCE == "merge_request_event"'}],
        "script": ["scaffold pipeline image --no-push"],
    }
    assert expected == gitlab
    github = load(render("app", ci="github") / ".github/workflows/ci.yml")["jobs"]["try-image"]
    assert (["validate", "test"], "github.event_name == 'pull_request'") == (github["needs"], github["if"])


def test_the_locks_hold_what_the_project_asks_for(render: Render) -> None:
    """What is pinned in pyproject.toml has the same version in the lock, and a hash."""
    folder = render("app")
    project = tomllib.loads((folder / "pyproject.toml").read_text())
    extras = project["project"]["optional-dependencies"]
    pinned = {*extras["dev"], *extras["docs"], *project["build-system"]["requires"]}
    locked = (folder / "requirements-dev.lock").read_text() + (folder / "requirements-build.lock").read_text()
    runs = re.findall(r"^(\S+==\S+)", (folder / "requirements.lock").read_text(), re.MULTILINE)
    hashed = re.findall(r"^(\S+==\S+)(?: ; .*)? \\\n    --hash=sha256:", locked, re.MULTILINE)
    assert set() == {*pinned, *runs} - {*hashed}
    assert 2 <= len(runs)


def test_a_stale_lock_ends_the_tests(render: Render) -> None:
    """The code is installed as in the image, with what the lock has; only then the rest."""
    recipe = (render("app") / "Makefile").read_text().split("\n.venv/.installed: ")[1]
    steps = [line.removeprefix("\t$(BIN)/") for line in recipe.splitlines() if "$(BIN)/pip" in line]
    assert recipe.startswith("pyproject.toml $(LOCKS)\n")
    assert [
        "pip install --quiet --requirement requirements.lock --requirement requirements-build.lock",
        "pip install --quiet --no-deps --no-build-isolation --editable .",
        "pip check || $(STALE)",
        "pip install --quiet $(LOCKS:%=--requirement %) || $(STALE)",
        'pip install --quiet --dry-run --no-index --no-build-isolation ".[dev,docs]" || $(STALE)',
    ] == steps

"""What the tests of every shipped blueprint need: rendered repos, and what must hold in each."""

import ast
import json
import re
import shutil
import subprocess
import tomllib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml
from allpairspy import AllPairs

Render = Callable[..., Path]

# One line each that breaks where it is pasted instead of quoted.
SUMMARIES = [
    "Takes card payments",
    r"""It's "50 % off": # {{ not }} {% a %} `tag` \ $HOME ${PATH} | <b> & *x* _y_ [a](b.md)""",
    "- Überweisungen 決済 🤝 \N{ZERO WIDTH JOINER} é",
    '"',
]
BASES = {
    "docs_base": "https://docs.example.com",
    "grafana_base": "https://grafana.example.com",
    "domain": "example.com",
}
# How the file of each begins.
LICENSES = {
    "Apache-2.0": "Apache License",
    "BSD-3-Clause": "BSD 3-Clause License",
    "MIT": "MIT License",
}
CI_FILES = {"gitlab": ".gitlab-ci.yml", "github": ".github/workflows/ci.yml"}
KUSTOMIZE = [shutil.which("kustomize"), "build"]
if not KUSTOMIZE[0]:
    KUSTOMIZE = [shutil.which("kubectl"), "kustomize"]
needs_kustomize = pytest.mark.skipif(not KUSTOMIZE[0], reason="needs kustomize or kubectl")
# What GitHub has where GitLab asks git by itself.
CHANGED = ['changed --since "$BEFORE" >> "$GITHUB_OUTPUT"']
# What Prometheus, Grafana and GitHub fill in later.
_THEIRS = re.compile(
    r"\$\{\{ [\w. |]+ \}\}|\{\{ \$(labels\.\w+|value \| humanize\w+|value) \}\}|\{\{(route|namespace|pod|outcome)\}\}"
)
_READERS: Mapping[str, Callable[[str], Any]] = {
    ".yaml": lambda text: list(yaml.safe_load_all(text)),
    ".yml": lambda text: list(yaml.safe_load_all(text)),
    ".json": json.loads,
    ".toml": tomllib.loads,
    ".py": ast.parse,
}


def renderer(copie_session: Any, blueprint: Path) -> Render:
    """A function: the folder of one rendered repo, each combination of answers once a session."""
    rendered: dict[str, Path] = {}

    def render(repo: str, **answers: Any) -> Path:
        answers = {"service": "payments", "owner": "team-a", "repo": repo, **BASES} | answers
        key = repr(sorted(answers.items()))
        if key not in rendered:
            result = copie_session.copy(extra_answers=answers, template_dir=blueprint)
            if result.exception:
                raise result.exception
            rendered[key] = result.project_dir
        return rendered[key]

    return render


def matrix(answers: Mapping[str, Sequence[Any]]) -> list[dict[str, Any]]:
    """Combinations of answers, so that each pair of two answers is in one of them."""
    return [dict(zip(answers, row, strict=True)) for row in AllPairs(list(answers.values()))]


def load(path: Path) -> Any:
    """What a YAML file says."""
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def files(folder: Path) -> list[Path]:
    """Every file of a repo."""
    return [path for path in folder.rglob("*") if path.is_file()]


def read(path: Path) -> None:
    """Read a file as what its name says it is; raises where it is not well formed."""
    if reader := _READERS.get(path.suffix):
        reader(path.read_text(encoding="utf-8"))


def untidy(path: Path) -> list[str]:
    """What is wrong with the ends of a file's lines, and of the file."""
    text = path.read_bytes().decode()
    wrong = {
        "no newline at the end": not text.endswith("\n"),
        "empty lines at the end": text.endswith("\n\n"),
        "empty lines at the start": text.startswith("\n"),
        "CR": "\r" in text,
        "two empty lines": "\n\n\n" in text and path.suffix not in (".py", ".mako"),
        "blanks at the end of a line": bool(re.search(r"[ \t]\n", text)),
    }
    return [f"{path}: {what}" for what, is_so in wrong.items() if is_so]


def left_over(path: Path) -> list[str]:
    """The tags of the template language in a rendered file; those of other programs are no such."""
    text = _THEIRS.sub("", path.read_text(encoding="utf-8"))
    return re.findall(r"\{\{|\{%|\{#", text)


def ci_steps(folder: Path, ci: str) -> list[str]:
    """The lines of shell of all CI jobs."""
    jobs = load(folder / CI_FILES[ci])
    if ci == "github":
        return [s["run"] for job in jobs["jobs"].values() for s in job["steps"] if "run" in s]
    return [line for job in jobs.values() if "script" in job for line in job["script"]]


def signing_jobs(folder: Path, ci: str) -> dict[str, str]:
    """The CI jobs that are given what an image is signed by, and by what: `key` or `keyless`."""
    pipeline = load(folder / CI_FILES[ci])
    jobs = pipeline["jobs"] if ci == "github" else pipeline
    marks = {"secrets.COSIGN_PRIVATE_KEY": "key", "SIGSTORE_ID_TOKEN": "keyless", "id-token": "keyless"}
    return {
        name: by for name, job in jobs.items() for mark, by in marks.items() if mark in repr(job)
    }


def image_label(dockerfile: Path) -> str:
    """The description that a Dockerfile labels its image with, as it stands there."""
    return re.search(r'description="(.*)" \\\n', dockerfile.read_text(encoding="utf-8"))[1]


def build(overlay: Path) -> dict[str, Any]:
    """The objects that an overlay builds to, by kind."""
    command = [*KUSTOMIZE, str(overlay)]
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return {entry["kind"]: entry for entry in yaml.safe_load_all(output) if entry}


def settings_of(spec: dict[str, Any]) -> str:
    """The ConfigMap that pods get variables from; `spec` is the workload's, or that of its jobs."""
    [source] = spec["template"]["spec"]["containers"][0]["envFrom"]
    return source["configMapRef"]["name"]


def write(folder: Path, content: dict[str, Any]) -> None:
    """Write a kustomization, as the bot would."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "kustomization.yaml").write_text(yaml.safe_dump(content))


def hold_signing(folder: Path, answers: Mapping[str, Any]) -> None:
    """The repo of an image says by what it is signed, and has what the answer `supply_chain` needs."""
    answer = answers["supply_chain"]
    by = {"scan": "none"}.get(answer, answer)
    settings = None if answer == "none" else {"fails_at": "high", "signature": by}
    assert settings == load(folder / ".scaffold.yml").get("supply_chain")
    readme = (folder / "README.md").read_text(encoding="utf-8")
    assert (answer != "none") is ("## Once it is pushed" in readme)
    assert (answer == "key") is ("| `COSIGN_PRIVATE_KEY` |" in readme)
    # GitLab gives a variable to each job; all else is said in the pipeline.
    job = {"github": "image", "gitlab": "build-image"}[answers["ci"]]
    told = {"github": ("key", "keyless"), "gitlab": ("keyless",)}[answers["ci"]]
    expected = {job: answer} if answer in told else {}
    assert expected == signing_jobs(folder, answers["ci"])


def hold_licence(code: Path, docker: Path, answers: Mapping[str, Any]) -> None:
    """The file, the image's label and the README tell one licence; without one, none does."""
    label = re.findall(r'image\.licenses="(.*)"', (docker / "Dockerfile").read_text(encoding="utf-8"))
    linked = re.findall(r"\[([\w.-]+)\]\(LICENSE\)", (code / "README.md").read_text(encoding="utf-8"))
    if answers["license"] == "none":
        assert ([], [], False) == (label, linked, (code / "LICENSE").exists())
        return
    text = (code / "LICENSE").read_text(encoding="utf-8")
    assert LICENSES[answers["license"]] == text.split("\n")[0].strip()
    assert answers["license"].startswith("Apache") or "\nCopyright (c) team-a\n" in text
    assert [answers["license"]] == label == linked

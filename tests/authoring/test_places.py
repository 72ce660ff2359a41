"""What a check finds in rendered files is told with its place in the template."""

from pathlib import Path

import pytest

from scaffold.authoring.places import places, rendered_files
from scaffold.checks.report import failed
from tests.authoring.blueprints import Author

DEPLOYMENT = """\
{% if true -%}
kind: ConfigMap
metadata:
  name: shop
---
{% endif -%}
kind: Deployment
metadata:
  name: {{ service }}
"""
FOLDED = "code/{% if true %}a.yml{% endif %}.jinja"
DOCKERFILE = "code/Dockerfile.jinja"


def test_where_a_finding_is_from(author: Author, tmp_path: Path) -> None:
    """By the line that it names, or the object; else the file; else it is not known."""
    author.write(
        {
            DOCKERFILE: "FROM a:1\n{% if true -%}\nRUN b\n{% endif %}\n",
            FOLDED: "{# one -#}\na: 1\n",
            "code/deployment.yaml.jinja": DEPLOYMENT,
        }
    )
    files = rendered_files(author.kit().render(), tmp_path)

    def found(name: str, target: str, *details: str) -> tuple[str, ...]:
        return places(failed(name, target, list(details)), files)

    lines = ("/x/Dockerfile:2 DL3006 a", "/x/Dockerfile:2 DL3007 b", "/x/Dockerfile:1 DL3008 c")
    assert (f"{DOCKERFILE}:3", f"{DOCKERFILE}:1") == found("hadolint", "code/Dockerfile", *lines)
    assert (f"{FOLDED}:2",) == found("gitlab-ci", "code/a.yml", "a is not valid")
    quoted = ("Dockerfile:2:1: wrong", "  |", "2 | RUN b", "  | ^~~")
    assert (f"{DOCKERFILE}:3",) == found("actionlint", "code/Dockerfile", *quoted)
    for overlay in ("code/overlays/dev", "code/overlays/prod"):
        assert ("code/deployment.yaml.jinja:7",) == found(
            "kubeconform", overlay, "Deployment shop: a"
        )
    assert () == found("kubeconform", "docker/overlays/dev", "Deployment shop: a")
    assert () == found("kubeconform", "code/overlays/dev", "Service shop: a")
    assert () == found("kustomize", "code/overlays/dev", "kustomize can't build it")


@pytest.mark.parametrize("path", ["/x/y/assembled/shop/a.yml", "../../x/y/assembled/shop/a.yml"])
def test_temporary_folders_are_not_told(path: str) -> None:
    """However a tool writes them."""
    told = failed("a", "b", [f"in {path}:1: wrong"]).told_from(Path("/x/y/assembled"))

    assert ("in shop/a.yml:1: wrong",) == told.details

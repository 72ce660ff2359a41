"""BP5xx: what is not a blueprint's to render."""

from pathlib import Path

import pytest

from tests.lint.case import MODEL, found

NAMESPACE = "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n"


@pytest.mark.parametrize(
    ("name", "path", "repo"),
    [
        ("docker/upstream.yml", "upstream.yml", "docker"),
        ("docker/{{ 'upstream' }}.yml.jinja", "upstream.yml", "docker"),
        (
            "env/environments/dev/release/kustomization.yaml",
            "environments/dev/release/kustomization.yaml",
            "env",
        ),
        ("env/environments/dev/release/a.yaml", "environments/dev/release/a.yaml", "env"),
    ],
)
def test_bp501_a_template_that_renders_a_pin(
    tmp_path: Path, name: str, path: str, repo: str
) -> None:
    """What counts is where it is rendered to."""
    assert [f"{name}:1 BP501 renders `{path}`, a pin of the repo `{repo}`"] == found(
        tmp_path, {name: "a: b\n"}
    )


def test_bp501_the_pin_of_an_image(tmp_path: Path) -> None:
    """Which file it is follows from `pin:` in blueprint.yml."""
    model = MODEL.replace("pin: upstream", "pin: image")
    files = {"docker/image/kustomization.yaml": "a: b\n", "docker/upstream.yml": "a: b\n"}

    path = "image/kustomization.yaml"
    assert [f"docker/{path}:1 BP501 renders `{path}`, a pin of the repo `docker`"] == found(
        tmp_path, {**files, "blueprint.yml": model}
    )


def test_bp501_the_same_names_elsewhere(tmp_path: Path) -> None:
    """In a repo without such a pin, and in another folder, they are files like others."""
    files = {
        "code/upstream.yml": "a: b\n",
        "docker/docs/upstream.yml": "a: b\n",
        "env/environments/dev/kustomization.yaml": "a: b\n",
    }

    assert [] == found(tmp_path, files)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (NAMESPACE, 1),
        (f"kind: Role\napiVersion: a\n---\n{NAMESPACE}", 4),
        ('kind: List\nitems:\n  - {"kind": "Namespace", "apiVersion": "v1"}\n', 3),
        ("# {{ service }}\n" + NAMESPACE, 1),
    ],
    ids=["alone", "second", "in a list", "after a comment"],
)
def test_bp502_a_namespace(tmp_path: Path, text: str, line: int) -> None:
    """Whatever else is in the file."""
    line += text.startswith("#")

    assert [f"env/a.yaml.jinja:{line} BP502 renders a Namespace in `a.yaml`"] == found(
        tmp_path, {"env/a.yaml.jinja": text}
    )


@pytest.mark.parametrize(
    ("version", "kind"),
    [("v1", "ResourceQuota"), ("v1", "LimitRange"),
     *(("rbac.authorization.k8s.io/v1", kind)
       for kind in ("Role", "RoleBinding", "ClusterRole", "ClusterRoleBinding")),
     ("rbac.authorization.k8s.io/v1beta1", "Role")],
)  # fmt: skip
def test_bp502_a_quota_or_a_role(tmp_path: Path, version: str, kind: str) -> None:
    """They are the platform's as namespaces are."""
    text = f"apiVersion: {version}\nkind: {kind}\nmetadata: {{name: shop}}\n"
    assert [f"env/a.yaml.jinja:1 BP502 renders a {kind} in `a.yaml`"] == found(
        tmp_path, {"env/a.yaml.jinja": text}
    )


@pytest.mark.parametrize(
    "text",
    [
        "apiVersion: iam.example.com/v1\nkind: Role\n",
        "kind: Kustomization\nnamespace: shop\n",
        "kind: RoleBinding\nsubjects: [{kind: Namespace, name: a}]\n",
        "# kind: Namespace\na: b\n",
        "apiVersion: example.com/v1\nkind: Namespace\n",
    ],
)
def test_bp502_no_namespace(tmp_path: Path, text: str) -> None:
    """What only names one, or is another kind of that name."""
    assert [] == found(tmp_path, {"env/a.yaml": text})

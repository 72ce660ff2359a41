"""The docker repo."""

from rendering import Render, load


def test_the_base_image_is_exact(render: Render) -> None:
    """The compiler is pinned to a patch release; what runs has no base at all."""
    text = (render("docker") / "Dockerfile").read_text()
    assert "ARG GO_IMAGE=docker.io/library/golang:1.26.8-bookworm\n" in text
    assert ["FROM ${GO_IMAGE} AS build", "FROM scratch"] == [
        line for line in text.splitlines() if line.startswith("FROM")
    ]


def test_the_download_may_use_a_proxy_of_ones_own(render: Render) -> None:
    """Settings of Go are given as a secret, so none of them is in a layer."""
    text = (render("docker") / "Dockerfile").read_text()
    mounted = "RUN --mount=type=secret,id=go.env,target=/root/.config/go/env \\\n    go mod download\n"
    assert 1 == text.count("go mod download") == text.count(mounted)


def test_the_image_runs_as_a_numeric_user(render: Render) -> None:
    """Kubernetes can verify `runAsNonRoot` for a number only."""
    assert "\nUSER 10001:10001\n" in (render("docker") / "Dockerfile").read_text()


def test_the_process_gets_the_signals(render: Render) -> None:
    """The entry point is the service itself, with no shell around it."""
    text = (render("docker", port=9000) / "Dockerfile").read_text()
    assert text.endswith('EXPOSE 9000\nENTRYPOINT ["/payments-service"]\n')


def test_scaffold_learns_the_name_of_the_image(render: Render) -> None:
    """`scaffold pipeline image` builds what this file names."""
    expected = {
        "service": "payments",
        "owner": "team-a",
        "repo": "docker",
        "kubernetes": "1.34",
        "image": "registry.example.com/payments",
    }
    assert expected == load(render("docker") / ".scaffold.yml")

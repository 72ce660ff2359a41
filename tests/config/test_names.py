"""The rules for names."""

import pytest
import yaml

from scaffold.config.names import (
    problem_with_label,
    problem_with_registry,
    problem_with_repo_name,
    problem_with_service_name,
)


@pytest.mark.parametrize("name", ["a", "payments", "pay-2-go", "x" * 40])
def test_a_good_name_has_no_problem(name: str) -> None:
    """RFC 1123 labels that start with a letter are fine, up to 40 characters."""
    assert problem_with_service_name(name) is None


@pytest.mark.parametrize(
    "name",
    ["", "Payments", "1st", "-a", "a-", "a_b", "a.b", "../etc", "a/b", "a b", "zahlung\u00e4",
     "a\n", "x" * 41, "platform", "kube-system"],
)  # fmt: skip
def test_a_bad_name_has_a_problem(name: str) -> None:
    """Path tricks, unicode, reserved names and names that are too long are refused."""
    assert problem_with_service_name(name) is not None


@pytest.mark.parametrize("name", ["true", "false", "yes", "no", "on", "off", "null"])
def test_what_yaml_reads_as_something_else_is_no_label(name: str) -> None:
    """`service: on` in what a blueprint renders would be no text."""
    assert name != yaml.safe_load(name)
    assert "something other than a name" in str(problem_with_label(name))
    assert problem_with_label(f"{name}-1") is None


@pytest.mark.parametrize(
    "text", ["registry.example.com", "localhost:5000/a/b", "ghcr.io/acme_1/x__y/z--1", "r"]
)
def test_a_good_registry_has_no_problem(text: str) -> None:
    """A host, a port, a path: what the name of an image may begin with."""
    assert problem_with_registry(text) is None


@pytest.mark.parametrize(
    "text",
    ["", " ", "https://registry.example.com", "https://x y/", "registry.example.com/", "a b",
     "/acme", "host:/acme", "host:port/a", "host/Acme", "host/a//b", "host/a\n", "host/a:1"],
)  # fmt: skip
def test_a_bad_registry_has_a_problem(text: str) -> None:
    """Else every image would have a name that no program takes."""
    assert problem_with_registry(text) is not None


@pytest.mark.parametrize("name", ["..", ".a", "a..b", "a.git", "A", "a/b", "a" * 101])
def test_a_repo_name_is_one_harmless_path_segment(name: str) -> None:
    """A repo's name can't leave the forge's folder."""
    assert problem_with_repo_name(name) is not None

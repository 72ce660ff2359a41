"""What one environment has and another has not, though it is no patch."""

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scaffold.git.tree import Entry
from scaffold.status.uneven import uneven

ENVIRONMENTS = ("dev", "staging", "prod")
RENDERED = """\
namespace: pay-{0}
resources: [release]
labels: [{{pairs: {{environment: {0}}}}}]
patches: [{{path: cpu.yaml}}]
"""


def tree(texts: Mapping[str, str], **more: str) -> dict[str, Entry]:
    """The kustomization of each environment, and more files."""
    files = {f"{name}/kustomization.yaml": text.format(name) for name, text in texts.items()} | more
    return {f"environments/{path}": Entry.file(text.encode()) for path, text in files.items()}


def found(ours: Mapping[str, str], **more: str) -> list[tuple[str, str]]:
    """What is told of changed kustomizations; the others are as they are rendered."""
    rendered = dict.fromkeys(ENVIRONMENTS, RENDERED)
    told = uneven(tree({**rendered, **ours}, **more), tree(rendered))
    return [(path.split("/")[1], why) for path, why in told]


WITH_BUDGET = RENDERED.replace("[release]", "[release, budget.yaml]")


@pytest.mark.parametrize(
    ("ours", "told"),
    [
        (
            {"prod": WITH_BUDGET},
            [("prod", "`resources: budget.yaml` is in prod, and not in dev, staging")],
        ),
        (
            {"dev": RENDERED.replace("[release]", "[]")},
            [("dev", "`resources: release` is in staging, prod, and not in dev")],
        ),
        (
            {"prod": RENDERED + "components: [../../debug]\n"},
            [("prod", "`components: ../../debug` is in prod, and not in dev, staging")],
        ),
        (
            {"prod": RENDERED + "namePrefix: prod-\n", "dev": RENDERED + "namePrefix: dev-\n"},
            [("dev", "`namePrefix: ENVIRONMENT-` is in dev, prod, and not in staging")],
        ),
    ],
)
def test_what_is_not_in_all_is_told(ours: dict[str, str], told: list[tuple[str, str]]) -> None:
    """With where it is, and where it is not."""
    assert told == found(ours)


@pytest.mark.parametrize(
    "ours",
    [
        {},
        dict.fromkeys(ENVIRONMENTS, WITH_BUDGET),
        dict.fromkeys(ENVIRONMENTS, RENDERED + "namePrefix: {0}-\n"),
        {"prod": RENDERED.replace("cpu", "memory")},
        {"prod": RENDERED + "replicas: [{{name: pay, count: 9}}]\n"},
        {"prod": RENDERED + "configMapGenerator: [{{name: pay, envs: [more.env]}}]\n"},
        {"prod": "resources: ["},
        {"prod": "none"},
    ],
)
def test_what_environments_are_to_differ_in_is_not_told(ours: dict[str, str]) -> None:
    """Patches and settings, their own names; nor what all have; nor what nobody can read."""
    assert [] == found(ours)


def test_what_the_blueprint_renders_differently_is_not_told() -> None:
    """It was meant so."""
    texts = dict.fromkeys(ENVIRONMENTS, RENDERED) | {"prod": WITH_BUDGET}

    assert [] == list(uneven(tree(texts), tree(texts)))


def test_a_file_that_all_have_must_be_the_same() -> None:
    """But for the name of the environment."""
    same = {f"{name}/budget.yaml": f"name: pay-{name}\n" for name in ENVIRONMENTS}
    ours = dict.fromkeys(ENVIRONMENTS, WITH_BUDGET)

    assert [] == found(ours, **same)
    assert [("dev", "`resources: budget.yaml` is not the same in dev, staging, prod")] == found(
        ours, **{**same, "prod/budget.yaml": "name: pay-prod\nmore: true\n"}
    )


def test_a_retired_environment_counts_no_more() -> None:
    """It is emptied."""
    assert [] == found({"dev": "resources: [release]\n"}, **{"dev/retire.yml": ""})


@given(st.permutations(ENVIRONMENTS), st.sets(st.sampled_from(ENVIRONMENTS)))
def test_it_is_told_exactly_where_some_have_it_and_some_have_not(
    order: list[str], having: set[str]
) -> None:
    """Whatever the order of the environments is."""
    rendered = dict.fromkeys(order, RENDERED)
    ours = {name: WITH_BUDGET if name in having else RENDERED for name in order}

    told = list(uneven(tree(ours), tree(rendered)))

    assert len(told) == (0 < len(having) < len(ENVIRONMENTS))

"""The bot goes by a service's own policy, and checks refuse what is looser than the platform's."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from scaffold.bot.passes import Bot
from scaffold.chain.decide import Why
from scaffold.checks.platform import check_catalog_entry
from scaffold.checks.registry import Subject
from scaffold.checks.report import Outcome
from scaffold.config.policy import ServicePolicy
from tests.builders import write_files
from tests.chain.world import AUTOMATIC, ENVIRONMENTS, World, event
from tests.cli.test_chain import text

ALWAYS = [
    {"from": "Monday 0:00", "until": "Friday 0:00", "zone": "UTC"},
    {"from": "Friday 0:00", "until": "Monday 0:00", "zone": "UTC"},
]


def with_policy(world: World, **policy: Any) -> Bot:
    """A bot that has read an entry with this policy."""
    entry = world.entry().model_copy(update={"policy": ServicePolicy.model_validate(policy)})
    return replace(world.bot(), services=(entry,))


@pytest.mark.parametrize(
    ("wish", "why"),
    [
        ({"promotion": "soak", "soak_hours": 3}, Why.SOAKING),
        ({"promotion": "merge-request"}, Why.REQUEST),
        ({}, Why.MOVE),
    ],
)
def test_how_a_release_gets_there(world: World, wish: dict[str, Any], why: Why) -> None:
    """Where the platform lets it go by itself."""
    world.settings = {"environments": list(AUTOMATIC)}
    world.commit("code", {"app.py": "two\n"})
    bot = with_policy(world, environments=[{"name": "staging", **wish}])
    assert why is event(bot.run_pass(world.now), "staging").verdict.why


def test_a_freeze_of_its_own(world: World) -> None:
    """Of this service nothing moves, in the environments that it names."""
    world.settings = {"environments": list(AUTOMATIC)}
    world.commit("code", {"app.py": "two\n"})
    windows = [{**one, "environments": ["staging"]} for one in ALWAYS]
    report = with_policy(world, weekly_freeze=windows).run_pass(world.now)
    assert (Why.MOVE, Why.FROZEN) == (
        event(report, "dev").verdict.why,
        event(report, "staging").verdict.why,
    )


ENTRY = """\
name: shop
owner: platform
summary: ""
blueprint: small
repos: {{code: {{name: shop-code, url: "https://git.example.com/shop.git"}}}}
policy:
  environments:
  - name: staging
    {}
"""
NOT_ALLOWED = "and it does not `allow` that"


@pytest.mark.parametrize(
    ("wish", "problem"),
    [
        (
            "promotion: automatic",
            "9: `promotion` of `staging`: `automatic` is looser than the platform's `soak`",
        ),
        ("soak_hours: 1", "9: `soak_hours` of `staging`: 1 is less than the platform's 2"),
        (
            "promotion: merge-request\n    soak_hours: 3",
            "10: `soak_hours` of `staging`: it counts with `promotion: soak` only",
        ),
        ("promotion: soak\n  - name: stagging", "10: platform.yml has no environment `stagging`"),
    ],
)
def test_what_a_check_refuses(world: World, tmp_path: Path, wish: str, problem: str) -> None:
    """With the file and the line."""
    files = {"platform.yml": text(world.platform), "services/shop.yml": ENTRY.format(wish)}
    write_files(tmp_path / "checkout", files)
    subject = Subject(tmp_path / "checkout", "platform", "1.34")
    (result,) = check_catalog_entry(subject, "services/shop.yml")
    (told,) = result.lines[1:]
    assert f"services/shop.yml:{problem}" == told.strip().removesuffix(f", {NOT_ALLOWED}")


def test_what_a_check_lets_pass(world: World, tmp_path: Path) -> None:
    """What is stricter, and what the platform allows."""
    environments = [{**one, "allow": ["soak_hours"]} for one in ENVIRONMENTS]
    world.settings = {"environments": environments}
    wish = "soak_hours: 1\n  - {name: dev, promotion: soak}"
    files = {"platform.yml": text(world.platform), "services/shop.yml": ENTRY.format(wish)}
    write_files(tmp_path / "checkout", files)
    subject = Subject(tmp_path / "checkout", "platform", "1.34")
    (result,) = check_catalog_entry(subject, "services/shop.yml")
    assert Outcome.PASSED is result.outcome

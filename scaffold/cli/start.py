"""What a platform starts with: asked for on a terminal, else the defaults."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from scaffold.config.engine import Engine
    from scaffold.config.forges.kind import Ci
    from scaffold.service.init import Initialised
    from scaffold.service.start import PlatformStart


def make_platform(folder: Path, *, asking: bool) -> "Initialised":
    """Make a platform in `folder`, after asking for what it starts with."""
    from scaffold.service.init import init_platform

    return init_platform(folder, ask_start(folder, asking=asking))


def ask_start(
    folder: Path, *, asking: bool, ci: "Ci | None" = None, engine: "Engine | None" = None
) -> "PlatformStart":
    """What the platform starts with; the defaults where nobody is asked.

    `ci` is what the forge settles about the CI system, `engine` what was said of it beforehand.
    """
    from scaffold.config.engine import Engine
    from scaffold.config.forges.kind import Ci
    from scaffold.service.start import PlatformStart

    name = folder.resolve().name
    start = PlatformStart(
        name,
        f"registry.example.com/{name}",
        ci=ci or Ci.GITLAB,
        engine=engine or Engine.PIPELINE,
    )
    if not asking:
        return start
    asked = _ask(start, ci)
    # No cluster can read repos in a folder, so it is asked for a server alone.
    return replace(asked, engine=engine or _ask_engine()) if ci else asked


def _ask(default: "PlatformStart", ci: "Ci | None") -> "PlatformStart":
    from scaffold.cli.prompts import ask_text, pick
    from scaffold.config.forges.kind import Ci
    from scaffold.config.names import problem_with_label, problem_with_page, problem_with_registry
    from scaffold.service.start import PlatformStart

    def label(text: str) -> str | None:
        problem = problem_with_label(text)
        return f"The name {problem}." if problem else None

    def labels(text: str) -> str | None:
        names = _split(text)
        if len(set(names)) < len(names):
            return "One name is there twice."
        return next((found for name in names if (found := label(name))), None)

    def place(text: str) -> str | None:
        problem = problem_with_registry(text)
        return f"The registry {problem}." if problem else None

    def page(text: str) -> str | None:
        return f"The address {problem}." if text and (problem := problem_with_page(text)) else None

    name = ask_text(
        "What is the organisation called, in short?", default=default.name, problem=label
    )
    return PlatformStart(
        name=name,
        registry=ask_text(
            "Where are images pushed to?", default=f"registry.example.com/{name}", problem=place
        ),
        team=ask_text(
            "Which team is the first to own services?", default="platform", problem=label
        ),
        environments=_split(
            ask_text(
                "Which environments are there, in the order of promotion?",
                default=", ".join(default.environments),
                problem=labels,
            )
        ),
        ci=ci or Ci(pick("Which CI system runs the platform repo?", [str(one) for one in Ci])),
        docs=ask_text(
            "Below which address are docs published? (empty: nowhere)", default="", problem=page
        ),
        dashboards=ask_text(
            "What is Grafana's address? (empty: there is none)", default="", problem=page
        ),
    )


def _ask_engine() -> "Engine":
    from scaffold.cli.prompts import pick
    from scaffold.config.engine import Engine

    return Engine(pick("What carries out releases?", [str(one) for one in Engine]))


def _split(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(","))

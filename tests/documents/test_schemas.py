"""The published JSON Schemas are part of the contract."""

import json
from pathlib import Path

import pytest

from scaffold.documents.schemas import published_schemas

PUBLISHED = Path(__file__).parents[2] / "docs" / "schemas"


@pytest.mark.parametrize("name", published_schemas())
def test_what_is_published_is_what_the_models_say(name: str) -> None:
    """Whoever changes a model sees the contract change in the same diff: run scripts/schemas."""
    published = json.loads((PUBLISHED / f"{name}.json").read_text(encoding="utf-8"))

    assert published == published_schemas()[name]


def test_nothing_else_is_published() -> None:
    """A schema whose model is gone is gone, too."""
    assert sorted(published_schemas()) == sorted(path.stem for path in PUBLISHED.glob("*.json"))

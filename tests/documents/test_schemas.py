"""The published JSON Schemas are part of the contract."""

import importlib
import json
import pkgutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from scaffold import documents
from scaffold.documents.outputs import Output
from scaffold.documents.schemas import published_schemas

PUBLISHED = Path(__file__).parents[2] / "docs" / "schemas"


@pytest.mark.parametrize("name", published_schemas())
def test_what_is_published_is_what_the_models_say(name: str) -> None:
    """Whoever changes a model sees the contract change in the same diff: run scripts/schemas."""
    published = json.loads((PUBLISHED / f"{name}.json").read_text(encoding="utf-8"))

    assert published == published_schemas()[name]


def outputs(of: type[Output] = Output) -> Iterator[type[Output]]:
    """All documents that commands print, by the modules that define them."""
    for module in pkgutil.iter_modules(documents.__path__):
        importlib.import_module(f"{documents.__name__}.{module.name}")
    for model in of.__subclasses__():
        yield model
        yield from outputs(model)


def test_each_document_of_a_command_is_published() -> None:
    """Whoever reads a document can look up what is in it: see `_OUTPUTS`."""
    kinds = {
        model.model_fields["kind"].default for model in outputs() if "kind" in model.model_fields
    }
    published = {name.removeprefix("output-") for name in published_schemas()}

    assert set() == kinds - published


def test_nothing_else_is_published() -> None:
    """A schema whose model is gone is gone, too."""
    assert sorted(published_schemas()) == sorted(path.stem for path in PUBLISHED.glob("*.json"))

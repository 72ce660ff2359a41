"""What is used of copier, most of it private: no other module imports copier.

copier promises nothing about these names between two minor releases, hence the narrow version
range in pyproject.toml. A new version of copier is tried by the tests of `tests/render` and of
`tests/upgrade/test_same_as_copier.py`.
"""

from copier._jinja_ext import get_yield_context
from copier._main import Worker, _operation
from copier._settings import SettingsModel
from copier._template import DEFAULT_EXCLUDE, Template
from copier._tools import cast_to_bool
from copier._types import MISSING, LazyDict, Phase
from copier._user_data import AnswersMap, Question
from copier.errors import (
    CopierError,
    ExtensionNotFoundError,
    InvalidTypeError,
    MultipleConfigFilesError,
    UnsafeTemplateError,
    UnsupportedVersionError,
    YieldTagInFileError,
)

current_operation = _operation
# How copier begins what it says where a validator, or the choices, of a question refuse an answer.
_REFUSALS = ("Validation error for question ", "Invalid choice for ")


def is_refusal(error: Exception) -> bool:
    """Whether copier tells that an answer is refused by a rule of the template's."""
    return str(error).startswith(_REFUSALS)


__all__ = [
    "DEFAULT_EXCLUDE",
    "MISSING",
    "AnswersMap",
    "CopierError",
    "ExtensionNotFoundError",
    "InvalidTypeError",
    "LazyDict",
    "MultipleConfigFilesError",
    "Phase",
    "Question",
    "SettingsModel",
    "Template",
    "UnsafeTemplateError",
    "UnsupportedVersionError",
    "Worker",
    "YieldTagInFileError",
    "cast_to_bool",
    "current_operation",
    "get_yield_context",
    "is_refusal",
]

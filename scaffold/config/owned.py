"""The paths that an owner has taken for good, by `owned` in `.scaffold.yml`."""

from functools import lru_cache

from pathspec import GitIgnoreSpec
from pydantic import ConfigDict, Field, field_validator

from scaffold.config.documents import Document, parse_document
from scaffold.config.patterns import path_patterns


class OwnedPaths(Document):
    """Paths that the blueprint renders and the owner has taken for good, and why."""

    paths: tuple[str, ...] = Field(
        min_length=1, description="Patterns of paths in the repo, as in .gitignore."
    )
    reason: str = Field(min_length=1, description="Why, for whoever asks in a year.")

    @field_validator("paths")
    @classmethod
    def _are_patterns(cls, paths: tuple[str, ...]) -> tuple[str, ...]:
        _spec(paths)
        return paths

    def has(self, path: str) -> bool:
        """Whether a path is one of them."""
        return _spec(self.paths).match_file(path)


class _OnlyOwned(Document):
    """`.scaffold.yml` as far as it tells this; in a repo without a platform it has nothing else."""

    model_config = ConfigDict(extra="ignore")

    owned: tuple[OwnedPaths, ...] = ()


def read_owned(data: bytes, *, source: str) -> tuple[OwnedPaths, ...]:
    """What a `.scaffold.yml` says is the owner's. Raises ConfigError."""
    return parse_document(_OnlyOwned, data, source=source).owned


@lru_cache(maxsize=256)
def _spec(paths: tuple[str, ...]) -> GitIgnoreSpec:
    """The patterns. Raises ValueError for what is none."""
    return path_patterns(paths)

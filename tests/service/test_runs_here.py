"""Runs of one machine: one at a time makes a service, and those that have died are known."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import pytest

from scaffold.errors import ForgeError
from scaffold.fleet.platform import PlatformRepo
from scaffold.service.runs_here import runs_here


@dataclass
class Place:
    """What `runs_here` has to know of a platform and its forge."""

    folder: Path | None
    url: str = "https://git.example.com/acme/platform.git"

    @property
    def forge(self) -> "Place":
        """Itself."""
        return self

    def lock_folder(self) -> Path | None:
        """See Forge."""
        return self.folder


@pytest.fixture(params=["a folder", "a server"])
def platform(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[PlatformRepo]:
    """A platform on each kind of forge."""
    folder = tmp_path / "forge/.scaffold" if request.param == "a folder" else None
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
        yield cast("PlatformRepo", Place(folder))


def test_a_second_run_is_kept_out(platform: PlatformRepo) -> None:
    """It says which lock that is, how old it is, and what to do; the first one keeps it."""
    with runs_here(platform, "shop"), runs_here(platform, "other"):
        for _ in range(2):
            with pytest.raises(ForgeError) as caught, runs_here(platform, "shop"):
                pass

    error = caught.value
    assert "another run on this machine has been creating `shop` for 0 s" == error.what
    assert error.where.endswith("/shop.lock")
    assert (
        "Wait until it has ended, then look with `scaffold status`. If it hangs, end it:"
        f" `fuser {error.where}` tells its process, and the lock goes with it."
    ) == error.hint


def test_a_run_that_died_is_known(platform: PlatformRepo) -> None:
    """Its mark is there until a run has come to its end."""
    with runs_here(platform, "shop") as here:
        here.add("first")
    with runs_here(platform, "shop") as here:
        here.add("second")
    with runs_here(platform, "shop") as here:
        assert {"first", "second"} == here.dead
        here.forget()

    with runs_here(platform, "shop") as here:
        assert frozenset() == here.dead


def test_a_cache_that_can_not_be_used_is_no_obstacle(tmp_path: Path) -> None:
    """Then nothing is known of other runs."""
    (tmp_path / "file").write_text("")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
        with runs_here(cast("PlatformRepo", Place(None)), "shop") as here:
            here.add("first")
            assert frozenset() == here.dead


def test_a_forge_that_can_not_be_written_to_is_told(tmp_path: Path) -> None:
    """Nothing could be made there."""
    (tmp_path / "forge").write_text("")
    place = cast("PlatformRepo", Place(tmp_path / "forge/.scaffold"))

    with pytest.raises(ForgeError, match="can't write to the forge: ") as caught:
        runs_here(place, "shop").__enter__()

    assert os.fspath(tmp_path / "forge") == caught.value.where

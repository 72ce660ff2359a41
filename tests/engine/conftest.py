"""One cluster with Flux for all tests of an engine."""

from collections.abc import Iterator

import pytest

from tests.builders import need_programs
from tests.e2e.cluster import prepare
from tests.engine import cluster, flux
from tests.engine.flux import Flux


@pytest.fixture(scope="session")
def flux_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flux]:
    """Flux on a cluster that has the kinds that the shipped blueprints ask for."""
    with pytest.MonkeyPatch.context() as patch:
        need_programs(patch, *cluster.PROGRAMS, *flux.PROGRAMS)
        folder = tmp_path_factory.mktemp("cluster")
        with cluster.running_cluster(folder) as kube, flux.running_flux(folder, kube) as running:
            prepare(kube)
            yield running

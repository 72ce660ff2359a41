"""What a probe found is told where people look: `scaffold status` shows what is red."""

import json
from pathlib import Path

from scaffold.fleet.platform import open_platform
from scaffold.forge.api import StatusState
from scaffold.pipeline.probe import Probed, ProbedService
from scaffold.pipeline.probe_status import set_statuses
from tests.builders import git
from tests.pipeline.test_probe import BAD, GOOD
from tests.service.run import clone, scaffold

REPO = "payments-env"


def told(workspace: Path) -> list[str]:
    """What `scaffold status` says of probes."""
    done = scaffold("status", "--all", cwd=workspace)
    return [line.strip() for line in done.stdout.splitlines() if "probe/" in line]


def test_each_environment_that_was_asked_has_a_status(with_payments: Path) -> None:
    """At the commit that was asked; where nothing was to be asked there is none."""
    checkout, platform = clone(with_payments, REPO), open_platform(with_payments / "platform")
    assert [] == told(with_payments)
    found = (
        Probed("dev", 0.0, (GOOD, BAD)),
        Probed("staging", 0.0, (GOOD,)),
        Probed("prod", 0.0, note="nothing to ask"),
    )

    set_statuses(checkout, platform, ProbedService("payments", found))

    commit = git("rev-parse", "HEAD", cwd=checkout)
    assert {
        "probe/dev": StatusState.FAILURE,
        "probe/staging": StatusState.SUCCESS,
    } == platform.forge.statuses(REPO, commit)
    assert [f"payments env: red: the status `probe/dev` of {REPO} {commit[:12]}"] == told(
        with_payments
    )

    well = Probed("dev", 1.0, (GOOD,))
    set_statuses(checkout, platform, ProbedService("payments", (well,)))
    assert [] == told(with_payments)


def test_an_environment_that_can_not_be_asked_is_red(with_payments: Path) -> None:
    """The command fails, and so does the status."""
    checkout = clone(with_payments, REPO)
    (checkout / "environments/smoke.yml").write_text("checks: []\n")

    done = scaffold(
        "pipeline", "probe", "--status", "--platform", str(with_payments / "platform"),
        "--output", "json", cwd=checkout,
    )  # fmt: skip

    assert 1 == done.returncode, done.stderr
    failed = [one["environment"] for one in json.loads(done.stdout)["environments"] if one["error"]]
    commit = git("rev-parse", "HEAD", cwd=checkout)
    statuses = open_platform(with_payments / "platform").forge.statuses(REPO, commit)
    assert {f"probe/{name}": StatusState.FAILURE for name in failed} == statuses
    assert failed

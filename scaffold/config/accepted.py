"""`accepted-findings.yml`: known vulnerabilities that an image may have, why, and until when.

The owner's own file, at the top of the repo whose image is scanned.
"""

import re
from datetime import date
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, StringConstraints

from scaffold.config.documents import Document

ACCEPTED_PATH = "accepted-findings.yml"
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def _day(value: Any) -> Any:
    if not isinstance(value, str) or _DAY.fullmatch(value) is None:
        raise ValueError("must be a day, as in 2027-01-31")
    return value


Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class Accepted(Document):
    """One vulnerability that is accepted for a while."""

    id: Text = Field(description="Its name, as the step tells it, e.g. CVE-2026-12345.")
    package: str = Field("", description="The package that has it; empty: any.")
    reason: Text = Field(description="Why it does no harm here.")
    until: Annotated[date, BeforeValidator(_day)] = Field(
        description="The last day on which it is accepted, e.g. 2027-01-31."
    )


class AcceptedFindings(Document):
    """What is accepted of what a scan finds in an image."""

    accepted: tuple[Accepted, ...] = Field((), description="One entry for each vulnerability.")

"""Outcomes as a JUnit report, which GitLab shows and other CI keeps."""

import re
from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree as ET

from scaffold.errors import not_written
from scaffold.pipeline.asking.rounds import CAN_BE_ASKED, Outcome

# What XML 1.0 can't have, not even as a reference.
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit(suite: str, outcomes: Sequence[Outcome], error: str = "") -> bytes:
    """The report; `error` is what kept the checks from being asked at all. Pure."""
    failed = sum(not one.ok for one in outcomes)
    counts = {"tests": len(outcomes) + bool(error), "failures": failed, "errors": int(bool(error))}
    top = ET.Element("testsuites", {name: str(count) for name, count in counts.items()})
    one = ET.SubElement(top, "testsuite", {"name": _text(suite), **top.attrib})
    for outcome in outcomes:
        case = _case(one, suite, outcome.check.name, outcome.seconds)
        if not outcome.ok:
            ET.SubElement(case, "failure", {"message": _text(outcome.problem)})
    if error:
        ET.SubElement(_case(one, suite, CAN_BE_ASKED, 0.0), "error", {"message": _text(error)})
    ET.indent(top)
    return bytes(ET.tostring(top, encoding="utf-8", xml_declaration=True))


def write_junit(file: Path, suite: str, outcomes: Sequence[Outcome], error: str = "") -> None:
    """Write the report, making its folder. Raises FileError."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(junit(suite, outcomes, error))
    except OSError as fault:
        raise not_written(fault, file) from fault


def _case(suite: ET.Element, group: str, name: str, seconds: float) -> ET.Element:
    about = {"classname": _text(group), "name": _text(name), "time": f"{seconds:.3f}"}
    return ET.SubElement(suite, "testcase", about)


def _text(text: str) -> str:
    return _NOT_XML.sub("?", text)

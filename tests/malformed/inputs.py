"""Makes inputs that nobody meant: what is valid with one or two things wrong, or nothing right.

All by a seed, so that an input can be made again.
"""

import json
import random
from collections.abc import Callable
from enum import StrEnum
from typing import Any

import yaml


class Format(StrEnum):
    """What a file is written in."""

    YAML = "YAML"
    JSON = "JSON"
    TEXT = "text"


# Values as YAML and JSON write them, each of which some reader has failed over.
VALUES = (
    "2026-13-45", "2026-02-30T25:61:61Z", "0000-00-00", "!!int ''", "!!float x", "!!timestamp x",
    "!!binary '%'", "!!bool x", "!!set [a]", "!!omap [a]", "!unknown x", "!include x.yml",
    "!!python/object/apply:os.system ['true']", "1" * 5000, "-" + "9" * 400, "0x" + "f" * 5000,
    "0b_", "0x_", "1e400", "1.0e+400", ".nan", "-.inf", "-1", "0", "1.5", "1:30", "190:20:30.15",
    "true", "no", "~", "", "''", "' '", "[]", "{}", "[[]]", "{a: {b: c}}", "[1, two, ~]", "&a [*a]",
    "&a {b: *a}", "*nowhere", "<<", "=", "'\\'", '"\\0"', '"\\e[31m"', '"\\ud800"', '"\\n"',
    '"a\\nb"', "x" * 300, "x" * 5000, "x" * 200_000, "../../etc/passwd", "/dev/null", "-x",
    "--help",
    "~nobody/x", "http://[", "ssh://h:99999999/p", "file:///" + "y" * 300, "ext::sh", "@x", "`x`",
    "%x", "{service.__class__}", "{service!r:>99999999}", "{0}", "{{ 1/0 }}", "{{ x.y.z }}", "{% x",
    "{{ 'x' * 3 }}", "é" * 40, "\u202e", "١٢", "²", "1_000", "0o17", "017", "+1", "null",
    "| \n   x", "> \n   x", "? x", "- x", "[" * 40, "[" * 101, "[" * 3000, "{a: " * 150, "- " * 300,
)  # fmt: skip
LINES = (
    "<<: 1", "<<: [1]", "? [a]\n: 1", "{a: b}: c", "---", "...", "%YAML 2.0\n---", "\tx: 1", "- a",
    "<<<<<<< mine", "=======", ">>>>>>> theirs", "a: b: c", "'", '"', "#", "!!set {a}", "1: 2",
    "true: false", "~: x", "2026-01-01: x", "a: &x 1\nb: &x 2", "0: &z {<<: *z}", "'': x",
)  # fmt: skip
WHOLE = (
    b"", b"\n", b"\x00", b"\xff\xfe", b"\xef\xbb\xbf", b"~", b"[]", b"{}", b"- a", b"text", b"1",
    b"[" * 3000, b"- " * 3000, b"{" * 3000, b"? " * 500, b"[[" * 40 + b"]]" * 40, b"&a [*a]",
    b"--- 1\n--- 2\n", b"!!python/object:os.system x", b"1" * 5000, b'"\\ud800"', b"NaN", b"null",
    b"%TAG ! tag:x,2000:\n--- !a b", b"<<: {a: 1}", b"<<: 1", b"x: " + b"y" * 1_100_000,
    b"a: &a [x,x,x,x,x,x,x,x,x]\n" + b"".join(
        b"%c: &%c [%s]\n" % (98 + n, 98 + n, b",".join([b"*%c" % (97 + n)] * 9)) for n in range(9)
    ),
)  # fmt: skip
# The same as data, to put in the place of any part of what is valid.
PARTS: tuple[Any, ...] = (
    None, True, False, 0, -1, 1.5, 10**30, -(10**30), float("inf"), float("nan"), "", " ", "\n",
    "x", "a b", "A", "-x", "../x", "x" * 300, "x" * 5000, "\x1b[31m", "\x00", "é", "\u202e", "{}",
    "{{ x }}", "{service.x}", "²", "2026-01-01", [], {}, [[]], [None], ["x", 1], {"x": None},
    {"": ""}, {"x": {"y": ["z"]}}, [{"name": "x"}], {1: 2}, {None: None}, list(range(50)),
)  # fmt: skip


def malformed(valid: bytes, form: Format, seed: int) -> bytes:
    """An input that is made of a valid one, or of nothing."""
    chance = random.Random(seed)  # noqa: S311 - not a secret
    data = valid
    for _ in range(chance.choice((1, 1, 1, 2, 3))):
        data = chance.choice(_WAYS[form])(data, chance)
    return data


def _value(data: bytes, chance: random.Random) -> bytes:
    """Another value after a key."""
    lines = data.split(b"\n")
    places = [number for number, line in enumerate(lines) if b":" in line]
    if not places:
        return data
    number = chance.choice(places)
    key, _, _ = lines[number].partition(b":")
    lines[number] = key + b": " + chance.choice(VALUES).encode()
    return b"\n".join(lines)


def _line(data: bytes, chance: random.Random) -> bytes:
    """A line more, a line less, one twice, or one that is indented otherwise."""
    lines = data.split(b"\n")
    at = chance.randrange(len(lines))
    way = chance.randrange(5)
    if way == 0:
        lines.insert(at, chance.choice(LINES).encode())
    elif way == 1:
        del lines[at]
    elif way == 2:
        lines.insert(at, lines[at])
    elif way == 3:
        lines[at] = b" " * chance.randrange(5) + lines[at].lstrip()
    else:
        chance.shuffle(lines)
    return b"\n".join(lines)


def _bytes(data: bytes, chance: random.Random) -> bytes:
    """A few bytes that are others, more or fewer."""
    found = bytearray(data or b"x")
    for _ in range(chance.randrange(1, 6)):
        at = chance.randrange(len(found) + 1)
        new = bytes(chance.choice(b"\x00\xff\t\n {}[]&*!|>'\"%@`:-?#,aA0\\\x1b\xc3") for _ in "x")
        found[at : at + chance.randrange(3)] = new * chance.randrange(3)
    return bytes(found)


def _cut(data: bytes, chance: random.Random) -> bytes:
    """A part of it."""
    start, end = sorted(chance.randrange(len(data) + 1) for _ in range(2))
    return chance.choice((data[:end], data[start:], data[start:end]))


def _encoded(data: bytes, chance: random.Random) -> bytes:
    """In another encoding, or with other ends of lines."""
    text = data.decode("utf-8", "replace")
    ways: tuple[Callable[[], bytes], ...] = (
        lambda: text.encode("utf-16"),
        lambda: text.encode("utf-32"),
        lambda: text.encode("utf-8-sig"),
        lambda: f"{text}\n# größe".encode("latin-1", "replace"),
        lambda: text.replace("\n", "\r\n").encode(),
        lambda: text.replace("\n", "\r").encode(),
        lambda: text.replace("\n", "\u2028").encode(),
    )
    return chance.choice(ways)()


def _whole(_: bytes, chance: random.Random) -> bytes:
    """Something else, or bytes by chance."""
    if chance.random() < 0.2:
        return chance.randbytes(chance.randrange(200))
    return chance.choice(WHOLE)


def _part(data: bytes, chance: random.Random, *, as_json: bool = False) -> bytes:
    """Another value for any part of it, however deep."""
    try:
        told = json.loads(data) if as_json else yaml.load(data, yaml.CSafeLoader)
    except Exception:  # noqa: BLE001 - it is malformed already
        return data
    changed = _changed(told, chance)
    try:
        if as_json:
            return json.dumps(changed).encode()
        text: str = yaml.dump(changed, None, yaml.CSafeDumper, sort_keys=False, allow_unicode=True)
        return text.encode()
    except Exception:  # noqa: BLE001 - what can't be written is no input
        return data


def _changed(told: Any, chance: random.Random) -> Any:
    inside: list[Any] = list(told) if isinstance(told, dict) else []
    if isinstance(told, list):
        inside = list(range(len(told)))
    if not inside or chance.random() < 0.25:
        return chance.choice(PARTS)
    key = chance.choice(inside)
    if isinstance(told, list):
        return [_changed(one, chance) if at == key else one for at, one in enumerate(told)]
    new = chance.choice(("x", "", "name", 1, True)) if chance.random() < 0.2 else key
    return {new if one == key else one: _changed(told[one], chance) if one == key else told[one]
            for one in told}  # fmt: skip


def _json_part(data: bytes, chance: random.Random) -> bytes:
    return _part(data, chance, as_json=True)


def _json_value(data: bytes, chance: random.Random) -> bytes:
    """A word that JSON does not know, or knows and nobody wants, after a key."""
    words = ("NaN", "1e400", "1" * 5000, '"\\ud800"', '"\\u0000"', "[" * 3000, "{}", "[]", "null")
    places = [number for number, one in enumerate(data) if one == ord(":")]
    if not places:
        return data
    at = chance.choice(places) + 1
    return data[:at] + chance.choice(words).encode() + b"," + data[at:]


_COMMON = (_line, _bytes, _bytes, _cut, _encoded, _whole)
_WAYS: dict[Format, tuple[Callable[[bytes, random.Random], bytes], ...]] = {
    Format.YAML: (*_COMMON, _value, _value, _value, _value, _part, _part, _part, _part),
    Format.JSON: (*_COMMON, _json_value, _json_part, _json_part, _json_part),
    Format.TEXT: (*_COMMON, _value),
}

"""The one reader of YAML: plain values, within bounds, and a clear error for all else."""

import ast
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from scaffold.config.yaml_as_copier import construct_as_copier, read_as_copier
from scaffold.config.yaml_bounds import LARGEST, LARGEST_BUILD
from scaffold.config.yaml_reader import (
    compose_documents,
    read_as_text,
    read_documents,
    read_yaml,
)
from scaffold.errors import ConfigError

TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=20)
SCALARS = (
    st.none() | st.booleans() | st.integers() | TEXTS
    | st.floats(allow_nan=False, allow_infinity=False)
)  # fmt: skip
DATA = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=20,
)
TIMES = st.dates() | st.datetimes(timezones=st.none() | st.just(UTC))
# What YAML is made of, so that what is put together of it is often nearly valid.
PIECES = st.sampled_from(
    ["a", "b", ": ", "\n", "  ", "- ", "[", "]", "{", "}", ", ", '"', "'", "|\n", ">\n", "&x ",
     "*x", "!", "!!int ", "!!binary ", "!x ", "<<", "#", "---\n", "...\n", "%YAML 1.1\n", "1",
     "0x", "1e9", "2026-13-45", ".inf", "~", "yes", "?", "\\", "\\u0000", "\t", "\x00", "é",
     "\ufeff", "=", "1:2"]
)  # fmt: skip
WRITTEN = st.lists(PIECES, max_size=40).map("".join)


def place_of_error(read: Callable[[], Any]) -> str:
    """The file that a ConfigError names, or nothing without one."""
    try:
        read()
    except ConfigError as error:
        return error.where.partition(":")[0]
    return ""


def said(data: str | bytes, **options: Any) -> str:
    """What the error about a file says, with its place."""
    with pytest.raises(ConfigError) as caught:
        read_yaml(data, source="f.yml", **options)
    assert caught.value.hint
    return str(caught.value)


@given(DATA)
def test_plain_data_is_read_back(data: Any) -> None:
    """Whatever is written as YAML, but for dates and control characters."""
    assert data == read_yaml(yaml.safe_dump(data, allow_unicode=True), source="f.yml")


@given(st.binary() | WRITTEN.map(str.encode) | st.text().map(lambda text: text.encode("utf-16")))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    """Nothing else comes out of any of the readers but a ConfigError that names the file."""
    readers = (
        lambda: read_yaml(data, source="f.yml"),
        lambda: read_yaml(data, source="f.yml", printable=True),
        lambda: list(read_documents(data, source="f.yml")),
        lambda: read_as_copier(data, source="f.yml"),
        lambda: read_as_text(data, source="f.yml"),
        lambda: compose_documents(data, source="f.yml"),
        lambda: compose_documents(data, source="f.yml", loader=yaml.SafeLoader),
    )
    for read in readers:
        assert place_of_error(read) in ("", "f.yml")


SAFE = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@given(WRITTEN)
def test_what_both_read_is_the_same(text: str) -> None:
    """As PyYAML's own safe loader reads it, where it has no date, `=`, `<<`, time or mark.

    That on libyaml, where there is one: it takes a tab at the end of a line, as YAML says.
    """
    try:
        mine = read_yaml(text, source="f.yml")
    except ConfigError:
        return
    if not any(sign in text for sign in ("2026", "=", "1:2", "<<", "\ufeff")):
        assert yaml.load(text, Loader=SAFE) == mine  # noqa: S506 - it is a safe one


@given(st.dictionaries(TEXTS, DATA | TIMES | st.lists(TIMES), max_size=4))
def test_copier_s_own_reading(data: dict[str, Any]) -> None:
    """What copier writes is read as copier does, dates and times too."""
    text = yaml.safe_dump(data, allow_unicode=True)

    assert yaml.safe_load(text) == read_as_copier(text, source="f.yml").value


@pytest.mark.parametrize(
    "text", ["2026-01-01", "2026-13-45", "2026-01-01T00:00:00Z", "22:30", "1:2:3.5", "="]
)
def test_what_only_yaml_takes_for_more_than_text(text: str) -> None:
    """Dates and times stay as they are written, possible or not."""
    assert {"a": text} == read_yaml(f"a: {text}\n", source="f.yml")


@pytest.mark.parametrize(
    ("text", "value"),
    [("0x1f", 31), ("0o17", "0o17"), ("017", 15), ("1_000", 1000), ("1.5e+3", 1500.0),
     ("yes", True), ("No", False), ("~", None), ("", None), ("'1'", "1"), ("NaN", "NaN")],
)  # fmt: skip
def test_numbers_and_words(text: str, value: Any) -> None:
    """As in YAML 1.1, which is what copier reads, too."""
    assert {"a": value} == read_yaml(f"a: {text}\n", source="f.yml")


DEEP = 10_000
BOMB = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 30)
)
MERGES = "a0: &a0 {x: 1}\n" + "".join(
    f"a{n}: &a{n} {{<<: [{', '.join([f'*a{n - 1}'] * 10)}]}}\n" for n in range(1, 30)
)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ("a: 1\nb:\n  a: 1\n  a: 2\n", "f.yml:4: `a` is there twice"),
        ("a: 1\n1: 2\ntrue: 3\n", "f.yml:3: `True` is there twice"),
        ("a: 1\nb: !!int ''\n", "f.yml:2: has the tag `!!int`"),
        ("a: !!binary aGk=\n", "f.yml:1: has the tag `!!binary`"),
        ("a: !unknown x\n", "f.yml:1: has the tag `!unknown`"),
        ("a: !!python/object:os.system x\n", "f.yml:1: has the tag `!!python/object:os.system`"),
        ("a: !!map {}\n", "f.yml:1: has the tag `!!map`"),
        ("!!set {a}\n", "f.yml:1: has the tag `!!set`"),
        (f"a: {'1' * 5000}\n", "f.yml:1: a number has 5000 digits"),
        (f"a: 0x{'f' * 5000}\n", "f.yml:1: a number has 5002 digits"),
        ("a: 0b_\n", "f.yml:1: `0b_` is no number"),
        ("a: .inf\n", "f.yml:1: `.inf` is no finite number"),
        ("a: .nan\n", "f.yml:1: `.nan` is no finite number"),
        ("a: 1.0e+400\n", "f.yml:1: `1.0e+400` is no finite number"),
        ("[" * DEEP, "f.yml:1: is nested more than 100 levels deep"),
        ("- " * DEEP, "f.yml:1: is nested more than 100 levels deep"),
        ("{a: " * DEEP, "f.yml:1: is nested more than 100 levels deep"),
        ("? " * DEEP, "f.yml:1: a key is a list or a mapping"),
        ("\n".join(" " * n + "a:" for n in range(200)), "f.yml:101: is nested more than 100"),
        (BOMB, "f.yml:5: aliases repeat too much"),
        (MERGES, "f.yml:6: aliases repeat too much"),
        ("a: &a [*a]\n", "f.yml:1: the alias `*a` is inside of what it stands for"),
        ("a: &a\n  b: {c: *a}\n", "f.yml:2: the alias `*a` is inside of what it stands for"),
        ("a: *b\n", "f.yml:1: there is no `&b` before this alias of it"),
        ("a: &a 1\n---\nb: *a\n", "f.yml:3: there is a second document in it"),
        ("a: &a 1\nb: &a 2\n", "f.yml:2: the anchor `&a` is there twice"),
        ("a: 1\n[b]: 2\n", "f.yml:2: a key is a list or a mapping"),
        ("{a: 1}: 2\n", "f.yml:1: a key is a list or a mapping"),
        ("a: &a [1]\n*a : 2\n", "f.yml:2: a key is a list or a mapping"),
        ("<<: 1\n", "f.yml:1: `<<` takes the keys of a mapping"),
        ("a: 1\n<<: [{b: 1}, 2]\n", "f.yml:2: `<<` takes the keys of a mapping"),
        ("größe: 1\n".encode("latin-1"), "f.yml:1: is not UTF-8 text"),
        (b"a: 1\nb: \xff\n", "f.yml:2: is not UTF-8 text"),
        ("a: 1\n".encode("utf-16"), "f.yml:1: is not UTF-8 text"),
        ("a: \udc80\n", "f.yml: is not UTF-8 text"),
        ("a: \x00\n", "f.yml: is not valid YAML: unacceptable character #x0000"),
        ('a: 1\nb: "\\0"\n', "f.yml:2: a text has the control character U+0000"),
        ('a: "\\ud800"\n', "f.yml:1: is not valid YAML: found invalid Unicode character"),
        ("a: 1\n\tb: 2\n", r"f.yml:2: is not valid YAML: found character '\t'"),
        ("a: [\n", "f.yml:2: is not valid YAML: "),
        (b"a: " + b"x" * LARGEST, "f.yml: has 1,048,579 bytes; at most 1,048,576 are read"),
    ],
)
def test_what_is_refused(data: str | bytes, words: str) -> None:
    """Each with the file, its line where there is one, what is wrong, and a hint what to do."""
    assert said(data).startswith(words)


@pytest.mark.parametrize("character", ["\\e[2J", "\\a", "\\x7f", "\\x9b", "\\0"])
def test_control_characters_where_all_is_to_be_printed(character: str) -> None:
    """A terminal would act on them."""
    text = f'a: "{character}"\n'

    assert "f.yml:1: a text has the control character U+00" in said(text, printable=True)
    if character != "\\0":
        assert ["a"] == list(read_yaml(text, source="f.yml"))


@pytest.mark.parametrize(
    "data",
    ["\ufeffa: é\r\nb: [1]\r\n".encode(), "\ufeffa: é\nb:\n- 1\n", "---\na: é\nb: [1]\n...\n"],
)
def test_what_an_editor_leaves(data: str | bytes) -> None:
    """Marks of an encoding and line ends mean nothing."""
    assert {"a": "é", "b": [1]} == read_yaml(data, source="f.yml")


def test_aliases_and_merged_keys() -> None:
    """Own keys win over merged ones, and the first of several that are merged over the next."""
    text = "x: &x {a: 1, b: 1}\ny: &y {b: 2, c: 2}\nz: {<<: [*x, *y], a: 3}\nw: [*x, *x]\n"

    found = read_yaml(text, source="f.yml")

    assert {"a": 3, "b": 1, "c": 2} == found["z"]
    assert yaml.safe_load(text) == found


@pytest.mark.parametrize("data", ["", "# nothing\n", "---\n", "\n\n", b"\xef\xbb\xbf"])
def test_nothing(data: str | bytes) -> None:
    """A file without a document is None."""
    assert read_yaml(data, source="f.yml") is None


def test_several_documents() -> None:
    """Each of a stream, an anchor in the one meaning nothing in the next."""
    assert [{"a": 1}, None, [2]] == list(
        read_documents("a: &a 1\n---\n---\n[&a 2]\n", source="f.yml")
    )
    with pytest.raises(ConfigError, match=r"f\.yml:3: there is no `&a` before"):
        list(read_documents("a: &a 1\n---\nb: *a\n", source="f.yml"))


def test_a_build_may_be_larger_than_a_file() -> None:
    """The objects of an overlay hold whole dashboards and definitions of kinds."""
    text = f"a: {'x' * LARGEST}\n---\nb: 1\n"

    assert 2 == len(list(read_documents(text, source="f.yml")))
    with pytest.raises(ConfigError, match="bytes; at most"):
        list(read_documents(b"x" * (LARGEST_BUILD + 1), source="f.yml"))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a: 1\nday: 2026-13-45\n", "f.yml:2: `2026-13-45` is no timestamp"),
        ("a: !!int ''\n", "f.yml:1: `` is no int"),
        ("a: [!!timestamp x]\n", "f.yml:1: `x` is no timestamp"),
        ("a: {b: !!bool x}\n", "f.yml:1: `x` is no bool"),
        ("a: !!float 'x'\n", "f.yml:1: `x` is no float"),
        ("a: !unknown x\n", "f.yml:1: has the tag `!unknown`"),
        ("a: !include x\n", "f.yml:1: has the tag `!include`"),
        (f"a: {'1' * 5000}\n", "f.yml:1: a number has 5000 digits"),
        ("<<: 1\n", "f.yml:1: "),
        ("[a]: 1\n", "f.yml:1: "),
        ("a: 1\n---\nb: 1\n", "f.yml:3: there is a second document"),
        (BOMB, "f.yml:5: aliases repeat too much"),
        ("a: &a [*a]\n", "f.yml:1: the alias `*a` is inside"),
        ("[" * DEEP, "f.yml:1: is nested more than 100 levels deep"),
    ],
)
def test_what_is_refused_of_copier_s(text: str, words: str) -> None:
    """Where copier would fail too, or take more than a machine has."""
    with pytest.raises(ConfigError) as caught:
        read_as_copier(text, source="f.yml")

    assert str(caught.value).startswith(words)


def test_values_that_copier_knows() -> None:
    """Dates, YAML's own tags, and the last one of a key that is there twice."""
    text = "a: 2026-01-02\nb: 2026-01-02 03:04:05\nc: !!set {x}\nd: .inf\ne: 1\ne: 2\nf: 1:30\n"

    found = read_as_copier(text, source="f.yml").value

    times = {"a": date(2026, 1, 2), "b": datetime(2026, 1, 2, 3, 4, 5)}  # noqa: DTZ001
    assert {**times, "c": {"x"}, "d": float("inf"), "e": 2, "f": 90} == found
    assert yaml.safe_load(text) == found


def test_the_text_of_values() -> None:
    """What is written at the top level, whatever YAML makes of it."""
    text = "a: 0123\nb: '2026-01-01'\nc: [1]\nd:\n[e]: 1\n"

    with pytest.raises(ConfigError):
        read_as_copier(text, source="f.yml")
    assert {"a": "0123", "b": "2026-01-01", "d": ""} == read_as_copier(
        text.removesuffix("[e]: 1\n"), source="f.yml"
    ).written


def test_each_value_as_it_is_written() -> None:
    """However it is tagged, or would be read."""
    text = "a: !!null x\nb: [0123, !t y]\n2026-01-01: {c: yes}\n[e]: f\n"

    told = {"a": "x", "b": ["0123", "y"], "2026-01-01": {"c": "yes"}}
    assert told == read_as_text(text, source="f.yml")
    assert read_as_text("", source="f.yml") is None
    with pytest.raises(ConfigError, match="second document"):
        read_as_text("a\n---\nb\n", source="f.yml")


def test_what_is_included() -> None:
    """Copier's own tag is asked for, wherever it is."""
    (document,) = compose_documents("a: [!include b.yml]\n", source="f.yml")

    assert {"a": ["<b.yml>"]} == construct_as_copier(document, "f.yml", lambda name: f"<{name}>")


SCAFFOLD = Path(__file__).parents[2] / "scaffold"
READERS = set((SCAFFOLD / "config").glob("yaml_*.py"))


@pytest.mark.parametrize("file", sorted({*SCAFFOLD.rglob("*.py")} - READERS), ids=str)
def test_nothing_else_reads_yaml(file: Path) -> None:
    """PyYAML reads for the one reader alone; elsewhere it writes, and names kinds of nodes."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    used = {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == "yaml"
    }

    assert used <= {
        "Node", "MappingNode", "SequenceNode", "ScalarNode", "SafeLoader", "SafeDumper",
        "dump", "dump_all", "safe_dump", "safe_dump_all",
    }  # fmt: skip

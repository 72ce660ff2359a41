"""The table of programs and their variables, as docs/explanation/security.md has it."""

from collections.abc import Iterable

from scaffold.programs import BASICS, KINDS, NETWORK, Kind


def programs_table() -> str:
    """What each kind of program gets of the caller's environment, and what it is given."""
    lines = [
        "| Program | What for | Gets of your environment | Is given beside that |",
        "| --- | --- | --- | --- |",
        *(
            f"| {one.programs} | {one.purpose} | {_taken(one)} | {_names(one.sets)} |"
            for one in KINDS
        ),
        "",
        f"The basics are {_names(BASICS)}; the network's are {_names(NETWORK)}.",
        "A `*` stands for any end of a name.",
    ]
    return "\n".join(lines) + "\n"


def _taken(kind: Kind) -> str:
    if kind.everything:
        return f"all but {_names(kind.withheld)}"
    words = ["the basics", *(["the network's"] if kind.network else [])]
    return ", ".join([*words, *([_names(kind.named)] if kind.named else [])])


def _names(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in sorted(names)) or "nothing"

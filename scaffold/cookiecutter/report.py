"""What of a template could not be made copier's."""

from dataclasses import dataclass, field


@dataclass(frozen=True, order=True)
class ByHand:
    """What is left to a person: the file as it is called now, its line, what it is, what to do."""

    path: str
    line: int
    what: str
    do: str


@dataclass
class Report:
    """What a conversion leaves to a person."""

    by_hand: set[ByHand] = field(default_factory=set)

    def leave(self, path: str, line: int, what: str, do: str) -> None:
        """Leave something to a person."""
        self.by_hand.add(ByHand(path, line, what, do))

"""One option in which two nodes differ, as people and `--json` get it."""

from __future__ import annotations

from dataclasses import dataclass

from ejtui.cluster.administration.meanings import Meaning
from ejtui.cluster.facts.settings import digest

WHOLE = "ejabberd.yml"
"""Stands in place of an option for the whole of second's file."""

FIRSTS = "first's ejabberd.yml"
"""The same of first's."""

FILES = (WHOLE, FIRSTS)


@dataclass(frozen=True)
class Difference:
    """One option that is not the same: `host` is the virtual host, "" for the whole node.

    `first` and `second` are for people, and never hold a secret. `values` are the digests of the
    whole values, where what is shown is a part of them. `node` is whose file has to change.
    """

    option: str
    host: str
    first: str
    second: str
    meaning: Meaning
    values: tuple[str, ...] = ()
    node: str = "second"

    @property
    def mark(self) -> str:
        """What stands for it among what the operator has decided about: it changes with a value."""
        shown = () if self.values else (self.first, self.second)
        return digest(self.host, self.option, *self.values, *shown)

    @property
    def of_file(self) -> bool:
        """Whether it is about the whole file: no option of it can be taken, set or kept."""
        return self.option in FILES

    @property
    def line(self) -> str:
        """The difference as one line of evidence."""
        if self.option == FIRSTS:
            return f"{self.option}: {self.first}"
        where = f"{self.host}: " if self.host else ""
        return f"{where}{self.option}: {self.first} on first, {self.second} on second"

    def to_json(self) -> dict[str, object]:
        """What `--json` prints of it."""
        return {
            "option": self.option,
            "host": self.host or None,
            "first": self.first,
            "second": self.second,
            "finding": self.meaning.code,
            "meaning": self.meaning.text,
            "stops_a_join": self.meaning.serious,
        }

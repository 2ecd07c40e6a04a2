"""One option in which two nodes differ, or a whole file, as people and `--json` get it. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ejtui.cluster.administration import meanings
from ejtui.cluster.administration.meanings import Meaning
from ejtui.cluster.facts.settings import NODE, NodeSettings, digest

WHOLE = "ejabberd.yml"
"""Stands in place of an option for the whole of second's file."""

FIRSTS = "first's ejabberd.yml"
"""The same of first's."""

FILES = (WHOLE, FIRSTS)

_MOST_NAMES = 6
_READ = "perhaps changed since its start, and not read"


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
        if self.option == WHOLE:
            return f"second's {self.option}: {self.second}"
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


def of_first(first: NodeSettings) -> Iterator[Difference]:
    """What first has after its next start, and has not loaded."""
    file = first.unloaded
    if file is None:
        return
    if file.refused:
        meaning = Meaning(meanings.REFUSED, "first may not start again with its file")
        yield Difference(FIRSTS, NODE, _why(file), "", meaning, node="first")
    elif not file.asked:
        meaning = Meaning(meanings.UNLOADED, "nobody knows what first has after its next start")
        yield Difference(FIRSTS, NODE, _READ, "", meaning, node="first")
    elif file.changed:
        text = "first has other settings after its next start, and `--take` does not take them"
        meaning = Meaning(meanings.UNLOADED, text)
        shown = f"changed since it was loaded: {_named(file)}"
        yield Difference(FIRSTS, NODE, shown, "", meaning, (shown, file.edition), node="first")


def of_second(file: NodeSettings, first: NodeSettings) -> Difference:
    """That second's file is refused, or else that it could not be read."""
    firsts = first.unloaded or first
    if file.refused:
        # No certainty: code in directories that others may write is not given to the reader.
        meaning = Meaning(meanings.REFUSED, "second may not start again with its file")
        here = "refused, too" if firsts.refused else "taken" if firsts.asked else "loaded before"
        return Difference(WHOLE, NODE, here, _why(file), meaning)
    meaning = Meaning(meanings.UNLOADED, "nobody knows what second has after its next start")
    return Difference(WHOLE, NODE, "read" if firsts.asked else "not read, too", _READ, meaning)


def _why(file: NodeSettings) -> str:
    return f"refused by ejabberd: {file.why or '`ejabberdctl reload_config` there prints why'}"


def _named(file: NodeSettings) -> str:
    names = list(dict.fromkeys(name for name, _ in file.changed))
    rest = len(names) - _MOST_NAMES
    return ", ".join([*names[:_MOST_NAMES], *([f"and {rest} more"] if rest > 0 else [])])

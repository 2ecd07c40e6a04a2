"""What is known of a node's file as a whole: refused, not read, changed since loaded. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from ejtui.cluster.administration import meanings
from ejtui.cluster.administration.difference import FIRSTS, WHOLE, Difference
from ejtui.cluster.administration.meanings import Meaning
from ejtui.cluster.facts.settings import NODE, NodeSettings

_MOST_NAMES = 6
_READ = "perhaps changed since its start, and not read"


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


def of_second(file: NodeSettings) -> Difference:
    """That second's file is refused, or else that it could not be read."""
    if file.refused:
        # No certainty: code in directories that others may write is not given to the reader.
        meaning = Meaning(meanings.REFUSED, "second may not start again with its file")
        return Difference(WHOLE, NODE, "taken", _why(file), meaning)
    meaning = Meaning(meanings.UNLOADED, "nobody knows what second has after its next start")
    return Difference(WHOLE, NODE, "read", _READ, meaning)


def _why(file: NodeSettings) -> str:
    return f"refused by ejabberd: {file.why or '`ejabberdctl reload_config` there prints why'}"


def _named(file: NodeSettings) -> str:
    names = list(dict.fromkeys(name for name, _ in file.changed))
    rest = len(names) - _MOST_NAMES
    return ", ".join([*names[:_MOST_NAMES], *([f"and {rest} more"] if rest > 0 else [])])

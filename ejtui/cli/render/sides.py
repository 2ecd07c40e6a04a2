"""Both nodes side by side as plain text of at most 80 columns; what differs is marked."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from ejtui.cleaning import clean
from ejtui.cli.render.text import WIDTH, wrapped
from ejtui.cluster.facts.node import REMOTE, STORAGE_WORDS, STORAGES, NodeFacts, PairFacts

_LABEL = 10
_SIDE = 32
_TABLES_SHOWN = 12


@dataclass(frozen=True)
class _Row:
    """A line of the comparison; `differs` None is for what is not compared."""

    label: str
    first: str
    second: str
    differs: bool | None = None


def side_by_side(facts: PairFacts, *, sign: str = "≠") -> list[str]:
    """Lines for a terminal or a pipe. `sign` marks the rows in which the nodes differ."""
    rows = [*_node_rows(facts.first, facts.second), *_table_rows(facts)]
    if not facts.both_run:
        # Equal numbers of accounts on two that do not run together are no equal accounts.
        rows = [replace(row, differs=row.differs or None) if row.label == "accounts" else row
                for row in rows]  # fmt: skip
    lines = [line for row in rows for line in _lines(row, sign)]
    if any(STORAGE_WORDS[REMOTE] in (row.first, row.second) for row in rows):
        lines += [
            "",
            f"{STORAGE_WORDS[REMOTE]}: none there; what is in it is read from another node.",
        ]
    unasked = [node for node in (facts.first, facts.second) if node.error]
    for node in unasked:
        named = node.error.startswith(f"{node.name} (")
        lines += ["", *_wrapped(node.error if named else f"{node.name}: {node.error}")]
    if not unasked:
        compared = [row.differs for row in rows if row.differs is not None]
        differ = (
            f"{sign} stands where the two differ: in {sum(compared)} of the {len(compared)} lines "
            "that are compared."
        )
        agree = _agree(facts.first, facts.second)
        lines += ["", *_wrapped(differ if any(compared) else agree)]
    return lines


def _agree(*nodes: NodeFacts) -> str:
    """That nothing differs; of one that is stopped not much is known."""
    stopped = [node.name for node in nodes if _state(node) == "stopped"]
    if stopped:
        are = "are" if len(stopped) > 1 else "is"
        names = " and ".join(stopped)
        return f"{names} {are} stopped: only {_listed(_OF_HOSTS)} can be compared, and they agree."
    every = all(node.vm != "down" for node in nodes)
    return f"The nodes agree in all {'of this' if every else 'that is known'}."


def _listed(words: Iterable[str]) -> str:
    *others, last = words
    return f"{', '.join(others)} and {last}"


def _node_rows(first: NodeFacts, second: NodeFacts) -> Iterator[_Row]:
    yield _Row("", _called(first, "first"), _called(second, "second"))
    yield _Row("node", first.node or "?", second.node or "?")
    yield _Row("state", _state(first), _state(second))
    both = (first, second)
    for label, seen in _OF_HOSTS.items():
        row = _compared(label, seen(first), seen(second))
        yield row if first.asked and second.asked else replace(row, differs=None)
    yield _answered("knows", both, lambda node: _names(node.db_nodes))
    yield _answered("runs with", both, lambda node: _names(node.running_db_nodes))
    yield _answered("schema", both, lambda node: _words(node.schema.storage))
    yield _answered("accounts", both, lambda node: _number(node.accounts))


_OF_HOSTS: Mapping[str, Callable[[NodeFacts], str]] = {
    "ejabberd": lambda node: node.ejabberd_version,
    "OTP": lambda node: node.otp_release,
    "cookie": lambda node: node.cookie.digits,
}
"""What a host shows also where its node is stopped; nothing where nobody there can be asked."""


def _called(node: NodeFacts, part: str) -> str:
    return node.name if node.name == part else f"{node.name} ({part})"


def _compared(label: str, first: str, second: str) -> _Row:
    known = bool(first and second)
    return _Row(label, first or "?", second or "?", first != second if known else None)


def _answered(
    label: str, both: tuple[NodeFacts, NodeFacts], seen: Callable[[NodeFacts], str]
) -> _Row:
    """What a node itself must be asked; of one that cannot be, nothing is compared."""
    first, second = (node.unknown or seen(node) for node in both)
    row = _compared(label, first, second)
    return replace(row, differs=None) if any(node.unknown for node in both) else row


def _table_rows(facts: PairFacts) -> Iterator[_Row]:
    """The number of tables each holds; one by one where they share tables and few differ."""
    held = [_held(node) for node in (facts.first, facts.second)]
    both = (facts.first, facts.second)
    yield _answered("tables", both, lambda node: f"{_count(node)} held here")
    if not facts.both_run:
        return
    names = sorted(held[0].keys() | held[1].keys())
    differing = [name for name in names if held[0].get(name) != held[1].get(name)]
    for name in differing[:_TABLES_SHOWN]:
        first, second = (_words(side.get(name, "unknown")) for side in held)
        yield _Row(f"  {name}", first, second, differs=True)
    if len(differing) > _TABLES_SHOWN:
        yield _Row("", f"and {len(differing) - _TABLES_SHOWN} tables more (--json)", "", True)


def _count(node: NodeFacts) -> int:
    """All that it holds a copy of, those of its own too."""
    return sum(table.storage in STORAGES for table in node.tables)


def _held(node: NodeFacts) -> dict[str, str]:
    """Storage by name of the tables that a node holds a copy of; its own alone left out."""
    return {
        table.name: table.storage
        for table in node.tables
        if table.storage in STORAGES and not table.local_content
    }


def _state(node: NodeFacts) -> str:
    if not node.reachable:
        return "not reached"
    if not node.asked:
        return "reached, not answering"
    if node.ejabberd:
        return "ejabberd runs"
    if node.starting:
        return f"ejabberd is starting, process {node.os_pid}"
    if node.silent_vm:
        return f"runs, does not answer, process {node.os_pid}"
    if node.kept_erl:
        return f"the erl of a join runs, started at {node.kept_erl.clock}"
    if node.bare_shell:
        was_started = node.started == "ejabberd" or not node.mnesia_runs
        return f"{'its VM' if was_started else 'an erl'} runs, ejabberd does not"
    return {"down": "stopped", "rejected": "runs, refuses its own cookie"}.get(node.vm, "unknown")


def _names(nodes: Sequence[str]) -> str:
    return " ".join(sorted(nodes)) or "none"


def _words(storage: str) -> str:
    return STORAGE_WORDS.get(storage, storage)


def _number(count: int | None) -> str:
    return "" if count is None else str(count)


def _lines(row: _Row, sign: str) -> Iterator[str]:
    first, second = _side(row.first), _side(row.second)
    # A long label (a table's name) has a separate line, so that the sides stay in their places.
    label = clean(row.label)
    if len(label) >= _LABEL:
        yield label
        label = ""
    if any(len(text) > _SIDE for text in (*first, *second)):
        # Neither side by side nor broken: one above the other.
        if label:
            yield label
        yield from wrapped(" ".join(first), " " * _LABEL, width=WIDTH)
        mark = sign if row.differs else ""
        yield from wrapped(" ".join(second), f"{' ' * (_LABEL - 3)}{mark:<3}", " " * _LABEL, WIDTH)
        return
    for number in range(max(len(first), len(second))):
        left = first[number] if number < len(first) else ""
        right = second[number] if number < len(second) else ""
        mark = sign if row.differs and number == 0 else ""
        yield f"{label:<{_LABEL}}{left:<{_SIDE}} {mark:<2}{right}".rstrip()
        label = ""


def _side(text: str) -> list[str]:
    return wrapped(clean(text), width=_SIDE) or [""]


def _wrapped(text: str) -> list[str]:
    return [line for each in clean(text, lines=True).split("\n") for line in wrapped(each)]

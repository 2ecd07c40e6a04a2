"""An entry of the journal as one or more sentences for people."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ejtui.cluster.acts.command_words import within
from ejtui.cluster.history.covering import cover
from ejtui.cluster.history.endings import NOT_STARTED, ending
from ejtui.cluster.history.entries import JournalLine
from ejtui.cluster.history.names import operation_name, operation_of, step_name
from ejtui.cluster.journal import ROLES

Worded = tuple[str, str]
"""The kind of a sentence, and its text."""


@dataclass(frozen=True)
class Sentence:
    """`kind` is command, evidence, state, person or error."""

    kind: str
    text: str


def sentences(entry: JournalLine) -> list[Sentence]:
    """What happened, in the order of reading; an event that is not known by its name alone."""
    made = _SENTENCES.get(entry.event, _unknown)(entry)
    return [Sentence(kind, cover(text)) for kind, text in made]


def _run(entry: JournalLine) -> Iterator[Worded]:
    yield "state", f"{_what(entry)} begins, by {entry.by or 'an unknown user'}."


def _run_ended(entry: JournalLine) -> Iterator[Worded]:
    outcome = entry.text("outcome")
    kind = "error" if outcome == "failed" else "state"
    ends = {"done": "is done", "failed": "failed", "refused": "ends: the answer was No",
            "stopped": "was stopped"}  # fmt: skip
    yield kind, f"{_what(entry)} {ends.get(outcome, 'has ended')}."


def _broken_off(entry: JournalLine) -> Iterator[Worded]:
    why = {"CancelledError": "", "KeyboardInterrupt": ""}.get(entry.text("why"), entry.text("why"))
    yield "state", _sentence(f"{_what(entry)} was stopped before its end", why)


def _hosts(entry: JournalLine) -> Iterator[Worded]:
    """Only where they are others than before."""
    for role in ROLES:
        host = {key: str(value) for key, value in entry.table(role).items()}
        if former := host.get("former"):
            yield (
                "person",
                f"{host.get('name') or role} is another host than before: its host key is "
                f"{host.get('key')}, the former one's was {former}. What was done before is in the "
                "history.",
            )


def _nodes(entry: JournalLine) -> Iterator[Worded]:
    for role in ROLES:
        if node := entry.table(role):
            yield "evidence", f"{role} is {node_in_words(node)}."


def node_in_words(node: Mapping[str, Any]) -> str:
    """A node as the journal has it: name, releases, host, and how ejtui gets there."""
    known = {key: str(value) for key, value in node.items() if value}
    parts = [known.get("node") or "a node without a known name"]
    if release := known.get("ejabberd"):
        parts.append(f"ejabberd {release}")
    if otp := known.get("otp"):
        parts.append(f"OTP {otp}")
    at = f"on {known.get('hostname') or 'an unknown host'}"
    if platform := known.get("platform"):
        at += f" ({platform})"
    parts.append(at)
    if where := known.get("where"):
        become = known.get("become")
        parts.append(f"reached at {where}" + (f", root by {become}" if become else ""))
    return ", ".join(parts)


def _started(entry: JournalLine) -> Iterator[Worded]:
    yield "state", _sentence(f"{step_name(entry.step)} begins", entry.text("detail"))


def _ran(entry: JournalLine) -> Iterator[Worded]:
    inside = within(entry.text("place"), entry.text("text"))
    place = f"{inside} on".lstrip()
    user, host = entry.text("user") or "?", entry.text("host") or "?"
    yield "command", f"{user} {place} {host}: {entry.text('text')}"


def _typed(entry: JournalLine) -> Iterator[Worded]:
    yield "command", entry.text("text")


def _reported(entry: JournalLine) -> Iterator[Worded]:
    yield "evidence", entry.text("line")


def _asked(entry: JournalLine) -> Iterator[Worded]:
    answer = "Yes" if entry.rest.get("yes") is True else "No"
    yield "person", f"{entry.text('question') or 'A question.'} The answer was {answer}."


def _ended(entry: JournalLine) -> Iterator[Worded]:
    for text in entry.texts("evidence"):
        yield "evidence", text
    state, why = ending(entry)
    if state == "failed" and why.startswith(NOT_STARTED):
        state = "refused"  # Nothing went wrong: nobody answered.
    words = {"done": "is done", "failed": "failed", "todo": "is still to do",
             "blocked": "cannot run yet", "refused": "was not done",
             "stopped": "was stopped"}  # fmt: skip
    said = f"{step_name(entry.step)} {words.get(state, 'has ended')}"
    yield "error" if state == "failed" else "state", _sentence(said, why)


def _repairing(entry: JournalLine) -> Iterator[Worded]:
    finding = entry.table("finding")
    code, node = finding.get("code") or "a finding", finding.get("node") or "a node"
    title = finding.get("title")
    yield "state", _sentence(f"The repair of {code} on {node} begins", str(title or ""))
    evidence = finding.get("evidence")
    if isinstance(evidence, list):
        for text in evidence:
            yield "evidence", str(text)


def _bringing(entry: JournalLine) -> Iterator[Worded]:
    for key, one, many in (("accounts", "account", "accounts"), ("places", "place", "places")):
        if names := entry.texts(key):
            count = f"{len(names)} {one if len(names) == 1 else many}"
            yield "state", f"Brings over {count}: {', '.join(names)}."


def _storage(entry: JournalLine) -> Iterator[Worded]:
    table, storage, before = (entry.text(key) for key in ("table", "storage", "before"))
    yield "state", f"The copy of {table} on second is now: {storage}; before: {before or 'none'}."


def _recording(entry: JournalLine) -> Iterator[Worded]:
    yield (
        "evidence",
        f"The erl shell on {entry.text('node') or 'second'} is recorded in {entry.text('path')}.",
    )


def _shell(entry: JournalLine) -> Iterator[Worded]:
    yield "person", f"{entry.by or 'The operator'} opens an erl shell on {entry.text('node')}."


def _stood_aside(entry: JournalLine) -> Iterator[Worded]:
    del entry
    yield "person", "The operator takes the erl shell over; the step waits."


def _handed_back(entry: JournalLine) -> Iterator[Worded]:
    del entry
    yield "person", "The erl shell is handed back; both nodes are looked at again."


def _shell_ended(entry: JournalLine) -> Iterator[Worded]:
    del entry
    yield "state", "The erl shell has ended."


def _broke(entry: JournalLine) -> Iterator[Worded]:
    last = entry.text("why").strip().splitlines()[-1:] or ["no reason is known"]
    yield (
        "error",
        _sentence(f"A mistake in ejtui itself ended {entry.text('doing') or 'the run'}", last[0]),
    )


def _unknown(entry: JournalLine) -> Iterator[Worded]:
    """An event of another release: its name, and its plain texts and numbers."""
    plain = [
        f"{key.replace('_', ' ')} {value}"
        for key, value in entry.rest.items()
        if isinstance(value, (str, int, float)) and not isinstance(value, bool)
    ]
    yield "person", _sentence(_capital(entry.event), ", ".join(plain))


_SENTENCES: Mapping[str, Callable[[JournalLine], Iterator[Worded]]] = {
    "run": _run,
    "run ended": _run_ended,
    "run broken off": _broken_off,
    "hosts": _hosts,
    "nodes": _nodes,
    "started": _started,
    "ran": _ran,
    "typed": _typed,
    "said": _reported,
    "asked": _asked,
    "ended": _ended,
    "mending": _repairing,
    "bringing": _bringing,
    "storage": _storage,
    "recording": _recording,
    "shell": _shell,
    "stood aside": _stood_aside,
    "handed back": _handed_back,
    "shell ended": _shell_ended,
    "broke": _broke,
}


def _what(entry: JournalLine) -> str:
    return operation_name(operation_of(entry.text("what")))


def _sentence(text: str, why: str) -> str:
    """The text, and after a colon why, with one full stop."""
    whole = f"{text}: {why}" if why else text
    return whole if whole.endswith((".", "!", "?")) else f"{whole}."


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]

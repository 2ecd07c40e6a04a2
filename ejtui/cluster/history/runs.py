"""Runs: the journal's entries grouped into what was done, with how it ended."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from ejtui.cluster.history.clock import lasted, spell, stamp_of
from ejtui.cluster.history.endings import NOT_STARTED, STOPPED, ending
from ejtui.cluster.history.entries import JournalLine
from ejtui.cluster.history.names import is_step, operation_name, operation_of
from ejtui.cluster.run.operation import NOTHING, OF_FILE, kind_of

Outcome = Literal["done", "failed", "refused", "stopped", "running", "unknown"]

OUTCOMES: Mapping[str, str] = {
    "done": "done",
    "failed": "failed",
    "refused": "answered No",
    "stopped": "stopped",
    "running": "running",
    "unknown": "no end in the journal",
}
"""Each outcome for people; one without an end was killed, or its computer went down."""

_ENDS: Mapping[str, Outcome] = {
    "done": "done", "failed": "failed", "refused": "refused", "stopped": "stopped"
}  # fmt: skip
_COMMANDS = ("ran", "typed")
_PLAIN = ("recording", "shell", "broke", "storage", "bringing")
"""Events that may stand alone."""


@dataclass(frozen=True)
class StepRun:
    """One attempt of a step: `state` is as in the checklist, "" where it has no end."""

    id: str
    state: str
    detail: str
    began: datetime | None
    ended: datetime | None
    entries: tuple[JournalLine, ...]

    @property
    def took(self) -> str:
        """How long it worked, for people: without the time in which a question stood open."""
        return lasted(self.began, self.ended, waited(self.entries))


def waited(entries: Iterable[JournalLine]) -> float:
    """Seconds in which a question stood open; an older ejtui did not note them."""
    found = (each.rest.get("waited") for each in entries if each.event == "asked")
    return sum(max(0.0, float(each)) for each in found if isinstance(each, (int, float)))


@dataclass(frozen=True)
class Run:
    """One run: `id` is the moment that it began, as in a backup's name; `operation` is an id.

    `recordings` are paths as the journal has them. `why` is the reason of its outcome.
    """

    id: str
    operation: str
    by: str
    began: datetime | None
    ended: datetime | None
    outcome: Outcome
    why: str
    entries: tuple[JournalLine, ...]

    @property
    def title(self) -> str:
        """What it was, for people; of a change of ejabberd.yml with the options."""
        named = [
            each.text("detail").removeprefix(OF_FILE)
            for each in self.entries
            if each.event == "ended" and each.text("detail").startswith(OF_FILE)
        ]
        if named:
            return f"ejabberd.yml: {', '.join(named)}"
        return operation_name(self.operation)

    @property
    def ending(self) -> str:
        """Its outcome for people; of one that ran no command whether it began, or had to."""
        text = OUTCOMES[self.outcome]
        if not self.nodes or any(each.event in _COMMANDS for each in self.entries):
            return text
        if self.outcome == "refused":
            return f"{text}, no change"
        if self.outcome == "failed" and self.why.startswith(NOT_STARTED):
            return "not started"
        return self._done_without_commands if self.outcome == "done" else text

    @property
    def _done_without_commands(self) -> str:
        if self.operation == "join":
            return f"{OUTCOMES['done']}, no change"
        ends = [each for each in self.entries if each.event == "ended"]
        nothing = any(each.text("detail").startswith(NOTHING) for each in ends)
        return NOTHING if nothing else OUTCOMES["done"]

    @property
    def brief(self) -> str:
        """How it ended and how long it took, for a list: of what changed nothing no time."""
        unchanged = self.ending != OUTCOMES[self.outcome]
        return self.ending if unchanged or not self.took else f"{self.ending}, {self.took}"

    @property
    def result(self) -> str:
        """How it ended and why, for people."""
        if not self.why:
            return self.ending
        return self.why if self.outcome == "refused" else f"{self.ending}: {self.why}"

    @property
    def took(self) -> str:
        """How long it worked, for people: without the time in which a question stood open."""
        return lasted(self.began, self.ended, waited(self.entries))

    @property
    def waited(self) -> float:
        """Seconds in which its questions stood open."""
        return waited(self.entries)

    @property
    def waiting(self) -> str:
        """So long its questions stood open, for people; "" where that is less than a second."""
        return spell(self.waited) if self.waited >= 1 else ""

    @property
    def after(self) -> str:
        """How long it worked and how long its questions stood open, as a sentence goes on."""
        waited = f" of work; its questions stood open for {self.waiting}" if self.waiting else ""
        return f"after {self.took}{waited}" if self.took else ""

    @property
    def last(self) -> datetime | None:
        """The moment of its last entry."""
        return next((each.at for each in reversed(self.entries) if each.at), self.began)

    @property
    def recordings(self) -> tuple[str, ...]:
        """The recordings of its erl shells."""
        named = (each.text("path") for each in self.entries if each.event in ("recording", "shell"))
        return tuple(dict.fromkeys(path for path in named if path))

    @property
    def nodes(self) -> Mapping[str, Mapping[str, Any]]:
        """first and second as they were noted last; {} where an older ejtui noted none."""
        found = [each for each in self.entries if each.event == "nodes"]
        return {role: table for role in ("first", "second") if found
                and (table := found[-1].table(role))}  # fmt: skip

    @property
    def steps(self) -> tuple[StepRun, ...]:
        """Its steps in the order in which they began; one that was tried again stands again."""
        made: list[list[JournalLine]] = []
        for entry in self.entries:
            if entry.event == "started" or (
                entry.step
                and not (made and made[-1][0].step == entry.step and made[-1][-1].event != "ended")
            ):
                made.append([entry])
            elif made and entry.step == made[-1][0].step:
                made[-1].append(entry)
        return tuple(map(_step_run, made))

    @property
    def findings(self) -> tuple[tuple[str, str, str], ...]:
        """Code, node and title of each finding that a step or a repair named."""
        found: dict[tuple[str, str, str], None] = {}
        for entry in self.entries:
            named = [entry.rest.get("finding"), *_list(entry.rest.get("findings"))]
            for each in named:
                if isinstance(each, dict):
                    key = [str(each.get(name) or "") for name in ("code", "node", "title")]
                    found[key[0], key[1], key[2]] = None
                elif isinstance(each, str):
                    found[each, "", ""] = None
        return tuple(found)


def _list(value: object) -> list[object]:
    return list(value) if isinstance(value, list) else []


def _step_run(entries: list[JournalLine]) -> StepRun:
    first, last = entries[0], entries[-1]
    ended = last.event == "ended"
    state, why = ending(last)
    return StepRun(
        first.step,
        state if ended else "",
        why if ended else first.text("detail"),
        first.at,
        last.at if ended else None,
        tuple(entries),
    )


@dataclass
class _Open:
    """A run that is being read."""

    operation: str
    entries: list[JournalLine] = field(default_factory=list)
    outcome: Outcome | None = None
    why: str = ""
    overtaken: bool = False

    def close(self, ids: Counter[str], runs: IsAlive) -> Run:
        began, by = self.entries[0].at, self.entries[0].by
        outcome, why = self.outcome, self.why
        if outcome is None:
            outcome, why = _found_outcome(self)
        if outcome == "unknown" and any(runs(life) for life in self.lifetimes()):
            outcome = "running"
        stamp = stamp_of(began)
        ids[stamp] += 1
        id = stamp if ids[stamp] == 1 else f"{stamp}-{ids[stamp]}"
        ended = None if outcome in ("unknown", "running") else self.entries[-1].at
        return Run(id, self.operation, by, began, ended, outcome, why, tuple(self.entries))

    def lifetimes(self) -> Iterator[str]:
        """What distinguishes the process that runs it; none of one that a later run has ended."""
        if not self.overtaken:
            yield from (text for each in self.entries if (text := each.text("lifetime")))


IsAlive = Callable[[str], bool]
"""Whether the process of this lifetime (see `ejtui.processes`) is there still."""


def runs_of(
    entries: Iterable[JournalLine],
    is_alive: IsAlive = lambda _: False,
    ids: Counter[str] | None = None,
) -> tuple[Run, ...]:
    """The runs, the oldest first. Two ejtuis that write at the same time are kept apart.

    One without an end, of a process that `is_alive`, is running. `ids` counts the moments that name
    runs elsewhere already: no two have one name.
    """
    opened: dict[tuple[str, int], _Open] = {}
    closed: list[_Open] = []
    for entry in entries:
        who = (entry.by, entry.process)
        run = opened.get(who)
        begins = _operation_started(entry, run)
        if begins:
            if run is not None:
                run.overtaken = True
                closed.append(run)
            run = opened[who] = _Open(begins)
        if run is None:
            continue
        run.entries.append(entry)
        if _ends(entry, run):
            closed.append(opened.pop(who))
    closed += opened.values()
    ids = Counter() if ids is None else ids
    in_order = sorted(closed, key=lambda each: _moment(each.entries))
    return tuple(each.close(ids, is_alive) for each in in_order)


def _moment(entries: list[JournalLine]) -> float:
    return next((each.at.timestamp() for each in entries if each.at), 0.0)


def _operation_started(entry: JournalLine, run: _Open | None) -> str:
    """The operation that this entry begins, "" where it belongs to the run that is open."""
    within_repair = run is not None and kind_of(run.operation) == "repair"
    if entry.event == "run":
        # A repair runs steps of the join by another runner.
        return "" if within_repair else operation_of(entry.text("what") or "join")
    if entry.event == "shell":
        return "" if run is not None else "shell"
    if entry.step and not is_step(entry.step):
        if run is None or (entry.event == "started" and not within_repair):
            return entry.step
        return ""
    if run is None and (entry.step or entry.event in _PLAIN):
        return "join" if entry.step else operation_of(entry.text("doing") or entry.event)
    return ""


def _ends(entry: JournalLine, run: _Open) -> bool:
    """Whether the run ends with this entry; its outcome is then known."""
    whole_join = run.operation == "join" or is_step(run.operation)
    if whole_join and entry.event == "run ended":
        run.outcome, run.why = _ENDS.get(entry.text("outcome"), "unknown"), _reason(run)
        return True
    if whole_join and entry.event == "run broken off":
        stopped = entry.text("why") in STOPPED
        run.outcome = "stopped" if stopped else "failed"
        run.why = "" if stopped else entry.text("why")
        return True
    if entry.event == "ended" and entry.step == run.operation and not whole_join:
        state, why = ending(entry)
        run.outcome, run.why = _ENDS.get(state, "unknown"), "" if state == "done" else why
        return True
    return run.operation == "shell"


def _reason(run: _Open) -> str:
    """What the last step that was not done had to report."""
    for entry in reversed(run.entries):
        if entry.event == "ended":
            state, why = ending(entry)
            return "" if state == "done" else why
    return ""


def _found_outcome(run: _Open) -> tuple[Outcome, str]:
    """How a run ended whose end an older ejtui did not write, by its last step.

    A step that was started and not ended has no end in the journal.
    """
    if run.operation == "shell":
        return "done", ""
    last = [each for each in run.entries if each.event in ("started", "ended")][-1:]
    if not last or last[0].event == "started" or run.entries[-1] is not last[0]:
        return "unknown", ""
    state, why = ending(last[0])
    outcome = _ENDS.get(state)
    return (outcome, "" if outcome == "done" else why) if outcome else ("unknown", why)

"""What events and errors are as dialogs; and the journal's lines, as lines of the log."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from ejtui.cluster.errors import ClusterError, StepFailed
from ejtui.cluster.finding import Finding
from ejtui.cluster.journal import Entry
from ejtui.cluster.pair.lock import LockHolder
from ejtui.cluster.run import events
from ejtui.erlang.probe.client import ProbeError
from ejtui.erlang.shell.shell import ShellError
from ejtui.hosts import HostError
from ejtui.ui.state.models import ErrorView, FindingKey, HolderView, LogLine

KNOWN_ERRORS = (ClusterError, HostError, ProbeError, ShellError, OSError, ValueError)
"""Errors whose text is what is wrong and what to do."""

_TAIL = 200_000
"""So many bytes of an old journal are read for the log."""


def key_of(finding: Finding) -> FindingKey:
    """What distinguishes a finding from others on the screens."""
    return finding.code, finding.node, finding.title


def trouble_of_step(title: str, ended: events.StepEnded) -> ErrorView:
    """The dialog of a step that failed."""
    findings = ended.findings
    if not findings:
        return ErrorView(
            f"{title} failed: {ended.detail}",
            next_action="Look at the step's pane and the log (l); then run the step again.",
        )
    finding = findings[0]
    return ErrorView(
        f"{title} failed: {finding.title}",
        where="; ".join((finding.node, *finding.evidence)),
        why=finding.explanation,
        next_action=finding.repair,
        finding=key_of(finding),
    )


def trouble_of(error: BaseException, doing: str) -> ErrorView:
    """The dialog of an error that ended what was being done."""
    if isinstance(error, HostError):
        return ErrorView(
            error.what, f"{error.host} ({error.where})", f"while: {doing}", error.next_action
        )
    what = str(error) or type(error).__name__
    if isinstance(error, StepFailed) and error.findings:
        finding = error.findings[0]
        return ErrorView(
            what, "", f"while: {doing}", "Look at the finding, or at the log (l), and try again.",
            key_of(finding),
        )  # fmt: skip
    return ErrorView(what, "", f"while: {doing}", "Look at the log (l), and try again.")


def holder_view(holder: LockHolder) -> HolderView:
    """Who else changes the pair, since when by this machine's clock."""
    return HolderView(holder.who, holder.what, _clock(holder.since))


class Logbook:
    """Reads the journal as it grows."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._read = 0
        self._rest = b""

    def fresh(self) -> tuple[LogLine, ...]:
        """The lines written since it was last asked. A journal that cannot be read has none."""
        try:
            size = self._path.stat().st_size
            if size <= self._read:
                return ()
            with self._path.open("rb") as journal:
                if not self._read:
                    self._read = max(0, size - _TAIL)
                journal.seek(self._read)
                data = self._rest + journal.read()
        except OSError:
            return ()
        self._read = size
        *whole, self._rest = data.split(b"\n")
        made: list[LogLine] = []
        for row in whole:
            try:
                entry = json.loads(row)
            except ValueError:
                continue  # The first line may be cut.
            if isinstance(entry, dict):
                made += log_lines(entry)
        return tuple(made)


def log_lines(entry: Mapping[str, Any]) -> list[LogLine]:
    """One entry of the journal, as people read it."""
    time, step = _clock(str(entry.get("at", ""))), str(entry.get("step", ""))
    match entry.get("event"):
        case Entry.RUN:
            return [LogLine(time, "state", "", f"{entry.get('what')} begins, by {entry.get('by')}")]
        case Entry.STARTED:
            return [LogLine(time, "state", step, "begins")]
        case Entry.TYPED:
            return [LogLine(time, "command", step, str(entry.get("text")))]
        case Entry.SAID:
            return [LogLine(time, "evidence", step, str(entry.get("line")))]
        case Entry.ASKED:
            answer = "yes" if entry.get("yes") else "no"
            return [LogLine(time, "person", step, f"{entry.get('question')} {answer}")]
        case Entry.ENDED:
            return _ended(time, step, entry)
        case other:
            left_out = ("at", "by", "pair", "event", "step")
            rest = ", ".join(f"{k}: {v}" for k, v in entry.items() if k not in left_out)
            return [LogLine(time, "person", step, f"{other}{f' ({rest})' if rest else ''}")]


def _ended(time: str, step: str, entry: Mapping[str, Any]) -> list[LogLine]:
    state, detail = str(entry.get("state")), str(entry.get("detail") or "")
    kind = "error" if state == "failed" else "state"
    made = [LogLine(time, "evidence", step, str(text)) for text in entry.get("evidence") or ()]
    return [*made, LogLine(time, kind, step, f"{state}: {detail}" if detail else state)]


def _clock(moment: str) -> str:
    """Hours and minutes here; the day too where it is not today."""
    try:
        then = datetime.fromisoformat(moment).astimezone()
    except ValueError:
        return moment
    today = then.date() == datetime.now().astimezone().date()
    return then.strftime("%H:%M" if today else "%d %b %H:%M")

"""What events and errors are as dialogs; and the journal's lines, as lines of the log."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path

from ejtui.cluster.errors import SHELL_OPEN, ClusterError, StepFailed
from ejtui.cluster.finding import Finding
from ejtui.cluster.history.entries import JournalLine, growing
from ejtui.cluster.history.names import is_step
from ejtui.cluster.history.sentences import sentences
from ejtui.cluster.journal import Entry
from ejtui.cluster.pair.lock import LockHolder
from ejtui.cluster.repairs.gone import FindingGone
from ejtui.cluster.repairs.registry import why_none
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
    if isinstance(error, FindingGone):
        return _gone(error)
    what = str(error) or type(error).__name__
    if isinstance(error, StepFailed) and error.findings:
        finding = error.findings[0]
        return ErrorView(
            what, "", f"while: {doing}", "Look at the finding, or at the log (l), and try again.",
            key_of(finding),
        )  # fmt: skip
    return ErrorView(what, "", f"while: {doing}", "Look at the log (l), and try again.")


def _gone(gone: FindingGone) -> ErrorView:
    """The dialog of a repair whose finding was gone: what `m` does now."""
    where = f" on {gone.node}" if gone.node else ""
    what = f"{gone.code}{where} is not found now. Nothing was changed."
    title = "The nodes have changed since the check that was shown"
    if not gone.seen.findings:
        return ErrorView(what, next_action="nothing is found that m could repair.", title=title)
    found = gone.seen.findings
    leads = next((each for each in found if each.code == gone.code), found[0])
    why = f"{leads.code} on {leads.node} leads now: {leads.title}."
    none = why_none(leads.code)
    follows = f"{leads.code} has no repair from here: {none}" if none else f"m repairs {leads.code}"
    return ErrorView(what, "", why, f"{follows}.", key_of(leads), title)


def holder_view(holder: LockHolder) -> HolderView:
    """Who else changes the pair, since when by this computer's clock."""
    idle = holder.what == SHELL_OPEN
    return HolderView(holder.who, holder.what, _clock(holder.since), idle)


class Logbook:
    """Reads the journal as it grows."""

    def __init__(self, path: Path) -> None:
        self._turns = growing(path, _TAIL)
        self._read = False
        self.ended_elsewhere = False
        """Whether another ejtui on this computer ended something, by the lines of the last call."""

    def fresh(self) -> tuple[LogLine, ...]:
        """The lines written since the last call. A journal that cannot be read has none."""
        entries = next(self._turns)
        self.ended_elsewhere = self._read and any(map(_ends_elsewhere, entries))
        if not self._read:
            at = max((at for at, each in enumerate(entries) if each.is_of_others), default=0)
            entries = entries[at:]
        self._read = True
        return tuple(line for entry in entries for line in log_lines(entry))


_ENDS = (Entry.RUN_ENDED, Entry.RUN_BROKEN_OFF, Entry.STORAGE)


def _ends_elsewhere(entry: JournalLine) -> bool:
    """Whether another ejtui on this computer has ended something that changed the pair."""
    ends = entry.event in _ENDS or (entry.event == Entry.ENDED and not is_step(entry.step))
    return ends and entry.process not in (0, os.getpid())


def log_lines(entry: JournalLine) -> list[LogLine]:
    """One line of the journal, in sentences."""
    here = entry.at.astimezone() if entry.at else None
    day = here.strftime("%A, %d %B %Y, %Z") if here else ""
    time = here.strftime("%H:%M:%S") if here else "--:--:--"
    return [LogLine(day, time, each.kind, each.text) for each in sentences(entry)]


def _clock(moment: str) -> str:
    """Hours and minutes here; the day too where it is not today."""
    try:
        then = datetime.fromisoformat(moment).astimezone()
    except ValueError:
        return moment
    today = then.date() == datetime.now().astimezone().date()
    return then.strftime("%H:%M" if today else "%d %b %H:%M")

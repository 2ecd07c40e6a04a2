"""One history of a pair: its runs, each found by its name. The one way to its journal."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from ejtui import paths
from ejtui.cluster.errors import ClusterError
from ejtui.cluster.history import entries
from ejtui.cluster.history.clock import date_and_time, stamp_of
from ejtui.cluster.history.runs import Run, runs_of
from ejtui.processes import lifetime

LAST = "last"


class NoSuchRun(ClusterError):
    """There is no run of that name; the text has those that there are."""


class UnknownRun(NoSuchRun):
    """The name that was typed is no run's."""


@dataclass(frozen=True)
class History:
    """The runs of a pair, the newest first; `notes` is what of the journal could not be read.

    `former` are those on former hosts, which had the same addresses and other host keys.
    """

    runs: tuple[Run, ...]
    notes: tuple[str, ...] = ()
    directory: Path = Path()
    """Where recordings of an older ejtui lie; a run of today names its own."""
    former: tuple[Run, ...] = ()

    @property
    def all_runs(self) -> tuple[Run, ...]:
        """Those on these hosts, then those on former ones."""
        return (*self.runs, *self.former)

    def recordings(self, run: Run) -> tuple[str, ...]:
        """The recordings of its erl shells; of a run of an older ejtui those of its time."""
        if run.recordings or run.nodes or run.began is None or run.last is None:
            return run.recordings
        first, last = stamp_of(run.began), stamp_of(run.last)
        try:
            files = sorted(self.directory.glob("*.cast"))
        except OSError:
            return ()
        return tuple(str(file) for file in files if first <= file.name.partition("-")[0] <= last)

    def find(self, name: str) -> Run:
        """The run by its name or the start of it, its number in the list, or "last".

        Raises NoSuchRun.
        """
        if not self.all_runs:
            missing = NoSuchRun if name == LAST else UnknownRun
            raise missing(f"there is no run {name}: nothing was run on this pair yet")
        if name == LAST:
            if not self.runs:
                raise NoSuchRun(f"there is no run {name}: nothing was run on these hosts yet")
            return self.runs[0]
        if name.isascii() and name.isdecimal() and 0 < len(name) < 6:
            number = int(name)
            if 1 <= number <= len(self.all_runs):
                return self.all_runs[number - 1]
        found = [run for run in self.all_runs if run.id == name] or [
            run for run in self.all_runs if len(name) > 5 and run.id.startswith(name)
        ]
        if len(found) == 1:
            return found[0]
        raise UnknownRun(_unknown(name, found or list(self.all_runs[:3]), several=bool(found)))


def _unknown(name: str, runs: list[Run], *, several: bool) -> str:
    named = "; ".join(f"{run.id}, {run.title}, {date_and_time(run.began)}" for run in runs)
    what = "several runs start so" if several else "the newest are"
    return f"there is no run {name}: {what} {named}. `ejtui history` lists all"


def history(pair: str) -> History:
    """What was done to the pair of this name, as far as this computer's journal has it."""
    path = paths.journal_file(pair)
    read = entries.read(path)
    at = max((at for at, each in enumerate(read.entries) if each.is_of_others), default=0)
    ids: Counter[str] = Counter()
    former, runs = (
        tuple(reversed(runs_of(part, _is_alive, ids)))
        for part in (read.entries[:at], read.entries[at:])
    )
    return History(runs, tuple(_notes(path, read)), paths.recordings_dir(), former)


def _is_alive(life: str) -> bool:
    """Whether the process of that lifetime is there still, on this computer."""
    process = life.split()[-2:-1]
    return bool(process) and process[0].isdecimal() and lifetime(int(process[0])) == life


def _notes(path: Path, read: entries.Journaled) -> list[str]:
    made: list[str] = []
    if read.trouble:
        made.append(f"The journal cannot be read: {read.trouble}")
    if read.older:
        made.append(f"{path} is large: its oldest {read.older >> 20} MB are not listed")
    if read.unread:
        lines = "1 line" if read.unread == 1 else f"{read.unread} lines"
        made.append(f"{lines} of {path} cannot be read, and are left out")
    return made

"""The parts of what is shown: a step, a command, a finding, a table, the running work."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ejtui.cluster.run.events import StepProgress


@dataclass(frozen=True)
class TableView:
    """One table on both nodes, in the web admin's words.

    `records` and `size` are first's where it knows the table (`of_first`), else second's.
    """

    name: str
    first: str
    second: str
    records: int | None
    size: int | None
    chosen: str
    local: bool = False
    differs: bool = False
    why_fixed: str = ""
    overruled: bool = False
    of_first: bool = True


@dataclass(frozen=True)
class CommandView:
    """One exact command of a step: where, as whom, in what, and its text."""

    host: str
    user: str
    place: str
    text: str


@dataclass(frozen=True)
class RepairView:
    """What the repair of a finding runs, what of it cannot be undone, and what is kept first.

    `why_none` is why there is no repair from here. Without a title it is not known yet.
    """

    title: str = ""
    commands: tuple[CommandView, ...] = ()
    cannot_undo: str = ""
    backup: str = ""
    why_none: str = ""


@dataclass(frozen=True)
class FindingView:
    """Something that is wrong, named by its code of the catalogue.

    `node` is its place in the pair (first, second, both), `on` the same for people. An error
    keeps something from working, a warning does not yet; `settled_by` is what would settle one
    that is not sure, "" where it is.
    """

    code: str
    title: str
    node: str
    evidence: tuple[str, ...] = ()
    explanation: str = ""
    repair: str = ""
    severity: str = "error"
    on: str = ""
    settled_by: str = ""
    consequences: tuple[str, ...] = ()
    repair_view: RepairView = RepairView()

    @property
    def key(self) -> FindingKey:
        """What distinguishes it from other findings."""
        return self.code, self.node, self.title


FindingKey = tuple[str, str, str]
"""A finding's code, its place in the pair, and its title: one code may be found twice."""


@dataclass(frozen=True)
class LayerView:
    """One layer that was looked at; `well` is None where it could not be."""

    layer: str
    well: bool | None
    seen: str


@dataclass(frozen=True)
class DiagnosisView:
    """What a check found, the worst first, how far it looked, and when (`at`, for people).

    `joined` is whether second was a member of first's cluster then, `undoes` whether second had a
    backup of a join to go back to.
    """

    findings: tuple[FindingView, ...] = ()
    layers: tuple[LayerView, ...] = ()
    healthy: bool = False
    at: str = ""
    standing: str = ""
    joined: bool = False
    undoes: bool = False


@dataclass(frozen=True)
class RepairResult:
    """How the last repair ended."""

    code: str
    well: bool
    text: str
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True)
class StepView:
    """One step of the checklist; `state` is done, todo, failed or blocked."""

    id: str
    number: int
    title: str
    state: str
    detail: str = ""
    reference: str = ""
    where: str = ""
    why: str = ""
    commands: tuple[CommandView, ...] = ()
    findings: tuple[FindingView, ...] = ()


@dataclass(frozen=True)
class Work:
    """What ejtui is doing to the pair now.

    `repairs` is the finding that it repairs, None where it is no repair; steps of the checklist may
    be run within a repair. `waits_for` names the hosts that must answer before it goes on; it
    `asks` while a person must answer, and has `asked` so many questions.
    """

    title: str
    step: str = ""
    seconds: int = 0
    progress: StepProgress | None = None
    stopping: bool = False
    repairs: FindingView | None = None
    waits_for: str = ""
    asks: bool = False
    asked: int = 0

    @property
    def counting(self) -> StepProgress | None:
        """How far it is; None once all of it is done, while the rest has nothing to count."""
        progress = self.progress
        if progress is None or (progress.total and progress.done >= progress.total):
            return None
        return progress

    @property
    def as_step(self) -> StepView:
        """The running work as a step, where it is none of the checklist's."""
        finding = self.repairs
        if finding is None:
            return StepView(self.step, 0, self.title, "todo")
        return StepView(
            self.step, 0, self.title, "todo", where=finding.on, why=finding.explanation,
            commands=finding.repair_view.commands,
        )  # fmt: skip


@dataclass(frozen=True)
class HolderView:
    """Another ejtui that changes this pair, or has an erl shell open there and `is_idle`."""

    who: str
    what: str
    since: str
    is_idle: bool = False


@dataclass(frozen=True)
class ErrorView:
    """An error as its dialog shows it; `finding` has more about it.

    With a `title` it is no mistake: something else is so than was shown.
    """

    what: str
    where: str = ""
    why: str = ""
    next_action: str = ""
    finding: FindingKey | None = None
    title: str = ""


@dataclass(frozen=True)
class QuestionView:
    """What a person must confirm, and what a yes takes and runs; with `consent` a word is typed.

    `diff` has the lines that change in a file. `number` is its place among those of what runs, 0
    where nothing does.
    """

    title: str
    takes: tuple[str, ...] = ()
    consequence: str = ""
    yes_label: str = "Yes"
    destructive: bool = True
    consent: str = ""
    commands: tuple[CommandView, ...] = ()
    diff: tuple[str, ...] = ()
    number: int = 0


@dataclass(frozen=True)
class TextQuestionView:
    """A text that a person writes, from `text` on; `trouble` is what was wrong with the last.

    A `hidden` one is a line that is not shown as it is typed. `first` are lines of YAML that first
    has there; they stand below the first of `explains`.
    """

    title: str
    text: str = ""
    explains: tuple[str, ...] = ()
    trouble: str = ""
    hidden: bool = False
    first: str = ""


@dataclass(frozen=True)
class LogLine:
    """One sentence of what was run: `kind` is command, evidence, state, person or error.

    `day` is its date with the zone here, `time` the time of day to the second.
    """

    day: str
    time: str
    kind: str
    text: str


@dataclass(frozen=True)
class BackupView:
    """One backup: `size` in bytes, `accounts` None where they were not read, `can` what it can be
    used for, `goes_back` whether second can be rolled back to it. `directory` is what is removed
    with it, `stays` why that is not ("" for one that was used), `goes_by_name` whether it may all
    the same. `undoes`: it is second's own database before a join, and was not used."""

    name: str
    host: str
    created: str
    reason: str
    stage: str
    size: int
    files: int
    accounts: Sequence[str] | None
    can: str
    path: str
    goes_back: bool = False
    is_database: bool = True
    by: str = ""
    trouble: str = ""
    uses: tuple[str, ...] = ()
    account_count: int | None = None
    directory: str = ""
    stays: str = ""
    goes_by_name: bool = False
    undoes: bool = False


@dataclass(frozen=True)
class BackupsView:
    """Every backup, the newest first; `note` is what a person must know who chooses one.

    `listing` is set while the hosts are asked, `trouble` is why they could not be, `unlisted` are
    those that were not reached.
    """

    rows: tuple[BackupView, ...] = ()
    note: str = ""
    listing: bool = False
    trouble: str = ""
    chosen: str = ""
    unlisted: tuple[str, ...] = ()

    @property
    def at_cursor(self) -> BackupView | None:
        """The one looked at, or else the newest."""
        named = [row for row in self.rows if row.name == self.chosen]
        return (*named, *self.rows)[0] if self.rows else None

"""What the screens can ask of the pair, and what becomes news of it."""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Sequence
from dataclasses import replace

from ejtui.cluster.condition.condition import Known
from ejtui.cluster.condition.situations import condition
from ejtui.cluster.diagnosis.report import Diagnosis
from ejtui.cluster.facts.node import NodeFacts, PairFacts
from ejtui.cluster.history.endings import is_refusal
from ejtui.cluster.join import standing
from ejtui.cluster.join.erl_shell import describe_kept
from ejtui.cluster.join.runner import Runner
from ejtui.cluster.join.steps import STEPS, step_of
from ejtui.cluster.pair.node import Node
from ejtui.cluster.pair.pair import Pair
from ejtui.cluster.question import Question
from ejtui.cluster.run import events
from ejtui.cluster.run.operation import (
    BRING_OVER,
    CONFIG,
    PRUNE,
    RESTORE_TABLE,
    ROLLBACK,
    Operation,
    repair_of,
)
from ejtui.cluster.run.resume import Resuming
from ejtui.config import Config
from ejtui.hosts import Secrets
from ejtui.ui.session import from_events, to_view
from ejtui.ui.session.backups import BackupsPart
from ejtui.ui.session.changes import Changes
from ejtui.ui.session.join_part import JoinPart
from ejtui.ui.session.looks import Looks
from ejtui.ui.session.protocols import Voice
from ejtui.ui.session.settings import SettingsPart
from ejtui.ui.session.shells import Shells
from ejtui.ui.session.storage import StoragePart
from ejtui.ui.session.troubleshooter import Troubleshooter
from ejtui.ui.session.work import Doing, Work
from ejtui.ui.state.derived import Derived
from ejtui.ui.state.diagnosis_updates import LookedAtFinding
from ejtui.ui.state.models import FindingView
from ejtui.ui.state.run_updates import Happened
from ejtui.ui.state.settings import Key
from ejtui.ui.state.updates import (
    ChangedElsewhere,
    JoinClosed,
    LeftHalfDone,
    Logged,
    NodeSeen,
    Noticed,
    RolledBack,
    Seen,
)
from ejtui.ui.state.view_state import NodeView

_JOIN_AGAIN = "a goes on from where the nodes stand, u rolls back what was changed"
_CONFIG_AGAIN = "e shows what still differs"


class PairSession:
    """The pair, opened. Everything of it runs in the app's event loop."""

    def __init__(self, config: Config, voice: Voice, secrets: Secrets | None = None) -> None:
        self._voice = voice
        self._pair = Pair(config, voice.ask_secret, secrets)
        self._resuming = Resuming(self._pair, self._hear)
        self._emit = self._resuming.hear
        self._runner = Runner(self._pair, self._ask, self._emit, asks_first=True)
        self._shells = Shells(self._pair, voice, self._runner.journal)
        self._log = from_events.Logbook(self._runner.journal.path)
        self._looks = Looks(self._pair, voice, self)
        self._troubleshooter = Troubleshooter(
            self._pair, voice, self._runner.journal, self._may_check, self._checked
        )
        self._work = Work(
            voice, self._resuming, self._runner.journal, self._troubleshooter.stop, self._worked
        )
        changes = Changes(self._pair, voice, self._ask, self._emit, self._runner.lock)
        self._settings = SettingsPart(changes)
        self._backups = BackupsPart(changes)
        self._storage = StoragePart(changes)
        self._derived = Derived(self._pair)
        self._join_part = JoinPart()
        self._closed = False
        self._kept_erl_shown = False

    # Looking

    async def run(self) -> None:
        """Look at both nodes until cancelled."""
        await self._looks.run()

    def ask_again(self) -> None:
        """Ask both nodes now, and check them; what a person would not answer may be asked."""
        self._pair.secrets.reconsider()
        self._looks.reconnect()
        if self._looks.saw_both:
            self._troubleshooter.check_again()

    @property
    def works(self) -> bool:
        """Whether something of this app changes the pair, or the app leaves it."""
        return self._work.is_running or self._closed

    @property
    def holds_lock(self) -> bool:
        """Whether the pair's lock is this app's."""
        return self._runner.lock.held

    @property
    def is_well(self) -> bool:
        """Whether the last check still holds, and has found nothing wrong."""
        return self._troubleshooter.known(self._pair.newest).findings == ()

    def read_journal(self) -> None:
        """Show what the journal has since; what another ejtui has ended in it outdates the rest."""
        fresh = self._log.fresh()
        if fresh:
            self._voice.apply(Logged(fresh))
        if self._log.ended_elsewhere:
            self.changed_elsewhere()

    def changed_elsewhere(self) -> None:
        """Both nodes are asked, and checked again: what is shown is of before."""
        self._voice.apply(ChangedElsewhere())
        self._troubleshooter.overtake()
        self._looks.again()

    def _may_check(self) -> bool:
        return not self.works and self._looks.holder is None

    def _checked(self, seen: Diagnosis) -> None:
        self._runner.failed.settle(seen)
        self.show()

    def show(self) -> None:
        """Show what both nodes have last reported, and check it where it is new."""
        if self._looks.saw_both:
            facts = self._pair.newest
            self._show_pair(facts)
            self._troubleshooter.consider(facts)
        else:
            for name in self._looks.seen:
                self._show_one(self._node(name))
        self.read_journal()

    def _show_one(self, node: Node) -> None:
        self._voice.apply(NodeSeen(self._node_view(node, node.facts, None)))

    def _node(self, name: str) -> Node:
        return self._pair.first if name == self._pair.first.name else self._pair.second

    def _show_kept_erl(self, facts: PairFacts) -> None:
        """Show once what an earlier ejtui left running."""
        if not self._kept_erl_shown:
            self._kept_erl_shown = True
            kept = facts.second.kept_erl
            if kept is not None and self._pair.live_shell is None:
                self._voice.apply(Noticed(f"{describe_kept(kept)}; the next step attaches"))

    def _show_pair(self, facts: PairFacts) -> None:
        self._show_kept_erl(facts)
        steps, tables = self._derived.rows(facts, self._runner.failed.states)
        if not self._work.is_running and all(step.state == "done" for step in steps):
            self._join_part.complete = True
        self._voice.apply(
            Seen(
                self._node_view(self._pair.first, facts.first, facts),
                self._node_view(self._pair.second, facts.second, facts),
                steps,
                tables,
                self._looks.holder,
                condition(facts, self._known(facts)),
                self._troubleshooter.is_outdated(facts),
            )
        )

    def _known(self, facts: PairFacts) -> Known:
        """What is known beyond the facts: by the last check, and who changes the pair now."""
        held = self._looks.holder
        changing = f"{held.who} ({held.what})" if held else ""
        known = self._troubleshooter.known(facts)
        return replace(known, changing=changing, join_open=self._join_part.is_open)

    def _node_view(self, node: Node, facts: NodeFacts, pair: PairFacts | None) -> NodeView:
        line = to_view.line_view(node.line, node.opened)
        return replace(to_view.node_view(facts, pair, node.where), line=line)

    # Changing

    def run_step(self, id: str) -> None:
        """Run one step."""
        step = step_of(id)
        self._begin(
            _title(step.operation),
            lambda: self._joining(self._runner.run_step(id), to_its_end=step is STEPS[-1]),
            _JOIN_AGAIN,
        )

    def run_on(self) -> None:
        """Run step after step until a person is needed."""
        self._begin(
            "the join",
            lambda: self._joining(self._runner.run_on(), to_its_end=True),
            _JOIN_AGAIN,
        )

    async def _joining(self, run: Awaitable[bool], *, to_its_end: bool) -> bool:
        """A part of a join; where that ends it, what the join did is shown."""
        done = await run
        if done and to_its_end and self._join_part.changed:
            from ejtui.cluster.join.closing import read

            closing = await read(self._pair, self._runner.journal, self._join_part.aside)
            self._join_part = JoinPart()
            # The header counts; what stands here longer would count what was.
            self._voice.apply(JoinClosed(replace(closing, accounts=None).lines()))
        return done

    def roll_back(self, backup: str | None = None) -> None:
        """Bring second back to what it was; the operator chooses where it is not plain to what."""

        async def work() -> bool | str:
            self._voice.apply(JoinClosed(()))
            if backup is None and (why := await self._backups.why_not_plain()):
                self._voice.show_backups()
                return f"roll back: {why}"
            done = await self._backups.roll_back(backup)
            if not done.backup.of_the_file:
                self._join_part = JoinPart()
                self._voice.apply(RolledBack(done.lines(self._pair.second.name)))
            return True

        self._begin(ROLLBACK.title, work, "u goes on from where the nodes stand")

    def list_backups(self) -> None:
        """Ask both hosts for all backups."""
        self._backups.list_all()

    def prune_backups(self, backup: str | None = None) -> None:
        """Remove the backups that were used, or that one; asks first."""
        self._begin(PRUNE.title, lambda: self._backups.prune(backup), "b lists what is left")

    def bring_over(self, backup: str) -> None:
        """Bring what that backup alone has into the cluster; asks first.

        What came, and how the join can still be undone, is shown then.
        """

        async def work() -> str:
            from ejtui.cluster.join.closing import after_bring_over

            done = await self._backups.bring_over(backup)
            lines = await after_bring_over(self._pair, self._runner.journal)
            self._voice.apply(JoinClosed((done.sentence, *lines)))
            return done.summary

        self._begin(BRING_OVER.title, work, "b, and o there, goes on")

    def restore_table(self, backup: str) -> None:
        """Restore records that first lacks from that online backup; asks for each table."""
        self._begin(
            RESTORE_TABLE.title,
            lambda: self._backups.restore_table(backup),
            "b, and t there, goes on",
        )

    def compare_settings(self) -> None:
        """Ask both nodes what they have loaded of their ejabberd.yml."""
        self._settings.compare()

    def take_settings(self, options: Sequence[str]) -> None:
        """Give second's ejabberd.yml first's values of these; shows what changes, and asks."""
        self._begin(CONFIG.title, lambda: self._settings.take(options), _CONFIG_AGAIN)

    def edit_setting(self, key: Key) -> None:
        """Have a value written for second's ejabberd.yml; shows what changes, and asks."""
        self._begin(CONFIG.title, lambda: self._settings.edit(key), _CONFIG_AGAIN)

    def keep_setting(self, key: Key) -> None:
        """Second keeps its own value there, and a join does not ask about it."""
        self._settings.keep(key)
        self.show()

    def repair(self, finding: FindingView) -> None:
        """Repair that finding; asks first where data is lost."""
        self._begin(
            repair_of(finding.code).title,
            lambda: self._troubleshooter.repair(
                finding.code, finding.node, self._ask, self._emit, self._runner.lock
            ),
            "m goes on where the finding is still there",
            finding,
        )

    def set_storage(self, table: str, storage: str) -> None:
        """Choose the type of second's copy before a join; change it after one, asking first."""
        self._begin(
            f"the copy of {table}",
            lambda: self._storage.set_type(table, storage),
            "t shows the types as they are",
        )

    def cancel(self) -> None:
        """Stop what is running at a safe place."""
        self._work.cancel()

    def _begin(
        self, title: str, doing: Doing, again: str, repairs: FindingView | None = None
    ) -> None:
        if self._work.begin(title, doing, again, repairs):
            self._shells.show_live()

    def _worked(self) -> None:
        self._looks.again()
        self._troubleshooter.check()

    async def _ask(self, question: Question) -> bool:
        return await self._voice.ask(to_view.question_view(question))

    def _hear(self, event: events.Event) -> None:
        self._runner.failed.hear(event)
        match event:
            case events.FactsChanged():
                self._looks.saw_all()
                self.show()
            case events.ShellOpened(shell):
                self._shells.opened(shell)
            case events.Aside(what):
                self._join_part.aside = what
            case events.StepStarted(operation):
                self._join_part.started(operation)
            case events.StepEnded(step, "failed", _, _, findings) if step.is_step:
                # How all else failed is the error that ends it, and is shown once.
                self._work.trouble = from_events.trouble_of_step(_title(step), event)
                if findings:
                    self._voice.apply(LookedAtFinding(from_events.key_of(findings[0])))
            case events.StepEnded(_, "todo", detail) if is_refusal(detail):
                self._work.refused = detail
            case events.HostBack():
                self._work.trouble = None
        if isinstance(event, events.StepEnded):
            self._join_part.ended(event.operation, event.state)
        self._voice.apply(Happened(event))

    # Shells

    def open_shell(self, node: str) -> None:
        """Open an erl on the node of that name, outside a join; the operator types into it."""
        self._shells.open(self._node(node), self._node(node).facts)

    def resize_shell(self, columns: int, rows: int) -> None:
        """The room that the next erl is opened with; the live one follows its pane."""
        self._pair.shell_size = (columns, rows)

    def hand_back(self) -> None:
        """The operator gives the live erl back."""
        live = self._pair.live_shell
        if live is not None:
            live.hand_back()

    async def close(self) -> None:
        """Stop what is running at a safe place and leave both hosts. Idempotent."""
        if self._closed:
            return
        self._closed = True
        interrupted = self._work.is_running
        await self._work.close()
        if interrupted:
            self._voice.apply(LeftHalfDone(await standing.read(self._pair)))
        self._backups.stop()
        self._settings.stop()
        await self._troubleshooter.stop()
        await self._looks.close()
        await self._shells.close()
        with contextlib.suppress(*from_events.KNOWN_ERRORS):
            await self._runner.lock.release()
        await self._pair.close()


def _title(step: Operation) -> str:
    """How people know a step: "step 6, synchronise schema"."""
    return f"step {step.number}, {step.title.lower()}"

"""The one place that talks to the cluster:

it opens the pair, runs steps, and reports what happens.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
import traceback
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from ejtui.cluster.condition.condition import Known
from ejtui.cluster.condition.situations import condition
from ejtui.cluster.diagnosis.report import Diagnosis
from ejtui.cluster.errors import LockHeld, Refused
from ejtui.cluster.facts.node import REMOTE, STORAGE_WORDS, NodeFacts, PairFacts
from ejtui.cluster.history.endings import is_refusal
from ejtui.cluster.join.erl_shell import describe_kept
from ejtui.cluster.join.runner import Runner
from ejtui.cluster.join.steps import STEPS
from ejtui.cluster.journal import Entry
from ejtui.cluster.pair.lock import holder
from ejtui.cluster.pair.node import Node
from ejtui.cluster.pair.pair import Pair
from ejtui.cluster.pair.watch import Watch
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
from ejtui.hosts import HostKeyUnknown, Secrets
from ejtui.ui.session import from_events, to_view
from ejtui.ui.session.backups import BackupsPart
from ejtui.ui.session.join_part import JoinPart
from ejtui.ui.session.protocols import Voice
from ejtui.ui.session.settings import SettingsPart
from ejtui.ui.session.shells import Shells
from ejtui.ui.session.troubleshooter import Troubleshooter
from ejtui.ui.state.derived import Derived
from ejtui.ui.state.diagnosis_updates import LookedAtFinding
from ejtui.ui.state.models import ErrorView, FindingView, HolderView, QuestionView
from ejtui.ui.state.run_updates import Happened
from ejtui.ui.state.settings import Key
from ejtui.ui.state.updates import (
    ChangedElsewhere,
    JoinClosed,
    Logged,
    NodeSeen,
    Noticed,
    Seen,
    WorkBegan,
    WorkEnded,
    WorkStopping,
)
from ejtui.ui.state.view_state import NodeView

if TYPE_CHECKING:
    from ejtui.cluster.carry_over.request import Wanted
    from ejtui.cluster.carry_over.run import Taken

_LOOK_SECONDS = 4.0
"""Between two looks at a node of which nothing is heard, or while something goes on."""

_SLOW_SECONDS = 20.0
"""Between two looks at one that reports its changes: for what no subscription shows."""

_JOURNAL_SECONDS = 1.0
"""Between two looks at whether the journal has grown."""

_PROMPT_SECONDS = 0.3
"""Within these an answer nearly always comes; nothing is asked meanwhile whether the host lives."""

_CLOSE_SECONDS = 10.0


_Work = Callable[[], Awaitable[bool | str]]
"""Whether it is done; or how it ended, in a line."""


class PairSession:
    """The pair. Everything of it runs in the app's event loop."""

    def __init__(self, config: Config, voice: Voice, secrets: Secrets | None = None) -> None:
        self._voice = voice
        self._pair = Pair(config, voice.ask_secret, secrets)
        self._resuming = Resuming(self._pair, self._hear)
        self._emit = self._resuming.hear
        self._runner = Runner(self._pair, self._ask, self._emit, asks_first=True)
        self._shells = Shells(self._pair, voice, self._runner.journal)
        self._log = from_events.Logbook(self._runner.journal.path)
        self._troubleshooter = Troubleshooter(
            self._pair, voice, self._runner.journal, self._nothing_under_way, self._checked
        )
        self._settings = SettingsPart(self._pair, voice)
        self._backups = BackupsPart(self._pair, voice, self._ask, self._emit, self._runner.lock)
        self._derived = Derived(self._pair)
        self._looked_at: set[str] = set()
        self._declined_keys: set[str] = set()
        self._holder: HolderView | None = None
        self._join_part = JoinPart()
        self._work: asyncio.Task[None] | None = None
        self._closed = False
        self._trouble: ErrorView | None = None
        self._refused = ""
        self._kept_erl_shown = False
        self._again = asyncio.Event()
        self._watches = {
            node.name: Watch(node, self._heard_of_change)
            for node in (self._pair.first, self._pair.second)
        }

    # Looking

    async def run(self) -> None:
        """Look at both nodes until cancelled, each at its own pace: one may hang."""
        async with asyncio.TaskGroup() as group:
            for node in (self._pair.first, self._pair.second):
                group.create_task(self._watch(node))
            group.create_task(self._watch_lock())
            group.create_task(self._watch_journal())

    async def _watch(self, node: Node) -> None:
        await node.open()
        await self._introduce(node)
        while True:
            if not node.opened:
                self._show()
            await self._look(node)
            self._looked_at.add(node.name)
            self._show()
            await self._introduce(node)
            await self._rest(node)

    async def _rest(self, node: Node) -> None:
        """Wait until it is time to look at the node again, which reports its changes from now on.

        Whether its host still answers is asked all the same.
        """
        if not node.opened:
            await self._pause(node.line.wait)
            return
        watch = self._watches[node.name]
        watch.follow()
        end = time.monotonic() + _SLOW_SECONDS
        while not await self._pause():
            if time.monotonic() >= end or not (watch.hears and self._calm):
                return
            if not await node.answers():
                return

    @property
    def _calm(self) -> bool:
        """Whether nobody works on the pair, and nothing is known to be wrong with it."""
        if self._work is not None or self._holder is not None:
            return False
        facts = PairFacts(self._pair.first.facts, self._pair.second.facts)
        return self._troubleshooter.known(facts).findings == ()

    def _heard_of_change(self) -> None:
        # A run looks at the nodes itself, as often as it needs.
        if self._work is None and not self._closed:
            self._again.set()

    async def _look(self, node: Node) -> None:
        """Ask a node everything; its silence is shown before the question is given up."""
        silence = asyncio.create_task(self._notice_silence(node))
        try:
            await self._pair.look(node)
        finally:
            silence.cancel()

    async def _notice_silence(self, node: Node) -> None:
        asked = time.monotonic()
        await asyncio.sleep(_PROMPT_SECONDS)
        if node.opened and not await node.answers():
            node.fell_silent(asked)
            self._looked_at.add(node.name)
            self._show()

    async def _watch_lock(self) -> None:
        while True:
            hear = all(watch.hears for watch in self._watches.values())
            await self._pause(_SLOW_SECONDS if hear and self._calm else _LOOK_SECONDS)
            found = None
            if self._work is None and not self._runner.lock.held:
                with contextlib.suppress(*from_events.KNOWN_ERRORS):
                    found = await holder(self._pair)
            held, self._holder = self._holder, from_events.holder_view(found) if found else None
            if held is not None and self._holder is None:
                self._changed_elsewhere()
            self._show()

    async def _watch_journal(self) -> None:
        """Read what another ejtui on this computer does, and when it has done it."""
        while True:
            await asyncio.sleep(_JOURNAL_SECONDS)
            self._read_journal()

    def _read_journal(self) -> None:
        fresh = self._log.fresh()
        if fresh:
            self._voice.apply(Logged(fresh))
        if self._log.ended_elsewhere:
            self._changed_elsewhere()

    def _changed_elsewhere(self) -> None:
        """Both nodes are asked, and checked again: what is shown is of before."""
        self._voice.apply(ChangedElsewhere())
        self._troubleshooter.overtake()
        self._again.set()

    async def _pause(self, seconds: float = _LOOK_SECONDS) -> bool:
        """Whether somebody wants a look before the time is over."""
        wanted = False
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                wanted = await self._again.wait()
        self._again.clear()
        return wanted

    def ask_again(self) -> None:
        """Ask both nodes now, and check them; what a person would not answer may be asked."""
        self._pair.secrets.reconsider()
        self._declined_keys.clear()
        for node in (self._pair.first, self._pair.second):
            node.line.try_now()
        self._again.set()
        if len(self._looked_at) == 2:
            self._troubleshooter.check()

    def _nothing_under_way(self) -> bool:
        return self._work is None and self._holder is None and not self._closed

    def _checked(self, seen: Diagnosis) -> None:
        self._runner.failed.settle(seen)
        self._show()

    async def _introduce(self, node: Node) -> None:
        """Ask about a host key that nobody has seen, then connect held to exactly that key.

        A No stands until the operator asks again.
        """
        # A jump host's key comes first, then that of the host behind it.
        while isinstance(trouble := node.trouble, HostKeyUnknown):
            if trouble.fingerprint in self._declined_keys:
                return
            if not await self._voice.ask(to_view.host_key_question(node.name, trouble)):
                self._declined_keys.add(trouble.fingerprint)
                return
            from ejtui.hosts.ssh.known_hosts import remember

            remember(trouble)
            await node.open()

    def _show(self) -> None:
        if len(self._looked_at) == 2:
            pair = self._pair
            facts = PairFacts(pair.first.facts, pair.second.facts, pair.administration)
            self._show_pair(facts)
            self._troubleshooter.consider(facts)
        else:
            for name in self._looked_at:
                self._show_one(self._node(name))
        self._read_journal()

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
        if self._work is None and all(step.state == "done" for step in steps):
            self._join_part.complete = True
        self._voice.apply(
            Seen(
                self._node_view(self._pair.first, facts.first, facts),
                self._node_view(self._pair.second, facts.second, facts),
                steps,
                tables,
                self._holder,
                condition(facts, self._known(facts)),
                self._troubleshooter.is_outdated(facts),
            )
        )

    def _known(self, facts: PairFacts) -> Known:
        """What is known beyond the facts: by the last check, and who changes the pair now."""
        held = self._holder
        changing = f"{held.who} ({held.what})" if held else ""
        known = self._troubleshooter.known(facts)
        return replace(known, changing=changing, join_open=self._join_part.is_open)

    def _node_view(self, node: Node, facts: NodeFacts, pair: PairFacts | None) -> NodeView:
        line = to_view.line_view(node.line, node.opened)
        return replace(to_view.node_view(facts, pair, node.where), line=line)

    # Changing

    def run_step(self, id: str) -> None:
        """Run one step."""
        step = next(step for step in STEPS if step.id == id)
        self._begin(
            _title(step.operation),
            lambda: self._joining(self._runner.run_step(id), to_its_end=step is STEPS[-1]),
        )

    def run_on(self) -> None:
        """Run step after step until a person is needed."""
        self._begin("the join", lambda: self._joining(self._runner.run_on(), to_its_end=True))

    async def _joining(self, run: Awaitable[bool], *, to_its_end: bool) -> bool:
        """A part of a join; where that ends it, what the join did is shown."""
        done = await run
        if done and to_its_end and self._join_part.changed:
            from ejtui.cluster.join.closing import read

            closing = await read(self._pair, self._runner.journal, self._join_part.aside)
            self._join_part = JoinPart()
            self._voice.apply(JoinClosed(closing.lines()))
        return done

    def roll_back(self, backup: str | None = None) -> None:
        """Bring second back to what it was; the operator chooses where it is not plain to what."""

        async def work() -> bool | str:
            self._voice.apply(JoinClosed(()))
            if backup is None and (why := await self._backups.why_not_plain()):
                self._voice.show_backups()
                return f"roll back: {why}"
            await self._backups.roll_back(backup)
            self._join_part = JoinPart()
            return True

        self._begin(ROLLBACK.title, work)

    def list_backups(self) -> None:
        """Ask both hosts for all backups."""
        self._backups.list_all()

    def prune_backups(self, backup: str | None = None) -> None:
        """Remove the backups that were used, or that one; asks first."""
        self._begin(PRUNE.title, lambda: self._backups.prune(backup))

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

        self._begin(BRING_OVER.title, work)

    def restore_table(self, backup: str) -> None:
        """Restore records that first lacks from that online backup; asks for each table."""
        self._begin(RESTORE_TABLE.title, lambda: self._backups.restore_table(backup))

    def compare_settings(self) -> None:
        """Ask both nodes what they have loaded of their ejabberd.yml."""
        self._settings.compare()

    def take_settings(self, options: Sequence[str]) -> None:
        """Give second's ejabberd.yml first's values of these; shows what changes, and asks."""
        self._begin(CONFIG.title, lambda: self._settings.take(options, self._write_settings))

    def edit_setting(self, key: Key) -> None:
        """Have a value written for second's ejabberd.yml; shows what changes, and asks."""
        self._begin(CONFIG.title, lambda: self._settings.edit(key, self._write_settings))

    async def _write_settings(self, wanted: Wanted) -> Taken:
        from ejtui.cluster.carry_over.run import take

        return await take(self._pair, wanted, self._ask, self._emit, self._runner.lock)

    def keep_setting(self, key: Key) -> None:
        """Second keeps its own value there, and a join does not ask about it."""
        self._settings.keep(key)
        self._show()

    def repair(self, finding: FindingView) -> None:
        """Repair that finding; asks first where data is lost."""
        self._begin(
            repair_of(finding.code).title,
            lambda: self._troubleshooter.repair(
                finding.code, finding.node, self._ask, self._emit, self._runner.lock
            ),
            finding,
        )

    def set_storage(self, table: str, storage: str) -> None:
        """Choose the type of second's copy before a join; change it after one, asking first."""
        from ejtui.cluster.tables import storage as tables

        async def work() -> bool | str:
            facts = await self._pair.refresh()
            if tables.changes_now(facts) and not await self._agreed(facts, table, storage):
                raise Refused(f"the copy of {table} stays as it is")
            await tables.choose(
                self._pair, table, storage, self._ask, self._emit, self._runner.lock
            )
            if tables.changes_now(facts):
                return True
            return f"{table}: {STORAGE_WORDS[storage]} is chosen for second; the join makes it so"

        self._begin(f"the copy of {table}", work)

    async def _agreed(self, facts: PairFacts, table: str, storage: str) -> bool:
        """Removing a copy is asked about by the cluster; any other change of a live table here."""
        from ejtui.cluster.tables import storage as tables

        if storage == REMOTE or tables.refusal(facts, table, storage):
            return True
        return await self._voice.ask(
            QuestionView(
                f"Change second's copy of {table}?",
                (tables.preview(facts, table, storage),),
                "Both nodes go on running; the table can be read while it is changed.",
                "Yes, change it",
                destructive=False,
            )
        )

    def cancel(self) -> None:
        """Stop what is running at a safe place."""
        if self._work is not None:
            self._voice.apply(WorkStopping())
            self._work.cancel()

    def _begin(self, title: str, work: _Work, repairs: FindingView | None = None) -> None:
        if self._work is None:
            self._trouble, self._refused = None, ""
            self._voice.apply(WorkBegan(title, repairs))
            self._shells.show_live()
            self._work = asyncio.create_task(self._do(title, work))

    async def _do(self, title: str, work: _Work) -> None:
        said, is_trouble = "", False
        try:
            await self._troubleshooter.stop()
            done = await self._resuming.run(work)
            said = (
                f"{title}: done" if done else f"{title}: {self._refused or 'stopped, see the step'}"
            )
            if isinstance(done, str):
                said = done
            if not done and self._trouble:
                self._voice.show_trouble(self._trouble)
        except asyncio.CancelledError:
            said = f"{title}: stopped; the checklist goes on from where the nodes stand"
        except LockHeld as held:
            said, is_trouble = f"{held.who} is changing this pair ({held.what})", True
        except Refused as refused:
            said = str(refused)
        except from_events.KNOWN_ERRORS as error:
            said, is_trouble = f"{title}: {error}", True
            self._voice.show_trouble(self._trouble or from_events.trouble_of(error, title))
        except Exception as error:
            # A mistake in ejtui: the running work ends, the app goes on.
            said, is_trouble = f"{title}: {type(error).__name__}: {error}", True
            self._runner.journal.write(Entry.BROKE, doing=title, why=traceback.format_exc())
            self._voice.show_trouble(from_events.trouble_of(error, title))
        finally:
            self._work = None
            self._voice.apply(WorkEnded(said, is_trouble))
            self._again.set()
            self._troubleshooter.check()

    async def _ask(self, question: Question) -> bool:
        return await self._voice.ask(to_view.question_view(question))

    def _hear(self, event: events.Event) -> None:
        self._runner.failed.hear(event)
        match event:
            case events.FactsChanged():
                self._looked_at = {self._pair.first.name, self._pair.second.name}
                self._show()
            case events.ShellOpened(shell):
                self._shells.opened(shell)
            case events.Aside(what):
                self._join_part.aside = what
            case events.StepStarted(operation):
                self._join_part.started(operation)
            case events.StepEnded(step, "failed", _, _, findings) if step.is_step:
                # How all else failed is the error that ends it, and is shown once.
                self._trouble = from_events.trouble_of_step(_title(step), event)
                if findings:
                    self._voice.apply(LookedAtFinding(from_events.key_of(findings[0])))
            case events.StepEnded(_, "todo", detail) if is_refusal(detail):
                self._refused = detail
            case events.HostBack():
                self._trouble = None
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
        work = self._work
        if work is not None:
            work.cancel()
            await asyncio.wait([work], timeout=_CLOSE_SECONDS)
        self._backups.stop()
        self._settings.stop()
        await self._troubleshooter.stop()
        for watch in self._watches.values():
            await watch.close()
        await self._shells.close()
        with contextlib.suppress(*from_events.KNOWN_ERRORS):
            await self._runner.lock.release()
        await self._pair.close()


def _title(step: Operation) -> str:
    """How people know a step: "step 6, synchronise schema"."""
    return f"step {step.number}, {step.title.lower()}"

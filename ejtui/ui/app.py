"""The app: it wires keys to the session and news to the screens, and decides nothing."""

from __future__ import annotations

import asyncio
import gc
import importlib
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from textual import events
from textual.app import App

from ejtui.attention import Attention
from ejtui.ui.background import BackgroundSeen
from ejtui.ui.driver import DroppingDriver
from ejtui.ui.everywhere import everywhere
from ejtui.ui.keyboard import Gate, Keyboard, Paused
from ejtui.ui.render.title import terminal_title
from ejtui.ui.screens.main import MainScreen
from ejtui.ui.session.protocols import Session, Voice
from ejtui.ui.state.actions import ACTIONS, BY_ID, Action
from ejtui.ui.state.view_state import NodeView, Typist, ViewState
from ejtui.ui.text import glyphs
from ejtui.ui.text.theme import THEMES, theme_name
from ejtui.ui.widgets.pane import Pane

if TYPE_CHECKING:
    from rich.console import RenderableType
    from textual.screen import Screen

    from ejtui.config import Config
    from ejtui.erlang.shell.shell import Shell
    from ejtui.hosts import SecretQuestion
    from ejtui.ui.screens.gated import GatedScreen
    from ejtui.ui.session.history_reader import HistoryReader
    from ejtui.ui.state.models import BackupView, ErrorView, FindingKey, QuestionView
    from ejtui.ui.state.updates import Update

WORKS_ANYWHERE = ("help", "palette", "repaint", "copy", "quit", "repair", "refresh", "cancel")
"""Actions that leave the screen as it is on which they are chosen."""

_GATHER = 0.01
"""Seconds for which news is gathered into one paint."""

NOTICE_SECONDS = 8
"""So long a message stands where the keys are."""

SessionMaker = Callable[["Config", Voice], Session]


class EjtuiApp(App[int], inherit_bindings=False):
    """Both nodes, the checklist and the live erl."""

    TITLE = "ejtui"
    CSS_PATH = Path(__file__).with_name("app.tcss")
    ENABLE_COMMAND_PALETTE = False

    def __init__(
        self,
        config: Config,
        *,
        ascii_only: bool | None = None,
        make_session: SessionMaker | None = None,
        bell: bool = True,
        theme: str = "auto",
    ) -> None:
        # Only with the terminal's own colours does Textual leave all of them away on NO_COLOR.
        no_colours = "NO_COLOR" in os.environ
        super().__init__(DroppingDriver, ansi_color=True if no_colours else None)
        self.animation_level = "none"
        self.glyphs = glyphs.choose(ascii_only)
        for each in THEMES:
            self.register_theme(each)
        self._few_colours = no_colours or self.console.color_system in ("standard", None)
        self._by_background = theme == "auto"
        self.theme = theme_name(light=theme == "light", sixteen=self._few_colours)
        self.config = config
        self.state = ViewState(NodeView(config.first), NodeView(config.second))
        self.session: Session | None = None
        self._reader: HistoryReader | None = None
        self.main = MainScreen(self.state)
        self._make_session = make_session
        self._notice_seconds = 0
        self._questions = 0
        self._stopping = asyncio.Lock()
        self.painting = False
        self.attention = Attention(self._write_to_terminal, on=bell)
        self.keyboard = Keyboard(self, self._handle_typed, self._ask_for_cursor)

    # Beginning and end

    def get_default_screen(self) -> Screen[None]:
        return self.main

    def on_mount(self) -> None:
        self.call_after_refresh(self.connect)
        # So that it is known by the first question whether the terminal replies.
        self.call_after_refresh(self.keyboard.painted, Gate())
        self.set_interval(1.0, self._tick)

    async def on_unmount(self) -> None:
        """Whatever ends the app, both hosts are left in order, and the terminal's title."""
        self.attention.end()
        if self.session:
            await self.session.close()

    def on_ready(self) -> None:
        """After the first paint, garbage is collected again, but not among what is there."""
        if not gc.isenabled():
            gc.freeze()
            gc.enable()

    def connect(self) -> None:
        """Connect to the pair; called once, after the first paint."""
        self.run_worker(self._run_session(), name="session", exit_on_error=True)

    async def _run_session(self) -> None:
        if self._make_session is None:
            # Imported after the first paint and beside it: the hosts' libraries take a while.
            module = await asyncio.to_thread(importlib.import_module, "ejtui.ui.session.session")
            self._make_session = module.PairSession
        self.session = self._make_session(self.config, self)
        self.resize_shell()
        await self.session.run()

    def _tick(self) -> None:
        # Textual sends a new size on by such a timer (see `apply`): nothing may hold it up for
        # ever.
        if self._resize_event is not None:
            self._check_resize()
        if self.state.work is not None and not self._questions:
            from ejtui.ui.state.updates import Ticked

            self.apply(Ticked())
        self._notice_seconds += 1
        if self.state.notice and self._notice_seconds > NOTICE_SECONDS:
            self.notice("")

    def _fatal_error(self) -> None:
        # Textual would print every local variable, secrets among them. The caller of the app raises
        # `broken` again, and reports it like any other mistake.
        self.bell()
        self._close_messages_no_wait()

    @property
    def broken(self) -> BaseException | None:
        """The mistake that ended the app, if one did."""
        return self._exception

    @property
    def parting(self) -> tuple[str, ...]:
        """What the terminal shows once the app has gone: what the join in it did."""
        closing = self.state.closing
        joined = self.state.condition is not None and self.state.condition.joined
        return closing if joined else ()

    # What the session calls

    def apply(self, news: Update) -> None:
        """Something happened: it is on the screen within a few milliseconds."""
        state = news.applied(self.state)
        if state.notice != self.state.notice:
            self._notice_seconds = 0
        if state != self.state:
            ended = self.state.work is not None and state.work is None
            self.state = state
            self.attention.title(terminal_title(state))
            if ended:
                self.call_operator(state.notice or "ejtui has ended what was running")
            self.paint_soon()

    def call_operator(self, text: str) -> None:
        """Ring, where the operator may be looking elsewhere."""
        if self.keyboard.is_away:
            self.attention.call(text)

    def _write_to_terminal(self, text: str) -> None:
        if isinstance(self._driver, DroppingDriver):
            self._driver.write(text)

    def paint_soon(self) -> None:
        """Paint within a few milliseconds, together with what else comes meanwhile."""
        if not self.painting:
            self.painting = True
            # No timer of Textual's: one that a busy computer holds up as it starts never fires.
            asyncio.get_running_loop().call_later(_GATHER, self.call_later, self.paint)

    def paint(self) -> None:
        """Have every screen show the state."""
        self.painting = False
        for screen in self.screen_stack:
            show = getattr(screen, "show", None)
            if show is not None:
                show(self.state)

    async def ask(self, question: QuestionView) -> bool:
        """Put a question in a dialog; only a yes, or its word, is a yes.

        Meanwhile what asks waits, and its seconds are not counted. While the operator is asked
        whether to stop it, it asks nothing.
        """
        async with self._stopping:
            pass
        self._questions += 1
        try:
            return await self._put(question)
        finally:
            self._questions -= 1

    async def _put(self, question: QuestionView) -> bool:
        self.call_operator(question.title)
        if question.consent:
            from ejtui.ui.screens.consent import consent_dialog

            return await self._answer_of(consent_dialog(question, self.glyphs.dot)) == "yes"
        from ejtui.ui.screens.dialog import question as dialog

        return await self._answer_of(dialog(question, self.glyphs.dot)) == "yes"

    async def ask_secret(self, question: SecretQuestion) -> str | None:
        """Have a password or a passphrase typed in a dialog; None is a no."""
        from ejtui.ui.screens.secret import SecretDialog

        self.call_operator(question.title)
        return await self._answer_of(SecretDialog(question))

    async def _answer_of(self, dialog: GatedScreen) -> str | None:
        answered: asyncio.Future[str | None] = asyncio.get_running_loop().create_future()

        def answer(value: str | None) -> None:
            if not answered.done():
                answered.set_result(value)

        self._open_dialog(dialog, answer)
        try:
            return await answered
        except asyncio.CancelledError:
            # The work that asked was stopped: nobody waits for the answer any more.
            if dialog in self.screen_stack:
                dialog.withdraw()
            raise

    def _open_dialog(
        self, dialog: Screen[str | None], answer: Callable[[str | None], None]
    ) -> None:
        """Show the dialog at once: a key that is handled later must find it.

        The screen on which the work was started may be gone by the answer, so it is the app that
        is answered.
        """
        with self._context():
            self.push_screen(dialog, answer)

    def show_trouble(self, trouble: ErrorView) -> None:
        """An error, in its dialog, from which a key leads to its finding."""
        from ejtui.ui.screens.dialog import trouble as dialog

        def answer(value: str | None) -> None:
            if value == "finding" and trouble.finding is not None:
                self.show_findings(trouble.finding)

        self._open_dialog(dialog(trouble), answer)

    def show_findings(self, at: FindingKey | None = None) -> None:
        """The findings, at that one if it is there."""
        from ejtui.ui.screens.findings import FindingsScreen
        from ejtui.ui.state.diagnosis_updates import LookedAtFinding

        if at is not None:
            self.apply(LookedAtFinding(at))
        if not any(isinstance(screen, FindingsScreen) for screen in self.screen_stack):
            self.push_screen(FindingsScreen(self.state))

    def show_shell(self, shell: Shell | None, *, focus: bool) -> None:
        """A live erl comes into its pane, or leaves it."""
        from ejtui.ui.widgets.terminal import ShellPane

        pane = self.main.shell
        if not isinstance(pane, ShellPane):
            pane = ShellPane()
            self.main.mount_shell(pane)
        pane.attach(shell)
        if focus:
            self.main.go_to("shell")
        elif self.state.work and self.state.work.repairs:
            self.main.reveal("shell")

    def resize_shell(self) -> None:
        """Pass the size of the erl pane to the session."""
        room = self.main.shell_room
        if self.session and room.area:
            self.session.resize_shell(room.width, room.height)

    # What the operator does

    async def on_event(self, event: events.Event) -> None:
        """What is typed goes by the keyboard; a notice stays until the next key."""
        if isinstance(event, (events.Key, events.Paste)) and not event.is_forwarded:
            if isinstance(event, events.Key) and self.state.notice:
                self.notice("")
            await self.keyboard.take(event)
        elif isinstance(event, events.CursorPosition):
            self.keyboard.replied(event.x + 1)
        elif isinstance(event, Paused):
            self.keyboard.pause()
        elif isinstance(event, BackgroundSeen):
            self._fit_background(light=event.light)
        else:
            await super().on_event(event)

    def _fit_background(self, *, light: bool) -> None:
        name = theme_name(light=light, sixteen=self._few_colours)
        if self._by_background and name != self.theme:
            self.theme = name
            self.call_next(self._restyle)

    def _restyle(self) -> None:
        for screen in self.screen_stack:
            for pane in screen.query(Pane):
                pane.restyle()

    async def _handle_typed(self, typed: events.Key | events.Paste) -> None:
        id = everywhere(self, typed)
        if id is None:
            await super().on_event(typed)
        else:
            self.act(id)

    def _display(self, screen: Screen[object], renderable: RenderableType | None) -> None:
        gate: Gate | None = getattr(screen, "gate", None)
        shows = renderable is not None and any(child.size.area for child in screen.children)
        if gate and gate.mark is None and shows and isinstance(self._driver, DroppingDriver):
            # What is typed between the painting and a later question would be lost.
            self._driver.ask_for_cursor(self.keyboard.asks(gate), behind_painting=True)
        super()._display(screen, renderable)

    def _ask_for_cursor(self, column: int) -> bool:
        if not isinstance(self._driver, DroppingDriver):
            return False
        self._driver.ask_for_cursor(column)
        return True

    def act(self, id: str) -> None:
        """Do one of the actions, or show why it cannot be done now."""
        reason = BY_ID[id].why_not(self.state)
        if reason is not None:
            self.notice(f"{BY_ID[id].title}: {reason}", is_trouble=True)
        else:
            getattr(self, f"do_{id}")()

    def notice(self, text: str, *, is_trouble: bool = False) -> None:
        """Show a text in the last line, until the next key; "" takes it away."""
        from ejtui.ui.state.updates import Noticed

        self.apply(Noticed(text, is_trouble))

    def look_at(self, step: str) -> None:
        """Show that step in the step pane."""
        current, condition = self.state.current, self.state.condition
        lists_steps = condition is None or condition.about_join
        self._look_at(None if lists_steps and current and current.id == step else step)

    def _look_at(self, step: str | None) -> None:
        from ejtui.ui.state.updates import LookedAt

        self.apply(LookedAt(step))

    def do_run_step(self) -> None:
        step = self.state.shown_step
        if self.session and step:
            self.session.run_step(step.id)

    def do_run_on(self) -> None:
        if self.session:
            self.session.run_on()

    def do_roll_back(self) -> None:
        if self.session:
            self.session.roll_back()

    def show_backups(self) -> None:
        """The backups, as they were listed last."""
        from ejtui.ui.screens.backups import BackupsScreen

        if not any(isinstance(screen, BackupsScreen) for screen in self.screen_stack):
            self.push_screen(BackupsScreen(self.state))

    def do_backups(self) -> None:
        self.do_list_backups()
        self.show_backups()

    def do_backups_anywhere(self) -> None:
        self.do_backups()

    def do_list_backups(self) -> None:
        if self.session:
            self.session.list_backups()

    def do_prune(self) -> None:
        if self.session:
            self.session.prune_backups()

    def do_roll_back_to(self) -> None:
        found = self._leave_backups()
        if self.session and found:
            self.session.roll_back(found.name)

    def do_bring_over(self) -> None:
        found = self._leave_backups()
        if self.session and found:
            self.session.bring_over(found.name)

    def do_restore_table(self) -> None:
        found = self._leave_backups()
        if self.session and found:
            self.session.restore_table(found.path)

    def do_remove_backup(self) -> None:
        found = self.state.backups.at_cursor if self.state.backups else None
        if self.session and found:
            self.session.prune_backups(found.path)

    def _leave_backups(self) -> BackupView | None:
        """The backup looked at; what is done with it shows on the main screen."""
        from ejtui.ui.screens.backups import BackupsScreen

        if isinstance(self.screen, BackupsScreen):
            self.screen.dismiss()
        self.main.go_to("step")
        return self.state.backups.at_cursor if self.state.backups else None

    def do_config(self) -> None:
        from ejtui.ui.screens.settings import SettingsScreen

        self.do_compare_settings()
        if not any(isinstance(screen, SettingsScreen) for screen in self.screen_stack):
            self.push_screen(SettingsScreen(self.state))

    def do_compare_settings(self) -> None:
        if self.session:
            self.session.compare_settings()

    def do_write_settings(self) -> None:
        from ejtui.ui.screens.settings import SettingsScreen

        options = self.state.settings.wanted if self.state.settings else ()
        if isinstance(self.screen, SettingsScreen):
            self.screen.dismiss()
        self.main.go_to("step")
        if self.session:
            self.session.take_settings(options)

    def do_mark_setting(self) -> None:
        from ejtui.ui.state.settings import SettingMarked

        found = self.state.settings.at_cursor if self.state.settings else None
        if found:
            self.apply(SettingMarked(found.option))

    def do_mark_every_setting(self) -> None:
        from ejtui.ui.state.settings import EverySettingMarked

        self.apply(EverySettingMarked())

    def do_keep_setting(self) -> None:
        found = self.state.settings.at_cursor if self.state.settings else None
        if self.session and found:
            self.session.keep_setting(found.key)

    def do_show_every_setting(self) -> None:
        from ejtui.ui.state.settings import EverySettingShown

        self.apply(EverySettingShown())

    def do_refresh(self) -> None:
        if self.session:
            self.session.ask_again()

    def do_hand_back(self) -> None:
        if self.session and self.state.typist is Typist.OPERATOR:
            self.session.hand_back()
        self.main.go_to("step" if self.state.work else "checklist")

    def do_cancel(self) -> None:
        self.run_worker(self._cancel(), exclusive=True, group="ask")

    async def _cancel(self) -> None:
        from ejtui.ui.screens.asks import StopDialog

        async with self._stopping:
            answer = await self._answer_of(StopDialog(self.state, self.glyphs.dot))
            if answer == "yes" and self.session:
                self.session.cancel()

    def do_shell(self) -> None:
        self.run_worker(self._shell(), exclusive=True, group="ask")

    async def _shell(self) -> None:
        from ejtui.ui.screens.asks import which_node

        node = await self._answer_of(which_node(self.state))
        if node and self.session:
            self.session.open_shell(node)

    def do_quit(self) -> None:
        self.run_worker(self._quit(), exclusive=True, group="ask")

    async def _quit(self) -> None:
        from ejtui.ui.screens.asks import quit_question

        asked = quit_question(self.state)
        if asked is None or await self._put(asked):
            self.notice(f"leaving both hosts{self.glyphs.cut}")
            if self.session:
                await self.session.close()
            self.exit(0)

    def do_tables(self) -> None:
        from ejtui.ui.screens.tables import TablesScreen

        self.push_screen(TablesScreen(self.state))

    def do_findings(self) -> None:
        self.show_findings()

    def do_check(self) -> None:
        self.do_refresh()

    def do_copy(self) -> None:
        from ejtui.ui.screens.findings import FindingsScreen
        from ejtui.ui.text.clipboard import clipboard, finding_text, step_text

        as_text = finding_text if isinstance(self.screen, FindingsScreen) else step_text
        if self._driver:
            self._driver.write(clipboard(as_text(self.state, self.glyphs), os.environ))
            self.notice("copied, where your terminal lets programs copy (OSC 52)")

    def do_repair(self) -> None:
        self.run_worker(self._repair(), exclusive=True, group="ask")

    async def _repair(self) -> None:
        from ejtui.ui.screens.asks import repair_question
        from ejtui.ui.screens.findings import FindingsScreen

        finding = self.state.shown_finding
        if finding is None or await self._answer_of(repair_question(finding)) != "yes":
            return
        if isinstance(self.screen, FindingsScreen):
            self.screen.dismiss()
        self.main.go_to("step")
        if self.session:
            self.session.repair(finding)

    def do_history(self) -> None:
        from ejtui.ui.screens.history import HistoryScreen

        self.do_read_history()
        if not any(isinstance(screen, HistoryScreen) for screen in self.screen_stack):
            self.push_screen(HistoryScreen(self.state))

    def do_read_history(self) -> None:
        self.run_worker(self.reader.read(), exclusive=True, group="history")

    def do_export_history(self) -> None:
        self.run_worker(self._export_history(), exclusive=True, group="report")

    async def _export_history(self) -> None:
        try:
            self.notice(f"the report is in {await self.reader.export()}")
        except OSError as error:
            where = error.filename or "the report"
            self.notice(f"{where} cannot be written: {error.strerror}", is_trouble=True)

    def do_play_recording(self) -> None:
        run = self.state.history.at_cursor if self.state.history else None
        if run is not None:
            self.run_worker(self._play(run.recordings), exclusive=True, group="replay")

    async def _play(self, recordings: Sequence[str]) -> None:
        """The first recording of the run; where there are several, the one that is chosen."""
        from ejtui.erlang.terminal.recording import NotARecording
        from ejtui.ui.screens.replay import ReplayScreen

        chosen = recordings[0]
        if len(recordings) > 1:
            from ejtui.ui.screens.asks import which_recording

            chosen = await self._answer_of(which_recording(recordings)) or ""
        if chosen:
            try:
                self.push_screen(ReplayScreen(await self.reader.replay(chosen)))
            except NotARecording as error:
                self.notice(f"cannot be played: {error}", is_trouble=True)

    @property
    def reader(self) -> HistoryReader:
        """What reads the pair's history; it loads more than the first paint needs."""
        if self._reader is None:
            from ejtui.ui.session.history_reader import HistoryReader

            self._reader = HistoryReader(self.config.pair, self)
        return self._reader

    def do_log(self) -> None:
        from ejtui.ui.screens.text import log_screen

        self.push_screen(log_screen(self.state))

    def do_help(self) -> None:
        from ejtui.ui.screens.text import HelpScreen, help_screen

        if isinstance(self.screen, HelpScreen):
            self.screen.dismiss()
        else:
            self.push_screen(help_screen(self.state))

    @property
    def offered(self) -> tuple[Action, ...]:
        """What the palette offers."""
        return ACTIONS

    def do_palette(self) -> None:
        from ejtui.ui.screens.palette import Palette

        self.push_screen(Palette(self.state, self.offered), self._chosen)

    def _chosen(self, id: str | None) -> None:
        if id is None:
            return
        if id not in WORKS_ANYWHERE:
            self._close_pages()
        self.act(id)

    def _close_pages(self) -> None:
        """Back to the checklist from the pages that cover it; a question stays."""
        while self.main in self.screen_stack[:-1] and not hasattr(self.screen, "gate"):
            self.screen.dismiss()

    def do_next_pane(self) -> None:
        self.main.next_pane(1)

    def do_previous_pane(self) -> None:
        self.main.next_pane(-1)

    def do_zoom(self) -> None:
        self.main.toggle_one_pane()

    def do_current(self) -> None:
        self._look_at(None)

    def do_repaint(self) -> None:
        self.refresh(layout=True)

"""What each action does: a method by the action's id; whether it can be done was asked before."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ejtui.ui.state.view_state import Typist

if TYPE_CHECKING:
    from textual.screen import Screen

    from ejtui.ui.app import EjtuiApp
    from ejtui.ui.session.history_reader import HistoryReader
    from ejtui.ui.state.models import BackupView

WORKS_ANYWHERE = ("help", "palette", "repaint", "copy", "quit", "repair", "refresh", "cancel")
"""Actions that leave the screen as it is on which they are chosen."""


class ActionHandlers:
    """Does what the operator has chosen, with the app's session and screens."""

    def __init__(self, app: EjtuiApp) -> None:
        self._app = app
        self._reader: HistoryReader | None = None

    def run_step(self) -> None:
        step = self._app.state.shown_step
        if self._app.session and step:
            self._app.session.run_step(step.id)

    def run_on(self) -> None:
        if self._app.session:
            self._app.session.run_on()

    def roll_back(self) -> None:
        if self._app.session:
            self._app.session.roll_back()

    def backups(self) -> None:
        self.list_backups()
        self._app.show_backups()

    def backups_anywhere(self) -> None:
        self.backups()

    def list_backups(self) -> None:
        if self._app.session:
            self._app.session.list_backups()

    def prune(self) -> None:
        if self._app.session:
            self._app.session.prune_backups()

    def roll_back_to(self) -> None:
        found = self._leave_backups()
        if self._app.session and found:
            self._app.session.roll_back(found.name)

    def bring_over(self) -> None:
        found = self._leave_backups()
        if self._app.session and found:
            self._app.session.bring_over(found.name)

    def restore_table(self) -> None:
        found = self._leave_backups()
        if self._app.session and found:
            self._app.session.restore_table(found.path)

    def remove_backup(self) -> None:
        found = self._app.state.backups.at_cursor if self._app.state.backups else None
        if self._app.session and found:
            self._app.session.prune_backups(found.path)

    def _leave_backups(self) -> BackupView | None:
        """The backup looked at; what is done with it shows on the main screen."""
        from ejtui.ui.screens.backups import BackupsScreen

        self._leave_page(BackupsScreen)
        return self._app.state.backups.at_cursor if self._app.state.backups else None

    def config(self) -> None:
        from ejtui.ui.screens.settings import SettingsScreen

        self.compare_settings()
        self._app.open_page(SettingsScreen)

    def compare_settings(self) -> None:
        if self._app.session:
            self._app.session.compare_settings()

    def write_settings(self) -> None:
        options = self._app.state.settings.wanted if self._app.state.settings else ()
        if self._app.session:
            self._app.session.take_settings(options)

    def mark_setting(self) -> None:
        from ejtui.ui.state.settings import SettingMarked

        found = self._app.state.settings.at_cursor if self._app.state.settings else None
        if found:
            self._app.apply(SettingMarked(found.option))

    def mark_every_setting(self) -> None:
        from ejtui.ui.state.settings import EverySettingMarked

        self._app.apply(EverySettingMarked())

    def keep_setting(self) -> None:
        found = self._app.state.settings.at_cursor if self._app.state.settings else None
        if self._app.session and found:
            self._app.session.keep_setting(found.key)

    def edit_setting(self) -> None:
        found = self._app.state.settings.at_cursor if self._app.state.settings else None
        if self._app.session and found:
            self._app.session.edit_setting(found.key)

    def show_every_setting(self) -> None:
        from ejtui.ui.state.settings import EverySettingShown

        self._app.apply(EverySettingShown())

    def refresh(self) -> None:
        if self._app.session:
            self._app.session.ask_again()

    def hand_back(self) -> None:
        if self._app.session and self._app.state.typist is Typist.OPERATOR:
            self._app.session.hand_back()
        self._app.main.go_to("step" if self._app.state.work else "checklist")

    def cancel(self) -> None:
        self._app.run_worker(self._app.questions.whether_to_stop(), exclusive=True, group="ask")

    def shell(self) -> None:
        self._app.run_worker(self._shell(), exclusive=True, group="ask")

    async def _shell(self) -> None:
        from ejtui.ui.screens.asks import which_node

        node = await self._app.questions.answer_of(which_node(self._app.state))
        if node and self._app.session:
            self._app.session.open_shell(node)

    def quit(self) -> None:
        self._app.run_worker(self._quit(), exclusive=True, group="ask")

    async def _quit(self) -> None:
        if await self._app.questions.whether_to_leave():
            self._app.notice(f"leaving both hosts{self._app.glyphs.cut}")
            if self._app.session:
                await self._app.session.close()
            self._app.exit(0)

    def tables(self) -> None:
        from ejtui.ui.screens.tables import TablesScreen

        self._app.push_screen(TablesScreen(self._app.state))

    def findings(self) -> None:
        self._app.show_findings()

    def check(self) -> None:
        self.refresh()

    def copy(self) -> None:
        from ejtui.ui.screens.findings import FindingsScreen
        from ejtui.ui.text.clipboard import clipboard, finding_text, step_text

        as_text = finding_text if isinstance(self._app.screen, FindingsScreen) else step_text
        text = as_text(self._app.state, self._app.glyphs)
        if self._app.write_to_driver(clipboard(text, os.environ)):
            self._app.notice("copied, where your terminal lets programs copy (OSC 52)")

    def repair(self) -> None:
        self._app.run_worker(self._repair(), exclusive=True, group="ask")

    async def _repair(self) -> None:
        from ejtui.ui.screens.asks import repair_question
        from ejtui.ui.screens.findings import FindingsScreen

        finding = self._app.state.shown_finding
        if finding is None:
            return
        if await self._app.questions.answer_of(repair_question(finding)) != "yes":
            return
        self._leave_page(FindingsScreen)
        if self._app.session:
            self._app.session.repair(finding)

    def history(self) -> None:
        from ejtui.ui.screens.history import HistoryScreen

        self.read_history()
        self._app.open_page(HistoryScreen)

    def read_history(self) -> None:
        self._app.run_worker(self.reader.read(), exclusive=True, group="history")

    def export_history(self) -> None:
        self._app.run_worker(self._export_history(), exclusive=True, group="report")

    async def _export_history(self) -> None:
        try:
            self._app.notice(f"the report is in {await self.reader.export()}")
        except OSError as error:
            where = error.filename or "the report"
            self._app.notice(f"{where} cannot be written: {error.strerror}", is_trouble=True)

    def play_recording(self) -> None:
        run = self._app.state.history.at_cursor if self._app.state.history else None
        if run is not None:
            self._app.run_worker(self._play(run.recordings), exclusive=True, group="replay")

    async def _play(self, recordings: Sequence[str]) -> None:
        """The first recording of the run; where there are several, the one that is chosen."""
        from ejtui.erlang.terminal.recording import NotARecording
        from ejtui.ui.screens.replay import ReplayScreen

        chosen = recordings[0]
        if len(recordings) > 1:
            from ejtui.ui.screens.asks import which_recording

            chosen = await self._app.questions.answer_of(which_recording(recordings)) or ""
        if chosen:
            try:
                self._app.push_screen(ReplayScreen(await self.reader.replay(chosen)))
            except NotARecording as error:
                self._app.notice(f"cannot be played: {error}", is_trouble=True)

    def log(self) -> None:
        from ejtui.ui.screens.text import log_screen

        self._app.push_screen(log_screen(self._app.state))

    def help(self) -> None:
        from ejtui.ui.screens.text import HelpScreen, help_screen

        if isinstance(self._app.screen, HelpScreen):
            self._app.screen.dismiss()
        else:
            self._app.push_screen(help_screen(self._app.state))

    def palette(self) -> None:
        from ejtui.ui.screens.palette import Palette

        self._app.push_screen(Palette(self._app.state, self._app.offered), self._chosen)

    def _chosen(self, id: str | None) -> None:
        if id is None:
            return
        if id not in WORKS_ANYWHERE:
            self._close_pages()
        self._app.act(id)

    def _close_pages(self) -> None:
        """Back to the checklist from the pages that cover it; a question stays."""
        app = self._app
        while app.main in app.screen_stack[:-1] and not hasattr(app.screen, "gate"):
            app.screen.dismiss()

    def next_pane(self) -> None:
        self._app.main.next_pane(1)

    def previous_pane(self) -> None:
        self._app.main.next_pane(-1)

    def zoom(self) -> None:
        if not self._app.main.toggle_one_pane():
            self._app.notice(
                "this terminal has room for one pane at a time: Tab shows the next one"
            )

    def current(self) -> None:
        if self._app.state.looked_at is None:
            shown = "the current step" if self._app.state.about_join else "the state of the pair"
            self._app.notice(f"{shown} is shown already")
        self._app.look_at_current()

    def repaint(self) -> None:
        self._app.refresh(layout=True)

    @property
    def reader(self) -> HistoryReader:
        """What reads the pair's history; it loads more than the first paint needs."""
        if self._reader is None:
            from ejtui.ui.session.history_reader import HistoryReader

            self._reader = HistoryReader(self._app.config.pair, self._app)
        return self._reader

    def _leave_page(self, page: type[Screen[None]]) -> None:
        """What is done from that page shows on the main screen."""
        if isinstance(self._app.screen, page):
            self._app.screen.dismiss()
        self._app.main.go_to("step")

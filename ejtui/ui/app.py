"""The app: it wires keys to the session and news to the screens, and decides nothing."""

from __future__ import annotations

import asyncio
import gc
import importlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from textual import events
from textual.app import App

from ejtui.attention import Attention
from ejtui.ui.action_handlers import ActionHandlers
from ejtui.ui.background import BackgroundSeen
from ejtui.ui.driver import DroppingDriver
from ejtui.ui.everywhere import everywhere
from ejtui.ui.keyboard import Gate, Keyboard, Paused
from ejtui.ui.questions import Questions
from ejtui.ui.render.title import terminal_title
from ejtui.ui.screens.main import MainScreen
from ejtui.ui.session.protocols import Session, Voice
from ejtui.ui.state import addressing
from ejtui.ui.state.actions import ACTIONS, BY_ID, Action
from ejtui.ui.state.parting import parting
from ejtui.ui.state.view_state import NodeView, ViewState
from ejtui.ui.text import glyphs
from ejtui.ui.text.theme import THEMES, theme_name
from ejtui.ui.widgets.pane import Pane

if TYPE_CHECKING:
    from rich.console import RenderableType
    from textual.screen import Screen
    from textual.timer import Timer

    from ejtui.config import Config
    from ejtui.erlang.shell.shell import Shell
    from ejtui.hosts import SecretQuestion
    from ejtui.ui.state.models import ErrorView, FindingKey, QuestionView, TextQuestionView
    from ejtui.ui.state.updates import Update

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
        self.worded: addressing.Worded = tuple
        self.state = ViewState(NodeView(config.first), NodeView(config.second))
        self.session: Session | None = None
        self.main = MainScreen(self.state)
        self._make_session = make_session
        self._notice_seconds = 0
        self._ticking: Timer | None = None
        self.questions = Questions(self)
        self.handlers = ActionHandlers(self)
        self.painting = False
        self.attention = Attention(self._write_to_terminal, on=bell)
        self.keyboard = Keyboard(self, self._handle_typed, self._ask_for_cursor)

    # Beginning and end

    def get_default_screen(self) -> Screen[None]:
        return self.main

    def refresh_css(self, animate: bool = True) -> None:
        """Give everything its style again; before the first screen only the colours are set.

        The theme is chosen before there is a screen, and what the screen brings is parsed with it.
        """
        if self.screen_stack:
            super().refresh_css(animate)
        else:
            self.stylesheet.set_variables(self.get_css_variables())

    def on_mount(self) -> None:
        self.call_after_refresh(self.connect)
        # So that it is known by the first question whether the terminal replies.
        self.call_after_refresh(self.keyboard.painted, Gate())
        self._ticking = self.set_interval(1.0, self._tick, pause=True)
        self._count()

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

    @property
    def _is_counting(self) -> bool:
        """Whether something on the screen goes by seconds, or may have to be done again."""
        state = self.state
        return self._resize_event is not None or state.work is not None or bool(state.notice)

    def _count(self) -> None:
        """Count seconds from now on; a screen on which nothing does is woken by nothing."""
        if self._ticking is not None and self._is_counting:
            self._ticking.resume()

    def _tick(self) -> None:
        # Textual sends a new size on by such a timer (see `apply`): nothing may hold it up for
        # ever.
        if self._resize_event is not None:
            self._check_resize()
        if self.state.work is not None and not self.questions.open:
            from ejtui.ui.state.updates import Ticked

            self.apply(Ticked())
        self._notice_seconds += 1
        if self.state.notice and self._notice_seconds > NOTICE_SECONDS:
            self.notice("")
        if self._ticking is not None and not self._is_counting:
            self._ticking.pause()

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
        """What the terminal shows once the app has gone: what the join in it did, or what stands
        half done."""
        return parting(self.state)

    # What the session calls

    def apply(self, news: Update) -> None:
        """Something happened: it is on the screen within a few milliseconds."""
        state = addressing.of_update(news, self.worded).applied(self.state)
        if state.notice != self.state.notice:
            self._notice_seconds = 0
        if state != self.state:
            ended = self.state.work is not None and state.work is None
            self.state = state
            self._count()
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

    def write_to_driver(self, text: str) -> bool:
        """Write to the terminal at once; False where there is none."""
        if self._driver is not None:
            self._driver.write(text)
        return self._driver is not None

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
        """Put a question in a dialog; only a yes, or its word, is a yes."""
        return await self.questions.ask(addressing.of_question(question, self.worded))

    async def ask_secret(self, question: SecretQuestion) -> str | None:
        """Have a password or a passphrase typed in a dialog; None is a no."""
        return await self.questions.ask_secret(question)

    async def ask_text(self, question: TextQuestionView) -> str | None:
        """Have a text written in a dialog; None is a no."""
        return await self.questions.ask_text(question)

    def show_dialog(self, dialog: Screen[str | None], answer: Callable[[str | None], None]) -> None:
        """Show the dialog at once: a key that is handled later must find it.

        The screen on which the work was started may be gone by the answer, so it is the app that
        is answered.
        """
        with self._context():
            self.push_screen(dialog, answer)

    def show_trouble(self, trouble: ErrorView) -> None:
        """An error, in its dialog, from which a key leads to its finding."""
        from ejtui.ui.screens.dialog import trouble as dialog

        trouble = addressing.of_trouble(trouble, self.worded)

        def answer(value: str | None) -> None:
            if value == "finding" and trouble.finding is not None:
                self.show_findings(trouble.finding)

        self.show_dialog(dialog(trouble), answer)

    def show_findings(self, at: FindingKey | None = None) -> None:
        """The findings, at that one if it is there."""
        from ejtui.ui.screens.findings import FindingsScreen
        from ejtui.ui.state.diagnosis_updates import LookedAtFinding

        if at is not None:
            self.apply(LookedAtFinding(at))
        self.open_page(FindingsScreen)

    def show_backups(self) -> None:
        """The backups, as they were listed last."""
        from ejtui.ui.screens.backups import BackupsScreen

        self.open_page(BackupsScreen)

    def open_page(self, page: Callable[[ViewState], Screen[None]]) -> None:
        """Show that screen, unless it is open already."""
        if not any(type(screen) is page for screen in self.screen_stack):
            self.push_screen(page(self.state))

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
            if isinstance(event, events.Resize):
                self._count()

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
            # That nothing runs which Esc could stop is no trouble.
            self.notice(f"{BY_ID[id].title}: {reason}", is_trouble=id != "cancel")
        else:
            getattr(self.handlers, id)()

    def notice(self, text: str, *, is_trouble: bool = False) -> None:
        """Show a text in the last line, until the next key; "" takes it away."""
        from ejtui.ui.state.updates import Noticed

        self.apply(Noticed(text, is_trouble))

    def look_at(self, step: str) -> None:
        """Show that step in the step pane."""
        current, condition = self.state.current, self.state.condition
        lists_steps = condition is None or condition.about_join
        self._look_at(None if lists_steps and current and current.id == step else step)

    def look_at_current(self) -> None:
        """Show the step that is next or runs."""
        self._look_at(None)

    def _look_at(self, step: str | None) -> None:
        from ejtui.ui.state.updates import LookedAt

        self.apply(LookedAt(step))

    @property
    def offered(self) -> tuple[Action, ...]:
        """What the palette offers."""
        return ACTIONS

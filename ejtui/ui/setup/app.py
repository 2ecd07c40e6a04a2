"""The app where there is no configuration yet: the set-up first, then all as ever."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from pathlib import Path

from textual.screen import Screen

from ejtui.config import Config, ConfigError
from ejtui.ui.action_handlers import ActionHandlers
from ejtui.ui.app import EjtuiApp
from ejtui.ui.screens.setup import SetupScreen
from ejtui.ui.screens.setup_values import ValuesScreen, file_dialog, whose_dialog
from ejtui.ui.setup.session import SetupSession
from ejtui.ui.setup.state import SetupState
from ejtui.ui.state.actions import SETUP_ACTIONS, Action
from ejtui.ui.state.models import ErrorView, QuestionView
from ejtui.ui.state.updates import Update


class SetupHandlers(ActionHandlers):
    """The app's, with those that are others during the set-up."""

    def __init__(self, app: SetupApp) -> None:
        super().__init__(app)
        self._set_up = app

    def quit(self) -> None:
        if self._set_up.main in self._set_up.screen_stack:
            super().quit()
        else:
            self._set_up.leave()

    def values(self) -> None:
        screen = self._set_up.screen
        if isinstance(screen, SetupScreen):
            screen.go_on()


class SetupApp(EjtuiApp):
    """Begins with two hosts, and goes on with the pair that they make."""

    def __init__(
        self, path: Path, common: Mapping[str, str], *, ascii_only: bool | None = None,
        bell: bool = True, theme: str = "auto",
    ) -> None:  # fmt: skip
        # The names that the file will have: only the hosts behind them are not known yet.
        super().__init__(Config("first", "second", {}, path), ascii_only=ascii_only,
                         bell=bell, theme=theme)  # fmt: skip
        self.handlers = SetupHandlers(self)
        self._path = path
        self._compared = False
        self.setup = SetupSession(self, self._heard, path, common)

    def get_default_screen(self) -> Screen[None]:
        return SetupScreen(self.setup.state)

    def connect(self) -> None:
        self._trials = self.run_worker(self.setup.run(), name="set-up", exit_on_error=True)

    async def on_unmount(self) -> None:
        # What the app itself does at its end comes after this: Textual calls both.
        await self.setup.close()

    # What the set-up calls

    def apply(self, news: Update) -> None:
        super().apply(news)
        count = self.state.second.settings_apart
        if count is not None and not self._compared:
            # With this the set-up has ended: how both ejabberd.yml differ was not known before.
            self._compared = True
            many = f"{count} difference{'' if count == 1 else 's'}"
            text = f"{many} between the two ejabberd.yml: e shows what each means"
            self.notice(text if count else "nothing that matters differs in the two ejabberd.yml")

    def _heard(self, _state: SetupState) -> None:
        self.paint_soon()

    def paint(self) -> None:
        super().paint()
        for screen in self.screen_stack:
            if isinstance(screen, (SetupScreen, ValuesScreen)):
                screen.show_setup(self.setup.state)

    # What the operator does

    @property
    def offered(self) -> tuple[Action, ...]:
        return super().offered if self.main in self.screen_stack else SETUP_ACTIONS

    def show_values(self) -> None:
        """What was found, to be looked at and changed."""
        self.push_screen(ValuesScreen(self.setup.state))

    def leave(self) -> None:
        """End the set-up, with nothing written."""
        self.run_worker(self._leave(), exclusive=True, group="ask")

    async def _leave(self) -> None:
        entered = tuple(host.entered for host in self.setup.state.hosts if host.entered)
        asked = QuestionView("Leave the set-up?", entered, "Nothing was written.", "Yes, leave",
                             destructive=False)  # fmt: skip
        if not entered or await self.questions.put(asked):
            self.exit(0)

    def finish(self) -> None:
        """Ask whose accounts survive and show the file; after a yes go on to the checklist."""
        self.run_worker(self._finish(), exclusive=True, group="ask")

    async def _finish(self) -> None:
        state = self.setup.state
        chosen = await self.questions.answer_of(whose_dialog(state))
        if chosen is None:
            self.notice("nothing is written: no host was chosen")
            return
        first = int(chosen)
        dialog = file_dialog(state, self.setup.text(first), replaces=self._path.exists())
        if await self.questions.answer_of(dialog) != "yes":
            self.notice(f"nothing is written to {self._path}")
            return
        try:
            self.setup.write(first)
            config = self.setup.read()
        except (ConfigError, OSError) as error:
            self.show_trouble(ErrorView(str(error), next_action="Nothing was written."))
            return
        await self._go_on(config)

    async def _go_on(self, config: Config) -> None:
        from ejtui.ui.session.session import PairSession

        self._trials.cancel()
        self.setup.hold(False)
        await self.setup.close()
        self.config = config
        # What was typed to get here is not asked for again.
        self._make_session = functools.partial(PairSession, secrets=self.setup.secrets)
        await self.pop_screen()
        # Over the set-up's first screen: Textual's own first one cannot be switched away.
        await self.push_screen(self.main)
        super().connect()

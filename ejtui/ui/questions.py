"""What is asked of the operator, in dialogs over the screens."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ejtui.hosts import SecretQuestion
    from ejtui.ui.app import EjtuiApp
    from ejtui.ui.screens.gated import GatedScreen
    from ejtui.ui.state.models import QuestionView, TextQuestionView


class Questions:
    """Asks with the app's screens; `open` counts what the session has asked and nobody answered."""

    def __init__(self, app: EjtuiApp) -> None:
        self._app = app
        self._stopping = asyncio.Lock()
        self.open = 0

    async def ask(self, question: QuestionView) -> bool:
        """Put a question of what runs; only a yes, or its word, is a yes.

        Meanwhile what asks waits, and its seconds are not counted. While the operator is asked
        whether to stop it, it asks nothing.
        """
        async with self._stopping:
            pass
        with self._asked():
            work = self._app.state.work
            return await self.put(replace(question, number=work.asked if work else 0))

    @contextmanager
    def _asked(self) -> Iterator[None]:
        """What is running waits for an answer meanwhile."""
        # Not needed before the first paint.
        from ejtui.ui.state.run_updates import WaitsForAnswer

        self.open += 1
        self._app.apply(WaitsForAnswer(waits=True))
        try:
            yield
        finally:
            self.open -= 1
            self._app.apply(WaitsForAnswer(waits=self.open > 0))

    async def put(self, question: QuestionView) -> bool:
        """Put a question of the app's own, while what runs goes on."""
        self._app.call_operator(question.title)
        if question.consent:
            from ejtui.ui.screens.consent import consent_dialog

            dialog: GatedScreen = consent_dialog(question, self._app.glyphs.dot)
        else:
            from ejtui.ui.screens.dialog import question as question_dialog

            dialog = question_dialog(question, self._app.glyphs.dot)
        return await self.answer_of(dialog) == "yes"

    async def ask_secret(self, question: SecretQuestion) -> str | None:
        """Have a password or a passphrase typed in a dialog; None is a no."""
        from ejtui.ui.screens.secret import SecretDialog

        self._app.call_operator(question.title)
        return await self.answer_of(SecretDialog(question))

    async def ask_text(self, question: TextQuestionView) -> str | None:
        """Have a text written in a dialog; None is a no."""
        from ejtui.ui.screens.edit import EditDialog

        with self._asked():
            return await self.answer_of(EditDialog(question))

    async def whether_to_stop(self) -> None:
        """Stop what runs at a safe place, after a yes."""
        from ejtui.ui.screens.asks import StopDialog

        async with self._stopping:
            dialog = StopDialog(self._app.state, self._app.glyphs.dot)
            if await self.answer_of(dialog) == "yes" and self._app.session:
                self._app.session.cancel()

    async def whether_to_leave(self) -> bool:
        """Whether to leave the app; asked where something is running, or an erl is open."""
        from ejtui.ui.screens.asks import QuitDialog, quit_question

        asked = quit_question(self._app.state)
        if asked is None:
            return True
        return await self.answer_of(QuitDialog(asked, self._app.glyphs.dot)) == "yes"

    async def answer_of(self, dialog: GatedScreen) -> str | None:
        """Show the dialog, and what it is answered; None is a no."""
        answered: asyncio.Future[str | None] = asyncio.get_running_loop().create_future()

        def answer(value: str | None) -> None:
            if not answered.done():
                answered.set_result(value)

        self._app.show_dialog(dialog, answer)
        try:
            return await answered
        except asyncio.CancelledError:
            # The work that asked was stopped: nobody waits for the answer any more.
            if dialog in self._app.screen_stack:
                dialog.withdraw()
            raise

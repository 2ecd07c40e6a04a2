"""What the screens and the session ask of each other; neither knows more of the other than this."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ejtui.erlang.shell.shell import Shell
    from ejtui.hosts import SecretQuestion
    from ejtui.ui.keyboard import Keyboard
    from ejtui.ui.setup.session import SetupSession
    from ejtui.ui.state.models import ErrorView, FindingView, QuestionView, TextQuestionView
    from ejtui.ui.state.settings import Key
    from ejtui.ui.state.updates import Update
    from ejtui.ui.state.view_state import ViewState


class Voice(Protocol):
    """How the session reaches the operator."""

    def apply(self, news: Update) -> None:
        """Something happened."""

    async def ask(self, question: QuestionView) -> bool:
        """Put a question; False is a no, also where the operator left without an answer."""

    async def ask_secret(self, question: SecretQuestion) -> str | None:
        """Have a password or a passphrase typed; None is a no."""

    async def ask_text(self, question: TextQuestionView) -> str | None:
        """Have a text written; None is a no."""

    def show_trouble(self, trouble: ErrorView) -> None:
        """Something went wrong that the operator must see."""

    def show_shell(self, shell: Shell | None, *, focus: bool) -> None:
        """A live erl was opened, or is gone (None)."""

    def show_backups(self) -> None:
        """The operator must choose among the backups."""


class Session(Protocol):
    """What the screens ask of the pair. Nothing here waits: what comes of it comes as news."""

    async def run(self) -> None:
        """Open the pair and report the state of the nodes, until cancelled."""

    async def close(self) -> None:
        """Stop what is running at a safe place and leave both hosts."""

    def run_step(self, id: str) -> None:
        """Run one step."""

    def run_on(self) -> None:
        """Run step after step until a person is needed."""

    def roll_back(self, backup: str | None = None) -> None:
        """Bring second back to what it was, or to that backup; asks first.

        Where no backup is named and there are several, the operator chooses one.
        """

    def list_backups(self) -> None:
        """Ask both hosts for all backups."""

    def prune_backups(self, backup: str | None = None) -> None:
        """Remove the backups that were used, or that one; asks first."""

    def bring_over(self, backup: str) -> None:
        """Bring what that backup alone has into the cluster; asks first."""

    def restore_table(self, backup: str) -> None:
        """Restore records that first lacks from that online backup; asks for each table."""

    def compare_settings(self) -> None:
        """Ask both nodes what they have loaded of their ejabberd.yml."""

    def take_settings(self, options: Sequence[str]) -> None:
        """Give second's ejabberd.yml first's values of these; shows what changes, and asks."""

    def keep_setting(self, key: Key) -> None:
        """Second keeps its own value there, and a join does not ask about it."""

    def edit_setting(self, key: Key) -> None:
        """Have a value written for second's ejabberd.yml; shows what changes, and asks."""

    def cancel(self) -> None:
        """Stop what is running at a safe place."""

    def open_shell(self, node: str) -> None:
        """Open an erl on the node of that name, outside a join."""

    def resize_shell(self, columns: int, rows: int) -> None:
        """The room that a live erl has now, and the next one will have."""

    def hand_back(self) -> None:
        """The operator gives the live erl back."""

    def set_storage(self, table: str, storage: str) -> None:
        """Choose the type of second's copy before a join; change it after one, asking first."""

    def repair(self, finding: FindingView) -> None:
        """Repair that finding; asks before anything is lost."""

    def ask_again(self) -> None:
        """Ask both nodes now, and check them."""


class Desk(Protocol):
    """What the screens ask of the app around them."""

    session: Session | None
    keyboard: Keyboard
    state: ViewState

    def apply(self, news: Update) -> None:
        """Something happened."""

    def notice(self, text: str, *, is_trouble: bool = False) -> None:
        """Show a text in the last line."""

    def act(self, id: str) -> None:
        """Do one of the actions, or show why it cannot be done now."""

    def look_at(self, step: str) -> None:
        """Show that step in the step pane."""

    def resize_shell(self) -> None:
        """Pass the size of the erl pane to the session."""


class SetupDesk(Protocol):
    """What the set-up's screens ask of the app around them."""

    setup: SetupSession
    state: ViewState

    def show_values(self) -> None:
        """Go on to what was found."""

    def leave(self) -> None:
        """Leave, after a question where something was entered."""

    def finish(self) -> None:
        """Ask which node is first, write the file, and go on to the checklist."""

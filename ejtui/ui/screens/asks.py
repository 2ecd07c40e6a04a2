"""What the app itself asks: whether to stop, whether to leave, and on which node."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import TYPE_CHECKING, cast

from ejtui.cluster.acts.command_words import prompt, within
from ejtui.ui.screens.dialog import Dialog, DialogAnswer, Text, question, question_text
from ejtui.ui.state.models import CommandView, FindingView, QuestionView
from ejtui.ui.state.view_state import Health, Typist, ViewState
from ejtui.ui.text.lines import Tone

if TYPE_CHECKING:
    from ejtui.ui.session.protocols import Desk

_GOES_ON = "Nothing is lost: the checklist goes on from where the nodes then stand."


def _running(state: ViewState) -> str:
    work = state.work
    if work is None:
        return ""
    step = state.step(work.step)
    name = f"Step {step.number}, {work.title}," if step else f"{work.title}"
    return f"{name} has been running for {work.seconds} s."


def stop_question(state: ViewState) -> QuestionView:
    """Whether to stop what is running."""
    return QuestionView(
        "Stop what is running?",
        (_running(state),),
        f"It goes on until you answer. A yes stops it at a safe place. {_GOES_ON}",
        "Yes, stop it",
    )


class _FollowingDialog(Dialog):
    """A question about what is running, which goes on meanwhile: what is asked follows it."""

    def __init__(self, asked: QuestionView, bullet: str) -> None:
        made = question(asked, bullet)
        super().__init__(asked.title, made.box.texts, made.box.answers, Tone.TROUBLE)
        self._bullet = bullet

    def on_screen_resume(self) -> None:
        """What lay over it is gone: what it asks about may be over."""
        self.show(cast("Desk", self.app).state)

    def show(self, state: ViewState) -> None:
        """Show what runs now."""
        raise NotImplementedError

    def ask(self, asked: QuestionView) -> None:
        """Show that question in the place of what was shown."""
        self.box.texts = question_text(asked, self._bullet)
        self.box.repaint()


class StopDialog(_FollowingDialog):
    """Whether to stop what is running; it goes away when that has ended."""

    def __init__(self, state: ViewState, bullet: str) -> None:
        super().__init__(stop_question(state), bullet)

    def show(self, state: ViewState) -> None:
        if state.work is None:
            self.withdraw()
        else:
            self.ask(stop_question(state))


def quit_question(state: ViewState) -> QuestionView | None:
    """Whether to leave; None where nothing is lost by leaving."""
    takes = [_running(state)] if state.work else []
    if state.typist is not Typist.NOBODY:
        takes.append(_what_becomes_of_erl(state))
    if not takes:
        return None
    takes += _what_goes_on(state)
    return QuestionView("Leave ejtui?", tuple(takes), _GOES_ON, "Yes, leave")


class QuitDialog(_FollowingDialog):
    """Whether to leave, while something is running or an erl is open."""

    def show(self, state: ViewState) -> None:
        ended = QuestionView("Leave ejtui?", ("Nothing is running any more.",))
        self.ask(quit_question(state) or ended)


def _what_goes_on(state: ViewState) -> list[str]:
    """What becomes of ejabberd on each host that has answered."""
    words = {
        Health.RUNNING: "ejabberd on {} goes on.",
        Health.STARTING: "ejabberd on {} goes on starting.",
        Health.STOPPED: "ejabberd on {} stays stopped.",
        Health.ERL_SHELL: "ejabberd on {} does not run until the join has gone on.",
    }
    return [
        words[node.health].format(node.name)
        for node in (state.first, state.second)
        if node.health in words
    ]


def _what_becomes_of_erl(state: ViewState) -> str:
    on = state.shell_on or "second"
    if state.typist is Typist.YOURS:
        return f"The erl on {on} is open, and ends with ejtui."
    return (
        f"The erl of the join on {on} is open. If it is busy, or first would wait for second "
        "without it, it goes on in the background, and the next ejtui finds it; else it ends with "
        "ejtui."
    )


def repair_question(finding: FindingView) -> Dialog:
    """Whether to repair that finding, with all that is then run; returns "yes" for a yes."""
    repair_view = finding.repair_view
    kept = repair_view.backup or "nothing"
    texts: list[Text | None] = [
        Text(repair_view.title, Tone.STRONG),
        Text(f"What it costs: {repair_view.cannot_undo}."),
        Text(f"Backed up before: {kept}."),
    ]
    for (host, user, inside), commands in groupby(repair_view.commands, key=_place_of):
        texts += [None, Text(f"On {host}, as {user}{inside and f', {inside}'}:")]
        texts += [
            Text(each.text, Tone.CODE, prompt(each.place, each.text) or "  ", command=True)
            for each in commands
        ]
    stops = "While it runs, Esc stops it at a safe place. You are asked before data is lost."
    texts += [None, Text(stops, Tone.QUIET)]
    answers = [DialogAnswer("n", "no", "No"), DialogAnswer("y", "yes", "Yes, repair it")]
    return Dialog(f"Repair {finding.code} on {finding.on}?", texts, answers)


def _place_of(command: CommandView) -> tuple[str, str, str]:
    return command.host, command.user, within(command.place, command.text)


def which_node(state: ViewState) -> Dialog:
    """On which node an erl is opened; returns the node's name."""
    nodes = [node for node in (state.first, state.second) if not node.silent]
    texts = [
        Text("An erl is opened on the node, as its service user, and you type into it."),
        Text("Where the node runs, you are inside it: what you type there counts. q() and "
             "halt() would stop the node; F2 or Ctrl+] leaves the pane."),
    ]  # fmt: skip
    answers = [
        DialogAnswer(str(number), node.name, node.name) for number, node in enumerate(nodes, 1)
    ]
    return Dialog("Open erl on which node?", texts, [*answers, DialogAnswer("c", "", "Cancel")])


def which_recording(paths: Sequence[str]) -> Dialog:
    """Which of a run's recordings is played; returns its path. The newest nine are offered."""
    shown = list(paths)[-9:]
    answers = [
        DialogAnswer(str(number), path, path.rpartition("/")[2])
        for number, path in enumerate(shown, 1)
    ]
    texts = [Text("This run opened several erl shells, one after another.")]
    return Dialog("Play which recording?", texts, [*answers, DialogAnswer("c", "", "Cancel")])

"""What the operator can do: one list, from which keys, footer, palette and help all come."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ejtui.ui.state import reasons
from ejtui.ui.state.view_state import ViewState

WhyNot = Callable[[ViewState], str | None]


def _always(_state: ViewState) -> str | None:
    return None


def _never(_state: ViewState) -> bool:
    return False


def _ever(_state: ViewState) -> bool:
    return True


@dataclass(frozen=True)
class Action:
    """One thing to do: `why_not` gives the reason why it cannot be done now, or None.

    `also` are other keys for it. `footer` is its name in the key bar (empty: not there), `rank`
    what gives way first where that is narrow (the highest). What is `urgent` is what the operator
    most probably wants now: it leads the key bar, and with `only_urgent` it is there only then.
    Where `offers` is false it would show nothing yet, and is left out of the key bar. `footer_now`
    is another name there for what it does in this state, "" for `footer`.
    A `priority` key works while erl has the keyboard too. `words` are others for which the palette
    finds it.
    """

    id: str
    key: str
    shown_key: str
    title: str
    tooltip: str
    why_not: WhyNot = _always
    footer: str = ""
    rank: int = 9
    priority: bool = False
    group: str = "The join"
    also: tuple[str, ...] = ()
    urgent: Callable[[ViewState], bool] = _never
    only_urgent: bool = False
    words: str = ""
    offers: Callable[[ViewState], bool] = _ever
    footer_now: WhyNot = _always

    def called(self, state: ViewState) -> str:
        """Its name in the key bar."""
        return self.footer_now(state) or self.footer


ACTIONS: tuple[Action, ...] = (
    Action(
        "run_step", "enter", "⏎", "Run the step",
        "Run the selected step, then check the result on both nodes.",
        reasons.why_not_run, "run step", 1, urgent=reasons.not_joined, only_urgent=True,
    ),
    Action(
        "run_on", "a", "a", "Run on",
        "Run step after step until all are done, one fails, or a person is needed.",
        reasons.why_not_run_on, "run on", 2, urgent=reasons.not_joined, only_urgent=True,
        words="join",
    ),
    Action(
        "cancel", "escape", "Esc", "Stop what is running",
        "Stop after asking; the checklist goes on from where the nodes then stand.",
        reasons.why_not_cancel, "stop", 0, urgent=reasons.runs, only_urgent=True,
        words="cancel interrupt",
    ),
    Action(
        "roll_back", "u", "u", "Roll back",
        "Return second to what it was before the join. Shows first what is replaced.",
        reasons.why_not_roll_back, "roll back", 6, urgent=reasons.goes_back, only_urgent=True,
        words="rollback undo", footer_now=reasons.goes_on_with_rollback,
    ),
    Action(
        "shell", "s", "s", "Open a shell",
        "Open a live erl on either node, in the pane.",
        reasons.why_not_shell, "shell", 4, group="Look and type", words="erl erlang console",
    ),
    Action(
        "hand_back", "f2", "F2 Ctrl+]", "Hand the shell back",
        "Leave the erl pane; where ejtui was typing it types again, after looking at both nodes.",
        footer="hand back", rank=0, priority=True, group="Look and type",
        also=("ctrl+right_square_bracket",), urgent=reasons.waits, only_urgent=True,
        words="erl return",
    ),
    Action(
        "tables", "t", "t", "Tables",
        "Every table on both nodes; choose there which copy second will hold.",
        reasons.why_not_tables, "tables", 5, group="Look and type",
    ),
    Action(
        "findings", "f", "f", "Findings",
        "What is wrong, the evidence, why, and its repair; and how far the check looked.",
        reasons.why_not_findings, "findings", 3, group="Look and type",
        urgent=reasons.has_findings, words="check trouble errors",
    ),
    Action(
        "repair", "m", "m", "Repair what is wrong",
        "Repair the worst finding, or the one looked at: shows what it runs, asks, checks again.",
        reasons.why_not_repair, "repair", 2, urgent=reasons.can_repair, only_urgent=True,
        words="fix",
    ),
    Action(
        "config", "e", "e", "Settings",
        "Both ejabberd.yml side by side; choose there which of first's values second takes.",
        reasons.why_not_config, "settings", 4, group="Look and type", urgent=reasons.config_differs,
        only_urgent=True, words="ejabberd.yml config administration differences",
    ),
    Action(
        "backups", "b", "b", "Backups",
        "Every backup on both hosts: of what, its accounts, and what it can be used for.",
        reasons.why_not_list, "backups", 4, group="Look and type", words="restore prune",
        offers=reasons.may_have_backups,
    ),
    Action(
        "backups_anywhere", "f6", "F6", "Backups in the erl pane",
        "The same, while erl has the keyboard; also during a join.",
        reasons.why_not_list, priority=True, group="Look and type",
    ),
    Action(
        "history", "h", "h", "History",
        "Every run with its outcome, its commands and evidence; plays the recordings of erl.",
        footer="history", rank=9, group="Look and type", words="runs replay recordings report",
        offers=reasons.has_run,
    ),
    Action(
        "log", "l", "l", "Log",
        "What was run, where, as whom, and the result.",
        footer="log", rank=8, group="Look and type", offers=reasons.has_run,
    ),
    Action(
        "copy", "c", "c", "Copy",
        "Copy what the step pane shows (or a finding, where one is shown) to your clipboard.",
        group="Look and type",
    ),
    Action(
        "refresh", "r", "r", "Ask again",
        "Ask both nodes now, which is done every few seconds, and check them layer by layer.",
        footer="ask again", rank=3, group="Look and type", urgent=reasons.is_silent,
        only_urgent=True,
    ),
    Action(
        "next_pane", "tab", "Tab", "Next pane",
        "Go to the next pane (Shift+Tab: the one before). In erl's pane Tab is erl's; F2 leaves.",
        group="Moving",
    ),
    Action(
        "previous_pane", "shift+tab", "Shift+Tab", "Previous pane",
        "Go to the pane before.",
        group="Moving",
    ),
    Action(
        "zoom", "z", "z", "One pane at a time",
        "Give one pane the whole room, or show all of them again.",
        group="Moving",
    ),
    Action(
        "current", "home", "Home", "Back to the current step",
        "Show the current step again, after looking at another.",
        group="Moving",
    ),
    Action(
        "help", "f1", "? F1", "Help",
        "Every key, what it does, and why it cannot be used now. Where text is typed: F1.",
        footer="help", rank=0, priority=True, group="ejtui", also=("question_mark",),
        words="keys manual",
    ),
    Action(
        "palette", "ctrl+p", "Ctrl+P", "Find an action",
        "Every action by name.",
        group="ejtui",
    ),
    Action(
        "repaint", "ctrl+l", "Ctrl+L", "Paint again",
        "Paint the whole screen again, after something else wrote on it.",
        group="ejtui",
    ),
    Action(
        "quit", "q", "q Ctrl+C", "Quit",
        "Leave; shows first what is running, and what goes on without ejtui.",
        footer="quit", rank=0, group="ejtui", also=("ctrl+c", "ctrl+q"), words="leave exit end",
    ),
)  # fmt: skip

FINDING_ACTIONS: tuple[Action, ...] = (
    Action(
        "repair", "enter", "⏎", "Repair it",
        "Show what will be run, where and as whom; after a yes do it, and check again. Also m.",
        reasons.why_not_repair, "repair", 0,
    ),
    Action("check", "r", "r", "Check again", "Look at both nodes again, layer by layer.",
           reasons.why_not_check, "check again", 1),
    Action("choose", "up", "Up Down", "Choose a finding", "Look at another finding.",
           footer="choose", rank=8),
    Action("copy", "c", "c", "Copy", "Copy all that is known of it to your clipboard.",
           footer="copy", rank=9),
    Action("read", "pagedown", "PgUp PgDn", "Read on", "The rest of what is known of it.",
           footer="read on", rank=7),
    Action("close", "escape", "Esc", "Close", "Back to the checklist.", footer="close", rank=0),
)  # fmt: skip

BACKUP_ACTIONS: tuple[Action, ...] = (
    Action("roll_back_to", "enter", "⏎", "Roll back to it",
           "Roll second back to the backup looked at, or its ejabberd.yml alone where that is all "
           "that it holds. Shows first what is replaced. Also u.",
           reasons.why_not_roll_back_to, "roll back", 0),
    Action("choose", "up", "Up Down", "Choose a backup", "Look at another backup.",
           footer="choose", rank=8),
    Action("bring_over", "o", "o", "Bring over",
           "Bring what this backup alone has into the cluster, accounts and rooms. Asks first.",
           reasons.why_not_bring_over, "bring over", 1),
    Action("restore_table", "t", "t", "Restore records",
           "Restore what first's tables lack of this online backup. Asks for each table.",
           reasons.why_not_restore_table, "restore", 4),
    Action("remove_backup", "x", "x", "Remove it",
           "Remove the backup looked at, where it is not second's own; asks first.",
           reasons.why_not_remove, "remove", 5),
    Action("prune", "p", "p", "Remove used ones",
           "Remove the backups that were used, after naming them; the last complete one stays.",
           reasons.why_not_prune, "remove used", 3, offers=reasons.has_used),
    Action("list_backups", "r", "r", "List again", "Ask both hosts again.",
           reasons.why_not_list, "again", 6),
    Action("read", "pagedown", "PgUp PgDn", "Read on", "The rest of what is known of it.",
           footer="read on", rank=7),
    Action("close", "escape", "Esc", "Close", "Back to the checklist.", footer="close", rank=0),
)  # fmt: skip

SETTING_ACTIONS: tuple[Action, ...] = (
    Action("write_settings", "enter", "⏎", "Take first's",
           "Give second's file first's values of what is marked, or of the option looked at. Shows "
           "what changes, and asks.",
           reasons.why_not_write, "take first's", 0),
    Action("mark_setting", "space", "Space", "Mark it",
           "Mark first's value of the option looked at to be taken, or not.",
           reasons.why_not_mark, "mark", 1),
    Action("mark_every_setting", "a", "a", "Mark all", "Mark all that differ, or none.",
           reasons.why_not_mark_every, "mark all", 4),
    Action("keep_setting", "k", "k", "Keep second's",
           "Second keeps its own value; a join does not ask about it again.",
           reasons.why_not_keep, "keep second's", 2),
    Action("edit_setting", "v", "v", "Edit the value",
           "Write another value for the option in second's file. Shows what changes, and asks.",
           reasons.why_not_edit, "edit", 3),
    Action("show_every_setting", "d", "d", "Everything",
           "List everything that is compared, or only what differs.",
           footer="everything", rank=5),
    Action("compare_settings", "r", "r", "Compare again", "Ask both nodes again.",
           reasons.why_not_config, "compare again", 6),
    Action("choose", "up", "Up Down", "Choose an option", "Look at another option.",
           footer="choose", rank=8),
    Action("read", "pagedown", "PgUp PgDn", "Read on", "The rest of what is known of it.",
           footer="read on", rank=7),
    Action("close", "escape", "Esc", "Close", "Back to the checklist.", footer="close", rank=0),
)  # fmt: skip

SETUP_ACTIONS: tuple[Action, ...] = (
    Action("values", "f3", "", "Look at the values",
           "What was found on both hosts, as it will be written; any of it can be changed."),
    Action("help", "f1", "F1", "Help", "The pages of help; ? opens them where no text is typed.",
           also=("question_mark",), words="keys manual"),
    Action("repaint", "ctrl+l", "Ctrl+L", "Paint again",
           "Paint the whole screen again, after something else wrote on it."),
    Action("quit", "ctrl+c", "Ctrl+C", "Leave the set-up", "Leave with nothing written.",
           also=("ctrl+q",), words="quit exit"),
)  # fmt: skip
"""What can be done in the set-up, besides typing."""


HISTORY_ACTIONS: tuple[Action, ...] = (
    Action("play_recording", "enter", "⏎", "Play the recording",
           "Play what the erl shells of the run looked at showed.",
           reasons.why_not_play, "play recording", 0),
    Action("choose", "up", "Up Down", "Choose a run", "Look at another run.",
           footer="choose", rank=8),
    Action("export_history", "e", "e", "Export",
           "Write one report of all runs for a ticket (Markdown, nothing secret) into a file.",
           footer="export", rank=3),
    Action("read_history", "r", "r", "Read again", "Read the journal again.",
           footer="read again", rank=9),
    Action("read", "pagedown", "PgUp PgDn", "Read on", "The rest of the run looked at.",
           footer="read on", rank=7),
    Action("close", "escape", "Esc", "Close", "Back to the checklist.", footer="close", rank=0),
)  # fmt: skip

REPLAY_ACTIONS: tuple[Action, ...] = (
    Action("pause", "space", "Space", "Pause", "Stop the replay, or go on with it."),
    Action("jump", "left", "Left Right", "Jump", "Five seconds back, or on. Home, End: its ends."),
    Action("percent", "0", "0-9", "Jump to a part", "To the beginning (0), the middle (5), …"),
    Action("speed", "plus", "+ -", "Speed", "Twice as fast, or half as fast."),
    Action("read", "pagedown", "PgUp PgDn", "Look back", "Lines that have scrolled away."),
    Action("close", "escape", "Esc", "Close", "Back to the history."),
)

BY_ID = {
    action.id: action
    for action in (
        *SETUP_ACTIONS, *HISTORY_ACTIONS, *SETTING_ACTIONS, *BACKUP_ACTIONS, *FINDING_ACTIONS,
        *ACTIONS,
    )
}  # fmt: skip


TABLE_ACTIONS: tuple[Action, ...] = (
    Action(
        "set_storage", "enter", "⏎", "Choose the copy",
        "Choose which copy of the table second will hold; after a join it is changed at once, "
        "after asking.",
        reasons.why_not_set_storage, "choose copy",
    ),
    Action("filter", "slash", "/", "Filter", "Show only tables whose name holds what you type.",
           footer="filter"),
    Action("sort", "o", "o", "Sort", "Sort by name, records, size, or what differs.",
           footer="sort"),
    Action("only", "d", "d", "Only differences", "Show only tables that differ, or all.",
           footer="only differences"),
    Action("close", "escape", "Esc", "Close", "Back to the checklist.", footer="close"),
)  # fmt: skip

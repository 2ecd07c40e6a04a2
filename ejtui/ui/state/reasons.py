"""Why something cannot be done now, and whether it is what the operator most probably wants.

A function `why_not_…` gives the reason, as a sentence continues it, or None where it can be done.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ejtui.ui.state.view_state import ViewState

if TYPE_CHECKING:
    from ejtui.ui.state.models import FindingView

_NO_JOIN = {
    "broken": "this pair was joined, and is broken: m repairs it",
    "first-gone": "first is gone or new: f shows what goes on",
    "other-cluster": "they are members of different clusters: f shows what goes on",
    "one-node": "both are one node: there is nothing to join",
}
"""Why the steps of a join are not run on a pair in these situations."""


_LEADS_TO_A_STEP = ("", "ejtui join")


def watching(state: ViewState) -> str | None:
    if state.holder is None:
        return None
    holder = state.holder
    has = "has a join open" if holder.is_idle else "is changing this pair"
    return f"{holder.who} {has} since {holder.since} ({holder.what})"


def busy(state: ViewState) -> str | None:
    if state.work is None:
        return None
    if state.waits_for_operator:
        return f"{state.work.title} waits for you: F2 or Ctrl+] hands the shell back"
    return f"{state.work.title} is running: Esc stops it"


def not_connected(state: ViewState) -> str | None:
    if not state.connected:
        return "the nodes have not answered yet"
    for node in (state.first, state.second):
        if node.silent:
            return f"{node.name}: {node.health.value}"
    return None


def free_to_change(state: ViewState) -> str | None:
    return watching(state) or busy(state) or not_connected(state)


def why_not_roll_back(state: ViewState) -> str | None:
    return why_not_alone(state, "rollback")


def why_not_alone(state: ViewState, command: str) -> str | None:
    """What works without first names how."""
    reason = free_to_change(state)
    if reason and state.connected and state.first.silent and not state.second.silent:
        return f"{reason}; where it is gone for ever: ejtui {command} --without-first"
    return reason


def why_not_roll_back_to(state: ViewState) -> str | None:
    found = state.backups.at_cursor if state.backups else None
    if found is None:
        return "there is no backup"
    if not found.goes_back and "restore-file" not in found.uses:
        return f"it can be used for: {found.can}"
    return why_not_roll_back(state)


def why_not_bring_over(state: ViewState) -> str | None:
    return why_not_use(state, "bring-over") or why_not_alone(state, "bring-over NAME")


def why_not_restore_table(state: ViewState) -> str | None:
    return why_not_use(state, "restore-table") or free_to_change(state)


def why_not_use(state: ViewState, use: str) -> str | None:
    found = state.backups.at_cursor if state.backups else None
    if found is None:
        return "there is no backup"
    return None if use in found.uses else f"it can be used for: {found.can}"


def why_not_remove(state: ViewState) -> str | None:
    found = state.backups.at_cursor if state.backups else None
    if found is None:
        return "there is no backup"
    if found.stays and not found.goes_by_name:
        return f"{found.directory} stays: {found.stays}"
    return free_to_change(state)


def why_not_prune(state: ViewState) -> str | None:
    return free_to_change(state) if has_used(state) else "no backup was used: all are kept"


def has_used(state: ViewState) -> bool:
    """Whether any of the backups listed was used, so that it need not be kept."""
    return state.backups is not None and any(not row.stays for row in state.backups.rows)


def why_not_list(state: ViewState) -> str | None:
    if state.backups and state.backups.listing:
        return "the hosts are being asked"
    return None if state.connected else "the nodes have not answered yet"


def why_not_config(state: ViewState) -> str | None:
    reason = not_connected(state)
    if reason or state.settings is None:
        return reason
    return "both nodes are being asked" if state.settings.comparing else None


def why_not_mark(state: ViewState) -> str | None:
    found = state.settings.at_cursor if state.settings else None
    if found is None:
        return "nothing is listed"
    return found.why_not or (None if found.differs else "it is the same on both nodes")


def why_not_mark_every(state: ViewState) -> str | None:
    rows = state.settings.rows if state.settings else ()
    able = any(row.differs and not row.why_not for row in rows)
    return None if able else "nothing differs that can be taken"


def why_not_keep(state: ViewState) -> str | None:
    found = state.settings.at_cursor if state.settings else None
    if found is None:
        return "nothing is listed"
    if not found.differs:
        return "it is the same on both nodes"
    if found.stops:
        return "with it there is no join: take first's value"
    if found.why_no_keep:
        return found.why_no_keep
    return "that is decided" if found.kept else None


def why_not_edit(state: ViewState) -> str | None:
    found = state.settings.at_cursor if state.settings else None
    if found is None:
        return "nothing is listed"
    return found.why_no_edit or free_to_change(state)


def why_not_write(state: ViewState) -> str | None:
    if state.settings is None or not state.settings.wanted:
        return why_not_mark(state)
    return free_to_change(state)


def why_not_run(state: ViewState) -> str | None:
    reason = free_to_change(state)
    if reason:
        return reason
    step = state.shown_step
    if step is None:
        return "the checklist is not known yet"
    if not state.about_join:
        return "no step is shown: 1-9 show one, m repairs what is broken"
    if reason := no_join(state):
        return reason
    if step.state == "blocked":
        return f"step {step.number} {step.detail or 'waits for an earlier step'}"
    return None


def why_not_run_on(state: ViewState) -> str | None:
    reason = free_to_change(state)
    if reason is None and state.joined:
        return "every step is done"
    return reason or no_join(state)


def no_join(state: ViewState) -> str | None:
    condition = state.condition
    if condition is None or condition.about_join:
        return None
    if condition.joined:
        return "the two are joined: m repairs what is wrong, r checks them"
    return _NO_JOIN.get(condition.situation.value)


def why_not_shell(state: ViewState) -> str | None:
    if state.work is not None:
        return f"{state.work.title} is running: its erl is shown here"
    if not state.connected:
        return "the nodes have not answered yet"
    if state.first.silent and state.second.silent:
        return "neither node can be asked"
    return None


def why_not_tables(state: ViewState) -> str | None:
    return None if state.tables else "no node has reported its tables yet"


def why_not_findings(state: ViewState) -> str | None:
    known = state.diagnosis or state.findings or state.checking
    return None if known else "the nodes have not answered yet"


def why_not_repair(state: ViewState) -> str | None:
    reason = watching(state) or busy(state)
    if reason:
        return reason
    finding = state.shown_finding
    if finding is None:
        return "nothing is known to be wrong"
    if not finding.repair_view.title:
        return "the check has not found it yet"
    return why_not_here(state, finding) or None


def why_not_here(state: ViewState, finding: FindingView) -> str:
    """Why it is not repaired in this state of the pair, or not from here; "" where it is."""
    if finding.repair_view.why_none:
        return finding.repair_view.why_none
    if state.condition and state.condition.situation.value == "first-gone":
        # Its repair would take second's database, which is what is left of the cluster.
        return "first is gone or new, and second holds what is left of the cluster"
    if ghost_of_another_cluster(state, finding):
        return "the ghost is of the cluster that second is in, and first is not"
    return ""


def ghost_of_another_cluster(state: ViewState, finding: FindingView) -> bool:
    """Whether it is second's other cluster that it is found in: first cannot forget it."""
    other = state.condition is not None and state.condition.situation.value == "other-cluster"
    return other and finding.code == "ghost-member"


def why_not_check(state: ViewState) -> str | None:
    return watching(state) or busy(state) or ("a check is running" if state.checking else None)


def why_not_cancel(state: ViewState) -> str | None:
    if state.work is None:
        return "nothing is running"
    return "it is stopping already" if state.work.stopping else None


def runs(state: ViewState) -> bool:
    return state.work is not None and not state.work.stopping


def waits(state: ViewState) -> bool:
    return state.waits_for_operator


def can_repair(state: ViewState) -> bool:
    return why_not_repair(state) is None


def goes_back(state: ViewState) -> bool:
    """Whether there is most probably a join to undo: of a joined pair, or one half done."""
    condition = state.condition
    half_done = condition is not None and condition.situation.value == "half-done"
    joined = state.joined or (condition is not None and condition.joined is True)
    return (half_done or (joined and state.undoes_join)) and why_not_roll_back(state) is None


def goes_on_with_rollback(state: ViewState) -> str | None:
    """What u does where a rollback is half done, as the key bar has it."""
    condition = state.condition
    half_done = condition is not None and condition.situation.value == "half-done"
    # A join that is half done has its checklist.
    alone = half_done and condition is not None and not condition.about_join
    return "go on with the rollback" if alone else None


def has_findings(state: ViewState) -> bool:
    return bool(state.findings)


def has_run(state: ViewState) -> bool:
    """Whether anything was run on this pair from here."""
    return bool(state.log)


def may_have_backups(state: ViewState) -> bool:
    """Whether a run from here, or a join, may have left any."""
    condition = state.condition
    apart = condition is None or condition.situation.value == "not-joined"
    return has_run(state) or state.joined or not apart


def is_silent(state: ViewState) -> bool:
    """Whether a node cannot be asked, and is not asked by a run now."""
    return state.work is None and (state.first.silent or state.second.silent)


def config_differs(state: ViewState) -> bool:
    return bool(state.second.settings_apart) and why_not_config(state) is None


def not_joined(state: ViewState) -> bool:
    changing = state.work is not None or state.holder is not None
    if changing or not state.connected or state.joined:
        return False
    if not (state.about_join or state.undone):
        return False
    if no_join(state) is not None:
        return False
    # Where something must be repaired first, or looked at, no step leads.
    return state.condition is None or state.condition.command in _LEADS_TO_A_STEP


def why_not_play(state: ViewState) -> str | None:
    found = state.history.at_cursor if state.history else None
    if found is None:
        return "there is no run"
    return None if found.recordings else "this run opened no erl shell: it has no recording"


def why_not_set_storage(state: ViewState) -> str | None:
    return watching(state) or busy(state)

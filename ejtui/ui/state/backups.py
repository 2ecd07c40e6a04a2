"""Backups as the screens show them, and the news of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ejtui.cluster.history.clock import local_second
from ejtui.ui.state.models import BackupsView, BackupView
from ejtui.ui.state.view_state import ViewState

if TYPE_CHECKING:
    from ejtui.cluster.backups.inventory import Backup


def backup_views(found: Sequence[Backup]) -> tuple[BackupView, ...]:
    """From the cluster's list."""
    from ejtui.cluster.backups.choice import is_fresh
    from ejtui.cluster.backups.prune import sort

    where = {(each.node, each.name): each for each in sort(found)}
    return tuple(
        BackupView(
            name=each.name,
            host=each.node,
            created=local_second(each.created),
            reason=each.reason,
            stage=each.state,
            size=each.size,
            files=each.files,
            accounts=each.accounts,
            can=each.can,
            path=each.path,
            goes_back="rollback" in each.uses,
            is_database=each.is_database and each.on_second,
            by=each.by,
            trouble=each.trouble,
            uses=each.uses,
            account_count=each.account_count,
            directory=each.folder,
            stays=where[each.node, each.folder].why,
            goes_by_name=where[each.node, each.folder].by_name,
            undoes=each.manifest is not None and each.manifest.own and is_fresh(each.manifest),
        )
        for each in found
    )


@dataclass(frozen=True)
class BackupsAsked:
    """Both hosts are asked which backups they have."""

    def applied(self, state: ViewState) -> ViewState:
        return replace(state, backups=replace(state.backups or BackupsView(), listing=True))


@dataclass(frozen=True)
class BackupsListed:
    """What there is, or why it could not be asked; `to_choose` where one must be gone back to.

    `unlisted` are the hosts that were not reached.
    """

    rows: tuple[BackupView, ...] = ()
    note: str = ""
    trouble: str = ""
    to_choose: bool = False
    unlisted: tuple[str, ...] = ()

    def applied(self, state: ViewState) -> ViewState:
        before = state.backups or BackupsView()
        rows = before.rows if self.trouble else self.rows
        same = _looked_at(before.rows, rows, before.chosen) or _first_looked_at(rows)
        chosen = _to_choose(rows) if self.to_choose else same
        shown = BackupsView(rows, self.note, False, self.trouble, chosen, self.unlisted)
        return replace(state, backups=shown)


def _looked_at(before: Sequence[BackupView], rows: Sequence[BackupView], chosen: str) -> str:
    """One that was made since the last listing, the newest of them; else the same as before."""
    known = {(each.host, each.name) for each in before}
    made = [each.name for each in rows if (each.host, each.name) not in known]
    return made[0] if known and made else chosen


def _first_looked_at(rows: Iterable[BackupView]) -> str:
    """Second's own newest that it can go back to; "" for none: the newest of all."""
    able = [row for row in rows if row.goes_back]
    able.sort(key=lambda row: not row.undoes)
    return able[0].name if able else ""


def _to_choose(rows: Iterable[BackupView]) -> str:
    """What most probably undoes the join: of second's own databases the one with most accounts.

    A join that was started again, or a repair, leaves a newer one that is nearly empty.
    """
    able = [row for row in rows if row.goes_back]
    able.sort(key=lambda row: (not row.undoes, -(row.account_count or 0)))
    return able[0].name if able else ""


@dataclass(frozen=True)
class LookedAtBackup:
    """The operator looks at that backup."""

    name: str

    def applied(self, state: ViewState) -> ViewState:
        return replace(state, backups=replace(state.backups or BackupsView(), chosen=self.name))

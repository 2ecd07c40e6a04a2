"""The backups of both hosts for the screen: listed, chosen from, used, removed."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING

from ejtui.cluster.errors import Refused
from ejtui.ui.session import from_events
from ejtui.ui.state.backups import BackupsAsked, BackupsListed, backup_views

if TYPE_CHECKING:
    from ejtui.cluster.backups.choice import Choice
    from ejtui.cluster.backups.rollback.rollback import RolledBack
    from ejtui.cluster.bring_over.result import BroughtOver
    from ejtui.ui.session.changes import Changes


class BackupsPart:
    """Lists as often as it is asked to; what is done with a backup lists them again."""

    def __init__(self, changes: Changes) -> None:
        self._pair, self._voice = changes.pair, changes.voice
        self._ask, self._emit, self._lock = changes.ask, changes.emit, changes.lock
        self._listing: asyncio.Task[None] | None = None

    def list_all(self) -> None:
        """Ask both hosts for all backups; what comes of it comes as news."""
        if self._listing is None or self._listing.done():
            self._voice.apply(BackupsAsked())
            self._listing = asyncio.create_task(self._list_all())

    async def _list_all(self) -> None:
        from ejtui.cluster.backups.choice import choose_from
        from ejtui.cluster.backups.inventory import inventory

        try:
            found = choose_from(await inventory(self._pair, read=True))
            rows, unlisted = backup_views(found.listed), self._unlisted
            self._voice.apply(BackupsListed(rows, found.warning, unlisted=unlisted))
        except from_events.KNOWN_ERRORS as error:
            self._voice.apply(BackupsListed(trouble=str(error)))

    async def why_not_plain(self) -> str:
        """Why a person has to choose, with all of them listed; "" for one backup and no doubt."""
        from ejtui.cluster.backups.choice import choice, nothing

        found = await choice(self._pair)
        if not found.is_plain:
            note = found.warning if found.fresh else nothing(found, brief=True)
            rows, unlisted = backup_views(found.listed), self._unlisted
            self._voice.apply(BackupsListed(rows, note, to_choose=True, unlisted=unlisted))
        return "" if found.is_plain else why_nobody_chose(found)

    @property
    def _unlisted(self) -> tuple[str, ...]:
        nodes = self._pair.first, self._pair.second
        return tuple(node.name for node in nodes if not node.opened)

    async def roll_back(self, backup: str | None) -> RolledBack:
        """Bring second back to that backup, or to the one that is plain; what that did."""
        from ejtui.cluster.backups.rollback.rollback import rollback

        with self._back_after_no() if backup else nullcontext():
            return await rollback(self._pair, backup, self._ask, self._emit, self._lock)

    async def prune(self, backup: str | None) -> str:
        """Remove the backups that were used, or that one; how many, in words."""
        from ejtui.cluster.backups.prune import prune

        names = (backup,) if backup else ()
        done = await prune(self._pair, self._ask, self._emit, self._lock, names)
        self.list_all()
        count = len(done.removed)
        if not count:
            return "nothing may go; why each is kept is in the log (l)"
        return f"{count} backup{'' if count == 1 else 's'} removed"

    async def bring_over(self, backup: str) -> BroughtOver:
        """Bring what that backup alone has into the cluster."""
        from ejtui.cluster.bring_over import source
        from ejtui.cluster.bring_over.run import bring_over

        of = await source.find(self._pair, backup)
        with self._back_after_no():
            done = await bring_over(self._pair, of, self._ask, self._emit, lock=self._lock)
        self.list_all()
        return done

    async def restore_table(self, backup: str) -> str:
        """Restore records that first lacks from that online backup; what came, in words."""
        from ejtui.cluster.backups.tables.table_restore import restore_tables

        with self._back_after_no():
            done = await restore_tables(self._pair, backup, self._ask, self._emit, self._lock)
        self.list_all()
        return done.summary

    @contextmanager
    def _back_after_no(self) -> Iterator[None]:
        """Who answers No is shown the backups again, from where it was chosen."""
        try:
            yield
        except Refused:
            self._voice.show_backups()
            raise

    def stop(self) -> None:
        """Cancel a listing; nothing is changed by that."""
        if self._listing is not None:
            self._listing.cancel()


def why_nobody_chose(found: Choice) -> str:
    """What ends a rollback without a backup's name, in a few words."""
    return "choose the backup to go back to" if found.all else "there is no backup to go back to"

"""The type of second's copy of a table: chosen before a join, changed after one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ejtui.cluster.errors import Refused
from ejtui.cluster.facts.node import REMOTE, STORAGE_WORDS, PairFacts
from ejtui.ui.state.models import QuestionView

if TYPE_CHECKING:
    from ejtui.ui.session.changes import Changes


class StoragePart:
    """One choice at a time."""

    def __init__(self, changes: Changes) -> None:
        self._changes = changes

    async def set_type(self, table: str, storage: str) -> bool | str:
        """Choose it, or change it now, asking first; how it ended.

        Raises Refused, StepFailed and LockHeld.
        """
        from ejtui.cluster.tables import storage as tables

        changes = self._changes
        facts = await changes.pair.refresh()
        now = tables.changes_now(facts)
        if now and not await self._agreed(facts, table, storage):
            raise Refused(f"the copy of {table} stays as it is")
        await tables.choose(changes.pair, table, storage, changes.ask, changes.emit, changes.lock)
        if now:
            return True
        return f"{table}: {STORAGE_WORDS[storage]} is chosen for second; the join makes it so"

    async def _agreed(self, facts: PairFacts, table: str, storage: str) -> bool:
        """Removing a copy is asked about by the cluster; any other change of a live table here."""
        from ejtui.cluster.tables import storage as tables

        if storage == REMOTE or tables.refusal(facts, table, storage):
            return True
        return await self._changes.voice.ask(
            QuestionView(
                f"Change second's copy of {table}?",
                (tables.preview(facts, table, storage),),
                "Both nodes go on running; the table can be read while it is changed.",
                "Yes, change it",
                destructive=False,
            )
        )

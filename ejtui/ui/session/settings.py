"""The settings of both nodes for the screen: compared, taken, kept."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from ejtui.cluster.administration import meanings
from ejtui.cluster.administration.compare import Difference
from ejtui.cluster.facts.settings import digest
from ejtui.ui.session import from_events
from ejtui.ui.state.settings import (
    Key,
    SettingKept,
    SettingsAsked,
    SettingsCompared,
    SettingView,
)

if TYPE_CHECKING:
    from ejtui.cluster.carry_over.run import Taken
    from ejtui.cluster.pair.pair import Pair
    from ejtui.ui.session.protocols import Voice


class SettingsPart:
    """One comparison at a time; what differs stays known, for what is decided about it."""

    def __init__(self, pair: Pair, voice: Voice) -> None:
        self._pair = pair
        self._voice = voice
        self._found: tuple[Difference, ...] = ()
        self._task: asyncio.Task[None] | None = None

    def compare(self) -> None:
        """Ask both nodes what they have loaded; what comes of it comes as news."""
        if self._task is None or self._task.done():
            self._voice.apply(SettingsAsked())
            self._task = asyncio.create_task(self._compare())

    async def _compare(self) -> None:
        from ejtui.cluster.carry_over.run import side_by_side

        try:
            self._found, same = await side_by_side(self._pair)
            decided = self._pair.choices.decided
            rows = (*_differing(self._found, decided), *_same(same))
            self._voice.apply(SettingsCompared(rows))
        except from_events.KNOWN_ERRORS as error:
            self._voice.apply(SettingsCompared(trouble=str(error)))

    def keep(self, key: Key) -> None:
        """Second keeps its own value there; the decision outlives this ejtui."""
        lines = [each.line for each in self._found if (each.option, each.host) == key]
        self._pair.choices.decide(map(digest, lines))
        self._voice.apply(SettingKept(key))

    def stop(self) -> None:
        """Cancel a comparison; nothing is changed by that."""
        if self._task is not None:
            self._task.cancel()


def sentence(done: Taken) -> str:
    """How taking has ended, in a line."""
    if not done.changed:
        return f"nothing was written: {'; '.join(done.left)}"
    count = len(done.differences)
    rest = f"{count} difference{'' if count == 1 else 's'} left" if count else "nothing differs now"
    return f"second's ejabberd.yml has first's {', '.join(done.taken)}; {rest}"


def _differing(found: Sequence[Difference], decided: frozenset[str]) -> Iterator[SettingView]:
    for each in found:
        yield SettingView(
            each.option, each.host, each.first, each.second, each.meaning.text, each.meaning.code,
            each.meaning.serious, digest(each.line) in decided, _why_not(each),
        )  # fmt: skip


def _why_not(each: Difference) -> str:
    if each.meaning.code == meanings.CERTIFICATES:
        return "a certificate is a separate file; see the finding config-certificates"
    return ""


def _same(found: Sequence[Difference]) -> Iterator[SettingView]:
    for each in found:
        yield SettingView(each.option, each.host, each.first, each.second, each.meaning.text)

"""The settings of both nodes for the screen: compared, taken, kept."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from ejtui.cluster.administration import meanings
from ejtui.cluster.administration.carry import option_of
from ejtui.cluster.administration.certificates import CERTFILES
from ejtui.cluster.administration.difference import Difference
from ejtui.cluster.errors import ClusterError, StepFailed
from ejtui.ui.session import from_events
from ejtui.ui.state.models import TextQuestionView
from ejtui.ui.state.settings import (
    Key,
    SettingKept,
    SettingsAsked,
    SettingsCompared,
    SettingView,
)

if TYPE_CHECKING:
    from ejtui.cluster.administration.new_value import NewValue
    from ejtui.cluster.carry_over.request import Wanted
    from ejtui.cluster.carry_over.run import Taken
    from ejtui.ui.session.changes import Changes


class SettingsPart:
    """One comparison at a time; what differs stays known, for what is decided about it."""

    def __init__(self, changes: Changes) -> None:
        self._changes = changes
        self._pair, self._voice = changes.pair, changes.voice
        self._found: tuple[Difference, ...] = ()
        self._task: asyncio.Task[None] | None = None
        self._drafts: dict[Key, str] = {}

    def compare(self) -> None:
        """Ask both nodes what they have loaded; what comes of it comes as news."""
        if self._task is None or self._task.done():
            self._voice.apply(SettingsAsked())
            self._task = asyncio.create_task(self._compare())

    async def _compare(self) -> None:
        from ejtui.cluster.carry_over.comparison import side_by_side

        try:
            self._found, same = await side_by_side(self._pair)
            decided = self._pair.choices.decided
            rows = (*differing(self._found, decided), *_same(same))
            self._voice.apply(SettingsCompared(rows))
        except from_events.KNOWN_ERRORS as error:
            self._voice.apply(SettingsCompared(trouble=str(error)))

    def keep(self, key: Key) -> None:
        """Second keeps its own value there; the decision outlives this ejtui."""
        self._pair.choices.decide(
            each.mark for each in self._found if (each.option, each.host) == key
        )
        self._voice.apply(SettingKept(key))

    async def take(self, options: Sequence[str]) -> str:
        """Give second first's values of these; how that has ended, in a line."""
        from ejtui.cluster.carry_over.request import Wanted

        done = await self._write(Wanted(options=tuple(options)))
        self.compare()
        return sentence(done)

    async def edit(self, key: Key) -> str:
        """Have a value written, and give it to second; how that has ended, in a line.

        After a No, and where the value is refused, it can be written on, with the reason shown.
        What was written is kept until it is in the file or given up.
        """
        from ejtui.cluster.carry_over.request import Wanted

        trouble = ""
        while True:
            new = await self._written_value(key, trouble)
            if new is None:
                return "nothing was changed"
            try:
                done = await self._write(Wanted(values=(new,)))
            except ClusterError as error:
                trouble = str(error)
            else:
                self._drafts.pop(key, None)
                self.compare()
                return sentence(done)

    async def _write(self, wanted: Wanted) -> Taken:
        """Asks before it writes; raises Refused for a No."""
        from ejtui.cluster.carry_over.run import take

        changes = self._changes
        return await take(self._pair, wanted, changes.ask, changes.emit, changes.lock)

    async def _written_value(self, key: Key, trouble: str) -> NewValue | None:
        """The value that the operator writes for this option of second's file; None is a no.

        A secret is typed unseen, and starts empty. Raises BadFile, StepFailed, HostError,
        ProbeError.
        """
        from ejtui.cluster.administration import new_value
        from ejtui.cluster.carry_over.request import values_of

        option = edits(key[0])
        both = await values_of(self._pair, option, key[1])
        value, host = both.second, both.host
        hidden = new_value.holds_secret(option, value)
        text = "" if hidden else self._drafts.get(key, new_value.value_text(value))
        name = new_value.NewValue(option, value or (), host).name
        first = None if hidden else both.first
        asked = self._text_question(name, key, text, first)
        asked = replace(asked, hidden=hidden, trouble=trouble)
        while True:
            typed = await self._voice.ask_text(asked)
            if typed is None:
                self._drafts.pop(key, None)
                return None
            if not hidden:
                self._drafts[key] = typed
            try:
                return new_value.read_value(option, typed, host)
            except StepFailed as error:
                asked = replace(asked, text="" if hidden else typed, trouble=str(error))

    def _text_question(self, name: str, key: Key, text: str, first: str | None) -> TextQuestionView:
        """What first's file sets there is shown as YAML, else what first has loaded."""
        firsts = [each.first for each in self._found if (each.option, each.host) == key][:1]
        shown = [f"First has: {each}." for each in firsts] if first is None else ["First has:"]
        how = "Write the value in YAML, as it stands below the option's name."
        draft = ["This is what you have written; it is not in the file."] * (key in self._drafts)
        explains = (*shown, how, *draft)
        return TextQuestionView(
            f"{name} in second's ejabberd.yml", text, explains, first=first or ""
        )

    def stop(self) -> None:
        """Cancel a comparison; nothing is changed by that."""
        if self._task is not None:
            self._task.cancel()


def edits(option: str) -> str:
    """Which option of ejabberd.yml decides what is compared under that name."""
    return CERTFILES if option.partition(" ")[0] in (CERTFILES, "certificate") else option


def sentence(done: Taken) -> str:
    """How taking has ended, in a line."""
    if not done.changed:
        return f"nothing was written: {'; '.join(done.left)}"
    count = len(done.differences)
    rest = f"{count} difference{'' if count == 1 else 's'} left" if count else "nothing differs now"
    if done.not_compared:
        rest = f"what differs now is not known: {done.not_compared}"
    has = [f"first's {', '.join(done.taken)}"] if done.taken else []
    has += [f"your {', '.join(done.values)}"] if done.values else []
    made = [f"second's ejabberd.yml has {' and '.join(has)}"] if has else []
    made += [f"copied from first: {', '.join(done.copied)}"] if done.copied else []
    return "; ".join([*made, rest])


def differing(found: Sequence[Difference], decided: frozenset[str]) -> Iterator[SettingView]:
    """A row for each difference; `decided` are the digests of those that the operator keeps."""
    for each in found:
        yield SettingView(
            each.option, each.host, each.first, each.second, each.meaning.text, each.meaning.code,
            each.meaning.serious, each.mark in decided, takes=option_of(each),
            why_not=_why_no_edit(each), why_no_edit=_why_no_edit(each),
            why_no_keep=_of_file(each),
        )  # fmt: skip


def _of_file(each: Difference) -> str:
    """Why no option of it can be chosen, "" where one can."""
    if not each.of_file:
        return ""
    return f"it is the whole file: correct it by hand on {each.node}, then load it"


def _why_no_edit(each: Difference) -> str:
    if each.of_file:
        return _of_file(each)
    if each.meaning.code == meanings.TICKTIME and each.option != "net_ticktime":
        return "it is no option of ejabberd.yml: -kernel in vm.args or ERL_OPTIONS sets it"
    return ""


def _same(found: Sequence[Difference]) -> Iterator[SettingView]:
    for each in found:
        yield SettingView(
            each.option, each.host, each.first, each.second, each.meaning.text,
            why_no_edit=_why_no_edit(each),
        )  # fmt: skip

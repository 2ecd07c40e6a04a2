"""What a join did, shown once at its end: where second's own lies, and how to undo it."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from ejtui.cluster.backups.tables import table_counts
from ejtui.cluster.errors import BackupError
from ejtui.cluster.facts import account_names
from ejtui.cluster.join.steps.cleandb import SECOND_STOPS, SECOND_STOPS_ALONE, CleanDb
from ejtui.cluster.join.steps.start import Start
from ejtui.cluster.journal import Entry
from ejtui.erlang.probe.client import ProbeError
from ejtui.hosts import HostError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ejtui.cluster.backups.manifest import Manifest
    from ejtui.cluster.facts.set_aside import SetAside
    from ejtui.cluster.journal import Journal
    from ejtui.cluster.pair.pair import Pair

_STOPS = (SECOND_STOPS, SECOND_STOPS_ALONE)


@dataclass(frozen=True)
class Closing:
    """The end of a join that both nodes report.

    `backup` is where second's own database lies on second, "" for none, `stamp` its name; `aside`
    names what is in it and in the cluster not, and `brings` is whether any of that can be brought
    over. `down` is how many seconds second served nobody,
    None where nobody measured it.
    """

    first: str
    second: str
    accounts: int | None = None
    backup: str = ""
    stamp: str = ""
    aside: tuple[str, ...] = ()
    down: float | None = None
    brings: bool = True

    def lines(self) -> tuple[str, ...]:
        """For people, a line each."""
        made = [_agree(self)]
        if self.down is not None:
            made.append(f"{self.second} was down for {seconds(self.down)}.")
        if not self.backup:
            return tuple(made)
        made += [_past(each) for each in self.aside]
        made.append(f"{self.second}'s own database lies in {self.backup} on {self.second}.")
        if self.brings:
            made.append(f"To bring over what it alone has: ejtui bring-over {self.stamp}")
        made.append("To undo the join: ejtui rollback")
        return tuple(made)


def _past(named: str) -> str:
    """What the question before the join named, as it is afterwards."""
    if named == account_names.describe_set_aside(()):
        return "No account lived on second alone."
    for now in (" lives on second alone", " live on second alone"):
        named = named.replace(now, " that second alone had")
    return f"Set aside: {named}"


def _agree(closing: Closing) -> str:
    count = "" if closing.accounts is None else f", with {closing.accounts} accounts"
    return (
        f"{closing.first} and {closing.second} are one cluster{count}; both nodes report the same."
    )


def seconds(took: float) -> str:
    """A duration for people."""
    if took < 100:
        return f"{took:.0f} s"
    minutes, rest = divmod(round(took), 60)
    return f"{minutes} min {rest} s"


async def read(pair: Pair, journal: Journal, aside: SetAside | None = None) -> Closing:
    """What the join that has just ended did; never raises. `aside` is what it named itself."""
    facts = pair.facts
    manifest: Manifest | None = None
    with suppress(BackupError, ProbeError, HostError):  # What is not known is left out.
        manifest = await table_counts.of_join(pair)
    ended = Closing(pair.first.name, pair.second.name, facts.first.accounts)
    if manifest is None or not manifest.files:
        return ended
    return replace(
        ended,
        backup=manifest.place,
        stamp=manifest.stamp,
        aside=aside.lines() if aside is not None else _held(manifest),
        down=measured(journal.last()) if manifest.was_running else None,
        brings=aside.can_bring if aside is not None else manifest.accounts != (),
    )


async def after_bring_over(pair: Pair, journal: Journal) -> tuple[str, ...]:
    """What still holds of a join when something of its backup was brought over; never raises.

    How many accounts there are stands in the header, which is asked again.
    """
    ended = await read(pair, journal)
    return replace(ended, accounts=None, aside=(), down=None, brings=False).lines()


def _held(manifest: Manifest) -> tuple[str, ...]:
    """Where nothing was compared here: all that it has, also what the cluster has too."""
    if manifest.accounts is None:
        return ()
    count = len(manifest.accounts)
    if not count:
        return ("second's own database, which had no account",)
    accounts = "1 account" if count == 1 else f"{count} accounts"
    also = "it" if count == 1 else "some of them"
    return (f"second's own database with {accounts}; the cluster may have {also}, too",)


def measured(entries: Sequence[dict[str, Any]]) -> float | None:
    """Seconds from second's stop to its start as a member, by the journal. Pure."""
    stopped: datetime | None = None
    took: float | None = None
    for entry in entries:
        event, step = entry.get("event"), entry.get("step")
        if event == Entry.SAID and step == CleanDb.id and entry.get("line") in _STOPS:
            stopped, took = _moment(entry), None
        elif event == Entry.ENDED and step == Start.id and entry.get("state") == "done":
            now = _moment(entry)
            if stopped is not None and now is not None:
                took = max(0.0, (now - stopped).total_seconds())
            stopped = None
    return took


def _moment(entry: dict[str, Any]) -> datetime | None:
    try:
        return datetime.fromisoformat(str(entry.get("at")))
    except ValueError:
        return None

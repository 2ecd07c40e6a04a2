"""The result of bringing over: what came, what was completed, what was skipped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ejtui.cluster.bring_over.offer import KeptAccount, Offer
from ejtui.cluster.bring_over.places import KeptPlace, counted
from ejtui.cluster.facts import account_names


@dataclass(frozen=True)
class BroughtOver:
    """The result: the offer, what was written, and what was seen then.

    `completed` are accounts of the cluster that got what it lacked of them.
    """

    offer: Offer
    brought: Sequence[KeptAccount]
    evidence: tuple[str, ...]
    completed: tuple[KeptAccount, ...] = ()
    places: tuple[KeptPlace, ...] = ()

    @property
    def summary(self) -> str:
        """How it ended, in a few words."""
        count = len(self.brought)
        parts = ["1 account brought over" if count == 1 else f"{count} accounts brought over"]
        if self.completed:
            parts.append(f"{len(self.completed)} completed")
        if self.places:
            parts.append(f"{counted(self.places)} brought over")
        skipped = len(self.offer.conflicts) + len(self.offer.left_places)
        return ", ".join([*parts, f"{skipped} skipped"] if skipped else parts)

    @property
    def sentence(self) -> str:
        """What came, by name, and from which backup."""
        here = f"from the backup {self.offer.source.name}"
        names = account_names.listed([account.name for account in self.brought])
        more = account_names.listed([account.name for account in self.completed])
        parts = [f"Brought over {here}: {names}"] if names else []
        parts += [f"completed {here}: {more}"] if more else []
        parts += [each.what for each in self.places]
        if not parts:
            return f"Nothing was to be brought over {here}."
        text = "; ".join(parts)
        return f"{text[:1].upper()}{text[1:]}."

    def to_json(self) -> dict[str, object]:
        return {
            **self.offer.to_json(),
            "brought": [account.name for account in self.brought],
            "completed": [account.name for account in self.completed],
            "rooms": [place.called for place in self.places if place.kind == "room"],
            "groups": [place.called for place in self.places if place.kind == "group"],
            "pubsub_nodes": [
                place.called for place in self.places if place.kind not in ("room", "group")
            ],
            "evidence": list(self.evidence),
        }

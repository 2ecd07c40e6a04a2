"""The question before anything of a backup is brought over."""

from __future__ import annotations

from ejtui.cluster.bring_over.offer import Offer, cut_made
from ejtui.cluster.bring_over.places import counted
from ejtui.cluster.question import Question


def question(offer: Offer, *, without_first: bool = False) -> Question:
    """What comes, into which database, and what stays as it is."""
    into = "the database that second runs on alone" if without_first else "the cluster"
    where = "second" if without_first else "first"
    consequence = (
        f"They are written through {offer.through} and can log in on every node then. "
        "Accounts of the cluster keep all that they have, and so do contact lists of others. "
        f"An online backup of the cluster is made before, on {where}."
    )
    if without_first:
        consequence += " First is not asked: what it has, if it comes back, stays as it is there."
    return Question(
        title=f"Bring {_what(offer)} of {offer.source.name} into {into}?",
        takes=(
            *cut_made(offer.new, lambda each: f"{each.name}: {each.belongings}"),
            *cut_made(
                offer.incomplete,
                lambda each: f"{each.name}, in the cluster already: {each.lacking}",
            ),
            *(place.what for place in offer.new_places),
            *offer.skipped_lines(),
        ),
        consequence=consequence,
        yes_label="Bring them over",
    )


def _what(offer: Offer) -> str:
    counts = [amount(len(offer.new), "account"), counted(offer.new_places)]
    if offer.incomplete:
        counts.append(f"what {amount(len(offer.incomplete), 'account')} of the cluster lacks")
    return ", ".join(count for count in counts if count)


def amount(number: int, what: str) -> str:
    """So many of something ("2 accounts"), and nothing where there is none."""
    if not number:
        return ""
    return f"{number} {what}{'' if number == 1 else 's'}"

"""Compares what second alone has, and asks before a join sets it aside."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from ejtui.cluster.facts.set_aside import Differing, SetAside
from ejtui.cluster.operations import accounts, outage
from ejtui.cluster.question import Question
from ejtui.erlang.probe import questions

if TYPE_CHECKING:
    from ejtui.cluster.facts.node import NodeFacts, PairFacts
    from ejtui.cluster.pair.pair import Pair

SECONDS = 3600.0
"""Seconds that comparing the accounts of a large site may take."""

SWAPPED = "swapped-roles"
"""The word that a join wants where second has far more accounts than first."""

UNKNOWN = "unknown-accounts"
"""The word that a join wants where nobody can read which accounts second has, or count first's."""

_FAR_MORE = 3
_FEW = 5


def agreed(aside: SetAside) -> str:
    """Stands among what a pair's person agreed to, for a yes to just this."""
    return " ".join(("set aside", *aside.lines()))


async def compare(
    pair: Pair, on_progress: Callable[[Any], None], *, apart: bool = False
) -> SetAside:
    """What second's running database has that first's does not, compared between the hosts.

    Nothing of a password leaves them. `on_progress` gets (done, all). `apart`: their cookies
    differ, and second's probe gets first's, sealed, for this comparison. Raises ProbeError.
    """
    sealed = None
    if apart:
        key = await questions.secret_key(pair.second.probe)
        sealed = await questions.sealed_cookie(pair.first.probe, key)
    seen = await questions.compare_databases(
        pair.second.probe,
        pair.first.platform.node,
        sealed,
        timeout=SECONDS,
        on_progress=on_progress,
    )
    return SetAside(
        alone=await accounts.sorted_names(seen.alone),
        differing=tuple(
            Differing("@".join(each.account), each.passwords, each.holds) for each in seen.differing
        ),
        rooms=_places(seen.rooms),
        groups=_places(seen.groups),
        nodes=_places(seen.nodes),
        tables=dict(seen.tables),
        unread=seen.unread,
    )


def _places(there: Sequence[questions.Place]) -> tuple[str, ...]:
    """By name; one that first has otherwise is marked."""
    return tuple(
        f"{each.name}@{each.host}" + (" (first has another)" if each.stands == "other" else "")
        for each in sorted(there, key=lambda place: (place.name, place.host))
    )


def question(facts: PairFacts, aside: Sequence[str], database: str, place: str) -> Question:
    """Asks before second's own database is set aside; `aside` are the lines that name what."""
    return Question(
        title="Set second's own database aside?",
        takes=(*aside, f"second, {_node(facts.second)}: {database}", _survive(facts)),
        consequence=(
            "second stops and takes first's database: who has an account on both logs in with "
            f"first's password then. Its own moves to {place}, whole: `ejtui bring-over` can bring "
            "its accounts into the cluster afterwards, and a rollback brings it back. "
            f"{outage.estimate_line(facts)}".rstrip()
        ),
        yes_label="Set it aside",
    )


def former_copy(facts: PairFacts, held: Sequence[str], place: str) -> Question:
    """Asks before a copy of the cluster's database goes that has what first has not; `held` are
    the lines that name it."""
    return Question(
        title="Set second's former copy of the cluster's database aside?",
        takes=(*held, _survive(facts)),
        consequence=(
            f"first knows second as a member no longer. The copy moves into {place}, whole, and "
            "`ejtui bring-over` can bring its accounts into the cluster."
        ),
        yes_label="Set it aside",
    )


def swapped(facts: PairFacts, second: int | None = None) -> Question | None:
    """Asks whether the roles are right, where second has far more accounts than first.

    `second` is how many second has, where the facts do not have it. None where there is no doubt.
    """
    own = facts.second.accounts if second is None else second
    survive = facts.first.accounts
    if not own or survive is None or not _is_far_more(own, survive):
        return None
    return Question(
        title=f"Are first and second swapped? first has {_accounts(survive)}, second {own}.",
        takes=(
            f"first, {_node(facts.first)}: {_accounts(survive)}, which the cluster will have",
            f"second, {_node(facts.second)}: {_accounts(own)}, which are set aside",
        ),
        consequence=(
            "The cluster takes first's database. If second's accounts are to survive, do not go "
            "on: swap the names, with --first and --second or in the configuration."
        ),
        yes_label="The roles are right",
        consent=SWAPPED,
    )


def doubt(facts: PairFacts, second: int | None = None) -> Question | None:
    """Asks whether the roles are right where the numbers of accounts look otherwise, or nobody can
    compare them. `second` is how many second has, where the facts do not have it."""
    own = facts.second.accounts if second is None else second
    if own and facts.first.accounts is None:
        return uncounted(facts, own)
    return swapped(facts, second)


def uncounted(facts: PairFacts, own: int) -> Question:
    """Asks before second's accounts go where nobody can count those of first."""
    return Question(
        title="Set second's database aside, although first's accounts cannot be counted?",
        takes=(
            f"first, {_node(facts.first)}: its accounts could not be counted; they are what the "
            "cluster will have",
            f"second, {_node(facts.second)}: {_accounts(own)}, which are set aside",
        ),
        consequence=(
            "The cluster takes first's database. If the accounts of the site are second's, do not "
            "go on: look at first with `ejtui check`, or swap the names, with --first and --second "
            "or in the configuration."
        ),
        yes_label="Set it aside all the same",
        consent=UNKNOWN,
    )


def unknown(facts: PairFacts) -> Question:
    """Asks before a database goes of which nobody knows what accounts it has."""
    return Question(
        title="Set second's database aside, although nobody knows which accounts it has?",
        takes=(
            f"second, {_node(facts.second)}: its accounts could be read neither from ejabberd nor "
            "from its files",
            _survive(facts),
        ),
        consequence=(
            "The cluster takes first's database. If the accounts of the site are second's, do not "
            "go on: repair its start first, or swap the names, with --first and --second or in the "
            "configuration."
        ),
        yes_label="Set it aside all the same",
        consent=UNKNOWN,
    )


def _is_far_more(own: int, survive: int) -> bool:
    return not survive or (own > _FAR_MORE * survive and own - survive >= _FEW)


def _survive(facts: PairFacts) -> str:
    count = facts.first.accounts
    what = "its accounts survive" if count is None else f"{_accounts(count)} survive"
    return f"first, {_node(facts.first)}: {what}, and all else of its database"


def _accounts(count: int) -> str:
    return f"{count} account{'' if count == 1 else 's'}"


def _node(facts: NodeFacts) -> str:
    """The Erlang node, and the host's own name where that differs."""
    host = facts.hostname
    named = facts.node.rpartition("@")[2]
    return facts.node + (f" on {host}" if host and host != named else "")

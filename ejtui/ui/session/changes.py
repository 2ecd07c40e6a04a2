"""What every change of the pair needs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ejtui.cluster.pair.lock import PairLock
    from ejtui.cluster.pair.pair import Pair
    from ejtui.cluster.question import AskOperator
    from ejtui.cluster.run.events import Emit
    from ejtui.ui.session.protocols import Voice


@dataclass(frozen=True)
class Changes:
    """The pair and its lock, the operator to ask, and where the events of a run go."""

    pair: Pair
    voice: Voice
    ask: AskOperator
    emit: Emit
    lock: PairLock

"""The troubleshooter: looks at both nodes, layer by layer, and says what is wrong."""

from __future__ import annotations

from .diagnosis import Diagnosis
from .examined import Examined
from .pair import Pair


async def check(pair: Pair) -> Diagnosis:
    """Asks both nodes everything and names what is wrong. Changes nothing, never raises for a
    host that does not answer: that is a finding.
    """
    return Diagnosis(await pair.refresh(), Examined())

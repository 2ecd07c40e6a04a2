"""What a command that was interrupted shows of the pair that it leaves."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from ejtui.cli.configuration import addressed
from ejtui.cluster.join import standing

if TYPE_CHECKING:
    from argparse import Namespace

    from ejtui.cli.result import CommandResult
    from ejtui.cluster.pair.pair import Pair

_NOTHING = "Nothing was changed."


async def add_standing(
    answer: CommandResult, pair: Pair, error: BaseException, args: Namespace
) -> None:
    """Where `error` is an interruption: how second is left, and what goes on from there.

    Asks both nodes; where they do not answer, what the result has already stays.
    """
    if not isinstance(error, asyncio.CancelledError) or answer.standing == _NOTHING:
        return
    found = await standing.read(pair)
    if found:
        stopped = answer.standing.partition("\n")[0]
        answer.standing = "\n".join([stopped, *(f"  {each}" for each in addressed([found], args))])

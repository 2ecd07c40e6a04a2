"""A long text that a probe gives in pieces, each a separate answer.

A list of a million accounts is longer than one answer may be. The pieces are taken one after the
other and never put together: `lines.rows` reads them as they are.
"""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from ejtui.erlang.terms.etf import Atom

MOST = 64 * 1024 * 1024
"""Bytes that all pieces of one text take together."""

MOST_PIECES = 200

Take = Callable[[int, int], Awaitable[Any]]
"""Asks for a piece: of which text, and its number."""


class Pieces(tuple[str, ...]):
    """The pieces in their order; each has whole rows."""

    __slots__ = ()


class TooMany(Exception):
    """A text that takes more memory than it may."""


async def whole(answer: Any, take: Take) -> Any:
    """The answer with `Pieces` in place of each text in it that comes in pieces.

    Raises TooMany, and what `take` raises.
    """
    if _is_pieced(answer):
        return await _taken(answer, take)
    if isinstance(answer, Mapping) and any(map(_is_pieced, answer.values())):
        return {key: await whole(value, take) for key, value in answer.items()}
    return answer


def _is_pieced(value: Any) -> bool:
    return (
        isinstance(value, tuple)
        and len(value) == 3
        and isinstance(value[0], Atom)
        and value[0] == "pieces"
        and all(type(each) is int for each in value[1:])
    )


async def _taken(answer: tuple[Any, int, int], take: Take) -> Pieces:
    _, text, count = answer
    if count > MOST_PIECES:
        raise TooMany(f"a list comes in {count} pieces")
    found, size = [], 0
    for number in range(count):
        piece = str(await take(text, number))
        size += sys.getsizeof(piece)
        if size > MOST:
            raise TooMany(f"a list is longer than {MOST >> 20} MB")
        found.append(piece)
    return Pieces(found)

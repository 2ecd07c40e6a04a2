"""A long text that a probe gives in pieces, each a separate answer.

A list of a million accounts is longer than one answer may be. The pieces are taken one after the
other, and stay bytes: `row_list` makes items of them one by one.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any

from ejtui.erlang.terms.etf import Atom

MOST = 38 * 1024 * 1024
"""Bytes that all pieces of one text take together; with where its rows begin it is below 64 MB."""

MOST_PIECES = 200

Take = Callable[[int, int], Awaitable[Any]]
"""Asks for a piece: of which text, and its number."""


class Pieces:
    """The pieces in their order; each has whole rows. `data` is all of them, in UTF-8."""

    __slots__ = ("data",)

    def __init__(self, pieces: Iterable[str] = ()) -> None:
        self.data = bytearray()
        for piece in pieces:
            self.add(piece)

    def add(self, piece: str) -> None:
        """One more at the end. Raises TooMany."""
        if self.data:
            self.data += b"\x1e"
        self.data += piece.encode("utf-8", "surrogateescape")
        if len(self.data) > MOST:
            raise TooMany(f"a list is longer than {MOST >> 20} MB")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Pieces) and self.data == other.data

    __hash__ = None  # type: ignore[assignment]


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
    found = Pieces()
    for number in range(count):
        found.add(str(await take(text, number)))
    return found

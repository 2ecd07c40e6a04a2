"""How much memory a term in External Term Format takes once it is decoded, before it is.

A byte may become a hundred (an empty list, a small map), a compressed answer a thousand times what
came, and a huge number takes a decoder minutes. So what a host sends is measured first.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping

MOST_DATA = 16 * 1024 * 1024
"""Bytes of a term that was unpacked."""

MOST_OBJECTS = 36 * 1024 * 1024
"""Bytes of the objects that become of it. Both, and what came over the wire, are below 64 MB."""

_LONGEST_NUMBER = 128
_VERSION, _COMPRESSED = 131, 80

Measured = tuple[int, int, int]
"""Where the next term begins, how many terms are inside this one, and its cost in bytes."""


class Malformed(ValueError):
    """Bytes that are no External Term Format."""


class TooLarge(ValueError):
    """A term that would take more memory than one answer may."""


def unpacked(data: bytes) -> bytes:
    """The same term, not compressed, once it is known to be small enough to decode.

    Raises TooLarge and Malformed.
    """
    if data[:2] == bytes((_VERSION, _COMPRESSED)):
        data = data[:1] + _inflated(data)
    if len(data) > MOST_DATA:
        raise TooLarge(f"the answer is longer than {MOST_DATA >> 20} MB")
    _measure(data)
    return data


def _inflated(data: bytes) -> bytes:
    promised = int.from_bytes(data[2:6], "big")
    if promised > MOST_DATA:
        raise TooLarge(f"the answer unpacks to {promised >> 20} MB")
    out = zlib.decompressobj().decompress(data[6:], promised + 1)
    if len(out) != promised:
        raise Malformed("the compressed term is not as long as its header claims")
    return out


def _measure(data: bytes) -> None:
    at, inside, cost = 1, 1, 0
    try:
        while inside:
            at, more, bytes_ = _SHAPES[data[at]](data, at + 1)
            inside += more - 1
            cost += bytes_
            if cost > MOST_OBJECTS:
                raise TooLarge(f"the answer would take more than {MOST_OBJECTS >> 20} MB here")
    except (IndexError, KeyError):
        raise Malformed("the term is cut off, or of a kind that is not known") from None


def _number(data: bytes, at: int, width: int) -> int:
    return int.from_bytes(data[at : at + width], "big")


Shape = Callable[[bytes, int], Measured]


def _fixed(size: int, cost: int) -> Shape:
    return lambda _data, at: (at + size, 0, cost)


def _sized(width: int, each: int, cost: int, extra: int = 0) -> Shape:
    def shape(data: bytes, at: int) -> Measured:
        size = _number(data, at, width)
        return at + width + extra + size, 0, cost + each * size

    return shape


def _holding(width: int, cost: int, each: int = 0, *, times: int = 1, tail: int = 0) -> Shape:
    def shape(data: bytes, at: int) -> Measured:
        count = _number(data, at, width)
        return at + width, count * times + tail, cost + each * count

    return shape


def _big(width: int) -> Shape:
    def shape(data: bytes, at: int) -> Measured:
        size = _number(data, at, width)
        if size > _LONGEST_NUMBER:
            raise TooLarge("the answer holds a number of more than three hundred digits")
        return at + width + 1 + size, 0, 64 + 2 * size

    return shape


def _named(after: int, names: int = 1) -> Shape:
    """A pid, port, reference or exported function: atoms, and `after` bytes more."""

    def shape(data: bytes, at: int) -> Measured:
        for _ in range(names):
            at, _inside, _cost = _SHAPES[data[at]](data, at + 1)
        return at + after, 0, 400

    return shape


def _reference(after: int) -> Shape:
    def shape(data: bytes, at: int) -> Measured:
        words = _number(data, at, 2)
        end, _, cost = _named(after + 4 * words)(data, at + 2)
        return end, 0, cost + 4 * words

    return shape


def _function(data: bytes, at: int) -> Measured:
    size = _number(data, at, 4)
    return at + max(size, 4), 0, 200 + size


_SHAPES: Mapping[int, Shape] = {
    70: _fixed(8, 33),  # float
    99: _fixed(31, 33),  # float, as text
    97: _fixed(1, 9),  # small integer
    98: _fixed(4, 41),  # integer
    109: _sized(4, 4, 100),  # binary
    77: _sized(4, 4, 100, extra=1),  # bit string
    100: _sized(2, 3, 150),  # atom
    118: _sized(2, 3, 150),  # atom, UTF-8
    115: _sized(1, 3, 150),  # small atom
    119: _sized(1, 3, 150),  # small atom, UTF-8
    107: _sized(2, 10, 110),  # list of bytes
    106: _fixed(0, 72),  # empty list
    108: _holding(4, 190, 9, tail=1),  # list
    104: _holding(1, 56, 9),  # small tuple
    105: _holding(4, 56, 9),  # tuple
    116: _holding(4, 240, 120, times=2),  # map
    110: _big(1),
    111: _big(4),
    103: _named(9),  # pid
    88: _named(12),  # new pid
    102: _named(5),  # port
    89: _named(8),  # new port
    120: _named(12),  # port of 64 bits
    101: _named(5),  # reference
    114: _reference(1),  # new reference
    90: _reference(4),  # newer reference
    113: _named(2, names=2),  # exported function
    112: _function,
}

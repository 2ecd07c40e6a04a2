"""What a term takes is known before it is decoded."""

from __future__ import annotations

import zlib
from typing import Any

import pytest

from ejtui.erlang.terms import weight
from ejtui.erlang.terms.etf import Atom, BadTerm, TooLarge, decode, encode

ANSWER = {Atom("accounts"): [(b"ann", b"chat.example"), 25, 2.5, -1, 10**30, None, True, [], {}]}


@pytest.mark.parametrize("compressed", [False, True])
def test_ordinary_answers_pass(compressed: bool) -> None:
    assert decode(encode(ANSWER, compressed=compressed)) == ANSWER


@pytest.mark.parametrize(
    "data",
    [
        b"\x83m\x00\xff\xff\xff",
        b"\x83l\xff\xff\xff\xffa\x01",
        b"\x83\x50\x00\x00\x00\x09" + zlib.compress(b"a\x01"),
        b"\x83h\x01\x50\x00\x00\x00\x02" + zlib.compress(b"a\x01"),
        b"\x83\xfe",
        b"\x83",
    ],
)
def test_what_is_no_term_stays_none(data: bytes) -> None:
    with pytest.raises(BadTerm):
        decode(data)


def test_a_hundred_thousand_accounts_are_not_too_many() -> None:
    accounts: list[Any] = [(b"user%06d" % number, b"chat.example") for number in range(100_000)]
    assert weight.unpacked(encode(accounts))


@pytest.mark.parametrize(
    "data",
    [
        b"\x83l\x00\x10\x00\x00" + b"j" * (1 << 20) + b"j",
        b"\x83\x50\x40\x00\x00\x00" + zlib.compress(b"j"),
        b"\x83n\xff\x00" + b"\xff" * 255,
        b"\x83m\x01\x00\x00\x00" + b"x" * (1 << 24),
    ],
)
def test_what_would_take_too_much(data: bytes) -> None:
    with pytest.raises(TooLarge):
        decode(data)

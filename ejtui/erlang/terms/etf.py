"""Erlang's External Term Format to and from Python, by erlang-py, with types of our own.

| Erlang | Python |
|---|---|
| `true`, `false` | bool |
| `undefined` | None |
| other atoms | Atom (a str) |
| integer, float | int, float |
| binary | bytes |
| list, tuple, map | list, tuple, dict |
| list of bytes, all of them printable | str (list of int when one is not) |
| pid, port, reference, fun | Opaque |

The last but one is ambiguous in Erlang itself, where text may be a list; the probe
therefore sends text as binaries, and `readable` turns those into str.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import erlang

from ejtui.erlang.terms import weight


class Atom(str):
    """An Erlang atom; equal to the str of the same text."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"Atom({str.__repr__(self)})"


@dataclass(frozen=True)
class Opaque:
    """A pid, port, reference, fun or bit string: something only Erlang can use."""

    kind: str


class BadTerm(ValueError):
    """Bytes that are no External Term Format, or a value that Erlang has no term for."""


class TooLarge(BadTerm):
    """A term that would take more memory than one answer may: see `weight`."""


def decode(data: bytes, binary: Callable[[bytes], object] = bytes) -> Any:
    """The Python value of one term in External Term Format; `binary` makes what a binary becomes.

    Raises BadTerm, and TooLarge before much memory is taken.
    """
    try:
        return _from_library(erlang.binary_to_term(weight.unpacked(data)), binary)
    except weight.TooLarge as error:
        raise TooLarge(str(error)) from None
    except (erlang.ParseException, ValueError, RecursionError, zlib.error) as error:
        raise BadTerm(f"not a term in External Term Format: {error}") from None


def encode(value: object, *, compressed: bool = False) -> bytes:
    """`value` in External Term Format; str becomes a UTF-8 binary. Raises BadTerm."""
    try:
        data: bytes = erlang.term_to_binary(_to_library(value), compressed=compressed)
    except (erlang.OutputException, ValueError, RecursionError) as error:
        raise BadTerm(f"no Erlang term: {error}") from None
    return data


def text(value: bytes) -> str:
    """A binary as str; bytes that are no UTF-8 survive a round trip."""
    return value.decode("utf-8", "surrogateescape")


def readable(data: bytes) -> Any:
    """What decode() returns, with every binary in it as str. Raises BadTerm, TooLarge."""
    return decode(data, text)


def _from_library(term: Any, binary: Callable[[bytes], object]) -> object:
    """A list is changed in its place, so that no more than one of all its items is there twice."""
    if isinstance(term, list):
        for index, item in enumerate(term):
            term[index] = _from_library(item, binary)
        return term
    if isinstance(term, tuple):
        return tuple(_from_library(item, binary) for item in term)
    if isinstance(term, dict):
        return {
            _hashable(_from_library(key, binary)): _from_library(item, binary)
            for key, item in term.items()
        }
    if isinstance(term, erlang.OtpErlangList):
        return _from_library(term.value, binary)
    if isinstance(term, erlang.OtpErlangBinary):
        return binary(term.value) if term.bits == 8 else Opaque("bitstring")
    return _plain(term)


def _plain(term: Any) -> object:
    """What holds no other term."""
    if isinstance(term, erlang.OtpErlangAtom):
        name = term.value
        return Atom(name.decode("latin-1") if isinstance(name, bytes) else name)
    if isinstance(term, bytes):
        return _text_or_numbers(term)
    if term is None or isinstance(term, bool | int | float):
        return term
    return Opaque(type(term).__name__.removeprefix("OtpErlang").lower())


def _text_or_numbers(data: bytes) -> str | list[int]:
    """A list of bytes comes compact (STRING_EXT) whether it means text or numbers."""
    text = data.decode("latin-1")
    return text if all(char.isprintable() or char in "\t\n\r" for char in text) else list(data)


def _hashable(key: object) -> object:
    return tuple(_hashable(item) for item in key) if isinstance(key, list | tuple) else key


def _to_library(value: object) -> Any:
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, Atom):
        return erlang.OtpErlangAtom(str(value))
    if isinstance(value, str):
        return erlang.OtpErlangBinary(value.encode("utf-8", "surrogateescape"))
    if isinstance(value, bytes):
        return erlang.OtpErlangBinary(value)
    if isinstance(value, tuple):
        return tuple(_to_library(item) for item in value)
    if isinstance(value, Mapping):
        return {_to_library(key): _to_library(item) for key, item in value.items()}
    if isinstance(value, Sequence):
        return [_to_library(item) for item in value]
    raise BadTerm(f"no Erlang term for a {type(value).__name__}")

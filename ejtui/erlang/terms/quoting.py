"""Values as Erlang source text that erl reads back to exactly that value.

Every result is one line of printable ASCII, whatever the value holds.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping

from ejtui.erlang.terms.etf import Atom

_PLAIN_ATOM = re.compile(r"[a-z][0-9A-Za-z_@]*")
# fmt: off
_RESERVED = frozenset((
    "after", "and", "andalso", "band", "begin", "bnot", "bor", "bsl", "bsr", "bxor", "case",
    "catch", "cond", "div", "else", "end", "fun", "if", "let", "maybe", "not", "of", "or",
    "orelse", "receive", "rem", "try", "when", "xor",
))
# fmt: on
_ATOM_LIMIT = 255


def atom(text: str) -> str:
    """The atom `text`, in quotes unless it needs none.

    Raises ValueError for more than 255 characters, or a code point no atom can hold.
    """
    if len(text) > _ATOM_LIMIT:
        raise ValueError("an atom has at most 255 characters")
    if _PLAIN_ATOM.fullmatch(text) and text not in _RESERVED:
        return text
    return "'" + _escaped(text, "'") + "'"


def string(text: str) -> str:
    """`text` as a string: in Erlang a list of code points. Raises ValueError for surrogates."""
    return '"' + _escaped(text, '"') + '"'


def binary(data: bytes) -> str:
    """`data` as a binary."""
    return "<<" + string(data.decode("latin-1")) + ">>" if data else "<<>>"


def term(value: object) -> str:
    """Any value of the kinds that `terms.encode` takes; str as a UTF-8 binary, None as undefined.

    Raises ValueError where Erlang has no such value (infinity), TypeError for other kinds.
    """
    if value is None:
        return "undefined"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Atom):
        return atom(value)
    if isinstance(value, str):
        return binary(value.encode("utf-8", "surrogateescape"))
    if isinstance(value, bytes):
        return binary(value)
    if isinstance(value, int | float):
        return _number(value)
    if isinstance(value, Mapping):
        pairs = (f"{term(key)} => {term(item)}" for key, item in value.items())
        return "#{" + ", ".join(pairs) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(term, value)) + "]"
    if isinstance(value, tuple):
        return "{" + ", ".join(map(term, value)) + "}"
    raise TypeError(f"no Erlang term for a {type(value).__name__}")


def _escaped(text: str, quote: str) -> str:
    return "".join(_escape(char, quote) for char in text)


def _escape(char: str, quote: str) -> str:
    if char in (quote, "\\"):
        return "\\" + char
    if " " <= char <= "~":
        return char
    if 0xD800 <= ord(char) <= 0xDFFF:
        raise ValueError("Erlang text holds no lone surrogates")
    return f"\\x{{{ord(char):X}}}"


def _number(value: float) -> str:
    if isinstance(value, int):
        return str(value)
    if not math.isfinite(value):
        raise ValueError(f"Erlang has no {value}")
    digits = repr(value)
    if "e" in digits and "." not in digits:  # Erlang wants 1.0e22 where Python writes 1e+22
        digits = digits.replace("e", ".0e")
    return digits

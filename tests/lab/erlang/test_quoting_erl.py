"""Whatever value is quoted, a real erl reads exactly that value back."""

import base64
import subprocess
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ejtui.erlang.terms import quoting
from ejtui.erlang.terms.etf import Atom, decode, encode

# Reads lines of Erlang text, answers each with base64 of the External Term Format of its value.
_READER = (
    "io:setopts([{encoding,latin1}]),"
    "Read=fun Read()->case io:get_line([]) of eof->halt();Line->"
    '{ok,Tokens,_}=erl_scan:string(string:trim(Line,trailing,"\\n")++"."),'
    "{ok,Value}=erl_parse:parse_term(Tokens),"
    'io:put_chars([base64:encode(term_to_binary(Value)),"\\n"]),Read() end end,Read().'
)

ReadBack = Callable[[str], object]
_TEXT = st.text(st.characters(exclude_categories=["Cs"]))
_ATOMS = _TEXT.filter(lambda text: len(text) <= 255)
_HOSTILE = ["'", '"', "\\", "\\'", '"""', "a\n'b", "~s", "$", "%", "\x00\x7f\x9b", "\u2028", "🦊"]


@pytest.fixture(scope="module")
def read_back() -> Iterator[ReadBack]:
    """One erl that serves every example."""
    argv = ["erl", "-noshell", "-eval", _READER]
    with subprocess.Popen(argv, stdin=-1, stdout=-1) as erl:
        assert erl.stdin
        assert erl.stdout
        to, of = erl.stdin, erl.stdout

        def read(text: str) -> object:
            assert text.isascii()
            assert text.isprintable()
            to.write(text.encode() + b"\n")
            to.flush()
            return decode(base64.b64decode(of.readline()))

        yield read
        to.close()


@given(_ATOMS)
@settings(deadline=None, max_examples=150)
def test_atoms(read_back: ReadBack, text: str) -> None:
    assert read_back(quoting.atom(text)) == decode(encode(Atom(text)))


@given(_TEXT)
@settings(deadline=None, max_examples=150)
def test_strings(read_back: ReadBack, text: str) -> None:
    value = read_back(quoting.string(text))
    points = [ord(char) for char in value] if isinstance(value, str) else value
    assert points == [ord(char) for char in text]


@given(st.binary())
@example(bytes(range(256)))
@settings(deadline=None, max_examples=150)
def test_binaries(read_back: ReadBack, data: bytes) -> None:
    assert read_back(quoting.binary(data)) == data


# Erlang itself does not distinguish a list of small numbers from text.
_NUMBERS = st.integers().filter(lambda number: not 0 <= number <= 255)
_SCALARS: st.SearchStrategy[Any] = st.one_of(
    *(st.none(), st.booleans(), _NUMBERS, st.floats(allow_nan=False, allow_infinity=False)),
    *(st.binary(), _TEXT, _ATOMS.map(Atom)),
)
_TERMS = st.recursive(
    _SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.lists(inner, max_size=4).map(tuple),
        st.dictionaries(st.text(max_size=5), inner, max_size=4),
    ),
    max_leaves=12,
)


@given(_TERMS)
@settings(deadline=None, max_examples=150)
def test_terms(read_back: ReadBack, value: object) -> None:
    assert read_back(quoting.term(value)) == decode(encode(value))


@pytest.mark.parametrize("text", _HOSTILE)
def test_hostile_text_in_every_place(read_back: ReadBack, text: str) -> None:
    assert read_back(quoting.atom(text)) == Atom(text)
    assert read_back(quoting.term([text, {text: Atom(text)}])) == decode(
        encode([text, {text: Atom(text)}])
    )
    value = read_back(f"{{{quoting.string(text)}, {quoting.atom(text)}}}")
    assert isinstance(value, tuple)
    assert value[1] == Atom(text)

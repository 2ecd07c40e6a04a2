import contextlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ejtui.erlang.terms.etf import Atom, BadTerm, Opaque, decode, encode, readable

_SCALARS: st.SearchStrategy[Any] = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False),
    st.binary(),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=60)
    .filter(lambda text: text not in ("true", "false", "undefined"))
    .map(Atom),
)
_TERMS = st.recursive(
    _SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=5),
        st.lists(inner, max_size=5).map(tuple),
        st.dictionaries(_SCALARS, inner, max_size=4),
    ),
    max_leaves=20,
)


@given(_TERMS)
def test_every_value_comes_back(value: object) -> None:
    assert decode(encode(value)) == value
    assert decode(encode(value, compressed=True)) == value


@given(st.binary())
def test_bytes_that_are_no_term_are_named(data: bytes) -> None:
    # Anything but BadTerm fails the test.
    with contextlib.suppress(BadTerm):
        decode(b"\x83" + data)


def test_torn_compression_is_no_term() -> None:
    with pytest.raises(BadTerm):
        decode(b"\x83P\x00\x00\x00\x01xx")


def test_a_list_of_bytes_is_text_only_when_all_of_it_is_printable() -> None:
    assert decode(b"\x83k\x00\x03abc") == "abc"
    assert decode(b"\x83k\x00\x03a\x01c") == [97, 1, 99]
    assert decode(b"\x83j") == []


def test_an_atom_of_an_old_node_is_latin_1() -> None:
    assert decode(b"\x83d\x00\x02\xe9t") == Atom("ét")


def test_what_only_erlang_can_use_is_opaque() -> None:
    pid = b"\x83Xw\x0dnonode@nohost\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\x00"
    assert decode(pid) == Opaque("pid")


def test_text_survives_even_where_it_is_no_utf_8() -> None:
    assert readable(encode({b"k": [b"\xff", (b"\xc3\xa9",)]})) == {"k": ["\udcff", ("é",)]}
    assert decode(encode("\udcff")) == b"\xff"


@pytest.mark.parametrize("value", [object(), {"a": object()}, 1j])
def test_what_has_no_term_is_refused(value: object) -> None:
    with pytest.raises(BadTerm):
        encode(value)

"""Nothing of a text from elsewhere can act on the terminal."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ejtui.cleaning import clean

ANYTHING = st.text(alphabet=st.characters(codec=None))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain, ünïcode, 漢字", "plain, ünïcode, 漢字"),
        ("\x1b]0;owned\x07", r"\x1b]0;owned\x07"),
        ("a\tb", "a b"),
        ("a\r\nb", r"a\r\nb"),
        ("\x9b31m", r"\x9b31m"),
        ("user\u202egnp.exe", r"user\u202egnp.exe"),
        ("\udc80", r"\udc80"),
    ],
)
def test_what_is_shown(text: str, shown: str) -> None:
    assert clean(text) == shown


def test_lines_stay_when_they_may() -> None:
    assert clean("a\r\nb\nc\rd", lines=True) == "a\nb\nc\\rd"


@given(ANYTHING)
def test_one_line_of_what_prints(text: str) -> None:
    assert clean(text).isprintable()


@given(ANYTHING)
def test_lines_are_all_that_is_left_of_control(text: str) -> None:
    controls = {c for c in clean(text, lines=True) if unicodedata.category(c)[0] == "C"}
    assert controls <= {"\n"}

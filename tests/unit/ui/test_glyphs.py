"""Which signs a terminal can show."""

from __future__ import annotations

import pytest
from rich.cells import cell_len

from ejtui.ui.text.glyphs import ASCII, UNICODE, choose


@pytest.mark.parametrize(
    ("environ", "unicode"),
    [
        ({"LANG": "C.UTF-8"}, True),
        ({"LANG": "en_GB.utf8"}, True),
        ({"LC_CTYPE": "UTF-8"}, True),
        ({"LANG": "en_GB.UTF-8", "LC_ALL": "C"}, False),
        ({"LANG": "de_DE.ISO-8859-1"}, False),
        ({"LANG": "C", "LC_CTYPE": "C.UTF-8"}, False),
        ({"LC_CTYPE": "C.UTF-8"}, True),
        ({}, True),
        ({"LANG": "C.UTF-8", "TERM": "linux"}, False),
    ],
)
def test_the_locale_decides(environ: dict[str, str], unicode: bool) -> None:
    assert choose(None, environ) is (UNICODE if unicode else ASCII)


def test_the_operator_decides_before_the_locale() -> None:
    assert choose(True, {"LANG": "C.UTF-8"}) is ASCII
    assert choose(False, {"LANG": "C"}) is UNICODE


def test_every_sign_is_one_cell_and_every_frame_six() -> None:
    for glyphs in (UNICODE, ASCII):
        for name, sign in glyphs._asdict().items():
            wanted = 6 if name in ("frame", "focused") else 1
            if (glyphs, name) != (ASCII, "enter"):
                assert cell_len(sign) == wanted, name
    assert all(sign.isascii() for sign in ASCII)

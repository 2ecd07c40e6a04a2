"""Signs beyond ASCII: a terminal whose locale is C gets none, a pipe what its encoding has."""

from __future__ import annotations

import io

import pytest

from ejtui.cli.render.signs import signs


class Terminal(io.TextIOWrapper):
    """A terminal to which Python writes in UTF-8."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("locale", "done"), [("C", "+"), ("POSIX", "+"), ("C.UTF-8", "✓")])
def test_by_the_locale(monkeypatch: pytest.MonkeyPatch, locale: str, done: str) -> None:
    monkeypatch.setenv("LC_ALL", locale)
    assert signs(Terminal(io.BytesIO(), encoding="utf-8")).done == done
    assert signs(io.TextIOWrapper(io.BytesIO(), encoding="utf-8")).done == "✓"
    assert signs(io.TextIOWrapper(io.BytesIO(), encoding="ascii")).done == "+"

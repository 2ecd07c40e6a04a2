"""Lines fit the room that they are given, and nothing in them acts on the terminal."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from ejtui.ui.text.lines import (
    Span,
    Tone,
    cut,
    fit,
    line,
    pad,
    plain,
    spread,
    width_of,
    wrap,
    wrap_code,
)

TEXT = st.text(max_size=60)
WIDTH = st.integers(0, 40)


@given(TEXT, WIDTH)
def test_pad_is_exact_and_cut_never_longer(text: str, width: int) -> None:
    assert cell_len(pad(text, width)) == width
    assert cell_len(cut(text, width, "…")) <= width


@given(st.lists(TEXT, max_size=4), WIDTH)
def test_fit_never_longer(texts: list[str], width: int) -> None:
    assert width_of(fit(line(*texts), width, "…")) <= width


@given(TEXT, TEXT, WIDTH)
def test_spread_is_exact_and_keeps_the_right_side(left: str, right: str, width: int) -> None:
    made = spread(line(left), line(right), width, "…")
    assert width_of(made) == width or width_of(made) <= max(width, 1)
    if cell_len(plain(line(right))) <= width:
        assert plain(made).endswith(plain(line(right)))


@given(TEXT)
def test_no_control_character_passes(text: str) -> None:
    shown = plain(line(text)) + "".join(plain(row) for row in wrap(text, 20))
    assert shown.isprintable()


@given(st.text(st.characters(codec="ascii", exclude_categories=["C"]), max_size=200),
       st.integers(10, 60))  # fmt: skip
def test_a_command_is_wrapped_without_losing_a_character(text: str, width: int) -> None:
    rows = wrap_code(text, width, first="$ ", rest="  ")
    assert all(width_of(row) <= width for row in rows)
    assert "".join(plain(row)[2:] for row in rows) == text


def test_an_escape_sequence_is_shown_as_text() -> None:
    assert plain(line("a\x1b[2Jb")) == "a\\x1b[2Jb"


def test_tones_stay_with_their_text() -> None:
    made = fit(line(Span("good", Tone.GOOD), Span("trouble", Tone.TROUBLE)), 6, "…")
    assert made == (Span("good", Tone.GOOD), Span("t…", Tone.TROUBLE))


def test_a_long_path_breaks_behind_its_slashes() -> None:
    path = "/var/lib/ejabberd/ejtui-backups/20261129T151025Z"
    rows = [plain(row) for row in wrap(f"it lies in {path} on second.", 42)]
    assert rows == ["it lies in /var/lib/ejabberd/", "ejtui-backups/20261129T151025Z on second."]
    assert next(plain(row) for row in wrap(f"it lies in {path} on it", 60)).endswith(path)
    rows = [plain(row) for row in wrap_code(f"ls {path}", 42, first="$ ")]
    assert rows == ["$ ls ", "  /var/lib/ejabberd/ejtui-backups/", "  20261129T151025Z"]

"""What changed is painted as Textual paints it, and nothing else is asked for its lines."""

from __future__ import annotations

import random
from collections.abc import Sequence

import pytest
from textual._compositor import ChopsUpdate, Compositor
from textual.geometry import Region
from textual.widget import Widget

from ejtui.erlang.terminal.terminal import Frame, TerminalScreen
from ejtui.ui.compositor import LeanCompositor
from tests.unit.ui.conftest import STATES, Screens, Show


def _painted(screens: Screens, regions: Sequence[Region]) -> Frame:
    """A terminal on which these regions alone are painted."""
    compositor = screens.app.main._compositor
    compositor._dirty_regions.clear()
    compositor._dirty_regions.update(regions)
    update = compositor.render_partial_update()
    assert isinstance(update, ChopsUpdate)
    terminal = TerminalScreen(*screens.app.size)
    terminal.feed(update.render_segments(screens.app.console).replace("\n", "\r\n").encode())
    terminal.publish()
    return terminal.frame


@pytest.mark.parametrize(("columns", "rows"), [(80, 24), (120, 40)])
async def test_it_paints_what_textual_paints(
    show: Show, monkeypatch: pytest.MonkeyPatch, columns: int, rows: int
) -> None:
    places = random.Random(7)  # noqa: S311 - the same places in every run
    async with show(STATES["during"](), columns, rows) as screens:
        for _ in range(60):
            regions = [
                Region(x, y, places.randint(1, columns - x), places.randint(1, rows - y))
                for _ in range(places.randint(1, 3))
                for x, y in [(places.randrange(columns), places.randrange(rows))]
            ]
            lean = _painted(screens, regions)
            with monkeypatch.context() as plain:
                plain.setattr(LeanCompositor, "_get_renders", Compositor._get_renders)
                assert lean.rows == _painted(screens, regions).rows, regions


async def test_widgets_elsewhere_are_not_asked(show: Show, monkeypatch: pytest.MonkeyPatch) -> None:
    async with show(STATES["during"](), 120, 40) as screens:
        asked: dict[str, Region] = {}
        render_lines = Widget.render_lines

        def noted(widget: Widget, crop: Region) -> object:
            asked[widget.id or type(widget).__name__] = crop
            return render_lines(widget, crop)

        monkeypatch.setattr(Widget, "render_lines", noted)
        x, y = screens.app.main.shell_frame.region.offset
        _painted(screens, [Region(x + 3, y + 3, 1, 1)])
        assert set(asked) == {"shell"}, "neither those beside it nor those behind it"
        assert asked["shell"].height == 1

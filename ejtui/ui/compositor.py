"""What paints a screen: of each widget the lines in which something changed, and no others.

Textual's own asks every widget of the screen for all its lines, whatever the place that changed;
for a key typed into the erl pane that took longer than everything else of it.
"""

from __future__ import annotations

from collections.abc import Iterable

from textual._compositor import Compositor
from textual.geometry import Region
from textual.strip import Strip


class LeanCompositor(Compositor):
    """Paints the same as Textual's own."""

    def _get_renders(
        self, crop: Region | None = None
    ) -> Iterable[tuple[Region, Region, list[Strip]]]:
        if crop is None:
            yield from super()._get_renders(crop)
            return
        rows = Region(0, crop.y, self.size.width, crop.height)
        for widget, (region, clip) in self.visible_widgets.items():
            if not crop.overlaps(region.intersection(clip)):
                continue
            lines = clip.intersection(rows)
            shown = region.intersection(lines)
            if shown:
                yield region, lines, widget.render_lines(shown.translate(-region.offset))
            if shown.contains_region(crop):
                # Nothing of what lies behind it is seen there.
                return

"""The settings screen: both ejabberd.yml side by side, and what second takes of first's."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, cast

from ejtui.ui.render import settings
from ejtui.ui.screens.listing import DetailPane, ListPane, ListScreen
from ejtui.ui.state.actions import SETTING_ACTIONS
from ejtui.ui.state.settings import LookedAtSetting, SettingsView, SettingView
from ejtui.ui.text.lines import BLANK, Line

if TYPE_CHECKING:
    from ejtui.ui.state.view_state import ViewState


class SettingsScreen(ListScreen, inherit_bindings=False):
    """Arrows choose an option; Space marks first's value, Enter writes what is marked, k keeps
    second's, v has a value written, a marks all, d lists everything, r compares again."""

    AUTO_FOCUS = "#settings"
    KEYS: ClassVar = {
        "enter": "write_settings", "space": "mark_setting", "k": "keep_setting",
        "v": "edit_setting",
        "a": "mark_every_setting", "d": "show_every_setting", "r": "compare_settings",
    }  # fmt: skip
    AGAIN = "compare_settings"
    LEAVES: ClassVar = frozenset({"e"})

    def __init__(self, state: ViewState) -> None:
        detail = _Detail(state, id="finding")
        super().__init__(state, _List(state, id="settings"), detail, SETTING_ACTIONS)

    def list_height(self, state: ViewState) -> int:
        rows = len((state.settings or SettingsView()).shown)
        return min(max(1, self.app.size.height - 14), rows) + 3


class _List(ListPane):
    """The settings, below the columns' names."""

    HEAD = 1

    def titles(self) -> tuple[Line, Line]:
        return settings.title(self.state, self.glyphs)

    def lines(self, width: int) -> list[Line]:
        return settings.rows(self.state, width, self.glyphs)

    def entries(self, state: ViewState) -> tuple[SettingView, ...]:
        return (state.settings or SettingsView()).shown

    def cursor(self, state: ViewState) -> int | None:
        shown = state.settings or SettingsView()
        return shown.shown.index(shown.at_cursor) if shown.at_cursor else None

    def looked_at(self, entry: object) -> LookedAtSetting:
        return LookedAtSetting(cast("SettingView", entry).key)


class _Detail(DetailPane):
    def titles(self) -> tuple[Line, Line]:
        return settings.detail_title(self.state), BLANK

    def lines(self, width: int) -> list[Line]:
        return settings.detail(self.state, width, self.glyphs)

    def subject(self, state: ViewState) -> object:
        found = state.settings.at_cursor if state.settings else None
        return found.key if found else None

"""The shell pane, in a headless app, on a real program on a real terminal."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import ClassVar

import pytest
from textual import events
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip
from textual.widgets import Input

from ejtui.config import HostConfig
from ejtui.erlang.shell.shell import Control, Shell
from ejtui.hosts import open_host
from ejtui.ui.widgets.terminal import ShellPane
from tests.patience import SECONDS

ECHO = ["sh", "-c", "stty raw -echo; printf ready; exec cat"]
"""Prints back what is typed, byte for byte."""


class PaneApp(App[None]):
    """A pane beside something else that can be focused."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("f1", "help", "help")]
    helped = 0

    def __init__(self) -> None:
        super().__init__()
        self.heard: list[Message] = []

    def compose(self) -> ComposeResult:
        yield Input()
        yield ShellPane()

    def action_help(self) -> None:
        self.helped += 1

    def on_shell_pane_taken_over(self, message: ShellPane.TakenOver) -> None:
        self.heard.append(message)

    def on_shell_pane_handed_back(self, message: ShellPane.HandedBack) -> None:
        self.heard.append(message)

    def on_shell_pane_ended(self, message: ShellPane.Ended) -> None:
        self.heard.append(message)


class Stage:
    """A running app, its pane and the shell in it."""

    def __init__(self, app: PaneApp, shell: Shell, press: Callable[..., Awaitable[None]]) -> None:
        self.app, self.shell, self.press = app, shell, press
        self.pane = app.query_one(ShellPane)

    def row(self, y: int) -> str:
        return self.pane.render_line(y).text.rstrip()

    def typist(self) -> Control:
        return self.shell.typist

    def strips(self) -> list[Strip]:
        return [self.pane.render_line(y) for y in range(self.pane.size.height)]

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(SECONDS):
            while not condition():  # noqa: ASYNC110
                await asyncio.sleep(0.01)


@asynccontextmanager
async def staged(argv: list[str], columns: int = 60, rows: int = 16) -> AsyncIterator[Stage]:
    app = PaneApp()
    host = open_host(HostConfig(name="here", address="local"))
    await host.connect()
    async with app.run_test(size=(columns, rows)) as pilot:
        shell = await Shell.open(host, argv, columns=80, rows=24, node="ejabberd@second")
        stage = Stage(app, shell, pilot.press)
        stage.pane.attach(shell)
        stage.pane.focus()
        await pilot.pause()
        yield stage
        await shell.close()
    await host.close()


async def test_shows_the_screen_at_the_panes_size() -> None:
    async with staged(ECHO) as stage:
        await stage.until(lambda: stage.row(0) == "ready")
        assert (stage.shell.screen.columns, stage.shell.screen.rows) == tuple(stage.pane.size)
        assert stage.pane.border_title == "erl on second"
        assert stage.pane.border_subtitle == "ejtui is typing"
        assert all(strip.cell_length == stage.pane.size.width for strip in stage.strips())


async def test_typing_takes_over_and_f2_hands_back() -> None:
    async with staged(ECHO) as stage:
        await stage.until(lambda: stage.row(0) == "ready")
        await stage.press("x", "space", "ctrl+underscore")
        await stage.until(lambda: stage.row(0).startswith("readyx"))
        assert stage.typist() is Control.OPERATOR
        assert stage.pane.border_subtitle == "you are typing · F2 hands back"
        await stage.press("f2")
        assert stage.typist() is Control.EJTUI
        assert stage.pane.border_subtitle == "ejtui is typing"
        kinds = [type(message) for message in stage.app.heard]
        assert kinds == [ShellPane.TakenOver, ShellPane.HandedBack]


async def test_keys_go_to_the_shell_but_for_the_apps_own() -> None:
    async with staged(["sh", "-c", "stty raw -echo; printf ready; exec cat -v"]) as stage:
        await stage.until(lambda: stage.row(0) == "ready")
        await stage.press("tab", "ctrl+c", "ctrl+g", "ctrl+d", "up", "home", "end", "delete")
        await stage.press("escape", "backspace", "shift+tab", "enter")
        expected = "^C^G^D^[[A^[[H^[[F^[[3~^[^?^[[Z^M"
        await stage.until(lambda: expected in stage.row(0))
        await stage.press("f1", "f12")
        assert stage.app.helped == 1
        assert stage.pane.has_focus
        await stage.press("ctrl+backslash")
        assert not stage.pane.has_focus
        await stage.press("z")
        await asyncio.sleep(0.1)
        assert "z" not in stage.row(0)


async def test_a_pane_that_only_watches_passes_no_key() -> None:
    async with staged(ECHO) as stage:
        stage.pane.attach(stage.shell, watch=True)
        assert stage.pane.border_subtitle == "watching"
        await stage.press("x")
        assert stage.shell.typist is Control.EJTUI


async def test_colours_and_cursor_are_shown() -> None:
    async with staged(
        ["sh", "-c", r"printf '\033[1;31mred\033[m \033[38;2;1;2;3m#'; cat"]
    ) as stage:
        await stage.until(lambda: stage.row(0) == "red #")
        by_text = {segment.text: segment.style for segment in stage.strips()[0]}
        red, exact = by_text["red"], by_text["#"]
        assert red is not None
        assert exact is not None
        assert red.bold
        assert red.color is not None
        assert red.color.number == 1
        assert exact.color is not None
        assert exact.color.triplet == (1, 2, 3)
        reversed_cells = [s.text for s in stage.strips()[0] if s.style and s.style.reverse]
        assert reversed_cells == [" "]


async def test_one_changed_line_paints_only_its_changed_cells(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with staged(ECHO) as stage:
        await stage.until(lambda: stage.row(0) == "ready")
        stage.shell.key(b"!")
        await stage.until(lambda: stage.row(0) == "ready!")
        painted: list[tuple[Region, ...]] = []
        refresh = ShellPane.refresh

        def spy(pane: ShellPane, *regions: Region, **options: bool) -> ShellPane:
            painted.append(regions)
            return refresh(pane, *regions, **options)

        monkeypatch.setattr(ShellPane, "refresh", spy)
        stage.shell.key(b"\r\nabc")
        await stage.until(lambda: stage.row(1) == "abc")
        await asyncio.sleep(0.05)
        regions = [region for call in painted for region in call]
        assert painted
        assert all(call for call in painted)
        assert Region(0, 1, 3, 1) in regions
        assert all(region.height == 1 and region.width <= 4 for region in regions)


async def test_looking_back_holds_still_while_output_comes() -> None:
    counting = "i=0; while [ $i -lt 100 ]; do i=$((i+1)); echo line $i; done; exec cat"
    async with staged(["sh", "-c", f"stty raw -echo opost onlcr; {counting}"]) as stage:
        await stage.until(lambda: "line 100" in [stage.row(y) for y in range(13)])
        live = stage.row(0)
        await stage.press("pageup")
        there = stage.row(0)
        assert there != live
        assert stage.pane.scrolled_back == stage.pane.size.height - 1
        stage.shell.key(b"more\nand more\n")
        await stage.until(lambda: stage.pane.scrolled_back == stage.pane.size.height + 1)
        assert stage.row(0) == there
        for _ in range(20):
            await stage.press("pageup")
        assert stage.row(0) == "line 1"
        await stage.press("x")
        await stage.until(lambda: "and more" in [stage.row(y) for y in range(13)])
        assert stage.pane.scrolled_back == 0


async def test_a_paste_reaches_the_shell_as_data() -> None:
    async with staged(["sh", "-c", "stty raw -echo; printf ready; exec cat -v"]) as stage:
        await stage.until(lambda: stage.row(0) == "ready")
        stage.pane.post_message(events.Paste("a\nb\x1b[31m\x03"))
        await stage.until(lambda: stage.row(0) == "readya^Mb[31m")


async def test_hostile_output_never_leaves_the_pane() -> None:
    hostile = (
        r"printf '\033]0;t\007\033]52;c;aGk=\007\302\233m\342\200\256abc\342\200\213\001d'; cat"
    )
    async with staged(["sh", "-c", hostile]) as stage:
        await stage.until(lambda: "d" in stage.row(0))
        text = "".join(strip.text for strip in stage.strips())
        assert all(char.isprintable() for char in text)
        assert "\N{RIGHT-TO-LEFT OVERRIDE}" not in text


async def test_the_end_is_told_and_the_screen_stays() -> None:
    async with staged(["sh", "-c", "echo goodbye"]) as stage:
        await stage.until(lambda: stage.shell.ended and bool(stage.app.heard))
        assert stage.row(0) == "goodbye"
        assert stage.pane.border_subtitle == "ended"
        await stage.press("x")
        assert [type(message) for message in stage.app.heard] == [ShellPane.Ended]
        stage.pane.attach(None)
        assert stage.row(0) == ""

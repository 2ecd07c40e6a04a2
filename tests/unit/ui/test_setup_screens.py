"""The set-up's screens: what they show at every size, and what their keys do."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from textual import events

from ejtui.ui.screens.setup_values import file_dialog
from ejtui.ui.setup.app import SetupApp
from ejtui.ui.setup.state import TRIAL_LAYERS, HostView, LayerSeen, OfferView, SetupState, ValueView
from ejtui.ui.state.models import QuestionView
from ejtui.ui.state.updates import NodeSeen
from ejtui.ui.state.view_state import NodeView
from tests.patience import SECONDS

from .conftest import Screens

SIZES = [(120, 40), (80, 24), (60, 24)]
KEYS = ("address", "user", "become", "platform", "node", "spool_dir", "service_user", "ejabberdctl")
OFFERS = (OfferView("alpha", "ssh_config"), OfferView("gamma", "known_hosts"),
          OfferView("local", "this computer"))  # fmt: skip


def host(name: str, accounts: int | None) -> HostView:
    """One of which every layer is well."""
    values = tuple(ValueView(key, f"{key}-of-{name}", "somewhere", key == "become") for key in KEYS)
    seen = tuple(LayerSeen(layer, True, f"{layer} seen") for layer in TRIAL_LAYERS)
    return HostView(name, layers=seen, values=values, accounts=accounts)


def broken(name: str) -> HostView:
    """One that ends at a layer."""
    whole = host(name, None)
    seen = (*whole.layers[:5], LayerSeen("root", False))
    return replace(whole, layers=seen, trouble="sudo wants a password",
                   next_action="Give the rule NOPASSWD.")  # fmt: skip


class SetupScreens(Screens):
    """The set-up's app, of which no host is ever tried."""

    app: SetupApp

    async def show_hosts(self, first: HostView, second: HostView) -> None:
        """Have these shown."""
        session = self.app.setup
        session.state = SetupState(session.state.path, (first, second), OFFERS)
        self.app.paint_soon()
        await self.settle()


@asynccontextmanager
async def shown(
    directory: Path, width: int, height: int, *, ascii_only: bool = False
) -> AsyncIterator[SetupScreens]:
    app = SetupApp(directory / "config.toml", {}, ascii_only=ascii_only)
    async with app.run_test(size=(width, height)) as pilot:
        screens = SetupScreens(app, pilot, [])
        await screens.show_hosts(HostView(), HostView())
        yield screens


def noting(calls: list[Any], answer: str) -> Callable[..., str]:
    """Something that answers that, and notes what it was given."""

    def noted(*given: object) -> str:
        calls.append(given)
        return answer

    return noted


def names_in(directory: Path) -> list[str]:
    return [path.name for path in directory.iterdir()]


def well_formed(screens: SetupScreens, width: int, height: int) -> None:
    assert len(screens.lines) == height
    assert {len(row) for row in screens.lines} == {width}


@pytest.mark.parametrize(("width", "height"), SIZES)
async def test_every_layer_is_in_sight(tmp_path: Path, width: int, height: int) -> None:
    async with shown(tmp_path, width, height) as screens:
        await screens.press("tab", "tab")
        await screens.show_hosts(host("alpha", 25), host("beta", 1))
        well_formed(screens, width, height)
        for layer in TRIAL_LAYERS:
            assert screens.text.count(f"✓ {layer}") == 2
        assert "25 accounts" in screens.text
        assert "1 account " in screens.text
        await screens.show_hosts(
            replace(host("alpha", 25), going=True, layers=host("alpha", 1).layers[:3]),
            replace(host("beta", 1), going=True, waits=True, layers=()),
        )
        assert "▶ host key" in screens.text
        assert "It has a question" in screens.text


@pytest.mark.parametrize(("width", "height"), SIZES)
async def test_what_broke_is_said_with_what_to_do(tmp_path: Path, width: int, height: int) -> None:
    async with shown(tmp_path, width, height) as screens:
        await screens.press("tab", "tab")
        await screens.show_hosts(broken("alpha"), host("beta", 1))
        well_formed(screens, width, height)
        assert "✗ root" in screens.text
        assert "alpha, root: sudo wants a password" in screens.text
        assert "Give the rule NOPASSWD." in screens.text
        assert "Esc" in screens.lines[-1]
        # The value that it may be is under the cursor, and nothing goes on before it is well.
        await screens.press("enter")
        well_formed(screens, width, height)
        assert any("»" in row and "become" in row for row in screens.lines)
        await screens.press("end", "enter")
        assert 'alpha does not get past "root": repair that first' in screens.text


@pytest.mark.parametrize(("width", "height"), SIZES)
async def test_what_was_found_is_shown_and_edited(
    tmp_path: Path, width: int, height: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    changed: list[tuple[int, str, str]] = []
    async with shown(tmp_path, width, height) as screens:
        monkeypatch.setattr(screens.app.setup, "change", noting(changed, "that is wrong"))
        await screens.show_hosts(host("alpha", 25), host("beta", 1))
        await screens.press("tab", "tab", "enter")
        well_formed(screens, width, height)
        for key in KEYS:
            assert screens.text.count(f" {key} ") == 2
        await screens.press("home", "down", "down", "enter")
        assert "become-of-alpha (somewhere)" in screens.text
        well_formed(screens, width, height)
        await screens.press("escape")
        assert changed == []
        await screens.press("enter", "ctrl+u", *"su", "enter")
        assert changed == [(0, "become", "su")]
        assert "that is wrong" in screens.text
        await screens.press("escape")
        assert "Which two hosts?" in screens.text


async def test_whose_accounts_survive_and_the_file_are_asked_last(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[int]] = []
    async with shown(tmp_path, 80, 24) as screens:
        monkeypatch.setattr(screens.app.setup, "text", noting(asked, 'first = "x"\n'))
        await screens.show_hosts(host("alpha", 1), host("beta", 25))
        await screens.press("tab", "tab", "enter", "enter")
        assert "Whose accounts survive?" in screens.text
        assert "1 »beta (25 accounts)" in screens.text
        assert "alpha (1 account)" in screens.text
        await screens.press("escape")
        assert asked == []
        await screens.press("enter", "enter")
        assert asked == [(1,)]
        assert 'first = "x"' in screens.text
        await screens.press("enter")
        assert "What was found" in screens.text
        assert names_in(tmp_path) == []


async def test_typing_filters_what_is_offered_and_enter_takes_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    entered: list[tuple[int, str]] = []
    async with shown(tmp_path, 80, 24) as screens:
        monkeypatch.setattr(screens.app.setup, "enter", noting(entered, "no such thing"))
        assert all(offer.host in screens.text for offer in OFFERS)
        await screens.press("m", "m")
        assert "gamma" in screens.text
        assert "alpha" not in screens.text
        await screens.press("down", "enter")
        assert entered == [(0, "gamma")]
        assert "no such thing" in screens.text
        await screens.press("ctrl+u", "enter")
        assert "type a host's name first" in screens.text
        await screens.press(*"xy", "enter")
        assert entered[1:] == [(0, "xy")]
        await screens.press("ctrl+u")
        screens.app.screen.post_message(events.Paste("op@h:22\nrm -rf\n"))
        await screens.settle()
        await screens.press("enter")
        assert entered[2:] == [(0, "op@h:22")]


async def test_no_question_comes_while_a_host_is_typed(tmp_path: Path) -> None:
    question = QuestionView("Trust it?")
    async with shown(tmp_path, 80, 24) as screens:
        session = screens.app.setup

        async def ask() -> bool:
            await session._until_free()
            return await screens.app.ask(question)

        asking = asyncio.create_task(ask())
        await screens.press("y")
        assert "Trust it?" not in screens.text
        assert not asking.done()
        await screens.press("tab", "tab")
        assert "Trust it?" in screens.text
        await screens.press("n")
        assert await asyncio.wait_for(asking, SECONDS) is False


async def test_esc_goes_back_to_the_beginning_and_then_leaves(tmp_path: Path) -> None:
    async with shown(tmp_path, 80, 24) as screens:
        await screens.press("tab", "tab", "enter")
        assert "enter both hosts first" in screens.text
        await screens.press("escape", "escape", "escape")
        assert screens.app.return_code == 0
        assert names_in(tmp_path) == []


async def test_what_is_no_host_is_said_and_nothing_is_tried(tmp_path: Path) -> None:
    async with shown(tmp_path, 80, 24) as screens:
        await screens.press(*"a:b", "enter")
        assert "'a:b' is not a host name type local, or [user@]host[:port]" in " ".join(
            screens.text.split()
        )
        assert screens.app.setup.state.hosts[0] == HostView()


async def test_below_a_dialog_no_key_stands_that_it_does_not_take(tmp_path: Path) -> None:
    async with shown(tmp_path, 80, 24) as screens:
        await screens.press("tab", "tab")
        await screens.show_hosts(host("alpha", 25), host("beta", 1))
        await screens.press("enter", "up", "enter")
        assert screens.lines[-1].strip() == "The frame above has the keys; Esc closes it."
        await screens.press("escape")
        assert "End go on" in screens.lines[-1]
        await screens.press("end", "enter")
        assert screens.lines[-1].strip() == "The frame above has the keys; Esc closes it."
        await screens.press("escape")
        assert "nothing is written: no host was chosen" in screens.lines[-1]
        await screens.press("enter", "1", "n")
        assert "nothing is written to " in "".join(screens.lines[-2:])


@pytest.mark.parametrize("screen", ["hosts", "values", "whose"])
async def test_ascii_is_enough(tmp_path: Path, screen: str) -> None:
    async with shown(tmp_path, 80, 24, ascii_only=True) as screens:
        await screens.show_hosts(host("alpha", 25), broken("beta"))
        await screens.press("tab", "tab")
        if screen != "hosts":
            await screens.press("enter")
        if screen == "whose":
            await screens.show_hosts(host("alpha", 25), host("beta", 1))
            await screens.press("end", "enter")
            assert "Whose accounts" in screens.text
        assert screens.text.isascii()


async def test_accounts_that_cannot_be_counted_are_said_to_be(tmp_path: Path) -> None:
    async with shown(tmp_path, 80, 24) as screens:
        await screens.press("tab", "tab")
        await screens.show_hosts(host("alpha", None), host("beta", 1))
        assert "alpha " in screens.lines[6]
        await screens.press("enter", "enter")
        assert "alpha (accounts unknown)" in screens.text
        assert "cannot be counted" in screens.text
        assert "1 »beta (1 account)" in screens.text


async def test_help_and_palette_and_leaving_work_in_the_set_up(tmp_path: Path) -> None:
    async with shown(tmp_path, 80, 24) as screens:
        await screens.press("question_mark")
        assert "One host   ?" in screens.text
        await screens.press("f1")
        assert "help: keys" in screens.text
        await screens.press("f1", "ctrl+p", "enter")
        assert "enter both hosts first" in screens.text
        await screens.show_hosts(host("alpha", 25), host("beta", 1))
        await screens.press("ctrl+p", *"values", "enter")
        assert "What was found" in screens.text
        await screens.press("question_mark")
        assert "help: keys" in screens.text
        await screens.press("escape", "ctrl+c")
        assert "Leave the set-up?" in screens.text
        assert "Nothing was written." in screens.text


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (3, "3 differences between the two ejabberd.yml: e shows what each means"),
        (0, "nothing that matters differs in the two ejabberd.yml"),
    ],
)
async def test_it_ends_with_the_number_of_differences(
    tmp_path: Path, count: int, text: str
) -> None:
    async with shown(tmp_path, 80, 24) as screens:
        app = screens.app
        app.apply(NodeSeen(NodeView("second")))
        assert not app.state.notice
        for _ in range(2):
            app.apply(NodeSeen(NodeView("second", settings_apart=count)))
            assert app.state.notice == text
        app.notice("")
        app.apply(NodeSeen(NodeView("second", settings_apart=count + 1)))
        assert not app.state.notice, "once"


@pytest.mark.parametrize(("width", "height"), SIZES)
async def test_a_stranger_reads_what_this_is_before_a_host_was_entered(
    tmp_path: Path, width: int, height: int
) -> None:
    async with shown(tmp_path, width, height) as screens:
        well_formed(screens, width, height)
        shown_text = " ".join(screens.text.replace("│", " ").split())
        assert "ejtui joins two" in shown_text
        assert "leave" in screens.lines[-1]
        assert "Esc back" not in screens.lines[-1]
        await screens.press("tab")
        assert "ejtui joins two" in screens.text, "while nothing is entered"
        await screens.show_hosts(host("alpha", 25), host("beta", 1))
        assert "ejtui joins two" not in screens.text


@pytest.mark.parametrize(("replaces", "answer"), [(False, "yes"), (True, "no")])
def test_enter_writes_a_file_that_replaces_nothing(replaces: bool, answer: str) -> None:
    box = file_dialog(SetupState("config.toml"), "first = 1", replaces=replaces).box
    assert box.answers[box.chosen].value == answer

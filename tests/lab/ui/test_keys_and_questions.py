"""In a real terminal no key is lost beside a question, and none from before it answers it."""

from __future__ import annotations

import multiprocessing
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests import patience
from tests.lab.ui.tmux import Tmux

BUSY_LOOPS = 6
ROUNDS = 8


class Asked:
    """The app in tmux, and the files by which its session is driven."""

    def __init__(self, screen: Tmux, directory: Path) -> None:
        self.screen = screen
        self._directory = directory

    @contextmanager
    def held(self) -> Iterator[None]:
        """The app's loop stands still meanwhile, as on a busy computer."""
        (self._directory / "hold").touch()
        _wait_for(lambda: (self._directory / "held").exists())
        yield
        (self._directory / "hold").unlink()

    def ask(self, title: str) -> None:
        (self._directory / f"ask-{title}").touch()

    def withdraw(self) -> None:
        (self._directory / "withdraw").touch()

    def open_erl(self) -> None:
        (self._directory / "erl").touch()
        self.screen.until("1>")

    def press_until_answered(self, key: str) -> None:
        """Press it again and again: who types goes on typing until they pause."""
        before = len(self.answers)
        while len(self.answers) == before:
            self.screen.keys(key)
            with suppress(AssertionError):
                _wait_for(lambda: len(self.answers) > before, 2)

    @property
    def answers(self) -> list[str]:
        file = self._directory / "answers"
        return file.read_text().splitlines() if file.exists() else []

    def answered(self, *answers: str) -> None:
        _wait_for(lambda: len(self.answers) >= len(answers))
        assert self.answers == list(answers)


def _wait_for(holds: object, seconds: float = patience.SECONDS) -> None:
    assert callable(holds)
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)


@pytest.fixture
def asked(tmp_path: Path) -> Iterator[Asked]:
    argv = [sys.executable, "-m", "tests.lab.ui.questions", str(tmp_path)]
    root = Path(__file__).parents[3]
    with Tmux(tmp_path, argv, 80, 24, {"PYTHONPATH": str(root)}) as screen:
        screen.until("? help")
        yield Asked(screen, tmp_path)


def test_a_key_right_after_the_answer_is_not_lost(asked: Asked) -> None:
    asked.ask("one")
    asked.screen.until("Question one?")
    with asked.held():
        asked.screen.keys("y", "F1")
    asked.answered("one yes")
    asked.screen.until("help: keys")


def test_keys_after_the_answer_keep_their_order(asked: Asked) -> None:
    asked.ask("one")
    asked.screen.until("Question one?")
    with asked.held():
        # Help opens and closes again, and the palette gets the text.
        asked.screen.keys("y", "F1", "q", "C-p", "r", "o", "l", "l")
    asked.answered("one yes")
    asked.screen.until(lambda text: "find roll" in text and "Roll back" in text)


def test_a_key_typed_before_a_question_does_not_answer_it(asked: Asked) -> None:
    with asked.held():
        asked.ask("one")
        asked.screen.keys("y", "y", "Enter")
    asked.screen.until("Question one?")
    asked.screen.keys("F1")
    # Help opens over the question, and what was typed before it has answered nothing.
    asked.screen.until("help: keys")
    assert asked.answers == []
    asked.screen.keys("Escape")
    asked.screen.until("Question one?")
    asked.screen.keys("y")
    asked.answered("one yes")


def test_an_answer_does_not_answer_another_question_too(asked: Asked) -> None:
    asked.ask("one")
    asked.screen.until("Question one?")
    with asked.held():
        asked.ask("two")
        asked.screen.keys("y", "y")
    asked.screen.until("Question two?")
    assert asked.answers == []
    with asked.held():
        asked.screen.keys("n", "y")
    asked.answered("two no")
    asked.screen.until("Question one?")
    asked.screen.keys("y")
    asked.answered("two no", "one yes")


def test_a_key_for_a_question_that_is_withdrawn_does_nothing_else(asked: Asked) -> None:
    asked.ask("one")
    asked.screen.until("Question one?")
    with asked.held():
        asked.withdraw()
        asked.screen.keys("Enter")
    text = asked.screen.until(lambda text: "Question one?" not in text)
    # On the checklist it would run the step, which is refused here.
    assert "Run the step" not in text


def test_who_types_into_erl_goes_on_typing_there_until_they_pause(asked: Asked) -> None:
    asked.open_erl()
    with asked.held():
        asked.ask("one")
        asked.screen.type("lists:member(y, [y")
    asked.screen.until("Question one?")
    assert asked.answers == []
    asked.screen.until(lambda text: "pause, then answer" not in text)
    asked.press_until_answered("n")
    assert asked.answers == ["one no"]
    asked.screen.until("1> lists:member(y, [y")


def _burn() -> None:
    while True:
        pass


@pytest.fixture
def busy() -> Iterator[None]:
    """Six busy loops."""
    loops = [multiprocessing.Process(target=_burn, daemon=True) for _ in range(BUSY_LOOPS)]
    for loop in loops:
        loop.start()
    yield
    for loop in loops:
        loop.terminate()
        loop.join()


@pytest.mark.catalogue
@pytest.mark.usefixtures("busy")
def test_on_a_busy_computer_no_key_is_lost(asked: Asked) -> None:
    for number in range(ROUNDS):
        asked.ask(f"round-{number}")
        asked.screen.until(f"Question round-{number}?")
        asked.screen.keys("y", "F1")
        asked.screen.until("help: keys")
        asked.screen.keys("Escape")
        asked.screen.until(lambda text: "help: keys" not in text)
    asked.answered(*(f"round-{number} yes" for number in range(ROUNDS)))

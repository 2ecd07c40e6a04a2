"""What comes before a program begins: noise, questions, and the mark."""

from __future__ import annotations

import pytest

from ejtui.hosts.programs.output import Gather
from ejtui.hosts.programs.spawn import LaunchSink

ASK = b"ejtui-feed-ask;"
BEGIN = b"ejtui-feed-7;"


def heard(*said: bytes, error: bool = False) -> tuple[LaunchSink, Gather, list[str]]:
    gather = Gather()
    launch = LaunchSink("feed", gather, terminal=not error)
    prompts: list[str] = []
    launch.on_prompt = prompts.append
    for data in said:
        launch.received(data, error=error)
    return launch, gather, prompts


async def test_noise_asks_nothing() -> None:
    _, _, prompts = heard(b"Welcome! Password: ", b"What is new: ", b"\n")
    assert not prompts


@pytest.mark.parametrize(
    ("said", "prompt"),
    [
        (b"Password: ", "Password:"),
        (b"doas (op@first) password: ", "doas (op@first) password:"),
        (b"We trust you have received the usual lecture.\r\n\r\nPasswort:", "Passwort:"),
        ("パスワード：".encode(), "パスワード："),  # noqa: RUF001 - as su asks in Japanese
        (b"Verification code: ", "Verification code:"),
    ],
)
async def test_a_question_in_any_language(said: bytes, prompt: str) -> None:
    assert heard(b"noise: " + ASK + said)[2] == [prompt]
    assert heard(b"noise: ", ASK, said, error=True)[2] == [prompt]


async def test_each_question_once() -> None:
    again = b"\r\nSorry, try again.\r\nPassword: "
    launch, gather, prompts = heard(ASK + b"Password: ", again, b"\r\n" + BEGIN + b"out: ")
    assert prompts == ["Password:", "Password:"]
    assert launch.started.result() is True
    assert bytes(gather.stdout) == b"out: "


async def test_a_complaint_is_no_question() -> None:
    launch, _, prompts = heard(ASK + b"doas:", b" Authentication failed\r\n")
    assert not prompts
    launch.closed(None)
    assert launch.started.result() is False
    assert launch.noise.strip() == b"doas: Authentication failed"


async def test_much_noise_hides_no_question() -> None:
    assert heard(b"x" * 200_000 + ASK, b"Password: ")[2] == ["Password:"]
    assert heard(ASK + b"x" * 60_000 + b"\n", b"x" * 5_000 + b"\nPassword: ")[2] == ["Password:"]


async def test_where_nobody_answers_a_question_is_the_end() -> None:
    launch = LaunchSink("feed", Gather(), terminal=True)
    launch.received(b"Password: ", error=False)
    assert launch.asked
    assert launch.started.result() is False

"""Secrets are asked for once, kept in memory, and shown nowhere."""

from __future__ import annotations

import asyncio

import pytest

from ejtui.hosts import SecretQuestion, Secrets
from ejtui.hosts.secrets import ATTEMPTS, Declined

KEY = ("first", "sudo")


def secrets_of(*answers: str | None) -> tuple[Secrets, list[SecretQuestion]]:
    asked: list[SecretQuestion] = []

    async def person(question: SecretQuestion) -> str | None:
        asked.append(question)
        await asyncio.sleep(0)
        return answers[min(len(asked), len(answers)) - 1]

    return Secrets(person), asked


async def ask(secrets: Secrets, key: tuple[str, ...] = KEY) -> str:
    return await secrets.ask(key, host="first", where="op@h", who="sudo", prompt="Password:")


async def test_an_answer_is_kept_and_asked_for_once() -> None:
    secrets, asked = secrets_of("secret")
    assert secrets.known(KEY) is None
    assert await asyncio.gather(*(ask(secrets) for _ in range(5))) == ["secret"] * 5
    assert secrets.known(KEY) == "secret"
    assert asked == [SecretQuestion("first", "op@h", "sudo", "Password:", 1, ATTEMPTS)]


async def test_others_do_not_see_it() -> None:
    secrets, _ = secrets_of("one", "two")
    assert await ask(secrets) == "one"
    assert secrets.known(("second", "sudo")) is None
    assert await ask(secrets, ("second", "sudo")) == "two"


async def test_questions_come_one_at_a_time() -> None:
    open_questions = 0

    async def person(_: SecretQuestion) -> str:
        nonlocal open_questions
        open_questions += 1
        assert open_questions == 1
        await asyncio.sleep(0)
        open_questions -= 1
        return "x"

    secrets = Secrets(person)
    await asyncio.gather(*(ask(secrets, (str(n),)) for n in range(4)))


async def test_a_wrong_one_is_forgotten_and_counted() -> None:
    secrets, asked = secrets_of("a", "b", "c")
    for wrong in ("a", "b", "c"):
        assert await ask(secrets) == wrong
        secrets.wrong(KEY, wrong)
        secrets.wrong(KEY, wrong)  # two commands may have used it: it is one wrong answer
    with pytest.raises(Declined, match="3 answers were wrong"):
        await ask(secrets)
    assert [question.attempt for question in asked] == [1, 2, 3]
    secrets.reconsider()
    assert await ask(secrets) == "c"
    assert asked[-1].attempt == 1


async def test_a_right_one_ends_the_counting() -> None:
    secrets, asked = secrets_of("a", "b", "c", "d")
    for _ in range(2):
        secrets.wrong(KEY, await ask(secrets))
    await ask(secrets)
    secrets.right(KEY)
    secrets.wrong(KEY, "c")  # the password was changed there
    await ask(secrets)
    assert [question.attempt for question in asked] == [1, 2, 3, 2]


async def test_a_refusal_stands() -> None:
    secrets, asked = secrets_of(None)
    for _ in range(3):
        with pytest.raises(Declined, match="no password was given") as caught:
            await ask(secrets)
        assert not caught.value.nobody
    assert len(asked) == 1
    secrets.reconsider()
    with pytest.raises(Declined):
        await ask(secrets)
    assert len(asked) == 2


async def test_where_nobody_can_be_asked() -> None:
    with pytest.raises(Declined) as caught:
        await ask(Secrets())
    assert caught.value.nobody
    assert not Secrets().can_ask


async def test_nothing_shows_an_answer() -> None:
    secrets, _ = secrets_of("pässword")
    await ask(secrets)
    assert "pässword" not in f"{secrets!r}{secrets!s}"
    said = "Sorry, pässword: no\n".encode()
    assert secrets.scrubbed(said) == b"Sorry, ...: no\n"


async def test_what_one_host_took_is_offered_for_the_other() -> None:
    asked: list[SecretQuestion] = []

    async def person(question: SecretQuestion) -> str:
        asked.append(question)
        return "" if question.same_as else "secret"

    secrets = Secrets(person)
    assert await ask(secrets) == "secret"

    async def ask_second() -> str:
        return await secrets.ask(
            ("second", "sudo"), host="second", where="op@s", who="sudo", prompt="Password:"
        )

    # Not before the first host has taken it: a wrong one would be wrong twice.
    secrets.right(KEY)
    assert await ask_second() == "secret"
    assert asked[-1].same_as == "first"
    secrets.wrong(("second", "sudo"), "secret")
    assert await ask_second() == "secret"
    assert asked[-1].same_as == ""
    assert asked[-1].attempt == 2


async def test_what_nobody_has_taken_yet_is_not_offered() -> None:
    secrets, asked = secrets_of("one", "two")
    await ask(secrets)
    await secrets.ask(("second", "sudo"), host="second", where="s", who="sudo", prompt="P:")
    assert asked[-1].same_as == ""


async def test_another_kind_of_secret_is_not_offered() -> None:
    secrets, asked = secrets_of("one", "two")
    await ask(secrets)
    secrets.right(KEY)
    await secrets.ask(("second", "doas"), host="second", where="s", who="doas", prompt="P:")
    assert asked[-1].same_as == ""

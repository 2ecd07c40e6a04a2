"""The probe's frames as they may come off a line: noise, pieces, progress, a sudden end."""

import asyncio
import base64
from pathlib import Path
from typing import Any, cast

import pytest

from ejtui.erlang.probe import compiled
from ejtui.erlang.probe.bootstrap import sources
from ejtui.erlang.probe.client import Probe, ProbeError, ProbeLost
from ejtui.erlang.terms.etf import Atom, decode, encode
from ejtui.hosts import Host
from tests.samples import PLATFORM


class _Line:
    """The far end of a probe, in this process's memory."""

    where = "op@first"
    identity = "SHA256:first"

    def __init__(self) -> None:
        self.said: asyncio.Queue[bytes] = asyncio.Queue()
        self.asked: asyncio.Queue[Any] = asyncio.Queue()
        self.closed = False

    async def open_process(self, *_: object, **__: object) -> "_Line":
        return self

    async def write(self, data: bytes) -> None:
        await self.asked.put(decode(base64.b64decode(data)))

    async def readline(self) -> bytes:
        return await self.said.get()

    async def close(self) -> None:
        self.closed = True

    def stderr_tail(self) -> str:
        return "erl: not found"

    def say(self, number: int, kind: str, term: object) -> None:
        data = base64.b64encode(encode(term)).decode()
        self.said.put_nowait(f"ejtui:{number} {kind} {data}\n".encode())


CODE = [(Atom("ejtui_probe"), b"FOR1\xff\0")]


async def _start(line: _Line) -> tuple[Probe, Any]:
    """A probe on the far end, and what it was given to load."""
    line.said.put_nowait(b"welcome to this host\n")
    line.say(0, "=", b"25")
    starting = asyncio.create_task(Probe.start(cast(Host, line), PLATFORM))
    parts, settings = await line.asked.get()
    assert settings["node"] == "ejabberd@first"
    line.say(0, "=", {})
    if isinstance(parts[0], bytes):
        number, _, question, _ = await line.asked.get()
        assert question == "loaded"
        line.say(number, "=", CODE)
    return await starting, parts


async def _probe() -> tuple[Probe, _Line]:
    compiled.keep(_Line.identity, "25", CODE)
    line = _Line()
    probe, parts = await _start(line)
    assert parts == CODE
    return probe, line


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path


def _kept(cache: Path) -> Path:
    [file] = (path for path in cache.rglob("*") if path.is_file())
    return file


async def test_a_host_compiles_once_and_is_given_what_it_compiled(cache: Path) -> None:
    probe, parts = await _start(_Line())
    assert any(b"-module(ejtui_probe)." in source for source in parts)
    await probe.close()
    probe, parts = await _start(_Line())
    assert parts == CODE
    await probe.close()
    assert _kept(cache).stat().st_mode & 0o777 == 0o600
    assert compiled.parts("SHA256:second", "25") == sources()
    assert compiled.parts("SHA256:first", "26") == sources()


@pytest.mark.parametrize("damage", [b"", b"x", None])
def test_what_was_kept_and_is_damaged_is_compiled_again(cache: Path, damage: bytes | None) -> None:
    compiled.keep("SHA256:first", "25", CODE)
    file = _kept(cache)
    file.write_bytes(file.read_bytes()[:-1] if damage is None else damage)
    assert compiled.parts("SHA256:first", "25") == sources()


def test_nothing_is_kept_for_a_host_that_cannot_be_told_from_others(cache: Path) -> None:
    compiled.keep("", "25", CODE)
    assert compiled.parts("", "25") == sources()
    assert not list(cache.rglob("*-*"))


def test_what_cannot_be_kept_is_not(cache: Path) -> None:
    (cache / "ejtui").write_text("in the way")
    compiled.keep("SHA256:first", "25", CODE)
    assert compiled.parts("SHA256:first", "25") == sources()


async def test_noise_and_other_answers_do_no_harm() -> None:
    probe, line = await _probe()
    line.said.put_nowait(b"\n")
    line.said.put_nowait(b"=ERROR REPORT==== ejtui:1 = nonsense\n")
    line.say(99, "=", Atom("nobody_asked"))
    line.say(1, "=", Atom("yes"))
    assert await probe.ask("echo", 1) == "yes"
    await probe.close()


async def test_a_long_answer_comes_in_pieces() -> None:
    probe, line = await _probe()
    data = base64.b64encode(encode("x" * 100)).decode()
    line.said.put_nowait(f"ejtui:1 + {data[:40]}\n".encode())
    line.said.put_nowait(f"ejtui:1 = {data[40:]}\n".encode())
    assert await probe.ask("echo", 1) == "x" * 100
    await probe.close()


async def test_the_same_long_answer_is_decoded_once() -> None:
    line = _Line()
    probe, _ = await _start(line)
    answers = []
    for count in (25, 25, 26, 25):
        asked = asyncio.create_task(probe.ask("snapshot"))
        number, *_ = await line.asked.get()
        line.say(number, "=", {Atom("accounts"): count, Atom("rest"): list(range(1000, 1400))})
        answers.append(await asked)
    assert [answer["accounts"] for answer in answers] == [25, 25, 26, 25]
    assert answers[0] is answers[1]
    assert answers[0] is not answers[3]
    await probe.close()


async def test_answers_may_come_out_of_order() -> None:
    probe, line = await _probe()
    both = asyncio.gather(probe.ask("echo", "a"), probe.ask("echo", "b"))
    await line.asked.get()
    await line.asked.get()
    line.say(2, "=", "b")
    line.say(1, "=", "a")
    assert list(await both) == ["a", "b"]
    await probe.close()


async def test_progress_reaches_the_callback_and_its_failure_ends_the_question_alone() -> None:
    probe, line = await _probe()
    seen: list[Any] = []
    line.say(1, "~", (1, 2))
    line.say(1, "=", Atom("ok"))
    assert await probe.ask("checksum", [], on_progress=seen.append) == "ok"
    assert seen == [(1, 2)]
    line.say(2, "~", 1)
    with pytest.raises(IndexError):
        await probe.ask("checksum", [], on_progress=lambda _: [].pop())
    line.say(3, "=", 3)
    assert await probe.ask("echo", 3) == 3
    await probe.close()


async def test_an_error_names_question_code_and_text() -> None:
    probe, line = await _probe()
    line.say(1, "!", {Atom("code"): Atom("eexist"), Atom("text"): "would overwrite x"})
    with pytest.raises(ProbeError, match="move_files: would overwrite x") as caught:
        await probe.ask("move_files")
    assert caught.value.code == "eexist"
    await probe.close()


@pytest.mark.parametrize("said", [b"ejtui:1 ! ZzZZ", b"ejtui:x = ZzZZ", b"ejtui:1", b"ejtui:1 ! "])
async def test_what_is_no_answer_ends_every_question(said: bytes) -> None:
    line = _Line()
    probe, _ = await _start(line)
    asked = asyncio.create_task(probe.ask("echo", 1))
    number, *_ = await line.asked.get()
    line.said.put_nowait(said.replace(b":1", b":%d" % number) + b"\n")
    with pytest.raises(ProbeLost, match="was lost"):
        await asked
    await probe.close()


async def test_an_error_without_its_words_ends_every_question() -> None:
    line = _Line()
    probe, _ = await _start(line)
    asked = asyncio.create_task(probe.ask("echo", 1))
    number, *_ = await line.asked.get()
    line.say(number, "!", {})
    with pytest.raises(ProbeLost, match="was lost"):
        await asked
    await probe.close()


async def test_the_end_of_the_line_ends_every_question() -> None:
    probe, line = await _probe()
    question = asyncio.create_task(probe.ask("snapshot", []))
    await line.asked.get()
    line.said.put_nowait(b"")
    with pytest.raises(ProbeLost, match="op@first ended: erl: not found"):
        await question
    assert probe.lost is not None
    with pytest.raises(ProbeLost):
        await probe.ask("echo", 1)
    await probe.close()
    assert line.closed


async def test_a_cancelled_question_is_given_up_on_the_host() -> None:
    probe, line = await _probe()
    question = asyncio.create_task(probe.ask("checksum", ["/big"]))
    number = (await line.asked.get())[0]
    question.cancel()
    with pytest.raises(asyncio.CancelledError):
        await question
    assert (await line.asked.get())[2:] == (Atom("cancel"), [number])
    await probe.close()


async def test_a_host_that_says_nothing_is_not_waited_for_long() -> None:
    line = _Line()
    with pytest.raises(ProbeLost, match=r"sent nothing within 0\.05 s"):
        await Probe.start(cast(Host, line), PLATFORM, timeout=0.05)
    assert line.closed

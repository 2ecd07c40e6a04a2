"""Bytes, errors and codes cross a real terminal unchanged."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ejtui.hosts.local import LocalHost
from ejtui.hosts.programs import wire
from ejtui.hosts.programs.frames import SIZE, Encoder, Frames, encoded, relayed
from ejtui.hosts.programs.output import Gather
from tests.patience import SECONDS

TOKEN = "feed"  # noqa: S105 - it is a marker
MARK = b"ejtui-feed-"
OTHERS_MARK = b"ejtui-feeb-"


async def through(argv: list[str], stdin: bytes) -> Gather:
    """Run `argv` behind the relay on a terminal of this computer, to its end."""
    gather = Gather()
    frames = Frames(TOKEN, gather)
    inner = wire.launcher(argv, token=TOKEN, become=None, env={}, cwd=None, terminal=True)
    spawned = await LocalHost("here", "none")._spawn(relayed(TOKEN, inner), frames, SIZE)
    assert await asyncio.wait_for(frames.started, SECONDS)
    program = Encoder(spawned)
    program.write(stdin)
    program.write_eof()
    await asyncio.wait_for(gather.done.wait(), SECONDS)
    program.close()
    return gather


@pytest.mark.parametrize(
    "data",
    [b"", b".\n", b"=\n=", bytes(range(256)) * 30, b"\x03\x04\x1a\x11\x13\r\n" * 50, OTHERS_MARK],
)
async def test_bytes_both_ways(data: bytes) -> None:
    gather = await through(["sh", "-c", "[ -t 0 ] || [ -t 1 ] || [ -t 2 ] || exec cat"], data)
    assert (bytes(gather.stdout), bytes(gather.stderr), gather.code) == (data, b"", 0)


@pytest.mark.parametrize(
    "said", [b"oh\n", b"no newline", b"a\n\nb", b"x" * 1001, OTHERS_MARK + b"x3\n"]
)
async def test_errors_and_codes(said: bytes) -> None:
    gather = await through(["sh", "-c", "cat >&2; echo out; exit 9"], said)
    assert (bytes(gather.stdout), bytes(gather.stderr), gather.code) == (b"out\n", said, 9)


async def test_a_program_that_reads_nothing_ends() -> None:
    gather = await through(["sh", "-c", "kill -9 $$"], b"x" * 100_000)
    assert (bytes(gather.stdout), gather.code) == (b"", 137)


@given(st.binary(max_size=4000))
def test_each_line_is_plain_and_short(data: bytes) -> None:
    lines = list(encoded(data))
    for line in lines:
        assert line.startswith(b"=")
        assert line.endswith(b"\n")
        assert all(0x20 <= byte < 0x7F for byte in line[:-1])
        assert len(line) <= 4 * 1024 + 2


@given(
    st.lists(
        st.one_of(
            st.tuples(
                st.just(False), st.sampled_from([b"ejtui-", b"out\n", b"\0", b"e", MARK[:-1]])
            ),
            st.tuples(st.just(True), st.sampled_from([b"error\n", b"\n", b"e\xff\n"])),
        ),
        max_size=8,
    ),
    st.integers(1, 9),
)
def test_frames_are_told_from_output_however_they_are_cut(
    said: list[tuple[bool, bytes]], size: int
) -> None:
    async def check() -> None:
        gather = Gather()
        frames = Frames(TOKEN, gather)
        stream = MARK + b"12;"
        for error, data in said:
            stream += MARK + b"e" + data if error else data
        stream += MARK + b"elast" + MARK + b"x5\n"
        for start in range(0, len(stream), size):
            frames.received(stream[start : start + size], error=False)
        assert bytes(gather.stdout) == b"".join(data for error, data in said if not error)
        errors = b"".join(data for error, data in said if error)
        assert bytes(gather.stderr) == errors + b"last"
        assert (gather.code, frames.pid, frames.over) == (5, 12, True)
        frames.exited(1)
        frames.closed(None)
        assert gather.code == 5

    asyncio.run(check())


def test_what_is_held_back_comes_at_the_end() -> None:
    async def check() -> None:
        gather = Gather()
        frames = Frames(TOKEN, gather)
        frames.received(MARK + b"12;abc" + MARK[:4], error=False)
        assert bytes(gather.stdout) == b"abc"
        frames.exited(3)
        frames.closed(None)
        assert (bytes(gather.stdout), gather.code) == (b"abc" + MARK[:4], 3)

    asyncio.run(check())

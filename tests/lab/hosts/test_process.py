"""Long-lived processes, on this computer and over SSH alike."""

from __future__ import annotations

import asyncio

import pytest

from ejtui.hosts import BecomeFailed, Host


async def test_lines_both_ways(either: Host) -> None:
    process = await either.open_process(["sh", "-c", "echo ready; echo oh >&2; exec cat"])
    assert await process.readline() == b"ready\n"
    big = b"x" * 900_000 + b"\n"
    await process.write(b"one\n")
    assert await process.readline() == b"one\n"
    await asyncio.gather(process.write(big), _expect(process.readline(), big))
    assert process.stderr_tail() == "oh"
    assert process.code is None
    await process.close()
    assert await process.wait() == 0
    assert await process.readline() == b""
    with pytest.raises(BrokenPipeError):
        await process.write(b"late")


async def _expect(line: object, wanted: bytes) -> None:
    assert await line == wanted  # type: ignore[misc]


async def test_its_input_ends_with_close(either: Host) -> None:
    process = await either.open_process(["sh", "-c", "cat >/dev/null; echo bye; exit 4"])
    await process.close()
    assert await process.wait() == 4


async def test_one_that_does_not_leave_is_ended(either: Host) -> None:
    process = await either.open_process(["sh", "-c", "echo $$; exec sleep 95.4"], user="nobody")
    pid = (await process.readline()).decode().strip()
    await process.close()
    stat = (await either.run(["ps", "-o", "stat=", "-p", pid], check=False)).stdout
    assert stat[:1] in (b"", b"Z")
    assert await process.wait() != 0


async def test_the_last_words_are_heard(either: Host) -> None:
    process = await either.open_process(["sh", "-c", "seq 1 50000; echo why >&2; exit 3"])
    said = await process.read()
    assert said.splitlines()[-1] == b"50000"
    assert await process.wait() == 3
    assert process.stderr_tail() == "why"
    await process.close()


async def test_a_flood_that_nobody_reads_has_to_wait(either: Host) -> None:
    process = await either.open_process(
        ["sh", "-c", "head -c 100000000 /dev/zero; echo over >&2; cat >/dev/null"]
    )
    await asyncio.sleep(0.7)
    assert process.stderr_tail() == ""
    total = 0
    while total < 100_000_000:
        total += len(await process.read(1 << 20))
    assert total == 100_000_000
    await process.close()
    assert process.stderr_tail() == "over"


async def test_a_user_that_cannot_be_become(either: Host) -> None:
    with pytest.raises(BecomeFailed):
        await either.open_process(["cat"], user="nobody-here")

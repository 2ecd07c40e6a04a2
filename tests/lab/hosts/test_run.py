"""Commands to their end, on this computer and over SSH alike."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest

from ejtui.hosts import BecomeFailed, CommandFailed, CommandTimedOut, Host, HostError
from tests import patience

# A process that only waits to be looked at by its parent is gone.
GONE = 'gone() { for p do if ps -o stat= -p "$p" | grep -q "^[^Z]"; then return 1; fi; done; }'


async def until(host: Host, script: str, seconds: float = patience.SECONDS) -> None:
    """Wait until a shell condition holds on the host."""
    end = time.monotonic() + seconds
    while (await host.run(["sh", "-c", script], user="root", check=False)).code:
        assert time.monotonic() < end, f"not within {seconds} s: {script}"
        await asyncio.sleep(0.05)


@pytest.fixture
def mark(open_dir: Path) -> Path:
    """The name of a file that any user may write, seen by the host as well."""
    return open_dir / "mark"


async def test_output_code_and_input(either: Host) -> None:
    output = await either.run(
        ["sh", "-c", "cat; echo err >&2; exit 7"], stdin=b"in\0put", check=False
    )
    assert (output.code, output.stdout, output.stderr) == (7, b"in\0put", b"err\n")


async def test_a_failure_says_host_command_code_and_complaint(either: Host) -> None:
    with pytest.raises(CommandFailed) as caught:
        await either.run(["sh", "-c", "echo out; echo no room >&2; exit 3"])
    assert (caught.value.code, caught.value.stderr) == (3, "no room")
    assert str(caught.value).startswith(f"first ({either.where}): `sh -c 'echo out;")


async def test_a_program_that_is_not_there(either: Host) -> None:
    with pytest.raises(CommandFailed, match=r"code 127: .*no-such-program: not found"):
        await either.run(["no-such-program"])


async def test_a_signal_is_a_code(either: Host) -> None:
    output = await either.run(["sh", "-c", "kill -9 $$"], check=False)
    assert output.code == 137


async def test_environment_directory_and_user(either: Host) -> None:
    script = 'printf "%s|" "$A" "$PWD" "$(id -un)" "$LOGNAME"'
    output = await either.run(["sh", "-c", script], env={"A": "x y\n'"}, cwd="/usr", user="nobody")
    assert output.stdout == b"x y\n'|/usr|nobody|nobody|"
    with pytest.raises(CommandFailed, match="code 126"):
        await either.run(["true"], cwd="/no/such/directory")


async def test_programs_outside_a_bare_path_are_found(either: Host) -> None:
    output = await either.run(["sh", "-c", "command -v sshd"], env={})
    assert output.stdout == b"/usr/sbin/sshd\n"


async def test_a_user_that_is_not_there(either: Host) -> None:
    with pytest.raises(BecomeFailed) as caught:
        await either.run(["true"], user="nobody-here")
    assert "service_user" in caught.value.next_action
    with pytest.raises(BecomeFailed, match="is no user name"):
        await either.run(["true"], user="a;b")


async def test_a_nul_is_refused_before_anything_runs(either: Host) -> None:
    with pytest.raises(HostError, match="NUL"):
        await either.run(["echo", "a\0b"])


@pytest.mark.parametrize("user", [None, "root", "nobody"])
async def test_the_time_is_bounded_and_the_program_ended(
    either: Host, mark: Path, user: str | None
) -> None:
    script = f"echo $$ > {mark}; echo working >&2; sleep 100 & sleep 100"
    with pytest.raises(CommandTimedOut, match=r"within 5 s .*working"):
        await either.run(["sh", "-c", script], user=user, timeout=5)
    await until(either, f"{GONE}; gone $(cat {mark})")


@pytest.mark.parametrize("user", [None, "root"])
async def test_cancelling_ends_the_program_and_its_children(
    either: Host, mark: Path, user: str | None
) -> None:
    # The second one takes no TERM.
    for trap in ("", "trap '' TERM; "):
        script = f"{trap}sleep 98.7 & echo $! > {mark}; while :; do sleep 98.7; done"
        task = asyncio.create_task(either.run(["sh", "-c", script], user=user))
        await until(either, f"[ -s {mark} ]")
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await until(either, f"{GONE}; gone $(cat {mark}) && rm {mark}")


async def test_cancelling_at_any_moment_leaves_the_host_usable(either: Host, mark: Path) -> None:
    for delay in (0, 0.001, 0.003, 0.006, 0.01, 0.02, 0.05):
        task = asyncio.create_task(either.run(["sh", "-c", f"echo $$ >> {mark}; exec sleep 97.6"]))
        await asyncio.sleep(delay)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert (await either.run(["echo", "well"])).stdout == b"well\n"
    await until(either, f"{GONE}; [ ! -e {mark} ] || gone $(cat {mark})")


async def test_many_at_once(either: Host) -> None:
    process = await either.open_process(["cat"])
    terminal = await either.open_terminal(["cat"], columns=80, rows=24)
    outputs = await asyncio.gather(*(either.run(["echo", str(i)]) for i in range(30)))
    assert [o.stdout for o in outputs] == [f"{i}\n".encode() for i in range(30)]
    await terminal.close()
    await process.close()


async def test_a_command_that_leaves_someone_behind_returns(either: Host, mark: Path) -> None:
    script = f"sleep 96.5 & echo $! > {mark}; echo done"
    output = await asyncio.wait_for(either.run(["sh", "-c", script]), patience.SECONDS)
    assert (output.code, output.stdout) == (0, b"done\n")
    await either.run(["sh", "-c", f"kill $(cat {mark})"])


async def test_endless_output_is_refused(either: Host) -> None:
    with pytest.raises(HostError, match="more than 24 MiB"):
        await either.run(["cat", "/dev/zero"])
    assert (await either.run(["echo", "well"])).stdout == b"well\n"

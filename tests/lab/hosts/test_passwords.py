"""sudo, doas and su that ask for a password: asked once, and nothing else is different."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from ejtui.hosts import (
    BecomeFailed,
    CommandFailed,
    CommandTimedOut,
    Host,
    SecretQuestion,
    Secrets,
    Unreachable,
)
from ejtui.hosts.programs.authority import Authority
from ejtui.hosts.programs.become import Mode
from ejtui.hosts.ssh.host import SshHost
from tests.lab.hosts.conftest import PASSWORD, ROOT_PASSWORD
from tests.lab.hosts.test_run import GONE, until
from tests.lab.hosts.test_ssh_trouble import Wire, listening
from tests.lab.hosts.test_terminal import Reader
from tests.patience import SECONDS

if TYPE_CHECKING:
    from tests.lab.hosts.conftest import Sshd

# Login user and way: each becomes root and svc with a password.
WAYS = [
    ("oppw", "sudo"),
    ("optty", "sudo"),
    ("oppty", "sudo"),
    ("oppw", "doas"),
    ("oppw", "su"),
    ("opcshpw", "sudo"),
    ("opcshpw", "doas"),
    ("opcshpw", "su"),
]


def slow(*more: tuple[str, str]) -> list[object]:
    """For what waits on purpose after a wrong password: on every run each tool once."""
    ways = [*WAYS[:5], *more]
    return [w if w[0] == "oppw" else pytest.param(*w, marks=pytest.mark.catalogue) for w in ways]


EVERY_BYTE = bytes(range(256)) * 40


class Person:
    """Answers what is asked, one answer after the other, and remembers the questions."""

    def __init__(self, *answers: str | None) -> None:
        self.questions: list[SecretQuestion] = []
        self._answers = list(answers)

    async def __call__(self, question: SecretQuestion) -> str | None:
        self.questions.append(question)
        return self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]


def right(become: str) -> str:
    return ROOT_PASSWORD if become == "su" else PASSWORD


@asynccontextmanager
async def asked(
    sshd: Sshd, login: str, become: str, *answers: str | None
) -> AsyncIterator[tuple[Host, Person]]:
    """A host and the person it asks; who knows the password where no answers are given."""
    person = Person(*(answers or [right(become)]))
    async with sshd.host(login, Secrets(person), become=become) as host:
        yield host, person


@pytest.mark.parametrize(("login", "become"), WAYS)
async def test_one_question_serves_everything(sshd: Sshd, login: str, become: str) -> None:
    async with asked(sshd, login, become) as (host, person):
        script = ["sh", "-c", 'id -un; cat; printf "%s" "$1" >&2; exit 7', "sh", "no\nnewline"]
        for user in ("root", "root", "svc"):
            output = await host.run(script, user=user, stdin=EVERY_BYTE, check=False)
            assert output.stdout == user.encode() + b"\n" + EVERY_BYTE
            assert (output.code, output.stderr) == (7, b"no\nnewline")
        [asked_] = person.questions
        assert (asked_.host, asked_.where, asked_.who) == ("first", f"{login}@127.0.0.1", become)
        assert "assword" in asked_.prompt


@pytest.mark.parametrize(("login", "become"), WAYS[:5])
async def test_files_are_written_byte_for_byte(
    sshd: Sshd, root_dir: Path, login: str, become: str
) -> None:
    file = root_dir / "file"
    data = EVERY_BYTE + os.urandom(200_000)
    async with asked(sshd, login, become) as (host, _):
        for content in (data, b"", b".\n=\n\\0101", data[:1]):
            await host.write(str(file), content, owner="root", mode=0o600, user="root")
            assert file.read_bytes() == content
            assert await host.read(str(file), user="root") == content
        assert (file.stat().st_uid, file.stat().st_mode & 0o777) == (0, 0o600)


@pytest.mark.parametrize(("login", "become"), WAYS)
async def test_a_long_lived_process(sshd: Sshd, login: str, become: str) -> None:
    async with asked(sshd, login, become) as (host, person):
        script = ["sh", "-c", "echo ready; echo oh >&2; cat; echo bye >&2; exit 4"]
        process = await host.open_process(script, user="svc")
        assert await process.readline() == b"ready\n"
        for line in (b"\0\xff\\ \r\n", b"x" * 300_000 + b"\n", b"ejtui-1-e\n"):
            await process.write(line)
            assert await process.readline() == line
        await process.close()
        assert await process.read() == b""
        assert await process.wait() == 4
        assert process.stderr_tail() == "oh\nbye"
        stuck = await host.open_process(["sh", "-c", "echo $$; exec sleep 91.7"], user="svc")
        pid = (await stuck.readline()).decode().strip()
        await stuck.close()
        stat = (await host.run(["ps", "-o", "stat=", "-p", pid], check=False)).stdout
        assert stat[:1] in (b"", b"Z")
        assert len(person.questions) == 1


@pytest.mark.parametrize(("login", "become"), WAYS)
async def test_a_terminal(sshd: Sshd, login: str, become: str) -> None:
    async with asked(sshd, login, become) as (host, person):
        for user in ("root", "svc"):
            # Between the two terminals sudo hands the new size on, some moment later.
            resized = 'until [ "$(stty size)" = "40 120" ]; do sleep 0.02; done'
            script = f"echo size $(stty size) $(id -un); read x; echo got $x; {resized}; exit 5"
            terminal = await host.open_terminal(
                ["sh", "-c", script], user=user, columns=97, rows=31
            )
            reader = Reader(terminal.socket)
            await reader.until(f"size 31 97 {user}".encode())
            terminal.resize(120, 40)
            terminal.socket.send(b"keys\r")
            said = await reader.end()
            assert b"got keys\r\n" in said
            assert said.startswith(b"size 31 97"), "something came before the program"
            assert await terminal.wait() == 5
            await terminal.close()
        assert len(person.questions) == 1


@pytest.mark.parametrize(("login", "become"), slow(*WAYS[5:], ("oponce", "sudo")))
async def test_a_wrong_one_is_asked_again(sshd: Sshd, login: str, become: str) -> None:
    async with asked(sshd, login, become, "wrong", "wr0ng", right(become)) as (host, person):
        assert (await host.run(["id", "-un"], user="root")).stdout == b"root\n"
        assert [question.attempt for question in person.questions] == [1, 2, 3]
        assert {question.of for question in person.questions} == {3}


@pytest.mark.parametrize(("login", "become"), slow(("oponce", "sudo")))
async def test_three_wrong_ones_are_the_last(sshd: Sshd, login: str, become: str) -> None:
    async with asked(sshd, login, become, "Wr0ng!") as (host, person):
        for _ in range(2):  # nobody is asked again by the next command
            with pytest.raises(BecomeFailed, match="3 answers were wrong") as caught:
                await host.run(["id"], user="root")
            assert len(person.questions) == 3
            assert "Wr0ng!" not in str(caught.value)
        assert (await host.run(["id", "-un"])).stdout == f"{login}\n".encode()


@pytest.mark.parametrize(("login", "become"), WAYS[:5])
async def test_a_person_may_refuse_and_think_again(sshd: Sshd, login: str, become: str) -> None:
    person = Person(None, None, right(become))
    secrets = Secrets(person)
    async with sshd.host(login, secrets, become=become) as host:
        for asked_ in (1, 1, 2):  # what was refused is asked again on request alone
            if asked_ == 2:
                secrets.reconsider()
            attempts = (host.run(["id"], user="root") for _ in range(5))
            errors = await asyncio.gather(*attempts, return_exceptions=True)
            assert {type(error) for error in errors} == {BecomeFailed}
            assert all("no password was given" in str(error) for error in errors)
            assert len(person.questions) == asked_
        secrets.reconsider()
        assert (await host.run(["id", "-un"], user="root")).stdout == b"root\n"


@pytest.mark.parametrize(("login", "become"), WAYS[:5])
async def test_many_at_once_ask_once(sshd: Sshd, login: str, become: str) -> None:
    async with asked(sshd, login, become) as (host, person):
        users = ["root", "svc"] * 6
        outputs = await asyncio.gather(*(host.run(["id", "-un"], user=user) for user in users))
        assert [output.stdout.decode().strip() for output in outputs] == users
        assert len(person.questions) == 1


@pytest.mark.parametrize(("login", "become"), slow())
async def test_what_is_under_way_can_be_ended(
    sshd: Sshd, open_dir: Path, login: str, become: str
) -> None:
    mark = open_dir / "mark"
    async with asked(sshd, login, become) as (host, person):
        await host.run(["true"], user="root")
        script = ["sh", "-c", f"echo $$ > {mark}; echo working >&2; sleep 92.9 & sleep 92.8"]
        with pytest.raises(CommandTimedOut, match=r"within 5 s .*working"):
            await host.run(script, user="root", timeout=5)
        await until(host, f"{GONE}; gone $(cat {mark}) && rm {mark}")
        task = asyncio.create_task(host.run(script, user="svc"))
        await until(host, f"[ -s {mark} ]")
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await until(host, f"{GONE}; gone $(cat {mark})")
        assert len(person.questions) == 1


async def test_a_question_that_is_not_answered_in_time_is_not_the_programs_time(
    sshd: Sshd,
) -> None:
    may = asyncio.Event()

    async def slow(_: SecretQuestion) -> str:
        await may.wait()
        return PASSWORD

    async with sshd.host("oppw", Secrets(slow)) as host:
        running = asyncio.create_task(host.run(["id", "-un"], user="root", timeout=5.0))
        other = asyncio.create_task(host.run(["id", "-un"]))
        assert (await other).stdout == b"oppw\n"
        assert not (await asyncio.wait([running], timeout=6.0))[0]
        may.set()
        assert (await running).stdout == b"root\n"


async def test_whoever_asked_may_be_stopped_meanwhile(sshd: Sshd) -> None:
    stopped = asyncio.Event()
    asking = asyncio.Event()

    async def never(_: SecretQuestion) -> str:
        asking.set()
        try:
            await asyncio.Event().wait()
        finally:
            stopped.set()
        return ""

    async with sshd.host("oppw", Secrets(never), become="doas") as host:
        running = asyncio.create_task(host.run(["id"], user="root"))
        await asyncio.wait_for(asking.wait(), SECONDS)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
        assert stopped.is_set()
        assert (await host.run(["echo", "well"])).stdout == b"well\n"


@pytest.mark.parametrize(("login", "become"), WAYS[:5])
async def test_a_failure_is_told_as_ever(sshd: Sshd, login: str, become: str) -> None:
    async with asked(sshd, login, become) as (host, _):
        with pytest.raises(CommandFailed, match=r"`no-such-program` .*127: .*not found"):
            await host.run(["no-such-program"], user="root")
        output = await host.run(["sh", "-c", "kill -9 $$"], user="root", check=False)
        assert (output.code, output.stdout) == (137, b"")
        with pytest.raises(BecomeFailed):
            await host.run(["true"], user="nobody-here")
        long = b"e" * 3000 + b"\n" + b"f" * 400 + b"\n\n\xff\n"
        script = ["sh", "-c", "cat >&2; seq 20000"]
        output = await host.run(script, user="svc", stdin=long)
        assert output.stderr == long
        assert output.stdout.split() == [str(n).encode() for n in range(1, 20001)]


@pytest.mark.parametrize(("login", "become"), WAYS[:5])
async def test_who_is_left_behind_lives_on(
    sshd: Sshd, open_dir: Path, login: str, become: str
) -> None:
    mark = open_dir / "mark"
    async with asked(sshd, login, become) as (host, _):
        script = f"sleep 90.5 & echo $! > {mark}; echo done"
        output = await host.run(["sh", "-c", script], user="root")
        assert output.stdout == b"done\n"
        await host.run(["sh", "-c", f"kill -0 $(cat {mark})"], user="root")
    async with asked(sshd, login, become) as (host, _):
        await host.run(["sh", "-c", f"kill $(cat {mark})"], user="root")


async def test_the_relay_on_either_machine(either: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no password is needed it can be looked at on this computer as well."""
    monkeypatch.setattr(Authority, "mode", lambda _self, user: Mode.TERMINAL if user else Mode.NONE)
    script = ["sh", "-c", 'cat; printf "%s" "$1" >&2; exit 7', "sh", "no\nnewline"]
    output = await either.run(script, user="nobody", stdin=EVERY_BYTE, check=False)
    assert (output.code, output.stdout, output.stderr) == (7, EVERY_BYTE, b"no\nnewline")
    process = await either.open_process(["cat"], user="nobody")
    await process.write(b"\0line\xff\n")
    assert await process.readline() == b"\0line\xff\n"
    await process.close()
    assert await process.wait() == 0
    terminal = await either.open_terminal(["stty", "size"], user="nobody", columns=97, rows=31)
    assert await Reader(terminal.socket).end() == b"31 97\r\n"
    await terminal.close()


@pytest.mark.parametrize(("login", "become"), WAYS[:5])
async def test_the_password_is_nowhere_to_be_seen(sshd: Sshd, login: str, become: str) -> None:
    """Neither in a process's words nor in its environment, and in no error."""
    secret = right(become)
    look = (
        "for p in /proc/[0-9]*; do cat $p/cmdline $p/environ 2>/dev/null; done; "
        "echo; ps -A -o args="
    )
    async with sshd.host("opsh") as root, asked(sshd, login, become) as (host, person):
        seen = b""
        work = asyncio.gather(
            *(host.run(["sleep", "0.2"], user=user) for user in ["root", "svc"] * 4),
            host.run(["cat", "/no/such/file"], user="root", check=False),
        )
        while not work.done():
            seen += (await root.run(["sh", "-c", look], user="root")).stdout
        complaint = (await work)[-1].stderr
        assert b"sleep" in seen
        with pytest.raises(CommandFailed) as caught:
            await host.run(["false"], user="root")
        told = f"{caught.value!r}{host!r}{vars(host)!r}{person.questions!r}".encode()
        for said in (seen, complaint, told):
            assert secret.encode() not in said


async def test_where_no_password_is_wanted_nothing_is_different(
    sshd: Sshd, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[list[str]] = []
    spawn = SshHost._spawn

    async def noted(self: SshHost, argv: list[str], *rest: Any) -> Any:
        started.append(argv)
        return await spawn(self, argv, *rest)

    monkeypatch.setattr(SshHost, "_spawn", noted)
    async with asked(sshd, "opsh", "sudo", "never") as (host, person):
        assert (await host.run(["id", "-un"], user="root")).stdout == b"root\n"
        assert [argv[:2] for argv in started] == [["sudo", "-n"]]
        assert not person.questions


@pytest.mark.parametrize("become", ["sudo", "doas", "su"])
async def test_a_line_that_is_cut_ends_who_reads_from_it(
    sshd: Sshd, open_dir: Path, become: str
) -> None:
    mark = open_dir / "mark"
    wire = Wire(sshd.port)
    async with listening(wire.talk) as port, sshd.host("opsh") as watcher:
        known = (sshd.work / "known_hosts").read_text()
        file = open_dir / "known_hosts"
        file.write_text(known.replace(f":{sshd.port} ", f":{port} "))
        secrets = Secrets(Person(right(become)))
        changes = {"become": become, "port": port, "known_hosts": str(file)}
        async with sshd.host("oppw", secrets, **changes) as host:
            script = ["sh", "-c", f"echo $$ > {mark}; echo ready; exec cat"]
            process = await host.open_process(script, user="root")
            assert await process.readline() == b"ready\n"
            wire.cut()
            with pytest.raises(Unreachable, match="dropped"):
                await asyncio.wait_for(process.readline(), SECONDS)
            await until(watcher, f"{GONE}; gone $(cat {mark})")
            await process.close()
            await host.connect()
            # Nobody is asked again: the answer is kept while the session lasts.
            assert (await host.run(["id", "-un"], user="root")).stdout == b"root\n"

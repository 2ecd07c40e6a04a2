"""Logging in with what a person knows: a key's passphrase, a password, an answer."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any

import pytest

from ejtui.hosts import HostKeyUnknown, SecretQuestion, Secrets, Unreachable, open_host
from tests.lab.hosts.conftest import PASSPHRASE, PASSWORD
from tests.lab.hosts.test_passwords import Person
from tests.patience import SECONDS

if TYPE_CHECKING:
    from tests.lab.hosts.conftest import Sshd

# What is asked for, by login user.
ASKED = {"oplogin": "password", "opkbd": "keyboard-interactive", "opboth": "keyboard-interactive"}


def asking(sshd: Sshd, user: str) -> dict[str, Any]:
    """The configuration of a host that takes no key of ours."""
    return {
        "user": user,
        "port": sshd.asking,
        "identity_file": str(sshd.work / "nobodys"),
        "become": "none",
    }


@pytest.fixture(autouse=True)
def _a_key_that_is_not_let_in(sshd: Sshd, keygen: Any) -> None:
    if not (sshd.work / "nobodys").exists():
        keygen(sshd.work / "nobodys")


async def log_in(sshd: Sshd, secrets: Secrets, **changes: Any) -> bytes:
    async with sshd.host(secrets=secrets, **changes) as host:
        return (await host.run(["id", "-un"])).stdout.strip()


@pytest.mark.parametrize("user", ASKED)
async def test_asked_once_and_kept(sshd: Sshd, user: str) -> None:
    person = Person(PASSWORD)
    secrets = Secrets(person)
    for _ in range(2):
        assert await log_in(sshd, secrets, **asking(sshd, user)) == user.encode()
    [question] = person.questions
    assert (question.host, question.who, question.attempt) == ("first", ASKED[user], 1)
    assert question.where == f"{user}@127.0.0.1"
    assert "assword" in question.prompt


@pytest.mark.parametrize("user", ASKED)
async def test_a_wrong_one_is_asked_again(sshd: Sshd, user: str) -> None:
    person = Person("wrong", "Wr0ng", PASSWORD)
    assert await log_in(sshd, Secrets(person), **asking(sshd, user)) == user.encode()
    assert [question.attempt for question in person.questions] == [1, 2, 3]


@pytest.mark.parametrize("user", ["oplogin", "opkbd"])
async def test_three_wrong_ones_are_the_last(sshd: Sshd, user: str) -> None:
    person = Person("Wr0ng!")
    secrets = Secrets(person)
    for _ in range(2):
        with pytest.raises(Unreachable, match="3 answers were wrong") as caught:
            await log_in(sshd, secrets, **asking(sshd, user))
        assert len(person.questions) == 3
        assert "Wr0ng!" not in str(caught.value)


@pytest.mark.parametrize("user", ["oplogin", "opkbd"])
async def test_a_person_may_refuse(sshd: Sshd, user: str) -> None:
    person = Person(None)
    with pytest.raises(Unreachable, match="no password was given") as caught:
        await log_in(sshd, Secrets(person), **asking(sshd, user))
    assert len(person.questions) == 1
    assert "ssh-add" in caught.value.next_action


@pytest.mark.parametrize("user", ["oplogin", "opkbd"])
async def test_where_nobody_can_be_asked(sshd: Sshd, user: str) -> None:
    with pytest.raises(Unreachable, match="there is nobody to ask for it"):
        await log_in(sshd, Secrets(), **asking(sshd, user))


async def test_nobody_is_asked_where_a_key_is_enough(sshd: Sshd) -> None:
    person = Person("never")
    changes = asking(sshd, "oplogin") | {"identity_file": str(sshd.work / "id")}
    assert await log_in(sshd, Secrets(person), **changes) == b"oplogin"
    assert not person.questions


async def test_too_many_keys_are_told_apart_from_a_wrong_password(sshd: Sshd, keygen: Any) -> None:
    settings = sshd.work / "many_keys"
    names = [f"nobodys{number}" for number in range(4)]
    for name in names:
        if not (sshd.work / name).exists():
            keygen(sshd.work / name)
    lines = [f"IdentityFile {sshd.work}/{name}\n" for name in names]
    settings.write_text("".join(lines))
    person = Person(PASSWORD)
    changes = asking(sshd, "oplogin") | {"identity_file": None, "ssh_config": str(settings)}
    with pytest.raises(Unreachable, match="Too many authentication failures") as caught:
        await log_in(sshd, Secrets(person), **changes)
    assert "fewer keys" in caught.value.next_action
    assert not person.questions


async def test_a_person_may_take_their_time(sshd: Sshd) -> None:
    """The server gives little time to log in; nothing is open meanwhile."""
    asked = asyncio.Event()
    may = asyncio.Event()

    async def slow(_: SecretQuestion) -> str:
        asked.set()
        await may.wait()
        return PASSWORD

    log = sshd.work / "log_pam"
    before = log.read_text().count("Connection closed by authenticating user oplogin")
    task = asyncio.create_task(log_in(sshd, Secrets(slow), **asking(sshd, "oplogin")))
    await asyncio.wait_for(asked.wait(), SECONDS)
    for _ in range(1500):
        if log.read_text().count("Connection closed by authenticating user oplogin") > before:
            break
        await asyncio.sleep(0.02)
    else:
        pytest.fail("the connection is held open")
    may.set()
    assert await task == b"oplogin"


@pytest.fixture(params=["openssh", "pem"])
async def locked(sshd: Sshd, request: pytest.FixtureRequest) -> str:
    """A key file that is protected by PASSPHRASE: a new one, and one as they were of old."""
    if request.param == "openssh":
        return str(sshd.work / "locked")
    file = sshd.work / "locked_pem"
    if not file.exists():
        argv = ["ssh-keygen", "-q", "-t", "rsa", "-m", "PEM", "-N", PASSPHRASE, "-f", str(file)]
        await (await asyncio.create_subprocess_exec(*argv)).wait()
        public = file.with_suffix(".pub")
        with (sshd.work / "locked.pub").open("a") as keys:
            keys.write(public.read_text())
        public.unlink()
    return str(file)


async def test_a_key_with_a_passphrase(sshd: Sshd, locked: str) -> None:
    person = Person("wrong", PASSPHRASE)
    secrets = Secrets(person)
    changes = {"port": sshd.asking, "identity_file": locked, "become": "none"}
    for user in ("opsh", "opbash"):  # the same key opens both: it is asked for once
        assert await log_in(sshd, secrets, user=user, **changes) == user.encode()
    assert [question.attempt for question in person.questions] == [1, 2]
    assert person.questions[0].who == f"ssh key {locked}"


async def test_a_passphrase_that_nobody_gives(sshd: Sshd, locked: str) -> None:
    changes = {"port": sshd.asking, "identity_file": locked, "become": "none"}
    with pytest.raises(Unreachable, match="no password was given"):
        await log_in(sshd, Secrets(Person(None)), user="opsh", **changes)
    with pytest.raises(Unreachable, match="protected by a passphrase") as caught:
        await log_in(sshd, Secrets(), user="opsh", **changes)
    assert "ssh-add" in caught.value.next_action
    with pytest.raises(Unreachable, match="3 answers were wrong"):
        await log_in(sshd, Secrets(Person("wrong")), user="opsh", **changes)


async def test_a_jump_host_may_ask_too(sshd: Sshd) -> None:
    person = Person(PASSWORD)
    changes = asking(sshd, "opkbd") | {"proxy_jump": f"oplogin@127.0.0.1:{sshd.asking}"}
    assert await log_in(sshd, Secrets(person), **changes) == b"opkbd"
    jump, target = person.questions
    assert (jump.who, target.who) == ("password", "keyboard-interactive")
    assert "the jump host to 127.0.0.1" in jump.where
    assert target.where == "opkbd@127.0.0.1"


async def test_nothing_is_asked_before_the_host_key_is_known(sshd: Sshd) -> None:
    person = Person(PASSWORD)
    host = open_host(
        sshd.config(**asking(sshd, "oplogin"), known_hosts="/no/such"), Secrets(person)
    )
    with pytest.raises(HostKeyUnknown):
        await host.connect()
    assert not person.questions


async def test_the_password_is_in_no_log(sshd: Sshd, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    for user in ASKED:
        await log_in(sshd, Secrets(Person("Wr0ng!", PASSWORD)), **asking(sshd, user))
    assert "oplogin" in caplog.text
    for secret in (PASSWORD, "Wr0ng!"):
        assert secret not in caplog.text
        assert secret not in (sshd.work / "log_pam").read_text()

"""Certificates and keys that second lacks: copied from first, used, removed by a rollback."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from ejtui.cluster.carry_over.request import Wanted
from ejtui.cluster.carry_over.run import take
from ejtui.cluster.question import Question
from ejtui.lab.faults.node import LabNode, first, second
from ejtui.lab.lab import Lab
from tests.lab.cli.driver import Ejtui
from tests.lab.cluster.engine import engine
from tests.lab.cluster.test_administration import FILE, edited, kept_texts
from tests.lab.cluster.test_sudo_log import record, recorded

PLACE = "/etc/ejabberd/tls/live"
CERTIFICATE, KEY = f"{PLACE}/chat.pem", f"{PLACE}/chat.key"
HAS = 'ejabberd_pkix:get_certfile_no_default(<<"chat.example">>) =/= error'
LACKS = 'ejabberd_pkix:get_certfile_no_default(<<"chat.example">>) =:= error'
_STARTTLS = "sed -i 's/module: ejabberd_c2s/&\\n    starttls: true/' \"$1\""


@pytest.fixture
def pair(fresh_lab: Lab, tmp_path: Path) -> tuple[LabNode, LabNode, list[str]]:
    """First has a certificate and a key; second's clients may use TLS. And what is secret."""
    one_, other = first(fresh_lab), second(fresh_lab)
    key, certificate = tmp_path / "key", tmp_path / "pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
         "-nodes", "-keyout", key, "-out", certificate, "-days", "9", "-subj", "/CN=chat.example",
         "-addext", "subjectAltName=DNS:chat.example"],
        check=True, capture_output=True,
    )  # fmt: skip
    for file, path, mode in ((certificate, CERTIFICATE, "644"), (key, KEY, "640")):
        one_.script(
            'mkdir -p "${1%/*}"; cat >"$1"; chown root:ejabberd "$1"; chmod "$2" "$1"',
            path, mode, stdin=file.read_bytes(),
        )  # fmt: skip
    edited(one_, f"printf 'certfiles:\\n  - {PLACE}/*\\n' >>\"$1\"", HAS)
    edited(other, _STARTTLS, LACKS)
    secret = [line for line in key.read_text().splitlines() if "-----" not in line]
    return one_, other, secret


def served(node: LabNode) -> str:
    """The certificate that the node shows to a client of chat.example, by its fingerprint."""
    # By the host's own address: the lab's c2s listens there.
    script = (
        'openssl s_client -starttls xmpp -xmpphost chat.example -connect "$1:5222" </dev/null'
        " 2>/dev/null | openssl x509 -noout -fingerprint -sha256"
    )
    return node.run("sh", "-c", script, "sh", node.host, check=False).strip()


def owned(node: LabNode, *paths: str) -> list[str]:
    return node.run("stat", "-c", "%n %U:%G %a", *paths).splitlines()


def tree(node: LabNode) -> str:
    return node.run("find", "/etc/ejabberd", "-printf", "%p %U:%G %m\n")


def test_second_serves_tls_with_firsts_certificate_and_a_rollback_removes_it(
    fresh_lab: Lab, pair: tuple[LabNode, LabNode, list[str]]
) -> None:
    one_, other, secret = pair
    ejtui = Ejtui(fresh_lab)
    record(fresh_lab)
    before, there = other.run("cat", FILE), tree(other)
    _, answer = ejtui.json("check")
    [found] = [each for each in answer["findings"] if each["code"] == "config-certificates"]
    assert "chat.example" in found["evidence"][0]
    assert not served(other)

    running = ejtui.start("repair", "config-certificates", "--yes", "--json")
    processes = [other.run("ps", "-eo", "args"), one_.run("ps", "-eo", "args")]
    while running.poll() is None:
        processes += [other.run("ps", "-eo", "args"), one_.run("ps", "-eo", "args")]
    out, err = running.communicate()
    assert running.returncode == 0, out + err
    assert all(path in out for path in (CERTIFICATE, KEY))
    assert owned(other, CERTIFICATE, KEY) == owned(one_, CERTIFICATE, KEY)
    assert other.run("cat", KEY) == one_.run("cat", KEY)
    argv = ("openssl", "x509", "-noout", "-fingerprint", "-sha256", "-in", CERTIFICATE)
    assert served(other) == one_.run(*argv).strip()
    assert other.run("cat", FILE).replace(f"certfiles:\n  - {PLACE}/*\n", "") == before
    _, answer = ejtui.json("check")
    assert "config-certificates" not in str(answer)

    ran = ejtui("rollback", "--yes")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert f"{KEY}, which was copied from first, is removed" in ran.stdout
    assert other.run("cat", FILE) == before
    assert tree(other) == there
    logs = [node.run("sh", "-c", f"cat {node.logs}/*.log") for node in (one_, other)]
    seen = [out, err, *processes, ran.stdout, ran.stderr, str(answer), kept_texts(), *logs]
    for line in secret:
        assert not [text for text in seen if line in text]
        assert not [host for host in ("first", "second")
                    if line.encode() in recorded(fresh_lab, host)]  # fmt: skip


@pytest.mark.catalogue
async def test_a_copy_that_is_cancelled_leaves_nothing_and_an_owner_stays(
    fresh_lab: Lab, pair: tuple[LabNode, LabNode, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    one_, other, _ = pair
    there = tree(other)

    async def yes(_: Question) -> bool:
        return True

    async with engine(fresh_lab) as one:
        await one.pair.refresh()
        host = one.pair.second.host
        run = host.run

        async def cancelled(number: int) -> None:
            """Copies, and is cancelled while that file gets its place."""
            placed: list[object] = []

            async def beside(argv: Sequence[str], **how: Any) -> Any:
                if argv[3:4] == ["place"]:
                    placed.append(argv)
                    if len(placed) == number:
                        task.cancel()
                return await run(argv, **how)

            monkeypatch.setattr(host, "run", beside)
            wanted = Wanted(options=("certificates",))
            task = asyncio.create_task(take(one.pair, wanted, yes, lambda _: None))
            with pytest.raises(asyncio.CancelledError):
                await task
            assert len(placed) == number

        for number in (1, 2):
            await cancelled(number)
            assert tree(other) == there
            left = other.run("find", other.home, "-newer", FILE, "-name", "*certificate*")
            assert not left
        monkeypatch.setattr(host, "run", run)
        # What second's file is, it stays, in a directory of ejabberd's own user, too.
        other.run("chown", "ejabberd", FILE.rpartition("/")[0])
        for owner, mode in (("root:ejabberd", "640"), ("ejabberd:ejabberd", "400")):
            other.run("chown", owner, FILE)
            other.run("chmod", mode, FILE)
            one_.script("sed -i 's/max_user_sessions: 1/max_user_sessions: 11/' \"$1\"", FILE)
            one_.ctl("reload_config")
            wanted = Wanted(options=("shaper_rules",))
            assert (await take(one.pair, wanted, yes, lambda _: None)).changed
            assert owned(other, FILE) == [f"{FILE} {owner} {mode}"]

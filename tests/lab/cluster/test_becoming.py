"""The whole join in every way that an operator becomes root; no secret shows meanwhile."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from ejtui import paths
from ejtui.cluster.pair.pair import Pair
from ejtui.config import load
from ejtui.hosts import AskSecret, SecretQuestion, local
from ejtui.lab.lab import Lab
from tests.lab.cluster.becoming import HOSTS, OPS, ROOTS, asking
from tests.lab.cluster.engine import Engine, ctl, engine
from tests.lab.cluster.test_sudo_log import record, recorded

BOTH = ["ejabberd@first", "ejabberd@second"]

# All that any process was started with, the look itself apart.
LOOK = "for p in /proc/[0-9]*; do cat $p/cmdline $p/environ 2>/dev/null; done; ps -A -o args="


def pair_of(
    lab: Lab, asks: AskSecret | None, first: dict[str, Any], second: dict[str, Any]
) -> Pair:
    """The lab's pair with other settings."""
    config = load(lab.config_path)
    nodes = {
        "first": replace(config.nodes["first"], **first),
        "second": replace(config.nodes["second"], **second),
    }
    return Pair(replace(config, nodes=nodes), asks)


async def join_completes(one: Engine) -> None:
    assert await one.runner.run_on(), one.last
    for host in HOSTS:
        assert ctl(one.lab, host, "list_cluster") == BOTH
    evidence = " ".join(one.last.evidence)
    assert "25 of 25 accounts of first read through ejabberd@second" in evidence


async def test_where_nobody_can_be_asked_each_way_says_what_to_do(lab: Lab) -> None:
    with asking(lab):
        for become, action in {"sudo": "NOPASSWD", "doas": "permit nopass", "su": "key"}.items():
            pair = pair_of(lab, None, {"become": become}, {"become": become})
            async with engine(lab, pair) as one:
                assert action in str(one.pair.first.trouble)
                assert "could not become root" in str(one.pair.second.trouble)


@pytest.mark.catalogue
@pytest.mark.parametrize("become", ["sudo", "doas", "su"])
async def test_with_a_password(fresh_lab: Lab, become: str) -> None:
    asked: list[SecretQuestion] = []

    async def person(question: SecretQuestion) -> str:
        asked.append(question)
        if len(asked) == 1:
            return "not it"
        return ROOTS if become == "su" else OPS

    pair = pair_of(fresh_lab, person, {"become": become}, {"become": become})
    with asking(fresh_lab):
        record(fresh_lab)
        seen = b""
        async with engine(fresh_lab, pair) as one:
            join = asyncio.create_task(join_completes(one))
            while not join.done():
                for host in HOSTS:
                    looked = await asyncio.to_thread(fresh_lab.run, host, ["sh", "-c", LOOK])
                    seen += looked.stdout
            await join
            told = f"{one.events!r}{one.questions!r}{vars(pair)!r}".encode()
        logs = ["sh", "-c", "cat /var/log/*/* /var/log/* 2>/dev/null || :"]
        logged = b"".join(fresh_lab.run(host, logs).stdout for host in HOSTS)
        if become == "sudo":
            logged += b"".join(recorded(fresh_lab, host) for host in HOSTS)
    # One question a host, and one more for the answer that was wrong.
    assert sorted(question.host for question in asked[1:]) == list(HOSTS)
    assert {question.who for question in asked} == {become}
    assert b"beam.smp" in seen
    state = [file.read_bytes() for file in paths.state_dir().rglob("*") if file.is_file()]
    assert any(b'"version": 2' in data for data in state), "no recording was found"
    for secret in (OPS, ROOTS, "not it"):
        for place in (seen, told, logged, *state):
            assert secret.encode() not in place


@pytest.mark.catalogue
async def test_as_root_directly(fresh_lab: Lab) -> None:
    root = {"user": "root", "become": "none"}
    async with engine(fresh_lab, pair_of(fresh_lab, None, root, root)) as one:
        await join_completes(one)


async def test_this_machine_as_first(fresh_lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is started here is started on first, as if ejtui ran there."""
    here = fresh_lab.enter("first", local._START)
    monkeypatch.setattr(local, "_START", here)
    itself = {"address": "local", "user": None, "become": "none"}
    async with engine(fresh_lab, pair_of(fresh_lab, None, itself, {})) as one:
        assert one.pair.first.host.where == "this computer"
        await join_completes(one)

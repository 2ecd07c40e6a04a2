"""An online backup of tables that change meanwhile holds what they held at one moment."""

from __future__ import annotations

import asyncio
import hashlib
import subprocess
from pathlib import Path
from typing import Any

from tests.lab.erlang.conftest import QUIET, Nodes

COOKIE = "OneCookieForAll"
SOURCE = Path(__file__).with_name("changing.erl")
RECORDS = 1000


async def ask(nodes: Nodes, expression: str) -> str:
    """What an Erlang expression gives on first; the probe's heartbeat goes on meanwhile."""
    return await asyncio.to_thread(evaluated, nodes, expression)


def evaluated(nodes: Nodes, expression: str) -> str:
    """What an Erlang expression gives on first."""
    program = (
        "{ok, Tokens, _} = erl_scan:string(hd(init:get_plain_arguments())),"
        "{ok, Exprs} = erl_parse:parse_exprs(Tokens),"
        "{value, Value, _} = rpc:call('first@localhost', erl_eval, exprs, [Exprs, []]),"
        "io:format('~0p', [Value]), halt()."
    )
    argv = ["erl", "-noshell", *QUIET, "-hidden", "-sname", "asking@localhost", "-eval", program]
    run = subprocess.run(
        [*argv, "-extra", f"{expression}."],
        env=nodes.environment("first"),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert run.returncode == 0, run.stdout[-3000:] + run.stderr[-3000:]
    return run.stdout


def started(nodes: Nodes, records: int) -> None:
    nodes.write_cookie("first", COOKIE)
    subprocess.run(["erlc", "-o", str(nodes.home("first")), str(SOURCE)], check=True)
    nodes.start(
        "first",
        *("-pa", str(nodes.home("first"))),
        program="ok = mnesia:create_schema([node()]), ok = mnesia:start(),"
        f"changing:create({records})",
    )


def backups_in(directory: Path) -> list[str]:
    return sorted(file.name for file in directory.iterdir() if "BUP" in file.name)


async def test_a_backup_under_writes_holds_one_moment(
    nodes: Nodes, probes: Any, tmp_path: Path
) -> None:
    started(nodes, RECORDS)
    probe = await probes("first")
    ours, theirs = tmp_path / "ours.BUP", tmp_path / "theirs.BUP"
    await ask(nodes, "changing:begin_changes()")
    await probe.ask("backup_node", str(ours), timeout=120)
    last = int(await ask(nodes, "changing:end_changes()"))
    read = await probe.ask("check_backup", str(ours), timeout=120)
    restored = await ask(nodes, f'changing:restored("{ours}")')
    step, verdict = restored.strip("{}").split(",", 1)
    assert verdict == "same"
    assert 0 < int(step) < last
    sizes = "[mnesia:table_info(T, size) || T <- [account, message, named, contact]]"
    counts = await ask(nodes, sizes)
    tables = read["tables"]
    assert str([tables[name] for name in ("account", "message", "named", "contact")]) == (
        counts.replace(",", ", ")
    )
    assert await ask(nodes, f'changing:fallback("{ours}")') == f"{{{step},same}}"
    # Mnesia's own backup of the same moment, while both are written and all changes.
    assert await ask(nodes, "changing:await_second_checkpoint()") == "ok"
    await probe.ask("backup_node", str(ours), timeout=120)
    assert await ask(nodes, f'changing:backed_up("{theirs}")') == "ok"
    assert int(await ask(nodes, "changing:end_changes()")) > int(step)
    apart = await ask(nodes, f'changing:differences("{ours}", "{theirs}")')
    assert apart.endswith(",[],[]}"), apart[:2000]
    assert await ask(nodes, f'mnesia:backup("{theirs}")') == "ok"
    await probe.ask("backup_node", str(ours), timeout=120)
    assert await ask(nodes, f'changing:plain("{ours}") =:= changing:plain("{theirs}")') == "true"
    assert await ask(nodes, "mnesia:system_info(checkpoints)") == "[]"
    assert backups_in(tmp_path) == ["ours.BUP", "theirs.BUP"]


def number_slots_as_of_old(table: Path) -> None:
    """Makes an empty table's file one of a very old release, whose slots come from phash.

    The method is the 13th number of the header, and a digest behind the header covers it.
    """
    data = bytearray(table.read_bytes())
    data[48:52] = bytes(4)
    data[168:184] = hashlib.md5(data[12:168], usedforsecurity=False).digest()
    table.write_bytes(data)


async def test_a_table_of_a_very_old_release_is_left_to_mnesia(
    nodes: Nodes, probes: Any, tmp_path: Path
) -> None:
    started(nodes, 0)
    probe = await probes("first")
    ours, theirs = tmp_path / "ours.BUP", tmp_path / "theirs.BUP"
    assert await ask(nodes, "mnesia:stop()") == "stopped"
    number_slots_as_of_old(nodes.home("first") / "db" / "account.DAT")
    assert await ask(nodes, "mnesia:start(), mnesia:wait_for_tables([account], 60000)") == "ok"
    assert await ask(nodes, "dets:info(account, hash)") == "phash"
    await ask(nodes, "[mnesia:dirty_write({account, K, x}) || K <- lists:seq(1, 1000)], ok")
    await probe.ask("backup_node", str(ours), timeout=120)
    assert (await probe.ask("check_backup", str(ours), timeout=120))["tables"]["account"] == 1000
    assert await ask(nodes, f'mnesia:backup("{theirs}")') == "ok"
    assert await ask(nodes, f'changing:plain("{ours}") =:= changing:plain("{theirs}")') == "true"

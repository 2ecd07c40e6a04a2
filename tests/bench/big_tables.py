"""A join with many accounts on first: each step's time, the app's keys and memory meanwhile, and
the tables' copies against Mnesia's own function called bare."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from statistics import median
from typing import Any

from flood import ESCAPE, F1, Watched
from join import poll
from measure import PYTHON, ROOT, bench_lab, most_resident, on_screen, resident, row

from ejtui.cluster.join.closing import measured
from ejtui.cluster.join.steps import step_of
from ejtui.lab.lab import Lab

sys.path.insert(0, str(ROOT))
from tests.lab.crowd import fill

PATIENCE = 900.0
"""Seconds that nothing here takes with a few accounts; each account adds to them."""
PER_ACCOUNT = 0.01
MOST_KEY = 0.2
"""Seconds within which every key is to be answered, however large the tables are."""
PAUSE = 0.5
JOINED = "second was down for"
"""The closing screen of a join that is done shows it."""

# All of second's copies away and made again, with ejabberd stopped as it is when ejtui copies.
BARE = """
Node = list_to_atom(hd(init:get_plain_arguments())),
Call = fun(M, F, A) -> rpc:call(Node, M, F, A, infinity) end,
ok = Call(application, stop, [ejabberd]),
Info = fun(T, Item) -> Call(mnesia, table_info, [T, Item]) end,
Tables = [{T, Info(T, storage_type)} || T <- Call(mnesia, system_info, [tables]),
          T =/= schema, not Info(T, local_content), length(Info(T, all_nodes)) =:= 2],
[{atomic, ok} = Call(mnesia, del_table_copy, [T, Node]) || {T, _} <- Tables],
{Microseconds, _} = timer:tc(fun() ->
    [{atomic, ok} = Call(mnesia, add_table_copy, [T, Node, Storage]) || {T, Storage} <- Tables]
end),
io:format("~b ~b~n", [length(Tables), Microseconds]),
halt().
"""


@dataclass(frozen=True)
class Join:
    """A join in the app: seconds by step, latencies of a key in seconds, seconds in which second
    served nobody, memory in bytes."""

    steps: dict[str, float]
    keys: list[float]
    keys_copying: list[float]
    down: float
    before: int
    most: int


def join(lab: Lab, patience: float) -> Join:
    """Join in the app, and press a key all the while."""
    argv = [PYTHON, "-m", "ejtui", "--config", str(lab.config_path)]
    with on_screen(argv) as screen:
        watched = Watched(screen)
        watched.wait("next: 2 Magic cookies")
        before = resident(screen.pid)
        screen.write(b"a")
        watched.wait("lives on second alone")
        watched.undo(b"y", "Yes: set it aside")
        keys: list[float] = []
        copying: list[float] = []
        deadline = time.monotonic() + patience
        while not any(end in watched.text() for end in ("the join:", JOINED)):
            if time.monotonic() > deadline:
                raise TimeoutError(f"the join did not end:\n{watched.text()}")
            is_copying = f"step {step_of('tables').number} Tables" in watched.text()
            # What is on the screen counts: a busy computer paints it in several pieces.
            took = watched.shown(F1, "Esc closes")
            if took is None:
                raise TimeoutError(f"F1 was never answered:\n{watched.text()}")
            (copying if is_copying else keys).append(took)
            watched.undo(ESCAPE, "Esc closes")
            pause = time.perf_counter() + PAUSE
            while (left := pause - time.perf_counter()) > 0:
                screen.read(left)
        if JOINED not in watched.text():
            raise SystemExit(f"the join failed:\n{watched.text()}")
        entries = journal(lab)
        down = measured(entries)
        if down is None:
            raise SystemExit("the journal does not have second's downtime")
        most = most_resident(screen.pid)
        return Join(step_seconds(entries), keys, copying, down, before, most)


def journal(lab: Lab) -> list[dict[str, Any]]:
    """What ejtui noted of the join."""
    files = Path(lab.place.root.parent).glob("**/*.jsonl")
    return [json.loads(line) for file in files for line in file.read_text().splitlines()]


def step_seconds(entries: Sequence[dict[str, Any]]) -> dict[str, float]:
    """How long each step took."""
    began: dict[str, datetime] = {}
    took: dict[str, float] = {}
    for entry in entries:
        at = datetime.fromisoformat(entry["at"])
        if entry["event"] == "started":
            began[entry["step"]] = at
        elif entry["event"] == "ended" and entry["step"] in began:
            took[entry["step"]] = (at - began[entry["step"]]).total_seconds()
    return took


def restarted(lab: Lab, patience: float) -> float:
    """Seconds for stopping ejabberd on second and starting it again, bare."""
    text = f"ejabberdctl stop; {poll(3)}; ejabberdctl start; {poll(0)}"
    started = time.perf_counter()
    lab.run("second", ["sh", "-c", text], timeout=patience)
    return time.perf_counter() - started


def bare(lab: Lab, patience: float) -> tuple[int, float]:
    """How many copies Mnesia made on second, and in how many seconds."""
    node = lab.form.node("second")
    own = "bare@" + node.partition("@")[2]
    argv = ["erl", "-noinput", "-hidden", "-sname", own, "-eval", " ".join(BARE.split("\n")),
            "-extra", node]  # fmt: skip
    printed = lab.run("second", argv, service=True, timeout=patience).stdout.split()
    return int(printed[0]), int(printed[1]) / 1e6


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--accounts", type=int, default=200_000)
    wanted = parser.parse_args().accounts
    patience = PATIENCE + PER_ACCOUNT * wanted
    with bench_lab() as lab:
        began = time.perf_counter()
        accounts, contacts = fill(lab, wanted)
        print(f"\n{accounts:,} accounts with {contacts:,} contacts on first, made in "
              f"{time.perf_counter() - began:.0f} s")  # fmt: skip
        joined = join(lab, patience)
        restart = restarted(lab, patience)
        copies, seconds = bare(lab, patience)
    for step, took in joined.steps.items():
        print(f"  {step:<12} {took:7.1f} s")
    tables = joined.steps["tables"]
    print(f"  mnesia:add_table_copy bare, {copies} tables: {seconds:.1f} s; "
          f"ratio {tables / seconds:.2f}")  # fmt: skip
    for when, keys in (("tables are copied", joined.keys_copying), ("else", joined.keys)):
        if keys:
            print(f"  F1 answered while {when}: median {median(keys) * 1000:.1f} ms, "
                  f"worst {max(keys) * 1000:.1f} ms, {len(keys)} times")  # fmt: skip
    print(f"  ejtui's memory: {joined.before / 1e6:.0f} MB before, {joined.most / 1e6:.0f} MB at "
          "most")  # fmt: skip
    every = [*joined.keys, *joined.keys_copying]
    whole, reference = sum(joined.steps.values()), seconds + restart
    print(f"  the whole join {whole:.1f} s, second down for {joined.down:.1f} s; bare copies, stop "
          f"and start {reference:.1f} s")  # fmt: skip
    row(f"copying {accounts:,} accounts with rosters ({copies} tables)", f"{tables:.1f} s",
        f"{seconds:.1f} s: `mnesia:add_table_copy` bare", f"{tables / seconds:.2f}")  # fmt: skip
    beside = f"{reference:.1f} s: bare copies, stop and start"
    row(f"a whole join of {accounts:,} accounts, backups and checks included", f"{whole:.0f} s",
        beside, f"{whole / reference:.2f}; target: ratio at most 2.5")  # fmt: skip
    row("second serves nobody in it", f"{joined.down:.1f} s", beside,
        f"{joined.down / reference:.2f}; target: ratio at most 1.3")  # fmt: skip
    late = sum(each > MOST_KEY for each in every)
    row("a key answered meanwhile", f"{median(every) * 1000:.0f} ms", "",
        f"worst {max(every) * 1000:.0f} ms, {late} of {len(every)} late; target: at most "
        f"{MOST_KEY * 1000:.0f} ms")  # fmt: skip
    row("ejtui's memory meanwhile", f"{joined.most / 1e6:.0f} MB", f"{joined.before / 1e6:.0f} MB: "
        "before it", "target: below 120 MB")  # fmt: skip


if __name__ == "__main__":
    main()

"""An online backup of first while its tables change: it must hold what they held at one moment."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

from ejtui.cluster.pair.pair import Pair
from ejtui.config import load
from ejtui.erlang.probe import questions
from ejtui.lab.lab import Lab
from tests import patience
from tests.lab.forms import CALL_AND_FORM

RECORDS = 1000
TABLES = ("account", "message", "named", "contact")

_SOURCE = Path(__file__).parents[1] / "erlang" / "changing.erl"
_TRIES = 5

# Compiles what comes by standard input, has the node load it, and asks it something.
_ASK = f"""[Name, Expression] = init:get_plain_arguments(),
{CALL_AND_FORM}case Call(code, is_loaded, [changing]) of
    false ->
        {{ok, changing, Code}} = compile:forms(Form(1, [])),
        {{module, changing}} = Call(code, load_binary, [changing, "changing.erl", Code]);
    _ -> ok
end,
{{ok, Tokens, _}} = erl_scan:string(Expression),
{{ok, Program}} = erl_parse:parse_exprs(Tokens),
case Call(erl_eval, exprs, [Program, []]) of
    {{value, Value, _}} -> io:format("~0p", [Value]);
    Failed -> io:format("~0p", [Failed])
end,
halt().
"""


def asked(lab: Lab, expression: str) -> str:
    """What an Erlang expression gives on first's node, which may call `changing`."""
    node = lab.form.node("first")
    own = "asking@" + node.partition("@")[2]
    argv = ["erl", "-noshell", "+S", "1", "+sbwt", "none", "-hidden", "-sname", own,
            "-eval", " ".join(_ASK.split("\n")), "-extra", node, f"{expression}."]  # fmt: skip
    source = _SOURCE.read_bytes()
    ran = lab.run("first", argv, stdin=source, service=True, timeout=patience.SECONDS)
    return ran.stdout.decode()


async def _apart(lab: Lab, pair: Pair, file: str, theirs: str, step: int) -> str:
    """What either backup has alone, both of one moment.

    Mnesia lists a checkpoint shortly before it stands: a change in between parts the two moments,
    which the record of the last change shows. Then both are made again.
    """
    apart = ""
    for _ in range(_TRIES):
        assert asked(lab, "changing:await_second_checkpoint()") == "ok"
        await questions.backup_node(pair.first.probe, file, patience.SECONDS)
        assert asked(lab, f'changing:backed_up("{theirs}")') == "ok"
        assert int(asked(lab, "changing:end_changes()")) > step
        apart = asked(lab, f'changing:differences("{file}", "{theirs}")')
        if "{step,one," not in apart:
            break
    return apart


async def backed_up_under_changes(lab: Lab) -> None:
    """Written while a process changes tables of every kind, restored, and compared exactly.

    Another one is compared record for record with Mnesia's own of the same moment, both written
    while the process changes the tables.
    """
    pair = Pair(load(lab.config_path))
    await pair.open()
    directory = PurePosixPath(pair.first.platform.spool_dir)
    file, theirs = str(directory / "changing.BUP"), str(directory / "theirs.BUP")
    try:
        for expression in (f"changing:create({RECORDS})", "changing:begin_changes()"):
            answer = asked(lab, expression)
            assert answer == "ok", answer
        await questions.backup_node(pair.first.probe, file, patience.SECONDS)
        last = int(asked(lab, "changing:end_changes()"))
        read = await questions.read_backup(pair.first.probe, file, patience.SECONDS, lambda _: None)
        restored = asked(lab, f'changing:restored("{file}")')
        step, verdict = restored.strip("{}").split(",", 1)
        assert verdict == "same", restored[:500]
        assert 0 < int(step) < last
        counted = asked(lab, "[{T, mnesia:table_info(T, size)} || T <- changing:tables()]")
        kept = [f"{{{name},{read.tables[name]}}}" for name in TABLES]
        assert counted == f"[{','.join(kept)}]", counted
        apart = await _apart(lab, pair, file, theirs, int(step))
        records, _, both_ways = apart.strip("{}").partition(",")
        assert both_ways == "[],[]", apart[:500]
        assert int(records) >= RECORDS * len(TABLES)
        assert asked(lab, "changing:gone()") == "ok"
        lab.run("first", ["rm", file, theirs])
    finally:
        await pair.close()

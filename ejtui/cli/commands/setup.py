"""`ejtui setup`: the configuration from two host names, each tried layer by layer."""

from __future__ import annotations

import sys
from argparse import Namespace
from functools import partial
from pathlib import Path

from ejtui import paths
from ejtui.cleaning import clean
from ejtui.cli import interrupt
from ejtui.cli.arguments import UsageError
from ejtui.cli.commands import app
from ejtui.cli.confirm import on_terminal
from ejtui.cli.open_pair import accepted
from ejtui.cli.password_prompt import secrets_asker
from ejtui.cli.render.signs import signs
from ejtui.cli.render.text import WIDTH, wrapped
from ejtui.cli.result import CommandResult
from ejtui.cluster.condition.membership import is_joined
from ejtui.cluster.facts.node import NodeFacts, PairFacts
from ejtui.cluster.host_trial import Layer, Trial
from ejtui.config import given
from ejtui.config.errors import Mistakes
from ejtui.config.given import Table
from ejtui.config.node import HostConfig, read_node
from ejtui.config.writing import text_of, write
from ejtui.hosts import HostKeyUnknown, Secrets

_FOR_BOTH = ("user", "become", "identity_file", "proxy_jump", "ssh_config", "known_hosts")
_INDENT = 19
_COMMAND_LINE = Path("command line")


def run(args: Namespace, answer: CommandResult) -> int:
    """Try both hosts and write the configuration; nothing is written where one does not answer."""
    if args.first is None and args.second is None and not answer.json and app.on_terminal():
        return app.set_up(args, common(args), answer)
    if args.first is None or args.second is None:
        raise UsageError(
            "setup needs both hosts: --first HOST --second HOST\n"
            "  first has the accounts, second joins it; HOST is local, or [user@]host[:port]"
        )
    answer.standing = "Nothing was written."
    tables = {part: table_of(getattr(args, part), args) for part in ("first", "second")}
    path = Path(args.config or paths.config_file())
    return interrupt.run(_set_up(tables, path, answer))


def table_of(host: str, args: Namespace) -> Table:
    """A node's table from its host as the command line gives it; raises UsageError."""
    try:
        return given.table_of(host, common(args))
    except ValueError as error:
        raise UsageError(str(error)) from None


def common(args: Namespace) -> dict[str, str]:
    """The options of the command line for both hosts."""
    said = {key: getattr(args, key) for key in _FOR_BOTH}
    return {key: value for key, value in said.items() if value is not None}


async def _set_up(tables: dict[str, Table], path: Path, answer: CommandResult) -> int:
    secrets = Secrets(secrets_asker())
    notes: dict[str, list[str]] = {}
    failed = None
    facts: list[NodeFacts] = []
    for name, config in _hosts(tables).items():
        table = tables[name]
        trial = Trial(config, secrets)
        try:
            failed = await _tried(trial, answer) or failed
        finally:
            await trial.close()
        notes[name] = trial.noted(table)
        facts += [trial.facts] if trial.facts else []
    if failed is not None:
        _say(answer, "nothing is written: repair what is listed above, and run this again")
        raise failed
    _look_at_both(PairFacts(facts[0], facts[1]), answer)
    _write(path, text_of("first", "second", tables, notes), answer)
    return 0


def _hosts(tables: dict[str, Table]) -> dict[str, HostConfig]:
    """Both hosts as the command line gives them; raises ConfigError with all that is wrong."""
    mistakes = Mistakes()
    read = {
        name: mistakes.read(partial(read_node, _COMMAND_LINE, name, table))
        for name, table in tables.items()
    }
    mistakes.report()
    return {name: host for name, host in read.items() if host is not None}


def _look_at_both(pair: PairFacts, answer: CommandResult) -> None:
    """Raises UsageError for one host given twice; shows whether they are joined already."""
    if pair.one_node:
        raise UsageError(
            "both addresses are one host with one ejabberd: nothing is written\n"
            "  --first and --second must be two hosts, or two nodes of one host"
        )
    if is_joined(pair):
        _say(answer, "\nthe two are one cluster already: nothing of that is changed")


async def _tried(trial: Trial, answer: CommandResult) -> Exception | None:
    """Show each layer as it comes; return what stopped it."""
    name = trial.config.name
    _say(answer, f"{name}: {trial.config.address}")
    layers: dict[str, Layer] = {}
    again = True
    while again:
        again = False
        async for layer in trial.layers():
            unknown = layer.error if isinstance(layer.error, HostKeyUnknown) else None
            if unknown and on_terminal() and await accepted(name, unknown):
                again = True
            elif layer.name not in layers:
                layers[layer.name] = layer
                _show(layer, answer)
    last = next(reversed(layers.values()))
    answer.data[name] = {
        "layers": [_to_json(layer) for layer in layers.values()],
        "values": {key: {"value": v, "source": s} for key, (v, s) in trial.found.items()},
        "accounts": trial.facts.accounts if trial.facts else None,
    }
    return last.error


def _to_json(layer: Layer) -> dict[str, object]:
    error = None if layer.error is None else str(layer.error)
    return {"id": layer.name, "ok": layer.well, "found": layer.found, "error": error}


def _show(layer: Layer, answer: CommandResult) -> None:
    sign = signs(sys.stdout)
    mark = sign.done if layer.well else sign.failed
    text = layer.found if layer.error is None else getattr(layer.error, "what", str(layer.error))
    lines = wrapped(clean(text), width=WIDTH - _INDENT) or [""]
    _say(answer, f"  {mark} {layer.name:<15}{lines[0]}".rstrip())
    for line in lines[1:]:
        _say(answer, f"{'':<{_INDENT}}{line}")


def _write(path: Path, text: str, answer: CommandResult) -> None:
    written = write(path, text)
    backup = None if written.backup is None else str(written.backup)
    answer.data["config"] = {
        "path": str(written.path),
        "changed": written.changed,
        "backup": backup,
        "toml": text,
    }
    if not written.changed:
        _say(answer, f"\n{written.path} already has these values: it is left as it is")
        return
    _say(answer, f"\n{text}\nwritten: {written.path}")
    if backup is not None:
        _say(answer, f"the previous file is kept: {backup}")
    _say(answer, "next: `ejtui`, or `ejtui plan`")


def _say(answer: CommandResult, text: str) -> None:
    if not answer.json:
        print(text, flush=True)

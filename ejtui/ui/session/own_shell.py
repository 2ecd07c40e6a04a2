"""An erl on either node on request, outside a join: the operator's own."""

from __future__ import annotations

from pathlib import Path

from ejtui.cluster.facts.node import NodeFacts
from ejtui.cluster.journal import Entry, Journal, stamp
from ejtui.cluster.pair.node import Node
from ejtui.erlang.probe import questions
from ejtui.erlang.shell.erl import erl_env, remote_shell_argv
from ejtui.erlang.shell.shell import Shell
from ejtui.erlang.terminal.recorder import Recorder


async def open_on(
    node: Node, facts: NodeFacts, columns: int, rows: int, journal: Journal, recordings: Path
) -> Shell:
    """A shell inside the running node; where it does not run, an erl beside its database.

    It is recorded into a file below `recordings`.

    The second is no node and opens no database, so that nothing is changed by looking. Raises
    what the host raises, ProbeError.
    """
    platform = node.platform
    inside = facts.vm == "up"
    argv = platform.erl_line
    if inside:
        # One of a few names: the node never forgets those that it has met.
        argv = remote_shell_argv(platform, f"ejtui_shell_{await questions.slot(node.probe)}")
    path = recordings / f"{stamp()}-{node.name}-own.cast"
    title = f"erl on {platform.node}" if inside else f"erl on {node.name}, not in its node"
    recorder = Recorder.create(path, columns, rows, title)
    if recorder is not None:
        journal.write(Entry.OWN_SHELL, node=node.name, path=str(recorder.path))
    return await Shell.open(
        node.host,
        argv,
        user=platform.service_user,
        env=erl_env(platform),
        cwd=platform.home,
        columns=columns,
        rows=rows,
        recorder=recorder,
        node=platform.node,
        title=title,
    )

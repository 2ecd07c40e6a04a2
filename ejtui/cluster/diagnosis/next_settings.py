"""What a node has after its next start: what its ejabberd.yml holds, read by ejabberd itself."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ejtui import scripts
from ejtui.cluster.administration.secrecy import SECRET_NAMES
from ejtui.cluster.diagnosis.own_file import closed, refusal
from ejtui.cluster.facts.settings import NodeSettings
from ejtui.erlang.probe import questions
from ejtui.erlang.probe.client import ProbeError
from ejtui.hosts import HostError

if TYPE_CHECKING:
    from ejtui.cluster.pair.node import Node

_PROGRAM = scripts.erlang(__file__, "next_settings.eval")
_QUIET = ("+S", "1", "+sbwt", "none", "+sbwtdcpu", "none", "+sbwtdio", "none")


async def may_differ(node: Node) -> bool:
    """Whether the file may be another than what the node's ejabberd has loaded."""
    try:
        return await questions.config_changed(node.probe, node.platform.config_file)
    except (ProbeError, HostError):
        return True


async def next_settings(node: Node) -> NodeSettings:
    """What ejabberd's own reader takes from the file; refused where its user cannot open that."""
    platform = node.platform
    line = (*platform.erl_line, *_QUIET)
    try:
        said = await questions.file_settings(
            node.probe, line, _PROGRAM, platform.config_file, SECRET_NAMES
        )
        if said == "refused":
            return NodeSettings(in_file=True, refused=True, why=await refusal(node))
        if said is None and (why := await closed(node)):
            return NodeSettings(in_file=True, refused=True, why=why)
        known = NodeSettings.from_probe(None if isinstance(said, str) else said)
    except (ProbeError, HostError, LookupError, TypeError, ValueError):
        return NodeSettings(in_file=True)
    return replace(known, in_file=True)

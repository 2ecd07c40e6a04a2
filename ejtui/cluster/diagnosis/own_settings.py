"""Asks what each node's own settings would change in the cluster when it starts as a member."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from ejtui.cluster.administration.compare import compare, summary
from ejtui.cluster.administration.secrecy import SECRET_NAMES
from ejtui.cluster.diagnosis.next_settings import may_differ, next_settings
from ejtui.cluster.facts.examination import CustomSchema, NodeExam, PasswordFormats
from ejtui.cluster.facts.settings import UNCOMPARED, Administration, NodeSettings
from ejtui.erlang.probe import questions
from ejtui.erlang.probe.client import ProbeError
from ejtui.hosts import HostError

if TYPE_CHECKING:
    from ejtui.cluster.facts.node import NodeFacts, PairFacts
    from ejtui.cluster.pair.node import Node
    from ejtui.cluster.pair.pair import Pair


async def own_settings(pair: Pair, first: NodeExam, second: NodeExam) -> tuple[NodeExam, NodeExam]:
    """Both exams with each node's custom schema, its password formats and loaded settings.

    What cannot be asked stays unknown. Formats are asked of second for first's virtual hosts, too.
    """
    customs = await asyncio.gather(_custom(pair.first, first), _custom(pair.second, second))
    here, there = await asyncio.gather(with_file(pair.first), of_second(pair.second))
    _keep(pair, _compared(pair, here, there))
    one, two = [custom and await _with_tables(pair, custom) for custom in customs]
    formats = await _formats(pair.first, first, ())
    theirs = await _formats(pair.second, second, tuple(formats.hosts))
    return (
        replace(first, custom=one, passwords=formats, settings=here),
        replace(second, custom=two, passwords=theirs, settings=there),
    )


async def compare_loaded(pair: Pair) -> PairFacts:
    """The pair's facts with how the loaded settings of both differ, where both can be asked."""
    here, there = await asyncio.gather(with_file(pair.first), of_second(pair.second))
    _keep(pair, _compared(pair, here, there))
    pair.facts = replace(pair.facts, administration=pair.administration)
    return pair.facts


def _keep(pair: Pair, found: Administration | None) -> None:
    """What was compared; what was agreed to where nothing could be stands until something can."""
    if found is not None or pair.administration != UNCOMPARED:
        pair.administration = found


def _compared(pair: Pair, here: NodeSettings, there: NodeSettings) -> Administration | None:
    if not (here.asked and there.asked):
        return None
    first, second = pair.facts.first, pair.facts.second
    one_release = first.ejabberd_version == second.ejabberd_version
    return summary(compare(here, there, one_release=one_release))


async def settings(node: Node) -> NodeSettings:
    """What the node's ejabberd has loaded; not asked where it does not run or answer."""
    if not node.opened:
        return NodeSettings()
    try:
        return NodeSettings.from_probe(await questions.settings(node.probe, SECRET_NAMES))
    except (ProbeError, HostError, LookupError, TypeError, ValueError):
        return NodeSettings()


async def of_second(node: Node) -> NodeSettings:
    """What counts for a join: what second has loaded and its file; of a stopped one its file."""
    seen = await with_file(node)
    if seen.asked or not (node.opened and _runs_none(node.facts)):
        return seen
    return await next_settings(node)


def _runs_none(facts: NodeFacts) -> bool:
    return facts.asked and not (facts.ejabberd or facts.starting)


async def with_file(node: Node) -> NodeSettings:
    """What a node that runs has loaded, and what its file has where that may be something else."""
    seen = await settings(node)
    if not seen.asked or not await may_differ(node):
        return seen
    return replace(seen, unloaded=await next_settings(node))


async def _custom(node: Node, exam: NodeExam) -> CustomSchema | None:
    if not exam.asked:
        return None
    try:
        seen = await questions.custom_schema(node.probe)
        return CustomSchema(seen.path, elsewhere=seen.elsewhere, text=seen.text, error=seen.error)
    except ProbeError as error:
        if error.code == "lost":
            return None
        # Silence is no consent: such a file may delete tables.
        path = f"{node.platform.spool_dir}/ejabberd.schema"
        return CustomSchema(path=path, error=f"the host did not answer for it: {error}")
    except HostError:
        return None


async def _with_tables(pair: Pair, custom: CustomSchema) -> CustomSchema:
    """Its definitions as an ejabberd that runs reads them, first's where it does."""
    if custom.text is None:
        return custom if custom.error else replace(custom, tables={})
    for node in (pair.first, pair.second):
        if not node.opened or not node.facts.ejabberd:
            continue
        try:
            read = await questions.parsed_schema(node.probe, custom.text)
            if read is not None:
                return replace(custom, tables=_tables(read))
        except (ProbeError, HostError):
            continue
    return custom


def _tables(
    read: Sequence[tuple[str, Sequence[tuple[str, object]]]],
) -> Mapping[str, Mapping[str, str]]:
    return {name: {key: _value(value) for key, value in options} for name, options in read}


def _value(value: object) -> str:
    """One word for what YAML has several for."""
    text = "".join(map(str, value)) if isinstance(value, list) else str(value)
    return {"yes": "true", "on": "true", "no": "false", "off": "false"}.get(text, text)


async def _formats(node: Node, exam: NodeExam, hosts: tuple[str, ...]) -> PasswordFormats:
    if not exam.asked:
        return PasswordFormats()
    try:
        seen = await questions.passwords(node.probe, hosts, node.platform.config_file)
        return PasswordFormats(seen.source, dict(seen.hosts))
    except (ProbeError, HostError):
        return PasswordFormats()

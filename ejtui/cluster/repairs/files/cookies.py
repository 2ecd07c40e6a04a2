"""Repairs of the magic cookie."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from ejtui.cluster.acts.act import Act, At, Command, commands, plain, where
from ejtui.cluster.errors import StepFailed
from ejtui.cluster.facts.node import PairFacts
from ejtui.cluster.finding import Finding
from ejtui.cluster.join.steps.step import Evidence
from ejtui.cluster.operations.files import cookie_file, ownership
from ejtui.cluster.operations.vm import lifecycle
from ejtui.cluster.repairs.repair import Repair, facts_of, side
from ejtui.cluster.repairs.tools import keep, service

if TYPE_CHECKING:
    from ejtui.cluster.pair.plan import Plan
    from ejtui.cluster.repairs.context import RepairContext


class FixCookieFile(Repair):
    """The file gets its owner and its mode back; what is in it stays."""

    codes: ClassVar = ("cookie-mode", "cookie-owner")
    changes: ClassVar = ("cookie",)
    title: ClassVar = "give the cookie file its owner and mode"
    keeps: ClassVar = "the cookie file's owner and mode"

    def commands(self, plan: Plan, finding: Finding) -> list[Command]:
        at = side(plan, finding)
        down = facts_of(plan, finding).vm == "down"
        start = lifecycle.start_acts(at) if down else []
        return commands([*_file_acts(at), *start])

    async def run(self, context: RepairContext) -> Evidence:
        node = context.node
        path = cookie_file.path(node.platform)
        await keep.listing(context, node, path)
        for act in _file_acts(node):
            await act.run(node)
        await context.refresh()
        cookie = context.node_facts.cookie
        if not cookie.usable:
            raise StepFailed(f"{node.name}'s cookie: {cookie.why or cookie.code}")
        if context.node_facts.vm == "down":
            await service.start(context, node)
        return [
            f"{path} on {node.name}: mode {cookie.mode or 0:04o}, owner {cookie.owner}",
            *await service.wait_together(context),
        ]


def _file_acts(at: At) -> list[Act]:
    mode = plain(at, ["chmod", "400", cookie_file.path(at.platform)], at.platform.service_user)
    return [ownership.file_act(at, cookie_file.NAME), mode] if at.platform.root else [mode]


class CopyCookie(Repair):
    """The node gets the other one's cookie, and its VM takes it."""

    codes: ClassVar = ("cookie-mismatch", "cookie-malformed", "cookie-missing")
    changes: ClassVar = ("cookie",)
    title: ClassVar = "copy first's cookie, and let the running node take it"
    keeps: ClassVar = "the old cookie file"
    cannot_undo: ClassVar = (
        "ejabberd restarts on that node where its running node cannot take it: its sessions end"
    )
    takes_from_first: ClassVar = True

    def commands(self, plan: Plan, finding: Finding) -> list[Command]:
        first, second = plan.at_first, plan.at_second
        if finding.node != "first":
            sent = [*cookie_file.send_acts(first, second), lifecycle.cookie_act(second)]
            unheard = "the running node does not take it, or is a member"
            return [*commands(sent), *where(lifecycle.restart_acts(second), unheard)]
        if _second_knows(plan.facts):
            change = [*cookie_file.send_acts(second, first)]
        else:
            change = [] if _file_rules(plan.facts, finding) else [_remove_act(first)]
        return [
            *commands(change),
            *where(lifecycle.restart_acts(first), "it does not run with the cookie of its file"),
            *where(lifecycle.restart_acts(second), "it is a member that runs apart then"),
        ]

    def replaces_second(self, finding: Finding) -> bool:
        """First's own cookie takes nothing from second; first may not answer because of it."""
        return finding.node != "first"

    async def run(self, context: RepairContext) -> Evidence:
        if context.on_first:
            await _first_s_own(context)
        else:
            await _from_first(context)
        evidence = await service.wait_together(context)
        first, second = context.facts.first, context.facts.second
        return [f"first's cookie {first.cookie.digits}, second's {second.cookie.digits}", *evidence]


async def _from_first(context: RepairContext) -> None:
    """Second's file becomes a copy of first's; a member that runs alone starts again."""
    first, second = context.pair.first, context.pair.second
    source, facts = context.facts.first.cookie, context.facts.second
    if not source.usable:
        raise StepFailed(f"first's own cookie cannot be copied: {source.why or source.code}")
    path = cookie_file.path(second.platform)
    kept = None
    if not (facts.cookie.usable and facts.cookie.sha256 == source.sha256):
        kept = f"{await keep.files(context, second, path)}/.erlang.cookie"
        await cookie_file.send(first, second)
        context.say(f"second has first's cookie {source.digits}")
    one_cluster = second.platform.node in context.facts.first.db_nodes
    accepted = not one_cluster and await lifecycle.set_cookie(second, kept)
    await context.refresh()
    if one_cluster or (not accepted and context.facts.second.vm != "down"):
        await service.restart(context, second)


async def _first_s_own(context: RepairContext) -> None:
    """First gets its cookie back from second, which has it still; else its file rules.

    Where it can have it from neither, ejabberd makes a new cookie when it starts.
    """
    first, second = context.pair.first, context.pair.second
    facts = context.facts
    path = cookie_file.path(first.platform)
    if _second_knows(facts):
        await keep.files(context, first, path)
        await cookie_file.send(second, first)
        context.say(f"first has second's cookie {facts.second.cookie.digits}, which it accepts")
    elif not _file_rules(facts, context.finding):
        where = await keep.files(context, first, path)
        await _remove_act(first).run(first)
        context.say(f"first's cookie file is set aside in {where}; its start makes a new one")
    if (await context.refresh()).first.vm != "up" or not context.facts.first.cookie.usable:
        await service.restart(context, first)
    if service.of_one_cluster(await context.refresh()) and not context.facts.both_run:
        await service.restart(context, second)


def _file_rules(facts: PairFacts, finding: Finding) -> bool:
    """Whether first's own file is well, and its node has to take it."""
    return facts.first.cookie.usable and finding.code == "cookie-mismatch"


def _remove_act(at: At) -> Act:
    return plain(at, ["rm", "-f", cookie_file.path(at.platform)], at.platform.service_user)


def _second_knows(facts: PairFacts) -> bool:
    """Whether second's cookie is the one that first runs with, or is meant to."""
    second = facts.second
    way = second.peers.get(facts.first.node)
    accepted = way is not None and not way.broken
    named = second.disk_schema.nodes if second.disk_schema else ()
    member = facts.first.node in (*second.db_nodes, *named)
    return second.cookie.usable and second.vm in ("up", "down") and (accepted or member)

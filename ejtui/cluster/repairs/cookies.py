"""Repairs of the magic cookie."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from .. import backup, vm
from ..errors import StepFailed
from ..facts import PairFacts
from ..finding import Finding
from ..ownership import chown, owner
from ..steps.step import Command, Evidence
from .means import keep, service
from .repair import Repair, as_root, restart_commands, side

if TYPE_CHECKING:
    from ..plan import Plan
    from .context import RepairContext


class CookieFile(Repair):
    """The file gets its owner and its mode back; what is in it stays."""

    codes: ClassVar = ("cookie-mode", "cookie-owner")
    title: ClassVar = "give the cookie file its owner and mode"
    keeps: ClassVar = "the cookie file, with its owner and mode"

    def commands(self, plan: Plan, finding: Finding) -> list[Command]:
        _, platform = side(plan, finding)
        path = backup.cookie_path(platform)
        return as_root(
            plan, finding, f"chown {owner(platform.service_user)} {path}", f"chmod 400 {path}"
        )

    async def run(self, context: RepairContext) -> Evidence:
        node = context.node
        path = backup.cookie_path(node.platform)
        await keep.files(context, node, path)
        root = node.host.root
        if root is not None:
            await node.host.run(chown(node.platform.service_user, path), user=root)
        await node.host.run(["chmod", "400", path], user=root)
        await context.refresh()
        cookie = context.node_facts.cookie
        if not cookie.usable:
            raise StepFailed(f"{node.name}'s cookie: {cookie.why or cookie.code}")
        if context.node_facts.vm == "down":
            await service.start(context, node)
        return [
            f"{path} on {node.name}: mode {cookie.mode or 0:04o}, owner {cookie.owner}",
            *await service.together(context),
        ]


class CookieContent(Repair):
    """The node gets the other one's cookie, and its virtual machine takes it."""

    codes: ClassVar = ("cookie-mismatch", "cookie-malformed", "cookie-missing")
    title: ClassVar = "copy first's cookie, and let the running node take it"
    keeps: ClassVar = "the cookie file of before"
    cannot_undo: ClassVar = (
        "ejabberd restarts on that node where its running node cannot be told: its sessions end"
    )
    takes_from_first: ClassVar = True

    def commands(self, plan: Plan, finding: Finding) -> list[Command]:
        name, platform = side(plan, finding)
        if finding.node == "first":
            return restart_commands(name, platform)
        path, user = backup.cookie_path(platform), platform.service_user
        source = backup.cookie_path(plan.first)
        return [
            Command(plan.first_name, plan.first.service_user, "shell", f"cat {source}"),
            Command(name, user, "shell", f"write {path}, mode 0400, owner {user}"),
            Command(name, user, "erl", "erlang:set_cookie(node(), COOKIE)."),
            *restart_commands(name, platform),
        ]

    async def run(self, context: RepairContext) -> Evidence:
        if context.on_first:
            await _first_s_own(context)
        else:
            await _from_first(context)
        evidence = await service.together(context)
        first, second = context.facts.first, context.facts.second
        return [f"first's cookie {first.cookie.digits}, second's {second.cookie.digits}", *evidence]


async def _from_first(context: RepairContext) -> None:
    """Second's file becomes a copy of first's; a member that runs alone starts again."""
    first, second = context.pair.first, context.pair.second
    source, facts = context.facts.first.cookie, context.facts.second
    if not source.usable:
        raise StepFailed(f"first's own cookie cannot be copied: {source.why or source.code}")
    path = backup.cookie_path(second.platform)
    kept = None
    if not (facts.cookie.usable and facts.cookie.sha256 == source.sha256):
        kept = f"{await keep.files(context, second, path)}/.erlang.cookie"
        await backup.write_secret(second, path, await backup.read_cookie(first))
        context.say(f"second has first's cookie {source.digits}")
    one_cluster = second.platform.node in context.facts.first.db_nodes
    told = not one_cluster and await vm.tell_cookie(second, kept)
    await context.refresh()
    if one_cluster or (not told and context.facts.second.vm != "down"):
        await service.restart(context, second)


async def _first_s_own(context: RepairContext) -> None:
    """First gets its cookie back from second, which has it still; else its file rules.

    Where it can have it from neither, ejabberd makes a cookie of its own when it starts.
    """
    first, second = context.pair.first, context.pair.second
    facts = context.facts
    path = backup.cookie_path(first.platform)
    well = facts.first.cookie.usable and context.finding.code == "cookie-mismatch"
    if _second_knows(facts):
        await keep.files(context, first, path)
        await backup.write_secret(first, path, await backup.read_cookie(second))
        context.say(f"first has second's cookie {facts.second.cookie.digits}, which it accepts")
    elif not well:
        where = await keep.files(context, first, path)
        await first.host.run(["rm", "-f", path], user=first.host.root)
        context.say(f"first's cookie file is set aside in {where}; its start makes a new one")
    if (await context.refresh()).first.vm != "up" or not context.facts.first.cookie.usable:
        await service.restart(context, first)
    if service.of_one_cluster(await context.refresh()) and not context.facts.both_run:
        await service.restart(context, second)


def _second_knows(facts: PairFacts) -> bool:
    """Whether second's cookie is the one that first runs with, or is meant to."""
    second = facts.second
    way = second.peers.get(facts.first.node)
    accepted = way is not None and not way.broken
    named = second.disk_schema.nodes if second.disk_schema else ()
    member = facts.first.node in (*second.db_nodes, *named)
    return second.cookie.usable and second.vm in ("up", "down") and (accepted or member)

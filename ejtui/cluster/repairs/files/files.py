"""Repairs of the database directory: whose it is, and whether it is the right one."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from ejtui.cluster.acts.act import Command, commands
from ejtui.cluster.backups import folders
from ejtui.cluster.errors import StepFailed
from ejtui.cluster.finding import Finding
from ejtui.cluster.join.steps.step import Evidence
from ejtui.cluster.operations.files import safety
from ejtui.cluster.operations.files.ownership import spool_act
from ejtui.cluster.operations.vm import lifecycle
from ejtui.cluster.repairs.repair import Repair, facts_of, side
from ejtui.cluster.repairs.tools import keep, service

if TYPE_CHECKING:
    from ejtui.cluster.pair.plan import Plan
    from ejtui.cluster.repairs.context import RepairContext


class FixOwnership(Repair):
    """What belongs to another user in the directory is given to the service user."""

    codes: ClassVar = ("dir-not-writable", "dir-root-owned")
    changes: ClassVar = ("database",)
    title: ClassVar = "give the directory and its files to the service user"
    keeps: ClassVar = "a list of who owned which file"
    # The lock lies in the home, which is often this very directory.
    locks: ClassVar = False

    def commands(self, plan: Plan, finding: Finding) -> list[Command]:
        at = side(plan, finding)
        return commands([spool_act(at), *lifecycle.start_acts(at)])

    async def run(self, context: RepairContext) -> Evidence:
        node = context.node
        platform = node.platform
        await safety.refuse_unsafe(node, folders.root(platform))
        given = await spool_act(node).run(node)
        # The place of what is kept may itself lie in the directory that could not be written.
        before = "".join(f"{line}\n" for line in given).encode("utf-8", "surrogateescape")
        await keep.text(context, node, "owners-before.txt", before)
        await context.refresh()
        left = context.node_facts.spool
        if left.wrong_owner_count or left.error:
            raise StepFailed(f"{platform.spool_dir}: {left.error or ', '.join(left.wrong_owner)}")
        await context.lock.take(context.id)
        await service.start(context, node)
        return [
            f"{node.name}: {len(given)} entries of {platform.spool_dir} now belong to "
            f"{platform.service_user}",
            *await service.wait_together(context),
        ]


class StartOnOwnDirectory(Repair):
    """Ends the node that runs on another directory, and starts it on its own."""

    codes: ClassVar = ("wrong-dir",)
    title: ClassVar = "start the node again on its own database directory"
    cannot_undo: ClassVar = (
        "what was registered meanwhile stays in the other directory, which is left as it is"
    )

    def commands(self, plan: Plan, finding: Finding) -> list[Command]:
        return commands(service.restart_acts(side(plan, finding), facts_of(plan, finding)))

    async def run(self, context: RepairContext) -> Evidence:
        node = context.node
        other, own = context.node_facts.directory, node.platform.spool_dir
        if other.rstrip("/") != own.rstrip("/"):
            await service.stop(context, node)
        await service.start(context, node)
        await context.refresh()
        now = context.node_facts.directory
        if now.rstrip("/") != own.rstrip("/"):
            raise StepFailed(f"{node.name} still runs on {now}, not on {own}")
        return [
            f"{node.name} runs on {own} again; {other} was left as it is",
            *await service.wait_together(context),
        ]

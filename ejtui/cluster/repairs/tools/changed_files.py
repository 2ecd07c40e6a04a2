"""The files that a repair changes: one that nobody can change stops it before it starts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from ejtui.cluster.backups import folders
from ejtui.cluster.operations.files import config_file, cookie_file
from ejtui.cluster.pair import fixed_files
from ejtui.cluster.repairs.tools.settings import HOSTS

if TYPE_CHECKING:
    from ejtui.cluster.pair.node import Node
    from ejtui.cluster.repairs.context import RepairContext

Changed = Literal["cookie", "database", "settings", "hosts", "configuration"]
"""The cookie's file, the database directory with its files, ejabberdctl.cfg, the hosts file, and
ejabberd.yml."""


async def refuse_fixed(context: RepairContext, changed: tuple[Changed, ...]) -> None:
    """Raises StepFailed where the node that is repaired has such a file that nobody can change.

    Of a finding about both nodes, either.
    """
    if not changed:
        return
    both = context.finding.node == "both"
    for node in (context.peer, context.node) if both else (context.node,):
        await fixed_files.refuse(node, [*_paths(node, changed), f"{folders.root(node.platform)}/"])


def _paths(node: Node, changed: tuple[Changed, ...]) -> list[str]:
    platform = node.platform
    known = {
        "cookie": cookie_file.path(platform),
        "database": f"{platform.spool_dir}/",
        "settings": platform.ejabberdctl_cfg,
        "hosts": HOSTS,
        "configuration": config_file.path(platform),
    }
    options = [each.path for each in node.facts.cookie_options] if "cookie" in changed else []
    return [*(known[each] for each in changed), *options]

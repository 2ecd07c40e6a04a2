"""Second serves first's virtual hosts: they are added to its ejabberd.yml, and loaded."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from ejtui import scripts
from ejtui.cluster.acts.act import Act, At, Command, doing, plain, shell
from ejtui.cluster.diagnosis.own_settings import CONFIG, settings
from ejtui.cluster.errors import StepFailed
from ejtui.cluster.finding import Finding
from ejtui.cluster.join.steps.step import Evidence
from ejtui.cluster.operations.pending_start import wait_for_starts
from ejtui.cluster.repairs.repair import Repair
from ejtui.cluster.repairs.tools import keep
from ejtui.erlang.probe.client import ProbeError
from ejtui.hosts import HostError, guard

if TYPE_CHECKING:
    from ejtui.cluster.pair.node import Node
    from ejtui.cluster.pair.plan import Plan
    from ejtui.cluster.repairs.context import RepairContext

RELOAD_SECONDS = 60.0

_STAT = scripts.shell(keep.__file__, "stat.sh")
_HOSTS = re.compile(r"""(["']?)hosts\1[ \t]*:[ \t]*(.*)""")
_ITEM = re.compile(r"([ \t]*)-[ \t]+\S")


class ServeHosts(Repair):
    """Adds first's virtual hosts to second's; those that second has stay."""

    codes: ClassVar = ("config-hosts",)
    title: ClassVar = "add first's virtual hosts to second's ejabberd.yml, and load it"
    keeps: ClassVar = "second's ejabberd.yml"
    cannot_undo: ClassVar = "nothing is lost by it: lines are added, and none is changed"

    def commands(self, plan: Plan, finding: Finding) -> list[Command]:
        del finding
        second = plan.at_second
        return [_edit_command(second), _reload_act(second).command]

    async def run(self, context: RepairContext) -> Evidence:
        first, second = context.pair.first, context.pair.second
        await wait_for_starts(context)
        wanted, own = await settings(first), await settings(second)
        if not (wanted.asked and own.asked):
            raise StepFailed("ejabberd must run on both nodes, so that their hosts can be asked")
        missing = [host for host in wanted.hosts if host not in own.hosts]
        if not missing:
            return [f"second serves {', '.join(own.hosts)}"]
        path = f"{second.platform.config_dir}/{CONFIG}"
        user = second.platform.service_user
        before = await second.host.read(path, user=user)
        text = before.decode("utf-8", "surrogateescape")
        try:
            after = add_hosts(text, missing)
        except ValueError as error:
            added = ", ".join(missing)
            raise StepFailed(
                f"{path} on {second.name}: {error}; nothing was written. Add {added} to hosts by "
                "hand, then `ejabberdctl reload_config`"
            ) from None
        await keep.files(context, second, path)
        await _replace(second, path, after.encode("utf-8", "surrogateescape"))
        return await _load(second, path, before, missing)


async def _load(second: Node, path: str, before: bytes, missing: Sequence[str]) -> Evidence:
    """Has ejabberd load the file; where it does not serve the hosts then, the former one returns.

    Raises StepFailed with what ejabberd printed.
    """
    try:
        done = await _reload_act(second).run(second)
        loaded = (await settings(second)).hosts
    except (HostError, ProbeError) as error:
        await _replace(second, path, before)
        raise StepFailed(
            f"ejabberd on {second.name} did not load the new {path} in time; the former file is "
            f"back: {error}. `ejabberdctl reload_config` there loads it again"
        ) from error
    if set(missing) <= set(loaded):
        return [f"second serves {', '.join(loaded)}", f"{path} on {second.name} was extended"]
    await _replace(second, path, before)
    await _reload_act(second).run(second)
    printed = (done.stdout + done.stderr).decode("utf-8", "replace").strip()
    raise StepFailed(
        f"ejabberd on {second.name} did not take the new {path}, and the former one is back: "
        f"{printed or 'it printed nothing; see its log'}"
    )


def add_hosts(text: str, hosts: Sequence[str]) -> str:
    """The text of an ejabberd.yml with these virtual hosts after those that it has.

    No other line changes. Raises ValueError with the line where `hosts` is not a plain list.
    """
    lines = text.splitlines(keepends=True)
    found = [number for number, line in enumerate(lines) if _HOSTS.match(line)]
    if len(found) != 1:
        raise ValueError(f"there are {len(found)} lines with hosts: at their start, not one")
    [number] = found
    match = _HOSTS.match(lines[number])
    value = match[2].partition(" #")[0].strip() if match else ""
    quoted = [json.dumps(host, ensure_ascii=False) for host in hosts]
    if value and not value.startswith("#"):
        lines[number] = _in_brackets(lines[number], value, quoted, number + 1)
        return "".join(lines)
    last = _last_item(lines, number)
    item = _ITEM.match(lines[last])
    if item is None:
        raise ValueError(f"line {number + 1}: hosts is not a list of one host in each line")
    if not lines[last].endswith("\n"):
        lines[last] += "\n"
    lines[last + 1 : last + 1] = [f"{item[1]}- {host}\n" for host in quoted]
    return "".join(lines)


def _in_brackets(line: str, value: str, quoted: Sequence[str], number: int) -> str:
    if not re.fullmatch(r"\[[^\[\]{}#]*[^\[\]{}#,\s][ \t]*\]", value):
        raise ValueError(f"line {number}: the value of hosts is not a list of hosts")
    return line.replace(value, f"{value[:-1].rstrip()}, {', '.join(quoted)}]", 1)


def _last_item(lines: Sequence[str], number: int) -> int:
    """The line of the last host below the line `number`; comments between them are passed over."""
    last = number
    for each in range(number + 1, len(lines)):
        line = lines[each]
        if _ITEM.match(line):
            last = each
        elif line.strip() and not line.lstrip().startswith("#"):
            break
    return last


def _edit_command(at: At) -> Command:
    platform = at.platform
    text = (
        f"edit {platform.config_dir}/{CONFIG}: first's virtual hosts after those in hosts; "
        f"its owner and mode stay # as {platform.service_user} if others than root may write there"
    )
    return shell(at, platform.root, text)


def _reload_act(at: At) -> Act:
    platform = at.platform
    argv = [platform.ejabberdctl, "reload_config"]
    return plain(at, argv, platform.service_user, timeout=RELOAD_SECONDS, check=False)


async def _replace(node: Node, path: str, data: bytes) -> None:
    """Root replaces the file where it alone may write the directory, else the service user.

    Raises StepFailed where neither may, as on a read-only file system.
    """
    user = node.platform.service_user
    said = await node.host.run(["sh", "-c", _STAT, "stat", path], user=user)
    real, owner_mode = said.stdout.decode().splitlines()[:2]
    owner, mode = owner_mode.split()
    root = node.host.root
    with doing(_edit_command(node)):
        try:
            await node.host.write(
                real, data, owner=owner if root else None, mode=int(mode, 8), user=root or user
            )
        except HostError as error:
            if not root or guard.reason(error) is None:
                raise StepFailed(
                    f"{real} on {node.name} cannot be written: {error}. Set hosts where that file "
                    "is made"
                ) from error
            await node.host.write(real, data, owner=None, mode=int(mode, 8), user=user)

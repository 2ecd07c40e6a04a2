"""What is interrupted: a join, a repair, a rollback; each with the end that it must come to."""

from __future__ import annotations

import json
import random
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ejtui.cluster.join.steps import STEPS
from ejtui.lab import faults
from ejtui.lab.errors import LabError
from ejtui.lab.faults.node import LabNode, first, second
from ejtui.lab.lab import Lab
from ejtui.lab.people import DOMAIN, GUEST, people
from ejtui.lab.place import HOSTS
from tests.lab.cli.driver import Ejtui
from tests.lab.systemd import units
from tests.lab.systemd.booted import Booted

THEIRS = frozenset(person.user for person in people("first"))

FAULTS = {
    "schema-split": 9.0,
    "schema-definitions": 9.0,
    "partitioned": 5.0,
    "cookie-mismatch": 4.0,
    "tables-missing": 2.0,
}
"""Made on a joined pair, and repaired by a repair that changes more than one thing; in seconds."""

_LOG_LINES = "60"

# What ejabberdctl calls for its commands, in one VM instead of two.
_ACCOUNTS_AND_MEMBERS = f"""
{{[binary_to_list(User) || User <- ejabberd_admin:registered_users(<<"{DOMAIN}">>)],
    [atom_to_list(Member) || Member <- ejabberd_cluster:get_nodes()]}}
"""

# Every manifest on the host, a line each, and the sums of all that lies in the backups.
_MANIFESTS = (
    'for m in "$1"/ejtui-backups/*/manifest.json; do if [ -f "$m" ]; then cat "$m"; fi; done'
)
_SUMS = 'find "$1/ejtui-backups" -type f -exec sha256sum {} +'
_WITH_GUEST = 'cd "$1/ejtui-backups" && grep -las "$2" */database/passwd.* */database/LATEST.LOG'


@dataclass(frozen=True)
class Act:
    """One thing that ejtui is asked to do. `words` is the command, `goal` joined or rolled back.

    `steps` are its steps as the journal calls them, with the seconds that each takes.
    """

    name: str
    words: tuple[str, ...]
    goal: str
    steps: dict[str, float] = field(default_factory=dict)


JOIN_SECONDS = {
    **{"preflight": 0.3, "cookies": 0.5, "nodes": 0.1, "administration": 0.1, "cleandb": 2.5},
    **{"config": 1.2, "sync": 0.3},
    **{"tables": 1.5, "quit": 0.6, "permissions": 0.1, "start": 2.5, "verify": 0.3},
}
_SOME_SECONDS = 0.5


def join() -> Act:
    """From wherever the nodes stand to one cluster."""
    steps = {step.id: JOIN_SECONDS.get(step.id, _SOME_SECONDS) for step in STEPS}
    return Act("join", ("join", "--yes"), "joined", steps)


def repair(lab: Lab, chance: random.Random) -> Act:
    """Makes a fault on the joined pair, and repairs it."""
    code = chance.choice(list(FAULTS))
    faults.make(code, lab=lab)
    words = ("repair", code, "--yes")
    return Act(f"repair {code}", words, "joined", {f"repair:{code}": FAULTS[code]})


def rollback(lab: Lab) -> Act:
    """From the joined pair to two separate nodes; the backup is named, as there are several.

    It is taken from the list that an operator sees. A repair that was broken off leaves one of
    what second had of the cluster by then, too.
    """
    moved = {each["stamp"] for each in manifests(lab) if each["stage"] == "moved"}
    words = ("rollback", "--yes", max(moved & listed(lab)))
    return Act("rollback", words, "rolled back", {"rollback": 5.0})


def listed(lab: Lab) -> set[str]:
    """The backups with second's own account that `ejtui backups` lists for a rollback, by name."""
    _, answer = Ejtui(lab).json("backups")
    own = f"{GUEST}@{DOMAIN}"
    return {
        each["name"]
        for each in answer.get("backups", ())
        if own in (each["accounts"] or ()) and "rollback" in each["uses"] and each["complete"]
    }


def manifests(lab: Lab) -> list[dict[str, Any]]:
    """The backups on second, by their manifests."""
    home = lab.form.home("second")
    printed = lab.run("second", ["sh", "-c", _MANIFESTS, "sh", home]).stdout
    return [json.loads(line) for line in printed.splitlines()]


def reached(lab: Lab, act: Act) -> bool:
    """Whether both nodes themselves report that this is the end that the act must come to."""
    return not amiss(lab, act)


def amiss(lab: Lab, act: Act) -> list[str]:
    """What is not as it must be at the act's end, asked of the nodes and read on second's disc."""
    if act.goal == "rolled back":
        _start_stopped(lab, act.words[-1])
    names = {host: lab.form.node(host) for host in HOSTS}
    with ThreadPoolExecutor() as pool:
        told = pool.map(lambda host: _accounts_and_members(lab, host), HOSTS)
        accounts, members = (
            dict(zip(HOSTS, each, strict=True)) for each in zip(*told, strict=True)
        )
    found = []
    if THEIRS - set(accounts["first"]):
        found.append(f"first has {accounts['first']}")
    if act.goal == "joined":
        if accounts["second"] != accounts["first"]:
            found.append(f"second, a member, has {accounts['second']}")
        found += [f"{h} lists {m}" for h, m in members.items() if m != sorted(names.values())]
        return [*found, *units_amiss(lab), *not_kept(lab)]
    if accounts["second"] != [GUEST]:
        found.append(f"second, alone again, has {accounts['second']}")
    found += [*_still_known(lab, names["second"]), *units_amiss(lab)]
    return found + [f"{h} lists {m}" for h, m in members.items() if m != [names[h]]]


def units_amiss(lab: Lab) -> list[str]:
    """What an operator of hosts with systemd would not find as it was before ejtui came.

    A supervisor leaves ejabberd running outside its unit; that is no fault of ejtui's.
    """
    if not isinstance(lab.form, Booted):
        return []
    found = []
    for host in HOSTS:
        if (enabled := units.enabled(lab, host)) != "enabled":
            found.append(f"ejabberd.service of {host} is {enabled}")
        if len(running := units.vm_pids(lab, host)) != 1:
            found.append(f"{host} has the VMs {running}")
    return found


def outside_its_unit(lab: Lab) -> list[str]:
    """Where ejabberd runs and is not its unit's, so that `systemctl restart` would fail."""
    if not isinstance(lab.form, Booted):
        return []
    found = []
    for host in HOSTS:
        state, own = units.settled(lab, host), units.processes(lab, host)
        if state != "active" or own != units.vm_pids(lab, host):
            found.append(f"ejabberd.service of {host} is {state}, its VMs are {own}")
    return found


def _start_stopped(lab: Lab, stamp: str) -> None:
    """A second that did not run when that backup was made is left stopped by the rollback."""
    [manifest] = [each for each in manifests(lab) if each["stamp"] == stamp]
    if manifest["stage"] == "rolled-back" and not manifest["was_running"]:
        second(lab).start()


def _still_known(lab: Lab, name: str) -> list[str]:
    """Whether first lists it, running or not."""
    try:
        known = first(lab).ask("mnesia:system_info(db_nodes)")
    except LabError as error:
        return [str(error)]
    return [f"first still knows {known}"] if name in known else []


def _accounts_and_members(lab: Lab, host: str) -> tuple[list[str], list[str]]:
    """As `ejabberdctl registered_users` and `list_cluster` have them, sorted; none if it fails."""
    try:
        printed = LabNode(lab, host).ask(_ACCOUNTS_AND_MEMBERS)
    except LabError:
        return [], []
    accounts, members = json.loads(f"[{printed.strip('{}')}]")
    return sorted(accounts), sorted(members)


def not_kept(lab: Lab) -> list[str]:
    """What of second's own is not in a backup whose files have the sums in its manifest."""
    home = lab.form.home("second")
    printed = lab.run("second", ["sh", "-c", _SUMS, "sh", home], check=False).stdout.decode()
    sums = {path: sha for sha, path in (line.split(maxsplit=1) for line in printed.splitlines())}
    found, checked = [], set()
    for each in manifests(lab):
        if each["stage"] not in ("moved", "restored", "rolled-back"):
            continue
        for file in each["files"]:
            # What a repair keeps lies in the backup's directory itself.
            inside = Path(each["place"], each.get("folder", "database"))
            path = str(inside / file["name"])
            if sums.get(path) != file["sha256"]:
                found.append(f"{path} is {sums.get(path)}, not {file['sha256']}")
        checked.add(each["stamp"])
    if not checked & _own(lab):
        found.append(f"no backup has {GUEST}")
    elif not listed(lab):
        found.append(f"`ejtui backups` lists no backup with {GUEST}")
    return found


def _own(lab: Lab) -> set[str]:
    """The backups of second's own database: its account's name stands in their files.

    Where second was killed meanwhile their manifests may not know the accounts.
    """
    home = lab.form.home("second")
    listed = lab.run("second", ["sh", "-c", _WITH_GUEST, "sh", home, GUEST], check=False).stdout
    return {path.split("/")[0] for path in listed.decode().split()}


def scene(lab: Lab) -> str:
    """What ejtui and both logs report, to understand a failure."""
    said = [Ejtui(lab)("check").stdout]
    for node in (first(lab), second(lab)):
        said.append(node.run("tail", "-n", _LOG_LINES, f"{node.logs}/ejabberd.log", check=False))
        if isinstance(lab.form, Booted):
            said.append(node.run("systemctl", "status", "--no-pager", units.EJABBERD, check=False))
            said.append(node.run("ps", "-eo", "pid,ppid,etimes,cgroup,args", check=False))
    return "\n\n".join(["", *said])

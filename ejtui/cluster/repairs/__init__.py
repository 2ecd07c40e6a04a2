"""Every repair by the code of its finding, and why some codes have none."""

from __future__ import annotations

from collections.abc import Mapping

from ejtui.cluster.repairs.cookies import CookieContent, CookieFile
from ejtui.cluster.repairs.custom_schema import SetSchemaAside
from ejtui.cluster.repairs.distribution import BindLan, OpenDistribution, SamePorts
from ejtui.cluster.repairs.epmd import ForgetStale, FreeEpmdPort, OpenEpmd, StartEpmd
from ejtui.cluster.repairs.files import Owner, RightDirectory
from ejtui.cluster.repairs.members import CleanGhost, ForgetMember
from ejtui.cluster.repairs.names import EndNamesake, HostsEntry, NameAfterHosts, NameBack, OneStyle
from ejtui.cluster.repairs.partition import GiveUpSecond
from ejtui.cluster.repairs.rejoining import JoinAgain, JoinOn
from ejtui.cluster.repairs.repair import Repair
from ejtui.cluster.repairs.running import EndHolder, LoadTables, StartNode

_ALL: tuple[Repair, ...] = (
    CookieFile(),
    CookieContent(),
    StartEpmd(),
    FreeEpmdPort(),
    ForgetStale(),
    OpenEpmd(),
    OpenDistribution(),
    BindLan(),
    SamePorts(),
    HostsEntry(),
    OneStyle(),
    NameAfterHosts(),
    NameBack(),
    EndNamesake(),
    Owner(),
    RightDirectory(),
    SetSchemaAside(),
    JoinOn(),
    JoinAgain(),
    GiveUpSecond(),
    ForgetMember(),
    CleanGhost(),
    StartNode(),
    LoadTables(),
    EndHolder(),
)

REPAIRS: Mapping[str, Repair] = {code: repair for repair in _ALL for code in repair.codes}

WHY_NONE: Mapping[str, str] = {
    "otp-distance": "upgrading Erlang is the operator's: in steps of two major releases at most",
    "version-differs": "upgrading ejabberd is the operator's: bring both to one release first",
    "overlapping": (
        "a third node that not all others reach is outside this pair: mend its ways or end it "
        "first; the two then connect again, and what stays apart is a partition, to be repaired"
    ),
    "concurrent-join": "wait until the other node's join has ended, then join this one",
    "other-cluster": (
        "leaving that cluster properly is done there: stop ejabberd on second, then "
        "`ejabberdctl leave_cluster` on another member; a join asks before it takes second away"
    ),
    "config-passwords": (
        "which format is right is the operator's: give auth_password_format in both ejabberd.yml "
        "the same value"
    ),
    "records-lost": (
        "`ejtui rollback` takes second out again, and offers to bring back what first's online "
        "backup has"
    ),
    "overload": "the log is under pressure; Mnesia writes it off by itself once that ends",
    "host-unreachable": "a host that does not answer cannot be mended from here",
    "probe-failed": "a mistake in ejtui itself is mended in ejtui: report what the check shows",
    "unsafe-path": (
        "nothing is done by a path that an attacker may have made: look at it, and replace or "
        "remove it by hand"
    ),
    "restart-loop": "whatever restarts ejabberd there is the operator's to stop; then join again",
    "not-installed": "ejabberd and its Erlang come from the system's packages",
}
"""What nobody but the operator can mend, or what mends itself."""


def why_none(code: str) -> str:
    """Why a finding of this code has no repair; "" when it has one."""
    if code in REPAIRS:
        return ""
    return WHY_NONE.get(code, "there is no repair for it")


__all__ = ["REPAIRS", "WHY_NONE", "Repair", "why_none"]

"""What follows from what: one cause is one finding, and what it brings about stands under it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from ejtui.cluster.finding import Finding

_WAYS = frozenset(
    {
        "unresolvable",
        "ipv6-only",
        "epmd-down",
        "epmd-silent",
        "epmd-unreachable",
        "epmd-stale",
        "dist-loopback",
        "dist-port-blocked",
    }
)
_APART = frozenset({"partitioned", "overlapping", "tables-waiting", "stale-member"})
_COOKIE_FILE = frozenset({"cookie-mode", "cookie-owner", "cookie-malformed", "cookie-missing"})
_DATABASE = frozenset(
    {"schema-definitions", "schema-ram", "schema-split", "table-cookie", "partitioned"}
)

ANYWHERE: Mapping[str, frozenset[str]] = {
    "host-unreachable": _WAYS | _APART | {"dist-port-differs"},
    "not-installed": _WAYS | _APART,
    "name-style": _WAYS | _APART | {"cookie-mismatch", "renamed"},
    "both-localhost": _WAYS | _APART | {"name-in-use", "not-connected", "cookie-mismatch"},
    "dist-port-differs": _WAYS | _APART,
    "otp-distance": _APART | {"version-differs"},
    **dict.fromkeys(_WAYS, _APART),
    "cookie-mismatch": _APART,
    "wrong-dir": _DATABASE | {"tables-missing", "stale-member", "renamed"},
    "renamed": _DATABASE | {"stale-member"},
    "schema-definitions": frozenset({"schema-ram", "partitioned", "stale-member"}),
    "schema-ram": frozenset({"schema-split", "partitioned", "tables-missing"}),
    "schema-split": frozenset({"partitioned", "tables-missing"}),
    "table-cookie": frozenset({"partitioned", "tables-missing"}),
    "partitioned": frozenset({"tables-missing"}),
    "overlapping": frozenset({"partitioned", "stale-member"}),
    "concurrent-join": frozenset({"join-hangs"}),
    "tables-waiting": frozenset({"not-connected", "vm-up-app-down", "tables-missing"}),
}
"""Code -> codes that it may bring about on either node."""

_SILENT = frozenset({"not-connected", "vm-up-app-down"})

SAME_NODE: Mapping[str, frozenset[str]] = {
    **dict.fromkeys(_WAYS, _SILENT),
    "unsafe-path": _COOKIE_FILE | _SILENT | {"cookie-mismatch"},
    **dict.fromkeys(_COOKIE_FILE, _SILENT | {"cookie-mismatch"}),
    "name-style": _SILENT,
    "dist-port-differs": _SILENT,
    "host-unreachable": _SILENT,
    "not-installed": _SILENT,
    "probe-failed": _SILENT,
    "cookie-mismatch": _SILENT,
    "name-in-use": _SILENT | {"cookie-mismatch", "tables-waiting", "wrong-dir"},
    "dir-not-writable": _SILENT | _DATABASE | {"dir-root-owned"},
    "dir-root-owned": _SILENT | _DATABASE,
    "wrong-dir": _SILENT,
    "renamed": _SILENT,
    "schema-definitions": _SILENT,
    "schema-ram": _SILENT,
    "schema-split": _SILENT,
    "table-cookie": _SILENT,
    "ghost-member": _SILENT,
    "vm-up-app-down": frozenset({"not-connected"}),
}
"""Code -> codes that it may bring about on its own node."""


def under_their_causes(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Those that are no consequence of an earlier one, each with its consequences."""
    causes: list[Finding] = []
    for finding in findings:
        by = next((i for i, cause in enumerate(causes) if _causes(cause, finding)), None)
        if by is None:
            causes.append(finding)
        elif finding.code != causes[by].code:
            line = f"{finding.title} ({finding.code})"
            causes[by] = replace(causes[by], consequences=(*causes[by].consequences, line))
        else:
            causes[by] = _with_evidence(causes[by], finding)
    return tuple(causes)


def _causes(cause: Finding, finding: Finding) -> bool:
    if finding.apart:
        return False
    same = cause.node == finding.node or "both" in (cause.node, finding.node)
    if same and cause.code == finding.code:
        return cause.subjects == finding.subjects or not finding.sure
    if finding.code in cause.explains or finding.code in ANYWHERE.get(cause.code, ()):
        return True
    return same and finding.code in SAME_NODE.get(cause.code, ())


def _with_evidence(finding: Finding, other: Finding) -> Finding:
    new = tuple(line for line in other.evidence if line not in finding.evidence)
    return replace(finding, evidence=(*finding.evidence, *new))

"""The rules of the catalogue, in the order of the layers: each rests on those before it."""

from __future__ import annotations

from collections.abc import Iterable

from ejtui.cluster.diagnosis.rules import (
    cookies,
    custom,
    distribution,
    ejabberd,
    epmd,
    files,
    hosts,
    members,
    names,
    partition,
    passwords,
    releases,
    schema,
    tables,
    unsafe,
)
from ejtui.cluster.diagnosis.rules.case import Case, Rule
from ejtui.cluster.diagnosis.rules.causes import under_their_causes
from ejtui.cluster.facts.examination import Examined
from ejtui.cluster.facts.node import PairFacts
from ejtui.cluster.finding import Finding

RULES: tuple[tuple[str, Rule], ...] = (
    ("host", hosts.unreachable),
    ("host", hosts.not_installed),
    ("host", hosts.probe_failed),
    ("resolve", names.name_style),
    ("resolve", names.both_localhost),
    ("resolve", names.same_name),
    ("resolve", names.named_localhost),
    ("resolve", names.unresolvable),
    ("epmd", epmd.dist_port_differs),
    ("epmd", epmd.epmd_down),
    ("epmd", epmd.epmd_silent),
    ("epmd", epmd.epmd_unreachable),
    ("port", epmd.not_registered),
    ("port", epmd.epmd_stale),
    ("port", names.name_in_use),
    ("distribution", distribution.dist_loopback),
    ("distribution", distribution.dist_port_blocked),
    ("distribution", hosts.otp_distance),
    ("schema", members.second_left),
    ("cookie", unsafe.unsafe_paths),
    ("cookie", cookies.cookie_file),
    ("cookie", cookies.cookie_refused),
    ("cookie", cookies.cookie_mismatch),
    ("cookie", cookies.handshake),
    ("schema", files.dir_not_writable),
    ("schema", files.dir_root_owned),
    ("schema", files.wrong_dir),
    ("schema", schema.renamed),
    ("schema", schema.schema_definitions),
    ("schema", schema.schema_ram),
    ("schema", schema.schema_split),
    ("schema", schema.table_cookie),
    ("schema", partition.overlapping),
    ("schema", partition.partitioned),
    ("schema", partition.master_left),
    ("schema", members.concurrent_join),
    ("schema", members.ghost_member),
    ("schema", members.ghost_of_second),
    ("schema", members.stale_member),
    ("schema", members.other_cluster),
    ("schema", schema.join_hangs),
    ("tables", tables.tables_waiting),
    ("tables", tables.tables_missing),
    ("tables", custom.custom_schema),
    ("ejabberd", releases.version_differs),
    ("ejabberd", ejabberd.log_says),
    ("ejabberd", ejabberd.app_down),
    ("ejabberd", ejabberd.not_connected),
    ("ejabberd", passwords.config_passwords),
    ("ejabberd", hosts.disc_full),
    ("ejabberd", hosts.backup_full),
    ("ejabberd", ejabberd.overload),
)
"""(layer, rule): adding a finding is adding a rule here."""


def diagnose(case: Case) -> tuple[tuple[Finding, ...], frozenset[str]]:
    """The findings, errors before warnings and deeper causes first, and the layers not well."""
    told = [
        (layer, finding)
        for layer, rule in RULES
        for finding in rule(case)
        if not (case.examined.half_done and finding.mended_by)
    ]
    found = under_their_causes(finding for _, finding in told)
    ranked = sorted(found, key=lambda finding: finding.severity != "error")
    return tuple(ranked), frozenset(layer for layer, _ in told)


def findings(facts: PairFacts, examined: Examined | None = None) -> tuple[Finding, ...]:
    """What is wrong with the pair, as far as these tell."""
    return diagnose(Case(facts, examined or Examined()))[0]


PASSING = frozenset(
    {
        "not-connected",
        "vm-up-app-down",
        "epmd-down",
        "epmd-stale",
        "dist-loopback",
        "dist-port-blocked",
        "tables-waiting",
        "partitioned",
    }
)
"""What a node in the middle of a start or a stop looks like for a moment."""


def stopping(found: Iterable[Finding], *, passing: bool = True) -> tuple[Finding, ...]:
    """Those with which a join must not go on: errors that none of its own steps mends.

    With `passing` False, without those that second shows while a step starts or stops it.
    """
    return tuple(
        finding
        for finding in found
        if finding.severity == "error" and not finding.mended_by
        if passing or finding.node == "first" or finding.code not in PASSING
    )

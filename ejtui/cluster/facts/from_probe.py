"""From a probe's snapshot to facts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast, get_args

from ejtui.cluster.facts.node import (
    REMOTE,
    CookieFacts,
    KeptErl,
    NodeFacts,
    PeerFacts,
    SchemaFacts,
    SpoolFacts,
    SpoolFile,
    TableFacts,
    Vm,
)
from ejtui.erlang.probe.client import ProbeError
from ejtui.platforms import Platform

Map = Mapping[Any, Any]


def node_facts(name: str, platform: Platform, snapshot: Map) -> NodeFacts:
    """The facts of the node called `name`; `snapshot` is what its probe answered.

    Raises ProbeError for an answer that is no node's state: the host may send anything.
    """
    try:
        return _node_facts(name, platform, snapshot)
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError):
        raise ProbeError("garbled", "its answer is not the state of a node") from None


def _node_facts(name: str, platform: Platform, snapshot: Map) -> NodeFacts:
    uid = snapshot.get("uid")
    epmd = snapshot.get("epmd")
    return NodeFacts(
        name=name,
        node=platform.node,
        vm=_vm(_text(snapshot.get("vm"))),
        vm_why=_text(snapshot.get("vm_why")),
        vm_code=_text(snapshot.get("vm_code")),
        vm_cookie=_text(snapshot.get("vm_cookie_sha256")),
        started=_text(snapshot.get("started")),
        starting=bool(snapshot.get("starting")),
        interface=_text(snapshot.get("interface")),
        dist_port=platform.env.get("ERL_DIST_PORT", ""),
        extra_db_nodes=_names(snapshot.get("extra_db_nodes")),
        ejabberd=bool(snapshot.get("ejabberd")),
        ejabberd_version=_text(snapshot.get("ejabberd_version")),
        otp_release=_text(snapshot.get("otp_release")),
        mnesia=_text(snapshot.get("mnesia")) or "no",
        db_nodes=_names(snapshot.get("db_nodes")),
        running_db_nodes=_names(snapshot.get("running_db_nodes")),
        directory=_text(snapshot.get("directory")),
        schema=_schema(snapshot.get("schema")) or SchemaFacts(),
        disk_schema=_schema(snapshot.get("disk_schema")),
        disk_schema_error=_text((snapshot.get("disk_schema") or {}).get("error")),
        tables=tuple(sorted(map(_table, snapshot.get("tables") or ()), key=lambda t: t.name)),
        accounts=_number(snapshot.get("accounts")),
        cookie=_cookie(snapshot.get("cookie") or {}, uid),
        spool=_spool(snapshot.get("spool") or {}, uid),
        peers={
            _text(node): _peer(_text(node), peer)
            for node, peer in (snapshot.get("peers") or {}).items()
        },
        epmd=None if epmd is None else _names(epmd),
        epmd_error=_text(snapshot.get("epmd_error")),
        os_pid=_text(snapshot.get("os_pid")),
        kept_erl=_kept_erl(snapshot),
        hostname=platform.hostname,
        addresses=_names(snapshot.get("addresses")),
        cookie_options=platform.cookie_options,
        failed=failures(snapshot.get("failed")),
    )


def failures(rows: Any) -> tuple[str, ...]:
    """The parts that a probe failed to look at, each with why."""
    return tuple(f"{_text(part)}: {_text(why)}" for part, why in rows or ())


def _kept_erl(snapshot: Map) -> KeptErl | None:
    """What is left of one that has ended does not count."""
    os_pid = _text(snapshot.get("os_pid"))
    for row in snapshot.get("kept_erls") or ():
        if os_pid and _text(row["os_pid"]) == os_pid:
            return KeptErl(_text(row["place"]), int(row["since"]))
    return None


def _text(value: object) -> str:
    if value is None:
        return ""
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def _number(value: object) -> int | None:
    """A whole number, or that there is none. Raises TypeError for anything else."""
    if value is not None and not isinstance(value, int):
        raise TypeError(value)
    return value


def _vm(word: str) -> Vm:
    return cast(Vm, word) if word in get_args(Vm) else "unknown"


def _names(value: object) -> tuple[str, ...]:
    """In one order always: Mnesia gives its node lists in any."""
    return tuple(sorted(map(_text, value))) if isinstance(value, list | tuple) else ()


def _schema(row: Map | None) -> SchemaFacts | None:
    if not row or not row.get("cookie"):
        return None
    return SchemaFacts(
        storage=_text(row.get("storage")) or REMOTE,
        cookie=_text(row["cookie"]),
        ram_copies=_names(row.get("ram_copies")),
        disc_copies=_names(row.get("disc_copies")),
        tables=tuple(map(_table, row.get("definitions") or ())),
    )


def _table(row: Map) -> TableFacts:
    return TableFacts(
        name=_text(row["name"]),
        storage=_text(row.get("storage")) or REMOTE,
        ram_copies=_names(row.get("ram_copies")),
        disc_copies=_names(row.get("disc_copies")),
        disc_only_copies=_names(row.get("disc_only_copies")),
        local_content=bool(row.get("local_content")),
        table_type=_text(row.get("type")),
        size=int(row.get("size") or 0),
        memory=int(row.get("memory") or 0),
        where_to_read=_text(row.get("where_to_read")),
        cookie=_text(row.get("cookie")),
    )


def _cookie(row: Map, uid: int | None) -> CookieFacts:
    return CookieFacts(
        sha256=_text(row.get("sha256")),
        code=_text(row.get("error")),
        why=_text(row.get("why")) or _text(row.get("malformed")),
        mode=_number(row.get("mode")),
        owner=_text(row.get("owner")),
        owner_is_service=uid is None or row.get("uid") in (uid, None),
        bare_sha256=_text(row.get("bare_sha256")),
    )


def _spool(row: Map, uid: int | None) -> SpoolFacts:
    return SpoolFacts(
        exists=bool(row.get("exists")),
        error=_text(row.get("error")),
        files=tuple(
            SpoolFile(_text(name), _number(size) or 0, uid is None or owner == uid)
            for name, size, owner, _ in row.get("files") or ()
        ),
        wrong_owner=_names(row.get("wrong_owner")),
        wrong_owner_count=int(row.get("wrong_owner_count") or 0),
        unsafe=tuple((_text(name), _text(why)) for name, why in row.get("unsafe") or ()),
    )


def _peer(node: str, row: Map) -> PeerFacts:
    return PeerFacts(
        node=node,
        address=_text(row.get("address")),
        port=_number(row.get("port")),
        broken=_text(row.get("broken")),
        code=_text(row.get("code")),
        why=_text(row.get("why")),
        posix=_text(row.get("posix")),
        untried=bool(row.get("untried")),
        os_pid=_text(row.get("os_pid")),
        schema=_text(row.get("schema")),
    )

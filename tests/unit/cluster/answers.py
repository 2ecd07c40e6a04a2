"""What a probe of a recording node answers: as one to which nothing goes wrong."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ejtui.cluster.facts.node import (
    SchemaFacts,
    SpoolFacts,
)
from ejtui.erlang.probe import sealing
from ejtui.erlang.terms import etf

if TYPE_CHECKING:
    from tests.unit.cluster.recording import RecordingNode

FIRSTS_FILE = b"""\
hosts: [localhost, chat.example]
auth_method: mnesia
default_db: mnesia
acl: {admin: {user: [amelie@chat.example]}}
net_ticktime: 60
certfiles: [/etc/ejabberd/first.pem]
modules:
  mod_mam: {}
"""
SECONDS_FILE = b"hosts:\n  - localhost\nmodules:\n  mod_ping: {}\n"


def _loaded(node: RecordingNode) -> dict[str, Any]:
    """Second has other values than first in everything, until it has first's file."""
    firsts = node.role == "first" or node.world.carried_over
    mark = "first" if firsts else "second"
    modules = ["mod_ping", "mod_mam"] if firsts else ["mod_ping"]
    return {
        "hosts": ["localhost", "chat.example"] if firsts else ["localhost"],
        "ticktime": 60 if firsts else 30,
        "options": [["localhost", each, mark, ""] for each in ("auth_method", "default_db", "acl")],
        "modules": [["localhost", each, []] for each in modules],
        "certified": ["localhost"] if firsts else [], "unreadable": [],
    }  # fmt: skip


def _certificates(node: RecordingNode, pattern: str) -> list[list[object]]:
    there = node.role == "first" or node.world.carried_over
    return [[pattern, "pem", 0o640, "root", "ejabberd", ""]] if there else []


def _file(node: RecordingNode) -> bytes:
    return FIRSTS_FILE if node.role == "first" else SECONDS_FILE


def _sums(node: RecordingNode, paths: Sequence[str]) -> list[tuple[str, str, int]]:
    own = hashlib.sha256(_file(node)).hexdigest()
    return [(path, own if path.endswith("ejabberd.yml") else "0" * 64, 100) for path in paths]


def _stop(node: RecordingNode) -> dict[str, str]:
    how = "not_running" if node.facts.vm == "down" else "init:stop()"
    node.world.stopped(node.role)
    return {"how": how}


def _moved(node: RecordingNode, source: str, to: str, names: Sequence[str]) -> list[str]:
    node.world.moved.setdefault(to, []).extend(names)
    if source == node.platform.spool_dir and names != ["ejabberd.schema"]:
        left = tuple(file for file in node.facts.spool.files if file.name not in names)
        node.world.change(
            node.role, spool=SpoolFacts(exists=True, files=left), disk_schema=None,
            schema=SchemaFacts(), tables=(), accounts=None, db_nodes=(),
        )  # fmt: skip
    return list(names)


def _written(node: RecordingNode, _path: str, _sealed: str) -> None:
    world = node.world
    peer = world.now("first" if node.role == "second" else "second")
    world.change(node.role, cookie=replace(peer.cookie))


def _changed(node: RecordingNode, function: str, arguments: Sequence[Any]) -> dict[str, str]:
    world = node.world
    if function == "del_table_copy":
        gone = str(arguments[1])
        for role in ("first", "second"):
            left = tuple(each for each in world.now(role).db_nodes if each != gone)
            schema = world.now(role).schema
            kept = tuple(each for each in schema.disc_copies if each != gone)
            ram = tuple(each for each in schema.ram_copies if each != gone)
            world.change(
                role, db_nodes=left, schema=replace(schema, disc_copies=kept, ram_copies=ram)
            )
    if function == "force_load_table":
        loaded = tuple(replace(table, where_to_read=node.facts.node) for table in node.facts.tables)
        world.change(node.role, tables=loaded, ejabberd=True)
    return {"result": "done", "reason": ""}


def _listed(node: RecordingNode, place: str) -> list[dict[str, Any]]:
    inside = [path for path in node.world.moved if path.startswith(f"{place}/")]
    names = [*node.world.moved.get(place, []), *(path.rpartition("/")[2] for path in inside)]
    return [{"name": name, "type": "regular", "size": 100} for name in names]


ANSWERS: dict[str, Callable[..., Any]] = {
    "settings": lambda node, key, _: sealing.sealed(etf.encode(_loaded(node)), key),
    "config_changed": lambda *_: False,
    "file_settings": lambda node, *given: sealing.sealed(etf.encode(_loaded(node)), given[3]),
    "vm": lambda node: {"vm": node.facts.vm, "vm_why": ""},
    "stop_node": _stop,
    "hold_name": lambda _: {"result": "held"},
    "unsafe": lambda *_: [],
    "layers": lambda *_: {"broken": None, "why": None},
    "room": lambda *_: {"free": 10**12, "mount": "/"},
    "checksum": _sums,
    "sealed_file": lambda node, _path, _most, key: sealing.sealed(_file(node), key),
    "list_dir": _listed,
    "lock_info": lambda *_: "free",
    "check_file": lambda _node, _line, _program, _file, key: sealing.sealed(b"\nread\n", key),
    "code_paths": lambda _: [],
    "unread_environment": lambda _: [],
    "broken_settings": lambda *_: "",
    "certificates": lambda node, patterns: [[each, _certificates(node, each)] for each in patterns],
    "secret_key": lambda _: sealing.Seal().public,
    "sealed_cookie": lambda *_: "sealed",
    "write_sealed": _written,
    "run_erl": lambda _: None,
    "changes_schema": lambda _: False,
    "backup_node": lambda *_: {"size": 1, "sha256": "0" * 64},
    "check_backup": lambda *_: {"tables": {}, "records": 0},
    "kept_content": lambda *_: {"accounts": "", "tables": {}, "doubts": []},
    "kept_file": lambda *_: {"records": 0, "unread": 0, "cookie": ""},
    "accounts": lambda *_: "",
    "accounts_elsewhere": lambda *_: False,
    "stored_accounts": lambda *_: "",
    "read_accounts": lambda *_: {
        "missing": [],
        "asked": 25,
        "read": 25,
        "through": 25,
        "where_to_read": "",
        "hosts": [],
        "served": [],
        "unserved": [],
    },
    "routes": lambda *_: "arrived",
    "move_files": _moved,
    "restore_files": lambda _node, _from, _to, files: [name for name, _ in files],
    "change": _changed,
    "retire": lambda *_: {"files": 3, "place": "/there"},
    "table_progress": lambda *_: (None, None),
}

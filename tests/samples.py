"""What a host and its node may report, for tests that do without both."""

from __future__ import annotations

from typing import Any

from ejtui.cluster.run.operation import Operation
from ejtui.erlang.terms.etf import Atom
from ejtui.platforms import Platform

PLATFORM = Platform(
    kind="debian", node="ejabberd@first", home="/var/lib/ejabberd", spool_dir="/var/lib/ejabberd",
    log_dir="/var/log/ejabberd", config_dir="/etc/ejabberd", service_user="ejabberd", erl="erl",
    epmd="epmd", ejabberdctl="ejabberdctl", ejabberdctl_cfg="", hostname="first", start=(),
    stop=(), run_start_as="root", env={}, dist_options=(), sources={},
)  # fmt: skip
COPIES = [Atom("ejabberd@first"), Atom("ejabberd@second")]
TABLE = {
    "name": Atom("roster"), "storage": Atom("disc_copies"), "disc_copies": COPIES, "size": 3,
    "memory": 400, "where_to_read": Atom("ejabberd@first"), "cookie": b"{1,2}",
}  # fmt: skip
SNAPSHOT: dict[Any, Any] = {
    "uid": 105, "vm": Atom("up"), "ejabberd": True, "ejabberd_version": b"23.01", "accounts": 25,
    "otp_release": b"25", "mnesia": Atom("yes"), "db_nodes": COPIES, "running_db_nodes": COPIES,
    "directory": b"/var/lib/ejabberd", "tables": [TABLE], "os_pid": b"12", "epmd": [b"ejabberd"],
    "schema": {"cookie": b"{1}", "storage": Atom("disc_copies"), "definitions": [TABLE]},
    "cookie": {"sha256": b"ab" * 32, "mode": 0o400, "uid": 105, "owner": b"ejabberd"},
    "spool": {"exists": True, "files": [(b"schema.DAT", 4096, 105, 0o640)], "wrong_owner": []},
    "peers": {Atom("ejabberd@second"): {"address": b"10.0.0.2", "port": 4370}},
}  # fmt: skip


def step(id: str, number: int = 0) -> Operation:
    """A step of the join, named after its id."""
    return Operation("step", id, id, number)

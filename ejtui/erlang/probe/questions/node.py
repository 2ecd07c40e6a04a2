"""Questions about the host's node, and changes of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ejtui.erlang.probe.client import ASK_BOUND, nodes
from ejtui.erlang.probe.questions.typed import (
    Asked,
    Progress,
    mapping,
    maybe,
    number,
    text,
    truth,
    typed,
)
from ejtui.erlang.terms import etf
from ejtui.erlang.terms.etf import Atom


@dataclass(frozen=True)
class Vm:
    """The VM of the node's name: "up", "down", "rejected" or "unknown", and why."""

    state: str
    why: str = ""


@dataclass(frozen=True)
class Way:
    """How far a host reaches a node: the layer that is broken, "" for none, and why."""

    broken: str = ""
    why: str = ""


@dataclass(frozen=True)
class Change:
    """How a change of Mnesia's ended: "done", "already", "aborted" or "failed", and why."""

    result: str
    reason: str = ""

    @property
    def made(self) -> bool:
        """Whether it is so now, by this change or an earlier one."""
        return self.result in ("done", "already")


@dataclass(frozen=True)
class Retired:
    """Where the Mnesia files of a node that was retired went, on its own host, and how many."""

    place: str
    files: int


@dataclass(frozen=True)
class Custom:
    """An ejabberd.schema: `text` None where there is none or it cannot be read, and then why."""

    path: str
    elsewhere: bool
    text: str | None
    error: str = ""


@dataclass(frozen=True)
class Formats:
    """Password formats by virtual host ("*" for all), and whether ejabberd or its file has them."""

    source: str
    hosts: Mapping[str, str]


async def exam(probe: Asked, log: str, pair: Sequence[str]) -> Mapping[str, Any]:
    """What a check looks at on the host beside the snapshot. Raises ProbeError."""
    said = await probe.ask("exam", log, nodes(pair))
    with typed("an examination"):
        return mapping(said)


async def settings(probe: Asked, secret: str) -> Mapping[str, Any] | None:
    """What ejabberd has loaded of its configuration, None where it does not run.

    Of options whose names match `secret`, a regular expression, no value leaves the host. Raises
    ProbeError.
    """
    # The library takes a while, and only this question needs it.
    from ejtui.erlang.probe.sealing import Seal

    seal = Seal()
    said = await probe.ask("settings", seal.public, secret)
    with typed("loaded settings"):
        return None if said is None else mapping(etf.readable(seal.opened(said)))


FILE_BOUND = 60.0


async def file_settings(
    probe: Asked, line: Sequence[str], program: str, file: str, secret: str
) -> Mapping[str, Any] | str | None:
    """What ejabberd loads of the file at its start; "refused" where its reader does not take it,
    None where that cannot be asked.

    `line` is how erl is called, `program` what it runs, `secret` as for settings(). Raises
    ProbeError.
    """
    from ejtui.erlang.probe.sealing import Seal

    seal = Seal()
    said = await probe.ask(
        "file_settings", list(line), program, file, seal.public, secret, timeout=FILE_BOUND
    )
    with typed("a file's settings"):
        if said is None or said == "refused":
            return said and str(said)
        return mapping(etf.readable(seal.opened(said)))


async def config_changed(probe: Asked, file: str) -> bool:
    """Whether the file may have changed since ejabberd started. Raises ProbeError."""
    return bool(await probe.ask("config_changed", file))


async def echo(probe: Asked, timeout: float = ASK_BOUND) -> bool:
    """Whether the probe answers at all. Raises ProbeError."""
    return bool(await probe.ask("echo", True, timeout=timeout))


async def watch(probe: Asked, on_change: Progress, timeout: float) -> None:
    """Stays until the node, its Mnesia or ejabberd ends, or `timeout` seconds have passed.

    `on_change` gets "watching" once changes are reported, and "changed" after each. Raises
    ProbeError, also where the node cannot be asked, and at the end of that time.
    """
    await probe.ask("watch", timeout=timeout, on_progress=lambda said: on_change(text(said)))


async def own_pid(probe: Asked) -> int:
    """The process id of the probe itself. Raises ProbeError."""
    said = await probe.ask("own_pid")
    with typed("a process id"):
        return int(text(said))


async def vm(probe: Asked) -> Vm:
    """Whether a VM of the node's name runs. Raises ProbeError."""
    said = await probe.ask("vm")
    with typed("the state of a VM"):
        return Vm(text(said["vm"]), maybe(said.get("vm_why")))


async def way(probe: Asked, node: str, cookie: str | None = None) -> Way:
    """How far the host reaches the node of that name. Raises ProbeError.

    With the digest of that node's cookie ("" for unknown) no handshake is tried that must fail or
    was just refused.
    """
    known = () if cookie is None else (cookie,)
    said = await probe.ask("layers", Atom(node), *known)
    with typed("a way to a node"):
        return Way(maybe(said["broken"]), maybe(said["why"]))


async def cookie_sha256(probe: Asked) -> str:
    """The digest of the cookie file, "" where it cannot be read. Raises ProbeError."""
    said = await probe.ask("cookie")
    with typed("a cookie file"):
        return maybe(mapping(said).get("sha256"))


async def slot(probe: Asked) -> str:
    """The number of the probe among all of its host. Raises ProbeError."""
    return str(await probe.ask("slot"))


async def changes_schema(probe: Asked) -> bool:
    """Whether the node is changing its schema now. Raises ProbeError."""
    return bool(await probe.ask("changes_schema"))


async def next_release(probe: Asked) -> str:
    """The release of ejabberd that the next start runs, "" for unknown. Raises ProbeError."""
    said = await probe.ask("next_ejabberd")
    with typed("a release"):
        return maybe(said)


async def table_progress(probe: Asked, node: str, table: str) -> tuple[int | None, int | None]:
    """How many records and bytes of a table that is being copied are there; None for unknown.

    Raises ProbeError.
    """
    said = await probe.ask("table_progress", Atom(node), Atom(table))
    with typed("how far a copy is"):
        records, size = said
        return (
            None if records is None else number(records),
            None if size is None else number(size),
        )


async def change(
    probe: Asked, function: str, arguments: Sequence[object], timeout: float = ASK_BOUND
) -> Change:
    """Calls a function of Mnesia's that changes it. Raises ProbeError."""
    said = await probe.ask("change", Atom(function), list(arguments), timeout=timeout)
    with typed("how a change ended"):
        return Change(text(said["result"]), maybe(said.get("reason")))


async def set_cookie(probe: Asked, kept: str | None) -> str:
    """Has the running VM take the cookie that its file has: "done", "already" or "down".

    `kept` is the file with the cookie that it may still run with. Raises ProbeError.
    """
    said = await probe.ask("set_cookie", kept)
    with typed("how a cookie was set"):
        return text(said["result"])


async def stop_node(probe: Asked, timeout: float) -> str:
    """Ends the VM of the node's name; how: "init:stop", "sigterm" or "not_running".

    Raises ProbeError.
    """
    said = await probe.ask("stop_node", timeout=timeout)
    with typed("how a node was stopped"):
        return text(said["how"])


async def hold_name(probe: Asked) -> str:
    """Registers the node's name at epmd, so that nothing starts it: "held", "taken" or "none".

    Raises ProbeError.
    """
    said = await probe.ask("hold_name")
    with typed("whether a name is held"):
        return text(said["result"])


async def release_name(probe: Asked) -> None:
    """Gives the node's name back. Raises ProbeError."""
    await probe.ask("release_name")


async def retire(probe: Asked, node: str, folder: str, timeout: float) -> Retired:
    """Has another member set its database aside on its own host, and end. Raises ProbeError."""
    said = await probe.ask("retire", *nodes([node]), folder, timeout=timeout)
    with typed("where a database was moved"):
        return Retired(text(said["place"]), number(said["files"]))


async def run_erl(probe: Asked) -> str:
    """Where the host has Erlang's run_erl, "" where it has none. Raises ProbeError."""
    said = await probe.ask("run_erl")
    with typed("a path"):
        return maybe(said)


async def listeners(probe: Asked) -> list[tuple[int, bool, str]]:
    """Where ejabberd serves its web admin: port, whether by TLS, path. Raises ProbeError."""
    said = await probe.ask("web_admin")
    with typed("a list of listeners"):
        return [(number(port), truth(tls), text(path)) for port, tls, path in said]


async def custom_schema(probe: Asked) -> Custom:
    """The ejabberd.schema that the node's next start reads. Raises ProbeError."""
    said = await probe.ask("custom_schema")
    with typed("a custom schema"):
        return Custom(
            text(said["path"]),
            truth(said["elsewhere"]),
            None if said["text"] is None else text(said["text"]),
            maybe(said["error"]),
        )


async def parsed_schema(
    probe: Asked, schema: str
) -> list[tuple[str, list[tuple[str, object]]]] | None:
    """The tables of an ejabberd.schema with their options as ejabberd reads them.

    None where it does not. Raises ProbeError.
    """
    said = await probe.ask("parsed_schema", schema)
    with typed("the tables of a schema"):
        if said is None:
            return None
        return [(text(name), [(text(key), value) for key, value in row]) for name, row in said]


async def passwords(probe: Asked, hosts: Sequence[str], file: str) -> Formats:
    """In which format passwords are kept, also of these hosts. Raises ProbeError."""
    said = await probe.ask("passwords", list(hosts), file)
    with typed("password formats"):
        formats = mapping(said["hosts"])
        return Formats(
            maybe(said["source"]), {text(host): text(each) for host, each in formats.items()}
        )


async def plain_passwords(probe: Asked, timeout: float) -> int:
    """How many accounts have a plain password. Raises ProbeError."""
    said = await probe.ask("plain_passwords", timeout=timeout)
    with typed("a number of passwords"):
        return number(said)

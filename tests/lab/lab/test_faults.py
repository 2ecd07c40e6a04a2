"""Every fault of the catalogue that the lab makes is real: the nodes themselves show it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ejtui.lab import Lab, LabError
from ejtui.lab.breakage import EPMD_PORT
from ejtui.lab.faults import FAULTS, IMPOSSIBLE, Forms, listing, make
from ejtui.lab.faults.node import RUNS, LabNode, first, second

_RUNNING = "mnesia:system_info(running_db_nodes)"
_LONG = "ejabberd@second.example"


def _erl(node: LabNode, expression: str = "node()", name: str = "") -> str:
    """What a new erl of the service's user prints, an answer or why it cannot start."""
    name = name or node.name
    place = name.partition("@")[2]
    style = "-name" if "." in place else "-sname"
    program = f'io:format("~p", [{expression}]), halt().'
    quiet = ["env", "ERL_CRASH_DUMP_BYTES=0", "timeout", "10", "erl", "-noinput"]
    argv = [*quiet, style, f"look@{place}", "-eval", program]
    done = node.lab.run(node.host, argv, service=True, check=False)
    return (done.stdout + done.stderr).decode(errors="replace")


def _start(node: LabNode) -> tuple[int, str]:
    """The exit code of another `ejabberdctl start`, and its output."""
    done = node.lab.run(node.host, [node.lab.form.ejabberdctl(node.host), "start"], check=False)
    return done.returncode, done.stdout.decode(errors="replace")


def _log(node: LabNode) -> str:
    return node.run("cat", f"{node.logs}/ejabberd.log")


def _owner(node: LabNode, path: str) -> str:
    return node.run("stat", "-c", "%U", path).strip()


def _connect(node: LabNode, host: str, port: int) -> str:
    return node.ask(f'element(2, gen_tcp:connect("{host}", {port}, [], 500))')


def _users(node: LabNode) -> str:
    return node.ask("lists:sort([U || {U, _} <- ejabberd_auth:get_users()])")


# -- one function a code ----------------------------------------------------------------------


def _cookie_mismatch(one: LabNode, two: LabNode) -> None:
    assert _erl(two, f"net_adm:ping('{one.name}')") == "pang"
    assert "Invalid challenge reply" in _log(one)


def _cookie_mode(one: LabNode, two: LabNode) -> None:
    assert "must be accessible by owner only" in _erl(two)


def _cookie_owner(one: LabNode, two: LabNode) -> None:
    assert "eacces" in _erl(two)


def _cookie_malformed(one: LabNode, two: LabNode) -> None:
    assert "Bad characters in cookie" in _erl(two)


def _name_style(one: LabNode, two: LabNode) -> None:
    said = _erl(two, f"net_adm:ping('{one.name}')", _LONG)
    assert "pang" in said
    assert "Hostname first is illegal" in said
    assert two.ask("ejabberd_auth:get_users()", node=_LONG).count("guest") == 1


def _name_in_use(one: LabNode, two: LabNode) -> None:
    assert _start(two)[0] == 4
    said = two.run("sh", "-c", 'erl -noinput -sname "$1" 2>&1 || true', "sh", two.name)
    assert "in use" in said
    assert two.ask(RUNS) == "false"
    assert two.ask("init:get_argument(mnesia)") == "error"


def _unresolvable(one: LabNode, two: LabNode) -> None:
    assert _erl(two, 'inet:getaddr("first", inet)') == "{error,nxdomain}"
    assert _erl(two, 'inet:getaddr("first", inet6)') == "{error,nxdomain}"


def _ipv6_only(one: LabNode, two: LabNode) -> None:
    assert _erl(two, 'inet:getaddr("first", inet)') == "{error,nxdomain}"
    # The address is first's: somebody who spoke IPv6 would get through.
    connected = f'gen_tcp:connect("first", {EPMD_PORT}, [inet6], 2000)'
    assert _erl(two, f"element(1, {connected})") == "ok"


def _renamed(one: LabNode, two: LabNode) -> None:
    assert "Node name mismatch: I'm [ejabberd@chat2]" in _log(two)
    assert two.run("hostname", "-s").strip() == "chat2"
    assert not two.pid("ejabberd@chat2")


def _epmd_down(one: LabNode, two: LabNode) -> None:
    assert _connect(two, "first", EPMD_PORT) == "econnrefused"
    assert one.pid()


def _epmd_unreachable(one: LabNode, two: LabNode) -> None:
    assert _connect(two, "first", EPMD_PORT) == "timeout"
    assert "name ejabberd" in one.run("epmd", "-names")


def _epmd_silent(one: LabNode, two: LabNode) -> None:
    asked = (
        f'{{ok, S}} = gen_tcp:connect("first", {EPMD_PORT}, [{{active, false}}], 500), '
        "ok = gen_tcp:send(S, <<0, 1, $n>>), gen_tcp:recv(S, 0, 500)"
    )
    assert two.ask(asked) == "{error,timeout}"


def _epmd_stale(one: LabNode, two: LabNode) -> None:
    assert "name ejabberd" in two.run("epmd", "-names")
    assert not two.pid()
    code, said = _start(two)
    assert code == 5
    assert "no related beam process" in said


def _dist_port_blocked(one: LabNode, two: LabNode) -> None:
    assert _connect(two, "first", one.registered_port()) == "timeout"
    assert _connect(two, "first", EPMD_PORT) != "timeout"


def _dist_loopback(one: LabNode, two: LabNode) -> None:
    port = one.registered_port()
    assert _connect(two, "first", port) == "econnrefused"
    assert f"127.0.0.1:{port}" in one.run("ss", "-Hltn")


def _dist_port_differs(one: LabNode, two: LabNode) -> None:
    assert one.ask(f"net_adm:ping('{two.name}')") == "pang"
    assert two.run("ss", "-Hltn", "sport = :5210")
    assert two.pid()


def _dir_not_writable(one: LabNode, two: LabNode) -> None:
    assert _owner(two, two.home) == "root"
    assert "could not write core file: eacces" in _log(two)
    assert not two.pid()


def _dir_root_owned(one: LabNode, two: LabNode) -> None:
    assert _owner(two, f"{two.home}/schema.DAT") == "root"
    assert _owner(two, two.home) == "ejabberd"
    assert "eacces" in _log(two)
    assert not two.pid()


def _wrong_dir(one: LabNode, two: LabNode) -> None:
    assert two.ask("mnesia:system_info(directory)") == f'"{two.home}/mnesia"'
    assert _users(two) == "[]"


def _custom_schema(one: LabNode, two: LabNode) -> None:
    two.restart()
    assert two.ask("mnesia:table_info(roster, local_content)") == "true"
    assert one.ask("mnesia:table_info(roster, local_content)") == "false"


def _settings_syntax(one: LabNode, two: LabNode) -> None:
    for node, broken in ((one, False), (two, True)):
        status = ['"$1" status 2>&1 || :', node.lab.form.ejabberdctl(node.host)]
        assert ("syntax error" in node.script(*status)) == broken
    assert two.ask(RUNS) == "true"


def _partitioned(one: LabNode, two: LabNode) -> None:
    assert one.ask(f"net_adm:ping('{two.name}')") == "pong"
    for node in (one, two):
        assert node.ask(_RUNNING) == f"[{node.name}]"
        assert f"while_apart_on_{node.host}" in _users(node)
        assert f"while_apart_on_{node.peer.host}" not in _users(node)
        assert "running_partitioned_network" in _log(node)


def _overlapping(one: LabNode, two: LabNode) -> None:
    assert "in order to prevent overlapping partitions" in _log(one)
    assert two.ask("net_adm:ping(third@second)") == "pong"
    assert _connect(one, "second", two.registered_port("third")) == "timeout"
    assert one.ask(_RUNNING) == f"[{one.name}]"


def _not_connected(one: LabNode, two: LabNode) -> None:
    assert not one.pid()
    assert two.ask(_RUNNING) == f"[{two.name}]"


def _schema_split(one: LabNode, two: LabNode) -> None:
    assert two.name in one.ask("mnesia:table_info(schema, disc_copies)")
    assert two.ask(_RUNNING) == f"[{two.name}]"
    cookie = "mnesia:table_info(schema, cookie)"
    assert two.ask(cookie) != one.ask(cookie)
    merged = two.ask(f"mnesia:change_config(extra_db_nodes, ['{one.name}'])")
    assert "merge_schema_failed" in merged
    assert _users(two) == '[<<"guest">>]'


def _schema_ram(one: LabNode, two: LabNode) -> None:
    assert one.ask("mnesia:table_info(schema, ram_copies)") == f"[{two.name}]"
    for node in (one, two):
        assert node.ask(_RUNNING) == f"[{node.name}]"


def _schema_definitions(one: LabNode, two: LabNode) -> None:
    assert "Incompatible schema storage types (local)" in _log(two)
    assert not two.pid()


def _table_cookie(one: LabNode, two: LabNode) -> None:
    assert "Bad cookie in table definition archive_msg" in _log(two)
    assert "MnesiaCore" in two.run("ls", two.home)
    assert not two.pid()


def _tables_missing(one: LabNode, two: LabNode) -> None:
    assert two.ask("mnesia:table_info(passwd, storage_type)") == "unknown"
    assert two.ask("mnesia:table_info(passwd, where_to_read)") == one.name
    assert two.ask("mnesia:table_info(schema, storage_type)") == "disc_copies"


def _tables_waiting(one: LabNode, two: LabNode) -> None:
    assert two.ask("mnesia:table_info(passwd, where_to_read)") == "nowhere"
    assert two.ask(RUNS) == "false"
    last = _log(two).rstrip().splitlines()[-1]
    assert "Configuration loaded successfully" in last


def _overload(one: LabNode, two: LabNode) -> None:
    assert "Mnesia is overloaded" in _log(two)
    assert two.ask("lists:member(pressure, mnesia:system_info(tables))") == "false"


def _stale_member(one: LabNode, two: LabNode) -> None:
    assert "former@" in one.ask("mnesia:system_info(db_nodes)")
    assert "former@" not in one.ask(_RUNNING)
    assert "former@" in one.ask("mnesia:table_info(passwd, disc_copies)")


def _ghost_member(one: LabNode, two: LabNode) -> None:
    assert "former@" in one.ask(_RUNNING)
    assert "former@" in one.ask("mnesia:table_info(schema, disc_copies)")


def _concurrent_join(one: LabNode, two: LabNode) -> None:
    assert "third@" in one.ask(_RUNNING)
    assert "third@" in one.ask("mnesia:table_info(schema, ram_copies)")


def _vm_up_app_down(one: LabNode, two: LabNode) -> None:
    assert two.ask(RUNS) == "false"
    assert "unknown command" in two.ctl("stop", check=False)
    assert two.pid()


def _join_hangs(one: LabNode, two: LabNode) -> None:
    bounded = "rpc:call(node(), mnesia, add_table_index, [roster, askmessage], 800)"
    assert one.ask(bounded) == "{badrpc,timeout}"
    assert len(_users(one)) > 100


_SYMPTOMS: dict[str, Callable[[LabNode, LabNode], None]] = {
    name[1:].replace("_", "-"): value
    for name, value in list(globals().items())
    if name[1:].replace("_", "-") in FAULTS
}

# A code more than once: in every form of the lab that can make it.
_CASES = [
    pytest.param(form, code, id=f"{code}-{form}")
    for form in ("fresh_lab", "fresh_local_lab")
    for code, fault in FAULTS.items()
    if form == "fresh_lab" or fault.forms is Forms.ANY
]


@pytest.mark.catalogue
@pytest.mark.parametrize(("form", "code"), _CASES)
def test_the_nodes_show_it(form: str, code: str, request: pytest.FixtureRequest) -> None:
    lab: Lab = request.getfixturevalue(form)
    said: list[str] = []
    fault = make(code, lab=lab, say=said.append)
    assert said[-1] == f"{code}: {fault.title}"
    assert ("join_cluster" in said[0]) == bool(fault.needs_joined)
    _SYMPTOMS[code](first(lab), second(lab))


def test_two_faults_at_once_and_a_reset_mends_both(fresh_lab: Lab) -> None:
    make("cookie-mode", lab=fresh_lab)
    make("stale-member", lab=fresh_lab)
    _stale_member(first(fresh_lab), second(fresh_lab))
    fresh_lab.reset()
    one, two = first(fresh_lab), second(fresh_lab)
    assert "look@second" in _erl(two)
    assert one.ask("mnesia:system_info(db_nodes)") == f"[{one.name}]"


def test_what_cannot_be_made_says_why(fresh_local_lab: Lab) -> None:
    with pytest.raises(LabError, match="only with two separate hosts"):
        make("partitioned", lab=fresh_local_lab)
    with pytest.raises(LabError, match="this computer has one"):
        make("otp-distance", lab=fresh_local_lab)
    with pytest.raises(LabError, match="there is no fault 'nonsense'"):
        make("nonsense", lab=fresh_local_lab)
    make("vm-up-app-down", lab=fresh_local_lab)
    rows = {row.code: row for row in listing(fresh_local_lab)}
    assert set(rows) == set(FAULTS) | set(IMPOSSIBLE)
    assert rows["partitioned"].why_not
    assert rows["schema-split"].why_not is None


def test_a_joined_pair_is_not_taken_for_one_that_is_not(fresh_local_lab: Lab) -> None:
    make("tables-missing", lab=fresh_local_lab)
    with pytest.raises(LabError, match="ejtui lab reset"):
        make("concurrent-join", lab=fresh_local_lab)

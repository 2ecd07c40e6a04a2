"""What a file gives an ejabberd at its next start, read by ejabberd itself through a real probe."""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from ejtui.cluster.administration.compare import compare
from ejtui.cluster.administration.document import Scalar
from ejtui.cluster.diagnosis.next_settings import may_differ, next_settings
from ejtui.cluster.operations.files import config_file
from tests.lab.erlang.conftest import Nodes, Probes, until

FACTS = SimpleNamespace(ejabberd_version="23.01")

TEXT = """
hosts: [chat.example]
net_ticktime: 30
acl:
  admin: {user_regexp: "^boss$"}
  staff: {user_glob: "bo*"}
shaper_rules: {max_user_offline_messages: [5000: admin, 100]}
sql_password: "Own-sesame"
modules: {mod_last: {}, mod_ping: {}}
"""

MORE = """
language: de
trusted_proxies: [127.0.0.1, 10.0.0.0/8]
websocket_timeout: 10
ext_api_headers: "X-Auth: sesame"
hide_sensitive_log_data: true
c2s_protocol_options: [no_tlsv1, no_sslv3]
loglevel: debug
sm_cache_size: 5
"""

REORDERED = """
modules: {mod_ping: {}, mod_last: {}}
access_rules: {}
sql_password: "Own-sesame"
shaper_rules: {max_user_offline_messages: [5000: [admin, all], 100: all, 7: staff]}
acl:
  staff: {user_glob: "bo*"}
  admin: [user_regexp: "^boss$"]
net_ticktime: 30
hosts: [chat.example]
"""


async def test_a_file_is_read_as_ejabberd_would_at_its_start(nodes: Nodes, probes: Probes) -> None:
    file = nodes.home("first") / "ejabberd.yml"
    (nodes.home("first") / "db").mkdir()
    node: Any = SimpleNamespace(
        probe=await probes("first"), platform=nodes.platform("first"), name="first", facts=FACTS
    )
    file.write_text(TEXT)
    seen = await next_settings(node)
    assert (seen.asked, seen.in_file, seen.hosts, seen.ticktime) == (
        True, True, ("chat.example",), 30,
    )  # fmt: skip
    options = seen.options["chat.example"]
    assert options["acl"].text == "admin: user_regexp: ^boss$\nstaff: user_glob: bo*"
    assert not options["acl"].shape
    assert options["auth_method"].text == "mnesia"
    assert "sesame" not in str(seen)
    assert set(seen.modules["chat.example"]) == {"mod_last", "mod_ping"}
    assert compare(seen, await next_settings(node)) == ()
    file.write_text(REORDERED)
    assert compare(seen, await next_settings(node)) == (), "the same in another form"
    file.write_text(TEXT.replace("^boss$", ".*"))
    found = compare(seen, await next_settings(node))
    assert [(each.option, each.first, each.second) for each in found] == [
        ("acl", "admin: user_regexp: ^boss$", "admin: user_regexp: .*")
    ]
    file.write_text(TEXT + MORE)
    found = compare(seen, await next_settings(node))
    assert {each.option: (each.first, each.second) for each in found} == {
        "language": ("en", "de"),
        "trusted_proxies": ("[]", "10.0.0.0/8, 127.0.0.1/32"),
        "websocket_timeout": ("300 s", "10 s"),
        "ext_api_headers": ("a value that is not shown", "another"),
        "hide_sensitive_log_data": ("false", "true"),
        "c2s_protocol_options": ("undefined", "no_sslv3, no_tlsv1"),
    }
    assert "sesame" not in str(found)
    timed = "mod_ping: {ping_interval: 4 min}, mod_bosh: {max_pause: 1500 ms}"
    file.write_text(TEXT.replace("mod_ping: {}", timed))
    changed = await next_settings(node)
    modules = changed.modules["chat.example"]
    assert modules["mod_ping"]["ping_interval"].text == "240 s"
    assert modules["mod_bosh"]["max_pause"].text == "1500 ms"
    found = compare(seen, changed)
    assert [
        (each.first, each.second) for each in found if each.option == "mod_ping.ping_interval"
    ] == [("60 s", "240 s")]
    file.write_text("hosts: [chat.example]\nsql_password: [sesame]\nno_such_option: 1\n")
    seen = await next_settings(node)
    assert seen.refused
    assert seen.why, "ejabberd's own words"
    assert "sesame" not in seen.why
    file.write_text("hosts: [chat.example]\nno_such_option: 1\n")
    assert "no_such_option" in (await next_settings(node)).why
    file.unlink()
    os.mkfifo(file)
    assert not (await next_settings(node)).asked, "nobody waits for who writes into it"
    file.unlink()
    seen = await next_settings(node)
    assert seen.refused, "ejabberd does not start without it"
    assert "no such file" in seen.why


async def test_a_file_that_nobody_has_touched_since_the_start_is_what_is_loaded(
    nodes: Nodes, probes: Probes
) -> None:
    file = nodes.home("first") / "ejabberd.yml"
    file.write_text(TEXT)
    until("two seconds after that", lambda: time.time() > file.stat().st_ctime + 2)
    nodes.write_cookie("first", "OneCookieForAll")
    nodes.start("first")
    node: Any = SimpleNamespace(
        probe=await probes("first"), platform=nodes.platform("first"), name="first", facts=FACTS
    )
    await node.probe.snapshot(())
    assert not await may_differ(node)
    file.write_text(TEXT)
    assert await may_differ(node)


MODULE = """
-module({name}).
-export([start/2, stop/1, depends/2, reload/3, mod_opt_type/1, mod_options/1, mod_doc/0]).
start(_, _) -> ok.
stop(_) -> ok.
depends(_, _) -> [].
reload(_, _, _) -> ok.
mod_opt_type(count) -> econf:pos_int().
mod_options(_) -> [{{count, 1}}].
mod_doc() -> #{{}}.
"""


def compiled(name: str, directory: Path) -> Path:
    """A module of ejabberd's in that directory."""
    directory.mkdir(parents=True)
    source = directory / f"{name}.erl"
    source.write_text(MODULE.format(name=name))
    subprocess.run(["erlc", "-o", directory, source], check=True, capture_output=True)
    return directory


def with_modules(*names: str, more: str = "") -> str:
    modules = "".join(f"  {name}: {{count: 2}}\n" for name in names)
    return f"hosts: [chat.example]\nmodules:\n  mod_last: {{}}\n{modules}{more}"


async def taken(node: Any, file: Path) -> bool:
    """Whether ejabberd's reader takes the file, both where it is compared and where checked."""
    seen = await next_settings(node)
    why = await config_file.check(node, str(file))
    assert seen.refused == bool(why), why
    return seen.asked


async def test_what_a_running_vm_finds_its_reader_finds_too(
    nodes: Nodes, probes: Probes, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = nodes.home("first")
    compiled("mod_near", home / "near")
    compiled("mod_given", home / "contrib/mod_given/ebin")
    (home / "conf").mkdir()
    (home / "db").mkdir()
    (home / "conf/mod_given.yml").write_text("modules:\n  mod_given: {count: 3}\n")
    monkeypatch.setenv("CONTRIB_MODULES_PATH", str(home / "contrib"))
    monkeypatch.setenv("CONTRIB_MODULES_CONF_DIR", str(home / "conf"))
    monkeypatch.chdir(home)
    nodes.write_cookie("first", "OneCookieForAll")
    nodes.start("first", "-pa", "near", "-pz", str(home / "contrib/mod_given/ebin"))
    monkeypatch.delenv("CONTRIB_MODULES_PATH")
    monkeypatch.delenv("CONTRIB_MODULES_CONF_DIR")
    monkeypatch.chdir("/")
    node: Any = SimpleNamespace(
        name="first", probe=await probes("first"), platform=nodes.platform("first"), facts=FACTS
    )
    await node.probe.snapshot(())
    file = home / "ejabberd.yml"
    file.write_text(with_modules("mod_near"))
    assert await taken(node, file)
    loaded = (await next_settings(node)).modules["chat.example"]
    assert {"mod_near", "mod_given"} <= set(loaded)
    assert loaded["mod_given"]["count"].text == "3"
    (home / "near").chmod(0o777)
    assert not await taken(node, file)
    (home / "near").chmod(0o755)
    if os.geteuid() == 0:
        os.chown(home / "near", 65534, -1)
        assert not await taken(node, file)


async def test_what_a_stopped_one_gets_from_its_settings_its_reader_gets_too(
    nodes: Nodes, probes: Probes
) -> None:
    home = nodes.home("first")
    (home / "db").mkdir()
    cfg = home / "ejabberdctl.cfg"
    own = compiled("mod_own", home / "own")
    last = compiled("mod_last_of_all", home / "db/last")
    compiled("mod_given", home / "contrib/mod_given/ebin")
    cfg.write_text(
        f'ERL_OPTIONS="+K true -pa /nowhere {own} -env X y"\n'
        f"CONTRIB_MODULES_PATH={home}/contrib\nexport EJABBERD_MACRO_TONGUE='de'\n"
    )
    (home / "vm.args").write_text("# ours\n-pz last\n")
    node: Any = SimpleNamespace(
        name="first",
        probe=await probes("first", ejabberdctl_cfg=str(cfg)),
        platform=nodes.platform("first"),
        facts=FACTS,
    )
    file = home / "ejabberd.yml"
    file.write_text("language: TONGUE\n")
    (home / "contrib/mod_given/conf").mkdir()
    (home / "contrib/mod_given/conf/mod_given.yml").write_text("modules: {mod_given: {count: 9}}")
    written = await config_file.read(node)
    assert written.value(("language",)) == Scalar("de")
    assert written.value(("modules", "mod_given", "count")) == Scalar("9")
    (home / "contrib/mod_given/conf/mod_given.yml").unlink()
    file.write_text(with_modules("mod_own", "mod_last_of_all", "mod_given"))
    assert await taken(node, file)
    last.chmod(0o777)
    assert not await taken(node, file)

"""What a file gives an ejabberd at its next start, read by ejabberd itself through a real probe."""

from __future__ import annotations

import time
from types import SimpleNamespace
from typing import Any

from ejtui.cluster.administration.compare import compare
from ejtui.cluster.diagnosis.next_settings import may_differ, next_settings
from tests.lab.erlang.conftest import Nodes, Probes, until

TEXT = """
hosts: [chat.example]
net_ticktime: 30
acl:
  admin: {user_regexp: "^boss$"}
  staff: {user_glob: "bo*"}
sql_password: "Own-sesame"
modules: {mod_last: {}, mod_ping: {}}
"""


async def test_a_file_is_read_as_ejabberd_would_at_its_start(nodes: Nodes, probes: Probes) -> None:
    file = nodes.home("first") / "ejabberd.yml"
    (nodes.home("first") / "db").mkdir()
    node: Any = SimpleNamespace(probe=await probes("first"), platform=nodes.platform("first"))
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
    file.write_text(TEXT.replace("^boss$", ".*"))
    found = compare(seen, await next_settings(node))
    assert [(each.option, each.first, each.second) for each in found] == [
        ("acl", "admin: user_regexp: ^boss$", "admin: user_regexp: .*")
    ]
    file.write_text("no_such_option: 1\n")
    assert (await next_settings(node)).refused
    file.unlink()
    assert not (await next_settings(node)).refused


async def test_a_file_that_nobody_has_touched_since_the_start_is_what_is_loaded(
    nodes: Nodes, probes: Probes
) -> None:
    file = nodes.home("first") / "ejabberd.yml"
    file.write_text(TEXT)
    until("two seconds after that", lambda: time.time() > file.stat().st_ctime + 2)
    nodes.write_cookie("first", "OneCookieForAll")
    nodes.start("first")
    node: Any = SimpleNamespace(probe=await probes("first"), platform=nodes.platform("first"))
    await node.probe.snapshot(())
    assert not await may_differ(node)
    file.write_text(TEXT)
    assert await may_differ(node)

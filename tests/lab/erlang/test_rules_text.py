"""Rules of ejabberd's as text, a line each, in the words of the file."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from ejtui.erlang.probe.bootstrap import sources

CASES = {
    "[{max_user_sessions, [{10, [{acl, all}]}]}, {c2s, [{none, [{acl, admin}]}]}]":
        "max_user_sessions: 10\nc2s: none: admin",
    '[{admin, [{user, {<<"amelie">>, <<"chat.example">>}}]}]':
        "admin: user: amelie@chat.example",
    "[{loopback, [{ip, {{127, 0, 0, 0}, 8}}, {ip, {{0, 0, 0, 0, 0, 0, 0, 1}, 128}}]}]":
        "loopback: ip: 127.0.0.0/8, ip: ::1/128",
    "[{local, [{allow, [{acl, local}]}]}]": "local: allow: local",
    "[{normal, {3000, 20000}}, {fast, none}]": "normal: 3000/20000\nfast: none",
    '[{<<"console">>, {[ejabberd_ctl], [{acl, all}], {all, []}}}]':
        "console: from ejabberd_ctl; who all; what all",
    '[{<<"x">>, {[], [{acl, admin}], {[start, stop], [stop]}}}]':
        "x: from []; who admin; what start, stop; not stop",
    "[{a, [b | c]} | d]": "a: b, c\nd",
    '[{<<"zwëi"/utf8>>, <<"x\\ny">>}]': "zwëi@xy",
    "[{a, <<255>>}]": "a: bytes that are no text",
    "none": "none",
    "[]": "[]",
}  # fmt: skip

MODULES = ("ejtui_settings.erl", "ejtui_os.erl", "ejtui_probe.erl", "ejtui_rpc.erl")


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The probe's module, compiled."""
    directory = tmp_path_factory.mktemp("rules")
    for module in MODULES:
        name = module.removesuffix(".erl")
        [text] = [text for text in sources() if f"-module({name})".encode() in text]
        (directory / module).write_bytes(text)
    subprocess.run(["erlc", *MODULES], cwd=directory, check=True, timeout=120)
    return directory


def test_each_rule_is_one_line(compiled: Path) -> None:
    terms = ", ".join(CASES)
    program = (
        f'main(_) -> file:write_file("out", lists:join(<<0>>, [ejtui_settings:rules(Each) || '
        f"Each <- [{terms}]])).\n"
    )
    (compiled / "rules.escript").write_text(
        f"#!/usr/bin/env escript\n%% -*- coding: utf-8 -*-\n{program}"
    )
    subprocess.run(["escript", "rules.escript"], cwd=compiled, check=True, timeout=60)
    assert (compiled / "out").read_text(encoding="utf-8").split("\0") == list(CASES.values())


PATTERNS = """
    P = fun(Text) -> [{admin, [{user_regexp, element(2, re:compile(Text, [unicode]))}]}] end,
    Compiled = element(2, re:compile("^boss$", [])),
    D = fun(Value) -> ejtui_settings:digest(Value) end,
    Texts = fun(Sources) -> ejtui_settings:with_sources([{pattern, S, S} || S <- Sources]) end,
    Unknown = [D(P("^boss$")), D(P("^boss$")), D(P(".*"))],
    Texts([<<"^boss$">>]), One = D(P("^boss$")),
    Texts([<<"^boss$">>, <<".*">>]), Both = [D(P("^boss$")), D(P(".*"))],
    Shown = ejtui_settings:rules([{admin, [{user_regexp, Compiled}, {user_regexp, Compiled}]}]),
    Lines = [Shown, One | Both ++ Unknown],
    file:write_file("patterns", lists:join(<<"\\n">>, Lines)).
"""


def test_patterns_are_told_apart_by_their_sources(compiled: Path) -> None:
    (compiled / "patterns.escript").write_text(f"#!/usr/bin/env escript\nmain(_) ->{PATTERNS}")
    subprocess.run(["escript", "patterns.escript"], cwd=compiled, check=True, timeout=60)
    shown, one, *rest = (compiled / "patterns").read_text(encoding="utf-8").split("\n")
    boss, everyone, unknown, again, unknown_other = rest
    assert shown == "admin: user_regexp: ^boss$, user_regexp: ^boss$"
    assert boss == one
    assert boss != everyone
    assert " " not in boss
    assert unknown == again
    assert unknown.split(" ")[1] == unknown_other.split(" ")[1]
    assert unknown.split(" ")[0] != unknown_other.split(" ")[0]

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

MODULES = (
    "ejtui_settings.erl", "ejtui_meant.erl", "ejtui_os.erl", "ejtui_probe.erl", "ejtui_rpc.erl",
)  # fmt: skip


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


ALL = "[{acl, all}]"
EQUAL = {
    "hosts of a module": ("hosts", '[<<"a">>, <<"b">>]', '[<<"b">>, <<"a">>]'),
    "SASL mechanisms": ("disable_sasl_mechanisms", '[<<"PLAIN">>, <<"X-OAUTH2">>]',
                        '[<<"X-OAUTH2">>, <<"PLAIN">>]'),
    "guests first or last": ("auth_method", "[anonymous, mnesia]", "[mnesia, anonymous]"),
    "proxies": ("trusted_proxies", "[{{127,0,0,1}, 32}, {{10,0,0,0}, 8}]",
                "[{{10,0,0,0}, 8}, {{127,0,0,1}, 32}]"),
    "rules of an acl": ("acl", '[{admin, [{user, <<"a">>}, {user, <<"b">>}]}, {x, []}]',
                        '[{x, []}, {admin, [{user, <<"b">>}, {user, <<"a">>}]}]'),
    "names of rules": ("access_rules", "[{a, [{allow, [{acl, x}]}]}, {b, [{allow, [{acl, y}]}]}]",
                       "[{b, [{allow, [{acl, y}]}]}, {a, [{allow, [{acl, x}]}]}]"),
    "rules with one value": ("access_rules", "[{a, [{allow, [{acl, x}]}, {allow, [{acl, y}]}]}]",
                             "[{a, [{allow, [{acl, y}]}, {allow, [{acl, x}]}]}]"),
    "conditions of a rule": ("access_rules", "[{a, [{allow, [{acl, x}, {acl, y}]}]}]",
                             "[{a, [{allow, [{acl, y}, {acl, all}, {acl, x}]}]}]"),
    "what is denied anyway": (
        "access_rules", f"[{{a, [{{allow, [{{acl, x}}]}}, {{deny, {ALL}}}]}}]",
        "[{a, [{allow, [{acl, x}]}]}]"),
    "behind everyone": ("access_rules", f"[{{a, [{{allow, {ALL}}}, {{deny, [{{acl, x}}]}}]}}]",
                        f"[{{a, [{{allow, {ALL}}}]}}]"),
    "of nobody": ("access_rules", "[{a, [{allow, [{acl, none}]}, {deny, [{acl, x}]}]}]",
                  f"[{{a, [{{deny, {ALL}}}]}}]"),
    "all": ("access_from", "all", f"[{{allow, {ALL}}}]"),
    "none": ("ip_access", "none", f"[{{deny, {ALL}}}]"),
    "limits": ("shaper_rules", f"[{{a, [{{10, [{{acl, x}}]}}, {{none, {ALL}}}]}}]",
               "[{a, [{10, [{acl, x}]}]}]"),
    "shapers": ("shaper", "#{a => 1, b => 2}", "[{b, 2}, {a, 1}]"),
    "permissions": ("api_permissions",
                    '[{<<"x">>, {[mod_x, mod_y], [{acl, a}, {acl, b}], {[c, d], []}}}]',
                    '[{<<"x">>, {[mod_y, mod_x], [{acl, b}, {acl, a}], {[d, c], []}}}]'),
    "protocols": ("c2s_protocol_options", '<<"no_sslv3|no_tlsv1">>', '<<"no_tlsv1|no_sslv3">>'),
    "options of rooms": ("default_room_options", "[{mam, true}, {public, false}]",
                         "[{public, false}, {mam, true}]"),
}  # fmt: skip
APART = {
    "who stores a new account": ("auth_method", "[mnesia, sql]", "[sql, mnesia]"),
    "the first rule that matches": (
        "access_rules", "[{a, [{deny, [{acl, x}]}, {allow, [{acl, y}]}]}]",
        "[{a, [{allow, [{acl, y}]}, {deny, [{acl, x}]}]}]"),
    "each of two, both of two": (
        "access_rules", "[{a, [{allow, [{acl, x}]}, {allow, [{acl, y}]}]}]",
        "[{a, [{allow, [{acl, x}, {acl, y}]}]}]"),
    "the first limit that matches": ("shaper_rules", "[{a, [{5, [{acl, x}]}, {9, [{acl, y}]}]}]",
                                     "[{a, [{9, [{acl, y}]}, {5, [{acl, x}]}]}]"),
    "the first limit of an option": (
        "access_max_user_messages", "[{5, [{ip, 1}]}, {9, [{user, 2}]}]",
        "[{9, [{user, 2}]}, {5, [{ip, 1}]}]"),
    "everyone, nobody": ("access_from", "all", "none"),
    "a shaper that has that name": ("shaper", "none", "all"),
    "the plugin that is the default": ("plugins", '[<<"flat">>, <<"pep">>]',
                                       '[<<"pep">>, <<"flat">>]'),
    "the letters of a text": ("redis_server", '"abc"', '"cba"'),
    "one more": ("hosts", '[<<"a">>]', '[<<"a">>, <<"b">>]'),
    "rules within an option": (
        "roster", "[{both, [{deny, [{acl, x}]}, {allow, [{acl, y}]}]}]",
        "[{both, [{allow, [{acl, y}]}, {deny, [{acl, x}]}]}]"),
}  # fmt: skip


def test_what_ejabberd_takes_alike_is_no_difference(compiled: Path) -> None:
    cases = [*EQUAL.items(), *APART.items()]
    sides = ", ".join(f"{{{name}, {one}, {other}}}" for _, (name, one, other) in cases)
    program = (
        "main(_) -> Of = fun(Name, Value) -> hd(ejtui_settings:value(Name, Value)) end, "
        "Same = [case {Of(Name, One), Of(Name, Other)} of {A, A} -> $=; {_, _} -> $x end "
        f'|| {{Name, One, Other}} <- [{sides}]], file:write_file("same", Same).\n'
    )
    (compiled / "same.escript").write_text(f"#!/usr/bin/env escript\n{program}")
    subprocess.run(["escript", "same.escript"], cwd=compiled, check=True, timeout=60)
    seen = dict(zip([name for name, _ in cases], (compiled / "same").read_text(), strict=True))
    assert [name for name in EQUAL if seen[name] == "x"] == []
    assert [name for name in APART if seen[name] == "="] == []


ADMIN = '[{admin, [{user, {<<"a">>, <<"h">>}}, {user, {<<"b">>, <<"h">>}}]}, {one, [{ip, 1}]}]'
RULES = "[{announce, [{allow, [{acl, admin}]}]}, {both, [{allow, [{acl, one}]}]}]"
LIMITS = f"[{{most, [{{5, [{{acl, one}}]}}, {{9, {ALL}}}]}}, {{both, [{{7, {ALL}}}]}}]"
BY_NAME = {
    "a rule by name": ("access", "announce", "[{allow, [{acl, admin}]}]"),
    "an acl by name": ("access", "[{allow, [{acl, admin}]}]",
                       '[{allow, [{user, {<<"b">>, <<"h">>}}]}, '
                       '{allow, [{user, {<<"a">>, <<"h">>}}]}]'),
    "a rule, and acls in it": ("oauth_access", "announce",
                               '[{allow, [{user, {<<"a">>, <<"h">>}}]}, '
                               '{allow, [{user, {<<"b">>, <<"h">>}}]}, {deny, [{acl, one}]}]'),
    "both of two acls": ("access_from",
                         "[{deny, [{acl, one}, {acl, admin}]}, {allow, [{acl, all}]}]",
                         '[{deny, [{ip, 1}, {user, {<<"a">>, <<"h">>}}]}, '
                         '{deny, [{ip, 1}, {user, {<<"b">>, <<"h">>}}]}, {allow, [{acl, all}]}]'),
    "a limit by name": ("access_max_user_messages", "most", "[{5, [{ip, 1}]}, {9, [{acl, all}]}]"),
    "names of acls in a limit": ("shaper_rules", "[{x, [{5, [{acl, one}]}]}]",
                                 "[{x, [{5, [{ip, 1}]}, {none, [{acl, all}]}]}]"),
    "names of acls in a rule": ("access_rules", "[{x, [{allow, [{acl, one}]}]}]",
                                "[{x, [{allow, [{ip, 1}]}]}]"),
}  # fmt: skip
NOT_BY_NAME = {
    "another rule": ("access", "announce", "[{allow, [{acl, one}]}]"),
    "one of two": ("access", "announce", '[{allow, [{user, {<<"a">>, <<"h">>}}]}]'),
    "each of two, both of two": ("access", "announce",
                                 '[{allow, [{user, {<<"a">>, <<"h">>}}, '
                                 '{user, {<<"b">>, <<"h">>}}]}]'),
    "a name that access and limits have": ("access", "both", "[{allow, [{acl, one}]}]"),
    "a name of nothing": ("access", "nothing", "[{deny, [{acl, all}]}]"),
    "no access": ("resend_on_timeout", "announce", "[{allow, [{acl, admin}]}]"),
    "what the whole node has in another way": ("access", "own", "[{allow, [{acl, one}]}]"),
}  # fmt: skip


def test_rules_by_name_are_what_they_stand_for(compiled: Path) -> None:
    cases = [*BY_NAME.values(), *NOT_BY_NAME.values()]
    sides = ", ".join(f"{{{name}, {one}, {other}}}" for name, one, other in cases)
    program = f"""main(_) ->
    Rules = fun(Own) -> {RULES} ++ [{{own, [{{allow, [{{acl, Own}}]}}]}}] end,
    Of = fun(Name, Value) ->
        Known = [{{{{option, Host, Option}}, {{ok, Set}}}}
                 || {{Host, Own}} <- [{{<<"h">>, one}}, {{<<>>, admin}}],
                    {{Option, Set}} <- [{{acl, {ADMIN}}}, {{access_rules, Rules(Own)}},
                                        {{shaper_rules, {LIMITS}}}]],
        More = case lists:member(Name, [access_rules, shaper_rules, oauth_access]) of
            true -> #{{{{option, <<"h">>, Name}} => {{ok, Value}}}};
            false -> #{{{{modules, <<"h">>}} => {{ok, [{{mod_x, #{{Name => Value}}}}]}}}}
        end,
        Answers = maps:merge(maps:from_list(Known), More),
        [Mark || [<<"h">>, Shown, Mark] <- ejtui_settings:effects(Answers),
                 lists:suffix(atom_to_list(Name), binary_to_list(Shown))]
    end,
    Same = [case {{Of(Name, One), Of(Name, Other)}} of
                {{[A], [A]}} -> $=;
                _ -> $x
            end || {{Name, One, Other}} <- [{sides}]],
    file:write_file("effects", Same).
"""
    (compiled / "effects.escript").write_text(f"#!/usr/bin/env escript\n{program}")
    subprocess.run(["escript", "effects.escript"], cwd=compiled, check=True, timeout=60)
    names = [*BY_NAME, *NOT_BY_NAME]
    seen = dict(zip(names, (compiled / "effects").read_text(), strict=True))
    assert [name for name in BY_NAME if seen[name] == "x"] == []
    assert [name for name in NOT_BY_NAME if seen[name] == "="] == []

"""What ejabberd prints on an error is shown without any value of its file."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from ejtui.cluster.administration.refusals import NOT_SHOWN, logged, reported
from ejtui.cluster.diagnosis.own_file import verdict
from ejtui.erlang.probe.bootstrap import sources

P = "hunterTWO"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("", ""),
        ("Invalid value of option shaper: Expected map, got string instead", None),
        (f"Invalid value of option loglevel: Unexpected value: {P}. Did you mean info? Possible "
         "values are: debug, info, none",
         "Invalid value of option loglevel: Unexpected value: ***. Did you mean info? Possible "
         "values are: debug, info, none"),
        ("Invalid value of option modules->mod_mam: Unknown option: defalt. Did you mean default?",
         None),
        (f"Invalid value of option modules->mod_x->tokens->{P}: Expected list, got map instead",
         "Invalid value of option modules->mod_x->tokens->***: Expected list, got map instead"),
        (f"Invalid value of option acl->'{P}': Invalid IP address: {P} {P}",
         "Invalid value of option acl->***: Invalid IP address: ***"),
        ("Invalid value of option modules: unknown ejabberd module: mod_foo. Did you mean mod_muc?",
         None),
        ("Configuration error: module mod_avatar depends on module mod_vcard, which is not found "
         "in the config", None),
        (f"Configuration error: Unknown option: {P}. Did you mean hosts? ",
         "Configuration error: Unknown option: ***. Did you mean hosts?"),
        ("Failed to read YAML file '/etc/ejabberd/ejabberd.yml': Syntax error on line 3 at "
         "position 5: did not find expected key", None),
        (f"Invalid value of option ca_file: Failed to read file '/a/{P}': no such file or "
         "directory",
         "Invalid value of option ca_file: Failed to read file '***': no such file or directory"),
        ("Invalid value of option max_fsm_queue: Expected positive integer, got: -7",
         "Invalid value of option max_fsm_queue: Expected positive integer, got: ***"),
        (f"Error: error: Invalid value of option sql_port: Expected integer from 1 to 65535, got: "
         f"9{P}", "Invalid value of option sql_port: Expected integer from 1 to 65535, got: ***"),
        (f"Unhandled exception occurred executing the command:\n** exception error: no case clause "
         f"matching {{ok,[[{{sql_password,'{P}'}},\n    {{x,y}}]]}}",
         f"it crashed (case_clause); {NOT_SHOWN}"),
        (f"[{{error,{{badmatch,{{ok,<<\"{P}\">>}}}}}}]", f"it crashed (badmatch); {NOT_SHOWN}"),
        (f"{{error,{P}}}", NOT_SHOWN),
        (f"Some new sentence of {P}", NOT_SHOWN),
        (f"Invalid value of option x: some new sentence of {P}",
         f"Invalid value of option x: {NOT_SHOWN}"),
        (f"Invalid value of option sql_server: Invalid URL: {P}\nDid you {P}",
         "Invalid value of option sql_server: Invalid URL: ***"),
        (f"Invalid value of option x: String '{P}' doesn't match regular expression: {P}",
         "Invalid value of option x: String '***' doesn't match regular expression: ***"),
        ("Failed RPC connection to the node ejabberd@second: nodedown",
         "Failed RPC connection to the node ***: nodedown"),
    ],
)  # fmt: skip
def test_a_refusal_is_shown_without_values(text: str, shown: str | None) -> None:
    assert reported(text) == (text if shown is None else shown)
    assert P not in reported(text)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("2026-11-30 01:00:00 [error] Mnesia('ejabberd@second'): ** ERROR ** (ignoring core) "
         "** FATAL ** Bad cookie in table definition muc_room: 'ejabberd@second' = {cstruct,x}",
         None),
        ("2026-11-30 01:00:00 [info] Start accepting TLS at [::]:5223 for ejabberd_c2s", None),
        ("2026-11-30 01:00:00 [critical] ejabberd initialization was aborted because a module "
         "start failed.", None),
        (f"2026-11-30 01:00:00 [error] x {{sql_password,'{P}'}} and ldap_password => \"{P}\"",
         "2026-11-30 01:00:00 [error] x {sql_password,***} and ldap_password =***"),
        (f"2026-11-30 01:00:00 [error] {{mfargs,{{eldap_pool,start_link,[<<\"{P}\">>]}}}}",
         '2026-11-30 01:00:00 [error] {mfargs,{eldap_pool,start_link,[<<"***">>]}}'),
        (f"2026-11-30 01:00:00 [error] ** {{badmatch,[{P},\n  {P}]}}\n  {P}\n2026-11-30 [info] y",
         "2026-11-30 01:00:00 [error] ** {badmatch ***\n2026-11-30 [info] y"),
        (f"2026-11-30 01:00:00 [error] {{badmatch,{{error,{{\"{P}\",eacces}}}}}}",
         "2026-11-30 01:00:00 [error] {badmatch *** eacces"),
        ("2026-11-30 01:00:00 [error] Error when reading /x/.erlang.cookie: eacces", None),
        (f"2026-11-30 01:00:00 [critical] Failed to start ejabberd application: Invalid value of "
         f"option loglevel: Unexpected value: {P}",
         "2026-11-30 01:00:00 [critical] Failed to start ejabberd application: Invalid value of "
         "option loglevel: Unexpected value: ***"),
        (f"2026-11-30 01:00:00 [error] Exception occurred during configuration processing. More:\n"
         f"** exception error: {P}\n   {P}",
         f"2026-11-30 01:00:00 [error] Exception occurred {NOT_SHOWN}"),
    ],
)  # fmt: skip
def test_a_log_is_shown_without_values(text: str, shown: str | None) -> None:
    assert logged(text) == (text if shown is None else shown)
    assert P not in logged(text)


def test_the_reader_s_verdict_holds_no_value() -> None:
    assert verdict(f"refused Invalid value of option x: Unexpected value: {P}") == (
        "Invalid value of option x: Unexpected value: ***"
    )
    assert verdict("\nread\n") == ""
    assert verdict(f"unasked {P}") is None


def test_a_crash_of_the_probe_repeats_no_term(tmp_path: Path) -> None:
    [text] = [each for each in sources() if b"-module(ejtui_probe)" in each]
    (tmp_path / "ejtui_probe.erl").write_bytes(text)
    subprocess.run(["erlc", "ejtui_probe.erl"], cwd=tmp_path, check=True, timeout=120)
    reasons = (
        f'[badarg, {{badmatch, {P}x}}, {{case_clause, [{{sql_password, <<"{P}">>}}]}}, '
        "{badmatch, {error, enoent}}, {{nocatch, x}, [{m, f, [secret], []}]}]"
    ).replace(P, "a_hunterTWO")
    program = (
        'R = fun(E) -> io:format("~ts~n", [ejtui_probe:text(ejtui_probe:reason(E))]) end, '
        f"[R(Each) || Each <- {reasons}], halt()."
    )
    ran = subprocess.run(["erl", "-noinput", "-eval", program], cwd=tmp_path, check=True,
                         capture_output=True, text=True, timeout=60)  # fmt: skip
    assert ran.stdout.splitlines() == [
        "badarg", "badmatch", "case_clause", "badmatch: error enoent", "nocatch in m:f",
    ]  # fmt: skip

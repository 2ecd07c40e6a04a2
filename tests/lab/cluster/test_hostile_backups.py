"""A database whose manifest matches it, and in which the service user has put what ejabberd never
writes: the rest is brought over, that is named, and none of it reaches the cluster's nodes."""

from __future__ import annotations

import json

import pytest

from ejtui.lab.faults.node import first
from ejtui.lab.lab import Lab
from tests.lab.cli.driver import Ejtui
from tests.lab.cluster.engine import ctl, sums
from tests.lab.cluster.hostile import as_service

DOMAIN = "chat.example"

_PUT = r"""
[Dir] = init:get_plain_arguments(),
D = <<"chat.example">>,
Into = fun(Name, Records) ->
    {ok, T} = dets:open_file(make_ref(), [{file, Dir ++ "/" ++ Name}, {keypos, 2}]),
    ok = dets:insert(T, Records), ok = dets:close(T)
end,
Logged = fun(Name, Records) ->
    {ok, L} = disk_log:open([{name, make_ref()}, {file, Dir ++ "/" ++ Name}]),
    ok = disk_log:log_terms(L, Records), ok = disk_log:close(L)
end,
%s
halt().
"""

ODD = r"""
Into("passwd.DAT", [
    {passwd, {<<"good">>, D}, <<"its own password">>},
    {passwd, {<<"code">>, D}, fun erlang:halt/0},
    {passwd, {<<"atom">>, D}, ejtui_odd_password},
    {passwd, {<<"pid">>, D}, self()},
    {passwd, {<<"wide">>, D}, <<"secret">>, ejtui_odd_field},
    {passwd, ejtui_odd_key, <<"secret">>},
    {passwd, {"list", D}, <<"secret">>},
    {passwd, {<<"row", 16#1E, "forged", 16#1F>>, D}, <<"secret">>},
    {passwd, {<<"sequence\e]0;owned\a">>, D}, <<"secret">>},
    {passwd, {<<"csi", 16#C2, 16#9B, "31m">>, D}, <<"secret">>},
    {passwd, {<<"bytes", 16#FF>>, D}, <<"secret">>}]),
Into("private_storage.DAT", [
    {private_storage, {<<"good">>, D, <<"some:notes">>}, fun erlang:halt/0},
    {private_storage, {<<"good">>, D, ejtui_odd_namespace}, self()}]),
Logged("roster.DCD", [ejtui_odd_term, {roster}, {roster, 1, 2},
    {ejtui_odd_record, {<<"good">>, D, 1}, 1, 2, 3, 4, 5, 6, 7, 8}]),
Logged("muc_room.DCD", [{muc_room, {ejtui_odd_room, 1}, []}, {muc_room, {<<"r\e[2J">>, D}, []}]),
Logged("pubsub_state.DCD", [{pubsub_state, ejtui_odd_state, 1, [], none, []}]),
Into("schema.DAT", [{schema, ejtui_odd_table, [{attributes, [us | x]}, {disc_copies, [node()]}]},
    {schema, ejtui_odd_table2, [x | y]}]),
"""

MANY = r"""
Atoms = [list_to_atom("ejtui_odd_" ++ integer_to_list(N)) || N <- lists:seq(1, 30000)],
Into("private_storage.DAT", [{private_storage, {<<"guest">>, D, <<"many">>}, Atoms}]),
"""

TABLES = r"""
Into("schema.DAT", [{schema, list_to_atom("ejtui_odd_" ++ integer_to_list(N)),
    [{attributes, [us, x]}, {disc_copies, [node()]}]} || N <- lists:seq(1, 3000)]),
"""


def alter(lab: Lab, program: str) -> str:
    """The service user changes the newest backup, and its manifest so that it matches."""
    place = as_service(lab, 'ls -d "$PWD"/ejtui-backups/2*').split()[-1]
    as_service(lab, 'erl -noinput -eval "$2" -extra "$3"', _PUT % program, f"{place}/database")
    manifest = json.loads(as_service(lab, 'cat "$2"', f"{place}/manifest.json"))
    size = 'cd "$2"; stat -c "%n %s" *'
    sizes = dict(
        line.rsplit(" ", 1) for line in as_service(lab, size, f"{place}/database").splitlines()
    )
    manifest["files"] = [
        {"name": name, "size": int(sizes[name]), "sha256": sha}
        for name, sha in sums(lab, "second", f"{place}/database").items()
    ]
    manifest["accounts"] = [*manifest["accounts"], "of\x1b[2Jthe\x9bm@manifest"]
    as_service(lab, 'printf %s "$2" >"$3"', json.dumps(manifest), f"{place}/manifest.json")
    return place


def atoms(lab: Lab) -> list[str]:
    """Which of the odd names first's node has come to know."""
    names = (
        "password",
        "field",
        "key",
        "namespace",
        "term",
        "record",
        "room",
        "state",
        "table",
        "7",
    )
    asked = ", ".join(f'"ejtui_odd_{name}"' for name in names)
    there = "try _ = erlang:list_to_existing_atom(N), true catch error:_ -> false end"
    return first(lab).ask(f"[N || N <- [{asked}], {there}]").strip("[] \n").split(",")


def test_what_no_ejabberd_writes_stays_in_the_backup(fresh_lab: Lab) -> None:
    ejtui = Ejtui(fresh_lab)
    assert ejtui("join", "--yes").returncode == 0
    alter(fresh_lab, ODD)
    for words in (("backups",), ("bring-over",), ("check",)):
        ran = ejtui(*words)
        assert "Traceback" not in ran.stdout + ran.stderr
        assert "a mistake in ejtui itself" not in ran.stdout + ran.stderr
        assert all(part.isprintable() for part in (ran.stdout + ran.stderr).split("\n")), words
    status, answer = ejtui.json("bring-over", "--yes")
    assert (status, answer.get("error")) == (1, None), "some stay in the backup"
    stands = {each["account"]: each["state"] for each in answer["accounts"]}
    assert {stands[f"{user}@{DOMAIN}"] for user in ("atom", "csi\x9b31m")} == {"unfit"}
    assert not {f"{user}@{DOMAIN}" for user in ("code", "pid")} & stands.keys()
    assert f"good@{DOMAIN}" in answer["brought"]
    assert not any("forged" in name or "wide" in name or "sequence" in name for name in stands)
    doubts = " ".join(answer["backup"]["doubts"])
    assert "passwd: " in doubts
    assert "private_storage: 2 records are left out" in doubts
    assert atoms(fresh_lab) == [""]
    assert "good" in ctl(fresh_lab, "first", "registered_users", DOMAIN)
    assert not {"code", "atom", "pid", "wide"} & {
        *ctl(fresh_lab, "first", "registered_users", DOMAIN)
    }
    assert ejtui.json("check")[0] == 0


@pytest.mark.catalogue
@pytest.mark.parametrize(("program", "why"), [(MANY, "different atoms"), (TABLES, "1000 tables")])
def test_names_without_number_reach_no_node(fresh_lab: Lab, program: str, why: str) -> None:
    ejtui = Ejtui(fresh_lab)
    assert ejtui("join", "--yes").returncode == 0
    place = alter(fresh_lab, program)
    status, answer = ejtui.json("bring-over", "--yes")
    assert status == 1, answer
    assert why in answer["error"]["message"]
    assert place in answer["error"]["message"]
    assert atoms(fresh_lab) == [""]
    assert ejtui.json("check")[0] == 0

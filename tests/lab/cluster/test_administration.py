"""What both ejabberds have loaded of ejabberd.yml, compared on real nodes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ejtui import paths
from ejtui.cluster.join.check import check
from ejtui.cluster.question import Question
from ejtui.lab.faults.node import LabNode, first, second
from ejtui.lab.lab import Lab
from tests.lab.cli.driver import Ejtui
from tests.lab.cluster.engine import engine

FILE = "/etc/ejabberd/ejabberd.yml"
SECRETS = ("Firsts-own-sesame", "Seconds-own-sesame")
EVERYTHING = """
sed -i -e 's/^  mod_last: {}$//' -e 's/^  mod_adhoc: {}$/  mod_adhoc: {}\\n  mod_mam: {}/' \
    -e 's/max_user_sessions: 10/max_user_sessions: 11/' \
    -e 's/^  mod_muc:$/&\\n    default_room_options: {mam: true, title: Own sesame}/' "$1"
printf 'auth_method: anonymous\\nnet_ticktime: 30\\n' >>"$1"
printf 'certfiles:\\n  - /etc/ejabberd/missing.pem\\n' >>"$1"
"""


def edited(node: LabNode, script: str, loaded: str) -> None:
    """Changes the node's ejabberd.yml with a script, and loads it; `loaded` is then true."""
    node.script(script, FILE)
    node.ctl("reload_config")
    node.until(loaded)


def with_secret(node: LabNode, secret: str) -> None:
    edited(
        node,
        f"printf 'sql_password: {secret}\\nldap_password: {secret}\\n' >>\"$1\"",
        f'ejabberd_option:sql_password() =:= <<"{secret}">>',
    )


def serves_other(node: LabNode) -> None:
    edited(
        node,
        "sed -i '/^hosts:/,+1s/- .*/- other.example/' \"$1\"",
        'ejabberd_option:hosts() =:= [<<"other.example">>]',
    )


def kept_texts() -> str:
    """All that this ejtui has written: journal, recordings, manifests."""
    files = [file for file in Path(paths.state_dir()).rglob("*") if file.is_file()]
    return "".join(file.read_text(errors="replace") for file in files)


async def test_what_differs_is_named_and_no_secret_is_shown(fresh_lab: Lab) -> None:
    one_, other = first(fresh_lab), second(fresh_lab)
    ejtui = Ejtui(fresh_lab)
    assert ejtui.json("config") == (0, {"differences": [], "changed": False})
    with_secret(one_, SECRETS[0])
    with_secret(other, SECRETS[1])
    edited(other, EVERYTHING, 'ejabberd_option:auth_method(<<"chat.example">>) =:= [anonymous]')
    other.ask("net_kernel:set_net_ticktime(30, 0)")
    other.ask("application:set_env(kernel, prevent_overlapping_partitions, false)")
    code, answer = ejtui.json("config")
    found = {each["option"]: each for each in answer["differences"]}
    assert code == 1
    assert found["auth_method"]["first"] == "mnesia"
    assert found["auth_method"]["second"] == "anonymous"
    assert found["auth_method"]["stops_a_join"]
    overlapping = found["prevent_overlapping_partitions"]
    assert (overlapping["first"], overlapping["second"]) == ("true", "false")
    assert (found["mod_mam"]["first"], found["mod_last"]["second"]) == ("not there", "not there")
    assert found["sql_password"]["first"] == "a value that is not shown"
    rooms = found["mod_muc.default_room_options"]
    assert rooms["first"].startswith("mam: false; title: a value that is not shown; ")
    assert rooms["second"].startswith("mam: true; title: another; ")
    sessions = found["shaper_rules"]
    assert (sessions["first"], sessions["second"]) == (
        "max_user_sessions: 10", "max_user_sessions: 11",
    )  # fmt: skip
    assert {each["finding"] for each in answer["differences"]} == {
        "config-auth", "config-database", "config-access", "config-modules",
        "config-ticktime", "config-certificates",
    }  # fmt: skip
    printed = (
        ejtui("config").stdout + ejtui("check").stdout + str(ejtui.json("check")) + str(answer)
    )
    for secret in SECRETS:
        assert secret not in printed + kept_texts()


async def test_a_join_stops_before_anything_where_second_serves_other_hosts(
    fresh_lab: Lab,
) -> None:
    other = second(fresh_lab)
    serves_other(other)
    before = other.pid(), other.run("sha256sum", f"{other.home}/.erlang.cookie")
    async with engine(fresh_lab) as one:
        found = {each.code: each for each in (await check(one.pair)).findings}
        assert found["config-hosts"].severity == "error"
        assert "chat.example" in found["config-hosts"].evidence[0]
        assert not await one.runner.run_on()
        assert [each.code for each in one.last.findings] == ["config-hosts"]
        assert not one.questions
    assert (other.pid(), other.run("sha256sum", f"{other.home}/.erlang.cookie")) == before

    own = other.run("stat", "-c", "%U:%G %a", FILE)
    text = other.run("cat", FILE)
    ejtui = Ejtui(fresh_lab)
    other.script("echo 'no_such_option: 1' >>\"$1\"", FILE)
    refused = other.run("cat", FILE)
    code, answer = ejtui.json("repair", "config-hosts", "--yes")
    assert code == 1
    assert "nothing was replaced" in answer["error"]["message"]
    assert other.run("cat", FILE) == refused
    assert other.run("stat", "-c", "%U:%G %a", FILE) == own
    other.script('sed -i /no_such_option/d "$1"', FILE)

    code, answer = ejtui.json("repair", "config-hosts", "--yes")
    assert code == 0, answer
    assert other.run("stat", "-c", "%U:%G %a", FILE) == own
    item = "  - other.example\n"
    assert other.run("cat", FILE) == text.replace(item, f'{item}  - "chat.example"\n')
    assert ejtui.json("config") == (0, {"differences": [], "changed": False})


@pytest.mark.catalogue
async def test_a_rule_by_name_and_the_same_one_written_out_are_no_difference(
    fresh_lab: Lab,
) -> None:
    other, ejtui = second(fresh_lab), Ejtui(fresh_lab)
    edited(
        other,
        "sed -i 's/^    access: announce$/    access:\\n      - allow: admin/' \"$1\"",
        'mod_announce_opt:access(<<"chat.example">>) =:= [{allow, [{acl, admin}]}]',
    )
    assert ejtui.json("config") == (0, {"differences": [], "changed": False})
    edited(
        other,
        "sed -i 's/^  configure:$/&\\n    deny: loopback/' \"$1\"",
        "length(proplists:get_value(configure, ejabberd_option:access_rules())) =:= 2",
    )
    code, answer = ejtui.json("config")
    assert (code, [each["option"] for each in answer["differences"]]) == (1, ["access_rules"])
    edited(
        other,
        "sed -i 's/^      - allow: admin$/      - allow: loopback/' \"$1\"",
        'mod_announce_opt:access(<<"chat.example">>) =:= [{allow, [{acl, loopback}]}]',
    )
    code, answer = ejtui.json("config")
    names = [each["option"] for each in answer["differences"]]
    assert (code, names) == (1, ["access_rules", "mod_announce.access"])


@pytest.mark.catalogue
async def test_accounts_of_each_host_are_verified(fresh_lab: Lab) -> None:
    """A host of first's with one account, and second serves it."""
    other, ejtui = second(fresh_lab), Ejtui(fresh_lab)
    for node in (first(fresh_lab), other):
        edited(
            node,
            "sed -i '/^hosts:/a\\  - also.example' \"$1\"",
            'lists:member(<<"also.example">>, ejabberd_option:hosts())',
        )
    first(fresh_lab).ctl("register", "amelie", "also.example", "secret")
    code, answer = ejtui.json("join", "--yes")
    assert code == 0, answer
    async with engine(fresh_lab) as one:
        assert await one.runner.run_step("verify")
        seen = one.last.evidence
    assert "chat.example: 25 of 25 accounts of first's are known to second" in seen
    assert "also.example: 1 of 1 accounts of first's are known to second" in seen
    assert any(
        line.startswith("a stanza routed on second reaches a session on first") for line in seen
    )
    assert "ejtui-" not in first(fresh_lab).ctl("connected_users")
    assert other.ask('ejabberd_auth:user_exists(<<"amelie">>, <<"chat.example">>)') == "true"


async def test_options_are_taken_and_a_rollback_brings_seconds_own_file_back(
    fresh_lab: Lab,
) -> None:
    one_, other = first(fresh_lab), second(fresh_lab)
    ejtui = Ejtui(fresh_lab)
    with_secret(one_, SECRETS[0])
    with_secret(other, SECRETS[1])
    edited(
        other,
        "sed -i -e 's/^  mod_last: {}$/  # none: mod_last/' -e 's/max_user_sessions: 10/"
        'max_user_sessions: 11 # more/\' "$1"; printf \'auth_method: anonymous\n\' >>"$1"',
        'ejabberd_option:auth_method(<<"chat.example">>) =:= [anonymous]',
    )
    # In the file, and not loaded yet: it is loaded along with what is taken.
    other.script("printf 'language: de\\nfqdn: second.example\\n' >>\"$1\"", FILE)
    before, own = other.run("cat", FILE), other.run("stat", "-c", "%U:%G %a", FILE)
    ran = ejtui("config", "--take", "acl", "no_such_option")
    assert ran.returncode == 2, ran
    code, answer = ejtui.json("config", "--take", "auth_method")
    assert (code, answer["error"]["question"]["takes"]) == (
        1, ["also loads: fqdn, language (changed in second's file, not loaded yet)"],
    )  # fmt: skip
    assert other.run("cat", FILE) == before

    running = ejtui.start("config", "--take", "auth_method", "sql_password", "--yes", "--json")
    processes = [other.run("ps", "-eo", "args")]
    while running.poll() is None:
        processes.append(other.run("ps", "-eo", "args"))
    answer = json.loads(running.communicate()[0])
    assert running.returncode == 1, answer
    assert any("ejabberd_config" in each for each in processes)
    assert not any(secret in each for each in processes for secret in SECRETS)
    assert answer["taken"] == ["auth_method", "sql_password"]
    assert answer["also_loads"] == ["fqdn", "language"]
    kept = [line for line in answer["diff"] if line[:1] in "+-" and line[:3] not in ("+++", "---")]
    assert len(kept) == 3, kept
    text = other.run("cat", FILE)
    lines = before.replace("auth_method: anonymous\n", "").replace(SECRETS[1], SECRETS[0])
    assert text.replace(f'"{SECRETS[0]}"', SECRETS[0]).startswith(lines[: lines.index("ldap")])
    assert other.ask("ejabberd_option:sql_password()") == f'<<"{SECRETS[0]}">>'

    code, answer = ejtui.json("config", "--all", "--yes")
    assert (code, answer["differences"], answer["also_loads"]) == (0, [], []), answer
    text = other.run("cat", FILE)
    assert "  # none: mod_last" in text
    assert "mod_last: {}" in text
    assert other.run("stat", "-c", "%U:%G %a", FILE) == own
    printed = ran.stdout + ran.stderr + str(answer) + str(ejtui.json("check"))
    for secret in SECRETS:
        assert secret not in printed + kept_texts()

    for _ in ("--all", "--take"):
        ran = ejtui("rollback", "--yes")
        assert ran.returncode == 0, ran
        assert "ejabberd.yml" in ran.stdout
    assert other.run("cat", FILE) == before
    assert other.run("stat", "-c", "%U:%G %a", FILE) == own


async def test_a_join_asks_once_where_settings_differ_and_a_no_stops_it(fresh_lab: Lab) -> None:
    other = second(fresh_lab)
    edited(
        other,
        "sed -i 's/max_user_sessions: 10/max_user_sessions: 11/' \"$1\"",
        "ejabberd_option:shaper_rules(global) =/= undefined",
    )

    async def no(_: Question) -> bool:
        return False

    async with engine(fresh_lab) as one:
        assert await one.runner.run_on("nodes")
        one.questions.clear()
        yes, one.answers = one.answers, no
        assert not await one.runner.run_on("administration")
        assert [each.yes_label for each in one.questions] == ["Go on with second's own"]
        assert "shaper_rules" in one.questions[0].takes[0]
        one.answers = yes
        assert await one.runner.run_on("administration")
        one.questions.clear()
        assert await one.runner.run_on("administration")
        assert not one.questions
        assert one.pair.facts.administration
        assert one.pair.facts.administration.count


@pytest.mark.catalogue
async def test_seconds_file_counts_before_it_is_loaded_and_where_second_is_stopped(
    fresh_lab: Lab,
) -> None:
    other, ejtui = second(fresh_lab), Ejtui(fresh_lab)
    text, pid = other.run("cat", FILE), other.pid()
    other.script(
        'sed -i \'s/user_regexp: ""/user_regexp: "^boss$"/\' "$1"; '
        "printf 'auth_method: anonymous\\n' >>\"$1\"",
        FILE,
    )

    def differing(ending: str) -> None:
        code, answer = ejtui.json("config")
        found = {each["option"]: each for each in answer["differences"]}
        assert (code, set(found)) == (1, {"auth_method", "acl"}), answer
        assert found["auth_method"]["second"] == f"anonymous{ending}"
        assert found["acl"]["second"] == f"local: user_regexp: ^boss${ending}"

    differing(" (in its file, not loaded yet)")
    code, answer = ejtui.json("join", "--yes")
    assert (code, other.pid()) == (1, pid), answer
    assert "auth_method" in str(answer)
    other.stop()
    differing("")
    # A check reports no less than the join will.
    _, answer = ejtui.json("check")
    found = {each["code"]: each for each in answer["findings"]}
    assert {"config-auth", "config-access"} <= set(found), answer
    assert found["config-auth"]["severity"] == "error"
    assert found["config-auth"]["evidence"] == [
        "chat.example: auth_method: mnesia on first, anonymous on second"
    ]
    code, answer = ejtui.json("join", "--yes")
    assert code == 1, answer
    assert "auth_method: mnesia on first, anonymous on second" in str(answer)
    other.run("tee", FILE, stdin=text.encode())
    assert ejtui.json("config") == (0, {"differences": [], "changed": False})


@pytest.mark.catalogue
async def test_firsts_file_that_is_not_loaded_is_named_and_nothing_is_taken_from_it(
    fresh_lab: Lab,
) -> None:
    one_, other, ejtui = first(fresh_lab), second(fresh_lab), Ejtui(fresh_lab)
    edited(
        other,
        "sed -i 's/max_user_sessions: 10/max_user_sessions: 11/' \"$1\"",
        "ejabberd_option:shaper_rules(global) =/= undefined",
    )
    text, own = one_.run("cat", FILE), other.run("cat", FILE)
    one_.run("tee", FILE, stdin=text.encode())
    assert [*(each["option"] for each in ejtui.json("config")[1]["differences"])] == [
        "shaper_rules"
    ], "written again, and nothing else in it"

    def found() -> dict[str, Any]:
        _, answer = ejtui.json("check")
        [one] = [each for each in answer["findings"] if each["node"] == "first"]
        return dict(one)

    one_.script("sed -i 's/max_user_sessions: 10/max_user_sessions: 77/' \"$1\"", FILE)
    _, answer = ejtui.json("config")
    assert {each["option"]: each["first"] for each in answer["differences"]} == {
        "shaper_rules": "max_user_sessions: 10",
        "first's ejabberd.yml": "changed since it was loaded: shaper_rules",
    }
    assert found()["code"] == "config-unloaded"
    code, answer = ejtui.json("config", "--take", "shaper_rules", "--yes")
    assert (code, answer["changed"]) == (1, False)
    assert "first's file sets shaper_rules in another way" in answer["error"]["message"]
    code, answer = ejtui.json("config", "--all", "--yes")
    assert (code, answer["changed"]) == (1, False)
    assert "first's file sets shaper_rules in another way" in answer["left"][0]

    one_.script("printf 'no_such_option: 1\\n' >>\"$1\"", FILE)
    assert found()["code"] == "config-refused"
    assert "no_such_option" in found()["evidence"][0]
    code, answer = ejtui.json("config", "--take", "shaper_rules", "--yes")
    assert "ejabberd refuses it" in answer["error"]["message"]
    assert other.run("cat", FILE) == own
    pid = other.pid()
    code, answer = ejtui.json("join", "--yes")
    assert (code, other.pid()) == (1, pid), answer
    assert "ejabberd refuses first's" in answer["error"]["question"]["title"], answer

    one_.run("tee", FILE, stdin=text.encode())
    code, answer = ejtui.json("config", "--take", "shaper_rules", "--yes")
    assert (code, answer["differences"]) == (0, [])

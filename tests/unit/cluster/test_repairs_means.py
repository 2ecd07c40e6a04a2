"""What repairs do to files and rules, without a host."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest

from ejtui.cluster.repairs.tools import nft_rules
from ejtui.cluster.repairs.tools.firewall import RulePlace, stopping
from ejtui.cluster.repairs.tools.listeners import Listener, parsed
from ejtui.cluster.repairs.tools.settings import (
    Edit,
    adding,
    edit,
    editing,
    looking,
    replaced_line,
)
from ejtui.hosts.programs import hiding

CFG = """\
# ERL_DIST_PORT=1
ERLANG_NODE=ejabberd@first
  export INET_DIST_INTERFACE=127.0.0.1
ERLANG_NODE=ejabberd@chat2
"""


@pytest.fixture
def cfg(tmp_path: Path) -> Path:
    return tmp_path / "ejabberdctl.cfg"


def changed(cfg: Path, text: str, name: str, change: Edit) -> str:
    cfg.write_text(text)
    argv = editing(str(cfg), name, change, None, 0o640)
    ran = subprocess.run(argv, capture_output=True, check=True)
    assert (ran.stdout, ran.stderr) == (b"", b"")
    assert cfg.stat().st_mode & 0o777 == 0o640
    return cfg.read_text()


def test_a_setting_is_replaced_where_it_has_the_last_word(cfg: Path) -> None:
    after = changed(cfg, CFG, "ERLANG_NODE", edit("ERLANG_NODE", "ejabberd@second"))
    assert after == CFG.replace("ERLANG_NODE=ejabberd@chat2", "ERLANG_NODE=ejabberd@second")


def test_a_setting_that_is_not_there_is_added_at_the_end(cfg: Path) -> None:
    port = edit("ERL_DIST_PORT", "5210")
    assert changed(cfg, "A=1", "ERL_DIST_PORT", port) == "A=1\nERL_DIST_PORT=5210\n"
    assert changed(cfg, "", "ERL_DIST_PORT", port) == "ERL_DIST_PORT=5210\n"
    assert changed(cfg, "A=1\nERL_DIST_PORT=5210\n", "ERL_DIST_PORT", Edit("drop")) == "A=1\n"


def test_a_setting_becomes_a_comment_and_a_comment_stays(cfg: Path) -> None:
    gone = changed(cfg, CFG, "INET_DIST_INTERFACE", Edit("comment"))
    assert "#  export INET_DIST_INTERFACE=127.0.0.1\n" in gone
    assert changed(cfg, gone, "INET_DIST_INTERFACE", Edit("comment")) == gone
    assert changed(cfg, CFG, "ERL_DIST_PORT", Edit("comment")) == CFG
    assert changed(cfg, CFG, "ERLANG", Edit("comment")) == CFG


def test_a_value_is_quoted_for_the_shell_that_reads_it(cfg: Path) -> None:
    assert changed(cfg, "", "A", edit("A", "x\\n'; reboot")) == "A='x\\n'\"'\"'; reboot'\n"


@pytest.mark.parametrize(
    ("change", "text", "differs"),
    [
        (Edit("last", "A=1"), "A=2\nA=1\n", False),
        (Edit("last", "A=1"), "A=1\nA=2\n", True),
        (Edit("last", "A=1"), "", True),
        (Edit("last", "A=1"), "A=1\nif true; then A=2; fi\n", True),
        (Edit("comment"), "", False),
        (Edit("comment"), "B=$A\n", False),
        (Edit("comment"), "A=1\n", True),
    ],
)
def test_only_what_changes_the_file_is_a_change(
    cfg: Path, change: Edit, text: str, differs: bool
) -> None:
    cfg.write_text(text)
    ran = subprocess.run(looking(str(cfg), "A", change), capture_output=True, check=True)
    assert bool(ran.stdout) == differs
    assert cfg.read_text() == text


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("7 1 beam -setcookie a1a1 -noshell", "7 1 beam -setcookie HIDDEN -noshell"),
        ("7 1 beam -setcookie n@h a1a1", "7 1 beam -setcookie HIDDEN HIDDEN"),
        ("x '-setcookie'  \"a1 a1\" +K true", "x '-setcookie'  HIDDEN HIDDEN +K true"),
        ("7 beam -setcookie\n8 sleep 5", "7 beam -setcookie\n8 sleep 5"),
        ("7 keep --password=a1 -v", "7 keep --password=HIDDEN -v"),
        ("7 keep --db-token a1 --on /x", "7 keep --db-token HIDDEN --on /x"),
        ("7 env SQL_PASSWORD=a1 DIR=/x keep", "7 env SQL_PASSWORD=HIDDEN DIR=/x keep"),
        ("7 x -ssl_dist_opt server_password a1 -y", "7 x -ssl_dist_opt server_password HIDDEN -y"),
        ("7 beam -env A a1 -y b", "7 beam -env A HIDDEN -y b"),
        ("7 get https://op:a1@host/x", "7 get https://HIDDEN@host/x"),
        ("7 ejabberdctl register a b a1", "7 ejabberdctl register HIDDEN HIDDEN HIDDEN"),
        ("7 1 sh /srv/keep.sh second", "7 1 sh /srv/keep.sh second"),
    ],
)
def test_secrets_are_hidden_in_arguments(line: str, shown: str) -> None:
    argv = ["awk", hiding.ARGUMENTS]
    ran = subprocess.run(argv, input=line, capture_output=True, text=True, check=True)
    assert ran.stdout == f"{shown}\n"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("-setcookie a1 -kernel net_ticktime 9", "-setcookie HIDDEN -kernel net_ticktime 9"),
        ("-ssl_dist_opt server_certfile /x", "-ssl_dist_opt server_certfile /x"),
        (
            "-ssl_dist_opt a b server_password a1 client_password a1 -proto_dist inet_tls",
            "-ssl_dist_opt a b server_password HIDDEN HIDDEN HIDDEN -proto_dist inet_tls",
        ),
        ("-ssl_dist_opt\n  server_password\n  a1", "-ssl_dist_opt\n  server_password\n  HIDDEN"),
        ('-ejabberd db "a1 b"', "-ejabberd HIDDEN HIDDEN HIDDEN"),
        ("-env A a1 +P 9 # a1\n# a1", "-env HIDDEN HIDDEN +P 9\n"),
        ("a1", "HIDDEN"),
    ],
)
def test_of_options_of_erl_only_what_is_used_leaves_a_host(text: str, shown: str) -> None:
    argv = ["awk", hiding.OPTIONS]
    ran = subprocess.run(argv, input=text, capture_output=True, text=True, check=True)
    assert ran.stdout == f"{shown}\n"


MORE = (
    "ERLANG_NODE=a@b; KEPT=1\n",
    "ERLANG_NODE=a@b KEPT=1\n",
    'ERLANG_NODE="a@\\\nb"; KEPT=1\n',
    "KEPT=1\nERLANG_NODE='a@\nb'\n",
    "ERLANG_NODE=a@b\nERLANG_NODE=$(echo a@b) KEPT=1\n",
)
"""Lines that have more than the setting, or go on in the next one."""


IN_BLOCKS = (
    "if true; then\n  ERLANG_NODE=a@b\nfi\nKEPT=1\n",
    "if false; then\n  ERLANG_NODE=a@b\nfi\nKEPT=1\n",
    "if true\nthen\nERLANG_NODE=a@b\nelse\nERLANG_NODE=c@d\nfi\nKEPT=1\n",
    "ERLANG_NODE=a@b\nif true; then\n  ERLANG_NODE=c@d\nfi\nKEPT=1\n",
    "case x in\nx)\n  ERLANG_NODE=a@b\n  ;;\nesac\nKEPT=1\n",
    "for each in 1 2; do\n  ERLANG_NODE=a@b\ndone\nKEPT=1\n",
    "f() {\n  ERLANG_NODE=a@b\n}\nf\nKEPT=1\n",
    "(\n  ERLANG_NODE=a@b\n)\nKEPT=1\n",
    "true &&\n  ERLANG_NODE=a@b\nKEPT=1\n",
    "cat >/dev/null <<END\nERLANG_NODE=a@b\nEND\nKEPT=1\n",
    "TEXT='\nERLANG_NODE=a@b\n'\nKEPT=1\n",
    ": it\\'s done\nif true; then\nERLANG_NODE=a@b\nfi\nKEPT=1\n",
    ': "${ERLANG_NODE:=a@b}"\nKEPT=1\n',
    ": if\nERLANG_NODE=a@b\nKEPT=1\n",
    "true && ERLANG_NODE=a@b\nKEPT=1\n",
    "KEPT=1; ERLANG_NODE=a@b\n",
    "export KEPT=1 ERLANG_NODE=a@b\n",
    "readonly ERLANG_NODE=a@b\nKEPT=1\n",
    "ERLANG_NODE=a@b\nunset ERLANG_NODE\nKEPT=1\n",
    "ERLANG_NODE=a@b\nexport ERLANG_NODE\nKEPT=1\n",
    "# not yet: don't\nERLANG_NODE=a@b # if it's done\nKEPT=1\n",
)
"""A setting within a block, in what is no setting, or that something behind it changes."""


@pytest.mark.parametrize("text", ["KEPT=1\n", "ERLANG_NODE=a@b\nKEPT=1\n", *IN_BLOCKS])
def test_what_the_unit_gives_too_is_unset(cfg: Path, text: str) -> None:
    after = changed(cfg, text, "ERLANG_NODE", Edit("unset"))
    program = 'ERLANG_NODE=of-the-unit; . "$1"; printf "%s" "${ERLANG_NODE-unset}"'
    argv = ["sh", "-euc", program, "sh", str(cfg)]
    assert subprocess.run(argv, capture_output=True, text=True, check=True).stdout == "unset"
    assert changed(cfg, after, "ERLANG_NODE", Edit("unset")) == after


@pytest.mark.parametrize("text", IN_BLOCKS)
def test_a_setting_in_a_block_stays_in_its_file_and_counts_no_more(cfg: Path, text: str) -> None:
    change = edit("ERLANG_NODE", "x@y")
    cfg.write_text(text)
    argv = replaced_line(str(cfg), "ERLANG_NODE")
    line = subprocess.run(argv, capture_output=True, text=True, check=True).stdout.strip("\n")
    before = read_by_sh(cfg)
    given = changed(cfg, text, "ERLANG_NODE", change)
    assert read_by_sh(cfg) == ["x@y", "1"]
    assert changed(cfg, given, "ERLANG_NODE", change) == given
    changed(cfg, given, "ERLANG_NODE", Edit("last", line) if line else Edit("drop"))
    assert read_by_sh(cfg) == before
    after = changed(cfg, text, "ERLANG_NODE", edit("ERLANG_NODE", None))
    assert read_by_sh(cfg) == ["unset", "1"]
    assert changed(cfg, after, "ERLANG_NODE", edit("ERLANG_NODE", None)) == after


def read_by_sh(cfg: Path) -> list[str]:
    program = '. "$1"; printf "%s\\n" "${ERLANG_NODE-unset}" "$KEPT"'
    argv = ["sh", "-euc", program, "sh", str(cfg)]
    return subprocess.run(argv, capture_output=True, text=True, check=True).stdout.splitlines()


@pytest.mark.parametrize("text", MORE)
def test_a_line_that_has_more_than_the_setting_stays(cfg: Path, text: str) -> None:
    changed(cfg, text, "ERLANG_NODE", edit("ERLANG_NODE", "x@y"))
    assert read_by_sh(cfg) == ["x@y", "1"]
    after = changed(cfg, text, "ERLANG_NODE", edit("ERLANG_NODE", None))
    assert read_by_sh(cfg) == ["unset", "1"]
    assert changed(cfg, after, "ERLANG_NODE", edit("ERLANG_NODE", None)) == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("127.0.0.1 localhost\n", "127.0.0.1 localhost\n10.0.0.1\tfirst\n"),
        ("127.0.0.1 localhost", "127.0.0.1 localhost\n10.0.0.1\tfirst\n"),
        ("", "10.0.0.1\tfirst\n"),
        ("#10.0.0.1 first\n", "#10.0.0.1 first\n10.0.0.1\tfirst\n"),
        ("10.0.0.1 a first b\n", "10.0.0.1 a first b\n"),
        ("10.0.0.1\tfirst # here\n", "10.0.0.1\tfirst # here\n"),
        ("10.0.0.1 first\r\n", "10.0.0.1 first\r\n"),
    ],
)
def test_a_hosts_entry_is_added_once(tmp_path: Path, before: str, after: str) -> None:
    file = tmp_path / "hosts"
    file.write_text(before)
    for how in ("look", "add"):
        argv = adding(how, str(file), ("10.0.0.1", "first"), (), None, 0o644)
        ran = subprocess.run(argv, capture_output=True, text=True, check=True)
        assert ran.stdout == ("missing\n" if how == "look" and after != before else "")
    assert file.read_bytes().decode() == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("127.0.1.1 second first # both\n", "127.0.1.1\tsecond # both\n"),
        ("10.0.0.2 first\n", "#10.0.0.2 first\n"),
        ("::1 first\n", "#::1 first\n"),
        ("127.0.0.1 localhost\n", "127.0.0.1 localhost\n"),
        ("# 127.0.1.1 first\n", "# 127.0.1.1 first\n"),
        ("10.0.0.9 first\n", "10.0.0.9 first\n"),
        ("127.0.1.1 second first\r\n", "127.0.1.1\tsecond\n"),
        ("127.0.1.1 second FIRST\n", "127.0.1.1\tsecond\n"),
        ("\n", "\n"),
    ],
)
def test_a_hosts_file_loses_a_name_of_the_host_s_own_lines(
    tmp_path: Path, before: str, after: str
) -> None:
    file = tmp_path / "hosts"
    there = "10.0.0.1 first\n"
    file.write_text(there + before)
    for how in ("look", "add"):
        argv = adding(how, str(file), ("10.0.0.1", "first"), ("10.0.0.2",), None, 0o644)
        ran = subprocess.run(argv, capture_output=True, text=True, check=True)
        assert ran.stdout == ("missing\n" if how == "look" and after != before else "")
        if how == "look" and after == before:
            return
    assert file.read_text() == there + after


@pytest.mark.parametrize("line", ["10.0.0.1 first\n", ""])
def test_a_hosts_file_that_is_made_again_at_each_boot_is_named(tmp_path: Path, line: str) -> None:
    """As in Ubuntu's and Debian's images for clouds."""
    file = tmp_path / "hosts"
    file.write_text(f"# Your system has configured 'manage_etc_hosts' as True.\n{line}")
    argv = adding("look", str(file), ("10.0.0.1", "first"), (), None, 0o644)
    ran = subprocess.run(argv, capture_output=True, text=True, check=True)
    assert ran.stdout.split() == [*(["missing"] if not line else []), "cloud-init"]


def test_listeners_are_told_apart_by_process() -> None:
    text = (
        'LISTEN 0 4096 0.0.0.0:4369 0.0.0.0:* users:(("epmd",pid=43,fd=3))\n'
        'LISTEN 0 4096 [::]:4369 [::]:* users:(("epmd",pid=43,fd=4))\n'
        'LISTEN 0 5 127.0.0.1:4369 0.0.0.0:* users:(("beam.smp",pid=7,fd=9))\n'
    )
    assert parsed(text) == [
        Listener("epmd", "43", ("0.0.0.0:4369", "[::]:4369")),
        Listener("beam.smp", "7", ("127.0.0.1:4369",)),
    ]
    assert [each.loopback_only for each in parsed(text)] == [False, True]
    assert parsed("") == []


def ruleset(*rules: list[dict[str, Any]], policy: str = "accept", hook: str = "input") -> Any:
    at = {"family": "inet", "table": "filter"}
    chain = {**at, "name": "in", "hook": hook, "policy": policy}
    return {
        "nftables": [
            {"metainfo": {}},
            {"chain": chain},
            *(
                {"rule": {**at, "chain": "in", "handle": number, "expr": expressions}}
                for number, expressions in enumerate(rules, 10)
            ),
        ]
    }


def dport(right: Any, protocol: str = "tcp") -> dict[str, Any]:
    left = {"payload": {"protocol": protocol, "field": "dport"}}
    return {"match": {"op": "==", "left": left, "right": right}}


DROP: dict[str, Any] = {"drop": None}
ACCEPT: dict[str, Any] = {"accept": None}
ESTABLISHED = {
    "match": {"op": "in", "left": {"ct": {"key": "state"}}, "right": ["established", "related"]}
}
LOOPBACK = {"match": {"op": "==", "left": {"meta": {"key": "iifname"}}, "right": "lo"}}
REJECT = {"reject": {"type": "tcp reset"}}


@pytest.mark.parametrize(
    "right", [4369, {"range": [4300, 4400]}, {"set": [22, 4369]}, {"set": [{"range": [1, 9999]}]}]
)
@pytest.mark.parametrize("verdict", [DROP, REJECT])
def test_the_rule_that_stops_the_port_is_found(right: Any, verdict: dict[str, Any]) -> None:
    found = stopping(ruleset([dport(22), ACCEPT], [dport(right), verdict]), 4369)
    assert found == [RulePlace("inet", "filter", "in", 11)]
    assert found[0].rule("10.0.0.2", 4369)[:9] == [
        "nft", "insert", "rule", "inet", "filter", "in", "position", "11", "ip",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "rules",
    [
        [],
        [[dport(22), DROP]],
        [[dport(4369, "udp"), DROP]],
        [[dport(4369), ACCEPT], [DROP]],
        [[LOOPBACK, DROP]],
        [[ESTABLISHED, DROP]],
    ],
)
def test_rules_that_do_not_stop_it_are_left_alone(rules: list[list[dict[str, Any]]]) -> None:
    assert stopping(ruleset(*rules), 4369) == []


def test_a_chain_that_drops_whatever_is_not_accepted_gets_a_rule() -> None:
    [place] = stopping(ruleset([LOOPBACK, ACCEPT], [ESTABLISHED, ACCEPT], policy="drop"), 4369)
    assert place.handle is None
    assert place.rule("fd00::2", 4369)[:8] == [
        "nft", "add", "rule", "inet", "filter", "in", "ip6", "saddr",
    ]  # fmt: skip
    assert stopping(ruleset([dport(4369), ACCEPT], policy="drop"), 4369) == []
    assert stopping(ruleset(policy="drop", hook="forward"), 4369) == []


def test_a_last_rule_that_drops_all_is_found() -> None:
    assert stopping(ruleset([ESTABLISHED, ACCEPT], [DROP]), 4369) == [
        RulePlace("inet", "filter", "in", 11)
    ]


def with_chains(*entries: dict[str, Any], **rules: list[Any]) -> Any:
    """A ruleset whose chain "in" has the first rules, with other chains, sets and maps."""
    at = {"family": "inet", "table": "filter"}
    made = ruleset(*rules.pop("first"))
    for name, inside in rules.items():
        made["nftables"].append({"chain": {**at, "name": name}})
        made["nftables"] += [
            {"rule": {**at, "chain": name, "handle": number, "expr": expressions}}
            for number, expressions in enumerate(inside, 50)
        ]
    made["nftables"] += [
        {kind: {**at, **each}} for entry in entries for kind, each in entry.items()
    ]
    return made


def jump(target: str, word: str = "jump") -> dict[str, Any]:
    return {word: {"target": target}}


CLOSED = {"set": {"name": "closed", "elem": [22, {"range": [4300, 4400]}]}}
STATES = {
    "vmap": {
        "key": {"ct": {"key": "state"}},
        "data": {"set": [["established", ACCEPT], ["new", jump("services")]]},
    }
}


@pytest.mark.parametrize("first", [[[jump("services")]], [[jump("services", "goto")]], [[STATES]]])
def test_a_rule_behind_a_jump_and_a_set_is_found(first: list[Any]) -> None:
    rules = with_chains(CLOSED, first=first, services=[[dport("@closed"), DROP]])
    assert stopping(rules, 4369) == [RulePlace("inet", "filter", "services", 50)]
    assert stopping(rules, 5222) == []


def test_a_map_of_ports_and_a_return() -> None:
    ports = {"vmap": {"key": dport(0)["match"]["left"], "data": "@by_port"}}
    by_port = {"map": {"name": "by_port", "elem": [[4369, DROP], [5222, ACCEPT]]}}
    rules = with_chains(by_port, first=[[ports], [DROP]])
    assert stopping(rules, 4369) == [RulePlace("inet", "filter", "in", 10)]
    assert stopping(rules, 5222) == []
    back = [[dport(4369), {"return": None}], [DROP]]
    rules = with_chains(first=[[jump("services")]], services=back)
    assert stopping(rules, 4369) == []
    assert stopping(rules, 80) == [RulePlace("inet", "filter", "services", 51)]


def test_what_cannot_be_read_is_named() -> None:
    rules = ruleset([{"xt": {"type": "match", "name": "recent"}}, DROP])
    assert stopping(rules, 4369) == []
    assert nft_rules.read(rules, 4369).unread == ["rule 10 of filter in"]


def test_an_accept_that_names_no_port_is_not_believed() -> None:
    """It may be for what goes on already, or have a match that nobody here understands."""
    found = stopping(ruleset([ACCEPT], [dport(4369), DROP]), 4369)
    assert found == [RulePlace("inet", "filter", "in", 11)]
    assert stopping(ruleset([ACCEPT], policy="drop"), 4369) == [
        RulePlace("inet", "filter", "in", None)
    ]

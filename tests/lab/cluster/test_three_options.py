"""A file with comments, macros and an include, three options taken: those lines, and no others."""

from __future__ import annotations

import difflib

import pytest

from ejtui.lab.faults.node import LabNode, first, second
from ejtui.lab.lab import Lab
from tests.lab.cli.driver import Ejtui
from tests.lab.cluster.test_administration import FILE, edited

pytestmark = pytest.mark.catalogue

OPTIONS = ("auth_method", "shaper_rules", "mod_ping")
INCLUDED = "/etc/ejabberd/limits.yml"

_FIRST = """
sed -i -e 's/max_user_sessions: 10/max_user_sessions: SESSIONS/' "$1"
printf 'define_macro:\\n  SESSIONS: 20\\n' >>"$1"
"""
_SECOND = """
sed -i -e '1i ###   second, set up in 2019   ###\\n' \\
    -e 's/^  max_user_sessions: 10/  # from the file of limits\\n  max_user_sessions: FEW/' \\
    -e 's/^  mod_last: {}$/  # mod_last: {}/' \\
    -e 's/^  mod_ping: {}/  mod_ping:   # every minute\\n    send_pings: true/' \\
    -e 's/^modules:/\\n# what runs\\n&/' "$1"
cat >>"$1" <<END
include_config_file: $2
auth_method: [anonymous]   # guests
# the end
END
printf '# limits\\ndefine_macro:\\n  FEW: 5   # were 3\\nsm_cache_size: 2000\\n' >"$2"
chown root:ejabberd "$2"
"""
WANTED = [
    "-  max_user_sessions: FEW",
    "+  max_user_sessions: 20",
    "-  mod_ping:   # every minute",
    "-    send_pings: true",
    "+  mod_ping: {}   # every minute",
    "-auth_method: [anonymous]   # guests",
]
_SESSIONS = (
    'lists:keyfind(max_user_sessions, 1, ejabberd_option:shaper_rules(<<"chat.example">>)) =:= '
    "{{max_user_sessions, [{{{}, [{{acl, all}}]}}]}}"
)


def changes(before: str, after: str) -> list[str]:
    """The lines that go and come."""
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), n=0, lineterm="")
    return [line for line in lines if line[:1] in "+-" and line[:3] not in ("+++", "---")]


def test_three_options_change_those_lines_and_no_others(fresh_lab: Lab) -> None:
    one, other, ejtui = first(fresh_lab), second(fresh_lab), Ejtui(fresh_lab)
    edited(one, _FIRST, _SESSIONS.format(20))
    other.script(_SECOND, FILE, INCLUDED)
    other.ctl("reload_config")
    other.until(_SESSIONS.format(5))
    before, own = _files(other), other.run("stat", "-c", "%U:%G %a", FILE, INCLUDED)
    status, answer = ejtui.json("config")
    assert status == 1
    differing = {each["option"] for each in answer["differences"]}
    assert differing == {"auth_method", "shaper_rules", "mod_ping.send_pings", "mod_last"}

    status, answer = ejtui.json("config", "--take", *OPTIONS, "--yes")
    assert [each["option"] for each in answer["differences"]] == ["mod_last"]
    after = _files(other)
    assert changes(before[0], after[0]) == WANTED
    shown = [line for line in answer["diff"] if line[:1] in "+-" and line[:3] not in ("+++", "---")]
    assert shown == WANTED
    assert after[1] == before[1]
    assert other.run("stat", "-c", "%U:%G %a", FILE, INCLUDED) == own
    assert other.ask(_SESSIONS.format(20)) == "true"
    assert other.ask('ejabberd_option:auth_method(<<"chat.example">>)') == "[mnesia]"


def _files(node: LabNode) -> tuple[str, str]:
    return node.run("cat", FILE), node.run("cat", INCLUDED)

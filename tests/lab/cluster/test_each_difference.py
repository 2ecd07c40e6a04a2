"""Each finding between the two ejabberd.yml, made for real: named, carried over, joined, undone."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from ejtui.lab.faults.node import LabNode, first, second
from ejtui.lab.lab import Lab
from tests.lab.cli.driver import Ejtui
from tests.lab.cluster.test_administration import FILE, edited, serves_other
from tests.lab.cluster.test_password_format import RECORD, plain

pytestmark = pytest.mark.catalogue

HOST = '<<"chat.example">>'


@dataclass(frozen=True)
class Case:
    """What is done to second's file, when it is loaded, and what carries first's over."""

    code: str
    script: str
    loaded: str
    stops: bool
    carries: tuple[str, ...] = ()

    def __str__(self) -> str:
        return self.code


CASES = (
    Case("config-hosts", "", "", stops=True),
    Case("config-auth", "printf 'auth_method: anonymous # guests\\n' >>\"$1\"",
         f"ejabberd_option:auth_method({HOST}) =:= [anonymous]", stops=True),
    Case("config-database", "sed -i 's/^  mod_last: {}/  mod_last:\\n    db_type: sql/' \"$1\"",
         f"gen_mod:get_module_opt({HOST}, mod_last, db_type) =:= sql", stops=True),
    Case("config-access", "sed -i 's/max_user_sessions: 10/max_user_sessions: 11/' \"$1\"",
         f"lists:keyfind(max_user_sessions, 1, ejabberd_option:shaper_rules({HOST})) =:= "
         "{max_user_sessions, [{11, [{acl, all}]}]}", stops=False),
    Case("config-modules", "sed -i 's/^  mod_ping: {}/  # no mod_ping/' \"$1\"",
         f"not gen_mod:is_loaded({HOST}, mod_ping)", stops=False),
    Case("config-ticktime", "printf 'net_ticktime: 30\\n' >>\"$1\"",
         "ejabberd_option:net_ticktime() =:= 30000", stops=True),
    Case("config-passwords", "", "", stops=False,
         carries=("config", "--take", "auth_password_format", "--yes")),
)  # fmt: skip


def make(one_: LabNode, other: LabNode, case: Case) -> None:
    if case.code == "config-hosts":
        serves_other(other)
    elif case.code == "config-passwords":
        plain(one_)
        one_.ctl("register", "typed", "chat.example", "as-it-is")
    else:
        edited(other, case.script, case.loaded)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_it_is_named_carried_over_and_undone(fresh_lab: Lab, case: Case) -> None:
    one_, other, ejtui = first(fresh_lab), second(fresh_lab), Ejtui(fresh_lab)
    make(one_, other, case)
    text, own = other.run("cat", FILE), other.run("stat", "-c", "%U:%G %a", FILE)
    record = one_.ask(RECORD)
    _, answer = ejtui.json("check")
    [found] = [each for each in answer["findings"] if each["code"].startswith("config-")]
    assert found["code"] == case.code
    assert (found["severity"] == "error") == case.stops
    code, answer = ejtui.json("join")
    assert code == 1, "nobody is there to be asked"
    assert other.run("cat", FILE) == text

    code, answer = ejtui.json(*(case.carries or ("repair", case.code, "--yes")))
    assert case.carries or code == 0, answer
    _, answer = ejtui.json("check")
    assert "config-" not in str([each["code"] for each in answer["findings"]])
    code, answer = ejtui.json("join", "--yes")
    assert code == 0, answer
    code, answer = ejtui.json("check")
    assert (code, answer["findings"]) == (0, [])
    assert one_.ask(RECORD) == record, "first's own are as they were"
    assert other.ask('ejabberd_auth:user_exists(<<"amelie">>, <<"chat.example">>)') == "true"

    ran = ejtui("rollback", "--yes")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    _, answer = ejtui.json("backups")
    alone = [each["name"] for each in answer["backups"] if "restore-file" in each["uses"]]
    if alone:
        ran = ejtui("rollback", alone[-1], "--yes")
        assert ran.returncode == 0, ran.stdout + ran.stderr
    assert other.run("cat", FILE) == text
    assert other.run("stat", "-c", "%U:%G %a", FILE) == own
    if case.code not in ("config-hosts", "config-auth"):
        assert other.ctl("registered_users", "chat.example").split() == ["guest"]

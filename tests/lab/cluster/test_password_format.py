"""Second stores passwords as SCRAM and first as plain text: its start would convert first's."""

from __future__ import annotations

from ejtui.cluster.join.check import check
from ejtui.lab.faults.node import LabNode, first, second
from ejtui.lab.lab import Lab
from tests.lab.cli.driver import Ejtui
from tests.lab.cluster.engine import ctl, engine

PLAIN = "sed -i 's/^auth_password_format: .*/auth_password_format: plain/' \"$1\""
# How many passwords are kept as they were typed.
KEPT_PLAIN = """
length([Key || Key <- mnesia:dirty_all_keys(passwd),
               is_binary(element(3, hd(mnesia:dirty_read(passwd, Key))))])
"""
RECORD = 'mnesia:dirty_read(passwd, {<<"typed">>, <<"chat.example">>})'


def plain(node: LabNode) -> None:
    """The node keeps passwords as plain text from now on."""
    node.script(PLAIN, "/etc/ejabberd/ejabberd.yml")
    node.ctl("reload_config")
    node.until('ejabberd_option:auth_password_format(<<"chat.example">>) =:= plain')


async def test_it_is_asked_by_a_word_of_its_own(fresh_lab: Lab) -> None:
    one_, other = first(fresh_lab), second(fresh_lab)
    plain(one_)
    ctl(fresh_lab, "first", "register", "typed", "chat.example", "as-it-is")
    assert one_.ask(KEPT_PLAIN) == "1"
    record = one_.ask(RECORD)
    async with engine(fresh_lab) as one:
        found = {each.code: each for each in (await check(one.pair)).findings}
        assert "chat.example: plain on first, scram on second" in found["config-passwords"].evidence
        assert "for good" in found["config-passwords"].evidence[-1]
        differing = Ejtui(fresh_lab).json("config")[1]["differences"]
        assert [each["option"] for each in differing] == ["auth_password_format"]
        assert (differing[0]["first"], differing[0]["second"]) == ("plain", "scram")
        other.stop()
        seen = {each.code: each for each in (await check(one.pair)).findings}
        assert seen["config-passwords"].evidence == found["config-passwords"].evidence, (
            "of the file"
        )
        other.start()
    status, answer = Ejtui(fresh_lab).json("join", "--yes")
    assert status == 1, answer
    assert {step["id"]: step["state"] for step in answer["steps"]}["cookies"] == "todo", answer
    assert "--accept password-format" in str(answer)
    assert "1 password is plain text on first" in str(answer)
    assert one_.ask(RECORD) == record, "not a word of first's has changed"
    assert ctl(fresh_lab, "second", "registered_users", "chat.example") == ["guest"]

    plain(other)
    status, answer = Ejtui(fresh_lab).json("join", "--yes")
    assert status == 0, answer
    assert (one_.ask(KEPT_PLAIN), other.ask(KEPT_PLAIN)) == ("1", "1")

    text = other.run("cat", "/etc/ejabberd/ejabberd.yml")
    scram = ("config", "--set", "auth_password_format=scram", "--yes")
    status, answer = Ejtui(fresh_lab).json(*scram)
    assert (status, answer["changed"]) == (1, False)
    assert "--accept password-format" in str(answer)
    assert "1 password is plain text on first" in str(answer)
    assert other.run("cat", "/etc/ejabberd/ejabberd.yml") == text

"""First stores plain passwords, second SCRAM, on each release that converts them: asked, and No."""

from __future__ import annotations

from pathlib import Path

import pexpect
import pytest

from ejtui.lab.faults.node import LabNode, first, second
from ejtui.lab.lab import Lab
from ejtui.lab.place import HOSTS
from tests.lab.cli.driver import Ejtui
from tests.lab.cluster.engine import state_of
from tests.lab.cluster.test_password_format import KEPT_PLAIN, RECORD, plain
from tests.lab.releases import roots
from tests.lab.releases.hosts import hosts
from tests.skipping import skip_for

# tests/lab/cluster/test_password_format.py does it in every run, on bookworm.
pytestmark = [pytest.mark.releases, pytest.mark.catalogue]

PASSWORD = "as-it-is"  # noqa: S105
EVERY_RECORD = """
erlang:phash2(lists:sort([mnesia:dirty_read(passwd, Key) || Key <- mnesia:dirty_all_keys(passwd)]))
"""
ALL_PLAIN = f"""
[ejabberd_auth:set_password(User, Server, <<"{PASSWORD}">>)
 || {{User, Server}} <- ejabberd_auth:get_users(<<"chat.example">>)]
"""
VERSIONS = {"bullseye": "21.01", "bookworm": "23.01", "trixie": "24.12"}


def no_at_the_terminal(lab: Lab) -> tuple[int | None, str]:
    """`ejtui join` with somebody at its terminal, who answers No to the conversion."""
    child = Ejtui(lab).on_terminal("join")
    child.expect("Type password-format to go on: ")
    shown = str(child.before)
    child.sendline("no")
    child.expect(pexpect.EOF)
    child.close()
    return child.exitstatus, shown + str(child.before)


def records(node: LabNode) -> tuple[str, ...]:
    """One record of a plain password, all records, how many are plain, and what is set."""
    return (
        node.ask(RECORD),
        node.ask(EVERY_RECORD),
        node.ask(KEPT_PLAIN),
        node.run("sha256sum", "/etc/ejabberd/ejabberd.yml"),
    )


@pytest.mark.parametrize("suite", VERSIONS)
def test_after_a_no_every_password_of_firsts_is_as_it_was(tmp_path: Path, suite: str) -> None:
    skip_for(roots.why_not())
    with hosts(tmp_path, suite, suite) as lab:
        one, other, ejtui = first(lab), second(lab), Ejtui(lab)
        plain(one)
        one.ctl("register", "typed", "chat.example", PASSWORD)
        # ejabberd looks at one password to decide about all: each is plain.
        one.ask(ALL_PLAIN)
        assert one.ask(KEPT_PLAIN) == "26"
        before, own = records(one), other.ctl("registered_users", "chat.example")
        assert f'<<"{PASSWORD}">>' in before[0]
        states = [state_of(lab, host) for host in HOSTS]

        status, answer = ejtui.json("config")
        assert status in (0, 1)
        [found] = [each for each in answer["differences"] if each["finding"] == "config-passwords"]
        assert (found["first"], found["second"]) == ("plain", "scram")
        code, shown = no_at_the_terminal(lab)
        assert code == 1, shown
        assert "26 passwords are plain text on first" in " ".join(shown.split())
        code, answer = ejtui.json("join", "--yes")
        assert code == 1, answer
        assert "--accept password-format" in str(answer)

        assert records(one) == before
        assert [state_of(lab, host) for host in HOSTS] == states
        assert other.ctl("registered_users", "chat.example") == own
        assert one.ctl("check_password", "typed", "chat.example", PASSWORD, check=False) == ""

        # What was asked about is what happens.
        code, answer = ejtui.json("join", "--yes", "--accept", "password-format")
        assert code == 0, answer
        assert answer["first"]["ejabberd_version"].startswith(VERSIONS[suite])
        assert f'<<"{PASSWORD}">>' not in one.ask(RECORD)
        assert one.ask(KEPT_PLAIN) == "0"

"""What is broken is really broken, from the other host's side, and really repaired."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator

import pytest

from ejtui.lab import Lab, LabError, command
from ejtui.lab.breakage import (
    EPMD_PORT,
    block_port,
    cut_link,
    hide_name,
    read_cookie,
    repair_link,
    unblock,
    write_cookie,
)
from ejtui.lab.slow import Slowness, fast_links, slow_links, slowness
from tests.unit.lab.test_lab_command import parsed

_CONNECT = """
case gen_tcp:connect("first", 4369, [], 3000) of
    {ok, _} -> io:format("open");
    {error, Reason} -> io:format("~p", [Reason])
end, halt().
"""

_ACROSS = 'exec 3<>"/dev/tcp/$1/22" && read -r line <&3 && echo "$line"'


def _epmd_from_second(lab: Lab) -> str:
    return lab.run("second", ["erl", "-noinput", "-eval", _CONNECT]).stdout.decode()


@pytest.fixture
def whole(lab: Lab) -> Iterator[Lab]:
    yield lab
    fast_links(lab)
    repair_link(lab)
    for host in ("first", "second"):
        unblock(lab, host)


def test_a_blocked_epmd_is_silent_or_refuses_until_it_is_unblocked(whole: Lab) -> None:
    assert _epmd_from_second(whole) == "open"
    block_port(whole, "first", EPMD_PORT)
    assert _epmd_from_second(whole) == "timeout"
    unblock(whole, "first")
    block_port(whole, "first", EPMD_PORT, "refused")
    assert _epmd_from_second(whole) == "econnrefused"
    assert whole.run("first", ["epmd", "-names"]).stdout
    unblock(whole, "first")
    assert _epmd_from_second(whole) == "open"


def test_a_cut_link_leaves_both_hosts_within_reach(whole: Lab) -> None:
    cut_link(whole)
    assert _epmd_from_second(whole) != "open"
    assert whole.run("first", ["true"]).returncode == 0
    repair_link(whole)
    assert _epmd_from_second(whole) == "open"


def _seconds(lab: Lab, patience: int = 60) -> float:
    """How long it takes to connect from second to first's sshd and hear its name."""
    began = time.monotonic()
    said = lab.run(
        "second", ["timeout", str(patience), "bash", "-c", _ACROSS, "bash", "first"]
    ).stdout
    assert said.startswith(b"SSH-2.0-")
    return time.monotonic() - began


def test_a_round_trip_between_the_hosts_takes_twice_the_delay_and_connections_stay(
    whole: Lab,
) -> None:
    argv = ["ssh", "-F", str(whole.place.ssh_config), "second", "cat"]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as stays:
        assert stays.stdin
        assert stays.stdout
        into, out = stays.stdin, stays.stdout

        def echoed(line: bytes) -> bytes:
            into.write(line + b"\n")
            into.flush()
            return out.readline().strip()

        assert echoed(b"before") == b"before"
        slow_links(whole, Slowness(100, 0))
        # Less is impossible: to connect takes a round trip, and to be greeted half a one more.
        assert _seconds(whole) >= 0.3
        assert slowness(whole.form) == Slowness(100, 0)
        assert echoed(b"slow") == b"slow"
        fast_links(whole)
        assert slowness(whole.form) is None
        assert echoed(b"after") == b"after"
        into.close()


def test_links_whose_relay_was_killed_are_mended(whole: Lab) -> None:
    slow_links(whole, Slowness(0, 0))
    os.kill(_relay(whole), signal.SIGKILL)
    with pytest.raises(LabError):
        _seconds(whole, 1)
    fast_links(whole)
    _seconds(whole)


def _relay(lab: Lab) -> int:
    holders = lab.form.holders()  # type: ignore[attr-defined]
    return int(holders["relay"])


def test_the_command_line_makes_them_slow_and_says_how(
    whole: Lab, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command.run(parsed("slow", "--delay", "20", "--loss", "1")) == 0
    assert "20 ms longer" in capsys.readouterr().err
    assert command.run(parsed("status")) == 0
    assert "20 ms longer" in capsys.readouterr().out
    assert command.run(parsed("slow", "--off")) == 0
    assert slowness(whole.form) is None
    assert command.run(parsed("slow", "--loss", "100")) == 1
    assert "below 100" in capsys.readouterr().err


def test_a_name_can_be_hidden(fresh_lab: Lab) -> None:
    hide_name(fresh_lab, "second", "first")
    assert _epmd_from_second(fresh_lab) == "nxdomain"


@pytest.mark.parametrize("form", ["lab", "local_lab"])
def test_a_cookie_is_replaced_with_its_owner_and_mode(
    form: str, request: pytest.FixtureRequest
) -> None:
    lab: Lab = request.getfixturevalue(form)
    before = read_cookie(lab, "second")
    file = f"{lab.form.home('second')}/.erlang.cookie"
    facts = ["stat", "-c", "%a %U", file]
    owner = lab.run("second", facts).stdout
    assert owner.startswith(b"400 ")
    write_cookie(lab, "second")
    assert read_cookie(lab, "second") != before
    assert lab.run("second", facts).stdout == owner
    write_cookie(lab, "second", before)
    assert read_cookie(lab, "second") == before


def test_a_lab_without_networks_says_so(local_lab: Lab) -> None:
    with pytest.raises(LabError, match="share this computer's network"):
        cut_link(local_lab)
    with pytest.raises(LabError, match="no link that could be slow"):
        slow_links(local_lab)

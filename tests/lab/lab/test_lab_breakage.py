"""What is broken is really broken, from the other host's side, and really mended."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ejtui.lab import Lab, LabError
from ejtui.lab.breakage import (
    EPMD_PORT,
    block_port,
    cut_link,
    hide_name,
    mend_link,
    read_cookie,
    unblock,
    write_cookie,
)

_CONNECT = """
case gen_tcp:connect("first", 4369, [], 400) of
    {ok, _} -> io:format("open");
    {error, Reason} -> io:format("~p", [Reason])
end, halt().
"""


def _epmd_from_second(lab: Lab) -> str:
    return lab.run("second", ["erl", "-noinput", "-eval", _CONNECT]).stdout.decode()


@pytest.fixture
def whole(lab: Lab) -> Iterator[Lab]:
    yield lab
    mend_link(lab)
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
    mend_link(whole)
    assert _epmd_from_second(whole) == "open"


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
    with pytest.raises(LabError, match="no network of their own"):
        cut_link(local_lab)

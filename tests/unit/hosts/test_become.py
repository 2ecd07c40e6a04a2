"""Who becomes whom, and how a refusal is told."""

from __future__ import annotations

import pytest

from ejtui.hosts.become import becoming, failed, way


def test_nobody_is_become_for_the_login_user() -> None:
    assert becoming("sudo", "op", None, ["id"]) == (None, ["id"])
    assert becoming("none", "op", "op", ["id"]) == (None, ["id"])


def test_each_way_names_the_user_and_asks_nothing() -> None:
    assert becoming("sudo", "op", "svc", ["id", "-u"]) == (
        "svc",
        ["sudo", "-n", "-H", "-u", "svc", "--", "id", "-u"],
    )
    assert becoming("doas", "op", "root", ["id"]) == ("root", ["doas", "-n", "-u", "root", "id"])


def test_root_steps_down_without_sudo() -> None:
    assert way("sudo", "root") == "su"
    assert way("none", "root") == "su"
    assert way("doas", "op") == "doas"


@pytest.mark.parametrize("user", ["", "-x", "a b", "a;b", "a'b", "$USER", "a\nb", "../x"])
def test_no_odd_name_reaches_a_command(user: str) -> None:
    with pytest.raises(ValueError, match="no user name"):
        becoming("sudo", "op", user, ["id"])


def test_none_becomes_nobody() -> None:
    with pytest.raises(ValueError, match="become = none"):
        becoming("none", "op", "root", ["id"])


@pytest.mark.parametrize(
    ("way", "said", "action"),
    [
        ("sudo", b"sudo: a password is required", "op ALL=(svc) NOPASSWD: ALL"),
        ("sudo", b"ejtui: 1: exec: sudo: not found", "Install sudo"),
        ("sudo", b"op is not in the sudoers file.", "NOPASSWD"),
        ("doas", b"doas: Operation not permitted", "permit nopass op as svc"),
        ("doas", b"doas: Authentication required", "permit nopass op as svc"),
        ("su", b"runuser: user svc does not exist", "service_user"),
        ("su", b"su: Authentication failure", 'set become to "sudo"'),
    ],
)
def test_a_refusal_says_what_to_do(way: str, said: bytes, action: str) -> None:
    error = failed("first", "op@h", way=way, login="op", user="svc", said=said, asked=False)
    assert action in error.next_action
    assert str(error).startswith(f"first (op@h): op could not become svc with {way}: ")

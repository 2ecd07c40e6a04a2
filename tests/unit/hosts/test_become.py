"""Who becomes whom, and how a refusal is reported."""

from __future__ import annotations

import pytest

from ejtui.hosts.programs.become import Mode, asking_modes, becoming, failed, way


def test_nobody_is_become_for_the_login_user() -> None:
    assert becoming("sudo", "op", None, ["id"]) == (None, ["id"])
    assert becoming("none", "op", "op", ["id"]) == (None, ["id"])


def test_each_way_names_the_user_and_asks_nothing() -> None:
    assert becoming("sudo", "op", "svc", ["id", "-u"]) == (
        "svc",
        ["sudo", "-n", "-H", "-u", "svc", "--", "id", "-u"],
    )
    assert becoming("doas", "op", "root", ["id"]) == ("root", ["doas", "-n", "-u", "root", "id"])


def test_each_way_asks_where_it_can_be_answered() -> None:
    def asking(way: str, mode: Mode) -> list[str]:
        user, argv = becoming(way, "op", "svc", ["id"], mode, "feed")
        assert user == "svc"
        assert argv[:2] == ["/bin/sh", "-c"]
        assert argv[3] == "feed"
        return argv[4:]

    asks = ["-p", "[sudo] password for %p: ", "-H", "-u", "svc", "--", "id"]
    assert asking("sudo", Mode.STDIN) == ["sudo", "-S", *asks]
    assert asking("sudo", Mode.TERMINAL) == ["sudo", *asks]
    assert asking("doas", Mode.TERMINAL) == ["doas", "-u", "svc", "id"]
    assert asking_modes("sudo") == (Mode.STDIN, Mode.TERMINAL)
    assert asking_modes("doas") == asking_modes("su") == (Mode.TERMINAL,)


def test_su_goes_through_root_for_users_have_no_password() -> None:
    assert becoming("su", "op", "svc", ["id"])[1][3:5] == ["ejtui", "root"]
    assert becoming("su", "root", "svc", ["id"])[1][3:5] == ["ejtui", "svc"]


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
        ("sudo", b"sudo: interactive authentication is required", "op ALL=(svc) NOPASSWD: ALL"),
        ("sudo", b"sudo: user 'svc' not found", "service_user"),
        ("sudo", b"sudo: I'm sorry op. I'm afraid I can't do that", "Allow it with visudo: op ALL"),
        ("doas", b"doas: Operation not permitted", "permit nopass op as svc"),
        ("doas", b"doas: Authentication required", "permit nopass op as svc"),
        ("su", b"runuser: user svc does not exist", "service_user"),
        ("su", b"su: Authentication failure", "set become to sudo"),
    ],
)
def test_a_refusal_says_what_to_do(way: str, said: bytes, action: str) -> None:
    error = failed("first", "op@h", way=way, login="op", user="svc", said=said, asked=False)
    assert action in error.next_action
    assert error.password == ("not found" not in str(error) and "not exist" not in str(error))
    assert str(error).startswith(f"first (op@h): op could not become svc with {way}: ")


def test_a_refusal_says_why_there_was_no_password() -> None:
    error = failed(
        *("first", "op@h"),
        way="sudo",
        login="op",
        user="root",
        said=b"",
        asked=True,
        why_none="3 answers were wrong",
    )
    assert "could not become root with sudo: 3 answers were wrong" in str(error)


@pytest.mark.parametrize("way", ["sudo", "doas", "su"])
def test_the_likely_cause_comes_first(way: str) -> None:
    error = failed(
        "first", "op@h", way=way, login="op", user="root", said=b"", asked=True,
        why_none="no password was given",
    )  # fmt: skip
    whose = "root" if way == "su" else "op"
    assert error.next_action.startswith(f"Give {whose}'s password, or set become to ")


def test_who_may_not_at_all_is_not_asked_for_a_password() -> None:
    said = b"op is not in the sudoers file."
    error = failed("first", "op@h", way="sudo", login="op", user="root", said=said, asked=False)
    assert error.next_action.startswith("Allow it with visudo: op ALL=(root)")


def test_root_is_asked_for_nothing() -> None:
    error = failed(*("first", "h"), way="su", login="root", user="svc", said=b"no", asked=False)
    assert not error.password

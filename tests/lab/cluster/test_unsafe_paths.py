"""The service user puts links where ejtui acts: nothing of root's changes, and it is named."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from typing import Any

import pytest

from ejtui.lab.lab import Lab
from tests.lab.cli.driver import Ejtui
from tests.lab.cluster.hostile import AIMS, aims, as_root, as_service, seen

STAMP = "20260101T000000Z"
AT = f"ejtui-backups/{STAMP}"
OPEN = "chmod 644 .erlang.cookie; "
LINKS = {
    "cookie to a file that is not there": f"ln -sf {AIMS}/profile.d/x.sh .erlang.cookie",
    "cookie to passwd": f"ln -sf {AIMS}/passwd .erlang.cookie",
    "cookie to shadow": f"ln -sf {AIMS}/shadow .erlang.cookie",
    "backups to etc": f"{OPEN}ln -sfn {AIMS}/etc ejtui-backups",
    "backups for all": f"{OPEN}mkdir ejtui-backups; chmod 777 ejtui-backups",
}
REPAIRS = dict(
    zip(
        LINKS,
        ("cookie-missing", "cookie-malformed", "cookie-owner", "cookie-mode", "cookie-mode"),
        strict=True,
    )
)
"""The repair that each is laid for."""
MORE = ("cookie to passwd", "backups for all")
"""On request; on every run those that differ in what they aim at."""


@pytest.fixture
def attacked(lab: Lab) -> Iterator[Lab]:
    """The lab with aims on second; its cookie and backups are restored afterwards."""
    aims(lab)
    as_root(lab, "cp -p .erlang.cookie /run/own.cookie; rm -rf ejtui-backups")
    yield lab
    as_root(lab, "rm -rf .erlang.cookie ejtui-backups; cp -p /run/own.cookie .erlang.cookie")


def forged(**values: object) -> str:
    """A manifest of a join that had changed nothing of second's database yet."""
    made = {
        "format": 1, "stamp": STAMP, "first": "ejabberd@first", "second": "ejabberd@second",
        "stage": "begun", "directory": "/var/lib/ejabberd", "place": "/", "was_running": True,
        "created": "2026-01-01T00:00:00+00:00", "by": "op@desk",
    }  # fmt: skip
    return json.dumps(made | values)


def named(answer: dict[str, Any]) -> bool:
    """Whether the answer names the finding, and what to do."""
    text = json.dumps(answer)
    return "unsafe-path" in text and "by hand" in text


@pytest.mark.parametrize(
    "link", [pytest.param(n, marks=pytest.mark.catalogue) if n in MORE else n for n in LINKS]
)
def test_no_repair_follows_the_service_users_links(attacked: Lab, link: str) -> None:
    as_service(attacked, LINKS[link])
    before = seen(attacked)
    status, answer = Ejtui(attacked).json("check")
    assert (status, named(answer)) == (1, True), answer
    assert ("[nodes.second], backup_dir" in json.dumps(answer)) == link.startswith("backups")
    status, answer = Ejtui(attacked).json("repair", REPAIRS[link], "--yes")
    assert status == 1, answer
    assert seen(attacked) == before


@pytest.mark.parametrize("link", ["cookie to a file that is not there", "backups to etc"])
def test_no_join_follows_them(attacked: Lab, link: str) -> None:
    as_service(attacked, LINKS[link].removeprefix(OPEN))
    before = seen(attacked)
    status, answer = Ejtui(attacked).json("join", "--yes", "--until", "cookies")
    assert seen(attacked) == before
    assert (status, named(answer)) == (1, True), answer


def test_a_file_with_a_second_name_is_not_given_away(attacked: Lab) -> None:
    """Somebody's hard link to a file of root's, on a system that does not protect them."""
    as_root(attacked, "echo secret >.key; ln .key .erlang.cookie.n")
    as_root(attacked, "mv -f .erlang.cookie.n .erlang.cookie; chmod 600 .key")
    try:
        owner = as_root(attacked, "stat -c '%u %a' .key; cat .key")
        status, answer = Ejtui(attacked).json("check")
        assert (status, named(answer)) == (1, True), answer
        status, answer = Ejtui(attacked).json("repair", "cookie-owner", "--yes")
        assert status == 1, answer
        as_root(attacked, "cp -p /run/own.cookie .erlang.cookie.n; ln .key zz.DAT")
        as_root(attacked, "mv -f .erlang.cookie.n .erlang.cookie")
        status, answer = Ejtui(attacked).json("check")
        assert [each["code"] for each in answer["findings"]] == ["unsafe-path"], answer
        assert "zz.DAT: it belongs to root and has 2 names" in str(answer["findings"])
        assert as_root(attacked, "stat -c '%u %a' .key; cat .key") == owner
    finally:
        as_root(attacked, "rm -f .key zz.DAT")


@pytest.mark.parametrize("line", [f"touch {AIMS}/ran", "INSTALLUSER=root"])
def test_root_does_not_run_what_the_service_user_may_write(attacked: Lab, line: str) -> None:
    """A configuration that the service user owns, as below /opt/ejabberd."""
    cfg = "/etc/default/ejabberd"
    as_root(attacked, f"cp -p {cfg} /run/own.cfg; echo '{line}' >>{cfg}; chown ejabberd {cfg}")
    before = seen(attacked)
    try:
        status, answer = Ejtui(attacked).json("status")
        assert seen(attacked) == before
        if line.startswith("INSTALLUSER"):
            assert (status, named(answer)) == (3, True), answer
        else:
            assert (status, answer["second"]["running"]) == (0, True), answer
    finally:
        as_root(attacked, f"cp -p /run/own.cfg {cfg}")


def test_no_rollback_follows_them(fresh_lab: Lab) -> None:
    aims(fresh_lab)
    ran = Ejtui(fresh_lab)("join", "--yes", "--until", "cookies")
    assert ran.returncode == 0, ran.stderr
    as_service(fresh_lab, LINKS["cookie to passwd"])
    before = seen(fresh_lab)
    ran = Ejtui(fresh_lab)("rollback", "--yes")
    assert seen(fresh_lab) == before
    assert ran.returncode == 1
    assert "unsafe-path" in ran.stdout + ran.stderr


def test_root_replaces_no_file_that_the_service_user_names(fresh_lab: Lab) -> None:
    """Its ejabberdctl.cfg names a file of root's as ejabberd.yml, and a forged backup has another
    content for it."""
    lab = fresh_lab
    aims(lab)
    as_root(lab, "chown ejabberd /etc/default/ejabberd")
    named = f"echo EJABBERD_CONFIG_PATH={AIMS}/etc/setting >>/etc/default/ejabberd"
    as_service(lab, f"{named}; mkdir -p -m 700 {AT}; echo evil >{AT}/ejabberd.yml")
    evil = hashlib.sha256(b"evil\n").hexdigest()
    as_service(lab, f"printf %s '{forged(config=evil)}' >{AT}/manifest.json")
    before = seen(lab)
    ran = Ejtui(lab)("rollback", STAMP, "--yes")
    assert seen(lab) == before
    assert (ran.returncode, "Traceback" in ran.stdout + ran.stderr) == (1, False)
    as_root(lab, f"echo secret >{AIMS}/etc/.erlang.cookie; chmod 400 {AIMS}/etc/.erlang.cookie")
    before = seen(lab)
    as_service(lab, f"echo HOME={AIMS}/etc >>/etc/default/ejabberd")
    ran = Ejtui(lab)("repair", "cookie-owner", "--yes")
    assert seen(lab) == before
    print(ran.stdout, ran.stderr)
    assert ran.returncode == 1
    as_service(lab, "echo ERL_EPMD_PORT=x >>/etc/default/ejabberd")
    ran = Ejtui(lab)("check")
    assert (ran.returncode, "is no port" in ran.stdout + ran.stderr) == (3, True)

"""What `ejtui join` reports of what it sets aside, before it does."""

from __future__ import annotations

import json

import pytest

from ejtui.lab.faults.node import first
from ejtui.lab.lab import Lab
from tests.lab.cli.driver import Ejtui
from tests.lab.cluster.hostile import as_root
from tests.lab.cluster.places import GROUP, NODE, ROOM, do, make_group, make_room, publish

DOMAIN = "chat.example"
SWAPPED = ("--first", "second", "--second", "first")


def furnish(lab: Lab) -> None:
    """What second has and first has not, or not just so."""
    do(lab, "second", "register", "ben", DOMAIN, "second's own ben")
    do(lab, "second", "add_rosteritem", "ben", DOMAIN, "guest", DOMAIN, "Guest", "A", "both")
    do(lab, "second", "send_message", "chat", f"guest@{DOMAIN}", f"ben@{DOMAIN}", "one", "for ben")
    make_room(lab, "second", "tea", "guest")
    make_group(lab, "second", "team", "guest")
    publish(lab, "second", "guest", "news", "hello")
    for host in ("first", "second"):
        make_room(lab, host, f"hall-{host}", "ben")


def standing(lab: Lab) -> list[bytes]:
    """The processes and the cookies of both hosts."""
    homes = {host: f"{lab.form.home(host)}/.erlang.cookie" for host in ("first", "second")}
    return [
        lab.run(host, ["sh", "-c", 'pidof beam.smp; cat "$1"', "sh", cookie]).stdout
        for host, cookie in homes.items()
    ]


def test_swapped_roles_want_more_than_a_yes(fresh_lab: Lab) -> None:
    ejtui = Ejtui(fresh_lab)
    before = standing(fresh_lab)
    ran = ejtui("join", "--yes", *SWAPPED)
    assert ran.returncode == 1
    assert "--accept swapped-roles" in ran.stderr
    assert "Are first and second swapped? first has 1 account, second 25." in ran.stderr
    code, said = ejtui.json("join", "--yes", *SWAPPED)
    assert (code, said["error"]["kind"], said["changed"]) == (1, "needs-consent", False)
    assert said["error"]["question"]["consent"] == "swapped-roles"
    assert len(said["set_aside"]["accounts"]) == 25
    ran = ejtui("join", "--accept", "swapped-roles", *SWAPPED)
    assert (ran.returncode, "this needs a yes" in ran.stderr) == (1, True)
    assert "25 accounts live on second alone" in " ".join(ran.stderr.split())
    assert standing(fresh_lab) == before


def test_all_that_is_set_aside_is_named_before(fresh_lab: Lab) -> None:
    furnish(fresh_lab)
    ejtui = Ejtui(fresh_lab)
    ran = ejtui("join", "--yes", "--until", "cleandb")
    assert ran.returncode == 0, ran.stderr
    shown = " ".join(ran.stdout.split())
    for each in (
        f"1 account lives on second alone: guest@{DOMAIN}",
        f"1 account of both differs on second: ben@{DOMAIN} (a password that cannot be compared,",
        "waiting messages (1), contacts (1))",
        f"2 rooms: hall-second@conference.{DOMAIN}, {ROOM}",
        f"1 shared roster group: {GROUP}",
        f"1 pubsub node: {NODE}",
        "second, ejabberd@second: ",
        "first, ejabberd@first: 25 accounts survive",
    ):
        assert each in shown
    assert shown.index(ROOM) < shown.index("Clean database: done")
    code, said = ejtui.json("join", "--yes", "--until", "cleandb")
    assert (code, said["changed"], said["backup"]) == (0, False, None)


@pytest.mark.catalogue
def test_and_in_the_object_of_json(fresh_lab: Lab) -> None:
    furnish(fresh_lab)
    ejtui = Ejtui(fresh_lab)
    code, said = ejtui.json("join", "--yes", "--until", "cleandb")
    assert (code, said["changed"]) == (0, True), said.get("error")
    aside = said["set_aside"]
    assert aside["accounts"] == [f"guest@{DOMAIN}"]
    assert aside["differing"] == [
        {
            "account": f"ben@{DOMAIN}",
            "password": "unknown",
            "holds": {"offline_msg": 1, "roster": 1},
        }
    ]
    assert aside["rooms"] == [f"hall-second@conference.{DOMAIN}", ROOM]
    assert (aside["groups"], aside["pubsub_nodes"]) == ([GROUP], [NODE])
    assert aside["not_compared"] == []
    manifest = json.loads(ejtui.inside("second", "cat", f"{said['backup']}/manifest.json"))
    assert (manifest["rooms"], manifest["groups"]) == (aside["rooms"], [GROUP])


@pytest.mark.catalogue
def test_all_of_it_is_named_where_nobody_can_be_asked(fresh_lab: Lab) -> None:
    """The cookies differ still, and stay so: nothing is changed for it."""
    furnish(fresh_lab)
    ejtui = Ejtui(fresh_lab)
    before = standing(fresh_lab)
    ran = ejtui("join")
    said = " ".join(ran.stderr.split())
    assert (ran.returncode, "--yes" in said) == (1, True)
    for each in (f"second alone: guest@{DOMAIN}", ROOM, GROUP, NODE, "waiting messages (1)"):
        assert each in said
    code, answer = ejtui.json("join")
    aside = answer["set_aside"]
    assert (code, answer["error"]["kind"], answer["changed"]) == (1, "needs-yes", False)
    assert (aside["accounts"], aside["groups"]) == ([f"guest@{DOMAIN}"], [GROUP])
    assert aside["not_compared"] == []
    assert standing(fresh_lab) == before
    _, check = ejtui.json("status")
    assert check["first"]["cookie_sha256"] != check["second"]["cookie_sha256"]


@pytest.mark.catalogue
def test_of_one_that_does_not_start_the_accounts_are_read_from_its_files(fresh_lab: Lab) -> None:
    """With the roles swapped: what is called second here has the site's accounts."""
    ejtui = Ejtui(fresh_lab)
    node = first(fresh_lab)
    node.stop()
    node.script("sed -i '1i hosts: [[[' /etc/ejabberd/ejabberd.yml")
    code, said = ejtui.json("join", "--yes", *SWAPPED)
    question = said["error"]["question"]
    assert (code, question["consent"]) == (1, "swapped-roles")
    assert "first has 1 account, second 25" in question["title"]
    files = as_root(fresh_lab, "echo torn >schema.DAT; rm -f *.LOG; ls *.D*", "first")
    code, said = ejtui.json("join", "--yes", *SWAPPED)
    assert (code, said["error"]["question"]["consent"]) == (1, "unknown-accounts")
    assert as_root(fresh_lab, "ls *.D*", "first") == files, "nothing was moved"
